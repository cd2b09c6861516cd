//! The heart, and the only one: samples in, windows out, for one voice.
//!
//! A [`Listener`] turns sound into windows of features; an [`Analyzer`] has a model run on each and gives [`Window`]s with their
//! readings. A scan drives them from a decoder, a live engine from a ring buffer on its worker, a test one sample at a time: all get
//! the same windows, to the bit, for every way of cutting the sound into blocks. Neither knows of threads, clocks, files or hosts.

mod hop;
mod listener;

pub use hop::{Hop, HopError};
pub use listener::{Heard, HeardVoice, Listener, SpeechStep};

use crate::audio::ConditionError;
use crate::engine::{EngineError, InferenceEngine};
use crate::features::FeatureError;
use crate::model::{ScoreError, Scorer};
use crate::timeline::Window;

/// Why sound cannot be analysed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzerError {
    /// The sound cannot be brought to the model's rate.
    #[error(transparent)]
    Condition(#[from] ConditionError),
    /// The model asks for features that cannot be computed.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The network gave no numbers.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

/// Samples in, windows with their readings out.
pub struct Analyzer {
    listener: Listener,
    engine: Box<dyn InferenceEngine>,
    scorer: Scorer,
    logits: Vec<f32>,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analyzer")
            .field("listener", &self.listener)
            .field("engine", &self.engine.description())
            .finish_non_exhaustive()
    }
}

impl Analyzer {
    /// An analyser of what `listener` hears.
    pub fn new(listener: Listener, engine: Box<dyn InferenceEngine>, scorer: Scorer) -> Self {
        Self {
            listener,
            engine,
            scorer,
            logits: Vec::new(),
        }
    }

    /// Takes mono samples at the listener's input rate; appends the windows that they complete.
    ///
    /// Runs the model: not for the audio thread.
    ///
    /// # Errors
    /// If the engine fails or gives no numbers; windows before are in `windows`.
    pub fn push(&mut self, mono: &[f32], windows: &mut Vec<Window>) -> Result<(), AnalyzerError> {
        self.run(windows, |listener, sink| listener.push(mono, sink))
    }

    /// Ends the sound and appends what windows are left; what is pushed next is a new sound.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn finish(&mut self, windows: &mut Vec<Window>) -> Result<(), AnalyzerError> {
        self.run(windows, |listener, sink| listener.finish(sink))
    }

    /// Forgets all sound; the next sample is the first of a new one.
    pub fn reset(&mut self) {
        self.listener.reset();
    }

    fn run(
        &mut self,
        windows: &mut Vec<Window>,
        drive: impl FnOnce(&mut Listener, &mut dyn FnMut(Heard<'_>)) -> Result<(), AnalyzerError>,
    ) -> Result<(), AnalyzerError> {
        let Self {
            listener,
            engine,
            scorer,
            logits,
        } = self;
        let mut result = Ok(());
        let heard = drive(listener, &mut |heard| {
            if result.is_err() {
                return;
            }
            let mut window = Window {
                start_seconds: heard.start_seconds,
                end_seconds: heard.end_seconds,
                voiced_seconds: heard.voiced_seconds,
                reading: None,
                delivery: None,
            };
            if let Some(features) = heard.features {
                match engine
                    .run(features, 1, logits)
                    .map_err(AnalyzerError::from)
                    .and_then(|()| Ok(scorer.window_reading(logits, heard.voiced_seconds)?))
                {
                    Ok(reading) => window.reading = Some(reading),
                    Err(error) => {
                        result = Err(error);
                        return;
                    }
                }
            }
            windows.push(window);
        });
        result.and(heard)
    }
}
