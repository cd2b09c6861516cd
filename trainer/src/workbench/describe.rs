//! What a model file says of the run that made it.

use undersong_core::features::FeatureConfig;
use undersong_core::model::{
    Calibration, EmotionSet, FORMAT_VERSION, ModelMetadata, Training, TrainingData,
};

use super::Workbench;
use crate::corpus::CorpusKind;
use crate::recipe::Recipe;
use crate::train::RunKey;

/// A run's results, put into words.
#[derive(Debug)]
pub struct RunDescription<'a> {
    /// The model's name.
    pub name: &'a str,
    /// The recipe.
    pub recipe: &'a Recipe,
    /// Seed and split.
    pub key: &'a RunKey,
    /// What the model sees: the features of its first network, statistics included.
    pub features: &'a FeatureConfig,
    /// Epochs of all networks together.
    pub epochs: usize,
    /// The labels, in the order of the outputs.
    pub labels: &'a [String],
    /// The clips it learned from.
    pub train: &'a [usize],
    /// How logits become probabilities.
    pub calibration: Calibration,
}

impl Workbench {
    /// The metadata of a run's model file; `None` if a label has no published coordinates.
    pub fn describe(&self, run: &RunDescription<'_>) -> Option<ModelMetadata> {
        let data: Vec<TrainingData> = CorpusKind::ALL
            .iter()
            .filter_map(|&corpus| {
                let clips = || {
                    run.train
                        .iter()
                        .map(|&clip| &self.clips()[clip])
                        .filter(move |clip| clip.corpus == corpus)
                };
                let speakers: std::collections::BTreeSet<&str> =
                    clips().map(|clip| clip.speaker.as_str()).collect();
                (!speakers.is_empty()).then(|| TrainingData {
                    corpus: corpus.title().to_owned(),
                    clips: clips().count(),
                    speakers: speakers.len(),
                })
            })
            .collect();
        let ravdess = data
            .iter()
            .any(|data| data.corpus == CorpusKind::Ravdess.title());
        Some(ModelMetadata {
            format_version: FORMAT_VERSION,
            name: run.name.to_owned(),
            description: run.recipe.description.clone(),
            emotions: EmotionSet::from_names(run.labels)?,
            features: run.features.clone(),
            calibration: run.calibration.clone(),
            training: Training {
                recipe: run.recipe.name.clone(),
                recipe_toml: run.key.recipe_toml.clone(),
                seed: run.key.seed,
                split: run.key.split.clone(),
                epochs: run.epochs as u32,
                data,
                licence: licence(ravdess).to_owned(),
                trainer_version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            quality: Vec::new(),
        })
    }
}

/// What may be done with weights that learned from these corpora.
fn licence(ravdess: bool) -> &'static str {
    if ravdess {
        "CC BY-NC-SA 4.0: learned from RAVDESS (CC BY-NC-SA 4.0), so for non-commercial use only, with attribution and under the same licence"
    } else {
        "ODbL 1.0: learned from CREMA-D (Open Database License 1.0, contents under the Database Contents License 1.0); commercial use is allowed, with attribution"
    }
}
