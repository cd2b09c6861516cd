//! `ModelMetadata`: what a model file says of itself, stored as JSON in the `.onnx` file's metadata.

use serde::{Deserialize, Serialize};

use super::EmotionSet;
use crate::features::FeatureConfig;

/// Version of the metadata that this code writes and the newest it reads.
pub const FORMAT_VERSION: u32 = 1;

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
    /// A window whose leading score is below this is `unsure`.
    pub unsure_below: f32,
    /// Share of each emotion that training made the network expect, in the order of the outputs; sums to 1.
    pub priors: Vec<f32>,
    /// On what the two numbers were measured, in words.
    pub measured_on: String,
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
