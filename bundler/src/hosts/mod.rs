//! Small hosts of our own, for CLAP and for VST3: they load a plugin as a DAW does, and judge what it does.
//!
//! - [`ClapHost`] and [`Vst3Host`] each hold one instance. Both speak in the words of this module: [`Parameter`], [`Change`], [`Sent`].
//! - After each block the [`Judge`] has looked at what was sent: in time order, inside the block, gestures in pairs, values in range;
//!   and at what the block did: memory taken, system calls made ([`watch`]).
//! - [`display`] has a window for the plugin's editor and takes pictures of it.

mod any;
pub mod clap;
#[cfg(target_os = "linux")]
pub mod display;
mod judge;
mod sound;
pub mod vst3;
pub mod watch;

pub use any::PluginHost;
pub use clap::{ClapHost, ClapLibrary};
pub use judge::{Fault, Judge};
pub use vst3::{Vst3Host, Vst3Module};

/// Why a host could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The file cannot be loaded, or is no plugin.
    #[error("{path}: {reason}")]
    Load {
        /// The file or folder.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The plugin refused a call that it must not refuse.
    #[error("the plugin refused `{call}`")]
    Refused {
        /// The call.
        call: &'static str,
    },
    /// The plugin has no such part.
    #[error("the plugin has no {what}")]
    Missing {
        /// What was looked for.
        what: &'static str,
    },
    /// No window could be had.
    #[error("no window: {0}")]
    Display(String),
}

/// A parameter as a host sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// The number by which hosts know it.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// The group it is shown in; empty for none.
    pub group: String,
    /// Least value, in the format's units: VST3 counts from 0 to 1, CLAP counts steps.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// Value of a new instance.
    pub default: f64,
    /// What the host may do with it.
    pub flags: Flags,
}

/// What a host may do with a parameter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // that is what they are
pub struct Flags {
    /// Automation can be played and recorded.
    pub automatable: bool,
    /// Values are whole numbers.
    pub stepped: bool,
    /// It is the bypass switch.
    pub bypass: bool,
    /// It is not shown.
    pub hidden: bool,
    /// The host cannot set it.
    pub read_only: bool,
}

impl Flags {
    /// A letter for each, for tables: `ASBHR`, `-` for what is not.
    pub fn letters(self) -> String {
        [
            (self.automatable, 'A'),
            (self.stepped, 'S'),
            (self.bypass, 'B'),
            (self.hidden, 'H'),
            (self.read_only, 'R'),
        ]
        .into_iter()
        .map(|(on, letter)| if on { letter } else { '-' })
        .collect()
    }
}

/// A change of a parameter that the host makes within a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Samples from the block's start.
    pub at: u32,
    /// The parameter.
    pub id: u32,
    /// Its new value, in the format's units.
    pub value: f64,
}

/// Something that the plugin sent within a block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sent {
    /// Samples from the block's start.
    pub at: u32,
    /// What.
    pub what: What,
}

/// What a plugin sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What {
    /// The plugin takes hold of the parameter.
    Begin {
        /// The parameter.
        id: u32,
    },
    /// A value of the parameter, in the format's units.
    Value {
        /// The parameter.
        id: u32,
        /// The value.
        value: f64,
    },
    /// And lets it go.
    End {
        /// The parameter.
        id: u32,
    },
    /// A MIDI message.
    Midi {
        /// Status and data.
        bytes: [u8; 3],
    },
    /// Anything else.
    Other,
}

/// Where the host's playhead is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Playhead {
    /// Whether it moves.
    pub playing: bool,
    /// Where it is at the start of the block, in samples.
    pub position: u64,
}

/// Channels of the main input and output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports {
    /// Channels of each audio input.
    pub inputs: Vec<u32>,
    /// Channels of each audio output.
    pub outputs: Vec<u32>,
    /// Event or note inputs.
    pub event_inputs: u32,
    /// Event or note outputs.
    pub event_outputs: u32,
}

/// Who a plugin says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// CLAP's id, or VST3's class id in hexadecimal.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its maker.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// CLAP's features, or VST3's sub-categories.
    pub features: Vec<String>,
}

/// A text that ends at its first zero.
fn text8(bytes: impl IntoIterator<Item = u8>) -> String {
    let bytes: Vec<u8> = bytes.into_iter().take_while(|&byte| byte != 0).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
