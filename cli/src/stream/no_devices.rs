//! What a build without microphones and MIDI ports says when it is asked for one.

use undersong_core::lanes::LaneValues;
use undersong_core::stream::StreamEvent;

use super::intake::Intake;
use super::sound::Sender;
use crate::trouble::Trouble;

/// Never there.
pub(super) enum Microphone {}

/// Never there.
pub(super) enum Port {}

fn missing(option: &str, instead: &str) -> Trouble {
    Trouble::Misused(format!(
        "{option}: this program was built without microphones and MIDI ports; build it with them, `cargo install --path cli --features devices` (on Linux that needs libasound2-dev and pkg-config){instead}"
    ))
}

/// The list of microphones and MIDI ports.
pub(super) fn list() -> Result<String, Trouble> {
    Err(missing("--list-devices", ""))
}

impl Microphone {
    pub(super) fn open(_name: &str, _sender: Sender) -> Result<Self, Trouble> {
        Err(missing(
            "--device",
            ", or pipe sound into it: `arecord -f S16_LE -r 16000 | undersong stream`",
        ))
    }

    pub(super) fn rate_hz(&self) -> u32 {
        match *self {}
    }

    pub(super) fn channels(&self) -> u16 {
        match *self {}
    }

    pub(super) fn take(
        &mut self,
        _intake: &mut Intake,
        _events: &mut Vec<StreamEvent>,
    ) -> Result<(), Trouble> {
        match *self {}
    }
}

impl Port {
    pub(super) fn open(_name: &str, _channel: u8) -> Result<Self, Trouble> {
        Err(missing("--midi", ", or use --osc"))
    }

    pub(super) fn set_rate(&mut self, _rate_hz: u32) {
        match *self {}
    }

    pub(super) fn show(&mut self, _heard: &LaneValues, _position: u64) -> Result<(), String> {
        match *self {}
    }

    pub(super) fn advance(&mut self, _position: u64) {
        match *self {}
    }

    pub(super) fn close(&mut self, _position: u64) {
        match *self {}
    }
}
