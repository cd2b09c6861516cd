//! Dense layers over a shard of clips.

use super::matmul::{Matrix, Output, matmul};

/// `out[clips, outputs] = input · weight + bias`, with ReLU if asked for.
pub(super) fn forward(
    input: &[f32],
    weight: &[f32],
    bias: &[f32],
    clips: usize,
    relu: bool,
    out: &mut Vec<f32>,
) {
    let (inputs, outputs) = (weight.len() / bias.len(), bias.len());
    out.clear();
    for _ in 0..clips {
        out.extend_from_slice(bias);
    }
    matmul(
        out,
        outputs,
        (clips, outputs, inputs),
        Matrix::rows(input, inputs),
        Matrix::rows(weight, outputs),
        Output::Add,
    );
    if relu {
        for value in out {
            *value = value.max(0.0);
        }
    }
}

/// Adds the gradients of weight and bias; writes the input's to `input_gradient`. `gradient` is of the output before ReLU.
pub(super) fn backward(
    input: &[f32],
    weight: &[f32],
    gradient: &[f32],
    clips: usize,
    weight_gradient: &mut [f32],
    bias_gradient: &mut [f32],
    input_gradient: &mut Vec<f32>,
) {
    let outputs = bias_gradient.len();
    let inputs = weight.len() / outputs;
    matmul(
        weight_gradient,
        outputs,
        (inputs, outputs, clips),
        Matrix::rows(input, inputs).transposed(),
        Matrix::rows(gradient, outputs),
        Output::Add,
    );
    for row in gradient.chunks_exact(outputs) {
        for (sum, &value) in bias_gradient.iter_mut().zip(row) {
            *sum += value;
        }
    }
    input_gradient.resize(clips * inputs, 0.0);
    matmul(
        input_gradient,
        inputs,
        (clips, inputs, outputs),
        Matrix::rows(gradient, outputs),
        Matrix::rows(weight, outputs).transposed(),
        Output::Set,
    );
}
