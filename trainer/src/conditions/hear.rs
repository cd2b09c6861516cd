//! A sound as core hears it: the window that a model sees, and how much voice the gate finds in it.

use undersong_core::analyzer::{AnalyzerError, Hop, Listener};
use undersong_core::audio::{Conditioner, NoiseReduction};
use undersong_core::features::{ClipFeatures, FeatureConfig};

use super::Sound;

/// What a model sees of a sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// `[frames, coefficients]`.
    pub features: Vec<f32>,
    /// Seconds of voice that the gate of a scan finds in the window.
    pub voiced_seconds: f64,
    /// Whether that is enough for a scan or a live engine to ask the model at all.
    pub voice_found: bool,
}

/// Cuts windows by core's code, with the voice detector of a scan; one per thread.
#[derive(Debug)]
pub struct Hearer {
    features: ClipFeatures,
    listener: Listener,
    /// Noise reduction, where the model asks for it: it comes after everything that a room or a channel does.
    reduction: Option<Conditioner>,
    span: usize,
}

impl Hearer {
    /// A hearer for a model's features.
    ///
    /// # Errors
    /// If the features make no sense.
    pub fn new(config: &FeatureConfig) -> Result<Self, AnalyzerError> {
        let rate_hz = config.sample_rate_hz;
        let reduction = match config.noise_reduction {
            NoiseReduction::Off => None,
            reduction => Some(Conditioner::new(rate_hz, rate_hz, reduction)?),
        };
        let mut quiet = config.clone();
        quiet.noise_reduction = NoiseReduction::Off;
        Ok(Self {
            features: ClipFeatures::new(&quiet)?,
            listener: Listener::new(&quiet, rate_hz, Hop::default())?,
            reduction,
            span: config.span_samples,
        })
    }

    /// The window of a sound. The features are cut whether or not there is voice, to the bit as a stream of the sound gives them.
    ///
    /// # Errors
    /// If a window cannot be cut, which would be a fault of Undersong's.
    pub fn hear(&mut self, sound: &Sound) -> Result<Window, AnalyzerError> {
        let mut reduced = Vec::new();
        let sound = match &mut self.reduction {
            None => sound,
            Some(conditioner) => {
                conditioner.push(&sound.samples, &mut reduced);
                conditioner.finish(&mut reduced);
                &Sound {
                    samples: reduced,
                    ..sound.clone()
                }
            }
        };
        let size = self.features.frames() * self.features.coefficients();
        let mut features = vec![0.0; size];
        self.features
            .window(&sound.samples, sound.start, &mut features)?;
        let (mut voiced_seconds, mut voice_found) = (0.0, false);
        self.listener.reset();
        let mut sink = |heard: undersong_core::analyzer::Heard<'_>| {
            voiced_seconds = heard.voiced_seconds;
            voice_found = heard.features.is_some();
        };
        self.listener.push(sound.window(self.span), &mut sink)?;
        self.listener.finish(&mut sink)?;
        Ok(Window {
            features,
            voiced_seconds,
            voice_found,
        })
    }
}
