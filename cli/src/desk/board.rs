//! `Board`: what is wrong on the desk now, a line for each trouble, until it is over.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Lines of one kind that are told one by one; more are counted.
const MOST_OF_A_KIND: usize = 5;

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// The folder is gone.
    Folder,
    /// What the system does not tell is looked for.
    Polled,
    /// The library cannot be written.
    Library,
    /// Takes of the library were analysed otherwise.
    Otherwise,
    /// The model's engine failed.
    Engine,
    /// Links and what cannot be read.
    LeftOut,
}

/// The troubles, each with its lines.
#[derive(Debug, Default)]
pub(super) struct Board {
    lines: Mutex<BTreeMap<Trouble, Vec<String>>>,
}

impl Board {
    /// Sets a trouble's only line, or takes it away; whether that changed anything.
    pub(super) fn set(&self, trouble: Trouble, line: Option<String>) -> bool {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.entry(trouble).or_default();
        let new: Vec<String> = line.into_iter().collect();
        let changed = *lines != new;
        *lines = new;
        changed
    }

    /// Adds a line; whether it is new.
    pub(super) fn add(&self, trouble: Trouble, line: String) -> bool {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = lines.entry(trouble).or_default();
        let new = !lines.contains(&line);
        if new {
            lines.push(line);
        }
        new
    }

    /// All lines, as they are shown.
    pub(super) fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shown = Vec::new();
        for lines in lines.values() {
            shown.extend(lines.iter().take(MOST_OF_A_KIND).cloned());
            if lines.len() > MOST_OF_A_KIND {
                shown.push(format!(
                    "… and {} more like this",
                    lines.len() - MOST_OF_A_KIND
                ));
            }
        }
        shown
    }
}
