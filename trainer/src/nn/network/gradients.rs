//! A batch's loss and its gradients.

use super::Network;
use super::shard::{Part, SHARD, Shard};
use crate::nn::conv::{self, ConvShape};
use crate::nn::math::exp;
use crate::nn::matmul;

/// Gradients of all parameters, and the memory in which they are computed.
#[derive(Debug)]
pub struct Gradients {
    /// One array per parameter, in their order.
    pub values: Vec<Vec<f32>>,
    shards: Vec<Shard>,
    flipped: Vec<Vec<f32>>,
}

impl Network {
    /// The gradients of a batch's mean loss, and the loss: cross-entropy against `targets`, `[clips, classes]`, each clip's times its
    /// weight.
    ///
    /// # Panics
    /// If the arrays' lengths do not fit each other.
    #[allow(clippy::too_many_arguments)]
    pub fn gradients(
        &self,
        gradients: &mut Gradients,
        features: &[f32],
        clips: usize,
        frames: usize,
        targets: &[f32],
        weights: Option<&[f32]>,
        dropout_seed: u64,
    ) -> f32 {
        let size = frames * self.coefficients;
        assert_eq!(features.len(), clips * size, "features of {clips} clips");
        assert_eq!(targets.len(), clips * self.classes, "targets");
        let shapes = ConvShape::chain(&self.spec.conv, frames, self.coefficients);
        gradients.flipped.resize(shapes.len(), Vec::new());
        for (index, shape) in shapes.iter().enumerate().skip(1) {
            let weight = &self.parameters[2 * index].data;
            conv::flip(shape, weight, &mut gradients.flipped[index]);
        }
        let Gradients {
            values,
            shards,
            flipped,
        } = gradients;
        let count = clips.div_ceil(SHARD);
        if shards.len() < count {
            shards.resize_with(count, Shard::default);
        }
        self.each_shard(&mut shards[..count], clips, |number, shard_clips, shard| {
            let first = number * SHARD;
            let part = Part {
                features: &features[first * size..(first + shard_clips) * size],
                clips: shard_clips,
                frames,
                first,
                dropout_seed: Some(dropout_seed),
            };
            matmul::at(self.precision, || {
                self.run(shard, part);
                self.loss(shard, part, clips, targets, weights);
                self.back(shard, part, &shapes, flipped);
            });
        });
        let mut loss = 0.0;
        for value in values.iter_mut() {
            value.fill(0.0);
        }
        for shard in &shards[..count] {
            loss += shard.loss;
            for (sum, values) in values.iter_mut().zip(&shard.gradients) {
                for (sum, value) in sum.iter_mut().zip(values) {
                    *sum += value;
                }
            }
        }
        (loss / clips as f64) as f32
    }

    /// Cross-entropy, and its gradient in `shard.gradient`.
    fn loss(
        &self,
        shard: &mut Shard,
        part: Part<'_>,
        batch: usize,
        targets: &[f32],
        weights: Option<&[f32]>,
    ) {
        let classes = self.classes;
        let logits = shard.activations.last().map_or(&[][..], Vec::as_slice);
        shard.gradient.clear();
        shard.loss = 0.0;
        for (clip, row) in logits.chunks_exact(classes).enumerate() {
            let at = part.first + clip;
            let target = &targets[at * classes..(at + 1) * classes];
            let weight = weights.map_or(1.0, |weights| weights[at]);
            let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = row.iter().map(|&z| exp(z - highest)).sum();
            let log_sum = f64::from(sum).ln();
            for (&z, &t) in row.iter().zip(target) {
                let log_p = f64::from(z - highest) - log_sum;
                shard.loss -= f64::from(weight * t) * log_p;
                let p = exp(z - highest) / sum;
                shard.gradient.push(weight * (p - t) / batch as f32);
            }
        }
    }
}

impl Gradients {
    /// Room for the gradients of a network.
    pub fn new(network: &Network) -> Self {
        Self {
            values: network
                .parameters
                .iter()
                .map(|parameter| vec![0.0; parameter.data.len()])
                .collect(),
            shards: Vec::new(),
            flipped: Vec::new(),
        }
    }

    /// Scales all gradients so that their norm together is at most `most`.
    pub fn clip_norm(&mut self, most: f32) {
        let square: f64 = self
            .values
            .iter()
            .flatten()
            .map(|&value| f64::from(value) * f64::from(value))
            .sum();
        let norm = square.sqrt() as f32;
        if norm > most {
            let scale = most / norm;
            for value in self.values.iter_mut().flatten() {
                *value *= scale;
            }
        }
    }
}
