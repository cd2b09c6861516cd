//! A convolution block: 3×3 with same padding, ReLU, max-pooling, dropout, as one operation on one clip.
//!
//! Maps lie `[frames, bands, channels]` with a border of zeros, so a 3×3 convolution is three products of overlapping rows: for each
//! of the three frame offsets, row `r` is the 3 · channels numbers around one place, and the next row starts one place on. Places in
//! the border come out too and are ignored; they are a tenth. Only pooled maps are kept for the way back, with which place won.

use super::math::Dropout;
use super::matmul::{Matrix, Output, matmul};
use super::spec::ConvSpec;

/// Marks a place where ReLU let nothing through.
const DEAD: u8 = u8::MAX;

/// Sizes of a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ConvShape {
    pub frames: usize,
    pub bands: usize,
    pub channels_in: usize,
    pub channels: usize,
    pub pool: [usize; 2],
}

impl ConvShape {
    /// The shapes of all blocks for an input of `[frames, coefficients]`.
    pub(super) fn chain(specs: &[ConvSpec], frames: usize, coefficients: usize) -> Vec<Self> {
        let (mut frames, mut bands, mut channels_in) = (frames, coefficients, 1);
        specs
            .iter()
            .map(|spec| {
                let shape = Self {
                    frames,
                    bands,
                    channels_in,
                    channels: spec.channels,
                    pool: spec.pool,
                };
                (frames, bands, channels_in) =
                    (shape.frames_out(), shape.bands_out(), spec.channels);
                shape
            })
            .collect()
    }

    pub(super) fn frames_out(&self) -> usize {
        self.frames / self.pool[0]
    }

    pub(super) fn bands_out(&self) -> usize {
        self.bands / self.pool[1]
    }

    /// Places from one frame to the next, border included.
    fn width(&self) -> usize {
        self.bands + 2
    }

    /// Rows of the products: all places up to the last inside the border.
    fn rows(&self) -> usize {
        (self.frames.max(1) - 1) * self.width() + self.bands
    }

    /// Length of a map with its border.
    pub(super) fn padded(&self, channels: usize) -> usize {
        (self.frames + 2) * self.width() * channels
    }

    /// Where a place's channels start in the input map with its border.
    pub(super) fn input_at(&self, frame: usize, band: usize) -> usize {
        ((frame + 1) * self.width() + band + 1) * self.channels_in
    }

    /// Where a place's channels start in what `input_gradient` gives.
    pub(super) fn gradient_at(&self, frame: usize, band: usize) -> usize {
        (frame * self.width() + band) * self.channels_in
    }

    /// Pooled values.
    pub(super) fn pooled(&self) -> usize {
        self.frames_out() * self.bands_out() * self.channels
    }
}

/// Memory that a block works in; one per thread.
#[derive(Debug, Clone, Default)]
pub(super) struct ConvScratch {
    /// Convolution's output, or its gradient with a border.
    raw: Vec<f32>,
    /// The nine neighbours of each place, for a single input channel.
    patches: Vec<f32>,
    best: Vec<f32>,
    winner: Vec<u8>,
}

/// Convolves, then keeps of each pooling window the greatest value, its bias added, if it is above 0.
///
/// `input` has its border; `weight` is `[3 · 3 · channels_in, channels]`; the result goes to `out` at `out_at(frame, band)`, and which
/// place of the window won to `winners`, `[frames_out, bands_out, channels]`.
#[allow(clippy::too_many_arguments)]
pub(super) fn forward(
    shape: &ConvShape,
    input: &[f32],
    weight: &[f32],
    bias: &[f32],
    dropout: Option<(Dropout, u32)>,
    scratch: &mut ConvScratch,
    out: &mut [f32],
    out_at: impl Fn(usize, usize) -> usize,
    winners: &mut [u8],
) {
    let (width, channels) = (shape.width(), shape.channels);
    scratch.raw.resize(shape.rows() * channels, 0.0);
    products(shape, input, &mut scratch.patches, |k, at, rows, step| {
        let output = if at == 0 { Output::Set } else { Output::Add };
        let weight = Matrix::rows(&weight[at * channels..], channels);
        let rows = Matrix::strided(rows, step);
        matmul(
            &mut scratch.raw,
            channels,
            (shape.rows(), channels, k),
            rows,
            weight,
            output,
        );
    });
    scratch.best.resize(channels, 0.0);
    scratch.winner.resize(channels, 0);
    let mut place = 0;
    for frame in 0..shape.frames_out() {
        for band in 0..shape.bands_out() {
            scratch.best.fill(f32::NEG_INFINITY);
            let mut number = 0;
            for df in 0..shape.pool[0] {
                for db in 0..shape.pool[1] {
                    let at = (frame * shape.pool[0] + df) * width + band * shape.pool[1] + db;
                    let values = &scratch.raw[at * channels..(at + 1) * channels];
                    for ((best, winner), &value) in
                        scratch.best.iter_mut().zip(&mut scratch.winner).zip(values)
                    {
                        let better = value > *best;
                        *best = if better { value } else { *best };
                        *winner = if better { number } else { *winner };
                    }
                    number += 1;
                }
            }
            let to = out_at(frame, band);
            let out = &mut out[to..to + channels];
            let winners = &mut winners[place..place + channels];
            for (channel, (out, winner)) in out.iter_mut().zip(winners).enumerate() {
                let value = scratch.best[channel] + bias[channel];
                let alive = value > 0.0;
                *out = if alive { value } else { 0.0 };
                *winner = if alive { scratch.winner[channel] } else { DEAD };
            }
            if let Some((dropout, base)) = dropout {
                for (channel, out) in out.iter_mut().enumerate() {
                    *out *= dropout.factor(base + (place + channel) as u32);
                }
            }
            place += channels;
        }
    }
}

/// Adds the gradients of weight and bias, and leaves what `input_gradient` needs in `scratch`.
#[allow(clippy::too_many_arguments)]
pub(super) fn backward(
    shape: &ConvShape,
    input: &[f32],
    winners: &[u8],
    gradient: &[f32],
    gradient_at: impl Fn(usize, usize) -> usize,
    dropout: Option<(Dropout, u32)>,
    scratch: &mut ConvScratch,
    weight_gradient: &mut [f32],
    bias_gradient: &mut [f32],
) {
    let (width, channels) = (shape.width(), shape.channels);
    scratch.raw.clear();
    scratch.raw.resize(shape.padded(channels), 0.0);
    scratch.best.resize(channels, 0.0);
    let mut place = 0;
    for frame in 0..shape.frames_out() {
        for band in 0..shape.bands_out() {
            let from = gradient_at(frame, band);
            scratch
                .best
                .copy_from_slice(&gradient[from..from + channels]);
            if let Some((dropout, base)) = dropout {
                for (channel, value) in scratch.best.iter_mut().enumerate() {
                    *value *= dropout.factor(base + (place + channel) as u32);
                }
            }
            let winners = &winners[place..place + channels];
            for ((sum, &value), &winner) in bias_gradient.iter_mut().zip(&scratch.best).zip(winners)
            {
                *sum += if winner == DEAD { 0.0 } else { value };
            }
            let mut number = 0;
            for df in 0..shape.pool[0] {
                for db in 0..shape.pool[1] {
                    let at =
                        (frame * shape.pool[0] + df + 1) * width + band * shape.pool[1] + db + 1;
                    let to = &mut scratch.raw[at * channels..(at + 1) * channels];
                    for ((to, &value), &winner) in to.iter_mut().zip(&scratch.best).zip(winners) {
                        *to = if winner == number { value } else { 0.0 };
                    }
                    number += 1;
                }
            }
            place += channels;
        }
    }
    let raw = &scratch.raw[(width + 1) * channels..];
    products(shape, input, &mut scratch.patches, |k, at, rows, step| {
        matmul(
            &mut weight_gradient[at * channels..],
            channels,
            (k, channels, shape.rows()),
            Matrix::strided(rows, step).transposed(),
            Matrix::rows(raw, channels),
            Output::Add,
        );
    });
}

/// The gradient of the block's input, at `gradient_at`, after `backward`; `flipped` comes from [`flip`].
pub(super) fn input_gradient(
    shape: &ConvShape,
    flipped: &[f32],
    scratch: &ConvScratch,
    out: &mut Vec<f32>,
) {
    let (width, channels) = (shape.width(), shape.channels);
    out.resize(shape.rows() * shape.channels_in, 0.0);
    for offset in 0..3 {
        let output = if offset == 0 {
            Output::Set
        } else {
            Output::Add
        };
        matmul(
            out,
            shape.channels_in,
            (shape.rows(), shape.channels_in, 3 * channels),
            Matrix::strided(&scratch.raw[offset * width * channels..], channels),
            Matrix::rows(
                &flipped[offset * 3 * channels * shape.channels_in..],
                shape.channels_in,
            ),
            output,
        );
    }
}

/// The kernel turned round for the way back: `[3 · 3 · channels, channels_in]`.
pub(super) fn flip(shape: &ConvShape, weight: &[f32], out: &mut Vec<f32>) {
    let (inputs, outputs) = (shape.channels_in, shape.channels);
    out.resize(weight.len(), 0.0);
    for place in 0..9 {
        for input in 0..inputs {
            for output in 0..outputs {
                out[((8 - place) * outputs + output) * inputs + input] =
                    weight[(place * inputs + input) * outputs + output];
            }
        }
    }
}

/// Hands out the matrices whose products with the kernel's parts add up to the convolution: `(columns, first kernel row, rows, row
/// stride)`. Nine products' worth in one for a single channel, else three.
fn products(
    shape: &ConvShape,
    input: &[f32],
    patches: &mut Vec<f32>,
    mut product: impl FnMut(usize, usize, &[f32], usize),
) {
    let (width, channels) = (shape.width(), shape.channels_in);
    if channels == 1 {
        patches.clear();
        for row in 0..shape.rows() {
            for offset in 0..3 {
                let at = offset * width + row;
                patches.extend_from_slice(&input[at..at + 3]);
            }
        }
        product(9, 0, patches, 9);
    } else {
        for offset in 0..3 {
            product(
                3 * channels,
                offset * 3 * channels,
                &input[offset * width * channels..],
                channels,
            );
        }
    }
}
