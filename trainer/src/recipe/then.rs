//! A second training that goes on where the first ended: the learning rate rises once more, and the sound may be harder.

use serde::{Deserialize, Serialize};

use super::Recipe;
use crate::augment::{FeatureAugment, WaveAugment};

/// What is other in the second training; all else stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// Epochs more.
    pub epochs: u32,
    /// Highest learning rate; it rises and falls as in the first training, over these epochs.
    pub learning_rate: f32,
    /// What is done to the sound of training clips instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augment_sound: Option<WaveAugment>,
    /// What is done to the features of training clips instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub augment_features: Option<FeatureAugment>,
}

impl Then {
    /// Names the first value that makes no sense.
    pub(super) fn validate(&self) -> Result<(), String> {
        if self.epochs == 0 {
            return Err("then.epochs = 0: expected 1 or more, or no [then] at all".to_owned());
        }
        if !(1e-9..=10.0).contains(&self.learning_rate) {
            return Err(format!(
                "then.learning_rate = {}: expected a number from 0.000000001 to 10",
                self.learning_rate
            ));
        }
        if let Some(sound) = &self.augment_sound {
            sound
                .validate()
                .map_err(|error| format!("then.augment_sound: {error}"))?;
        }
        if let Some(features) = &self.augment_features {
            features
                .validate()
                .map_err(|error| format!("then.augment_features: {error}"))?;
        }
        Ok(())
    }
}

impl Recipe {
    /// Most epochs, of both trainings together.
    pub fn epochs(&self) -> u32 {
        let then = self.then.as_ref().map_or(0, |then| then.epochs);
        self.training.epochs.saturating_add(then)
    }

    /// The second training as a recipe of its own, if there is one.
    pub fn second(&self) -> Option<Self> {
        let then = self.then.as_ref()?;
        let mut second = self.clone();
        second.then = None;
        second.training.epochs = then.epochs;
        second.training.learning_rate = then.learning_rate;
        second.hear(then.augment_sound, then.augment_features);
        Some(second)
    }
}
