//! Further networks of one recipe: the model is the mean of their answers.

use serde::{Deserialize, Serialize};

use super::{Recipe, SpeakerShift};
use crate::augment::{FeatureAugment, WaveAugment};

/// A further network: trained apart, with another seed, as the first but for what stands here.
///
/// Networks that learned from other sounds err on other clips, so their mean errs less than either.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Also {
    /// Most epochs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<u32>,
    /// How often a window is normalised by its speaker's usual voice instead (`preparation.speaker_profile`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speaker_profile: Option<SpeakerShift>,
    /// What is done to the sound of training clips instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augment_sound: Option<WaveAugment>,
    /// What is done to the features of training clips instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub augment_features: Option<FeatureAugment>,
}

impl Recipe {
    /// The recipe of each network, the first first; one where there is no `[[also]]`.
    pub fn members(&self) -> Vec<Self> {
        let mut first = self.clone();
        let also = std::mem::take(&mut first.also);
        let mut members = vec![first];
        for other in also {
            let mut member = members[0].clone();
            if let Some(epochs) = other.epochs {
                member.training.epochs = epochs;
            }
            member.preparation.speaker_profile =
                other.speaker_profile.or(member.preparation.speaker_profile);
            member.hear(other.augment_sound, other.augment_features);
            members.push(member);
        }
        members
    }

    /// Names the first value of a further network that makes no sense.
    pub(super) fn validate_also(&self) -> Result<(), String> {
        for (index, member) in self.members().iter().enumerate().skip(1) {
            member
                .validate()
                .map_err(|message| format!("also, number {index}: {message}"))?;
        }
        Ok(())
    }
}

/// How many networks a recipe's text makes.
///
/// A text that cannot be read counts as one network: it may be an older version's.
pub fn networks(recipe_toml: &str) -> usize {
    let further = recipe_toml
        .parse::<toml::Table>()
        .ok()
        .and_then(|table| Some(table.get("also")?.as_array()?.len()));
    1 + further.unwrap_or(0)
}
