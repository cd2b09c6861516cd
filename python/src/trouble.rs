//! `Trouble`: `core`'s errors as the package's exceptions, each with a code for programs.

use std::fmt;

use pyo3::prelude::*;
use undersong_core::analyzer::{AnalyzerError, HopError};
use undersong_core::audio::{ConditionError, DecodeError};
use undersong_core::delivery::LoudnessTargetError;
use undersong_core::engine::EngineError;
use undersong_core::features::FeatureError;
use undersong_core::live::LiveError;
use undersong_core::model::{ModelError, PriorsError, ScoreError};
use undersong_core::profile::ProfileError;
use undersong_core::scan::{SamplesError, ScanError};
use undersong_core::stream::StreamError;

/// Something that Python is to be told as an exception.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// The exception's class in `undersong/errors.py`.
    class: &'static str,
    /// Its `code`; `undersong/errors.py` lists them.
    code: &'static str,
    message: String,
}

impl Trouble {
    fn new(class: &'static str, code: &'static str, error: impl ToString) -> Self {
        Self {
            class,
            code,
            message: error.to_string(),
        }
    }

    /// A fault of Undersong's own.
    pub(crate) fn internal() -> Self {
        Self::new(
            "InternalError",
            "internal",
            "Undersong broke down at this; what it was doing is lost, the rest goes on. Please report what was passed",
        )
    }

    /// A stream used in another process than the one that opened it.
    pub(crate) fn forked() -> Self {
        Self::new(
            "StreamError",
            "forked",
            "the stream was opened in another process, whose threads analyse it; open one in this process",
        )
    }

    /// The same trouble, told of this file or sound.
    pub(crate) fn of(mut self, name: &str) -> Self {
        self.message = format!("{name}: {}", self.message);
        self
    }

    /// As an exception. Where even that fails, the exception tells why.
    pub(crate) fn raise(self, py: Python<'_>) -> PyErr {
        let exception = py
            .import("undersong.errors")
            .and_then(|module| module.getattr(self.class))
            .and_then(|class| class.call1((self.message, self.code)));
        match exception {
            Ok(exception) => PyErr::from_value(exception),
            Err(error) => error,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<SamplesError> for Trouble {
    fn from(error: SamplesError) -> Self {
        let code = match error {
            SamplesError::Rate { .. } => "rate",
            SamplesError::Channels { .. } => "channels",
            SamplesError::NotSound { .. } => "not_finite",
            _ => "shape",
        };
        Self::new("SoundError", code, error)
    }
}

impl From<ConditionError> for Trouble {
    fn from(error: ConditionError) -> Self {
        Self::new("SoundError", "rate", error)
    }
}

impl From<DecodeError> for Trouble {
    fn from(error: DecodeError) -> Self {
        Self::new("SoundError", "unreadable", error)
    }
}

impl From<FeatureError> for Trouble {
    fn from(error: FeatureError) -> Self {
        match error {
            FeatureError::EmptySound => Self::new("SoundError", "empty", error),
            _ => Self::new("ModelError", "model_unusable", error),
        }
    }
}

impl From<ModelError> for Trouble {
    fn from(error: ModelError) -> Self {
        let code = match error {
            ModelError::NotFound { .. } => "model_not_found",
            _ => "model_unusable",
        };
        Self::new("ModelError", code, error)
    }
}

impl From<ProfileError> for Trouble {
    fn from(error: ProfileError) -> Self {
        Self::new("ModelError", "profile_unusable", error)
    }
}

impl From<HopError> for Trouble {
    fn from(error: HopError) -> Self {
        Self::new("SettingError", "hop", error)
    }
}

impl From<LoudnessTargetError> for Trouble {
    fn from(error: LoudnessTargetError) -> Self {
        Self::new("SettingError", "loudness_target", error)
    }
}

impl From<PriorsError> for Trouble {
    fn from(error: PriorsError) -> Self {
        Self::new("SettingError", "priors", error)
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Choice { .. } => Self::new("SettingError", "engine", error),
            EngineError::Run { .. } => Self::new("EngineError", "engine_failed", error),
            _ => Self::new("EngineError", "engine_unusable", error),
        }
    }
}

impl From<ScoreError> for Trouble {
    fn from(error: ScoreError) -> Self {
        match error {
            ScoreError::NotFinite { .. } => Self::new("EngineError", "engine_failed", error),
            _ => Self::new("SettingError", "priors", error),
        }
    }
}

impl From<AnalyzerError> for Trouble {
    fn from(error: AnalyzerError) -> Self {
        match error {
            AnalyzerError::Condition(error) => error.into(),
            AnalyzerError::Features(error) => error.into(),
            AnalyzerError::Engine(error) => error.into(),
            AnalyzerError::Score(error) => error.into(),
            other => Self::new("InternalError", "internal", other),
        }
    }
}

impl From<ScanError> for Trouble {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Engine(error) => error.into(),
            ScanError::Analyzer(error) => error.into(),
            ScanError::Score(error) => error.into(),
            other => Self::new("InternalError", "internal", other),
        }
    }
}

impl From<LiveError> for Trouble {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Analyzer(error) => error.into(),
            LiveError::Engine(error) => error.into(),
            LiveError::Smoothing { .. } => Self::new("SettingError", "smoothing", error),
            LiveError::PriorShares | LiveError::Priors { .. } => {
                Self::new("SettingError", "priors", error)
            }
            LiveError::TooManyEmotions { .. } => Self::new("ModelError", "model_unusable", error),
            other => Self::new("StreamError", "threads", other),
        }
    }
}

impl From<StreamError> for Trouble {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Live(error) => error.into(),
            StreamError::Channels { .. } => Self::new("SoundError", "channels", error),
            StreamError::Frames { .. } => Self::new("SoundError", "shape", error),
            StreamError::Finished => Self::new("StreamError", "closed", error),
            other => Self::new("InternalError", "internal", other),
        }
    }
}

impl From<std::io::Error> for Trouble {
    /// Of writing JSON into memory: a result that is no number.
    fn from(error: std::io::Error) -> Self {
        Self::new("EngineError", "engine_failed", error)
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::new("EngineError", "engine_failed", error)
    }
}
