//! `Parameter`: an array of weights with its name, and how it starts.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// An array of weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Name, such as `conv.0.weight`.
    pub name: String,
    /// Shape, row-major.
    pub shape: Vec<usize>,
    /// Values.
    pub data: Vec<f32>,
    /// Whether weight decay applies: matrices only, not biases.
    pub decay: bool,
}

impl Parameter {
    /// A matrix with Glorot's uniform start (Glorot & Bengio 2010), as Keras has it: ±√(6 / (fan in + fan out)).
    pub(super) fn glorot(
        name: &str,
        shape: &[usize],
        fan_in: usize,
        fan_out: usize,
        rng: &mut ChaCha8Rng,
    ) -> Self {
        let limit = (6.0 / (fan_in + fan_out) as f32).sqrt();
        let length = shape.iter().product();
        Self {
            name: name.to_owned(),
            shape: shape.to_vec(),
            data: (0..length)
                .map(|_| rng.random_range(-limit..=limit))
                .collect(),
            decay: true,
        }
    }

    /// A bias that starts at 0.
    pub(super) fn zeros(name: &str, shape: &[usize]) -> Self {
        Self {
            name: name.to_owned(),
            shape: shape.to_vec(),
            data: vec![0.0; shape.iter().product()],
            decay: false,
        }
    }
}
