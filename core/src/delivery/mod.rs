//! How something is said, as a producer would put it: how loud, how high, how lively in melody, how fast, how bright.
//!
//! These are measurements of the sound, not judgements of a person, and no model has a part in them. A [`DeliveryTracker`] turns sound into a
//! [`Track`], a frame every 10 ms; [`Track::measure`] gives the [`Delivery`] of a stretch; [`Usual`] is what a voice usually does, and
//! [`Usual::compare`] says in words where a stretch departs from it.
//!
//! # Methods
//! All at 16 kHz, on the parts where the [voice gate](crate::voice::GateSettings::SCAN) is open.
//!
//! | measure | method |
//! |---|---|
//! | level | root mean square over voiced frames, in dB below full scale |
//! | pitch | median over pitched frames. Boersma's autocorrelation method with Praat's default costs ("Accurate short-term analysis of the fundamental frequency …", IFA Proceedings 17, 1993, 97–110), 70–600 Hz, 40 ms Hann; the autocorrelation and its peaks are the `pitch-detection` library's |
//! | melody | from the 10th to the 90th percentile of pitch, in semitones |
//! | rate | syllable nuclei per second of voice: peaks of the intensity at most 25 dB below its 99th percentile, each 2 dB above the dips beside it, and pitched (De Jong & Wempe, Behavior Research Methods 41, 2009, 385–390) |
//! | brightness | energy in 1–5 kHz over that in 50–1000 Hz, in dB, over pitched frames (the alpha ratio of eGeMAPS: Eyben et al., IEEE Transactions on Affective Computing 7(2), 2016) |
//!
//! `tests/delivery_praat.rs` holds them against Praat and states the tolerances.

mod measures;
mod path;
mod pitch;
mod spectrum;
mod syllables;
mod track;
mod tracker;
mod usual;

pub use measures::{Delivery, Measure};
pub use track::{Frame, Track};
pub use tracker::DeliveryTracker;
pub use usual::{Difference, Habit, Pieces, Usual};

/// Rate at which delivery is measured, in Hz.
const RATE_HZ: u32 = 16_000;
/// Distance from one frame to the next, in samples at that rate.
const HOP: usize = 160;
/// The same in seconds.
const HOP_SECONDS: f64 = HOP as f64 / RATE_HZ as f64;
