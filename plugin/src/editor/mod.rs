//! The editor's window: what is heard, what is set, and what is wrong.
//!
//! ```text
//! Shared ── bridge ──▶ View ── window (bars, meters, timeline, plane, settings) ──▶ Action ── bridge ──▶ Shared, host
//! ```
//!
//! The painting knows no host: it reads a [`View`] and gives [`Action`]s, so tests drive it without one. `bridge` fills the view once a
//! frame from what the instance's threads share, and hands on what the user asks for; `host` is the window as nice-plug wants it. The
//! audio thread is never touched: it is not locked, and what it has heard comes by way of the service.

mod action;
mod bars;
mod bridge;
#[cfg(test)]
mod bridge_tests;
mod controls;
mod describe;
mod history;
#[allow(unsafe_code)]
mod host;
mod meters;
mod parameters;
mod plane;
mod settings;
mod style;
mod timeline;
mod view;
mod window;

pub use action::{Action, Change, Choice, Dial, Route, Switch};
pub use bridge::Bridge;
pub use history::{HISTORY_SECONDS, Heard, History, Moment};
pub use host::{App, UndersongEditor, create};
pub use style::install;
pub use view::{
    ENGINE_CHOICES, Emotion, Engine, MODEL_CHOICES, MidiRow, Model, Number, OscTarget, Prior,
    Problem, Reading, Settings, State, View,
};
pub use window::{FIRST_SIZE, LEAST_SIZE, MOST_SIZE, Tab, Window};
