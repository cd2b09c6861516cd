//! Which controllers the user has chosen for what is heard. What is then sent, and when, is `undersong_core::midi`'s.

mod map;

pub use map::{MidiMap, Route};
pub use undersong_core::midi::{HIGHEST_CONTROLLER, MidiMessage, MidiSettings, Sender};
