//! Which controller carries which lane.

use crate::params::{LANE_COUNT, LANES, Lane, MidiOut, MidiResolution};
use nice_plug::params::persist::PersistentField;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use undersong_core::midi::{HIGHEST_CONTROLLER, MidiSettings, standard_controller};

const FOLLOW: u8 = 255;
const OFF: u8 = 254;

/// How a lane is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// By its place after the first controller, as [`standard_controller`] says.
    Follow,
    /// Not at all.
    Off,
    /// On this controller.
    Controller(u8),
}

/// The route of every lane. Reading is real-time safe.
#[derive(Debug)]
pub struct MidiMap {
    routes: [AtomicU8; LANE_COUNT],
    /// Counts changes.
    version: AtomicU32,
}

impl Default for MidiMap {
    fn default() -> Self {
        Self {
            routes: std::array::from_fn(|_| AtomicU8::new(FOLLOW)),
            version: AtomicU32::new(0),
        }
    }
}

impl MidiMap {
    /// The lane's route. Real-time safe: yes.
    pub fn route(&self, lane: Lane) -> Route {
        match self
            .routes
            .get(lane.index())
            .map(|route| route.load(Ordering::Relaxed))
        {
            Some(FOLLOW) => Route::Follow,
            Some(number @ 0..=HIGHEST_CONTROLLER) => Route::Controller(number),
            _ => Route::Off,
        }
    }

    /// Another number than before, if a route was changed since. Real-time safe: yes.
    pub fn version(&self) -> u32 {
        self.version.load(Ordering::Acquire)
    }

    /// Sets the lane's route; a controller above [`HIGHEST_CONTROLLER`] counts as off. Real-time safe: yes.
    pub fn set_route(&self, lane: Lane, route: Route) {
        let number = match route {
            Route::Follow => FOLLOW,
            Route::Controller(number @ 0..=HIGHEST_CONTROLLER) => number,
            Route::Off | Route::Controller(_) => OFF,
        };
        if let Some(slot) = self.routes.get(lane.index()) {
            slot.store(number, Ordering::Relaxed);
            self.version.fetch_add(1, Ordering::Release);
        }
    }

    /// The controller that carries the lane, or `None`. Real-time safe: yes.
    pub fn controller(&self, lane: Lane, first: u8) -> Option<u8> {
        match self.route(lane) {
            Route::Off => None,
            Route::Controller(number) => Some(number),
            Route::Follow => standard_controller(lane, first),
        }
    }

    /// How MIDI is sent, as the parameters and these routes say. Real-time safe: yes.
    pub fn settings(&self, params: &MidiOut) -> MidiSettings {
        let small = |value: i32| u8::try_from(value).unwrap_or(0);
        let first = small(params.first_cc.value());
        MidiSettings {
            controllers: params.on.value(),
            notes: params.notes.value(),
            channel: small(params.channel.value() - 1),
            map: LANES.map(|lane| self.controller(lane, first)),
            fourteen_bit: params.resolution.value() == MidiResolution::Fourteen,
            dead_band: params.dead_band.value(),
            first_note: small(params.first_note.value()),
        }
    }

    /// Every lane back to [`Route::Follow`].
    pub fn restore(&self) {
        for lane in LANES {
            self.set_route(lane, Route::Follow);
        }
    }
}

/// By the lanes' ids, so that a lane added later changes nothing of those that are there.
impl<'a> PersistentField<'a, BTreeMap<String, Route>> for MidiMap {
    fn set(&self, routes: BTreeMap<String, Route>) {
        for lane in LANES {
            self.set_route(
                lane,
                routes.get(lane.id()).copied().unwrap_or(Route::Follow),
            );
        }
    }

    fn map<F, R>(&self, f: F) -> R
    where
        F: Fn(&BTreeMap<String, Route>) -> R,
    {
        f(&LANES
            .into_iter()
            .map(|lane| (lane.id().to_owned(), self.route(lane)))
            .collect())
    }
}
