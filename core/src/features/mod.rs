//! Sound to frames: what a model sees, defined once for training, scan and live.
//!
//! [`FrameExtractor`] turns samples, in pieces of any size, into log-mel frames, each computed once and kept in a
//! [`FrameBuffer`] before anything that depends on a window. [`WindowCutter`] makes of a run of frames what a model sees: level,
//! floor, range, DCT, deltas, normalisation. [`ClipFeatures`] and [`features_of`] are the same two steps for a sound in memory.
//!
//! # The grid
//! Frame `k` is centred at sample `k · hop`; before a stream's start and after its end there are zeros (librosa's `center=True`,
//! `pad_mode="constant"`). A model's window that starts at frame `k` is frames `k` to `k + config.frames() - 1`. Its first and last frames
//! see the sound beside the window where there is some, exactly as frames in its middle do, and zeros where there is none.

mod buffer;
mod clip;
mod config;
mod dct;
mod decibel;
mod delta;
mod error;
mod extractor;
mod matrix;
mod mel;
mod spectrum;
mod transform;
mod validate;
mod window;

pub use buffer::{FrameBuffer, FrameSlice, WindowFrames};
pub use clip::{ClipFeatures, SoundFeatures, features_of};
pub use config::{
    Cmvn, FeatureConfig, FeatureKind, LevelNormalisation, LogConfig, MelConfig, MelNorm, MelScale,
    Statistics, WindowShape,
};
pub use error::FeatureError;
pub use extractor::{Frame, FrameExtractor};
pub use matrix::FeatureMatrix;
pub use spectrum::{LOUDEST_SAMPLE, copy_clean, is_sound};
pub(crate) use transform::PowerTransform;
pub use window::WindowCutter;
