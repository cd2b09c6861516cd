//! Recipes: a network, its features, its augmentation and its training, in one TOML file.
//!
//! A new network or augmentation is a new file, not a fork. The two recipes that come with the trainer are compiled in;
//! `--recipe` takes their names or the path of another file.

mod also;
mod nearest;
mod settings;
mod then;

use std::path::Path;

use serde::{Deserialize, Serialize};
use undersong_core::features::FeatureConfig;

use crate::augment::{FeatureAugment, Mixup, WaveAugment};
use crate::nn::NetworkSpec;

pub use also::{Also, networks};
pub use settings::{
    Crop, EarlyStopping, Keep, Placement, Preparation, Repeat, Schedule, SpeakerShift,
    TrainingSettings,
};
pub use then::Then;

const BUILT_IN: [(&str, &str); 5] = [
    ("paper", include_str!("../../recipes/paper.toml")),
    ("undersong", include_str!("../../recipes/undersong.toml")),
    // The paper's network with a part left out or other features, for `compare`.
    ("cnn", include_str!("../../recipes/compare/cnn.toml")),
    ("lstm", include_str!("../../recipes/compare/lstm.toml")),
    (
        "paper-log-mel",
        include_str!("../../recipes/compare/paper-log-mel.toml"),
    ),
];

/// Everything that decides what a training run makes, but for the data and the seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Name, written into the model file.
    pub name: String,
    /// One sentence for a person.
    pub description: String,
    /// How a clip becomes a window.
    pub preparation: Preparation,
    /// What the network sees; its statistics are measured on the training clips when `standardise` is set.
    pub features: FeatureConfig,
    /// The network.
    pub network: NetworkSpec,
    /// Optimiser, schedule and stopping.
    pub training: TrainingSettings,
    /// What is done to the sound of training clips.
    #[serde(default)]
    pub augment_sound: WaveAugment,
    /// What is done to the features of training clips.
    #[serde(default)]
    pub augment_features: FeatureAugment,
    /// Mixing of clips within a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mixup: Option<Mixup>,
    /// A second training from where the first ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Then>,
    /// Further networks: the model is the mean of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Also>,
}

/// Why a recipe was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// The file could not be read.
    #[error(
        "recipe {name}: {source}; give the path of a recipe file or one of the built-in names: {}{}",
        built_in_names(),
        crate::nearest::hint(name, BUILT_IN.map(|(name, _)| name))
    )]
    Read {
        /// What was asked for.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is no recipe.
    #[error("recipe {name}: {message}")]
    Parse {
        /// What was asked for.
        name: String,
        /// The parser's message, with the line.
        message: String,
    },
    /// A value makes no sense.
    #[error("recipe {name}: {message}")]
    Value {
        /// What was asked for.
        name: String,
        /// Which value, what was expected.
        message: String,
    },
}

fn built_in_names() -> String {
    BUILT_IN.map(|(name, _)| name).join(", ")
}

impl Recipe {
    /// The recipe of a built-in name, or from a file.
    ///
    /// # Errors
    /// Names the recipe and what is wrong with it.
    pub fn load(name_or_path: &str) -> Result<Self, RecipeError> {
        let text = match BUILT_IN.iter().find(|(name, _)| *name == name_or_path) {
            Some((_, text)) => (*text).to_owned(),
            None => std::fs::read_to_string(Path::new(name_or_path)).map_err(|source| {
                RecipeError::Read {
                    name: name_or_path.to_owned(),
                    source,
                }
            })?,
        };
        Self::parse(&text, name_or_path)
    }

    /// The recipe of a TOML text; `name` stands in errors.
    ///
    /// # Errors
    /// Names the key or value that is wrong.
    pub fn parse(text: &str, name: &str) -> Result<Self, RecipeError> {
        let recipe: Self = toml::from_str(text).map_err(|error| RecipeError::Parse {
            name: name.to_owned(),
            message: nearest::with_hint(&error),
        })?;
        recipe.validate().map_err(|message| RecipeError::Value {
            name: name.to_owned(),
            message,
        })?;
        Ok(recipe)
    }

    /// The recipe as TOML, as it is written into the model file.
    ///
    /// # Errors
    /// If a value cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    fn validate(&self) -> Result<(), String> {
        self.features
            .validate()
            .map_err(|error| error.to_string())?;
        if self.features.statistics.is_some() {
            return Err(
                "features.statistics are measured in training: leave them out and set preparation.standardise"
                    .to_owned(),
            );
        }
        self.preparation.validate()?;
        self.augment_sound
            .validate()
            .map_err(|error| format!("augment_sound: {error}"))?;
        self.augment_features
            .validate()
            .map_err(|error| format!("augment_features: {error}"))?;
        if let Some(mixup) = &self.mixup {
            mixup
                .validate()
                .map_err(|error| format!("mixup: {error}"))?;
        }
        if let Some(then) = &self.then {
            then.validate()?;
            if self.training.early_stopping.is_some() {
                return Err(
                    "then goes on from the last epoch of training: leave training.early_stopping out"
                        .to_owned(),
                );
            }
        }
        self.training.validate()?;
        self.validate_also()
    }

    /// Replaces the augmentation by what is given.
    fn hear(&mut self, sound: Option<WaveAugment>, features: Option<FeatureAugment>) {
        self.augment_sound = sound.unwrap_or(self.augment_sound);
        self.augment_features = features.unwrap_or(self.augment_features);
    }

    /// Whether a clip looks the same in every epoch, so that its features need computing only once.
    pub fn is_fixed(&self) -> bool {
        self.augment_sound == WaveAugment::default()
            && self.augment_features == FeatureAugment::default()
            && self.preparation.placement != Placement::Random
            && self.preparation.crop.is_none()
            && self.preparation.speaker_profile.is_none()
            && self.second().is_none_or(|second| second.is_fixed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_recipes_are_valid_and_survive_toml() {
        for (name, _) in BUILT_IN {
            let recipe = Recipe::load(name).expect(name);
            assert_eq!(recipe.name, name);
            let text = recipe.to_toml().expect(name);
            assert_eq!(Recipe::parse(&text, name).expect(name), recipe);
        }
    }

    #[test]
    fn every_recipe_that_results_were_made_with_is_still_one() {
        let mut names = Vec::new();
        for folder in ["recipes", "recipes/tried"] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                if path.extension().is_some_and(|it| it == "toml") {
                    names.push(Recipe::load(path.to_str().unwrap()).unwrap().name);
                }
            }
        }
        assert!(names.len() > 5, "{names:?}");
    }

    #[test]
    fn a_typo_is_named() {
        let text = include_str!("../../recipes/paper.toml").replace("patience", "pateince");
        let message = Recipe::parse(&text, "typo.toml").unwrap_err().to_string();
        assert!(message.contains("typo.toml"), "{message}");
        assert!(message.contains("pateince"), "{message}");
        assert!(message.contains("patience"), "{message}");
    }

    #[test]
    fn an_unknown_name_lists_the_built_in_ones() {
        let message = Recipe::load("papper").unwrap_err().to_string();
        assert!(message.contains("paper, undersong"), "{message}");
    }
}
