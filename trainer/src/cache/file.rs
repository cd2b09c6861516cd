//! The cache's file: magic, key, index as JSON, samples, checksum.
//!
//! Samples are 16-bit integers scaled so that each clip's peak is full scale, with the scale beside them: half the size of
//! floats, and the error lies 98 dB or more below each clip's own peak however quiet it was recorded.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::corpus::{Digest, Sketch, Sound};

const MAGIC: &[u8; 8] = b"USclips1";
const CHECKSUM_BYTES: u64 = 32;
/// Bytes moved at once.
const BLOCK_BYTES: usize = 1 << 16;
/// No index of a real corpus comes near this.
const LONGEST_INDEX_BYTES: u64 = 1 << 30;

/// A clip as it is kept in memory and on disk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stored {
    pub(super) name: String,
    pub(super) sound: Sound,
    /// Multiplies the integers to give samples.
    pub(super) scale: f32,
    pub(super) samples: Box<[i16]>,
}

impl Stored {
    /// Quantises samples so that their peak is full scale.
    pub(super) fn new(name: String, sound: Sound, samples: &[f32]) -> Self {
        let peak = samples
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        let full = f32::from(i16::MAX);
        let (scale, gain) = if peak > 0.0 {
            (peak / full, full / peak)
        } else {
            (0.0, 0.0)
        };
        Self {
            name,
            sound,
            scale,
            // A conversion of floats to integers saturates: rounding cannot overflow.
            samples: samples
                .iter()
                .map(|sample| sample * gain)
                // Rounds half away from zero; `round` itself is a call for each sample.
                .map(|sample| (sample + 0.5_f32.copysign(sample)) as i16)
                .collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct IndexEntry {
    name: String,
    samples: u64,
    scale: f32,
    peak: f32,
    sketch: Option<Sketch>,
    undecodable: Option<String>,
}

/// Writes a whole cache.
pub(super) fn write(out: &mut dyn Write, key: &Digest, clips: &[Stored]) -> io::Result<()> {
    let entries: Vec<IndexEntry> = clips
        .iter()
        .map(|clip| {
            let (peak, sketch, undecodable) = match &clip.sound {
                Sound::Heard { sketch, peak } => (*peak, Some(sketch.clone()), None),
                Sound::Undecodable(reason) => (0.0, None, Some(reason.clone())),
            };
            IndexEntry {
                name: clip.name.clone(),
                samples: clip.samples.len() as u64,
                scale: clip.scale,
                peak,
                sketch,
                undecodable,
            }
        })
        .collect();
    let index = serde_json::to_vec(&entries).map_err(io::Error::other)?;
    let mut out = Hashing {
        inner: out,
        hasher: Sha256::new(),
    };
    out.write_all(MAGIC)?;
    out.write_all(&key.0)?;
    out.write_all(&(index.len() as u64).to_le_bytes())?;
    out.write_all(&index)?;
    let mut bytes = Vec::with_capacity(BLOCK_BYTES);
    for clip in clips {
        for block in clip.samples.chunks(BLOCK_BYTES / 2) {
            bytes.clear();
            bytes.extend(block.iter().flat_map(|sample| sample.to_le_bytes()));
            out.write_all(&bytes)?;
        }
    }
    let checksum = out.hasher.finalize();
    out.inner.write_all(&checksum)
}

/// Reads a cache, or says why it is not the one that `key` names.
pub(super) fn read(path: &Path, key: &Digest) -> Result<Vec<Stored>, String> {
    let broken = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        _ => error.to_string(),
    };
    let file = File::open(path).map_err(broken)?;
    let length = file.metadata().map_err(broken)?.len();
    let mut input = Hashing {
        inner: BufReader::with_capacity(BLOCK_BYTES, file),
        hasher: Sha256::new(),
    };
    let (mut magic, mut found_key, mut index_bytes) = ([0; 8], [0; 32], [0; 8]);
    input.read_exact(&mut magic).map_err(broken)?;
    input.read_exact(&mut found_key).map_err(broken)?;
    input.read_exact(&mut index_bytes).map_err(broken)?;
    if &magic != MAGIC {
        return Err("it is no cache of clips, or one of another version".into());
    }
    if found_key != key.0 {
        return Err("it belongs to other clips or settings".into());
    }
    let index_bytes = u64::from_le_bytes(index_bytes);
    if index_bytes > length.min(LONGEST_INDEX_BYTES) {
        return Err("its index is damaged".into());
    }
    let mut index = vec![0; index_bytes as usize];
    input.read_exact(&mut index).map_err(broken)?;
    let entries: Vec<IndexEntry> =
        serde_json::from_slice(&index).map_err(|error| format!("its index is damaged: {error}"))?;
    let head = (MAGIC.len() + found_key.len() + 8) as u64 + index_bytes;
    let samples = entries
        .iter()
        .try_fold(0_u64, |sum, entry| sum.checked_add(entry.samples))
        .and_then(|sum| sum.checked_mul(2)?.checked_add(head + CHECKSUM_BYTES));
    if samples != Some(length) {
        return Err("it is cut off or its index is damaged".into());
    }
    let mut clips = Vec::with_capacity(entries.len());
    let mut bytes = vec![0; BLOCK_BYTES];
    for entry in entries {
        let mut samples = Vec::with_capacity(entry.samples as usize);
        let mut left = entry.samples as usize * 2;
        while left > 0 {
            let block = bytes.get_mut(..left.min(BLOCK_BYTES)).unwrap_or_default();
            input.read_exact(block).map_err(broken)?;
            samples.extend(
                block
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|two| i16::from_le_bytes(*two)),
            );
            left -= block.len();
        }
        let sound = match (entry.sketch, entry.undecodable) {
            (Some(sketch), None) => Sound::Heard {
                sketch,
                peak: entry.peak,
            },
            (_, Some(reason)) => Sound::Undecodable(reason),
            (None, None) => return Err("its index is damaged".into()),
        };
        clips.push(Stored {
            name: entry.name,
            sound,
            scale: entry.scale,
            samples: samples.into(),
        });
    }
    let expected = input.hasher.finalize();
    let mut checksum = [0; CHECKSUM_BYTES as usize];
    input.inner.read_exact(&mut checksum).map_err(broken)?;
    if checksum[..] != expected[..] {
        return Err("its checksum is wrong: it was damaged on disk".into());
    }
    Ok(clips)
}

/// Hashes what passes.
struct Hashing<T> {
    inner: T,
    hasher: Sha256,
}

impl<T: Write> Hashing<T> {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.inner.write_all(bytes)
    }
}

impl<T: Read> Hashing<T> {
    fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        self.inner.read_exact(bytes)?;
        self.hasher.update(bytes);
        Ok(())
    }
}
