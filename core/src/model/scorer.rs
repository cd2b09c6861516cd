//! `Scorer`: what an engine's numbers mean, in one place for every engine.

use super::{Calibration, EmotionSet, Model, ModelMetadata, Priors};
use crate::timeline::{Reading, Scores};

/// Turns a network's logits into a [`Reading`]: the speaker's shift, temperature, softmax, the user's priors, affect, confidence.
///
/// With logits `z`, the speaker's shift `s` (0 without a profile), temperature `T` (which may depend on how much voice the window holds), the
/// user's priors `u` and the training's `m`: `p ∝ softmax((z − s) / T) · u / m`, brought to the sum of 1 (Saerens et al., "Adjusting the outputs of a classifier to new a priori
/// probabilities", Neural Computation 14, 2002). Without priors of the user's, `u = m`.
#[derive(Debug, Clone)]
pub struct Scorer {
    emotions: EmotionSet,
    calibration: Calibration,
    /// `ln(u / m)` per emotion; −∞ rules one out.
    log_shift: Vec<f64>,
    /// What the speaker's profile takes off each logit.
    speaker_shift: Vec<f64>,
}

/// Why logits have no meaning.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// Not as many numbers as emotions.
    #[error("the network gave {given} numbers; the model has {expected} emotions")]
    Count {
        /// Numbers given.
        given: usize,
        /// Emotions of the model.
        expected: usize,
    },
    /// A number that is none. The model file or the features are broken.
    #[error(
        "the network gave {value} for {emotion:?}; the model file may be damaged, or the sound's features hold no numbers"
    )]
    NotFinite {
        /// The emotion.
        emotion: String,
        /// The number.
        value: f32,
    },
    /// Priors of another model.
    #[error("the priors hold {given} shares; the model has {expected} emotions")]
    Priors {
        /// Shares given.
        given: usize,
        /// Emotions of the model.
        expected: usize,
    },
}

impl Scorer {
    /// The scorer of a model, with the user's priors if there are any.
    ///
    /// # Errors
    /// [`ScoreError::Priors`] if they are those of a model with another number of emotions.
    pub fn new(model: &Model, priors: Option<&Priors>) -> Result<Self, ScoreError> {
        Self::from_metadata(model.metadata(), priors)
    }

    /// The scorer of a network that has no file yet, as in training. `metadata` must be as a [`Model`]'s.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_metadata(
        metadata: &ModelMetadata,
        priors: Option<&Priors>,
    ) -> Result<Self, ScoreError> {
        let expected = metadata.emotions.len();
        let calibration = &metadata.calibration;
        let log_shift = match priors {
            None => vec![0.0; expected],
            Some(priors) => {
                let given = priors.shares().len();
                if given != expected || calibration.priors.len() != expected {
                    return Err(ScoreError::Priors { given, expected });
                }
                priors
                    .shares()
                    .iter()
                    .zip(&calibration.priors)
                    .map(|(&user, &model)| user.ln() - f64::from(model).ln())
                    .collect()
            }
        };
        Ok(Self {
            emotions: metadata.emotions.clone(),
            calibration: calibration.clone(),
            log_shift,
            speaker_shift: (0..expected)
                .map(|class| calibration.speaker_shift.get(class).copied())
                .map(|shift| shift.map_or(0.0, f64::from))
                .collect(),
        })
    }

    /// The emotions, in the order of the scores.
    pub fn emotions(&self) -> &EmotionSet {
        &self.emotions
    }

    /// What one window's logits mean, where how much voice it holds isn't known: as of a window full of it. `logits` are `[classes]`.
    ///
    /// # Errors
    /// [`ScoreError`] if there are not as many as emotions, or one is infinite or not a number; a reading never holds such.
    pub fn reading(&self, logits: &[f32]) -> Result<Reading, ScoreError> {
        self.window_reading(logits, f64::INFINITY)
    }

    /// What the logits of a window with so many seconds of voice mean; `logits` are `[classes]`. Scan and live read every window so.
    ///
    /// # Errors
    /// As [`reading`](Self::reading).
    pub fn window_reading(
        &self,
        logits: &[f32],
        voiced_seconds: f64,
    ) -> Result<Reading, ScoreError> {
        if logits.len() != self.emotions.len() {
            return Err(ScoreError::Count {
                given: logits.len(),
                expected: self.emotions.len(),
            });
        }
        if let Some((&value, emotion)) = logits
            .iter()
            .zip(self.emotions.iter())
            .find(|(value, _)| !value.is_finite())
        {
            return Err(ScoreError::NotFinite {
                emotion: emotion.name.clone(),
                value,
            });
        }
        let temperature = self.calibration.temperature_at(voiced_seconds);
        // In logarithms and from the largest down: no size of logits, temperature or prior overflows, and one term is 1.
        let exponents = logits
            .iter()
            .zip(&self.log_shift)
            .zip(&self.speaker_shift)
            .map(|((&logit, shift), speaker)| (f64::from(logit) - speaker) / temperature + shift)
            .collect::<Vec<_>>();
        let largest = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights = exponents
            .iter()
            .map(|exponent| (exponent - largest).exp())
            .collect::<Vec<_>>();
        let sum: f64 = weights.iter().sum();
        let scores = weights.iter().map(|weight| (weight / sum) as f32).collect();
        Ok(self.reading_of(Scores(scores)))
    }

    /// What scores mean that are probabilities already, such as the mean over a take's windows; one per emotion, sum 1.
    pub fn reading_of(&self, scores: Scores) -> Reading {
        Reading::from_scores(scores, &self.emotions, self.calibration.unsure_below)
    }
}
