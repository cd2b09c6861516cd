//! What is heard, as MIDI controllers and notes. Pure logic: it knows no host.

mod map;
mod message;
mod sender;

pub use map::{HIGHEST_CONTROLLER, MidiMap, Route};
pub use message::MidiMessage;
pub use sender::{MOST_PER_SECOND, MidiSettings, Sender};
