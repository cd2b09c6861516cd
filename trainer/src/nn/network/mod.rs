//! `Network`: a specification with its weights, and which of them belong to which layer.
//!
//! `forward` runs it; `gradients` gives a batch's loss with its gradients, for which `backward` goes the way back.

mod backward;
mod forward;
mod gradients;
mod shard;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::lstm::{Sequence, Weights};
use super::math::Dropout;
use super::matmul::Precision;
use super::parameter::Parameter;
use super::pooling::{Attention, Size};
use super::spec::{NetworkSpec, PoolingSpec, SpecError};
use shard::Part;

pub use gradients::Gradients;
pub use shard::SHARD;

/// A network with its weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    spec: NetworkSpec,
    coefficients: usize,
    classes: usize,
    parameters: Vec<Parameter>,
    threads: usize,
    precision: Precision,
}

/// Where each layer's parameters stand among all.
#[derive(Debug, Clone, Copy)]
struct Layout {
    lstm: usize,
    attention: usize,
    dense: usize,
}

impl Network {
    /// A network of random weights, the same for the same seed.
    ///
    /// Matrices start after Glorot (recurrent ones too), biases at 0, forget gates' at 1 (Jozefowicz et al. 2015), as Keras has it but
    /// for the recurrent matrices.
    ///
    /// # Errors
    /// Names the setting with which no network can be built.
    pub fn new(
        spec: &NetworkSpec,
        coefficients: usize,
        classes: usize,
        seed: u64,
    ) -> Result<Self, SpecError> {
        spec.validate(coefficients, classes)?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x6e65_7477_6f72_6b00);
        let mut parameters = Vec::new();
        let mut inputs = 1;
        for (index, conv) in spec.conv.iter().enumerate() {
            parameters.push(Parameter::glorot(
                &format!("conv.{index}.weight"),
                &[3, 3, inputs, conv.channels],
                9 * inputs,
                9 * conv.channels,
                &mut rng,
            ));
            parameters.push(Parameter::zeros(
                &format!("conv.{index}.bias"),
                &[conv.channels],
            ));
            inputs = conv.channels;
        }
        let mut width = spec.width(coefficients);
        if let Some(lstm) = &spec.lstm {
            let hidden = lstm.hidden;
            for direction in ["forward", "backward"] {
                for (part, rows) in [("input", width), ("recurrent", hidden)] {
                    parameters.push(Parameter::glorot(
                        &format!("lstm.{direction}.{part}"),
                        &[rows, 4 * hidden],
                        rows,
                        4 * hidden,
                        &mut rng,
                    ));
                }
                let mut bias = Parameter::zeros(&format!("lstm.{direction}.bias"), &[4 * hidden]);
                bias.data[hidden..2 * hidden].fill(1.0);
                parameters.push(bias);
            }
            width = 2 * hidden;
        }
        if let PoolingSpec::AttentiveStatistics { hidden } = spec.pooling {
            parameters.push(Parameter::glorot(
                "attention.hidden",
                &[width, hidden],
                width,
                hidden,
                &mut rng,
            ));
            parameters.push(Parameter::zeros("attention.bias", &[hidden]));
            parameters.push(Parameter::glorot(
                "attention.score",
                &[hidden, 1],
                hidden,
                1,
                &mut rng,
            ));
            width *= 2;
        }
        for (index, &units) in spec.dense.iter().chain([&classes]).enumerate() {
            parameters.push(Parameter::glorot(
                &format!("dense.{index}.weight"),
                &[width, units],
                width,
                units,
                &mut rng,
            ));
            parameters.push(Parameter::zeros(&format!("dense.{index}.bias"), &[units]));
            width = units;
        }
        Ok(Self {
            spec: spec.clone(),
            coefficients,
            classes,
            parameters,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            precision: Precision::F32,
        })
    }

    /// The specification it was built from.
    pub fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// Numbers per frame it takes.
    pub fn coefficients(&self) -> usize {
        self.coefficients
    }

    /// Outputs.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// All weights, in a fixed order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// All weights, to be changed.
    pub fn parameters_mut(&mut self) -> &mut [Parameter] {
        &mut self.parameters
    }

    /// The weights of a name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.name == name)
    }

    /// How exact the products are that give [`gradients`](Self::gradients); answers are always of 32 bits.
    pub fn set_precision(&mut self, precision: Precision) {
        self.precision = precision;
    }

    /// Most threads it uses; results do not depend on it.
    pub fn set_threads(&mut self, threads: usize) {
        self.threads = threads.max(1);
    }

    fn layout(&self) -> Layout {
        let lstm = 2 * self.spec.conv.len();
        let attention = lstm + if self.spec.lstm.is_some() { 6 } else { 0 };
        let pools = matches!(self.spec.pooling, PoolingSpec::AttentiveStatistics { .. });
        Layout {
            lstm,
            attention,
            dense: attention + if pools { 3 } else { 0 },
        }
    }

    fn data(&self, index: usize) -> &[f32] {
        &self.parameters[index].data
    }

    fn lstm_weights(&self, direction: usize) -> Weights<'_> {
        let at = self.layout().lstm + 3 * direction;
        Weights {
            input: self.data(at),
            recurrent: self.data(at + 1),
            bias: self.data(at + 2),
        }
    }

    fn attention_weights(&self) -> Attention<'_> {
        let at = self.layout().attention;
        Attention {
            hidden: self.data(at),
            bias: self.data(at + 1),
            score: self.data(at + 2),
        }
    }

    fn conv_dropout(&self, index: usize, part: Part<'_>) -> Option<Dropout> {
        part.dropout_seed
            .and_then(|seed| Dropout::new(self.spec.conv[index].dropout, seed, index as u64))
    }

    fn sequence_of(&self, part: Part<'_>, direction: usize) -> Sequence {
        Sequence {
            steps: self.spec.steps(part.frames),
            clips: part.clips,
            width: self.spec.width(self.coefficients),
            hidden: self.spec.lstm.as_ref().map_or(0, |lstm| lstm.hidden),
            reverse: direction == 1,
        }
    }

    fn dense_dropout(&self, part: Part<'_>) -> Option<Dropout> {
        part.dropout_seed
            .and_then(|seed| Dropout::new(self.spec.dropout, seed, 1000))
    }

    /// Width of the sequence that is pooled.
    fn pooled_from(&self) -> usize {
        self.spec
            .lstm
            .as_ref()
            .map_or(self.spec.width(self.coefficients), |lstm| 2 * lstm.hidden)
    }

    /// The sequence that is pooled.
    fn pooled_size(&self, part: Part<'_>) -> Size {
        Size {
            steps: self.spec.steps(part.frames),
            clips: part.clips,
            width: self.pooled_from(),
        }
    }
}
