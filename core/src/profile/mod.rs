//! Speaker calibration: how one person's voice usually sounds to a model, and the model corrected by it.
//!
//! A model that knows what ordinary voices get from it ([`OrdinaryVoice`](crate::model::OrdinaryVoice)) is corrected by what this speaker's
//! ordinary voice got from it (a [`ModelAnswer`]), which serves that model alone. A model that does not gets its normalisation shifted:
//! it standardises each coefficient by its mean over all training voices: `(x − mean) / deviation`. A [`SpeakerProfile`] holds
//! one speaker's own mean instead, measured by a [`SpeakerMeter`] on some of their ordinary speech. What is left after it is how a
//! window differs from that voice's usual, rather than from everybody's. Training measures its speakers with the same meter.

mod answer;
mod error;
mod meter;
mod voice;

use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use answer::{ModelAnswer, measure_answer};
pub use error::ProfileError;
pub use meter::SpeakerMeter;
pub use voice::{GOOD_VOICE_SECONDS, LEAST_VOICE_SECONDS, measure_voice};

use crate::delivery::Usual;
use crate::features::FeatureConfig;
use crate::model::Model;
use crate::timeline::{WriteError, write_file};

/// Version of the profile file that this code writes and the newest it reads.
///
/// Version 2 knows [`SpeakerProfile::answers`]; a file of version 1 has none and is read as it is.
pub const PROFILE_VERSION: u32 = 2;

/// Largest profile file that is read, in bytes; a real one has a few thousand.
const LARGEST_BYTES: u64 = 1 << 20;

/// How one speaker's ordinary voice sounds to models of one kind of features.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeakerProfile {
    /// Version of this description; see [`PROFILE_VERSION`].
    pub profile_version: u32,
    /// What the coefficients are: a model's features without its statistics. A profile serves every model with these.
    pub features: FeatureConfig,
    /// Mean of each coefficient over the speaker's sounding frames, before standardisation, `[coefficients]`.
    pub mean: Vec<f32>,
    /// Sound that went into it, in seconds of sounding frames.
    pub sounding_seconds: f64,
    /// How the speaker usually talks, for comparisons in words; empty if it was not measured.
    #[serde(default, skip_serializing_if = "Usual::is_empty")]
    pub delivery: Usual,
    /// What models answered to the speaker's ordinary voice; each serves that model alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<ModelAnswer>,
}

impl SpeakerProfile {
    /// Reads a profile file.
    ///
    /// # Errors
    /// [`ProfileError`] names the file and what is wrong with it.
    pub fn open(path: &Path) -> Result<Self, ProfileError> {
        let file = || path.display().to_string();
        let unreadable = |source| ProfileError::Unreadable {
            file: file(),
            source,
        };
        let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
        if bytes > LARGEST_BYTES {
            return Err(ProfileError::NoProfile {
                file: file(),
                problem: format!("{bytes} bytes, more than any profile has"),
            });
        }
        Self::from_json(&std::fs::read(path).map_err(unreadable)?, &file())
    }

    /// Reads a profile's JSON; `file` stands in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_json(bytes: &[u8], file: &str) -> Result<Self, ProfileError> {
        // The version first: a newer profile may have other fields.
        #[derive(Deserialize)]
        struct Version {
            profile_version: u32,
        }
        let no_profile = |problem: String| ProfileError::NoProfile {
            file: file.to_owned(),
            problem,
        };
        let version = serde_json::from_slice::<Version>(bytes)
            .map_err(|error| no_profile(error.to_string()))?
            .profile_version;
        if version == 0 || version > PROFILE_VERSION {
            return Err(ProfileError::Newer {
                file: file.to_owned(),
                version,
            });
        }
        let profile: Self =
            serde_json::from_slice(bytes).map_err(|error| no_profile(error.to_string()))?;
        let expected = profile.features.coefficients();
        if profile.mean.len() != expected {
            return Err(no_profile(format!(
                "{} means for {expected} coefficients",
                profile.mean.len()
            )));
        }
        if let Some(mean) = profile.mean.iter().find(|mean| !mean.is_finite()) {
            return Err(no_profile(format!("a mean of {mean}")));
        }
        let mut logits = profile.answers.iter().flat_map(|answer| &answer.logits);
        match logits.find(|logit| !logit.is_finite()) {
            Some(logit) => Err(no_profile(format!("a logit of {logit}"))),
            None => Ok(profile),
        }
    }

    /// What this model answered to the speaker's ordinary voice, if it was asked.
    pub fn answer_of(&self, model: &Model) -> Option<&ModelAnswer> {
        self.answers.iter().find(|answer| {
            answer.model == model.id() && answer.logits.len() == model.emotions().len()
        })
    }

    /// Writes the profile as JSON, whole or not at all.
    ///
    /// # Errors
    /// [`WriteError`] names the file and why it could not be written.
    pub fn write(&self, path: &Path) -> Result<(), WriteError> {
        write_file(path, |out| self.write_to(out))
    }

    /// Writes the profile's JSON.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_to(&self, mut out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut out, self)?;
        writeln!(out)
    }

    /// A model's features with this speaker's mean in place of everybody's.
    ///
    /// # Errors
    /// [`ProfileError::OtherFeatures`] if the profile was measured on other features, [`ProfileError::NotStandardised`] if the model
    /// does not standardise.
    pub fn apply(&self, config: &FeatureConfig) -> Result<FeatureConfig, ProfileError> {
        if let Some((setting, profile, model)) = difference(&self.features, config) {
            return Err(ProfileError::OtherFeatures {
                setting,
                profile,
                model,
            });
        }
        let mut shifted = config.clone();
        let statistics = shifted
            .statistics
            .as_mut()
            .ok_or(ProfileError::NotStandardised)?;
        statistics.mean.clone_from(&self.mean);
        Ok(shifted)
    }
}

/// A model's features as a profile holds them.
fn without_statistics(config: &FeatureConfig) -> FeatureConfig {
    FeatureConfig {
        statistics: None,
        ..config.clone()
    }
}

/// The first setting in which two features differ, with both values; statistics do not count.
fn difference(profile: &FeatureConfig, model: &FeatureConfig) -> Option<(String, String, String)> {
    let (Ok(serde_json::Value::Object(profile)), Ok(serde_json::Value::Object(model))) = (
        serde_json::to_value(without_statistics(profile)),
        serde_json::to_value(without_statistics(model)),
    ) else {
        return None;
    };
    model.iter().find_map(|(setting, value)| {
        let other = profile.get(setting).unwrap_or(&serde_json::Value::Null);
        (other != value).then(|| (setting.clone(), other.to_string(), value.to_string()))
    })
}
