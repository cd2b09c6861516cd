//! What can be wrong with a file of results.

use std::path::PathBuf;

use crate::evaluate::EvaluateError;

/// Why results cannot be read, written or put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResultsError {
    /// The file or folder cannot be read.
    #[error("{}: {source}; expected {expected}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// What should be there.
        expected: &'static str,
    },
    /// The folder holds no file of results.
    #[error(
        "{}: no results here (files ending in .json); put some in with `undersong-trainer collect` or `compare`",
        path.display()
    )]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// The text is not what it should be.
    #[error("{0}")]
    Malformed(String),
    /// A file by another version of the trainer.
    #[error(
        "it is of version {found}, this trainer reads version {expected}: {}",
        if found > expected { "update the trainer" } else { "make it again with `undersong-trainer collect`" }
    )]
    Version {
        /// The file's.
        found: u64,
        /// This code's.
        expected: u64,
    },
    /// The predictions in it cannot be evaluated.
    #[error(transparent)]
    Predictions(#[from] EvaluateError),
}
