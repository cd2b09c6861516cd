//! Finds the clips that cannot be learned from by listening to them, not from a list: what is silent, broken or
//! there twice. CREMA-D holds pairs of identical recordings under two emotions, which can only teach something wrong.

use std::collections::HashMap;
use std::path::Path;

use undersong_core::audio::{NoiseReduction, load_mono};

use super::clip::Clip;
use super::error::CorpusError;
use super::load::Corpus;
use super::parallel;
use super::sketch::Sketch;

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
        /// What tells the recording from every other, whatever the file's format and bytes.
        sketch: Sketch,
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
        Self::Heard {
            sketch: Sketch::of(samples),
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
    // Recordings of one length, each with the clips that hold it.
    type Recording<'a> = (&'a Sketch, Vec<&'a Clip>);
    let mut recordings: HashMap<u64, Vec<Recording<'_>>> = HashMap::new();
    for (clip, sound) in clips.iter().zip(sounds) {
        if let Sound::Heard { sketch, peak } = sound
            && *peak >= SILENCE_PEAK
        {
            let alike = recordings.entry(sketch.samples).or_default();
            match alike
                .iter_mut()
                .find(|(first, _)| first.same_recording(sketch))
            {
                Some((_, twins)) => twins.push(clip),
                None => alike.push((sketch, vec![clip])),
            }
        }
    }
    let twins_of = |sketch: &Sketch| -> &[&Clip] {
        recordings
            .get(&sketch.samples)
            .and_then(|alike| alike.iter().find(|(first, _)| first.same_recording(sketch)))
            .map(|(_, twins)| twins.as_slice())
            .unwrap_or_default()
    };
    clips
        .iter()
        .zip(sounds)
        .map(|(clip, sound)| match sound {
            Sound::Undecodable(reason) => Some(reason.clone()),
            Sound::Heard { peak, .. } if *peak < SILENCE_PEAK => Some("silent".to_owned()),
            Sound::Heard { sketch, .. } => {
                let twins = twins_of(sketch);
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
