//! `LiveControl`: the main thread's half of a stream.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::shared::Shared;
use super::voice::{Swap, Voice};
use super::{LiveError, LiveModel, LiveSettings, LiveUpdate, WorkerPool};
use crate::engine::EngineReport;

/// The main thread's half of a stream: settings and models in, meters out. Any number of threads may use it at once, but for the audio thread.
pub struct LiveControl {
    shared: Arc<Shared>,
    pool: WorkerPool,
}

impl fmt::Debug for LiveControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveControl")
            .field("sample_rate_hz", &self.shared.sample_rate_hz)
            .finish_non_exhaustive()
    }
}

/// What a stream is doing.
#[derive(Debug, Clone)]
pub struct Meters {
    /// The last update since the last reset.
    pub update: Option<LiveUpdate>,
    /// Whether somebody speaks.
    pub speaking: bool,
    /// RMS level of what is listened to over about 0.3 s, in dB below full scale; −120 is digital silence.
    pub level_db: f32,
    /// How far the last update lay behind the newest sound when it was told, in ms: what waiting, look-ahead and inference took.
    pub lag_ms: f32,
    /// Samples dropped since the stream was opened.
    pub dropped_samples: u64,
    /// Updates that were not told because nobody polled.
    pub missed_events: u64,
    /// The model in use; [`LiveUpdate::scores`] are of its emotions.
    pub model: Arc<LiveModel>,
    /// Whether another model is listening itself in, to take over.
    pub swapping: bool,
    /// The engine in use, and why not a better one.
    pub engine: EngineReport,
    /// Why there are no scores, or not those asked for; gone once all is well again.
    pub error: Option<String>,
}

impl LiveControl {
    pub(super) fn new(shared: Arc<Shared>, pool: WorkerPool) -> Self {
        Self { shared, pool }
    }

    /// Changes the settings from the next hop on.
    ///
    /// # Errors
    /// If a value is out of range, or the priors are not those of the model in use (see [`meters`](Self::meters)); then nothing changes.
    pub fn set_settings(&self, settings: &LiveSettings) -> Result<(), LiveError> {
        settings.check(self.shared.model().model().emotions().len())?;
        self.shared
            .listening
            .store(settings.listening, Ordering::Relaxed);
        self.shared.new_settings.force_push(*settings);
        self.pool.workers().wake();
        Ok(())
    }

    /// Has another model take over, without a gap: it listens beside the present one until it has heard a window of its own length,
    /// or until the next reset. Updates then have another [`model_number`](LiveUpdate::model_number). Of several on their way, the last one
    /// takes over.
    ///
    /// Priors are dropped if the new model has another number of emotions.
    ///
    /// # Errors
    /// If the model cannot listen to this stream, or no engine can be made for it.
    pub fn swap_model(&self, model: Arc<LiveModel>) -> Result<(), LiveError> {
        model.warm_up(self.pool.threads())?;
        let settings = LiveSettings::default();
        let voice = Voice::new(model, self.shared.sample_rate_hz, &settings)?;
        self.shared.swapping.store(true, Ordering::Relaxed);
        self.shared.new_model.force_push(Box::new(Swap { voice }));
        self.pool.workers().wake();
        Ok(())
    }

    /// Why there are no scores, or not those asked for: [`Meters::error`] alone.
    pub fn error(&self) -> Option<String> {
        self.shared.error()
    }

    /// Makes the worker panic at the next piece.
    #[cfg(test)]
    pub(super) fn break_down(&self) {
        self.shared.break_down.store(true, Ordering::Relaxed);
    }

    /// What the stream is doing.
    pub fn meters(&self) -> Meters {
        let shared = &self.shared;
        let relaxed = Ordering::Relaxed;
        let model = shared.model();
        Meters {
            update: shared.board.read(),
            speaking: shared.speaking.load(relaxed),
            level_db: shared.level_db.load(relaxed),
            lag_ms: shared.lag_ms.load(relaxed),
            dropped_samples: shared.overflowed.load(relaxed) + shared.skipped.load(relaxed),
            missed_events: shared.missed_events.load(relaxed),
            swapping: shared.swapping.load(relaxed),
            engine: model.report().clone(),
            error: shared.error(),
            model,
        }
    }

    /// Rate of the sound in Hz.
    pub fn sample_rate_hz(&self) -> u32 {
        self.shared.sample_rate_hz
    }
}
