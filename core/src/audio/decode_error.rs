//! What can be wrong with a sound file, each in a sentence that names the file, what was expected and what to do.

use std::path::PathBuf;

use super::condition::ConditionError;

/// Why a sound file could not be read (whole).
///
/// Every message names the file, says what was expected and what to do about it. A path that is not UTF-8 is shown
/// with replacement characters; the file itself is opened by its real name.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Nothing has this name.
    #[error("{}: there is no such file; check the name and the folder", path.display())]
    NotFound {
        /// The file as it was given.
        path: PathBuf,
    },
    /// A folder, where one sound file was expected.
    #[error("{}: this is a folder, not a sound file; name a file inside it", path.display())]
    Folder {
        /// The folder as it was given.
        path: PathBuf,
    },
    /// A pipe, a socket or a device.
    #[error("{}: this is a pipe or a device, not a sound file; save the sound to a file first", path.display())]
    NotAFile {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The file's permissions forbid reading it.
    #[error("{}: not allowed to read this file; change its permissions or run as a user who may read it", path.display())]
    PermissionDenied {
        /// The file as it was given.
        path: PathBuf,
    },
    /// The operating system failed to read the file.
    #[error("{}: reading failed ({source}); check the disk or copy the file again", path.display())]
    Read {
        /// The file as it was given.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A file of no bytes.
    #[error("{}: the file is empty (0 bytes); export or copy it again", path.display())]
    Empty {
        /// The file as it was given.
        path: PathBuf,
    },
    /// The content is no sound that can be read, whatever the name says.
    #[error(
        "{}: this is not a sound file that can be read{}; expected WAV, AIFF, FLAC, MP3, Ogg Vorbis, AAC/M4A or ALAC, \
         export the take as one of these",
        path.display(),
        content.map(|content| format!(" (the content is {content})")).unwrap_or_default()
    )]
    NotAudio {
        /// The file as it was given.
        path: PathBuf,
        /// What the first bytes look like, if they look like something known.
        content: Option<&'static str>,
    },
    /// The container was understood, but not what is in it.
    #[error(
        "{}: the sound inside is coded in a way that cannot be read ({codec}); export the take as WAV or FLAC",
        path.display()
    )]
    UnsupportedCodec {
        /// The file as it was given.
        path: PathBuf,
        /// The coding, as far as it is known.
        codec: String,
    },
    /// A sound file whose structure is broken.
    #[error("{}: the file is damaged or cut off ({reason}); export or copy it again", path.display())]
    Malformed {
        /// The file as it was given.
        path: PathBuf,
        /// What did not fit.
        reason: String,
    },
    /// A well-formed file without a single sample.
    #[error("{}: the file has a header but no sound in it (0 samples); record or export it again", path.display())]
    NoSamples {
        /// The file as it was given.
        path: PathBuf,
    },
    /// A sample rate outside what voices are recorded at.
    #[error(
        "{}: the sample rate is {rate_hz} Hz; expected 8000 to 192000 Hz, export the take at 44100 or 48000 Hz",
        path.display()
    )]
    SampleRate {
        /// The file as it was given.
        path: PathBuf,
        /// The file's sample rate in Hz.
        rate_hz: u32,
    },
    /// The file ends before the length that its own header announces. What was decoded up to there is good, but it is
    /// not the take.
    #[error(
        "{}: the file is cut off: {read_seconds:.2} s could be read of the {expected_seconds:.2} s that its header \
         announces; copy or export it again",
        path.display()
    )]
    CutOff {
        /// The file as it was given.
        path: PathBuf,
        /// Seconds that could be decoded.
        read_seconds: f64,
        /// Seconds that the header announces.
        expected_seconds: f64,
    },
    /// More than a few packets could not be decoded.
    #[error(
        "{}: the file is damaged: {skipped} of its first {packets} packets could not be decoded ({reason}); export or \
         copy it again",
        path.display()
    )]
    Damaged {
        /// The file as it was given.
        path: PathBuf,
        /// Packets that could not be decoded.
        skipped: u64,
        /// Packets seen.
        packets: u64,
        /// What the decoder said of the last of them.
        reason: String,
    },
    /// A sample that is not a number, infinite or a million times full scale.
    #[error(
        "{}: a sample at {seconds:.3} s is no sound (not a number, infinite or a million times full scale); re-export the file",
        path.display()
    )]
    NotFinite {
        /// The file as it was given.
        path: PathBuf,
        /// Position of the first such sample, in seconds from the start.
        seconds: f64,
    },
    /// Sample rate or channel count change in mid-file (chained streams).
    #[error(
        "{}: sample rate or channel count change at {seconds:.2} s; export the take as one file of one format",
        path.display()
    )]
    FormatChange {
        /// The file as it was given.
        path: PathBuf,
        /// Where it changes, in seconds from the start.
        seconds: f64,
    },
    /// A channel that the file does not have.
    #[error(
        "{}: there is no channel {wanted}; the file has {channels}",
        path.display()
    )]
    NoChannel {
        /// The file as it was given.
        path: PathBuf,
        /// The channel asked for, counted from 1.
        wanted: usize,
        /// Channels in the file.
        channels: usize,
    },
    /// The sound was read, but cannot be brought to the wanted rate.
    #[error("{}: {source}", path.display())]
    Condition {
        /// The file as it was given.
        path: PathBuf,
        /// Why not.
        source: ConditionError,
    },
}
