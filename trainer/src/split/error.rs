//! Why clips cannot be split as asked.

use std::io;
use std::path::PathBuf;

use crate::corpus::CorpusKind;

/// Why a split or its folds could not be made.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The shares of train, validation and test are not three shares of a whole.
    #[error(
        "the split's shares are {shares:?}: each must be 0 or more, the first above 0, and their sum 1"
    )]
    Shares {
        /// What was asked for.
        shares: [f64; 3],
    },
    /// The share of training actors set aside for validation is out of range.
    #[error("a validation share of {share} was asked for: it must be 0 or more and below 1")]
    ValidationShare {
        /// What was asked for.
        share: f64,
    },
    /// Two files with the same bytes ended up in different parts.
    #[error(
        "{first} and {second} are the same file under two names and would lie on both sides of the split: inspect the corpus before splitting it"
    )]
    DuplicateAcrossParts {
        /// One clip.
        first: String,
        /// Its twin.
        second: String,
    },
    /// No clip is left for training.
    #[error("no clip is left to train on, of {clips}")]
    NothingToTrainOn {
        /// How many clips there are.
        clips: usize,
    },
    /// The test fold holds none of the clips' speakers.
    #[error("fold {fold} holds no speaker of these clips: nothing would be tested")]
    EmptyFold {
        /// The fold asked for.
        fold: usize,
    },
    /// Learning from one corpus and testing on the other needs both.
    #[error("--protocol cross needs both corpora, and there is no clip of {missing}: give --{} DIR", missing.key())]
    OneCorpus {
        /// The corpus without clips.
        missing: CorpusKind,
    },
    /// There is no such fold.
    #[error("there is no fold {fold}: the folds are 0 to {last}")]
    NoSuchFold {
        /// The fold asked for.
        fold: usize,
        /// The highest fold.
        last: usize,
    },
    /// Folds cannot be drawn from so few speakers.
    #[error(
        "{folds} folds of speakers were asked for, but there are {speakers} speakers: each fold needs one, and two folds are the least"
    )]
    TooFewSpeakers {
        /// Folds asked for.
        folds: usize,
        /// Speakers there are.
        speakers: usize,
    },
    /// Speakers of the clips are in no fold.
    #[error(
        "{count} speakers are in no fold, the first is {first}: add them to the folds' file, or draw folds anew"
    )]
    SpeakersWithoutFold {
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// The folds' file cannot be read.
    #[error("{path}: {source}", path = .path.display())]
    FoldsUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The folds' file is not what it should be.
    #[error("{path}: {problem}; expected a CSV table with the columns corpus (ravdess or cremad), speaker, fold (0, 1, …)", path = .path.display())]
    FoldsMalformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line where there is one.
        problem: String,
    },
}
