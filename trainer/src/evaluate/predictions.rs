//! `Predictions`: what a model answered to which clip, the one thing every figure is computed from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use undersong_core::model::Calibration;

use super::EvaluateError;

/// A model's answer to one clip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The clip's name.
    pub name: String,
    /// The corpus it comes from, as printed: `RAVDESS`, `CREMA-D`.
    pub corpus: String,
    /// Who speaks, unique across corpora.
    pub speaker: String,
    /// `female` or `male`, as the corpus states it; `None` if it does not.
    pub sex: Option<String>,
    /// The actor's age, where the corpus states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_years: Option<u32>,
    /// The actor's race, in the corpus's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub race: Option<String>,
    /// The actor's ethnicity, in the corpus's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<String>,
    /// Seconds of voice in the window, where that was measured: a calibration may depend on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voiced_seconds: Option<f64>,
    /// The true emotion, as an index in the labels.
    pub truth: usize,
    /// What the network put out, before temperature and softmax, `[labels]`.
    pub logits: Vec<f32>,
}

/// Clips of one corpus and emotion that were not evaluated, because the model does not have the emotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The corpus they come from.
    pub corpus: String,
    /// Their emotion.
    pub emotion: String,
    /// How many they are.
    pub clips: usize,
}

/// What a model answered to a set of clips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predictions {
    /// The model's emotions, in the order of its outputs.
    pub labels: Vec<String>,
    /// One row a clip.
    pub rows: Vec<Row>,
    /// Clips whose emotion is not among the labels, counted.
    #[serde(default)]
    pub left_out: Vec<LeftOut>,
}

impl Predictions {
    /// An empty set for a model with these emotions, in the order of its outputs.
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> Self {
        Self {
            labels: labels.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// The output of an emotion, or `None` if the model does not have it. Ask before running the network: a clip with another
    /// emotion need not be run, only [`leave_out`](Self::leave_out).
    pub fn index_of(&self, emotion: &str) -> Option<usize> {
        self.labels.iter().position(|label| label == emotion)
    }

    /// Counts a clip whose emotion the model does not have.
    pub fn leave_out(&mut self, corpus: &str, emotion: &str) {
        self.leave_out_many(corpus, emotion, 1);
    }

    fn leave_out_many(&mut self, corpus: &str, emotion: &str, clips: usize) {
        let known = self
            .left_out
            .iter_mut()
            .find(|group| group.corpus == corpus && group.emotion == emotion);
        match known {
            Some(group) => group.clips += clips,
            None => self.left_out.push(LeftOut {
                corpus: corpus.to_owned(),
                emotion: emotion.to_owned(),
                clips,
            }),
        }
    }

    /// Adds the predictions of another part, such as the next fold.
    ///
    /// # Errors
    /// [`EvaluateError::DifferentLabels`] unless both have the same labels in the same order.
    pub fn append(&mut self, other: Self) -> Result<(), EvaluateError> {
        if self.labels != other.labels {
            return Err(EvaluateError::DifferentLabels {
                left: self.labels.clone(),
                right: other.labels,
            });
        }
        self.rows.extend(other.rows);
        for group in other.left_out {
            self.leave_out_many(&group.corpus, &group.emotion, group.clips);
        }
        Ok(())
    }

    /// Whether there is something to evaluate and every row fits the labels.
    ///
    /// # Errors
    /// The first thing wrong, with the clip's name: no clips, a damaged label list, a wrong number of logits, a logit that is not
    /// finite, or a true label out of range.
    pub fn check(&self) -> Result<(), EvaluateError> {
        let distinct: BTreeSet<&String> = self.labels.iter().collect();
        if self.labels.len() < 2 || distinct.len() != self.labels.len() {
            return Err(EvaluateError::Labels {
                labels: self.labels.clone(),
            });
        }
        if self.rows.is_empty() {
            return Err(EvaluateError::NoClips {
                labels: self.labels.join(", "),
                left_out: self.left_out.iter().map(|group| group.clips).sum(),
            });
        }
        self.rows.iter().try_for_each(|row| self.check_row(row))
    }

    fn check_row(&self, row: &Row) -> Result<(), EvaluateError> {
        if row.logits.len() != self.labels.len() {
            return Err(EvaluateError::LogitCount {
                name: row.name.clone(),
                found: row.logits.len(),
                expected: self.labels.len(),
            });
        }
        if row.truth >= self.labels.len() {
            return Err(EvaluateError::Truth {
                name: row.name.clone(),
                truth: row.truth,
                labels: self.labels.len(),
            });
        }
        let wrong = row
            .logits
            .iter()
            .zip(&self.labels)
            .find(|(value, _)| !value.is_finite());
        match wrong {
            Some((&value, label)) => Err(EvaluateError::NotFinite {
                name: row.name.clone(),
                label: label.clone(),
                value,
            }),
            None => Ok(()),
        }
    }
}

impl Row {
    /// The emotion answered: the largest logit, the first on a tie.
    pub fn answer(&self) -> usize {
        let mut best = (0, f32::NEG_INFINITY);
        for (index, &logit) in self.logits.iter().enumerate() {
            if logit > best.1 {
                best = (index, logit);
            }
        }
        best.0
    }

    /// The row with its logits divided by what a calibration multiplies the temperature by for the row's voice: what is left is one
    /// temperature for all rows.
    pub(crate) fn levelled(&self, calibration: &Calibration) -> Self {
        let mut row = self.clone();
        if let Some(voiced_seconds) = self.voiced_seconds {
            let times =
                calibration.temperature_at(voiced_seconds) / f64::from(calibration.temperature);
            for logit in &mut row.logits {
                *logit = (f64::from(*logit) / times) as f32;
            }
        }
        row
    }

    /// Whether the answer is the true emotion.
    pub fn is_right(&self) -> bool {
        self.answer() == self.truth
    }

    /// Natural logarithm of the sum of `exp(logit / temperature)`, above the largest; and that largest `logit / temperature`.
    fn log_sum(&self, temperature: f64) -> (f64, f64) {
        let largest = self.logits.iter().fold(f64::NEG_INFINITY, |most, &logit| {
            most.max(f64::from(logit) / temperature)
        });
        let sum: f64 = self
            .logits
            .iter()
            .map(|&logit| (f64::from(logit) / temperature - largest).exp())
            .sum();
        (sum.ln(), largest)
    }

    /// Probability of the answer at a temperature: the largest of the softmax.
    pub fn confidence(&self, temperature: f64) -> f64 {
        (-self.log_sum(temperature).0).exp()
    }

    /// Negative log-likelihood of the true emotion at a temperature, in nats.
    pub fn nll(&self, temperature: f64) -> f64 {
        let (log_sum, largest) = self.log_sum(temperature);
        let truth = self
            .logits
            .get(self.truth)
            .copied()
            .map_or(f64::NEG_INFINITY, f64::from);
        log_sum + largest - truth / temperature
    }
}
