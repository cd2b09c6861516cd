//! Folds of actors: each actor is tested exactly once, by a model that has never heard them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::SplitError;
use crate::corpus::{Clip, CorpusKind, Sex};

/// Which fold each speaker belongs to. Speakers are named as in [`Clip::speaker`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpeakerFolds {
    fold_of: BTreeMap<String, usize>,
    count: usize,
}

impl SpeakerFolds {
    /// Reads a CSV table with the columns `corpus` (`ravdess`, `cremad`), `speaker` (`01`, `1001`) and `fold` (0, 1, …).
    ///
    /// # Errors
    /// [`SplitError`] names the file and the line that is unreadable, unknown or contradicts another.
    pub fn from_csv(path: &Path) -> Result<Self, SplitError> {
        let malformed = |problem: String| SplitError::FoldsMalformed {
            path: path.to_owned(),
            problem,
        };
        let bytes = std::fs::read(path).map_err(|source| SplitError::FoldsUnreadable {
            path: path.to_owned(),
            source,
        })?;
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let headers = reader
            .headers()
            .map_err(|error| malformed(error.to_string()))?
            .clone();
        let column = |name: &str| {
            headers
                .iter()
                .position(|header| header.trim() == name)
                .ok_or_else(|| malformed(format!("no column '{name}'")))
        };
        let (corpus, speaker, fold) = (column("corpus")?, column("speaker")?, column("fold")?);
        let mut fold_of = BTreeMap::new();
        for row in reader.records() {
            let row = row.map_err(|error| malformed(error.to_string()))?;
            let line = row.position().map_or(0, csv::Position::line);
            let field = |column: usize| row.get(column).unwrap_or_default().trim();
            let key = field(corpus);
            if CorpusKind::ALL.iter().all(|kind| kind.key() != key) {
                return Err(malformed(format!("line {line}: unknown corpus '{key}'")));
            }
            let number: usize = field(fold).parse().map_err(|_| {
                malformed(format!(
                    "line {line}: fold '{}' is not a number",
                    field(fold)
                ))
            })?;
            if number >= 1000 {
                return Err(malformed(format!(
                    "line {line}: fold {number} is above 999"
                )));
            }
            let name = format!("{key}-{}", field(speaker));
            if let Some(other) = fold_of.insert(name.clone(), number)
                && other != number
            {
                return Err(malformed(format!(
                    "line {line}: {name} is in fold {other} and in fold {number}"
                )));
            }
        }
        let count = fold_of.values().max().map_or(0, |last| last + 1);
        if count < 2 {
            return Err(malformed(format!("{count} folds; at least 2 are needed")));
        }
        Ok(Self { fold_of, count })
    }

    /// Deals the clips' speakers into `count` folds at random, each sex of each corpus spread evenly.
    ///
    /// # Errors
    /// [`SplitError::TooFewSpeakers`] unless there are at least two folds and a speaker for each.
    pub fn draw(clips: &[Clip], count: usize, seed: u64) -> Result<Self, SplitError> {
        let speakers: BTreeSet<(CorpusKind, Option<Sex>, &str)> = clips
            .iter()
            .map(|clip| (clip.corpus, clip.sex, clip.speaker.as_str()))
            .collect();
        if count < 2 || speakers.len() < count {
            return Err(SplitError::TooFewSpeakers {
                folds: count,
                speakers: speakers.len(),
            });
        }
        let mut groups: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for (corpus, sex, speaker) in speakers {
            groups.entry((corpus, sex)).or_default().push(speaker);
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut fold_of = BTreeMap::new();
        // Dealing goes on where the last group ended: groups that do not divide evenly fill different folds.
        let mut next = 0;
        for (_, mut group) in groups {
            group.shuffle(&mut rng);
            for speaker in group {
                fold_of.insert(speaker.to_owned(), next % count);
                next += 1;
            }
        }
        Ok(Self { fold_of, count })
    }

    /// How many folds there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The fold of a speaker.
    #[must_use]
    pub fn fold_of(&self, speaker: &str) -> Option<usize> {
        self.fold_of.get(speaker).copied()
    }
}
