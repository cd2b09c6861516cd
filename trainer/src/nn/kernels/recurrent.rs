//! An LSTM step's loops.

use super::{LANES, load, mul_add, store};
use crate::nn::math::{sigmoid, tanh};

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
