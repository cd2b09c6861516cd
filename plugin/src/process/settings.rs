//! What the parameters say, as the live engine takes it.

use super::ear::Facts;
use crate::params::{Input, SilenceParam};
use undersong_core::analyzer::Hop;
use undersong_core::live::{LiveSettings, Silence};

/// Whether the plugin listens at all. Real-time safe: yes.
pub(crate) fn listens(input: &Input) -> bool {
    input.listening.listen.value() && !input.bypass.value()
}

/// The live engine's settings, for a model. Real-time safe: yes.
pub(crate) fn live_settings(input: &Input, facts: &Facts) -> LiveSettings {
    let listening = &input.listening;
    LiveSettings {
        hop: Hop::from_seconds(f64::from(listening.hop.value()) / 1000.0).unwrap_or_default(),
        smoothing_seconds: f64::from(listening.smoothing.value()),
        sensitivity: listening.sensitivity.value(),
        priors: facts.priors(&input.priors.factors()),
        silence: match listening.silence.value() {
            SilenceParam::Hold => Silence::Hold,
            SilenceParam::Decay => Silence::Decay {
                seconds: f64::from(listening.decay.value()),
            },
        },
        listening: listens(input),
    }
}
