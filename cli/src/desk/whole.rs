//! Whether a file is whole, or its recorder still writes it.
//!
//! A recorder writes a header first and its lengths last: what a WAV or AIFF file announces is compared with what is there. Other formats announce no
//! length that can be compared without decoding; for them a file is taken for whole once it has not grown for a while, and decoding has the last word.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A recorder that does not know the length yet writes this, or 0.
const UNKNOWN: u32 = u32::MAX;

/// Whether a file may be whole, as far as its header tells.
///
/// # Errors
/// If it cannot be read.
pub(super) fn seems_whole(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut head = [0; 28];
    let read = fill(&mut file, &mut head)?;
    if read < 12 {
        return Ok(false);
    }
    let [a, b, c, d] = [head[4], head[5], head[6], head[7]];
    let announced = match (&head[..4], &head[8..12]) {
        (b"RIFF", b"WAVE") => u32::from_le_bytes([a, b, c, d]),
        (b"FORM", b"AIFF" | b"AIFC") => u32::from_be_bytes([a, b, c, d]),
        // The chunk `ds64` comes first and begins with the length.
        (b"RF64" | b"BW64", b"WAVE") => {
            let announced = head
                .last_chunk()
                .map_or(0, |bytes| u64::from_le_bytes(*bytes));
            return Ok(announced != 0 && announced <= (length + 1).saturating_sub(8));
        }
        // Nothing but zeros: room that a recorder has set aside.
        (b"\0\0\0\0", _) => return Ok(false),
        _ => return Ok(true),
    };
    if announced == 0 || announced == UNKNOWN {
        return Ok(false);
    }
    // The length leaves out the first eight bytes, and some programs the byte that makes a chunk even.
    Ok(u64::from(announced) + 8 <= length + 1)
}

/// Fills `buffer` as far as the file goes.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(bytes) => filled += bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("take.wav");
        std::fs::write(&path, bytes).unwrap();
        seems_whole(&path).unwrap()
    }

    fn wav(announced: u32, length: usize) -> Vec<u8> {
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(announced.to_le_bytes());
        bytes.extend(b"WAVEfmt ");
        bytes.resize(length, 0);
        bytes
    }

    #[test]
    fn a_wav_is_whole_once_it_has_what_it_announces() {
        assert!(whole(&wav(92, 100)));
        assert!(whole(&wav(93, 100)), "a pad byte that was left out");
        assert!(!whole(&wav(192, 100)));
        assert!(!whole(&wav(0, 100)));
        assert!(!whole(&wav(UNKNOWN, 100)));
        assert!(!whole(&wav(92, 100)[..11]));
        assert!(!whole(&[0; 100]));
    }

    #[test]
    fn a_long_wav_tells_its_length_in_64_bits() {
        let wav64 = |announced: u64| {
            let mut bytes = b"RF64\xFF\xFF\xFF\xFFWAVEds64\x1C\0\0\0".to_vec();
            bytes.extend(announced.to_le_bytes());
            bytes.resize(100, 0);
            bytes
        };
        assert!(whole(&wav64(92)));
        assert!(!whole(&wav64(1 << 33)));
        assert!(!whole(&wav64(0)));
        assert!(!whole(&wav64(u64::MAX)));
    }

    #[test]
    fn an_aiff_counts_the_other_way_round_and_others_are_not_judged() {
        let aiff =
            |announced: u32| [b"FORM", &announced.to_be_bytes()[..], b"AIFF", &[0; 88]].concat();
        assert!(whole(&aiff(92)));
        assert!(!whole(&aiff(93_000)));
        assert!(whole(b"fLaC and whatever comes then"));
        assert!(!whole(b"fLaC"));
    }
}
