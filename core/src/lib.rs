//! Undersong's core: from sound to features to emotion scores, on the user's machine.
//!
//! ```text
//! file ── audio::Decoder ──┐                                               ┌─ timeline ── json, csv, html, labels, markers
//! host / stream / C ───────┴─ analyzer: samples in, windows out ───────────┴─ events (live)
//!          resample → log-mel frames → window → MFCC → engine → calibrate
//! ```
//!
//! Rooms, each knowing only those before it: [`audio`] (decode, resample, noise reduction), [`features`] (frames, mel, DCT, windows),
//! [`voice`] (speech activity), [`delivery`] (how loud, high, fast and bright), [`profile`] (one speaker's usual voice), [`model`] (the model
//! file, labels, calibration), [`engine`] (ONNX Runtime or built in),
//! [`analyzer`] (the way above, for one voice), [`timeline`] (a take's windows, its summary, what is written to disk),
//! [`scan`] (many takes), [`recording`] (a long recording, mapped), [`explain`] (what moved a score), [`live`] (an audio thread's sound, scores while it plays), [`lanes`], [`midi`] and
//! [`osc`] (what is heard, for other programs) and [`stream`] (PCM in, events out).

#![deny(unsafe_code)]

pub mod analyzer;
pub mod audio;
pub mod delivery;
pub mod engine;
pub mod explain;
pub mod features;
pub mod lanes;
pub mod live;
pub mod midi;
pub mod model;
pub mod osc;
pub mod profile;
pub mod recording;
pub mod scan;
pub mod stream;
pub mod timeline;
pub mod voice;
