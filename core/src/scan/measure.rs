//! A take's delivery beside its windows, from what the listener has resampled and judged already.

use super::sound::Reader;
use crate::analyzer::{HeardVoice, Listener};
use crate::audio::{ConditionError, Conditioner, NoiseReduction};
use crate::delivery::{Delivery, LoudnessTarget, TakeDelivery, TakeMeter};
use crate::features::FeatureConfig;
use crate::voice::VoiceDetector;

/// Hands a take's sound to its meter.
#[derive(Debug)]
pub(super) struct Measuring {
    meter: TakeMeter,
    voice: HeardVoice,
    /// For a model with noise reduction: what is measured is the take, and not what is left of it.
    own: Option<Conditioner>,
    sound: Vec<f32>,
}

impl Measuring {
    /// Begins with the take; the listener keeps its voice from now on.
    pub(super) fn new(
        listener: &mut Listener,
        reader: &Reader<'_>,
        config: &FeatureConfig,
        target: LoudnessTarget,
    ) -> Result<Self, ConditionError> {
        listener.keep_voice();
        let rate_hz = reader.rate_hz();
        let own = match config.noise_reduction {
            NoiseReduction::Off => None,
            NoiseReduction::Rnnoise => Some(Conditioner::new(
                rate_hz,
                VoiceDetector::RATE_HZ,
                NoiseReduction::Off,
            )?),
        };
        Ok(Self {
            meter: TakeMeter::new(rate_hz, &reader.channel_places(), target),
            voice: HeardVoice::default(),
            own,
            sound: Vec::new(),
        })
    }

    /// A window that the listener gave.
    pub(super) fn window(&mut self, start_seconds: f64, end_seconds: f64) {
        self.meter.window(start_seconds, end_seconds);
    }

    /// Takes a block that the listener has heard, as the file's channels and as their mean.
    pub(super) fn push(&mut self, listener: &mut Listener, planes: &[Vec<f32>], mono: &[f32]) {
        self.meter.push_channels(planes);
        listener.take_voice(&mut self.voice);
        if let Some(own) = &mut self.own {
            self.sound.clear();
            own.push(mono, &mut self.sound);
        }
        self.hand_over();
    }

    /// Ends the take after the listener did.
    pub(super) fn finish(mut self, listener: &mut Listener) -> (TakeDelivery, Vec<Delivery>) {
        listener.take_voice(&mut self.voice);
        if let Some(own) = &mut self.own {
            self.sound.clear();
            own.finish(&mut self.sound);
        }
        self.hand_over();
        self.meter.finish(listener.seconds())
    }

    fn hand_over(&mut self) {
        let sound = match &self.own {
            Some(_) => &self.sound,
            None => &self.voice.sound,
        };
        self.meter.push_voice(sound, &self.voice.probabilities);
    }
}
