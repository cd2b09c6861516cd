//! A long recording, mapped: a timeline for each speaker and one for all, sections by change, highlights to cut out, a summary a minute.
//!
//! A track or a channel is a speaker. [`map`] first listens to all tracks for level and voice ([`Activity`]), so that what is another speaker's
//! voice from afar ([`bleed()`]) counts in nobody else's timeline; then it scans each track as any other take. Sound is read block by block
//! both times: memory grows by 5 bytes for each 16 ms and track, and by the windows' scores.
//!
//! Nothing here knows words or recognises a voice: who speaks follows from the microphones alone.

mod activity;
mod bleed;
mod changes;
pub mod csv;
mod cues;
mod highlights;
pub mod html;
pub mod json;
mod make;
mod pauses;
mod sections;
mod turns;
mod types;
mod voices;
mod words;

pub use activity::{Activity, ActivityError};
pub use bleed::{DEFAULT_BLEED_DB, bleed};
pub use make::{MapError, SpeakerTrack, map};
pub use pauses::Pauses;
pub use types::{
    Cut, Highlight, HighlightKind, MapSettings, Minute, RecordingMap, Section, Speaker, Turn, Voice,
};
