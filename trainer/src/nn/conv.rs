//! A convolution block: 3×3 with same padding, ReLU, max-pooling, dropout, as one operation on one clip.
//!
//! Maps lie `[frames, bands, channels]` with a border of zeros, so a 3×3 convolution is three products of overlapping rows: for each
//! of the three frame offsets, row `r` is the 3 · channels numbers around one place, and the next row starts one place on. Places in
//! the border come out too and are ignored; they are a tenth. Only pooled maps are kept for the way back, with which place won.

use super::kernels::{self, Drop, Rows};
use super::matmul::{Matrix, Output, matmul};
use super::spec::ConvSpec;

/// Marks a place that ReLU or dropout let nothing through: no place of a window has this number.
pub(super) const DEAD: u8 = u8::MAX;

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
    pub(super) fn width(&self) -> usize {
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

    /// Where the inside of the input map lies within its border.
    pub(super) fn input_rows(&self) -> Rows {
        let stride = self.width() * self.channels_in;
        Rows {
            base: stride + self.channels_in,
            stride,
        }
    }

    /// Where the input's places lie in what `input_gradient` gives.
    pub(super) fn gradient_rows(&self) -> Rows {
        Rows {
            base: 0,
            stride: self.width() * self.channels_in,
        }
    }

    /// Pooled values.
    pub(super) fn pooled(&self) -> usize {
        self.frames_out() * self.bands_out() * self.channels
    }
}

/// Memory that a block works in; one per thread.
#[derive(Debug, Clone, Default)]
pub(super) struct ConvScratch {
    /// Convolution's output.
    raw: Vec<f32>,
    /// Its gradient with a border, of the block that `bordered` tells; the border stays zero.
    raw_gradient: Vec<f32>,
    bordered: Option<ConvShape>,
}

/// Convolves, then keeps of each pooling window the greatest value, its bias added, if it is above 0 and not dropped.
///
/// `input` has its border; `weight` is `[3 · 3 · channels_in, channels]`; the result goes to `out` where `rows` says, and which
/// place of the window won to `winners`, `[frames_out, bands_out, channels]`.
#[allow(clippy::too_many_arguments)]
pub(super) fn forward(
    shape: &ConvShape,
    input: &[f32],
    weight: &[f32],
    bias: &[f32],
    dropout: Drop,
    scratch: &mut ConvScratch,
    out: &mut [f32],
    rows: Rows,
    winners: &mut [u8],
) {
    let channels = shape.channels;
    if shape.channels_in == 1 {
        return kernels::conv1_forward(shape, input, weight, bias, dropout, out, rows, winners);
    }
    // Room for whole rows: a pooling window never reaches beyond them.
    scratch
        .raw
        .resize(shape.frames * shape.width() * channels, 0.0);
    products(shape, input, |k, at, rows, step| {
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
    kernels::pool_forward(shape, &scratch.raw, bias, dropout, out, rows, winners);
}

/// Adds the gradients of weight and bias, and leaves what `input_gradient` needs in `scratch`. `scale` is what dropout multiplied
/// kept values by.
#[allow(clippy::too_many_arguments)]
pub(super) fn backward(
    shape: &ConvShape,
    input: &[f32],
    winners: &[u8],
    gradient: &[f32],
    rows: Rows,
    scale: f32,
    scratch: &mut ConvScratch,
    weight_gradient: &mut [f32],
    bias_gradient: &mut [f32],
) {
    let (width, channels) = (shape.width(), shape.channels);
    if shape.channels_in == 1 {
        return kernels::conv1_backward(
            shape,
            input,
            gradient,
            rows,
            winners,
            scale,
            weight_gradient,
            bias_gradient,
        );
    }
    if scratch.bordered != Some(*shape) {
        scratch.raw_gradient.clear();
        scratch.raw_gradient.resize(shape.padded(channels), 0.0);
        scratch.bordered = Some(*shape);
    }
    kernels::pool_backward(
        shape,
        gradient,
        rows,
        winners,
        scale,
        &mut scratch.raw_gradient,
        bias_gradient,
    );
    let raw = &scratch.raw_gradient[(width + 1) * channels..];
    products(shape, input, |k, at, rows, step| {
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

/// The gradient of the block's input, at `gradient_rows`, after `backward`; `flipped` comes from [`flip`].
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
            Matrix::strided(&scratch.raw_gradient[offset * width * channels..], channels),
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

/// Hands out the three matrices whose products with the kernel's parts add up to the convolution: `(columns, first kernel row, rows,
/// row stride)`.
fn products(
    shape: &ConvShape,
    input: &[f32],
    mut product: impl FnMut(usize, usize, &[f32], usize),
) {
    let (width, channels) = (shape.width(), shape.channels_in);
    for offset in 0..3 {
        product(
            3 * channels,
            offset * 3 * channels,
            &input[offset * width * channels..],
            channels,
        );
    }
}
