//! `Shelf`: the takes on the desk, in memory, as the page sees them.
//!
//! A take is called by a number, never by its path, so that a page can ask for nothing but what is on the shelf. The first number is another in each
//! run: a page that is older than the program names no other take by mistake.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use undersong_core::timeline::{Reading, Timeline};

use super::figures::Figures;
use crate::library::{Mark, Opinion};

/// What is known of a take's sound.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    /// Its number in the library; `None` where that could not be written.
    pub(super) take: Option<i64>,
    /// Its analysis in the library.
    pub(super) analysis: Option<i64>,
    /// What its waveform is kept by.
    pub(super) hash: Vec<u8>,
    pub(super) seconds: f64,
    pub(super) voiced_seconds: f64,
    /// `None` without voice.
    pub(super) reading: Option<Reading>,
    /// How it is delivered.
    pub(super) figures: Figures,
    /// Held here if the library does not hold it.
    pub(super) timeline: Option<Arc<Timeline>>,
    pub(super) thought: Thought,
}

/// What a person thinks of a take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Thought {
    pub(super) mark: Option<Mark>,
    pub(super) stars: u8,
    pub(super) note: String,
}

/// How far a take is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Somebody still writes it.
    Growing,
    /// It waits for its scan, or is scanned.
    Waiting,
    /// All is known.
    Ready,
    /// It could not be scanned, and why.
    Failed(String),
}

/// A take on the shelf.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: u32,
    pub(super) path: PathBuf,
    pub(super) state: State,
    /// The file is not there.
    pub(super) missing: bool,
    /// The file was seen since the desk began; one that is not, once the folder was looked through, is missing.
    pub(super) seen: bool,
    /// When the file was last changed, in milliseconds since 1970.
    pub(super) modified_ms: i64,
    /// Of the file as it was when it was last read.
    pub(super) heard: Option<Heard>,
}

/// The takes.
#[derive(Debug)]
pub(super) struct Shelf {
    /// What the names of folders are shown against.
    base: PathBuf,
    /// The number of the first row.
    first: u32,
    rows: Vec<Row>,
    by_path: HashMap<PathBuf, u32>,
}

impl Shelf {
    /// With folders shown against `base`, and numbers from `first` on.
    pub(super) fn new(base: PathBuf, first: u32) -> Self {
        Self {
            base,
            first,
            rows: Vec::new(),
            by_path: HashMap::new(),
        }
    }

    /// The take of this number.
    pub(super) fn get(&self, id: u32) -> Option<&Row> {
        self.rows.get(id.checked_sub(self.first)? as usize)
    }

    /// The take in this file.
    pub(super) fn at(&self, path: &Path) -> Option<&Row> {
        self.get(*self.by_path.get(path)?)
    }

    /// The take in this file, to be changed.
    pub(super) fn at_mut(&mut self, path: &Path) -> Option<&mut Row> {
        let id = *self.by_path.get(path)?;
        self.rows.get_mut(id.checked_sub(self.first)? as usize)
    }

    /// Puts a file on the shelf, or finds it there; gives its number.
    pub(super) fn put(&mut self, path: &Path, state: State) -> u32 {
        if let Some(&id) = self.by_path.get(path) {
            return id;
        }
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let id = self.first.saturating_add(count);
        self.by_path.insert(path.to_path_buf(), id);
        self.rows.push(Row {
            id,
            path: path.to_path_buf(),
            state,
            missing: false,
            seen: false,
            modified_ms: 0,
            heard: None,
        });
        id
    }

    /// All of them, in the order in which they came.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Changes what is thought of a sound, in every file that holds it; gives their numbers.
    pub(super) fn think(&mut self, hash: &[u8], opinion: &Opinion) -> Vec<u32> {
        let mut changed = Vec::new();
        for row in &mut self.rows {
            if let Some(heard) = row.heard.as_mut().filter(|heard| heard.hash == hash) {
                let thought = &mut heard.thought;
                thought.mark = opinion.mark.unwrap_or(thought.mark);
                thought.stars = opinion.stars.unwrap_or(thought.stars);
                if let Some(note) = &opinion.note {
                    thought.note.clone_from(note);
                }
                changed.push(row.id);
            }
        }
        changed
    }

    /// A take as the page reads it.
    pub(super) fn shown<'a>(&'a self, row: &'a Row) -> Shown<'a> {
        let inner = row.path.strip_prefix(&self.base).unwrap_or(&row.path);
        let text = |part: Option<&std::ffi::OsStr>| {
            part.map_or_else(String::new, |part| part.to_string_lossy().into_owned())
        };
        let heard = row.heard.as_ref();
        let reading = heard.and_then(|heard| heard.reading.as_ref());
        let thought = heard.map(|heard| &heard.thought);
        let (state, error) = match &row.state {
            State::Growing => ("growing", None),
            State::Waiting => ("waiting", None),
            State::Ready => ("ready", None),
            State::Failed(error) => ("failed", Some(error.as_str())),
        };
        Shown {
            id: row.id,
            name: text(row.path.file_name()),
            folder: text(inner.parent().map(Path::as_os_str)),
            state,
            error,
            missing: row.missing,
            modified: row.modified_ms,
            seconds: heard.map(|heard| round(heard.seconds, 1e3)),
            voiced: heard.map(|heard| round(heard.voiced_seconds, 1e3)),
            scores: reading.map(|reading| {
                let scores = reading.scores.0.iter();
                scores.map(|&score| round(f64::from(score), 1e6)).collect()
            }),
            valence: reading.map(|reading| round(f64::from(reading.valence), 1e6)),
            arousal: reading.map(|reading| round(f64::from(reading.arousal), 1e6)),
            confidence: reading.map(|reading| round(f64::from(reading.confidence), 1e6)),
            unsure: reading.is_none_or(|reading| reading.unsure),
            figures: heard.map(|heard| heard.figures),
            mark: thought.and_then(|thought| thought.mark).map(Mark::name),
            stars: thought.map_or(0, |thought| thought.stars),
            note: thought.map_or("", |thought| thought.note.as_str()),
        }
    }
}

/// A take as the page reads it. Scores have the digits of a scan's JSON: rounded once more for the screen they are what the other commands show.
#[derive(Debug, Serialize)]
pub(super) struct Shown<'a> {
    id: u32,
    name: String,
    folder: String,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    missing: bool,
    modified: i64,
    seconds: Option<f64>,
    voiced: Option<f64>,
    scores: Option<Vec<f64>>,
    valence: Option<f64>,
    arousal: Option<f64>,
    confidence: Option<f64>,
    unsure: bool,
    figures: Option<Figures>,
    mark: Option<&'static str>,
    stars: u8,
    note: &'a str,
}

/// To so many parts of one.
pub(super) fn round(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
