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
    hash_sound_and(path, &mut |_, _| {})
}

/// The same, with `tap` given the sound on the way, block by block, after its rate in Hz.
pub(crate) fn hash_sound_and(
    path: &Path,
    tap: &mut dyn FnMut(u32, &[f32]),
) -> Result<Hash, String> {
    let mut hasher = Sha256::new();
    let mut bytes = Vec::new();
    decode(path, &mut |decoder, block| {
        if block.is_empty() {
            hasher.update(decoder.sample_rate_hz().to_le_bytes());
            hasher.update((decoder.channels() as u64).to_le_bytes());
            return;
        }
        // Frame by frame, so that it doesn't matter how a format cuts its sound into packets; each channel, since loudness is measured on them.
        bytes.clear();
        for frame in 0..block.len() {
            for plane in decoder.planes() {
                let sample: f32 = plane.get(frame).copied().unwrap_or(0.0);
                bytes.extend(sample.to_le_bytes());
            }
        }
        hasher.update(&bytes);
        tap(decoder.sample_rate_hz(), block);
    })?;
    Ok(hasher.finalize().into())
}

/// Decodes a file and gives its sound, block by block, after its rate in Hz.
pub(crate) fn each_block(path: &Path, tap: &mut dyn FnMut(u32, &[f32])) -> Result<(), String> {
    decode(path, &mut |decoder, block| {
        if !block.is_empty() {
            tap(decoder.sample_rate_hz(), block);
        }
    })
}

/// Decodes a file; `each` is called with an empty block first, and then with each block of its sound.
fn decode(path: &Path, each: &mut dyn FnMut(&Decoder, &[f32])) -> Result<(), String> {
    let told = |error: undersong_core::audio::DecodeError| error.to_string();
    // A decoder's panic on a strange file must cost that file only.
    let decoded = catch_unwind(AssertUnwindSafe(|| {
        let mut decoder = Decoder::open(path).map_err(told)?;
        each(&decoder, &[]);
        let mut block = Vec::new();
        while decoder.next_block(&mut block).map_err(told)? {
            each(&decoder, &block);
            block.clear();
        }
        Ok(())
    }));
    decoded.unwrap_or_else(|_| {
        Err(format!(
            "{}: the decoder failed on this file; convert it to WAV or FLAC",
            shown(path)
        ))
    })
}
