//! `NetworkSpec`: a network as a recipe describes it.

use serde::{Deserialize, Serialize};

/// A network: convolution blocks, an LSTM, pooling over time, dense layers.
///
/// Convolutions or the LSTM may be left out: without the one it is an LSTM alone, without the other a CNN alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkSpec {
    /// Share of the pooled vector that is dropped in training, before the dense layers.
    #[serde(default)]
    pub dropout: f32,
    /// Sizes of the dense layers with ReLU before the last, which has one output per class.
    #[serde(default)]
    pub dense: Vec<usize>,
    /// Convolution blocks, in order.
    #[serde(default)]
    pub conv: Vec<ConvSpec>,
    /// The LSTM over time.
    #[serde(default)]
    pub lstm: Option<LstmSpec>,
    /// How a sequence becomes a vector.
    pub pooling: PoolingSpec,
}

/// A 3×3 convolution with same padding, ReLU, max-pooling and dropout.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvSpec {
    /// Output channels.
    pub channels: usize,
    /// Max-pooling over time and coefficients; what is left over at the end is dropped.
    pub pool: [usize; 2],
    /// Share of values dropped in training.
    #[serde(default)]
    pub dropout: f32,
}

/// A bidirectional LSTM.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LstmSpec {
    /// Units in each direction.
    pub hidden: usize,
}

/// How a sequence becomes a vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum PoolingSpec {
    /// The last state of each direction (Keras's `return_sequences=False`); needs an LSTM.
    Last,
    /// The mean over time.
    Mean,
    /// Mean and standard deviation over time, weighted by attention (Okabe, Koshinaka & Shinoda 2018).
    AttentiveStatistics {
        /// Units of the attention's hidden layer.
        hidden: usize,
    },
}

/// A network that cannot be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("network.{key}: {problem}")]
pub struct SpecError {
    /// Which setting.
    pub key: String,
    /// What is wrong, and what was expected.
    pub problem: String,
}

impl NetworkSpec {
    /// Names the first setting with which no network can be built for `coefficients` numbers a frame.
    pub(super) fn validate(&self, coefficients: usize, classes: usize) -> Result<(), SpecError> {
        let error = |key: &str, problem: String| {
            Err(SpecError {
                key: key.to_owned(),
                problem,
            })
        };
        if coefficients == 0 || classes < 2 {
            return error(
                "classes",
                format!(
                    "{classes} classes of {coefficients} coefficients; expected 2 and 1 at least"
                ),
            );
        }
        let dropouts = self.conv.iter().map(|conv| conv.dropout);
        for dropout in dropouts.chain([self.dropout]) {
            if !(0.0..0.95).contains(&dropout) {
                return error("dropout", format!("{dropout}; expected 0 to below 0.95"));
            }
        }
        let mut bands = coefficients;
        for (index, conv) in self.conv.iter().enumerate() {
            let key = format!("conv[{index}]");
            if conv.channels == 0 || conv.channels > 4096 {
                return error(
                    &key,
                    format!("{} channels; expected 1 to 4096", conv.channels),
                );
            }
            if conv.pool.iter().any(|&pool| pool == 0 || pool > 8) {
                return error(&key, format!("pool {:?}; expected 1 to 8 each", conv.pool));
            }
            bands /= conv.pool[1];
            if bands == 0 {
                return error(&key, "pools away all coefficients".to_owned());
            }
        }
        let mut hidden = self.dense.clone();
        hidden.extend(self.lstm.as_ref().map(|lstm| lstm.hidden));
        match self.pooling {
            PoolingSpec::Last if self.lstm.is_none() => {
                return error("pooling", "`last` needs an LSTM; use `mean`".to_owned());
            }
            PoolingSpec::AttentiveStatistics { hidden: units } => hidden.push(units),
            _ => {}
        }
        match hidden.iter().find(|&&units| units == 0 || units > 8192) {
            Some(units) => error(
                "hidden or dense",
                format!("{units} units; expected 1 to 8192"),
            ),
            None => Ok(()),
        }
    }

    /// Frames that are left after the convolutions' pooling.
    pub fn steps(&self, frames: usize) -> usize {
        self.conv
            .iter()
            .fold(frames, |frames, conv| frames / conv.pool[0])
    }

    /// Numbers per frame after the convolutions, `bands · channels`.
    pub fn width(&self, coefficients: usize) -> usize {
        let (bands, channels) = self
            .conv
            .iter()
            .fold((coefficients, 1), |(bands, _), conv| {
                (bands / conv.pool[1], conv.channels)
            });
        bands * channels
    }
}
