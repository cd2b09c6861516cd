//! `ModelError`: why a model file cannot be used, and what to do.

use super::FORMAT_VERSION;

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// There is no such file.
    #[error(
        "{file}: no such model file; check the path, or leave it out to use the built-in model"
    )]
    NotFound {
        /// The file.
        file: String,
    },
    /// It is a folder.
    #[error("{file}: is a folder; expected a model file (.onnx)")]
    Folder {
        /// The folder.
        file: String,
    },
    /// It cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// It has no bytes.
    #[error("{file}: the file is empty; copy or download the model again")]
    Empty {
        /// The file.
        file: String,
    },
    /// It is larger than any model that would be opened.
    #[error(
        "{file}: {bytes} bytes is too large for a model; at most {limit} bytes are opened. Is it the right file?"
    )]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        bytes: u64,
        /// The largest size opened.
        limit: u64,
    },
    /// It ends in the middle.
    #[error("{file}: the file is cut off (it ends early); copy or download the model again")]
    CutOff {
        /// The file.
        file: String,
    },
    /// It is something else.
    #[error("{file}: not an ONNX file; expected a model made by undersong-trainer")]
    NotOnnx {
        /// The file.
        file: String,
    },
    /// It is an ONNX file of somebody else's.
    #[error(
        "{file}: a model of another kind of network: it carries no Undersong metadata. It was made by {producer} and takes {inputs}. \
         Expected a model made by undersong-trainer"
    )]
    OtherNetwork {
        /// The file.
        file: String,
        /// Program that made it.
        producer: String,
        /// Its inputs with their shapes.
        inputs: String,
    },
    /// It is of a format made later than this program.
    #[error(
        "{file}: the model's format is version {found}; this program reads versions 1 to {FORMAT_VERSION}. Update Undersong to use it"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its version.
        found: u64,
    },
    /// What it says of itself is wrong.
    #[error(
        "{file}: the model's metadata is wrong: {reason}; make the model again with undersong-trainer"
    )]
    Metadata {
        /// The file.
        file: String,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// The network does not fit what the file says of itself.
    #[error("{file}: the network does not fit its metadata: {reason}")]
    Shape {
        /// The file.
        file: String,
        /// What is wrong, and what was expected.
        reason: String,
    },
}
