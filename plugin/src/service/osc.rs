//! Sending OSC. Never from the audio thread.

use super::lock;
use crate::params::{LANES, OscTarget, SCORES};
use crate::process::Reading;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use undersong_core::osc::{OscForm, OscSocket, OscUpdate};

/// Time after which a name without an address is looked up again.
const RETRY: Duration = Duration::from_secs(5);

/// An instance's way out to OSC. It is made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct OscSender(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    target: Option<OscTarget>,
    open: Option<OscSocket>,
    /// When the name was looked up last.
    tried: Option<Instant>,
    error: Option<String>,
}

impl OscSender {
    /// Sends a reading, and remembers why that failed.
    pub(crate) fn send(&self, target: &OscTarget, reading: &Reading) {
        let mut state = lock(&self.0);
        let stale = state.open.is_none() && state.tried.is_none_or(|at| at.elapsed() > RETRY);
        if state.target.as_ref() != Some(target) || stale {
            let opened = OscSocket::open(&target.host, target.port);
            *state = State {
                target: Some(target.clone()),
                tried: Some(Instant::now()),
                error: opened.as_ref().err().map(ToString::to_string),
                open: opened.ok(),
            };
        }
        let Some(socket) = &state.open else {
            return;
        };
        let form = if target.wekinator {
            OscForm::Wekinator
        } else {
            OscForm::Undersong
        };
        let outcome = socket.send(&update(reading), form);
        state.error = outcome.err().map(|error| error.to_string());
    }

    /// Nothing is sent: no socket is held, and nothing is wrong.
    pub(crate) fn close(&self) {
        let mut state = lock(&self.0);
        if state.target.is_some() {
            *state = State::default();
        }
    }

    /// Why nothing arrives.
    pub(crate) fn error(&self) -> Option<String> {
        lock(&self.0).error.clone()
    }
}

fn update(reading: &Reading) -> OscUpdate<'_> {
    OscUpdate {
        scores: &reading.scores,
        label: reading
            .leading
            .filter(|lane| LANES.iter().take(SCORES).any(|score| score == lane))
            .map(|lane| lane.id()),
        valence: reading.valence,
        arousal: reading.arousal,
        confidence: reading.confidence,
        speaking: reading.speaking,
    }
}
