//! What runs leave behind for good: one small JSON file a run, from which the evidence is made without training anything.
//!
//! ```text
//! train ── result.json ── collect ── trainer/results/*.json ── evidence ── docs/evidence.{md,html}
//! other measurements ── table files (kind "table") ──┘
//! ```
//!
//! A run's file holds what the model answered to each test clip, and everything that a figure may be grouped by: who speaks, their sex,
//! age and race as the corpus states them, and what listeners heard. So no figure of the evidence needs the corpora again.

mod collect;
mod error;
mod file;
mod folder;
mod protocol;
mod table;

pub(crate) use collect::read;
pub use collect::{assemble, file_name};
pub use error::ResultsError;
pub use file::{Person, RESULT_VERSION, RunResult, votes_of};
pub use folder::{Folder, Problem, read_folder};
pub(crate) use protocol::DRAWN;
pub use protocol::Protocol;
pub use table::{Cell, FIGURES, TableFile};

/// How `train` measures: each clip once, in one window.
pub(crate) const ONE_WINDOW: &str = "one window a clip";
/// The same, told how the speaker sounds from other clips of theirs.
pub(crate) const WITH_PROFILE: &str =
    "one window a clip, with a profile of the speaker's other neutral clips";
/// How `evaluate` measures: each clip as a user's scan answers to it.
pub(crate) const AS_SCANNED: &str = "whole clips, as `undersong scan` answers";
