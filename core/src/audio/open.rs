//! Before the first sample: the file itself, what it announces, and what an error while opening it means.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::path::Path;

use symphonia::core::errors::Error;
use symphonia::core::formats::Track;
use symphonia::core::io::MediaSource;

use super::DecodeError;
use super::sniff::{content_kind, ogg_lacks_its_end};
use super::wav64::{Wav64, is_wav64};

/// A file, about to be decoded.
pub(super) struct Opened {
    pub(super) source: Box<dyn MediaSource>,
    /// What its first bytes look like.
    pub(super) content: Option<&'static str>,
    /// It is an Ogg file without its closing page.
    pub(super) lacks_end: bool,
    /// The length that it announces where the decoder cannot know it.
    pub(super) seconds: Option<f64>,
}

/// Opens a file and looks at its first bytes.
pub(super) fn open_file(path: &Path) -> Result<Opened, DecodeError> {
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => DecodeError::NotFound {
            path: path.to_owned(),
        },
        ErrorKind::PermissionDenied => DecodeError::PermissionDenied {
            path: path.to_owned(),
        },
        _ => DecodeError::Read {
            path: path.to_owned(),
            source: error,
        },
    };
    // Before opening: opening a pipe would wait for whoever writes into it.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(DecodeError::Folder {
            path: path.to_owned(),
        });
    }
    if !metadata.is_file() {
        return Err(DecodeError::NotAFile {
            path: path.to_owned(),
        });
    }
    let mut file = File::open(path).map_err(failed)?;
    if metadata.len() == 0 {
        return Err(DecodeError::Empty {
            path: path.to_owned(),
        });
    }
    let mut head = Vec::with_capacity(512);
    Read::by_ref(&mut file)
        .take(512)
        .read_to_end(&mut head)
        .map_err(failed)?;
    file.rewind().map_err(failed)?;
    let content = content_kind(&head);
    if is_wav64(&head) {
        let wav = Wav64::new(file).map_err(failed)?;
        return Ok(Opened {
            content,
            lacks_end: false,
            seconds: wav.seconds(),
            source: Box::new(wav),
        });
    }
    let lacks_end = ogg_lacks_its_end(&mut file).map_err(failed)?;
    Ok(Opened {
        source: Box::new(file),
        content,
        lacks_end,
        seconds: None,
    })
}

/// What an error while opening means for the user.
pub(super) fn open_error(path: &Path, error: Error, content: Option<&'static str>) -> DecodeError {
    let path = path.to_owned();
    match error {
        Error::Unsupported(what) if what.contains("probe") => {
            DecodeError::NotAudio { path, content }
        }
        Error::Unsupported(what) if what.contains("missing") => DecodeError::Malformed {
            path,
            reason: what.to_owned(),
        },
        Error::Unsupported(what) => DecodeError::UnsupportedCodec {
            path,
            codec: what.to_owned(),
        },
        Error::IoError(source) if source.kind() != ErrorKind::UnexpectedEof => {
            DecodeError::Read { path, source }
        }
        Error::IoError(_) => DecodeError::Malformed {
            path,
            reason: "it ends before what its header announces".to_owned(),
        },
        other => DecodeError::Malformed {
            path,
            reason: other.to_string(),
        },
    }
}

/// The length that the container announces; `None` where it does not know.
pub(super) fn track_seconds(track: &Track) -> Option<f64> {
    let time = track.time_base?.calc_duration(track.duration?)?;
    Some(time.as_secs_f64())
}
