//! The order in which a network sees its clips, and the thread that makes batches beside the training step.
//!
//! Every random choice of a clip's window is drawn from the seed, the epoch and the clip's place in the epoch alone, so a run that
//! was broken off goes on exactly as if it had not been.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rand::seq::SliceRandom;

use super::windows::WindowMaker;
use undersong_core::features::FeatureError;

use crate::augment::{mixup, stream};
use crate::cache::ClipStore;
use crate::recipe::Recipe;

/// One step's clips.
#[derive(Debug, Default)]
pub struct Batch {
    /// `[clips, frames, coefficients]`.
    pub features: Vec<f32>,
    /// `[clips, classes]`, each row sums to 1.
    pub targets: Vec<f32>,
    /// Weight of each clip, `[clips]`.
    pub weights: Vec<f32>,
}

/// A clip to learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Index into the clip store.
    pub clip: usize,
    /// What the network is to answer, `[classes]`, before smoothing; sums to 1.
    pub target: Vec<f32>,
    /// Weight in the loss.
    pub weight: f32,
    /// How often it is seen in an epoch.
    pub repeat: u32,
}

/// The source of an epoch's batches.
#[derive(Debug)]
pub struct BatchPlan {
    /// The clips.
    pub examples: Vec<Example>,
    /// Number of classes.
    pub classes: usize,
    /// Seed of the run.
    pub seed: u64,
}

impl BatchPlan {
    /// Steps an epoch takes.
    pub fn steps(&self, batch: usize) -> u64 {
        let clips: u64 = self.examples.iter().map(|e| u64::from(e.repeat)).sum();
        clips.div_ceil(batch.max(1) as u64)
    }

    /// The clips of an epoch in the order they are seen.
    fn order(&self, epoch: u32) -> Vec<usize> {
        let mut order: Vec<usize> = self
            .examples
            .iter()
            .enumerate()
            .flat_map(|(index, example)| std::iter::repeat_n(index, example.repeat as usize))
            .collect();
        order.shuffle(&mut stream(self.seed, epoch, u64::MAX));
        order
    }

    /// Makes the batches of an epoch on a thread of `scope`, a few ahead of their use.
    pub fn start<'scope, 'env>(
        &'env self,
        scope: &'scope std::thread::Scope<'scope, 'env>,
        epoch: u32,
        recipe: &'env Recipe,
        store: &'env ClipStore,
        mut maker: WindowMaker,
        fixed: Option<Arc<Vec<f32>>>,
    ) -> Receiver<Result<Batch, FeatureError>> {
        let (sender, receiver): (SyncSender<_>, _) = sync_channel(6);
        scope.spawn(move || {
            for (number, indices) in self.order(epoch).chunks(recipe.training.batch).enumerate() {
                let batch = self.batch(
                    number,
                    indices,
                    epoch,
                    recipe,
                    store,
                    &mut maker,
                    fixed.as_deref(),
                );
                // The other side has stopped: so does this one.
                if sender.send(batch).is_err() {
                    return;
                }
            }
        });
        receiver
    }

    #[allow(clippy::too_many_arguments)]
    fn batch(
        &self,
        number: usize,
        indices: &[usize],
        epoch: u32,
        recipe: &Recipe,
        store: &ClipStore,
        maker: &mut WindowMaker,
        fixed: Option<&Vec<f32>>,
    ) -> Result<Batch, FeatureError> {
        let size = recipe.features.frames() * recipe.features.coefficients();
        let smoothing = recipe.training.label_smoothing;
        let mut batch = Batch::default();
        batch.features.reserve(indices.len() * size);
        for (place, &index) in indices.iter().enumerate() {
            let example = &self.examples[index];
            match fixed {
                Some(all) => batch
                    .features
                    .extend_from_slice(&all[index * size..(index + 1) * size]),
                None => {
                    let place = (number * recipe.training.batch + place) as u64;
                    let mut rng = stream(self.seed, epoch, place);
                    maker.augmented(
                        example.clip,
                        &store.samples(example.clip),
                        &mut rng,
                        &mut batch.features,
                    )?;
                }
            }
            let spread = smoothing / self.classes as f32;
            let target = example.target.iter();
            batch
                .targets
                .extend(target.map(|share| spread + (1.0 - smoothing) * share));
            batch.weights.push(example.weight);
        }
        let mut rng = stream(self.seed, epoch, (1 << 40) + number as u64);
        if let Some(settings) = &recipe.mixup {
            mixup(
                settings,
                &mut batch.features,
                &mut batch.targets,
                indices.len(),
                &mut rng,
            );
        }
        Ok(batch)
    }
}
