//! What the train loop records of every epoch, so that learning curves can be drawn from the record alone.

use serde::{Deserialize, Serialize};

/// One epoch of training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochRecord {
    /// Number of the epoch, from 1.
    pub epoch: u32,
    /// Mean loss over the epoch's training batches, as the recipe defines it (augmentation, smoothing and all).
    pub train_loss: f64,
    /// Mean loss on the validation part, without augmentation; `None` where no part was held back or none was measured.
    pub validation_loss: Option<f64>,
    /// Share of validation clips named right, 0–1.
    pub validation_accuracy: Option<f64>,
    /// Unweighted average recall on the validation part, 0–1.
    pub validation_uar: Option<f64>,
    /// Learning rate at the epoch's end.
    pub learning_rate: f64,
    /// How long the epoch took.
    pub seconds: f64,
}

/// A training run, epoch by epoch.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The epochs, in order.
    pub epochs: Vec<EpochRecord>,
}

impl History {
    /// The epoch with the highest validation accuracy, the first of equals; `None` if none was measured.
    pub fn best_epoch(&self) -> Option<&EpochRecord> {
        self.epochs
            .iter()
            .filter_map(|record| Some((record, record.validation_accuracy?)))
            .filter(|(_, accuracy)| accuracy.is_finite())
            .fold(
                None,
                |best: Option<(&EpochRecord, f64)>, (record, accuracy)| match best {
                    Some((_, highest)) if highest >= accuracy => best,
                    _ => Some((record, accuracy)),
                },
            )
            .map(|(record, _)| record)
    }

    /// How long all epochs took together.
    pub fn seconds(&self) -> f64 {
        self.epochs.iter().map(|record| record.seconds).sum()
    }
}
