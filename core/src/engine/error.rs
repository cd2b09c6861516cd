//! `EngineError`: why a network cannot be run, and what to do.

use super::EngineKind;

/// Why a network cannot be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// No such choice.
    #[error("{given:?} is no engine; expected one of auto, cuda, cpu, builtin")]
    Choice {
        /// What was given.
        given: String,
    },
    /// The engine asked for cannot be used here.
    #[error("the engine `{kind}` cannot be used: {reason}")]
    Unusable {
        /// The engine.
        kind: EngineKind,
        /// Why, and what to do.
        reason: String,
    },
    /// No engine at all can run the model.
    #[error("no engine can run this model: {reasons}")]
    None {
        /// Why not, engine by engine.
        reasons: String,
    },
    /// The batch sizes asked for are none.
    #[error("batch sizes are {given:?}; expected one or more, each from 1 to {largest}")]
    BatchSizes {
        /// What was given.
        given: Vec<usize>,
        /// The largest allowed.
        largest: usize,
    },
    /// The input has the wrong length.
    #[error(
        "the input holds {given} numbers for a batch of {batch}; expected {expected} (batch x frames x coefficients)"
    )]
    Input {
        /// Numbers given.
        given: usize,
        /// Windows.
        batch: usize,
        /// Numbers expected.
        expected: usize,
    },
    /// The engine failed while running.
    #[error("{engine} failed to run the network: {reason}")]
    Run {
        /// The engine's description.
        engine: String,
        /// What it said.
        reason: String,
    },
}
