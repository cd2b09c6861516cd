//! The way forward: features to logits.

use super::Network;
use super::shard::{Part, SHARD, Shard};
use crate::nn::conv::{self, ConvShape};
use crate::nn::dense;
use crate::nn::kernels::Rows;
use crate::nn::pooling::Size;
use crate::nn::spec::PoolingSpec;

impl Network {
    /// Logits `[clips, classes]` of `features` `[clips, frames, coefficients]`, without dropout.
    ///
    /// # Panics
    /// If `features` has another length.
    pub fn forward(&self, features: &[f32], clips: usize, frames: usize) -> Vec<f32> {
        let size = frames * self.coefficients;
        assert_eq!(features.len(), clips * size, "features of {clips} clips");
        let mut shards: Vec<Shard> = Vec::new();
        shards.resize_with(clips.div_ceil(SHARD), Shard::default);
        self.each_shard(&mut shards, clips, |number, clips, shard| {
            let first = number * SHARD;
            self.run(
                shard,
                Part {
                    features: &features[first * size..(first + clips) * size],
                    clips,
                    frames,
                    first,
                    dropout_seed: None,
                },
            );
        });
        shards
            .into_iter()
            .flat_map(|mut shard| shard.activations.pop().unwrap_or_default())
            .collect()
    }

    /// Forward; the logits are the last of `activations`.
    pub(super) fn run(&self, shard: &mut Shard, part: Part<'_>) {
        let shapes = ConvShape::chain(&self.spec.conv, part.frames, self.coefficients);
        self.run_convolutions(shard, part, &shapes);
        let size = self.pooled_size(part);
        if let Some(lstm) = &self.spec.lstm {
            shard
                .states
                .resize(size.steps * size.clips * size.width, 0.0);
            for direction in 0..2 {
                shard.lstm[direction].forward(
                    self.sequence_of(part, direction),
                    self.lstm_weights(direction),
                    &shard.sequence,
                    &mut shard.states,
                    (size.width, direction * lstm.hidden),
                );
            }
        } else {
            shard.states.clone_from(&shard.sequence);
        }
        self.pool(shard, size);
        if let Some(dropout) = self.dense_dropout(part) {
            let width = shard.pooled.len() / part.clips.max(1);
            for (place, value) in shard.pooled.iter_mut().enumerate() {
                *value *= dropout.factor((part.first * width + place) as u32);
            }
        }
        let layers = self.spec.dense.len() + 1;
        let at = self.layout().dense;
        shard.activations.resize(layers, Vec::new());
        for layer in 0..layers {
            let (before, rest) = shard.activations.split_at_mut(layer);
            let input = before.last().unwrap_or(&shard.pooled);
            dense::forward(
                input,
                self.data(at + 2 * layer),
                self.data(at + 2 * layer + 1),
                part.clips,
                layer + 1 < layers,
                &mut rest[0],
            );
        }
    }

    /// Fills `sequence`, `[steps, clips, width]`, from the features.
    fn run_convolutions(&self, shard: &mut Shard, part: Part<'_>, shapes: &[ConvShape]) {
        let clips = part.clips;
        let size = part.frames * self.coefficients;
        let width = self.spec.width(self.coefficients);
        let steps = self.spec.steps(part.frames);
        shard.sequence.resize(steps * clips * width, 0.0);
        shard.maps.resize(shapes.len(), Vec::new());
        shard.winners.resize(shapes.len(), Vec::new());
        for (index, shape) in shapes.iter().enumerate() {
            let map = &mut shard.maps[index];
            // The border must be zero; the inside is written anew each time.
            let length = shape.padded(shape.channels_in) * clips;
            if map.len() != length {
                map.clear();
                map.resize(length, 0.0);
            }
            shard.winners[index].resize(shape.pooled() * clips, 0);
        }
        for clip in 0..clips {
            let features = &part.features[clip * size..(clip + 1) * size];
            let Some(first) = shapes.first() else {
                for (step, frame) in features.chunks_exact(self.coefficients).enumerate() {
                    shard.sequence[(step * clips + clip) * width..][..width].copy_from_slice(frame);
                }
                continue;
            };
            let padded = first.padded(1);
            let map = &mut shard.maps[0][clip * padded..(clip + 1) * padded];
            for (frame, row) in features.chunks_exact(self.coefficients).enumerate() {
                let rows = first.input_rows();
                let at = rows.base + frame * rows.stride;
                map[at..at + row.len()].copy_from_slice(row);
            }
            for (index, shape) in shapes.iter().enumerate() {
                let (maps, later) = shard.maps.split_at_mut(index + 1);
                let padded = shape.padded(shape.channels_in);
                let input = &maps[index][clip * padded..(clip + 1) * padded];
                let pooled = shape.pooled();
                let dropout = self
                    .conv_dropout(index, part)
                    .map(|dropout| (dropout, ((part.first + clip) * pooled) as u32));
                let weight = self.data(2 * index);
                let bias = self.data(2 * index + 1);
                let winners = &mut shard.winners[index][clip * pooled..(clip + 1) * pooled];
                let (scratch, sequence) = (&mut shard.conv, &mut shard.sequence);
                match (shapes.get(index + 1), later.first_mut()) {
                    (Some(next), Some(map)) => {
                        let padded = next.padded(next.channels_in);
                        let out = &mut map[clip * padded..(clip + 1) * padded];
                        let rows = next.input_rows();
                        conv::forward(
                            shape, input, weight, bias, dropout, scratch, out, rows, winners,
                        );
                    }
                    _ => {
                        let rows = Rows {
                            base: clip * width,
                            stride: clips * width,
                        };
                        conv::forward(
                            shape, input, weight, bias, dropout, scratch, sequence, rows, winners,
                        );
                    }
                }
            }
        }
    }

    /// Fills `pooled` from `states`.
    fn pool(&self, shard: &mut Shard, size: Size) {
        let Size {
            steps,
            clips,
            width,
        } = size;
        match self.spec.pooling {
            PoolingSpec::AttentiveStatistics { .. } => shard.attention.forward(
                size,
                self.attention_weights(),
                &shard.states,
                &mut shard.pooled,
            ),
            PoolingSpec::Mean => {
                shard.pooled.clear();
                shard.pooled.resize(clips * width, 0.0);
                for row in shard.states.chunks_exact(clips * width) {
                    for (sum, value) in shard.pooled.iter_mut().zip(row) {
                        *sum += value / steps as f32;
                    }
                }
            }
            PoolingSpec::Last => {
                let hidden = width / 2;
                shard.pooled.resize(clips * width, 0.0);
                for clip in 0..clips {
                    let last = ((steps.max(1) - 1) * clips + clip) * width;
                    let first = clip * width;
                    let to = &mut shard.pooled[clip * width..(clip + 1) * width];
                    to[..hidden].copy_from_slice(&shard.states[last..last + hidden]);
                    to[hidden..].copy_from_slice(&shard.states[first + hidden..first + width]);
                }
            }
        }
    }
}
