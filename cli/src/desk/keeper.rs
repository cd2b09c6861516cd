//! `Keeper`: the library behind the desk, in which takes, marks and notes are kept.

use std::collections::HashSet;
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
    /// For marks, which may have to wait for another program to end its writing: nothing else waits with them. None, if it cannot be written.
    marking: Option<Mutex<Library>>,
    path: PathBuf,
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
        let mut marking = None;
        if library.writable() {
            library.use_settings(&settings, true)?;
            settings = library.look_up_settings(&settings)?;
            marking = Some(Mutex::new(Library::open(library.path(), Access::Write)?));
        }
        Ok(Self {
            path: library.path().to_path_buf(),
            library: Mutex::new(library),
            marking,
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
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether marks and takes can be kept.
    pub(super) fn writable(&self) -> bool {
        self.marking.is_some()
    }

    /// Another connection, for a thread that works for long.
    pub(super) fn connect(&self) -> Result<Library, LibraryError> {
        let access = if self.writable() {
            Access::Write
        } else {
            Access::Read
        };
        Library::open(&self.path, access)
    }

    /// All that is known, or what of it lies under a folder: of files missed under a name that is there again, the one that is there.
    pub(super) fn known(&self, under: Option<&Path>) -> Result<Vec<OnShelf>, LibraryError> {
        self.known_to(&self.lock(), under)
    }

    /// The same, read through another connection, so that nobody waits for it.
    pub(super) fn known_to(
        &self,
        library: &Library,
        under: Option<&Path>,
    ) -> Result<Vec<OnShelf>, LibraryError> {
        let mut known = library.on_shelf(&self.settings)?;
        if let Some(folder) = under {
            known.retain(|file| file.path().starts_with(folder));
        }
        known.sort_by_key(|file| file.record.missing_ms.is_some());
        let mut names = HashSet::new();
        known.retain(|file| names.insert(file.path().to_path_buf()));
        Ok(known)
    }

    /// How many files were analysed otherwise alone, with another model or in other steps.
    pub(super) fn analysed_otherwise(&self) -> Result<u32, LibraryError> {
        self.lock().analysed_otherwise(&self.settings)
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

    /// The windows of a sound.
    pub(super) fn timeline(
        &self,
        hash: &[u8],
        path: PathBuf,
    ) -> Result<Option<Timeline>, LibraryError> {
        self.lock().timeline_of(&self.settings, hash, path)
    }

    /// Whether a sound is in the library, analysed with these settings, under any name.
    pub(super) fn holds(&self, hash: &[u8]) -> Result<bool, LibraryError> {
        self.lock().holds_sound(&self.settings, hash)
    }

    /// Keeps what is thought of a sound; `false` if the library does not hold it.
    pub(super) fn think(&self, hash: &[u8], opinion: &Opinion) -> Result<bool, LibraryError> {
        let library = self.marking.as_ref().unwrap_or(&self.library);
        library
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .mark(hash, opinion)
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
