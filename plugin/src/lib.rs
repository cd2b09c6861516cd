//! Undersong in a host: a voice track goes in and comes out untouched; what is heard in it comes out as automation, MIDI and OSC.
//!
//! ```text
//! host ── clap/ or vst3/ ── process ── undersong_core::live ── process ── automation, midi ── clap/ or vst3/ ── host
//!            sound passes     push            (its own threads)     poll                └── service ── osc, editor
//! ```
//!
//! nice-plug describes the parameters to hosts and carries the editor. The block itself, the state and the VST3 class are our own:
//! [`clap`] decorates the table that nice-plug makes, [`vst3`] holds its wrapper inside a class of ours, and both call
//! [`process::Processor`]. Nothing here computes anything from sound.
//!
//! Threads: the host's audio thread runs [`process`] and never waits there while the host plays; `service` is one thread for all
//! instances in a process that loads models and sends OSC; edits reach a VST3 host from its main thread only ([`edits`]).

#![deny(unsafe_code)]

mod audio;
pub mod automation;
pub mod clap;
pub mod editor;
pub mod edits;
mod guard;
pub mod midi;
pub mod params;
mod plugin;
pub mod process;
pub mod service;
pub mod shared;
pub mod state;
pub mod vst3;

pub use plugin::UndersongPlugin;
pub use shared::Shared;

#[cfg(all(target_os = "macos", not(test)))]
clap_wrapper::export_auv2!();
