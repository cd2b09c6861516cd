//! `Action`: what the user asks for. The bridge hands it to the host and the live engine.

use super::OscTarget;

/// What the user asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A switch is set.
    Switch(Switch, bool),
    /// One of several is chosen, by its index.
    Choose(Choice, usize),
    /// A number is changed.
    Number(Dial, Change),
    /// A row of the MIDI map is changed, by its index.
    Route(usize, Route),
    /// Every row of the MIDI map follows the first controller again.
    RestoreMap,
    /// A row's controller is swept, alone, so that the host can learn it.
    Learn(usize),
    /// The model file that is used when the choice is a file.
    ModelFile(String),
    /// The speaker's profile that the model is calibrated with; empty for none.
    ProfileFile(String),
    /// Where OSC goes.
    OscTarget(OscTarget),
    /// What was heard so far is forgotten.
    Reset,
    /// How it listens goes back to the defaults.
    Defaults,
    /// Size of everything in the window.
    Scale(f32),
}

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the settings of these names say it
pub enum Switch {
    Bypass,
    Listen,
    Write,
    Midi,
    Notes,
    Osc,
}

/// One of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Whether scores stay (0) or fall (1) in silence.
    Silence,
    /// 7 bit (0) or 14 bit (1).
    Bits,
    /// Which model.
    Model,
    /// Which engine.
    Engine,
}

/// A number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the settings of these names say it
pub enum Dial {
    Hop,
    Smoothing,
    Sensitivity,
    Decay,
    /// By its place among the plugin's emotions.
    Prior(usize),
    Channel,
    FirstController,
    DeadBand,
    FirstNote,
}

/// How a number is changed. A host records what lies between a begin and an end as one stretch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// The user takes hold of it.
    Begin,
    /// It is set while held.
    To(f64),
    /// The user lets go.
    End,
    /// It is set at once, by keyboard or a click.
    Once(f64),
}

/// How a row of the MIDI map is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// It follows the first controller.
    Follow,
    /// It is not sent.
    Off,
    /// It is sent on this controller.
    Controller(u8),
}
