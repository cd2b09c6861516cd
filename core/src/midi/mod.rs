//! What is heard, as MIDI controllers and notes. Pure logic: it knows neither host nor port.

mod message;
mod sender;
mod settings;

pub use message::MidiMessage;
pub use sender::{MOST_PER_SECOND, Sender};
pub use settings::{FIRST_CONTROLLER, HIGHEST_CONTROLLER, MidiSettings, standard_controller};
