//! Why a take cannot be explained.

use std::path::PathBuf;

use crate::analyzer::AnalyzerError;
use crate::audio::DecodeError;
use crate::engine::EngineError;
use crate::features::FeatureError;
use crate::model::ScoreError;

/// Why a take cannot be explained.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The file cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Its sound cannot be analysed.
    #[error("{}: {source}", path.display())]
    Sound {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: AnalyzerError,
    },
    /// The model's features cannot be computed.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The network gave no numbers.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// The take has no such window.
    #[error("there is no window {given}; {} has {count}, numbered from 1", path.display())]
    Window {
        /// The file.
        path: PathBuf,
        /// The number asked for.
        given: usize,
        /// Windows of the take.
        count: usize,
    },
    /// The time lies outside the take.
    #[error("{given} s lies outside {}, which is {seconds:.2} s long", path.display())]
    Time {
        /// The file.
        path: PathBuf,
        /// The time asked for, in seconds.
        given: f64,
        /// Length of the take, in seconds.
        seconds: f64,
    },
    /// There is nothing to explain: silence has no emotion.
    #[error("{}: window {number} has no voice, and silence has no score to explain; choose another with --window or --at", path.display())]
    Silent {
        /// The file.
        path: PathBuf,
        /// The window, from 1.
        number: usize,
    },
    /// There is nothing to explain in the whole take.
    #[error("{}: no voice was found, so there is no score to explain", path.display())]
    NoVoice {
        /// The file.
        path: PathBuf,
    },
    /// The file is not what it was when it was scanned.
    #[error("{}: the file changed while it was being explained; try again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}
