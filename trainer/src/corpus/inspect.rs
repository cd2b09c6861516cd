//! Finds the clips that cannot be learned from by listening to them, not from a list: what is silent, broken or
//! there twice. CREMA-D holds pairs of identical recordings under two emotions, which can only teach something wrong.

use std::collections::HashMap;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use undersong_core::audio::{NoiseReduction, load_mono};

use super::clip::{Clip, Digest};
use super::error::CorpusError;
use super::load::Corpus;
use super::parallel;

/// A clip whose loudest sample lies below this magnitude (full scale is 1) is silent: −80 dB, about three steps
/// of 16 bits. RAVDESS's quietest speech peaks a hundred times higher.
pub const SILENCE_PEAK: f32 = 1e-4;

/// The rate at which clips are decoded to be compared; any will do, this one costs CREMA-D no resampling.
const INSPECTION_RATE_HZ: u32 = 16_000;

/// What was heard in a clip.
#[derive(Debug, Clone, PartialEq)]
pub enum Sound {
    /// It decodes.
    Heard {
        /// SHA-256 of the decoded samples: equal for equal sound, whatever the file's bytes.
        fingerprint: Digest,
        /// The largest magnitude of a sample; full scale is 1.
        peak: f32,
    },
    /// It does not, and why.
    Undecodable(String),
}

impl Sound {
    /// Describes decoded samples.
    #[must_use]
    pub fn of(samples: &[f32]) -> Self {
        if samples.iter().any(|sample| !sample.is_finite()) {
            return Self::Undecodable(
                "holds samples that are not numbers (NaN or infinite)".into(),
            );
        }
        let mut hasher = Sha256::new();
        let mut bytes = [0_u8; 4096];
        for block in samples.chunks(bytes.len() / 4) {
            for (four, sample) in bytes.chunks_exact_mut(4).zip(block) {
                four.copy_from_slice(&sample.to_le_bytes());
            }
            hasher.update(bytes.get(..block.len() * 4).unwrap_or_default());
        }
        Self::Heard {
            fingerprint: Digest(hasher.finalize().into()),
            peak: samples
                .iter()
                .fold(0.0, |peak, sample| peak.max(sample.abs())),
        }
    }

    fn listen(path: &Path) -> Self {
        match load_mono(path, INSPECTION_RATE_HZ, NoiseReduction::Off) {
            Ok(samples) => Self::of(&samples),
            Err(error) => Self::not_decoded(&error),
        }
    }

    pub(crate) fn not_decoded(error: &dyn std::error::Error) -> Self {
        Self::Undecodable(format!("cannot be decoded: {error}"))
    }
}

/// Decodes every clip on `jobs` threads (0: as many as the machine has) and leaves out, with their reasons, those
/// that are silent, undecodable or duplicates. `progress(done, of)` is called on this thread.
///
/// [`ClipStore::prepare`](crate::cache::ClipStore::prepare) finds the same while it fills its cache, without decoding twice.
///
/// # Errors
/// [`CorpusError::NothingUsable`] when no clip is left.
pub fn inspect(
    corpus: &mut Corpus,
    jobs: usize,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), CorpusError> {
    let clips = &corpus.clips;
    let sounds: Vec<Sound> = parallel::map(clips.len(), jobs, progress, |index| {
        clips.get(index).map_or_else(
            || Sound::Undecodable(String::new()),
            |clip| Sound::listen(&clip.path),
        )
    });
    let defects = find_defects(clips, &sounds);
    corpus.leave_out_defects(defects)
}

/// The reason to leave out each clip (`sounds[i]` belongs to `clips[i]`), or `None` to keep it.
///
/// Of clips with one sound and one label the first is kept; where the labels conflict, none is.
#[must_use]
pub fn find_defects(clips: &[Clip], sounds: &[Sound]) -> Vec<Option<String>> {
    let mut same: HashMap<Digest, Vec<&Clip>> = HashMap::new();
    for (clip, sound) in clips.iter().zip(sounds) {
        if let Sound::Heard { fingerprint, peak } = sound
            && *peak >= SILENCE_PEAK
        {
            same.entry(*fingerprint).or_default().push(clip);
        }
    }
    clips
        .iter()
        .zip(sounds)
        .map(|(clip, sound)| match sound {
            Sound::Undecodable(reason) => Some(reason.clone()),
            Sound::Heard { peak, .. } if *peak < SILENCE_PEAK => Some("silent".to_owned()),
            Sound::Heard { fingerprint, .. } => {
                let twins = same.get(fingerprint).map(Vec::as_slice).unwrap_or_default();
                let first = twins.first()?;
                let describe = |twin: &Clip| format!("{} ({})", twin.name, twin.emotion);
                if twins.iter().any(|twin| twin.emotion != first.emotion) {
                    let others: Vec<String> = twins
                        .iter()
                        .filter(|twin| twin.name != clip.name)
                        .map(|twin| describe(twin))
                        .collect();
                    Some(format!(
                        "same sound as {}, under another label: labelled {} here",
                        others.join(", "),
                        clip.emotion
                    ))
                } else if first.name == clip.name {
                    None
                } else {
                    Some(format!(
                        "same sound and label as {}, which is kept",
                        describe(first)
                    ))
                }
            }
        })
        .collect()
}
