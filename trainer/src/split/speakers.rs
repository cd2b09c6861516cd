//! The split that counts: actors of the test part were never heard in training or validation.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{SpeakerFolds, Split, SplitError};
use crate::corpus::{Clip, CorpusKind, Sex};

/// Tests on the actors of `test_fold`, validates on `validation_share` of the others (0: none, otherwise at least one
/// actor of each corpus that has two; sexes in turn), trains on the rest. No actor is in two parts.
///
/// # Errors
/// [`SplitError`] when a speaker has no fold, the fold does not exist or is empty, the share is not in 0 to 1, nothing
/// is left to train on, or identical files of two actors would be separated.
pub fn speakers(
    clips: &[Clip],
    folds: &SpeakerFolds,
    test_fold: usize,
    validation_share: f64,
    seed: u64,
) -> Result<Split, SplitError> {
    if test_fold >= folds.count() {
        return Err(SplitError::NoSuchFold {
            fold: test_fold,
            last: folds.count().saturating_sub(1),
        });
    }
    let without: BTreeSet<&str> = clips
        .iter()
        .map(|clip| clip.speaker.as_str())
        .filter(|speaker| folds.fold_of(speaker).is_none())
        .collect();
    if let Some(first) = without.first() {
        return Err(SplitError::SpeakersWithoutFold {
            count: without.len(),
            first: (*first).to_owned(),
        });
    }
    let is_test = |clip: &Clip| folds.fold_of(&clip.speaker) == Some(test_fold);
    let validation = draw_validation(
        clips.iter().filter(|clip| !is_test(clip)),
        validation_share,
        seed,
    )?;
    let mut split = Split::default();
    for (index, clip) in clips.iter().enumerate() {
        if is_test(clip) {
            split.test.push(index);
        } else if validation.contains(clip.speaker.as_str()) {
            split.validation.push(index);
        } else {
            split.train.push(index);
        }
    }
    if split.test.is_empty() {
        return Err(SplitError::EmptyFold { fold: test_fold });
    }
    split.checked(clips)
}

/// Draws the validation actors, corpus by corpus, women and men in turn.
///
/// # Errors
/// [`SplitError::ValidationShare`] when the share is not in 0 to 1.
pub(super) fn draw_validation<'a>(
    clips: impl Iterator<Item = &'a Clip>,
    share: f64,
    seed: u64,
) -> Result<BTreeSet<&'a str>, SplitError> {
    if !(0.0..1.0).contains(&share) {
        return Err(SplitError::ValidationShare { share });
    }
    let mut actors: BTreeMap<CorpusKind, BTreeMap<Option<Sex>, BTreeSet<&str>>> = BTreeMap::new();
    for clip in clips {
        actors
            .entry(clip.corpus)
            .or_default()
            .entry(clip.sex)
            .or_default()
            .insert(&clip.speaker);
    }
    let mut drawn = BTreeSet::new();
    if share <= 0.0 {
        return Ok(drawn);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for by_sex in actors.into_values() {
        let total: usize = by_sex.values().map(BTreeSet::len).sum();
        let wanted = ((total as f64 * share).round() as usize)
            .max(1)
            .min(total.saturating_sub(1));
        let mut groups: Vec<Vec<&str>> = by_sex
            .into_values()
            .map(|group| {
                let mut group: Vec<&str> = group.into_iter().collect();
                group.shuffle(&mut rng);
                group
            })
            .collect();
        // Which sex comes first where the number is odd is drawn as well.
        groups.shuffle(&mut rng);
        let rounds = groups.iter().map(Vec::len).max().unwrap_or(0);
        let in_turn = (0..rounds).flat_map(|round| {
            groups
                .iter()
                .filter_map(move |group| group.get(round).copied())
        });
        drawn.extend(in_turn.take(wanted));
    }
    Ok(drawn)
}
