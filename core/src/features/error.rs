//! `FeatureError`: what can be wrong with a configuration or a request for features.

/// Why features could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// A setting, or a combination of settings, that cannot work.
    #[error("feature setting `{setting}` is {value}; expected {expected}")]
    Setting {
        /// Path of the setting inside [`FeatureConfig`](super::FeatureConfig), such as `mel.high_hz`.
        setting: &'static str,
        /// The value found.
        value: String,
        /// What would have been right.
        expected: String,
    },
    /// A window was asked for with another number of frames than the model takes.
    #[error("a window of {given} frames was given; this model takes {expected}")]
    WindowFrames {
        /// Frames given, silent ones included.
        given: usize,
        /// Frames a window has.
        expected: usize,
    },
    /// Frames of another number of bands than the configuration's.
    #[error("frames of {given} bands were given; these features have {expected}")]
    Bands {
        /// Bands per frame given.
        given: usize,
        /// Bands per frame of the configuration.
        expected: usize,
    },
    /// The place for the result has the wrong size.
    #[error(
        "the place for the features holds {given} numbers; expected {expected} (frames x coefficients)"
    )]
    OutputLength {
        /// Numbers it holds.
        given: usize,
        /// Numbers it must hold.
        expected: usize,
    },
    /// A sound without samples has no features.
    #[error("the sound has no samples; expected at least one")]
    EmptySound,
}
