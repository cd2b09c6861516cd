//! What can keep a cache from being made. A cache that cannot be read is made again and is no error.

use std::io;
use std::path::PathBuf;

use crate::corpus::CorpusError;

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The cache cannot be written.
    #[error("{path}: the cache of decoded clips cannot be written ({source}): it needs about {megabytes} MB there; free some space or choose another folder", path = .path.display())]
    Write {
        /// The cache's file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
        /// Size of the file that was to be written.
        megabytes: u64,
    },
    /// A setting means nothing.
    #[error("{setting} = {value}: expected {expected}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What was found.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// No clip is left to store.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
}
