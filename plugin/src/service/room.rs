//! `Room`: an instance's model and stream, from the wish to the sound's way in.

use super::lock;
use super::models::{Opened, Wanted};
use crate::params::UndersongParams;
use crate::process::{Ear, Facts, live_settings};
use crate::shared::Shared;
use crossbeam_queue::ArrayQueue;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use undersong_core::engine::EngineReport;
use undersong_core::live::{self, LiveControl, LiveModel, Meters, WorkerPool};

/// An instance's model and stream.
#[derive(Debug)]
pub(crate) struct Room {
    state: Mutex<State>,
    /// Told when a load has ended.
    settled: Condvar,
    /// Streams on their way to the audio thread.
    ears: ArrayQueue<Ear>,
    /// What the audio thread is to know of the model that takes over next.
    facts: ArrayQueue<Facts>,
}

#[derive(Debug, Default)]
struct State {
    /// Set while the plugin is active.
    rate_hz: Option<u32>,
    /// What is loaded, being loaded, or could not be loaded.
    wanted: Option<Wanted>,
    loading: bool,
    model: Option<Arc<LiveModel>>,
    /// Which model the stream runs or is to run.
    pool: Option<WorkerPool>,
    control: Option<LiveControl>,
    error: Option<String>,
    /// Why the model is not calibrated to the speaker that was asked for.
    profile_error: Option<String>,
    loader: Option<JoinHandle<()>>,
}

/// How it stands with the model, for the editor.
#[derive(Debug, Clone, Default)]
pub struct RoomReport {
    /// A model is being loaded.
    pub loading: bool,
    /// The model's file, or what stands for the built-in one.
    pub model: Option<String>,
    /// What the model's file says it is called.
    pub model_id: Option<String>,
    /// Rate of the sound in Hz; `None` while the plugin is not active.
    pub rate_hz: Option<u32>,
    /// Length of the model's window, in seconds.
    pub window_seconds: Option<f64>,
    /// The engine in use, and why not another.
    pub engine: Option<EngineReport>,
    /// Why there is no model, or no stream.
    pub error: Option<String>,
    /// The speaker's profile in use: its file's name.
    pub profile: Option<String>,
    /// Why the profile that was asked for is not in use.
    pub profile_error: Option<String>,
    /// What the stream is doing; `None` while the plugin is not active or has no model.
    pub meters: Option<Meters>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            settled: Condvar::new(),
            ears: ArrayQueue::new(2),
            facts: ArrayQueue::new(1),
        }
    }
}

impl Room {
    /// A stream that has been opened since the last call. Real-time safe: yes.
    pub(crate) fn next_ear(&self) -> Option<Ear> {
        // Asked in every block, and emptiness costs less to see than to meet.
        if self.ears.is_empty() {
            return None;
        }
        let mut newest = None;
        while let Some(ear) = self.ears.pop() {
            newest = Some(ear);
        }
        newest
    }

    /// What is known of a model that has taken over. Real-time safe: yes.
    pub(crate) fn next_facts(&self) -> Option<Facts> {
        self.facts.pop()
    }

    /// Waits until no model is being loaded. Real-time safe: no.
    pub(crate) fn wait(&self) {
        let mut state = lock(&self.state);
        while state.loading {
            state = self
                .settled
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The plugin becomes active at this rate: gives a stream if the model is there already, and otherwise has it loaded.
    pub(crate) fn activate(&self, shared: &Arc<Shared>, rate_hz: f64) -> Option<Ear> {
        let mut state = lock(&self.state);
        state.rate_hz = Some(rate_hz.round().clamp(0.0, f64::from(u32::MAX)) as u32);
        state.control = None;
        while self.ears.pop().is_some() {}
        // Activating is also the user's way to try again.
        if state.model.is_none() && !state.loading {
            state.wanted = None;
        }
        self.want(shared, &mut state);
        if state.loading {
            return None;
        }
        self.open(&shared.params, &mut state)
    }

    /// The plugin is no longer active.
    pub(crate) fn deactivate(&self) {
        let mut state = lock(&self.state);
        state.rate_hz = None;
        state.control = None;
        while self.ears.pop().is_some() {}
    }

    /// Looks whether the parameters want another model.
    pub(crate) fn attend(&self, shared: &Arc<Shared>) {
        let mut state = lock(&self.state);
        if state.rate_hz.is_some() {
            self.want(shared, &mut state);
        }
    }

    /// Loads the model again, also if it could not be loaded.
    pub(crate) fn reload(&self) {
        let mut state = lock(&self.state);
        if !state.loading {
            state.wanted = None;
        }
    }

    /// How it stands.
    pub(crate) fn report(&self) -> RoomReport {
        let state = lock(&self.state);
        let meters = state.control.as_ref().map(LiveControl::meters);
        let model = state.model.as_ref();
        RoomReport {
            rate_hz: state.rate_hz,
            loading: state.loading,
            model: model.map(|model| model.model().source().to_owned()),
            model_id: model.map(|model| model.model().id().to_owned()),
            window_seconds: model.map(|model| model.model().features().span_seconds()),
            engine: meters
                .as_ref()
                .map(|meters| meters.engine.clone())
                .or_else(|| model.map(|model| model.report().clone())),
            error: state.error.clone(),
            profile: model
                .and_then(|model| model.model().speaker())
                .map(|(_, name)| name.to_owned()),
            profile_error: state.profile_error.clone(),
            meters,
        }
    }

    /// Waits for a load that is under way; an instance that goes takes its threads along.
    pub(crate) fn close(&self) {
        let loader = lock(&self.state).loader.take();
        if let Some(loader) = loader {
            let _ = loader.join();
        }
    }

    fn want(&self, shared: &Arc<Shared>, state: &mut State) {
        if state.loading {
            return;
        }
        let wanted = Wanted::of(&shared.params);
        if state.wanted.as_ref() == Some(&wanted) {
            return;
        }
        state.wanted = Some(wanted.clone());
        if let Some(model) = wanted.is_open() {
            self.take(&shared.params, state, Ok((model, None)));
            return;
        }
        let own = Arc::downgrade(shared);
        let spawned = std::thread::Builder::new()
            .name("undersong-load".to_owned())
            .spawn(move || {
                let result = crate::guard::guard(
                    Err("loading the model failed unexpectedly; choose another".to_owned()),
                    || wanted.open(),
                );
                if let Some(shared) = own.upgrade() {
                    let room = &shared.room;
                    let mut state = lock(&room.state);
                    state.loading = false;
                    room.take(&shared.params, &mut state, result);
                    room.settled.notify_all();
                }
            });
        match spawned {
            Ok(loader) => {
                state.loading = true;
                if let Some(before) = state.loader.replace(loader) {
                    // It has ended: there is one load at a time.
                    let _ = before.join();
                }
            }
            Err(error) => state.error = Some(format!("no thread to load the model on: {error}")),
        }
    }

    /// Takes the outcome of a load: a running stream goes over to the model, without a gap.
    fn take(&self, params: &UndersongParams, state: &mut State, result: Result<Opened, String>) {
        let model = match result {
            Ok((model, complaint)) => {
                state.profile_error = complaint;
                model
            }
            Err(error) => {
                // The model before goes on, if there was one.
                state.error = Some(error);
                return;
            }
        };
        state.error = None;
        let facts = Facts::of(model.model());
        state.model = Some(Arc::clone(&model));
        let gapless = match &state.control {
            // While another takes over, nobody could say whose scores come next.
            Some(control) if !control.meters().swapping => control.swap_model(model).is_ok(),
            _ => false,
        };
        if gapless {
            self.facts.force_push(facts);
        } else if let Some(ear) = self.open(params, state) {
            self.ears.force_push(ear);
        }
    }

    /// Opens a stream with the model that is loaded, if the plugin is active.
    fn open(&self, params: &UndersongParams, state: &mut State) -> Option<Ear> {
        let (Some(rate_hz), Some(model)) = (state.rate_hz, state.model.clone()) else {
            return None;
        };
        let facts = Facts::of(model.model());
        let pool = match &state.pool {
            Some(pool) => Ok(pool.clone()),
            None => WorkerPool::shared(),
        };
        let opened = pool.and_then(|pool| {
            state.pool = Some(pool.clone());
            live::open(&pool, model, rate_hz, live_settings(&params.input, &facts))
        });
        match opened {
            Ok((input, control)) => {
                self.facts.pop();
                state.control = Some(control);
                state.error = None;
                Some(Ear {
                    input,
                    facts,
                    settings: None,
                })
            }
            Err(error) => {
                state.control = None;
                state.error = Some(error.to_string());
                None
            }
        }
    }
}
