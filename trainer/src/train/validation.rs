//! A network on clips it does not learn from.

use undersong_core::features::FeatureError;

use super::TrainError;
use super::data::RunData;
use super::voices::{Voices, take_off};
use super::windows::WindowMaker;
use crate::cache::ClipStore;
use crate::nn::Network;

/// Clips run at once when nothing is learned.
const PREDICT_BATCH: usize = 32;

/// Logits of clips, `[clips, classes]`, each seen once, without augmentation; with `voices`, normalised by each speaker's profile.
pub fn predict(
    network: &Network,
    maker: &mut WindowMaker,
    store: &ClipStore,
    clips: &[usize],
    voices: Option<&Voices>,
) -> Result<Vec<f32>, FeatureError> {
    let frames = maker.frames();
    let mut logits = Vec::new();
    let mut features = Vec::new();
    for clips in clips.chunks(PREDICT_BATCH) {
        features.clear();
        for &clip in clips {
            let before = features.len();
            maker.plain(&store.samples(clip), &mut features)?;
            if let Some(shift) = voices.and_then(|voices| voices.shift(clip)) {
                take_off(&mut features[before..], &shift);
            }
        }
        logits.extend(network.forward(&features, clips.len(), frames));
    }
    Ok(logits)
}

/// What the validation clips say of a network.
pub(super) struct Validation {
    /// Mean cross-entropy in nats, without class weights.
    pub(super) loss: f64,
    pub(super) accuracy: f64,
    /// Mean recall over the classes that have clips.
    pub(super) uar: f64,
}

/// Measures a network on the run's validation clips; `None` if there are none.
pub(super) fn validate(
    network: &Network,
    maker: &mut WindowMaker,
    data: &RunData<'_>,
) -> Result<Option<Validation>, TrainError> {
    let clips: Vec<usize> = data
        .validation
        .iter()
        .copied()
        .filter(|&clip| data.classes[clip].is_some())
        .collect();
    if clips.is_empty() {
        return Ok(None);
    }
    let classes = data.labels.len();
    let logits = predict(network, maker, data.store, &clips, None)?;
    let mut right = vec![0usize; classes];
    let mut count = vec![0usize; classes];
    let mut loss = 0.0;
    for (row, &clip) in logits.chunks(classes).zip(&clips) {
        let Some(truth) = data.classes[clip] else {
            continue;
        };
        let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = row.iter().map(|&z| f64::from(z - highest).exp()).sum();
        loss += sum.ln() - f64::from(row[truth] - highest);
        count[truth] += 1;
        right[truth] += usize::from(row.iter().position(|&z| z == highest) == Some(truth));
    }
    let recalls: Vec<f64> = right
        .iter()
        .zip(&count)
        .filter(|(_, count)| **count > 0)
        .map(|(&right, &count)| right as f64 / count as f64)
        .collect();
    Ok(Some(Validation {
        loss: loss / clips.len() as f64,
        accuracy: right.iter().sum::<usize>() as f64 / clips.len() as f64,
        uar: recalls.iter().sum::<f64>() / recalls.len() as f64,
    }))
}
