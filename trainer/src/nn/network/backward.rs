//! The way back: the gradient of the logits to the gradients of all parameters.

use super::Network;
use super::shard::{Part, Shard};
use crate::nn::conv::{self, ConvShape};
use crate::nn::dense;
use crate::nn::kernels::Rows;
use crate::nn::lstm::WeightGradients;
use crate::nn::pooling::{AttentionGradients, Size};
use crate::nn::spec::PoolingSpec;

impl Network {
    /// Gradients of all parameters in `shard.gradients`, from that of the logits.
    pub(super) fn back(
        &self,
        shard: &mut Shard,
        part: Part<'_>,
        shapes: &[ConvShape],
        flipped: &[Vec<f32>],
    ) {
        shard.gradients.resize(self.parameters.len(), Vec::new());
        for (gradient, parameter) in shard.gradients.iter_mut().zip(&self.parameters) {
            gradient.clear();
            gradient.resize(parameter.data.len(), 0.0);
        }
        let clips = part.clips;
        let at = self.layout().dense;
        for layer in (0..=self.spec.dense.len()).rev() {
            let input = match layer.checked_sub(1) {
                Some(before) => &shard.activations[before],
                None => &shard.pooled,
            };
            if let [weight_gradient, bias_gradient] =
                &mut shard.gradients[at + 2 * layer..at + 2 * layer + 2]
            {
                dense::backward(
                    input,
                    self.data(at + 2 * layer),
                    &shard.gradient,
                    clips,
                    weight_gradient,
                    bias_gradient,
                    &mut shard.next_gradient,
                );
            }
            if layer > 0 {
                for (gradient, &value) in shard.next_gradient.iter_mut().zip(input) {
                    *gradient = if value > 0.0 { *gradient } else { 0.0 };
                }
            }
            std::mem::swap(&mut shard.gradient, &mut shard.next_gradient);
        }
        if let Some(dropout) = self.dense_dropout(part) {
            let width = shard.gradient.len() / clips.max(1);
            for (place, value) in shard.gradient.iter_mut().enumerate() {
                *value *= dropout.factor((part.first * width + place) as u32);
            }
        }
        self.back_pool(shard, part);
        let width = self.spec.width(self.coefficients);
        if let Some(lstm) = &self.spec.lstm {
            let steps = self.spec.steps(part.frames);
            let outer = shapes.is_empty();
            shard.next_gradient.clear();
            shard.next_gradient.resize(steps * clips * width, 0.0);
            for direction in 0..2 {
                let at = self.layout().lstm + 3 * direction;
                if let [input, recurrent, bias] = &mut shard.gradients[at..at + 3] {
                    shard.lstm[direction].backward(
                        self.sequence_of(part, direction),
                        self.lstm_weights(direction),
                        &shard.sequence,
                        &shard.state_gradient,
                        (2 * lstm.hidden, direction * lstm.hidden),
                        &mut WeightGradients {
                            input,
                            recurrent,
                            bias,
                        },
                        (!outer).then_some(&mut shard.next_gradient),
                    );
                }
            }
            std::mem::swap(&mut shard.state_gradient, &mut shard.next_gradient);
        }
        self.back_convolutions(shard, part, shapes, flipped);
    }

    /// `state_gradient`, `[steps, clips, width]`, from that of the pooled vector.
    fn back_pool(&self, shard: &mut Shard, part: Part<'_>) {
        let size = self.pooled_size(part);
        let Size {
            steps,
            clips,
            width,
        } = size;
        match self.spec.pooling {
            PoolingSpec::AttentiveStatistics { .. } => {
                let at = self.layout().attention;
                // The pooled vector went through dropout; the way back needs it as it was.
                shard
                    .attention
                    .statistics(size, &shard.states, &mut shard.pooled);
                if let [hidden, bias, score] = &mut shard.gradients[at..at + 3] {
                    shard.attention.backward(
                        size,
                        self.attention_weights(),
                        &shard.states,
                        &shard.pooled,
                        &shard.gradient,
                        &mut AttentionGradients {
                            hidden,
                            bias,
                            score,
                        },
                        &mut shard.state_gradient,
                    );
                }
            }
            PoolingSpec::Mean => {
                shard.state_gradient.clear();
                for _ in 0..steps {
                    let scaled = shard.gradient.iter().map(|value| value / steps as f32);
                    shard.state_gradient.extend(scaled);
                }
            }
            PoolingSpec::Last => {
                let hidden = width / 2;
                shard.state_gradient.clear();
                shard.state_gradient.resize(steps * clips * width, 0.0);
                for clip in 0..clips {
                    let last = ((steps.max(1) - 1) * clips + clip) * width;
                    let first = clip * width;
                    let from = &shard.gradient[clip * width..(clip + 1) * width];
                    shard.state_gradient[last..last + hidden].copy_from_slice(&from[..hidden]);
                    shard.state_gradient[first + hidden..first + width]
                        .copy_from_slice(&from[hidden..]);
                }
            }
        }
    }

    fn back_convolutions(
        &self,
        shard: &mut Shard,
        part: Part<'_>,
        shapes: &[ConvShape],
        flipped: &[Vec<f32>],
    ) {
        let clips = part.clips;
        let width = self.spec.width(self.coefficients);
        for clip in 0..clips {
            for (index, shape) in shapes.iter().enumerate().rev() {
                let padded = shape.padded(shape.channels_in);
                let input = &shard.maps[index][clip * padded..(clip + 1) * padded];
                let pooled = shape.pooled();
                let winners = &shard.winners[index][clip * pooled..(clip + 1) * pooled];
                let scale = self.conv_dropout(index, part).map_or(1.0, |d| d.scale);
                let [weight, bias] = &mut shard.gradients[2 * index..2 * index + 2] else {
                    continue;
                };
                let (gradient, rows) = match shapes.get(index + 1) {
                    Some(next) => (&shard.map_gradient, next.gradient_rows()),
                    None => {
                        let rows = Rows {
                            base: clip * width,
                            stride: clips * width,
                        };
                        (&shard.state_gradient, rows)
                    }
                };
                let scratch = &mut shard.conv;
                conv::backward(
                    shape, input, winners, gradient, rows, scale, scratch, weight, bias,
                );
                if index > 0 {
                    conv::input_gradient(
                        shape,
                        &flipped[index],
                        scratch,
                        &mut shard.next_map_gradient,
                    );
                    std::mem::swap(&mut shard.map_gradient, &mut shard.next_map_gradient);
                }
            }
        }
    }
}
