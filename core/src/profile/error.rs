//! `ProfileError`: why a speaker's profile cannot be made or used.

use super::{LEAST_VOICE_SECONDS, PROFILE_VERSION};
use crate::analyzer::AnalyzerError;
use crate::audio::{ConditionError, DecodeError};
use crate::engine::EngineError;
use crate::features::FeatureError;

/// Why a speaker's profile cannot be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// The file cannot be read.
    #[error("{file}: the profile cannot be read: {source}; make one with `undersong calibrate`")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{file}: not a speaker's profile ({problem}); make one with `undersong calibrate`")]
    NoProfile {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// It was written by a later program.
    #[error(
        "{file}: a profile of version {version}; this program reads up to {PROFILE_VERSION}: use a newer one, or calibrate again"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its version.
        version: u32,
    },
    /// It was measured on other features than the model's.
    #[error(
        "the profile was made for other features: its `{setting}` is {profile}, the model's is {model}; calibrate again with this model"
    )]
    OtherFeatures {
        /// The first setting that differs.
        setting: String,
        /// Its value in the profile.
        profile: String,
        /// Its value in the model.
        model: String,
    },
    /// It was made with another model.
    #[error(
        "the profile was made with another model, and holds no answers of this one ({model}); calibrate again with this model"
    )]
    OtherModel {
        /// The model's name.
        model: String,
    },
    /// The model has nothing that could be shifted.
    #[error(
        "this model does not standardise its features, so a speaker's profile cannot shift them"
    )]
    NotStandardised,
    /// No sound was heard.
    #[error("no sound was heard to measure a voice on; check the recording")]
    Silent,
    /// A recording cannot be read.
    #[error(transparent)]
    Sound(#[from] DecodeError),
    /// There is not enough voice.
    #[error(
        "only {found_seconds:.1} s of voice were found in {files} {}; a profile needs at least {LEAST_VOICE_SECONDS:.0} s, and a minute makes a better one: add recordings of the same speaker's ordinary voice",
        if *files == 1 { "recording" } else { "recordings" }
    )]
    TooLittleVoice {
        /// Voice found, in seconds.
        found_seconds: f64,
        /// Recordings looked at.
        files: usize,
    },
    /// A rate that no sound has.
    #[error(transparent)]
    Rate(#[from] ConditionError),
    /// The model could not be asked about the voice.
    #[error(transparent)]
    Model(#[from] AnalyzerError),
    /// No engine runs the model.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The model's features cannot be computed.
    #[error(transparent)]
    Features(#[from] FeatureError),
}
