//! `Priors`: how likely the user takes each emotion to be before a word is heard.

use super::{EmotionSet, ModelMetadata};

/// Share of each emotion that the user expects, in the order of a model's outputs; sums to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Priors(Vec<f64>);

/// Why priors cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PriorsError {
    /// A part is not `name=number`.
    #[error(
        "priors: {part:?} is not understood; expected `name=factor`, such as `happy=2,sad=0.5`, or `even`"
    )]
    Part {
        /// The part.
        part: String,
    },
    /// The model has no such emotion.
    #[error("priors: this model has no emotion {name:?}; it has {known}")]
    Name {
        /// The name given.
        name: String,
        /// The names the model has.
        known: String,
    },
    /// A name stands twice.
    #[error("priors: {name:?} is given twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// A factor is no factor.
    #[error("priors: the factor of {name:?} is {value}; expected a number of 0 or more")]
    Factor {
        /// The emotion.
        name: String,
        /// What was given.
        value: String,
    },
    /// Nothing is left.
    #[error("priors: every emotion is given 0; expected at least one above")]
    AllZero,
    /// As many shares as the model has emotions were expected.
    #[error("priors: {given} shares were given; this model has {expected} emotions: {known}")]
    Count {
        /// Shares given.
        given: usize,
        /// Emotions of the model.
        expected: usize,
        /// The names the model has.
        known: String,
    },
}

impl Priors {
    /// Reads priors from text such as `happy=2,sad=0.5`: how many times as likely as in the model's training each named emotion
    /// is; an unnamed one keeps its share. All shares are then brought to the sum of 1. A leading `even` starts from equal
    /// shares instead of the training's: `even`, `even,happy=2`. A factor of 0 rules an emotion out.
    ///
    /// # Errors
    /// [`PriorsError`] names the wrong part and, for an unknown name, the names the model has.
    pub fn parse(text: &str, metadata: &ModelMetadata) -> Result<Self, PriorsError> {
        let emotions = &metadata.emotions;
        let mut shares = metadata
            .calibration
            .priors
            .iter()
            .map(|&share| f64::from(share))
            .collect::<Vec<_>>();
        let mut given = vec![false; shares.len()];
        for (position, part) in text.split(',').map(str::trim).enumerate() {
            if position == 0 && part == "even" {
                shares.fill(1.0);
                continue;
            }
            let unclear = || PriorsError::Part {
                part: part.to_owned(),
            };
            let (name, value) = part.split_once('=').ok_or_else(unclear)?;
            let (name, value) = (name.trim().to_lowercase(), value.trim());
            let index = emotions.meant_by(&name).ok_or_else(|| PriorsError::Name {
                name: name.clone(),
                known: known(emotions),
            })?;
            let factor = value
                .parse::<f64>()
                .ok()
                .filter(|factor| factor.is_finite() && *factor >= 0.0)
                .ok_or_else(|| PriorsError::Factor {
                    name: name.clone(),
                    value: value.to_owned(),
                })?;
            let (Some(share), Some(seen)) = (shares.get_mut(index), given.get_mut(index)) else {
                return Err(unclear());
            };
            if std::mem::replace(seen, true) {
                return Err(PriorsError::Twice { name });
            }
            *share *= factor;
        }
        Self::normalised(shares)
    }

    /// Priors from a share for each emotion, in the order of the model's outputs; they are brought to the sum of 1.
    ///
    /// # Errors
    /// [`PriorsError`] if there are not as many as emotions, one is negative or not a number, or all are 0.
    pub fn from_shares(shares: &[f32], emotions: &EmotionSet) -> Result<Self, PriorsError> {
        if shares.len() != emotions.len() {
            return Err(PriorsError::Count {
                given: shares.len(),
                expected: emotions.len(),
                known: known(emotions),
            });
        }
        for (share, name) in shares.iter().zip(emotions.names()) {
            if !(share.is_finite() && *share >= 0.0) {
                return Err(PriorsError::Factor {
                    name: name.to_owned(),
                    value: share.to_string(),
                });
            }
        }
        Self::normalised(shares.iter().map(|&share| f64::from(share)).collect())
    }

    fn normalised(mut shares: Vec<f64>) -> Result<Self, PriorsError> {
        let largest = shares.iter().copied().fold(0.0, f64::max);
        if largest <= 0.0 {
            return Err(PriorsError::AllZero);
        }
        // By the largest first, so that the sum of huge factors stays finite.
        shares.iter_mut().for_each(|share| *share /= largest);
        let sum: f64 = shares.iter().sum();
        shares.iter_mut().for_each(|share| *share /= sum);
        Ok(Self(shares))
    }

    /// The shares, in the order of the model's outputs; they sum to 1.
    pub fn shares(&self) -> &[f64] {
        &self.0
    }
}

fn known(emotions: &EmotionSet) -> String {
    emotions.names().collect::<Vec<_>>().join(", ")
}
