//! `Keeper`: the library behind the desk, in which takes, marks and notes are kept.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use undersong_core::timeline::{Failure, Timeline};

use super::figures::Figures;
use super::shelf::{Heard, Thought};
use crate::library::{Access, Library, LibraryError, Met, OnShelf, Opinion, Settings};

/// The library behind the desk.
#[derive(Debug)]
pub(super) struct Keeper {
    /// For what the page asks; each thread that scans has a connection of its own.
    library: Mutex<Library>,
    settings: Settings,
    /// The settings' number; `None` where nothing was analysed with them and the library cannot be written.
    setting: Option<i64>,
    /// Whether delivery is measured.
    delivery: bool,
}

impl Keeper {
    /// Over an opened library, for analyses with these settings, which measure delivery or do not.
    pub(super) fn new(
        mut library: Library,
        settings: Settings,
        delivery: bool,
    ) -> Result<Self, LibraryError> {
        let mut settings = library.look_up_settings(&settings)?;
        if library.writable() {
            let setting = library.use_settings(&settings, true)?;
            settings = library.look_up_settings(&settings)?;
            return Ok(Self {
                library: Mutex::new(library),
                settings,
                setting: Some(setting),
                delivery,
            });
        }
        Ok(Self {
            library: Mutex::new(library),
            setting: settings.id(),
            settings,
            delivery,
        })
    }

    /// Whether a file is the one that was read, and nothing is to be read or measured anew.
    pub(super) fn is_still(&self, file: &OnShelf) -> bool {
        file.is_still(self.delivery)
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The library's file.
    pub(super) fn path(&self) -> PathBuf {
        self.lock().path().to_path_buf()
    }

    /// Whether marks and takes can be kept.
    pub(super) fn writable(&self) -> bool {
        self.lock().writable()
    }

    /// Another connection, for a thread that works for long.
    pub(super) fn connect(&self) -> Result<Library, LibraryError> {
        let access = if self.writable() {
            Access::Write
        } else {
            Access::Read
        };
        Library::open(&self.path(), access)
    }

    /// All that is known, or what of it lies under a folder.
    pub(super) fn known(&self, under: Option<&Path>) -> Result<Vec<OnShelf>, LibraryError> {
        let mut known = self.lock().on_shelf(&self.settings)?;
        if let Some(folder) = under {
            known.retain(|file| file.path().starts_with(folder));
        }
        Ok(known)
    }

    /// Files that could not be read.
    pub(super) fn failures(&self) -> Result<Vec<Failure>, LibraryError> {
        self.lock().failures()
    }

    /// The take in a file, if its sound was analysed.
    pub(super) fn at(&self, path: &Path) -> Result<Option<OnShelf>, LibraryError> {
        self.lock().on_shelf_at(&self.settings, path)
    }

    /// Whether a file whose sound is known already needs no model: the library holds it under its name, or will.
    pub(super) fn holds_or_can(&self, path: &Path, met: &Met) -> bool {
        let known = || matches!(self.at(path), Ok(Some(known)) if known.hash == met.hash());
        self.writable() || known()
    }

    /// The windows of an analysis.
    pub(super) fn timeline(
        &self,
        analysis: i64,
        path: PathBuf,
    ) -> Result<Option<Timeline>, LibraryError> {
        self.lock().timeline(&self.settings, analysis, path)
    }

    /// Keeps what is thought of a take; `false` if there is none of this number.
    pub(super) fn think(&self, take: i64, opinion: &Opinion) -> Result<bool, LibraryError> {
        self.lock().mark(take, opinion)
    }

    /// Reads a file through `library`; see [`Library::meet`].
    pub(super) fn meet(
        &self,
        library: &Library,
        path: &Path,
        tap: &mut dyn FnMut(u32, &[f32]),
    ) -> Result<Met, String> {
        library.meet(self.setting, self.delivery, path, tap)
    }

    /// Keeps a file and, if it was just made, its analysis.
    pub(super) fn keep(
        &self,
        library: &mut Library,
        engine: &str,
        met: &Met,
        take: Option<&Timeline>,
    ) -> Result<(), LibraryError> {
        match self.setting {
            Some(setting) => library.keep_met(&self.settings, setting, engine, met, take),
            // A library that cannot be written says so itself.
            None => library.keep_met(&self.settings, 0, engine, met, take),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Library> {
        self.library.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the library knows of a take, for the shelf.
pub(super) fn heard(known: OnShelf) -> Heard {
    Heard {
        take: Some(known.record.take),
        analysis: Some(known.record.analysis),
        hash: known.hash,
        seconds: known.record.seconds,
        voiced_seconds: known.record.voiced_seconds,
        reading: known.reading,
        figures: Figures {
            loudness_lufs: known.record.loudness_lufs,
            pitch_hz: known.record.pitch_hz,
            syllables_per_second: known.record.syllables_per_second,
        },
        timeline: None,
        thought: Thought {
            mark: known.record.mark,
            stars: known.record.stars,
            note: known.record.note,
        },
    }
}
