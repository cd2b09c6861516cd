//! Every clip of a corpus, decoded, in memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::timeline::write_file;

use super::error::CacheError;
use super::file::{self, Stored};
use crate::corpus::{Clip, Corpus, Digest, Sound, content_hash, find_defects, parallel};

/// Raise this whenever decoding, resampling or noise reduction changes what is stored: caches made before are then
/// made again.
const CONTENT_VERSION: u32 = 2;

/// The settings a cache's content depends on, besides the clips themselves.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CacheKey {
    /// Sampling rate of the stored samples (1,000 to 192,000 Hz).
    pub rate_hz: u32,
    /// Noise reduction, at the place where scan and live have it.
    pub noise_reduction: NoiseReduction,
}

impl CacheKey {
    fn validate(&self) -> Result<(), CacheError> {
        if !(1_000..=192_000).contains(&self.rate_hz) {
            return Err(CacheError::Setting {
                setting: "rate_hz",
                value: self.rate_hz.to_string(),
                expected: "1000 to 192000 Hz",
            });
        }
        Ok(())
    }

    /// Everything the content depends on, as one hash.
    fn hash(&self, clips: &[Clip]) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"undersong clips");
        hasher.update(CONTENT_VERSION.to_le_bytes());
        hasher.update(content_hash(clips).0);
        hasher.update(self.rate_hz.to_le_bytes());
        hasher.update([match self.noise_reduction {
            NoiseReduction::Off => 0,
            NoiseReduction::Rnnoise => 1,
        }]);
        Digest(hasher.finalize().into())
    }
}

/// Where a store's content came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A whole, matching cache was read.
    Opened,
    /// There was none: every clip was decoded.
    Built,
    /// There was one that could not be used, and why: every clip was decoded.
    Rebuilt(String),
}

/// Every clip's samples, in the order of the clips it was made from.
#[derive(Debug, Clone)]
pub struct ClipStore {
    clips: Vec<Stored>,
    key: CacheKey,
    path: PathBuf,
    origin: Origin,
}

impl ClipStore {
    /// Reads the clips from their cache in `cache_dir`, or decodes them on `jobs` threads (0: as many as the machine has)
    /// and writes it. `progress(done, of)` is called on this thread while decoding, and not at all where the cache is read.
    ///
    /// A clip that cannot be decoded has no samples and says why in [`Self::sounds`]; [`Self::prepare`] leaves it out.
    ///
    /// # Errors
    /// [`CacheError`] when a setting is out of range or the cache cannot be written.
    pub fn open_or_build(
        cache_dir: &Path,
        clips: &[Clip],
        key: &CacheKey,
        jobs: usize,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, CacheError> {
        key.validate()?;
        let hash = key.hash(clips);
        let name: String = hash.to_string().chars().take(32).collect();
        let path = cache_dir.join(format!("clips-{name}.bin"));
        let mut origin = Origin::Built;
        if path.exists() {
            match file::read(&path, &hash) {
                Ok(stored) if stored.len() == clips.len() => {
                    return Ok(Self {
                        clips: stored,
                        key: *key,
                        path,
                        origin: Origin::Opened,
                    });
                }
                Ok(_) => origin = Origin::Rebuilt("it holds another number of clips".into()),
                Err(reason) => origin = Origin::Rebuilt(reason),
            }
        }
        let stored: Vec<Stored> = parallel::map(clips.len(), jobs, progress, |index| {
            clips.get(index).map(|clip| decode(clip, key))
        })
        .into_iter()
        .flatten()
        .collect();
        save(cache_dir, &path, &hash, &stored)?;
        Ok(Self {
            clips: stored,
            key: *key,
            path,
            origin,
        })
    }

    /// [`Self::open_or_build`], and then what [`inspect`](crate::corpus::inspect()) does, without decoding twice: silent,
    /// undecodable and duplicate clips move to the corpus's `left_out`, and the store keeps the corpus's order.
    ///
    /// # Errors
    /// As [`Self::open_or_build`], and when no clip is left.
    pub fn prepare(
        cache_dir: &Path,
        corpus: &mut Corpus,
        key: &CacheKey,
        jobs: usize,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<Self, CacheError> {
        let mut store = Self::open_or_build(cache_dir, &corpus.clips, key, jobs, progress)?;
        let defects = find_defects(&corpus.clips, &store.sounds());
        let stays: Vec<bool> = defects.iter().map(Option::is_none).collect();
        corpus.leave_out_defects(defects)?;
        let mut stays = stays.into_iter();
        store.clips.retain(|_| stays.next().unwrap_or(false));
        Ok(store)
    }

    /// How many clips there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.clips.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clips.is_empty()
    }

    /// The settings it was made with.
    #[must_use]
    pub fn key(&self) -> &CacheKey {
        &self.key
    }

    /// The cache's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the cache was read, made, or made again and why.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What was heard in each clip.
    #[must_use]
    pub fn sounds(&self) -> Vec<Sound> {
        self.clips.iter().map(|clip| clip.sound.clone()).collect()
    }

    /// A clip's length in samples; 0 for a clip there is not.
    #[must_use]
    pub fn len_samples(&self, clip: usize) -> usize {
        self.clips.get(clip).map_or(0, |clip| clip.samples.len())
    }

    /// A clip's samples at its own level, mono at the key's rate; none for a clip there is not.
    #[must_use]
    pub fn samples(&self, clip: usize) -> Vec<f32> {
        let mut out = Vec::new();
        self.samples_into(clip, &mut out);
        out
    }

    /// [`Self::samples`] into a buffer that is kept between clips.
    pub fn samples_into(&self, clip: usize, out: &mut Vec<f32>) {
        out.clear();
        if let Some(clip) = self.clips.get(clip) {
            out.extend(
                clip.samples
                    .iter()
                    .map(|sample| f32::from(*sample) * clip.scale),
            );
        }
    }
}

fn decode(clip: &Clip, key: &CacheKey) -> Stored {
    let name = clip.name.clone();
    match load_mono(&clip.path, key.rate_hz, key.noise_reduction) {
        Ok(samples) => match Sound::of(&samples) {
            sound @ Sound::Undecodable(_) => Stored::new(name, sound, &[]),
            sound @ Sound::Heard { .. } => Stored::new(name, sound, &samples),
        },
        Err(error) => Stored::new(name, Sound::not_decoded(&error), &[]),
    }
}

/// Writes the cache, whole or not at all.
fn save(folder: &Path, path: &Path, hash: &Digest, clips: &[Stored]) -> Result<(), CacheError> {
    let megabytes = clips
        .iter()
        .map(|clip| clip.samples.len() as u64 * 2)
        .sum::<u64>()
        / 1_000_000
        + 1;
    let failed = |path: &Path, source: io::Error| CacheError::Write {
        path: path.to_owned(),
        source,
        megabytes,
    };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    write_file(path, |out| file::write(out, hash, clips))
        .map_err(|error| failed(path, error.source))
}
