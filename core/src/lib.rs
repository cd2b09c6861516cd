//! Undersong's core: from sound to features to emotion scores.

#![deny(unsafe_code)]

pub mod audio;
pub mod engine;
pub mod features;
pub mod model;
pub mod timeline;
pub mod voice;
