//! Voice activity: silence and noise have no emotion.

mod detector;
mod gate;
mod level;

pub use detector::VoiceDetector;
pub use gate::{GateSettings, VoiceGate};
