//! Which engine is asked for, which one was chosen, and why.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::EngineError;

/// Which engine to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineChoice {
    /// ONNX Runtime on the CPU if it is found, else the built-in engine. The GPU is used only when asked for.
    #[default]
    Auto,
    /// ONNX Runtime on an NVIDIA GPU. If that cannot be used, as [`Auto`](Self::Auto), with a warning in the report.
    Cuda,
    /// ONNX Runtime on the CPU; an error if it is not found.
    Cpu,
    /// The built-in engine.
    Builtin,
}

impl FromStr for EngineChoice {
    type Err = EngineError;

    fn from_str(text: &str) -> Result<Self, EngineError> {
        match text {
            "auto" => Ok(Self::Auto),
            "cuda" => Ok(Self::Cuda),
            "cpu" => Ok(Self::Cpu),
            "builtin" => Ok(Self::Builtin),
            given => Err(EngineError::Choice {
                given: given.to_owned(),
            }),
        }
    }
}

impl fmt::Display for EngineChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Cuda => "cuda",
            Self::Cpu => "cpu",
            Self::Builtin => "builtin",
        })
    }
}

/// What runs a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EngineKind {
    /// ONNX Runtime on an NVIDIA GPU, seen to run there.
    Cuda,
    /// ONNX Runtime on the CPU.
    Cpu,
    /// The engine compiled in.
    Builtin,
    /// A network that is being trained.
    Training,
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cuda => "cuda",
            Self::Cpu => "cpu",
            Self::Builtin => "builtin",
            Self::Training => "training",
        })
    }
}

/// How an engine is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineOptions {
    /// Threads that one engine may use within one run. The built-in engine always uses one.
    pub threads: usize,
    /// The batch sizes that are really run, each planned once on first use. Any number of windows is split into these:
    /// the largest as often as it fits, the rest in the smallest that holds it, filled up with zeros.
    ///
    /// On a CPU a window costs about the same in any batch up to 16 and more above, as a batch outgrows the caches; on a GPU a
    /// batch of 64 costs little more than one window.
    pub batch_sizes: Vec<usize>,
    /// Where ONNX Runtime is: its shared library, or a folder such as a Python environment. If set, nothing else is searched.
    ///
    /// A process can load one ONNX Runtime only. Once one is loaded, another path here is not used; the report says so.
    pub runtime_path: Option<PathBuf>,
}

impl Default for EngineOptions {
    /// One thread; batches of 1 and 8.
    fn default() -> Self {
        Self {
            threads: 1,
            batch_sizes: vec![1, 8],
            runtime_path: None,
        }
    }
}

/// An engine that was not chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The engine.
    pub kind: EngineKind,
    /// Why, in a sentence.
    pub reason: String,
}

/// Which engine was chosen, and why not a better one. Its `Display` is for a person, a line a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineReport {
    /// What was asked for.
    pub asked: EngineChoice,
    /// What was chosen.
    pub kind: EngineKind,
    /// Its description, such as `ONNX Runtime 1.31.1, CPU`.
    pub description: String,
    /// The engines that come before it and were not chosen, best first.
    pub rejected: Vec<Rejected>,
    /// Other things worth knowing, such as where ONNX Runtime was found.
    pub notes: Vec<String>,
    /// Set if the user asked for something and got something else: to be shown also without `-v`.
    pub warning: Option<String>,
}

impl fmt::Display for EngineReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "engine: {} (asked for: {})",
            self.description, self.asked
        )?;
        for note in &self.notes {
            write!(f, "\n  {note}")?;
        }
        for rejected in &self.rejected {
            write!(f, "\n  not {}: {}", rejected.kind, rejected.reason)?;
        }
        Ok(())
    }
}
