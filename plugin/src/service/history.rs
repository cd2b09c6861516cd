//! What was heard over the last half minute, for the editor.

use super::lock;
use crate::process::Reading;
use std::collections::VecDeque;
use std::sync::Mutex;

/// How far back it goes, in seconds of sound.
pub const HISTORY_SECONDS: f64 = 35.0;

/// Readings, oldest first. Not for the audio thread.
#[derive(Debug, Default)]
pub struct History(Mutex<VecDeque<Reading>>);

impl History {
    pub(crate) fn add(&self, reading: Reading) {
        let mut all = lock(&self.0);
        // Another activation has begun: its clock starts at 0.
        if all
            .back()
            .is_some_and(|last| last.at_seconds > reading.at_seconds)
        {
            all.clear();
        }
        while all
            .front()
            .is_some_and(|first| first.at_seconds < reading.at_seconds - HISTORY_SECONDS)
        {
            all.pop_front();
        }
        all.push_back(reading);
    }

    /// Adds those after the reading of this number to `to`, oldest first.
    pub fn since(&self, number: u64, to: &mut Vec<Reading>) {
        let all = lock(&self.0);
        to.extend(all.iter().filter(|reading| reading.number > number));
    }

    /// The newest.
    pub fn last(&self) -> Option<Reading> {
        lock(&self.0).back().copied()
    }
}
