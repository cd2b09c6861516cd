//! MIDI messages that are sent.

/// A MIDI message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MidiMessage {
    /// A controller's value.
    Controller {
        /// 0 to 15.
        channel: u8,
        /// 0 to 119.
        controller: u8,
        /// 0 to 127.
        value: u8,
    },
    /// A note begins.
    NoteOn {
        /// 0 to 15.
        channel: u8,
        /// 0 to 127.
        key: u8,
        /// 1 to 127.
        velocity: u8,
    },
    /// A note ends.
    NoteOff {
        /// 0 to 15.
        channel: u8,
        /// 0 to 127.
        key: u8,
    },
}

impl MidiMessage {
    /// The three bytes.
    pub const fn bytes(self) -> [u8; 3] {
        match self {
            Self::Controller {
                channel,
                controller,
                value,
            } => [0xB0 | channel & 0x0F, controller & 0x7F, value & 0x7F],
            Self::NoteOn {
                channel,
                key,
                velocity,
            } => [0x90 | channel & 0x0F, key & 0x7F, velocity & 0x7F],
            Self::NoteOff { channel, key } => [0x80 | channel & 0x0F, key & 0x7F, 0],
        }
    }
}
