//! `StreamError`: why sound cannot be taken as asked.

use super::{MAX_CHANNELS, SampleFormat};
use crate::live::LiveError;

/// Why sound cannot be taken as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// No such sample format.
    #[error(
        "sample format {given:?} is not known; expected one of {}",
        SampleFormat::names()
    )]
    Format {
        /// What was given.
        given: String,
    },
    /// So many channels are a mistake.
    #[error(
        "{given} channels; expected 1 to {MAX_CHANNELS}, interleaved (their mean is listened to)"
    )]
    Channels {
        /// What was given.
        given: u32,
    },
    /// Samples that are no whole number of frames.
    #[error(
        "{given} samples are no whole number of frames of {channels} channels; push whole frames"
    )]
    Frames {
        /// Samples given.
        given: usize,
        /// Channels of the stream.
        channels: usize,
    },
    /// A WAV header that is none, or of sound that is not PCM.
    #[error("the WAV header says {what}; expected {expected}")]
    Wav {
        /// What it says.
        what: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The bytes are those of a file that has to be decoded.
    #[error(
        "this is {kind}, not raw samples; decode it before, such as with `ffmpeg -i FILE -f s16le -ar 16000 -ac 1 -`, or use `undersong scan` on the file"
    )]
    NotSamples {
        /// What it looks like.
        kind: &'static str,
    },
    /// The stream is over.
    #[error("the stream was finished, nothing more can be pushed; open another one")]
    Finished,
    /// The live engine cannot be opened so.
    #[error(transparent)]
    Live(#[from] LiveError),
}
