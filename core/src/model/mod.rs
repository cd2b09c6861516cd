//! The model file: what a network is, without running it.

mod labels;
mod metadata;

pub use labels::{Emotion, EmotionSet};
pub use metadata::{
    Calibration, FORMAT_VERSION, METADATA_KEY, ModelMetadata, Quality, Training, TrainingData,
};
