//! `Bridge`: what the instance's threads share, as a [`View`]; what the user asks for, back to them.

use super::parameters;
use super::view::{Engine, Model, OscTarget, State, View};
use super::{Action, Route, describe};
use crate::midi;
use crate::params::LANES;
use crate::process;
use crate::service::{RoomReport, available_models};
use crate::shared::Shared;
use std::sync::Arc;
use std::time::{Duration, Instant};
use undersong_core::live::LiveUpdate;

/// If no sound has come for so long, the host has stopped, in seconds.
const STOPPED_SECONDS: f64 = 0.5;

/// Time between what was heard before and after a new start, in seconds.
const RESTART_SECONDS: f64 = 0.5;

/// Time from one look at the folder beside the plugin to the next.
const LOOK: Duration = Duration::from_secs(5);

/// Fills a [`View`] from an instance, and hands [`Action`]s to it. On the editor's thread only.
#[derive(Debug)]
pub struct Bridge {
    shared: Arc<Shared>,
    view: View,
    /// The newest reading that is in the history.
    newest: u64,
    /// Seconds from the plugin's clock to the history's.
    offset_seconds: f64,
    /// When the newest reading was fetched.
    fetched: Instant,
    /// The plugin's clock when it was looked at last, and when it last moved.
    clock: (u64, Instant),
    /// The user has asked to forget what was heard.
    after_reset: bool,
    /// Somebody has spoken since the start or a reset.
    voice_heard: bool,
    fresh: Vec<process::Reading>,
    /// The model that the view's names are of.
    model_id: Option<String>,
    /// When the folder beside the plugin was looked at last.
    looked: Option<Instant>,
}

impl Bridge {
    /// A bridge to an instance.
    pub fn new(shared: Arc<Shared>) -> Self {
        let mut bridge = Self {
            shared,
            view: View::default(),
            newest: 0,
            offset_seconds: 0.0,
            fetched: Instant::now(),
            clock: (0, Instant::now()),
            after_reset: false,
            voice_heard: false,
            fresh: Vec::new(),
            model_id: None,
            looked: None,
        };
        bridge.view.emotions = describe::usual_emotions();
        bridge
    }

    /// What the window shows.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Fills the view with how it stands now; `scale` is the window's.
    pub fn refresh(&mut self, scale: f32) {
        let room = self.shared.room();
        self.refresh_model(&room);
        self.refresh_heard(&room);
        let shared = Arc::clone(&self.shared);
        let params = &shared.params;
        let state = self.state(&room);
        let view = &mut self.view;
        view.state = state;
        view.settings = parameters::settings(&params.input, &view.emotions);
        view.settings.scale = scale;
        view.midi_map = describe::midi_map(params, &view.emotions);
        let target = params.osc_target.get();
        view.osc = OscTarget {
            host: target.host,
            port: target.port,
            wekinator: target.wekinator,
        };
        view.model.file = params.model_file.get();
        view.model.profile_file = params.profile_file.get();
        view.model.profile = room.profile.clone().unwrap_or_default();
        // The disk is not asked in every frame.
        if self.looked.is_none_or(|looked| looked.elapsed() > LOOK) {
            self.looked = Some(Instant::now());
            view.model.beside = available_models()
                .into_iter()
                .map(|file| file.name)
                .collect();
        }
        view.host_takes_automation = shared.automation_reaches_host();
        view.problems = shared
            .troubles()
            .iter()
            .map(|text| describe::problem(text))
            .collect();
    }

    fn refresh_model(&mut self, room: &RoomReport) {
        let view = &mut self.view;
        view.engine = room
            .engine
            .as_ref()
            .map_or_else(Engine::default, |report| Engine {
                name: report.description.clone(),
                why: report
                    .to_string()
                    .lines()
                    .skip(1)
                    .map(|line| line.trim().to_owned())
                    .collect(),
                warning: report.warning.clone(),
            });
        view.model.changing = room.meters.as_ref().is_some_and(|meters| meters.swapping);
        let Some(meters) = &room.meters else {
            return;
        };
        let model = meters.model.model();
        if self.model_id.as_deref() == Some(model.id()) {
            return;
        }
        // Scores of another model are those of other emotions.
        if self.model_id.is_some() {
            view.history.clear();
            view.reading = None;
        }
        self.model_id = Some(model.id().to_owned());
        view.emotions = describe::emotions(model.emotions());
        view.model = Model {
            beside: std::mem::take(&mut view.model.beside),
            ..describe::model(model.metadata(), model.features().span_seconds())
        };
    }

    fn refresh_heard(&mut self, room: &RoomReport) {
        let now = Instant::now();
        let clock = self.shared.clock_samples();
        if clock != self.clock.0 {
            self.clock = (clock, now);
        }
        let update = room
            .meters
            .as_ref()
            .and_then(|meters| meters.update.as_ref());
        self.take_readings(now, update);
        let view = &mut self.view;
        if let Some(update) = update {
            view.reading = describe::reading(update);
            self.voice_heard |= update.voiced;
        }
        if let Some(meters) = &room.meters {
            view.level_db = meters.level_db;
            let rate_hz = f64::from(room.rate_hz.unwrap_or(48_000).max(1));
            view.dropped_seconds = meters.dropped_samples as f64 / rate_hz;
        }
        view.lag_ms = update.map(|_| self.shared.lag_ms());
        // Between two readings time goes on, while the host sends sound.
        let sounds = now.duration_since(self.clock.1).as_secs_f64() < STOPPED_SECONDS;
        let since = now.duration_since(self.fetched).as_secs_f64();
        let to = view
            .history
            .last()
            .map(|last| last.at_seconds + since.min(last.hop_seconds * 2.0));
        if let Some(to) = to.filter(|_| sounds) {
            view.history.advance(to);
        }
    }

    fn take_readings(&mut self, now: Instant, update: Option<&LiveUpdate>) {
        self.fresh.clear();
        self.shared.history.since(self.newest, &mut self.fresh);
        let count = self.fresh.len();
        for (index, reading) in self.fresh.iter().enumerate() {
            let view = &mut self.view;
            let last = view.history.last().map(|last| last.at_seconds);
            let mut at = reading.at_seconds + self.offset_seconds;
            let restarted = last.is_some_and(|last| at <= last);
            if let Some(last) = last.filter(|_| restarted) {
                self.offset_seconds = last + RESTART_SECONDS - reading.at_seconds;
                at = last + RESTART_SECONDS;
            }
            let newest = update.filter(|_| index + 1 == count);
            let heard = reading
                .voiced
                .then(|| describe::heard(reading, &view.emotions, newest));
            self.voice_heard |= reading.voiced;
            // Before the first there is nothing to be parted from.
            let jumped = reading.after_reset && last.is_some();
            let after_reset = restarted || jumped || self.after_reset;
            view.history.push(at, after_reset, heard);
            self.after_reset = false;
            self.newest = reading.number;
            self.fetched = now;
        }
    }

    fn state(&self, room: &RoomReport) -> State {
        let input = &self.shared.params.input;
        if input.bypass.value() {
            return State::Bypassed;
        }
        if !input.listening.listen.value() {
            return State::Off;
        }
        let Some(meters) = &room.meters else {
            return match (&room.error, room.loading) {
                (_, true) => State::Loading,
                (Some(_), false) => State::Failed,
                (None, false) => State::Idle,
            };
        };
        let stopped = self.clock.1.elapsed().as_secs_f64() >= STOPPED_SECONDS;
        if stopped {
            State::Idle
        } else if meters.speaking {
            State::Speaking
        } else if self.voice_heard {
            State::Silent
        } else {
            State::Waiting
        }
    }

    /// The host is to save what no parameter says.
    fn saved_if(&self, changed: bool) {
        if changed {
            self.shared.mark_unsaved();
        }
    }

    /// Does what the user asks for.
    pub fn apply(&mut self, action: Action) {
        let params = &self.shared.params;
        let lane = |row: usize| LANES.get(row).copied();
        match action {
            Action::Switch(switch, on) => parameters::switch(&self.shared, switch, on),
            Action::Choose(choice, index) => parameters::choose(&self.shared, choice, index),
            Action::Number(dial, change) => parameters::number(&self.shared, dial, change),
            Action::Route(row, route) => {
                if let Some(lane) = lane(row) {
                    let route = match route {
                        Route::Follow => midi::Route::Follow,
                        Route::Off => midi::Route::Off,
                        Route::Controller(number) => midi::Route::Controller(number),
                    };
                    let before = params.midi_map.route(lane);
                    params.midi_map.set_route(lane, route);
                    self.saved_if(before != params.midi_map.route(lane));
                }
            }
            Action::RestoreMap => {
                let routes = LANES.map(|lane| params.midi_map.route(lane));
                params.midi_map.restore();
                self.saved_if(routes.iter().any(|route| *route != midi::Route::Follow));
            }
            Action::Learn(row) => {
                if let Some(lane) = lane(row) {
                    self.shared.ask_learning(lane);
                }
            }
            Action::ModelFile(file) => {
                let changed = params.model_file.get() != file;
                params.model_file.put(file);
                self.shared.ask_reload();
                self.saved_if(changed);
            }
            Action::OscTarget(target) => {
                let target = crate::params::OscTarget {
                    host: target.host,
                    port: target.port,
                    wekinator: target.wekinator,
                };
                let changed = params.osc_target.get() != target;
                params.osc_target.put(target);
                self.saved_if(changed);
            }
            Action::ProfileFile(file) => {
                let changed = params.profile_file.get() != file;
                params.profile_file.put(file);
                self.shared.ask_reload();
                self.saved_if(changed);
            }
            Action::Reset => {
                self.shared.ask_reset();
                self.view.history.clear();
                self.view.reading = None;
                self.after_reset = true;
                self.voice_heard = false;
            }
            Action::Defaults => parameters::defaults(&self.shared),
            // The window's own.
            Action::Scale(_) => {}
        }
    }
}
