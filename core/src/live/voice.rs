//! `Voice`: what one model hears of a stream, and what it makes of it.

use std::sync::Arc;

use super::{LiveError, LiveModel, LiveSettings, MAX_EMOTIONS};
use crate::analyzer::{AnalyzerError, Heard, Listener, SpeechStep};
use crate::model::Scorer;
use crate::timeline::{Reading, Scores};

/// A window as a listener gave it.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) start_seconds: f64,
    pub(super) end_seconds: f64,
    pub(super) voiced_seconds: f64,
    pub(super) whole: bool,
    /// Empty where there is too little voice.
    pub(super) features: Vec<f32>,
}

/// A model with the ears for it.
pub(super) struct Voice {
    model: Arc<LiveModel>,
    listener: Listener,
    scorer: Scorer,
    settings: LiveSettings,
    /// Position in the stream of the first sample that the listener heard.
    began: u64,
    logits: Vec<f32>,
}

/// A model on its way to the worker: made ready by whoever swaps it in.
pub(super) struct Swap {
    pub(super) voice: Voice,
}

impl Voice {
    pub(super) fn new(
        model: Arc<LiveModel>,
        sample_rate_hz: u32,
        settings: &LiveSettings,
    ) -> Result<Self, LiveError> {
        let emotions = model.model().emotions().len();
        if emotions > MAX_EMOTIONS {
            return Err(LiveError::TooManyEmotions { given: emotions });
        }
        let listener = Listener::live(model.model().features(), sample_rate_hz, settings.hop)?;
        Ok(Self {
            scorer: scorer(&model, settings)?,
            listener,
            model,
            settings: *settings,
            began: 0,
            logits: Vec::new(),
        })
    }

    pub(super) fn model(&self) -> &Arc<LiveModel> {
        &self.model
    }

    pub(super) fn emotions(&self) -> usize {
        self.model.model().emotions().len()
    }

    pub(super) fn span_seconds(&self) -> f64 {
        self.model.model().features().span_seconds()
    }

    /// Takes over what it can of new settings: priors of another model are left out, and named in the answer.
    pub(super) fn set(&mut self, settings: &LiveSettings) -> Result<(), LiveError> {
        if settings.hop != self.settings.hop {
            self.listener.set_hop(settings.hop);
        }
        let same = settings.priors == self.settings.priors
            && settings.sensitivity == self.settings.sensitivity;
        self.settings = *settings;
        if same {
            return Ok(());
        }
        let outcome = settings.check(self.emotions());
        if outcome.is_err() {
            self.settings.priors = None;
        }
        self.scorer = scorer(&self.model, &self.settings)?;
        outcome
    }

    /// Forgets all sound; the next sample is the one at this position of the stream.
    pub(super) fn reset(&mut self, began: u64) {
        self.listener.reset();
        self.began = began;
    }

    /// Position in the stream of a time of this voice's listener.
    pub(super) fn position(&self, seconds: f64) -> u64 {
        self.began + (seconds * f64::from(self.listener.input_rate_hz())).round() as u64
    }

    /// How far behind the sound windows and the detector's steps come at most, in seconds.
    pub(super) fn delays_seconds(&self) -> (f64, f64) {
        let listener = &self.listener;
        (
            listener.window_delay_seconds(),
            listener.step_delay_seconds(),
        )
    }

    /// Takes samples; appends the detector's steps and the windows that are complete.
    pub(super) fn hear(
        &mut self,
        mono: &[f32],
        steps: &mut Vec<SpeechStep>,
        windows: &mut Vec<Window>,
    ) -> Result<(), AnalyzerError> {
        let span = self.span_seconds();
        let outcome = self.listener.push(mono, &mut |heard: Heard<'_>| {
            windows.push(Window {
                start_seconds: heard.start_seconds,
                end_seconds: heard.end_seconds,
                voiced_seconds: heard.voiced_seconds,
                // A whole window's length may be off by the last bit.
                whole: heard.end_seconds - heard.start_seconds > span - 1e-6,
                features: heard.features.unwrap_or_default().to_vec(),
            });
        });
        self.listener.take_steps(steps);
        outcome
    }

    /// Runs the model on a voiced window.
    pub(super) fn read(&mut self, window: &Window) -> Result<Reading, AnalyzerError> {
        self.model.run(&window.features, &mut self.logits)?;
        Ok(self
            .scorer
            .window_reading(&self.logits, window.voiced_seconds)?)
    }

    /// What smoothed scores mean.
    pub(super) fn reading_of(&self, scores: &[f64]) -> Reading {
        let scores = scores.iter().map(|&score| score as f32).collect();
        self.scorer.reading_of(Scores(scores))
    }
}

/// A model's scorer with the user's sensitivity and priors.
fn scorer(model: &LiveModel, settings: &LiveSettings) -> Result<Scorer, LiveError> {
    let mut metadata = model.model().metadata().clone();
    metadata.calibration.temperature /= settings.sensitivity;
    let priors = settings
        .priors
        .and_then(|shares| shares.priors(&metadata.emotions));
    Ok(Scorer::from_metadata(&metadata, priors.as_ref()).map_err(AnalyzerError::from)?)
}
