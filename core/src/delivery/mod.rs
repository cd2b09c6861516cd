//! How something is said, as a producer would put it: how loud, how high, how lively in melody, how fast, how bright, with which pauses; and whether
//! the recording is technically sound.
//!
//! These are measurements of the sound, not judgements of a person, and no model has a part in them. A [`TakeMeter`] measures a whole take and its
//! windows in one pass, as a scan does. A [`DeliveryTracker`] turns sound into a [`Track`], a frame every 10 ms, of which any stretch can be measured
//! afterwards ([`Track::measure`]); both have the frames and the sums from the same code. [`Usual`] is what a voice usually does, and
//! [`Usual::compare`] says in words where a stretch departs from it.
//!
//! # Methods
//! Of the voice, at 16 kHz, on the parts where the [voice gate](crate::voice::GateSettings::SCAN) is open:
//!
//! | measure | method |
//! |---|---|
//! | level | root mean square over voiced frames, in dB below full scale |
//! | pitch | median over pitched frames. Boersma's autocorrelation method with Praat's default costs ("Accurate short-term analysis of the fundamental frequency …", IFA Proceedings 17, 1993, 97–110), 70–600 Hz, 40 ms Hann |
//! | melody | from the 10th to the 90th percentile of pitch, in semitones |
//! | rate | syllable nuclei per second of voice: peaks of the intensity at most 25 dB below its 99th percentile, each 2 dB above the dips beside it, and pitched (De Jong & Wempe, Behavior Research Methods 41, 2009, 385–390) |
//! | brightness | energy in 1–5 kHz over that in 50–1000 Hz, in dB, over pitched frames (the alpha ratio of eGeMAPS: Eyben et al., IEEE Transactions on Affective Computing 7(2), 2016) |
//! | pauses | silences of 0.25 s and more between words, by the voice detector without the gate's hold |
//!
//! Of the file, on its own channels at its own rate: [loudness](Loudness) after EBU R 128, peaks, and [clipping](Clipping).
//!
//! `tests/delivery_praat.rs` and `tests/loudness_ffmpeg.rs` hold them against Praat and ffmpeg and state the tolerances; `docs/delivery.md` tells
//! users of all of it.

mod facts;
mod flags;
mod frames;
mod gating;
mod loudness;
mod measures;
mod noise;
mod path;
mod pauses;
mod peaks;
mod pitch;
mod spectrum;
mod sums;
mod syllables;
mod take;
mod track;
mod tracker;
mod usual;

pub use facts::Fact;
pub use flags::{
    EDGE_ABOVE_QUIETEST_DB, EDGE_BELOW_VOICE_DB, EDGE_SECONDS, Flag, FlagKind, NOISY_BELOW_DB,
    TOO_QUIET_BELOW_TARGET_LU, VOICE_AT_LEAST_SECONDS,
};
pub use loudness::{Loudness, LoudnessTarget, LoudnessTargetError};
pub use measures::{Delivery, Measure};
pub use pauses::Pauses;
pub use peaks::Clipping;
pub use take::{TakeDelivery, TakeMeter, Technical};
pub use track::{Frame, Track};
pub use tracker::DeliveryTracker;
pub use usual::{Difference, Habit, Pieces, Usual};

/// Rate at which delivery is measured, in Hz.
const RATE_HZ: u32 = 16_000;
/// Distance from one frame to the next, in samples at that rate.
const HOP: usize = 160;
/// The same in seconds.
const HOP_SECONDS: f64 = HOP as f64 / RATE_HZ as f64;
