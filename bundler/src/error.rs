//! What can go wrong, in words for whoever bundles.

use crate::hosts::HostError;
use std::path::{Path, PathBuf};

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundlerError {
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file or folder is not what it must be.
    #[error("{}: {reason}", path.display())]
    Wrong {
        /// Which.
        path: PathBuf,
        /// What it is, what was expected, and what to do.
        reason: String,
    },
    /// Cargo failed.
    #[error("cargo: {0}")]
    Cargo(String),
    /// The system does not say where the user's plugins lie.
    #[error(
        "the folder of your plugins is not known: HOME (LOCALAPPDATA on Windows) is not set; name the folders with --vst3-folder and \
         --clap-folder"
    )]
    NoHome,
    /// The plugin does not load.
    #[error(transparent)]
    Host(#[from] HostError),
}

impl BundlerError {
    /// Of this file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    /// Of this file, with a reason.
    pub(crate) fn wrong(path: &Path, reason: impl Into<String>) -> Self {
        Self::Wrong {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }
}
