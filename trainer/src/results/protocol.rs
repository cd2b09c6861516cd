//! `Protocol`: how the clips were dealt, as structure for results and in words for model files.

use serde::{Deserialize, Serialize};

/// What stands for a table of folds where folds were drawn.
pub(crate) const DRAWN: &str = "5 drawn by the seed";

/// How clips were dealt to training and test.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Protocol {
    /// 80/10/10 at random, stratified; speakers are shared.
    Paper,
    /// Folds of actors: nobody is heard in two parts.
    Speakers {
        /// Name of the table of folds, or that they were drawn.
        folds: String,
        /// The fold that tests.
        fold: usize,
    },
    /// Learned from one corpus, tested on the other, on the emotions that both have.
    Cross {
        /// The corpus it learned from, as printed: `RAVDESS`.
        learned_from: String,
        /// The corpus it was tested on, as printed.
        tested_on: String,
    },
    /// Everything trained: nothing was held back.
    All,
}

impl Protocol {
    /// In words, as it stands in model files; [`parse`](Self::parse) reads it back.
    pub fn describe(&self) -> String {
        match self {
            Self::Paper => "paper".to_owned(),
            Self::Speakers { folds, fold } => format!("speakers, fold {fold} of {folds}"),
            Self::Cross {
                learned_from,
                tested_on,
            } => format!("cross, learned from {learned_from}, tested on {tested_on}"),
            Self::All => "all".to_owned(),
        }
    }

    /// From the words of a model file; `None` for words that [`describe`](Self::describe) does not write.
    pub fn parse(words: &str) -> Option<Self> {
        match words {
            "paper" => return Some(Self::Paper),
            "all" => return Some(Self::All),
            _ => {}
        }
        if let Some(rest) = words.strip_prefix("speakers, fold ") {
            let (fold, folds) = rest.split_once(" of ")?;
            return Some(Self::Speakers {
                folds: folds.to_owned(),
                fold: fold.parse().ok()?,
            });
        }
        let (learned_from, tested_on) = words
            .strip_prefix("cross, learned from ")?
            .split_once(", tested on ")?;
        Some(Self::Cross {
            learned_from: learned_from.to_owned(),
            tested_on: tested_on.to_owned(),
        })
    }

    /// The arguments of `train` and `evaluate` that ask for it.
    pub fn arguments(&self) -> String {
        match self {
            Self::Paper => "--protocol paper".to_owned(),
            Self::Speakers { folds, fold } if folds == DRAWN => {
                format!("--protocol speakers --fold {fold}")
            }
            Self::Speakers { folds, fold } => {
                format!("--protocol speakers --folds {folds} --fold {fold}")
            }
            Self::Cross { learned_from, .. } => format!(
                "--protocol cross --learn-from {}",
                crate::corpus::CorpusKind::ALL
                    .iter()
                    .find(|kind| kind.title() == learned_from)
                    .map_or(learned_from.as_str(), |kind| kind.key())
            ),
            Self::All => "--protocol all".to_owned(),
        }
    }

    /// The part of a file's name that tells protocols and folds apart.
    pub(super) fn slug(&self) -> String {
        match self {
            Self::Paper => "paper".to_owned(),
            Self::Speakers { folds, fold } if folds == DRAWN => {
                format!("speakers-drawn-fold{fold}")
            }
            Self::Speakers { fold, .. } => format!("speakers-fold{fold}"),
            Self::Cross { learned_from, .. } => {
                format!(
                    "cross-from-{}",
                    learned_from.to_lowercase().replace('-', "")
                )
            }
            Self::All => "all".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_other_words_are_not() {
        let cross = Protocol::Cross {
            learned_from: "RAVDESS".to_owned(),
            tested_on: "CREMA-D".to_owned(),
        };
        for protocol in [
            Protocol::Paper,
            Protocol::All,
            Protocol::Speakers {
                folds: "folds.csv".to_owned(),
                fold: 3,
            },
            Protocol::Speakers {
                folds: DRAWN.to_owned(),
                fold: 0,
            },
            cross,
        ] {
            assert_eq!(Protocol::parse(&protocol.describe()), Some(protocol));
        }
        for words in ["", "speakers", "speakers, fold x of folds.csv", "cross"] {
            assert_eq!(Protocol::parse(words), None, "{words}");
        }
    }
}
