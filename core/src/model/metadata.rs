//! `ModelMetadata`: what a model file says of itself, stored as JSON in the `.onnx` file's metadata.

use serde::{Deserialize, Serialize};

use super::EmotionSet;
use crate::features::FeatureConfig;

/// Version of the metadata that this code writes and the newest it reads.
///
/// Version 2 knows [`Calibration::by_voice`], version 3 [`Calibration::ordinary`] with one share for all emotions, version 4
/// [`OrdinaryVoice::correction`]; an older file has none and is read as it is.
pub const FORMAT_VERSION: u32 = 4;

/// Key in the ONNX file's `metadata_props` under which the JSON stands.
pub const METADATA_KEY: &str = "undersong";

/// What a model file says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelMetadata {
    /// Version of this description; see [`FORMAT_VERSION`].
    pub format_version: u32,
    /// Name, such as `undersong-8`.
    pub name: String,
    /// One sentence for a person.
    pub description: String,
    /// The emotions, in the order of the outputs.
    pub emotions: EmotionSet,
    /// What the network sees.
    pub features: FeatureConfig,
    /// How logits become probabilities.
    pub calibration: Calibration,
    /// How it was made.
    pub training: Training,
    /// How well it does, as measured.
    pub quality: Vec<Quality>,
}

/// How logits become probabilities that mean what they say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Divides the logits before the softmax (Guo et al. 2017).
    pub temperature: f32,
    /// How the temperature goes up or down where a window holds little voice, in order of the seconds; empty: not at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_voice: Vec<VoiceTemperature>,
    /// A window whose leading score is below this is `unsure`.
    pub unsure_below: f32,
    /// Share of each emotion that training made the network expect, in the order of the outputs; sums to 1.
    pub priors: Vec<f32>,
    /// What the network answers to ordinary voices, so that a speaker's own answers can be held against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinary: Option<OrdinaryVoice>,
    /// On what the two numbers were measured, in words.
    pub measured_on: String,
    /// What a speaker's profile takes off the logits, in the order of the outputs; empty: nothing. It never stands in a file:
    /// [`Model::for_speaker`](super::Model::for_speaker) sets it.
    #[serde(skip)]
    pub speaker_shift: Vec<f32>,
}

impl Calibration {
    /// The temperature for a window with so much voice: [`temperature`](Self::temperature) times what [`by_voice`](Self::by_voice) has for it,
    /// on straight lines between its entries and level outside them.
    ///
    /// Real-time safe: yes.
    pub fn temperature_at(&self, voiced_seconds: f64) -> f64 {
        f64::from(self.temperature) * factor(&self.by_voice, voiced_seconds)
    }
}

/// What a network answers to the ordinary voice of people it has not heard, and how a speaker's profile corrects it.
///
/// A voice that by nature sounds a little sad to the network gets too much of *sad* in every window, and less of what it takes sadness for. With the
/// mean logits `m` of this speaker's ordinary voice, those of many unseen speakers `r`, and `d = m − r` with its own mean taken off (logits count but
/// for a constant), `correction · d` is taken off the logits of a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredOrdinary")]
pub struct OrdinaryVoice {
    /// Mean over unseen speakers of their mean logits, in the order of the outputs, `[classes]`.
    pub logits: Vec<f32>,
    /// What one logit of a speaker's difference in each emotion (column) takes off each emotion's logit (row), `[classes, classes]`.
    pub correction: Vec<Vec<f32>>,
}

impl OrdinaryVoice {
    /// With the same share of the difference taken off for every emotion, and nothing for another's.
    pub fn even(logits: Vec<f32>, share: f32) -> Self {
        let row = |of: usize| {
            let share_of = |at| if at == of { share } else { 0.0 };
            (0..logits.len()).map(share_of).collect()
        };
        Self {
            correction: (0..logits.len()).map(row).collect(),
            logits,
        }
    }

    /// How a speaker whose ordinary voice got the mean logits `own` differs from everybody, `[classes]`, with a mean of 0.
    pub fn difference(&self, own: &[f32]) -> Vec<f32> {
        let mut difference: Vec<f32> = own.iter().zip(&self.logits).map(|(m, r)| m - r).collect();
        let mean = difference.iter().sum::<f32>() / difference.len().max(1) as f32;
        difference.iter_mut().for_each(|d| *d -= mean);
        difference
    }

    /// What is taken off the logits of a speaker whose ordinary voice got the mean logits `own`, `[classes]`.
    pub fn shift(&self, own: &[f32]) -> Vec<f32> {
        let difference = self.difference(own);
        let row = |row: &Vec<f32>| row.iter().zip(&difference).map(|(c, d)| c * d).sum();
        self.correction.iter().map(row).collect()
    }
}

/// As it stands in a file; version 3 knew one share for all emotions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredOrdinary {
    logits: Vec<f32>,
    correction: Option<Vec<Vec<f32>>>,
    share: Option<f32>,
}

impl TryFrom<StoredOrdinary> for OrdinaryVoice {
    type Error = &'static str;

    fn try_from(stored: StoredOrdinary) -> Result<Self, Self::Error> {
        let StoredOrdinary {
            logits,
            correction,
            share,
        } = stored;
        match (correction, share) {
            (Some(correction), None) => Ok(Self { logits, correction }),
            (Some(_), Some(_)) => {
                Err("`ordinary` has both `correction` and the older `share`; leave `share` out")
            }
            (None, Some(share)) => Ok(Self::even(logits, share)),
            (None, None) => Err("`ordinary` has no `correction`"),
        }
    }
}

/// What a window with so much voice multiplies the temperature by; 1 without entries.
fn factor(entries: &[VoiceTemperature], voiced_seconds: f64) -> f64 {
    let mut below: Option<&VoiceTemperature> = None;
    for entry in entries {
        let seconds = f64::from(entry.voiced_seconds);
        if voiced_seconds <= seconds {
            return match below {
                None => f64::from(entry.times),
                Some(below) => {
                    let from = f64::from(below.voiced_seconds);
                    let share = (voiced_seconds - from) / (seconds - from);
                    let times = f64::from(below.times);
                    times + share * (f64::from(entry.times) - times)
                }
            };
        }
        below = Some(entry);
    }
    below.map_or(1.0, |last| f64::from(last.times))
}

/// What multiplies the temperature of windows with so much voice: a network that has heard half a second is not right as often as its
/// logits say it would be after three.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceTemperature {
    /// Seconds of voice in a window.
    pub voiced_seconds: f32,
    /// How many times the temperature.
    pub times: f32,
}

/// How a model was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Name of the recipe.
    pub recipe: String,
    /// The whole recipe, as TOML.
    pub recipe_toml: String,
    /// Seed of every random choice.
    pub seed: u64,
    /// What was trained on and what was held back, such as `all`, `paper` or `speakers, fold 0`.
    pub split: String,
    /// Epochs run.
    pub epochs: u32,
    /// Corpora, with the number of clips and speakers of each.
    pub data: Vec<TrainingData>,
    /// Licence of the weights, in words and with its consequence.
    pub licence: String,
    /// Version of the trainer.
    pub trainer_version: String,
}

/// One corpus that a model learned from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingData {
    /// Name, such as `RAVDESS`.
    pub corpus: String,
    /// Clips learned from.
    pub clips: usize,
    /// Speakers learned from.
    pub speakers: usize,
}

/// One measurement of a recipe.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quality {
    /// On what: `paper` (random split, speakers shared) or `speakers` (unseen speakers), with the fold.
    pub split: String,
    /// Which corpus, or `both`.
    pub corpus: String,
    /// Clips it was measured on.
    pub clips: usize,
    /// Share of clips named right.
    pub accuracy: f64,
    /// Unweighted average recall.
    pub uar: f64,
    /// F1, averaged over the emotions.
    pub macro_f1: f64,
    /// Expected calibration error, 15 bins.
    pub ece: f64,
}
