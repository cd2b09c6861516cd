//! Sound from files and hosts: decoding, downmix, resampling, noise reduction. (under construction)

use serde::{Deserialize, Serialize};

/// Reduction of steady background noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoiseReduction {
    /// The sound is left as it is.
    #[default]
    Off,
    /// RNNoise, a small recurrent network that keeps speech and lowers the rest.
    Rnnoise,
}
