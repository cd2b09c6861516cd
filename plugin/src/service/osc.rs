//! Sending OSC. Never from the audio thread.

use super::lock;
use crate::params::{LANES, OscTarget, SCORES};
use crate::process::Reading;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};
use undersong_core::osc::{OscForm, OscUpdate, encode};

/// Time after which a name without an address is looked up again.
const RETRY: Duration = Duration::from_secs(5);

/// An instance's way out to OSC. It is made when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct OscSender(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    target: Option<OscTarget>,
    open: Option<(UdpSocket, SocketAddr)>,
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
            let opened = open(target);
            *state = State {
                target: Some(target.clone()),
                tried: Some(Instant::now()),
                error: opened.as_ref().err().cloned(),
                open: opened.ok(),
            };
        }
        let Some((socket, address)) = &state.open else {
            return;
        };
        let form = if target.wekinator {
            OscForm::Wekinator
        } else {
            OscForm::Undersong
        };
        let outcome = encode(&update(reading), form, SystemTime::now())
            .map_err(|error| error.to_string())
            .and_then(|bytes| {
                socket
                    .send_to(&bytes, address)
                    .map_err(|error| format!("OSC to {address}: {error}"))
            });
        state.error = outcome.err();
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

fn open(target: &OscTarget) -> Result<(UdpSocket, SocketAddr), String> {
    let OscTarget { host, port, .. } = target;
    let failed = |reason: String| {
        format!(
            "OSC to {host}:{port}: {reason}; expected a name or address and a port from 1 to 65535"
        )
    };
    if *port == 0 {
        return Err(failed("port 0 cannot be sent to".to_owned()));
    }
    let address = (host.as_str(), *port)
        .to_socket_addrs()
        .map_err(|error| failed(error.to_string()))?
        .next()
        .ok_or_else(|| failed("the name has no address".to_owned()))?;
    let any = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).map_err(|error| failed(error.to_string()))?;
    socket
        .set_nonblocking(true)
        .map_err(|error| failed(error.to_string()))?;
    Ok((socket, address))
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
