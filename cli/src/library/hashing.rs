//! What a file is known by: its bytes, and the sound in them.
//!
//! The bytes' hash is quickly made and tells a moved or copied file. The sound's hash needs decoding and tells a take whose tags were edited, or
//! that was packed into another lossless format. The second is only made where the first is unknown, so a file is decoded for it once.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use sha2::{Digest, Sha256};
use undersong_core::audio::Decoder;

use crate::terminal::shown;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// Bytes read at once.
const BLOCK_BYTES: usize = 256 * 1024;

/// The hash of a file's bytes.
pub(super) fn hash_content(path: &Path) -> Result<Hash, String> {
    let read = || -> io::Result<Hash> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            let bytes = match file.read(&mut block) {
                Ok(0) => return Ok(hasher.finalize().into()),
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hasher.update(block.get(..bytes).unwrap_or_default());
        }
    };
    read().map_err(|error| {
        format!(
            "{}: it could not be read ({error}); check its permissions and the disk",
            shown(path)
        )
    })
}

/// The hash of a file's sound, as every scan hears it: rate, channels, samples.
pub(super) fn hash_sound(path: &Path) -> Result<Hash, String> {
    // A decoder's panic on a strange file must cost that file only.
    catch_unwind(AssertUnwindSafe(|| decode(path))).unwrap_or_else(|_| {
        Err(format!(
            "{}: the decoder failed on this file; convert it to WAV or FLAC",
            shown(path)
        ))
    })
}

fn decode(path: &Path) -> Result<Hash, String> {
    let told = |error: undersong_core::audio::DecodeError| error.to_string();
    let mut decoder = Decoder::open(path).map_err(told)?;
    let mut hasher = Sha256::new();
    hasher.update(decoder.sample_rate_hz().to_le_bytes());
    hasher.update((decoder.channels() as u64).to_le_bytes());
    let (mut block, mut bytes) = (Vec::new(), Vec::new());
    while decoder.next_block(&mut block).map_err(told)? {
        // Frame by frame, so that it doesn't matter how a format cuts its sound into packets; each channel, since loudness is measured on them.
        bytes.clear();
        for frame in 0..block.len() {
            for plane in decoder.planes() {
                let sample: f32 = plane.get(frame).copied().unwrap_or(0.0);
                bytes.extend(sample.to_le_bytes());
            }
        }
        hasher.update(&bytes);
        block.clear();
    }
    Ok(hasher.finalize().into())
}
