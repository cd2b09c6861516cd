//! A take's sound for the browser: the file itself, or decoded to WAV where the browser cannot play the format.
//!
//! A file is opened only if its path still leads where it led when it was put on the shelf: a link that was set in its place meanwhile leads elsewhere,
//! and is refused.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use undersong_core::audio::Decoder;

/// Decoded takes that are kept at once.
const MOST_DECODED: usize = 4;

/// Bytes of a WAV file, at most: its header counts with 32 bits.
const MOST_BYTES: u64 = u32::MAX as u64 - 1_024;

/// Opens a take's file.
///
/// # Errors
/// Why it cannot be heard, in words.
pub(super) fn open(path: &Path) -> Result<File, String> {
    let real = path
        .canonicalize()
        .map_err(|error| format!("the file cannot be opened ({error}); is it still there?"))?;
    if real != path {
        return Err("the file's place was taken by a link, which is not followed".to_owned());
    }
    let file = File::open(path)
        .map_err(|error| format!("the file cannot be opened ({error}); check its permissions"))?;
    match file.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(file),
        _ => Err("this is no file any more".to_owned()),
    }
}

/// The kind of a take's sound, by its name: what a browser is asked whether it plays.
pub(super) fn kind(path: &Path) -> &'static str {
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("wav" | "wave" | "bwf") => "audio/wav",
        Some("flac") => "audio/flac",
        Some("mp3") => "audio/mpeg",
        Some("ogg" | "oga") => "audio/ogg",
        Some("m4a" | "m4b" | "mp4") => "audio/mp4",
        Some("aac") => "audio/aac",
        Some("aif" | "aiff" | "aifc") => "audio/aiff",
        _ => "application/octet-stream",
    }
}

/// Which file was decoded, as it was then.
type Key = (PathBuf, u64, Option<SystemTime>);

/// Takes decoded to WAV, in files without a name that go with the program.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    files: Mutex<VecDeque<(Key, Arc<File>)>>,
}

impl Decoded {
    /// The take as a WAV file: 16 bits, mono, as the model hears it.
    ///
    /// # Errors
    /// Why it cannot be, in words.
    pub(super) fn wav(&self, path: &Path) -> Result<Arc<File>, String> {
        let file = open(path)?;
        let metadata = file.metadata().map_err(|error| error.to_string())?;
        let key = (path.to_path_buf(), metadata.len(), metadata.modified().ok());
        // One at a time: the page asks for one take, and a player asks for its parts at once.
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = files.iter().find(|(known, _)| *known == key) {
            return Ok(Arc::clone(file));
        }
        let decoded = Arc::new(decode(path)?);
        files.push_back((key, Arc::clone(&decoded)));
        if files.len() > MOST_DECODED {
            files.pop_front();
        }
        Ok(decoded)
    }
}

fn decode(path: &Path) -> Result<File, String> {
    let no_room = |error: &dyn std::fmt::Display| {
        format!(
            "it cannot be decoded for the browser ({error}); is the disk for temporary files full?"
        )
    };
    let mut decoder = Decoder::open(path).map_err(|error| error.to_string())?;
    let mut file = tempfile::tempfile().map_err(|error| no_room(&error))?;
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: decoder.sample_rate_hz(),
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::new(BufWriter::with_capacity(1 << 20, &mut file), spec)
        .map_err(|error| no_room(&error))?;
    let (mut block, mut samples) = (Vec::new(), 0_u64);
    while decoder
        .next_block(&mut block)
        .map_err(|error| error.to_string())?
    {
        samples += block.len() as u64;
        if 2 * samples > MOST_BYTES {
            return Err(
                "it is too long to be decoded for the browser; convert it to WAV or FLAC"
                    .to_owned(),
            );
        }
        for sample in block.drain(..) {
            let sample = (sample.clamp(-1.0, 1.0) * f32::from(i16::MAX)).round() as i16;
            writer
                .write_sample(sample)
                .map_err(|error| no_room(&error))?;
        }
    }
    writer.finalize().map_err(|error| no_room(&error))?;
    file.rewind().map_err(|error| no_room(&error))?;
    Ok(file)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_format_that_browsers_do_not_play_becomes_wav() {
        let tone =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/audio/tone.aiff");
        let tone = tone.canonicalize().unwrap();
        let decoded = Decoded::default();
        let file = decoded.wav(&tone).unwrap();
        let mut bytes = Vec::new();
        (&*file).read_to_end(&mut bytes).unwrap();
        let reader = hound::WavReader::new(bytes.as_slice()).unwrap();
        let decoder = Decoder::open(&tone).unwrap();
        assert_eq!(reader.spec().sample_rate, decoder.sample_rate_hz());
        let seconds = f64::from(reader.duration()) / f64::from(reader.spec().sample_rate);
        assert!(
            (seconds - decoder.duration_seconds().unwrap()).abs() < 0.01,
            "{seconds}"
        );
        assert!(
            Arc::ptr_eq(&file, &decoded.wav(&tone).unwrap()),
            "decoded once"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_takes_place_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        std::fs::write(folder.join("secret"), "secret").unwrap();
        std::fs::write(folder.join("take.wav"), "sound").unwrap();
        assert!(open(&folder.join("take.wav")).is_ok());
        std::fs::remove_file(folder.join("take.wav")).unwrap();
        assert!(
            open(&folder.join("take.wav"))
                .unwrap_err()
                .contains("still there")
        );
        std::os::unix::fs::symlink(folder.join("secret"), folder.join("take.wav")).unwrap();
        assert!(open(&folder.join("take.wav")).unwrap_err().contains("link"));
    }
}
