//! The paper's split: random, stratified by corpus and emotion, speakers shared between the parts.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{Split, SplitError};
use crate::corpus::Clip;

/// Splits the clips at random into shares `[train, validation, test]`, each emotion of each corpus by itself: no part's
/// count of one differs from its exact share by more than 1. The same seed and clips give the same split.
///
/// # Errors
/// [`SplitError`] when the shares are no shares, nothing is left to train on, or identical files would be separated.
pub fn random_stratified(clips: &[Clip], seed: u64, shares: [f64; 3]) -> Result<Split, SplitError> {
    let [train_share, validation_share, test_share] = shares;
    let valid = shares.iter().all(|share| *share >= 0.0)
        && train_share > 0.0
        && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-6;
    if !valid {
        return Err(SplitError::Shares { shares });
    }
    let mut strata: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, clip) in clips.iter().enumerate() {
        strata
            .entry((clip.corpus, clip.emotion.as_str()))
            .or_default()
            .push(index);
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut split = Split::default();
    for (_, mut members) in strata {
        members.shuffle(&mut rng);
        let count = members.len() as f64;
        let test = ((count * test_share).round() as usize).min(members.len());
        let validation = ((count * validation_share).round() as usize).min(members.len() - test);
        split.test.extend(members.drain(..test));
        split.validation.extend(members.drain(..validation));
        split.train.extend(members);
    }
    split.checked(clips)
}
