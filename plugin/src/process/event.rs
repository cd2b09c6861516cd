//! What a block sends to the host.

use crate::midi::MidiMessage;
use crate::params::Lane;

/// Something for the host, at a place in the block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Samples from the block's start.
    pub offset_samples: u32,
    /// What.
    pub what: Outgoing,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outgoing {
    /// From here on the plugin writes the lane's automation.
    GestureBegin(Lane),
    /// A point of automation, 0 to 1 over the parameter's range.
    Value(Lane, f32),
    /// The plugin writes no more.
    GestureEnd(Lane),
    /// A MIDI message.
    Midi(MidiMessage),
}

/// Events of one block at most; more are dropped. The busiest block there is, 65,536 samples at 8 kHz with an update every 50 ms, has
/// 164 updates of 13 lanes, each a point and a pair of messages.
const CAPACITY: usize = 8192;

/// The events of a block. It allocates once.
#[derive(Debug)]
pub(super) struct Outbox {
    events: Vec<Event>,
    frames: u32,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            events: Vec::with_capacity(CAPACITY),
            frames: 0,
        }
    }
}

impl Outbox {
    /// Empties it for a block of so many samples.
    pub(super) fn open(&mut self, frames: usize) {
        self.events.clear();
        self.frames = u32::try_from(frames).unwrap_or(u32::MAX);
    }

    pub(super) fn put(&mut self, offset: u64, what: Outgoing) {
        if self.events.len() < CAPACITY {
            let last = self.frames.saturating_sub(1);
            self.events.push(Event {
                offset_samples: u32::try_from(offset).unwrap_or(last).min(last),
                what,
            });
        }
    }

    /// In time order; what was put first comes first.
    pub(super) fn sorted(&mut self) -> &[Event] {
        // They come nearly in order, and a stable sort of the library may allocate.
        for end in 1..self.events.len() {
            let mut at = end;
            while at > 0
                && self.events.get(at - 1..=at).is_some_and(
                    |pair| matches!(pair, [a, b] if a.offset_samples > b.offset_samples),
                )
            {
                self.events.swap(at - 1, at);
                at -= 1;
            }
        }
        &self.events
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_time_order_within_the_block() {
        let mut outbox = Outbox::default();
        outbox.open(64);
        outbox.put(5, Outgoing::GestureBegin(Lane::Happy));
        outbox.put(5, Outgoing::Value(Lane::Happy, 0.5));
        outbox.put(2, Outgoing::Value(Lane::Sad, 0.5));
        outbox.put(900, Outgoing::GestureEnd(Lane::Happy));
        let all = outbox.sorted();
        let times = all.iter().map(|event| event.offset_samples);
        assert_eq!(times.collect::<Vec<_>>(), [2, 5, 5, 63]);
        assert_eq!(all[1].what, Outgoing::GestureBegin(Lane::Happy));
    }
}
