//! A take's windows, its summary, and what is written to disk.

mod types;

pub use types::{Failure, Moment, Reading, Scan, Scores, Summary, Timeline, Transition, Window};
