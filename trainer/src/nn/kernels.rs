//! The element-wise inner loops, compiled three times (AVX-512, AVX2 with FMA, portable) and chosen at run time.
//!
//! Bodies are plain code over arrays of [`LANES`] numbers, which the compiler turns into vector instructions. `FMA` says whether a
//! product and a sum may be one instruction; without it they are two, so the portable version's last bits differ.

use super::conv::{ConvShape, DEAD};
use super::math::{Dropout, sigmoid, tanh};

/// Numbers handled together.
const LANES: usize = 16;
type Lane = [f32; LANES];

macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident = $body:ident($($arg:ident: $ty:ty),* $(,)?)) => {
        $(#[$doc])*
        #[allow(clippy::too_many_arguments)] // a kernel's operands
        pub(super) fn $name($($arg: $ty),*) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v4($($arg: $ty),*) {
                    $body::<true>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments)]
                fn v3($($arg: $ty),*) {
                    $body::<true>($($arg),*)
                }
                let fma = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
                if fma
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                {
                    // SAFETY: the processor has every feature `v4` was compiled for, checked just above.
                    return unsafe { v4($($arg),*) };
                }
                if fma {
                    // SAFETY: the processor has AVX2 and FMA, checked just above.
                    return unsafe { v3($($arg),*) };
                }
            }
            // AArch64 has fused multiply-add in its base set.
            $body::<{ cfg!(target_arch = "aarch64") }>($($arg),*)
        }
    };
}

#[inline(always)]
fn mul_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Up to [`LANES`] values from `at`, the rest zero.
#[inline(always)]
fn load(from: &[f32], at: usize, count: usize) -> Lane {
    let mut lane = [0.0; LANES];
    if count == LANES {
        lane.copy_from_slice(&from[at..at + LANES]);
    } else {
        lane[..count].copy_from_slice(&from[at..at + count]);
    }
    lane
}

#[inline(always)]
fn store(into: &mut [f32], at: usize, count: usize, lane: &Lane) {
    if count == LANES {
        into[at..at + LANES].copy_from_slice(lane);
    } else {
        into[at..at + count].copy_from_slice(&lane[..count]);
    }
}

/// Where a pooled map lies in an array: a place's channels start at `base + frame · stride + band · channels`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub base: usize,
    pub stride: usize,
}

impl Rows {
    fn at(self, frame: usize, band: usize, channels: usize) -> usize {
        self.base + frame * self.stride + band * channels
    }
}

/// Dropout of a block's pooled values, and the number of the clip's first.
pub(super) type Drop = Option<(Dropout, u32)>;

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
    ///
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

dispatch! {
    /// One LSTM step of a shard. `gates`, `[clips, 4 · hidden]`, holds the sums and receives the activations; `cells`, `squashed` and
    /// `outputs`, `[clips, hidden]`, receive the step's results from `before`, the cells of the step before.
    lstm_forward = lstm_forward_body(
        hidden: usize, gates: &mut [f32], before: &[f32], cells: &mut [f32], squashed: &mut [f32], outputs: &mut [f32],
    )
}
#[inline(always)]
fn lstm_forward_body<const FMA: bool>(
    hidden: usize,
    gates: &mut [f32],
    before: &[f32],
    cells: &mut [f32],
    squashed: &mut [f32],
    outputs: &mut [f32],
) {
    for (clip, row) in gates.chunks_exact_mut(4 * hidden).enumerate() {
        let mut c = 0;
        while c < hidden {
            let n = (hidden - c).min(LANES);
            let at = clip * hidden + c;
            let mut gate = [[0.0; LANES]; 4];
            for (k, lane) in gate.iter_mut().enumerate() {
                let sum = load(row, k * hidden + c, n);
                for i in 0..LANES {
                    lane[i] = if k == 2 {
                        tanh(sum[i])
                    } else {
                        sigmoid(sum[i])
                    };
                }
                store(row, k * hidden + c, n, lane);
            }
            let [input, forget, new, output] = gate;
            let before = load(before, at, n);
            let (mut cell, mut flat, mut out) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for i in 0..LANES {
                cell[i] = mul_add::<FMA>(forget[i], before[i], input[i] * new[i]);
                flat[i] = tanh(cell[i]);
                out[i] = output[i] * flat[i];
            }
            store(cells, at, n, &cell);
            store(squashed, at, n, &flat);
            store(outputs, at, n, &out);
            c += n;
        }
    }
}

dispatch! {
    /// One LSTM step of a shard backwards. `gates` holds the activations and receives the gradients of the sums. `incoming` is the
    /// gradient of the outputs from above, rows `stride` apart; `later` that from the step after; `cell_gradient` goes from step to step.
    lstm_backward = lstm_backward_body(
        hidden: usize, gates: &mut [f32], before: &[f32], squashed: &[f32], incoming: &[f32], stride: usize,
        later: &[f32], cell_gradient: &mut [f32],
    )
}
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn lstm_backward_body<const FMA: bool>(
    hidden: usize,
    gates: &mut [f32],
    before: &[f32],
    squashed: &[f32],
    incoming: &[f32],
    stride: usize,
    later: &[f32],
    cell_gradient: &mut [f32],
) {
    for (clip, row) in gates.chunks_exact_mut(4 * hidden).enumerate() {
        let mut c = 0;
        while c < hidden {
            let n = (hidden - c).min(LANES);
            let at = clip * hidden + c;
            let (above, later) = (load(incoming, clip * stride + c, n), load(later, at, n));
            let (flat, before) = (load(squashed, at, n), load(before, at, n));
            let mut carried = load(cell_gradient, at, n);
            let mut gate = [[0.0; LANES]; 4];
            for (k, lane) in gate.iter_mut().enumerate() {
                *lane = load(row, k * hidden + c, n);
            }
            let [input, forget, new, output] = gate;
            for i in 0..LANES {
                let dh = above[i] + later[i];
                let dc = mul_add::<FMA>(dh * output[i], 1.0 - flat[i] * flat[i], carried[i]);
                gate[0][i] = dc * new[i] * input[i] * (1.0 - input[i]);
                gate[1][i] = dc * before[i] * forget[i] * (1.0 - forget[i]);
                gate[2][i] = dc * input[i] * (1.0 - new[i] * new[i]);
                gate[3][i] = dh * flat[i] * output[i] * (1.0 - output[i]);
                carried[i] = dc * forget[i];
            }
            for (k, lane) in gate.iter().enumerate() {
                store(row, k * hidden + c, n, lane);
            }
            store(cell_gradient, at, n, &carried);
            c += n;
        }
    }
}
