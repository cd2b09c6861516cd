//! What can go wrong before there is a corpus at all. A single bad clip is never an error: it is left out.

use std::io;
use std::path::PathBuf;

use super::clip::CorpusKind;

/// Why a corpus could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// Neither folder was given.
    #[error(
        "no corpus given: name the folder of RAVDESS (--ravdess DIR), of CREMA-D (--cremad DIR), or both"
    )]
    NoCorpus,
    /// The folder does not exist, cannot be read, or is a file.
    #[error("{path}: cannot be read as the folder of {corpus}: {source}", path = .path.display())]
    Folder {
        /// The corpus that was looked for.
        corpus: CorpusKind,
        /// The folder as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folder holds no clip of that corpus.
    #[error("{path}: no clip of {corpus} here. Looked for {looked_for}. Found {found}", path = .path.display())]
    NotThisCorpus {
        /// The corpus that was looked for.
        corpus: CorpusKind,
        /// The folder as given.
        path: PathBuf,
        /// Names and folders that were tried.
        looked_for: String,
        /// What lies there instead.
        found: String,
    },
    /// One of CREMA-D's tables is there but cannot be understood.
    #[error("{path}: {problem}. Fetch it again from CREMA-D's repository, or remove it to train without it", path = .path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// What is wrong, with the line where there is one.
        problem: String,
    },
    /// Nothing is left after silent, duplicate and undecodable clips.
    #[error(
        "none of the {found} clips can be used; the first was left out because: {first_reason}"
    )]
    NothingUsable {
        /// How many clips were found.
        found: usize,
        /// The reason of the first of them.
        first_reason: String,
    },
}
