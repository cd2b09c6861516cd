//! Adam with decoupled weight decay, and the moving average of the weights.

use super::network::{Gradients, Network};

/// Adam's settings; the learning rate comes with each step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWSettings {
    /// Decay of the mean of the gradients.
    pub beta_mean: f32,
    /// Decay of the mean of their squares.
    pub beta_square: f32,
    /// Added to the root of the squares.
    pub epsilon: f32,
    /// Decoupled decay of matrices; 0 is plain Adam.
    pub weight_decay: f32,
}

/// AdamW (Loshchilov & Hutter 2019; with no decay, Adam of Kingma & Ba 2015).
#[derive(Debug, Clone, PartialEq)]
pub struct AdamW {
    settings: AdamWSettings,
    steps: u64,
    mean: Vec<f32>,
    square: Vec<f32>,
}

impl AdamW {
    /// An optimiser for a network.
    pub fn new(network: &Network, settings: AdamWSettings) -> Self {
        let length = network.parameters().iter().map(|p| p.data.len()).sum();
        Self {
            settings,
            steps: 0,
            mean: vec![0.0; length],
            square: vec![0.0; length],
        }
    }

    /// Moves the weights against their gradients.
    pub fn step(&mut self, network: &mut Network, gradients: &Gradients, learning_rate: f32) {
        self.steps += 1;
        let s = self.settings;
        let correction = |beta: f32| (1.0 - f64::from(beta).powf(self.steps as f64)) as f32;
        let (mean_scale, square_scale) = (
            1.0 / correction(s.beta_mean),
            1.0 / correction(s.beta_square),
        );
        let mut at = 0;
        for (parameter, gradient) in network.parameters_mut().iter_mut().zip(&gradients.values) {
            let range = at..at + gradient.len();
            at = range.end;
            let decay = if parameter.decay {
                1.0 - learning_rate * s.weight_decay
            } else {
                1.0
            };
            for (((weight, &g), mean), square) in parameter
                .data
                .iter_mut()
                .zip(gradient)
                .zip(&mut self.mean[range.clone()])
                .zip(&mut self.square[range])
            {
                *mean = s.beta_mean * *mean + (1.0 - s.beta_mean) * g;
                *square = s.beta_square * *square + (1.0 - s.beta_square) * g * g;
                let step = *mean * mean_scale / ((*square * square_scale).sqrt() + s.epsilon);
                *weight = *weight * decay - learning_rate * step;
            }
        }
    }

    /// Its state, by name.
    pub fn state(&self) -> [(String, Vec<f32>); 2] {
        [
            ("adam.mean".to_owned(), self.mean.clone()),
            ("adam.square".to_owned(), self.square.clone()),
        ]
    }

    /// Takes a state back; `None` if it is of another network.
    pub fn restore<'a>(
        &mut self,
        array: impl Fn(&str) -> Option<&'a [f32]>,
        steps: u64,
    ) -> Option<()> {
        let (mean, square) = (array("adam.mean")?, array("adam.square")?);
        if mean.len() != self.mean.len() || square.len() != self.square.len() {
            return None;
        }
        self.mean.copy_from_slice(mean);
        self.square.copy_from_slice(square);
        self.steps = steps;
        Some(())
    }
}

/// Exponential moving average of the weights (Polyak & Juditsky 1992 in spirit).
///
/// Early steps decay less, `min(decay, (1 + n) / (10 + n))`, so that the random start is soon forgotten.
#[derive(Debug, Clone, PartialEq)]
pub struct Ema {
    decay: f32,
    steps: u64,
    values: Vec<f32>,
}

impl Ema {
    /// An average that starts at the network's weights.
    pub fn new(network: &Network, decay: f32) -> Self {
        Self {
            decay,
            steps: 0,
            values: network
                .parameters()
                .iter()
                .flat_map(|p| p.data.iter().copied())
                .collect(),
        }
    }

    /// Takes in the weights after a step.
    pub fn update(&mut self, network: &Network) {
        self.steps += 1;
        let n = self.steps as f32;
        let decay = self.decay.min((1.0 + n) / (10.0 + n));
        let mut rest = self.values.as_mut_slice();
        for parameter in network.parameters() {
            let (values, after) = rest.split_at_mut(parameter.data.len());
            for (value, &weight) in values.iter_mut().zip(&parameter.data) {
                *value += (1.0 - decay) * (weight - *value);
            }
            rest = after;
        }
    }

    /// The averages of all weights, one after the other.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Takes averages back after `steps` updates; `None` if they are of another network.
    pub fn restore(&mut self, values: &[f32], steps: u64) -> Option<()> {
        if values.len() != self.values.len() {
            return None;
        }
        self.values.copy_from_slice(values);
        self.steps = steps;
        Some(())
    }

    /// Gives a network the averages as its weights.
    pub fn copy_to(&self, network: &mut Network) {
        let mut rest = self.values.as_slice();
        for parameter in network.parameters_mut() {
            let (values, after) = rest.split_at(parameter.data.len());
            parameter.data.copy_from_slice(values);
            rest = after;
        }
    }
}
