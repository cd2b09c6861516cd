//! `Ways`: the ways out of a block, and what is shown there.

use super::event::{Event, Outbox, Outgoing};
use crate::automation::Automation;
use crate::midi::{MidiSettings, Sender};
use crate::params::{LANES, Lane};
use crate::shared::Shared;
use undersong_core::lanes::LaneValues;

/// Automation and MIDI, and what both stand at.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// Samples since activation, at the block's start.
    clock: u64,
    /// How far MIDI is sent: what had to wait goes before what comes to be known later, whatever the blocks.
    sent_until: u64,
    pub(super) heard: LaneValues,
    automation: Automation,
    midi: Sender,
    outbox: Outbox,
}

impl Ways {
    /// For sound at this rate.
    pub(super) fn set_rate(&mut self, rate_hz: f64) {
        self.midi.set_rate(rate_hz);
    }

    /// As if nothing had been shown. The host has closed what was open.
    pub(super) fn forget(&mut self) {
        self.clock = 0;
        self.sent_until = 0;
        self.heard = LaneValues::default();
        self.automation.forget();
        self.midi.forget();
    }

    /// Begins a block of so many samples.
    pub(super) fn open(&mut self, frames: usize) {
        self.outbox.open(frames);
    }

    /// Ends the block: what is to be sent in it, in time order.
    pub(super) fn close(&mut self, shared: &Shared, frames: usize) -> &[Event] {
        let end = self.clock + frames as u64;
        self.send_until(end);
        self.clock = end;
        shared.set_clock(end);
        self.outbox.sorted()
    }

    /// Sends the MIDI that had to wait and may go before this sample.
    fn send_until(&mut self, until: u64) {
        let (outbox, clock) = (&mut self.outbox, self.clock);
        let from = self.sent_until.max(clock);
        self.midi.advance(from, until, &mut |at, message| {
            outbox.put(at - clock, Outgoing::Midi(message));
        });
        self.sent_until = until;
    }

    /// Samples since activation, at the block's start.
    pub(super) fn clock(&self) -> u64 {
        self.clock
    }

    pub(super) fn set_midi(&mut self, settings: MidiSettings) {
        let (outbox, clock) = (&mut self.outbox, self.clock);
        self.midi.configure(settings, clock, &mut |at, message| {
            outbox.put(at - clock, Outgoing::Midi(message));
        });
    }

    pub(super) fn learn(&mut self, lane: Lane) {
        self.midi.learn(lane, self.clock);
    }

    /// Writes these lanes (a bit each) as automation, and no others.
    pub(super) fn write(&mut self, shared: &Shared, lanes: u16) {
        let outbox = &mut self.outbox;
        self.automation.hold(lanes, self.heard.all(), &mut |what| {
            write_back(shared, what);
            outbox.put(0, what);
        });
        shared.set_writing(self.automation.is_open());
    }

    /// Brings everything to what is heard, at this place in the block.
    pub(super) fn show(&mut self, shared: &Shared, heard: LaneValues, offset: u64) {
        self.heard = heard;
        self.send_until(self.clock + offset);
        let (outbox, clock) = (&mut self.outbox, self.clock);
        for (lane, &value) in LANES.into_iter().zip(heard.all()) {
            self.automation.set(lane, value, &mut |what| {
                write_back(shared, what);
                outbox.put(offset, what);
            });
        }
        self.midi.show(&heard, clock + offset, &mut |at, message| {
            outbox.put(at - clock, Outgoing::Midi(message));
        });
    }
}

/// What is written as automation is also what the parameter stands at.
fn write_back(shared: &Shared, what: Outgoing) {
    if let Outgoing::Value(lane, value) = what {
        shared.table.set_lane(lane, value);
    }
}
