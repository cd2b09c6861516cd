//! `Ways`: what is heard, to other programs by OSC and MIDI, on the same lanes as the plugin's.

use clap::ValueEnum;
use undersong_core::lanes::{LaneMap, LaneValues, SCORES};
use undersong_core::model::Model;
use undersong_core::osc::{OscForm, OscSocket, OscUpdate};
use undersong_core::stream::{StreamEvent, StreamEventKind};

use super::devices::Port;
use crate::trouble::Trouble;

/// [`OscForm`] as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Form {
    /// A bundle: /undersong/scores, /undersong/label, /undersong/affect, /undersong/speech
    Undersong,
    /// One message of floats to /wek/inputs, whose port is 6448
    Wekinator,
}

/// Where OSC goes: name or address, and port.
pub(super) struct Place {
    host: String,
    port: u16,
}

/// Reads `HOST:PORT`, `[ADDRESS]:PORT` or a port of this machine.
pub(super) fn place(text: &str) -> Result<Place, Trouble> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, port),
        None => ("127.0.0.1", text),
    };
    let host = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host);
    match port.parse() {
        Ok(port) if port > 0 && !host.is_empty() => Ok(Place {
            host: host.to_owned(),
            port,
        }),
        _ => Err(Trouble::Misused(format!(
            "--osc {text}: expected a name or address and a port from 1 to 65535, such as 127.0.0.1:9000, or a port alone"
        ))),
    }
}

/// A place to which OSC is sent.
pub(super) struct Osc {
    socket: OscSocket,
    form: OscForm,
}

impl Osc {
    pub(super) fn open(place: &Place, form: Form) -> Result<Self, Trouble> {
        Ok(Self {
            socket: OscSocket::open(&place.host, place.port)
                .map_err(|error| Trouble::Misused(format!("--osc: {error}")))?,
            form: match form {
                Form::Undersong => OscForm::Undersong,
                Form::Wekinator => OscForm::Wekinator,
            },
        })
    }
}

/// OSC and MIDI, and what they stand at.
pub(super) struct Ways {
    map: LaneMap,
    heard: LaneValues,
    osc: Option<Osc>,
    port: Option<Port>,
    rate_hz: u32,
}

impl Ways {
    pub(super) fn new(model: &Model, osc: Option<Osc>, port: Option<Port>) -> Self {
        Self {
            map: LaneMap::of(model.emotions()),
            heard: LaneValues::default(),
            osc,
            port,
            rate_hz: 0,
        }
    }

    /// For sound at this rate. It may be known only once a header has come.
    pub(super) fn set_rate(&mut self, rate_hz: u32) {
        if let Some(port) = &mut self.port
            && std::mem::replace(&mut self.rate_hz, rate_hz) != rate_hz
        {
            port.set_rate(rate_hz);
        }
    }

    /// Tells of an event, at this sample.
    ///
    /// # Errors
    /// What could not be sent; the rest was.
    pub(super) fn tell(&mut self, event: &StreamEvent, position: u64) -> Result<(), String> {
        self.heard = match &event.kind {
            StreamEventKind::SpeechStart => self.heard.with_speech(true),
            StreamEventKind::EmotionFinal { .. } => self.heard.with_speech(false),
            StreamEventKind::EmotionUpdate { update, .. } => self.heard.after(update, &self.map),
            _ => return Ok(()),
        };
        let sent = self
            .port
            .as_mut()
            .map_or(Ok(()), |port| port.show(&self.heard, position));
        if let Some(osc) = &self.osc {
            let mut scores = [0.0; SCORES];
            osc.socket
                .send(&OscUpdate::of(&self.heard, &mut scores), osc.form)
                .map_err(|error| error.to_string())?;
        }
        sent
    }

    /// Sends what had to wait.
    pub(super) fn advance(&mut self, position: u64) {
        if let Some(port) = &mut self.port {
            port.advance(position);
        }
    }

    /// Ends what is held.
    pub(super) fn close(&mut self, position: u64) {
        if let Some(port) = &mut self.port {
            port.close(position);
        }
    }
}
