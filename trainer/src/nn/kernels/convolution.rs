//! A convolution block's loops: pooling, bias, ReLU and dropout, and the first block's convolution.

use super::{LANES, Lane, load, mul_add, store};
use crate::nn::conv::{ConvShape, DEAD};
use crate::nn::math::Dropout;

/// Where a pooled map lies in an array: a place's channels start at `base + frame · stride + band · channels`.
#[derive(Debug, Clone, Copy)]
pub(in crate::nn) struct Rows {
    pub(in crate::nn) base: usize,
    pub(in crate::nn) stride: usize,
}

impl Rows {
    fn at(self, frame: usize, band: usize, channels: usize) -> usize {
        self.base + frame * self.stride + band * channels
    }
}

/// Dropout of a block's pooled values, and the number of the clip's first.
pub(in crate::nn) type Drop = Option<(Dropout, u32)>;

/// Bias, ReLU and dropout of the greatest values, and the winners that a gradient may go back to.
#[inline(always)]
fn finish(
    best: &Lane,
    winner: &[u32; LANES],
    bias: &Lane,
    dropout: Drop,
    place: usize,
) -> (Lane, [u8; LANES]) {
    let (mut out, mut winners) = ([0.0; LANES], [DEAD; LANES]);
    for i in 0..LANES {
        let value = best[i] + bias[i];
        let value = match dropout {
            Some((dropout, first)) => {
                value * dropout.factor(first.wrapping_add((place + i) as u32))
            }
            None => value,
        };
        let alive = value > 0.0;
        out[i] = if alive { value } else { 0.0 };
        winners[i] = if alive { winner[i] as u8 } else { DEAD };
    }
    (out, winners)
}

dispatch! {
    /// Max-pooling, bias, ReLU and dropout of one sample's convolution output `pre` (`[frames, padded_bands, channels]`,
    /// the padding at the row ends ignored). `winners` notes which place of the window won.
    pool_forward = pool_forward_body(
        shape: &ConvShape, pre: &[f32], bias: &[f32], dropout: Drop,
        out: &mut [f32], rows: Rows, winners: &mut [u8],
    )
}
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn pool_forward_body<const FMA: bool>(
    shape: &ConvShape,
    pre: &[f32],
    bias: &[f32],
    dropout: Drop,
    out: &mut [f32],
    rows: Rows,
    winners: &mut [u8],
) {
    let channels = shape.channels;
    let row = shape.width() * channels;
    for frame in 0..shape.frames_out() {
        for band in 0..shape.bands_out() {
            let source = frame * shape.pool[0] * row + band * shape.pool[1] * channels;
            let element = (frame * shape.bands_out() + band) * channels;
            let target = rows.at(frame, band, channels);
            let mut c = 0;
            while c < channels {
                let n = (channels - c).min(LANES);
                let mut best = load(pre, source + c, n);
                let mut arg = [0u32; LANES];
                let mut position = 0;
                for t in 0..shape.pool[0] {
                    for b in 0..shape.pool[1] {
                        let value = load(pre, source + t * row + b * channels + c, n);
                        for i in 0..LANES {
                            let better = value[i] > best[i];
                            best[i] = if better { value[i] } else { best[i] };
                            arg[i] = if better { position } else { arg[i] };
                        }
                        position += 1;
                    }
                }
                let (value, way) = finish(&best, &arg, &load(bias, c, n), dropout, element + c);
                store(out, target + c, n, &value);
                winners[element + c..element + c + n].copy_from_slice(&way[..n]);
                c += n;
            }
        }
    }
}

dispatch! {
    /// The first block in one go: 3 × 3 convolution of a padded map with one channel, then as [`pool_forward`].
    conv1_forward = conv1_forward_body(
        shape: &ConvShape, input: &[f32], weight: &[f32], bias: &[f32], dropout: Drop,
        out: &mut [f32], rows: Rows, winners: &mut [u8],
    )
}
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn conv1_forward_body<const FMA: bool>(
    shape: &ConvShape,
    input: &[f32],
    weight: &[f32],
    bias: &[f32],
    dropout: Drop,
    out: &mut [f32],
    rows: Rows,
    winners: &mut [u8],
) {
    let (channels, row) = (shape.channels, shape.width());
    let mut c = 0;
    while c < channels {
        let n = (channels - c).min(LANES);
        let mut taps = [[0.0; LANES]; 9];
        for (tap, lane) in taps.iter_mut().enumerate() {
            *lane = load(weight, tap * channels + c, n);
        }
        let bias = load(bias, c, n);
        for frame in 0..shape.frames_out() {
            for band in 0..shape.bands_out() {
                let mut best = [f32::NEG_INFINITY; LANES];
                let mut arg = [0u32; LANES];
                let mut position = 0;
                for t in 0..shape.pool[0] {
                    for b in 0..shape.pool[1] {
                        let at = (frame * shape.pool[0] + t) * row + band * shape.pool[1] + b;
                        let mut sum = [0.0; LANES];
                        for ky in 0..3 {
                            let x = &input[at + ky * row..at + ky * row + 3];
                            for kx in 0..3 {
                                for i in 0..LANES {
                                    sum[i] = mul_add::<FMA>(x[kx], taps[ky * 3 + kx][i], sum[i]);
                                }
                            }
                        }
                        for i in 0..LANES {
                            let better = sum[i] > best[i];
                            best[i] = if better { sum[i] } else { best[i] };
                            arg[i] = if better { position } else { arg[i] };
                        }
                        position += 1;
                    }
                }
                let element = (frame * shape.bands_out() + band) * channels + c;
                let (value, way) = finish(&best, &arg, &bias, dropout, element);
                store(out, rows.at(frame, band, channels) + c, n, &value);
                winners[element..element + n].copy_from_slice(&way[..n]);
            }
        }
        c += n;
    }
}

dispatch! {
    /// The first block's weight gradient (`[9, channels]`) and bias gradient, added to.
    conv1_backward = conv1_backward_body(
        shape: &ConvShape, input: &[f32], gradient: &[f32], rows: Rows, winners: &[u8], scale: f32,
        weight_gradient: &mut [f32], bias_gradient: &mut [f32],
    )
}
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn conv1_backward_body<const FMA: bool>(
    shape: &ConvShape,
    input: &[f32],
    gradient: &[f32],
    rows: Rows,
    winners: &[u8],
    scale: f32,
    weight_gradient: &mut [f32],
    bias_gradient: &mut [f32],
) {
    let (channels, row) = (shape.channels, shape.width());
    let mut c = 0;
    while c < channels {
        let n = (channels - c).min(LANES);
        let mut sums = [[0.0f32; LANES]; 9];
        let mut bias = [0.0f32; LANES];
        for frame in 0..shape.frames_out() {
            for band in 0..shape.bands_out() {
                let g = load(gradient, rows.at(frame, band, channels) + c, n);
                let element = (frame * shape.bands_out() + band) * channels + c;
                let mut way = [DEAD; LANES];
                way[..n].copy_from_slice(&winners[element..element + n]);
                let mut position = 0u8;
                for t in 0..shape.pool[0] {
                    for b in 0..shape.pool[1] {
                        let at = (frame * shape.pool[0] + t) * row + band * shape.pool[1] + b;
                        let mut mine = [0.0f32; LANES];
                        for i in 0..LANES {
                            mine[i] = if way[i] == position { g[i] } else { 0.0 };
                            bias[i] += mine[i];
                        }
                        for ky in 0..3 {
                            let x = &input[at + ky * row..at + ky * row + 3];
                            for kx in 0..3 {
                                for i in 0..LANES {
                                    sums[ky * 3 + kx][i] =
                                        mul_add::<FMA>(x[kx], mine[i], sums[ky * 3 + kx][i]);
                                }
                            }
                        }
                        position += 1;
                    }
                }
            }
        }
        for (tap, sum) in sums.iter().enumerate() {
            for i in 0..n {
                weight_gradient[tap * channels + c + i] += sum[i] * scale;
            }
        }
        for i in 0..n {
            bias_gradient[c + i] += bias[i] * scale;
        }
        c += n;
    }
}

dispatch! {
    /// Undoes [`pool_forward`]: spreads the gradient of the pooled map over `pre_gradient`, a padded map whose border stays
    /// as it is (zero), and adds up the bias gradient.
    pool_backward = pool_backward_body(
        shape: &ConvShape, gradient: &[f32], rows: Rows, winners: &[u8], scale: f32,
        pre_gradient: &mut [f32], bias_gradient: &mut [f32],
    )
}
#[inline(always)]
fn pool_backward_body<const FMA: bool>(
    shape: &ConvShape,
    gradient: &[f32],
    rows: Rows,
    winners: &[u8],
    scale: f32,
    pre_gradient: &mut [f32],
    bias_gradient: &mut [f32],
) {
    let channels = shape.channels;
    let row = shape.width() * channels;
    for frame in 0..shape.frames_out() {
        for band in 0..shape.bands_out() {
            let source = rows.at(frame, band, channels);
            let element = (frame * shape.bands_out() + band) * channels;
            let target = (frame * shape.pool[0] + 1) * row + (band * shape.pool[1] + 1) * channels;
            let mut c = 0;
            while c < channels {
                let n = (channels - c).min(LANES);
                let g = load(gradient, source + c, n);
                let mut way = [DEAD; LANES];
                way[..n].copy_from_slice(&winners[element + c..element + c + n]);
                let mut sum = load(bias_gradient, c, n);
                let mut scaled = [0.0f32; LANES];
                for i in 0..LANES {
                    scaled[i] = if way[i] == DEAD { 0.0 } else { g[i] * scale };
                    sum[i] += scaled[i];
                }
                store(bias_gradient, c, n, &sum);
                let mut position = 0u8;
                for t in 0..shape.pool[0] {
                    for b in 0..shape.pool[1] {
                        let mut mine = [0.0f32; LANES];
                        for i in 0..LANES {
                            mine[i] = if way[i] == position { scaled[i] } else { 0.0 };
                        }
                        store(pre_gradient, target + t * row + b * channels + c, n, &mine);
                        position += 1;
                    }
                }
                c += n;
            }
        }
    }
}
