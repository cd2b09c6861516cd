//! The CLAP export: nice-plug's table of functions, decorated.
//!
//! Ours are the block (`process`), `destroy`, and the extensions for state, parameters, rendering and the window; the rest is
//! nice-plug's. It works because its functions look at the table's `plugin_data` only, and ours has the same.

#![allow(unsafe_code)]

mod block;
mod entry;
mod gui;
mod instance;
mod params;
mod render;
mod state;
#[cfg(test)]
mod unsaved_tests;

pub use entry::clap_entry;
