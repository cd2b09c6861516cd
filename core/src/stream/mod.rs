//! A stream of PCM in, events out: what `undersong stream` and all that serve streams to other programs have in common.
//!
//! ```text
//! bytes ── Head (WAV or raw) ── Pcm ── LiveInput ═ engine ═ events ── Teller ── StreamEvent ── Backlog ── reader
//! ```
//!
//! - **Updates are a scan's windows**: the same times, the same scores. Until a whole window has been heard, each holds all that was heard so far.
//! - **Speech** is what [`GateSettings::LIVE`](crate::voice::GateSettings::LIVE) says: it begins after 0.2 s of it and ends after 0.2 s without. Its
//!   [`StreamEventKind::SpeechStart`] reaches back to [`PRE_ROLL_MS`] before it; its [`StreamEventKind::EmotionFinal`] is the mean over the windows that hear it. Every
//!   speech has both, however short, and one that goes on at the end of the sound ends there.
//! - **Silence has no emotion**: an update without voice has no scores.
//! - **Positions** are those of the sound, in ms since the stream's start, never the clock's. They depend on the sound alone, not on how it was cut into pieces.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use undersong_core::engine::{EngineChoice, EngineOptions};
//! use undersong_core::live::{LiveModel, WorkerPool};
//! use undersong_core::model::Model;
//! use undersong_core::stream::{StreamOptions, StreamSession};
//!
//! let model = LiveModel::open(&Model::builtin()?, EngineChoice::Auto, &EngineOptions::default())?;
//! let mut stream = StreamSession::open(&WorkerPool::shared()?, model, &StreamOptions::default())?;
//! let mut events = Vec::new();
//! stream.push_bytes(&[0; 3200], &mut events)?;
//! stream.finish(&mut events)?;
//! for event in &events {
//!     println!("{}", event.to_json()?);
//! }
//! # Ok(())
//! # }
//! ```

mod backlog;
mod error;
mod event;
mod format;
mod pcm;
mod session;
mod teller;
mod utterance;
mod wav;

pub use backlog::Backlog;
pub use error::StreamError;
pub use event::{StreamEvent, StreamEventKind, StreamModel, WarningCode};
pub use format::SampleFormat;
pub use pcm::Pcm;
pub use session::{StreamOptions, StreamSession};
pub use wav::{Head, Start, WavFormat};

/// How long before the first speech its event starts, in ms: soft beginnings of words are quieter than what counts as speech.
pub const PRE_ROLL_MS: u64 = 300;

/// Most channels of a stream.
pub const MAX_CHANNELS: u16 = crate::scan::MAX_SOUND_CHANNELS as u16;
