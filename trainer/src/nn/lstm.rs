//! One direction of an LSTM (Hochreiter & Schmidhuber 1997, with forget gates), forward and back, over a shard of clips.
//!
//! Sequences lie `[steps, clips, width]`, so that a step's rows are side by side; gates lie in the order input, forget, cell, output.

use super::kernels;
use super::matmul::{Matrix, Output, matmul};

/// A direction's weights.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights<'a> {
    /// `[width, 4 · hidden]`.
    pub input: &'a [f32],
    /// `[hidden, 4 · hidden]`.
    pub recurrent: &'a [f32],
    /// `[4 · hidden]`.
    pub bias: &'a [f32],
}

/// A direction's gradients, of the same shapes.
#[derive(Debug)]
pub(super) struct WeightGradients<'a> {
    pub input: &'a mut [f32],
    pub recurrent: &'a mut [f32],
    pub bias: &'a mut [f32],
}

/// Sizes of a sequence and the direction it is read in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sequence {
    pub steps: usize,
    pub clips: usize,
    pub width: usize,
    pub hidden: usize,
    pub reverse: bool,
}

/// What the way back needs, and memory to work in.
#[derive(Debug, Clone, Default)]
pub(super) struct LstmScratch {
    /// Activated gates, `[steps, clips, 4 · hidden]`; on the way back, their gradients.
    gates: Vec<f32>,
    /// Cell states with one step of zeros before the first read, `[steps + 1, clips, hidden]`.
    cells: Vec<f32>,
    /// Hyperbolic tangent of the cell states, `[steps, clips, hidden]`.
    squashed: Vec<f32>,
    /// Outputs with one step of zeros before the first read, `[steps + 1, clips, hidden]`.
    outputs: Vec<f32>,
    output_gradient: Vec<f32>,
    cell_gradient: Vec<f32>,
}

impl Sequence {
    fn order(self) -> impl Iterator<Item = usize> {
        (0..self.steps).map(move |at| {
            if self.reverse {
                self.steps - 1 - at
            } else {
                at
            }
        })
    }

    /// Where a step's state, and the one before it in reading order, stand among `steps + 1`.
    fn state(self, step: usize) -> (usize, usize) {
        if self.reverse {
            (step, step + 1)
        } else {
            (step + 1, step)
        }
    }
}

impl LstmScratch {
    /// Reads `input`, `[steps, clips, width]`, and writes the outputs to columns `column..column + hidden` of `out`,
    /// `[steps, clips, out_width]`.
    pub(super) fn forward(
        &mut self,
        sequence: Sequence,
        weights: Weights<'_>,
        input: &[f32],
        out: &mut [f32],
        (out_width, column): (usize, usize),
    ) {
        let Sequence {
            steps,
            clips,
            width,
            hidden,
            ..
        } = sequence;
        let row = clips * hidden;
        self.gates.resize(steps * clips * 4 * hidden, 0.0);
        for gates in self.gates.chunks_exact_mut(4 * hidden) {
            gates.copy_from_slice(weights.bias);
        }
        matmul(
            &mut self.gates,
            4 * hidden,
            (steps * clips, 4 * hidden, width),
            Matrix::rows(input, width),
            Matrix::rows(weights.input, 4 * hidden),
            Output::Add,
        );
        self.cells.clear();
        self.cells.resize((steps + 1) * row, 0.0);
        self.outputs.clear();
        self.outputs.resize((steps + 1) * row, 0.0);
        self.squashed.resize(steps * row, 0.0);
        for step in sequence.order() {
            let (now, before) = sequence.state(step);
            let gates = &mut self.gates[step * 4 * row..(step + 1) * 4 * row];
            matmul(
                gates,
                4 * hidden,
                (clips, 4 * hidden, hidden),
                Matrix::rows(&self.outputs[before * row..(before + 1) * row], hidden),
                Matrix::rows(weights.recurrent, 4 * hidden),
                Output::Add,
            );
            let (cells_before, cells) = two(&mut self.cells, before, now, row);
            let (_, outputs) = two(&mut self.outputs, before, now, row);
            let squashed = &mut self.squashed[step * row..(step + 1) * row];
            kernels::lstm_forward(hidden, gates, cells_before, cells, squashed, outputs);
            for (clip, outputs) in outputs.chunks_exact(hidden).enumerate() {
                let to = (step * clips + clip) * out_width + column;
                out[to..to + hidden].copy_from_slice(outputs);
            }
        }
    }

    /// Adds the gradients of the weights, and that of the input to `input_gradient`, from columns `column..column + hidden` of
    /// `gradient`, `[steps, clips, out_width]`.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn backward(
        &mut self,
        sequence: Sequence,
        weights: Weights<'_>,
        input: &[f32],
        gradient: &[f32],
        (out_width, column): (usize, usize),
        gradients: &mut WeightGradients<'_>,
        input_gradient: Option<&mut [f32]>,
    ) {
        let Sequence {
            steps,
            clips,
            width,
            hidden,
            reverse,
        } = sequence;
        let row = clips * hidden;
        for buffer in [&mut self.output_gradient, &mut self.cell_gradient] {
            buffer.clear();
            buffer.resize(row, 0.0);
        }
        let backwards: Vec<usize> = sequence.order().collect();
        for &step in backwards.iter().rev() {
            let (_, before) = sequence.state(step);
            kernels::lstm_backward(
                hidden,
                &mut self.gates[step * 4 * row..(step + 1) * 4 * row],
                &self.cells[before * row..(before + 1) * row],
                &self.squashed[step * row..(step + 1) * row],
                &gradient[step * clips * out_width + column..],
                out_width,
                &self.output_gradient,
                &mut self.cell_gradient,
            );
            matmul(
                &mut self.output_gradient,
                hidden,
                (clips, hidden, 4 * hidden),
                Matrix::rows(
                    &self.gates[step * 4 * row..(step + 1) * 4 * row],
                    4 * hidden,
                ),
                Matrix::rows(weights.recurrent, 4 * hidden).transposed(),
                Output::Set,
            );
        }
        let gates = Matrix::rows(&self.gates, 4 * hidden);
        let before = if reverse {
            &self.outputs[row..]
        } else {
            &self.outputs[..steps * row]
        };
        matmul(
            gradients.recurrent,
            4 * hidden,
            (hidden, 4 * hidden, steps * clips),
            Matrix::rows(before, hidden).transposed(),
            gates,
            Output::Add,
        );
        matmul(
            gradients.input,
            4 * hidden,
            (width, 4 * hidden, steps * clips),
            Matrix::rows(input, width).transposed(),
            gates,
            Output::Add,
        );
        for gates in self.gates.chunks_exact(4 * hidden) {
            for (sum, &value) in gradients.bias.iter_mut().zip(gates) {
                *sum += value;
            }
        }
        if let Some(out) = input_gradient {
            matmul(
                out,
                width,
                (steps * clips, width, 4 * hidden),
                gates,
                Matrix::rows(weights.input, 4 * hidden).transposed(),
                Output::Add,
            );
        }
    }
}

/// Row `read` to read and row `write`, another, to write.
fn two(rows: &mut [f32], read: usize, write: usize, length: usize) -> (&[f32], &mut [f32]) {
    let (head, tail) = rows.split_at_mut(read.max(write) * length);
    if read < write {
        (
            &head[read * length..(read + 1) * length],
            &mut tail[..length],
        )
    } else {
        (
            &tail[..length],
            &mut head[write * length..(write + 1) * length],
        )
    }
}
