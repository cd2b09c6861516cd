//! The model file: what a network is, without running it.
//!
//! [`Model`] opens and checks a file, [`Scorer`] says what its network's numbers mean, [`onnx`] holds the file format.

mod builtin;
mod check;
mod error;
mod file;
mod labels;
mod metadata;
pub mod onnx;
mod priors;
mod scorer;

pub use error::ModelError;
pub use file::{MAX_MODEL_BYTES, Model, ModelDescription};
pub use labels::{Emotion, EmotionSet, usual_name};
pub use metadata::{
    Calibration, FORMAT_VERSION, METADATA_KEY, ModelMetadata, OrdinaryVoice, Quality, Training,
    TrainingData, VoiceTemperature,
};
pub use priors::{Priors, PriorsError};
pub use scorer::{ScoreError, Scorer};
