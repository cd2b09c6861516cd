//! Pooling over time: from `[steps, clips, width]` to `[clips, pooled]`.

use super::math::{exp, tanh};
use super::matmul::{Matrix, Output, matmul};

/// Added to the weighted variance, so that its root has a slope where nothing changes.
pub const VARIANCE_FLOOR: f32 = 1e-5;

/// The attention's weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attention<'a> {
    /// `[width, units]`.
    pub hidden: &'a [f32],
    /// `[units]`.
    pub bias: &'a [f32],
    /// `[units]`.
    pub score: &'a [f32],
}

/// Its gradients.
#[derive(Debug)]
pub(super) struct AttentionGradients<'a> {
    pub hidden: &'a mut [f32],
    pub bias: &'a mut [f32],
    pub score: &'a mut [f32],
}

/// Sizes of a sequence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    pub steps: usize,
    pub clips: usize,
    pub width: usize,
}

/// What the way back needs.
#[derive(Debug, Clone, Default)]
pub(super) struct AttentionScratch {
    /// Hidden layer, `[steps, clips, units]`; on the way back, its gradient.
    units: Vec<f32>,
    /// Attention, `[steps, clips]`.
    attention: Vec<f32>,
    score_gradient: Vec<f32>,
}

impl AttentionScratch {
    /// Weighted mean and standard deviation, `[clips, 2 · width]`.
    pub(super) fn forward(
        &mut self,
        size: Size,
        weights: Attention<'_>,
        input: &[f32],
        out: &mut Vec<f32>,
    ) {
        let Size {
            steps,
            clips,
            width,
        } = size;
        let units = weights.bias.len();
        self.units.clear();
        for _ in 0..steps * clips {
            self.units.extend_from_slice(weights.bias);
        }
        matmul(
            &mut self.units,
            units,
            (steps * clips, units, width),
            Matrix::rows(input, width),
            Matrix::rows(weights.hidden, units),
            Output::Add,
        );
        for unit in &mut self.units {
            *unit = tanh(*unit);
        }
        self.attention.clear();
        self.attention
            .extend(self.units.chunks_exact(units).map(|row| {
                row.iter()
                    .zip(weights.score)
                    .map(|(a, b)| a * b)
                    .sum::<f32>()
            }));
        for clip in 0..clips {
            let at = |step: usize| step * clips + clip;
            let highest =
                (0..steps).fold(f32::NEG_INFINITY, |h, step| h.max(self.attention[at(step)]));
            let mut sum = 0.0;
            for step in 0..steps {
                let value = exp(self.attention[at(step)] - highest);
                self.attention[at(step)] = value;
                sum += value;
            }
            for step in 0..steps {
                self.attention[at(step)] /= sum;
            }
        }
        self.statistics(size, input, out);
    }

    /// Mean and standard deviation by the attention that is there.
    pub(super) fn statistics(&self, size: Size, input: &[f32], out: &mut Vec<f32>) {
        let Size {
            steps,
            clips,
            width,
        } = size;
        out.clear();
        out.resize(clips * 2 * width, 0.0);
        for step in 0..steps {
            for (clip, out) in out.chunks_exact_mut(2 * width).enumerate() {
                let row = &input[(step * clips + clip) * width..][..width];
                let attention = self.attention[step * clips + clip];
                let (mean, square) = out.split_at_mut(width);
                for ((mean, square), &x) in mean.iter_mut().zip(square).zip(row) {
                    *mean += attention * x;
                    *square += attention * x * x;
                }
            }
        }
        for out in out.chunks_exact_mut(2 * width) {
            let (mean, square) = out.split_at_mut(width);
            for (square, mean) in square.iter_mut().zip(mean) {
                *square = ((*square - *mean * *mean).max(0.0) + VARIANCE_FLOOR).sqrt();
            }
        }
    }

    /// Adds the weights' gradients; writes the input's to `input_gradient`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn backward(
        &mut self,
        size: Size,
        weights: Attention<'_>,
        input: &[f32],
        pooled: &[f32],
        gradient: &[f32],
        gradients: &mut AttentionGradients<'_>,
        input_gradient: &mut Vec<f32>,
    ) {
        let Size {
            steps,
            clips,
            width,
        } = size;
        let units = weights.bias.len();
        input_gradient.clear();
        input_gradient.resize(steps * clips * width, 0.0);
        self.score_gradient.clear();
        self.score_gradient.resize(steps * clips, 0.0);
        for clip in 0..clips {
            let (mean, deviation) =
                pooled[clip * 2 * width..(clip + 1) * 2 * width].split_at(width);
            let (mean_gradient, deviation_gradient) =
                gradient[clip * 2 * width..(clip + 1) * 2 * width].split_at(width);
            // Of the variance: d sqrt(v) = dv / (2 sqrt(v)); where it was clamped to 0 nothing comes back.
            let half: Vec<f32> = deviation
                .iter()
                .zip(deviation_gradient)
                .map(|(&sd, &g)| {
                    let clamped = sd * sd <= VARIANCE_FLOOR;
                    if clamped { 0.0 } else { g / (2.0 * sd) }
                })
                .collect();
            let mut weighted_sum = 0.0;
            for step in 0..steps {
                let at = step * clips + clip;
                let row = &input[at * width..(at + 1) * width];
                let attention = self.attention[at];
                let to = &mut input_gradient[at * width..(at + 1) * width];
                let mut score = 0.0;
                for unit in 0..width {
                    let x = row[unit];
                    // d variance / d x = 2 a (x - mean); d variance / d a = x² - 2 mean x.
                    to[unit] =
                        attention * (mean_gradient[unit] + half[unit] * 2.0 * (x - mean[unit]));
                    score += mean_gradient[unit] * x + half[unit] * (x * x - 2.0 * mean[unit] * x);
                }
                self.score_gradient[at] = score;
                weighted_sum += attention * score;
            }
            for step in 0..steps {
                let at = step * clips + clip;
                self.score_gradient[at] =
                    self.attention[at] * (self.score_gradient[at] - weighted_sum);
            }
        }
        for (row, &score) in self.units.chunks_exact_mut(units).zip(&self.score_gradient) {
            for ((unit, weight), sum) in row
                .iter_mut()
                .zip(weights.score)
                .zip(gradients.score.iter_mut())
            {
                *sum += score * *unit;
                *unit = score * weight * (1.0 - *unit * *unit);
            }
        }
        matmul(
            gradients.hidden,
            units,
            (width, units, steps * clips),
            Matrix::rows(input, width).transposed(),
            Matrix::rows(&self.units, units),
            Output::Add,
        );
        for row in self.units.chunks_exact(units) {
            for (sum, &value) in gradients.bias.iter_mut().zip(row) {
                *sum += value;
            }
        }
        matmul(
            input_gradient,
            width,
            (steps * clips, width, units),
            Matrix::rows(&self.units, units),
            Matrix::rows(weights.hidden, units).transposed(),
            Output::Add,
        );
    }
}
