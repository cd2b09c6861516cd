//! The parts of a recipe that decide how a clip is cut and how the network is trained.

use serde::{Deserialize, Serialize};

use crate::nn::Precision;

/// How a clip becomes a window of the network's span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preparation {
    /// Where a clip lies in its window while training.
    pub placement: Placement,
    /// Share of training windows whose sound outside the utterance is replaced by digital silence.
    #[serde(default)]
    pub blank_probability: f64,
    /// Level below the clip's loudest 10 ms, in dB (negative), under which its ends count as silence.
    #[serde(default = "default_trim_db")]
    pub trim_db: f32,
    /// Silence kept at either end, in ms.
    #[serde(default = "default_keep_ms")]
    pub keep_ms: f32,
    /// Now and then only a part of an utterance is heard, as when a voice has just begun or a window cuts it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<Crop>,
    /// Now and then a window is normalised by its speaker's usual voice, as with a speaker's profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker_profile: Option<SpeakerShift>,
    /// Each coefficient is shifted and scaled by its mean and deviation over training clips.
    #[serde(default)]
    pub standardise: bool,
}

fn default_trim_db() -> f32 {
    -35.0
}

fn default_keep_ms() -> f32 {
    150.0
}

/// A part of an utterance instead of all of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crop {
    /// How often, 0 to 1.
    pub probability: f32,
    /// How much is heard, drawn evenly from this range (0.1 to 60); all of what is shorter.
    pub seconds: [f32; 2],
}

/// Normalisation by the speaker's own usual voice: by the profile of some of their neutral clips.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeakerShift {
    /// How often, 0 to 1; a speaker without other neutral clips is left as is.
    pub probability: f32,
    /// How many of the speaker's neutral clips make the profile, drawn evenly from this range.
    pub clips: [usize; 2],
}

impl Preparation {
    /// Names the first value that makes no sense.
    pub(super) fn validate(&self) -> Result<(), String> {
        let probability = |name: &str, value: f32| match (0.0..=1.0).contains(&value) {
            true => Ok(()),
            false => Err(format!(
                "preparation.{name}.probability = {value}: expected a probability from 0 to 1"
            )),
        };
        if let Some(Crop {
            probability: share,
            seconds: [least, most],
        }) = self.crop
        {
            probability("crop", share)?;
            if !(least >= 0.1 && most <= 60.0 && least <= most) {
                return Err(format!(
                    "preparation.crop.seconds = [{least}, {most}]: expected two numbers from 0.1 to 60 seconds, the smaller first"
                ));
            }
        }
        if let Some(SpeakerShift {
            probability: share,
            clips: [least, most],
        }) = self.speaker_profile
        {
            probability("speaker_profile", share)?;
            if least == 0 || least > most {
                return Err(format!(
                    "preparation.speaker_profile.clips = [{least}, {most}]: expected two numbers from 1, the smaller first"
                ));
            }
            if !self.standardise {
                return Err(
                    "preparation.speaker_profile shifts what preparation.standardise measures: set standardise = true"
                        .to_owned(),
                );
            }
        }
        Ok(())
    }
}

/// Where a clip lies in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// The window starts where the file starts, as the paper has it: cut or padded at its end.
    Start,
    /// The utterance lies in the middle.
    Centre,
    /// The utterance lies at a random place, whole if it fits; tests have it in the middle.
    Random,
}

/// Optimiser, schedule and stopping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingSettings {
    /// Most epochs.
    pub epochs: u32,
    /// Clips a step.
    pub batch: usize,
    /// How exact the products are that give the gradients.
    #[serde(default, skip_serializing_if = "is_f32")]
    pub precision: Precision,
    /// Highest learning rate.
    pub learning_rate: f32,
    /// How the learning rate runs.
    #[serde(default)]
    pub schedule: Schedule,
    /// Share of all steps over which the learning rate rises from 0.
    #[serde(default)]
    pub warm_up: f32,
    /// Adam's decay of the mean and of the squared mean.
    #[serde(default = "default_betas")]
    pub betas: [f32; 2],
    /// Adam's epsilon.
    #[serde(default = "default_epsilon")]
    pub epsilon: f32,
    /// Decoupled weight decay of matrices (AdamW).
    #[serde(default)]
    pub weight_decay: f32,
    /// Largest norm of all gradients together.
    #[serde(default)]
    pub gradient_norm: Option<f32>,
    /// Share of each target that is spread over all classes.
    #[serde(default)]
    pub label_smoothing: f32,
    /// Share of each target that is what listeners heard in the clip (CREMA-D's voice-only votes), where they were asked.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub votes: f32,
    /// Weighs clips by the inverse frequency of their class.
    #[serde(default)]
    pub class_weights: bool,
    /// Decay of the moving average of the weights; the average is what is tested and kept.
    #[serde(default)]
    pub average_decay: Option<f32>,
    /// How often each corpus is seen in an epoch.
    #[serde(default)]
    pub repeat: Repeat,
    /// Stops before `epochs`.
    #[serde(default)]
    pub early_stopping: Option<EarlyStopping>,
    /// Which epoch's weights are kept.
    #[serde(default)]
    pub keep: Keep,
}

fn is_f32(precision: &Precision) -> bool {
    *precision == Precision::F32
}

fn is_zero(value: &f32) -> bool {
    *value == 0.0
}

fn default_betas() -> [f32; 2] {
    [0.9, 0.999]
}

fn default_epsilon() -> f32 {
    1e-7
}

/// How the learning rate runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// It stays.
    #[default]
    Constant,
    /// It falls to 0 along half a cosine.
    Cosine,
}

/// How often each corpus is seen in an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// Times a RAVDESS clip is seen.
    #[serde(default = "once")]
    pub ravdess: u32,
    /// Times a CREMA-D clip is seen.
    #[serde(default = "once")]
    pub cremad: u32,
}

fn once() -> u32 {
    1
}

impl Default for Repeat {
    fn default() -> Self {
        Self {
            ravdess: 1,
            cremad: 1,
        }
    }
}

/// Stops when the validation loss has not fallen for some epochs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// Epochs without a lower validation loss.
    pub patience: u32,
}

/// Which epoch's weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The last's.
    #[default]
    Last,
    /// Those with the best validation accuracy; without validation clips, the last's.
    BestValidationAccuracy,
}

impl TrainingSettings {
    /// Names the first value that makes no sense.
    pub(super) fn validate(&self) -> Result<(), String> {
        let within = |name: &str, value: f32, low: f32, high: f32| {
            if value.is_finite() && (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(format!(
                    "training.{name} = {value}: expected a number from {low} to {high}"
                ))
            }
        };
        if self.epochs == 0 {
            return Err("training.epochs = 0: expected 1 or more".to_owned());
        }
        if self.batch == 0 {
            return Err("training.batch = 0: expected 1 or more".to_owned());
        }
        if self.repeat.ravdess == 0 || self.repeat.cremad == 0 {
            return Err(
                "training.repeat: expected 1 or more; leave a corpus out on the command line"
                    .to_owned(),
            );
        }
        within("learning_rate", self.learning_rate, 1e-9, 10.0)?;
        within("warm_up", self.warm_up, 0.0, 1.0)?;
        within("betas[0]", self.betas[0], 0.0, 0.9999)?;
        within("betas[1]", self.betas[1], 0.0, 0.999_999)?;
        within("epsilon", self.epsilon, 1e-20, 1.0)?;
        within("weight_decay", self.weight_decay, 0.0, 10.0)?;
        within("label_smoothing", self.label_smoothing, 0.0, 0.99)?;
        within("votes", self.votes, 0.0, 1.0)?;
        if let Some(norm) = self.gradient_norm {
            within("gradient_norm", norm, 1e-6, 1e6)?;
        }
        if let Some(decay) = self.average_decay {
            within("average_decay", decay, 0.0, 0.999_999)?;
        }
        Ok(())
    }

    /// The learning rate of a step, of `steps` in all.
    pub fn learning_rate_at(&self, step: u64, steps: u64) -> f32 {
        let steps = steps.max(1) as f64;
        let warm_up = f64::from(self.warm_up) * steps;
        let at = step as f64 + 0.5;
        let share = if at < warm_up {
            at / warm_up
        } else {
            match self.schedule {
                Schedule::Constant => 1.0,
                Schedule::Cosine => {
                    let along = ((at - warm_up) / (steps - warm_up).max(1.0)).min(1.0);
                    0.5 * (1.0 + (std::f64::consts::PI * along).cos())
                }
            }
        };
        (f64::from(self.learning_rate) * share) as f32
    }
}
