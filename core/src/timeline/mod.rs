//! A take's windows, its summary, and what is written to disk.
//!
//! An analysis gives overlapping [`Window`]s; [`summarise`] makes a take's [`Summary`] of them. The writers ([`json`], [`csv`],
//! [`labels`], [`markers`], [`html`], [`explained`] for explanations, and [`exports`] for parts of a recording) turn a [`Scan`] into bytes and know no file; [`write_file`] puts bytes on disk, all or nothing.

pub mod colours;
pub mod csv;
pub mod explained;
pub mod exports;
pub mod html;
pub mod json;
pub mod labels;
pub mod markers;

mod delivered;
mod disk;
mod explanation;
mod names;
mod spans;
mod summary;
mod types;

pub use disk::{WriteError, write_file};
pub use explanation::{
    Against, Baseline, Effect, Explanation, Region, TakeExplanation, WindowDelivery,
};
pub use names::file_names;
pub use spans::{Span, spans};
pub use summary::{Stretch, stretches, summarise, summarise_weighted};
pub use types::{Failure, Moment, Reading, Scan, Scores, Summary, Timeline, Transition, Window};
