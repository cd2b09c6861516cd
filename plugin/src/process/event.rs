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
