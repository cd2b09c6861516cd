//! Which clips train, which validate, which test.
//!
//! [`random_stratified`] is the paper's protocol: every class in equal shares, speakers in every part. [`speakers`] is
//! the honest one: no actor in two parts, on [`SpeakerFolds`]. [`cross()`] learns from one corpus and tests on the other. Augmentation happens after the split and on
//! [`Split::train`] only, so no copy of a test clip is ever learned from.

mod cross;
mod error;
mod folds;
mod random;
mod speakers;

pub use cross::cross;
pub use error::SplitError;
pub use folds::SpeakerFolds;
pub use random::random_stratified;
pub use speakers::speakers;

use std::collections::HashMap;

use self::speakers::draw_validation;
use crate::corpus::{Clip, Digest};

/// Three parts of a corpus: indices into its clips, ascending, none twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split {
    /// What the network learns from, and the only part that is ever augmented.
    pub train: Vec<usize>,
    /// What decides when to stop and what to keep; may be empty.
    pub validation: Vec<usize>,
    /// What is measured at the end; may be empty.
    pub test: Vec<usize>,
}

impl Split {
    /// Nobody is tested: for the model that is shipped, after its recipe was measured on a split with a test part. Validates on
    /// `validation_share` of the actors (0: none, everything trains).
    ///
    /// # Errors
    /// [`SplitError`] when the share is not in 0 to 1, nothing is left to train on, or identical files of two actors would be separated.
    pub fn all(clips: &[Clip], validation_share: f64, seed: u64) -> Result<Self, SplitError> {
        let validation = draw_validation(clips.iter(), validation_share, seed)?;
        let (validation, train) =
            (0..clips.len()).partition(|&index| validation.contains(clips[index].speaker.as_str()));
        let split = Self {
            train,
            validation,
            test: Vec::new(),
        };
        split.checked(clips)
    }

    /// Train, validation and test with their names.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, &[usize]); 3] {
        [
            ("train", &self.train),
            ("validation", &self.validation),
            ("test", &self.test),
        ]
    }

    /// Sorts the parts and makes sure that no file's bytes are in two of them.
    fn checked(mut self, clips: &[Clip]) -> Result<Self, SplitError> {
        for part in [&mut self.train, &mut self.validation, &mut self.test] {
            part.sort_unstable();
        }
        if self.train.is_empty() {
            return Err(SplitError::NothingToTrainOn { clips: clips.len() });
        }
        let mut seen: HashMap<Digest, (&str, &str)> = HashMap::new();
        for (name, part) in self.parts() {
            for clip in part.iter().filter_map(|&index| clips.get(index)) {
                if let Some((first, first_part)) = seen.insert(clip.file_hash, (&clip.name, name))
                    && first_part != name
                {
                    return Err(SplitError::DuplicateAcrossParts {
                        first: first.to_owned(),
                        second: clip.name.clone(),
                    });
                }
            }
        }
        Ok(self)
    }
}
