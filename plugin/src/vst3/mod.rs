//! The VST3 export: a class of our own that holds nice-plug's.
//!
//! nice-plug's class describes parameters, buses and units and makes the editor's view; blocks, parameter values, state and edits are
//! ours. Its own class can abort a host (it tells an editor of changes from the audio thread), writes no parameters from a block, and
//! offers no way to write them from the main thread.

#![allow(unsafe_code)]

mod block;
mod class;
mod controller;
mod edit;
mod entry;
mod stream;
#[cfg(test)]
mod unsaved_tests;
mod view;

pub use entry::GetPluginFactory;
