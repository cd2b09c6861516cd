//! `LiveError`: why a live stream cannot be opened or set up as asked.

use super::{MAX_EMOTIONS, MAX_SMOOTHING_SECONDS, SENSITIVITY};
use crate::analyzer::AnalyzerError;
use crate::engine::EngineError;

/// Why a live stream cannot be opened or set up as asked.
///
/// The errors of [`LiveSettings::check`](super::LiveSettings::check) hold numbers alone: making one allocates nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// The sound cannot be analysed: its rate or the model's features.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// No further engine could be made.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// An update has room for so many scores only.
    #[error(
        "the model has {given} emotions; a live stream tells of at most {MAX_EMOTIONS}: choose a model with fewer"
    )]
    TooManyEmotions {
        /// Emotions of the model.
        given: usize,
    },
    /// The smoothing is out of range.
    #[error("smoothing is {given} s; expected 0 to {MAX_SMOOTHING_SECONDS} s")]
    Smoothing {
        /// What was given, in seconds.
        given: f64,
    },
    /// The sensitivity is out of range.
    #[error("sensitivity is {given}; expected {} to {}, where 1 is the model's calibration", SENSITIVITY.start(), SENSITIVITY.end())]
    Sensitivity {
        /// What was given.
        given: f32,
    },
    /// The time in which scores fall in silence is none.
    #[error("the decay in silence is {given} s; expected above 0 and at most 60 s")]
    Decay {
        /// What was given, in seconds.
        given: f64,
    },
    /// The priors are none.
    #[error(
        "the priors are no shares; expected 1 to {MAX_EMOTIONS} numbers of 0 or more, at least one above 0"
    )]
    PriorShares,
    /// The priors are those of another model.
    #[error("the priors hold {given} shares; the model has {expected} emotions")]
    Priors {
        /// Shares given.
        given: usize,
        /// Emotions of the model.
        expected: usize,
    },
    /// The system gives no more threads.
    #[error("no worker thread could be started ({reason}); close other programs or plugins")]
    Threads {
        /// What the system said.
        reason: String,
    },
}
