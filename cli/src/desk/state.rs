//! `Desk`: what the page, the scans and the watch share.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};
use undersong_core::model::Model;
use undersong_core::scan::Scanner;
use undersong_core::timeline::Timeline;
use undersong_core::timeline::colours::palette;

use super::board::{Board, Trouble};
use super::keeper::{Keeper, heard};
use super::news::News;
use super::peaks::{Gatherer, Peaks};
use super::queue::{Queue, Wanted};
use super::shelf::{Row, Shelf, State};
use super::sound::Decoded;
use super::waves::Waves;
use crate::library::{Library, OnShelf, Opinion, Settings, each_block, hash_sound_and};
use crate::terminal::shown;
use crate::trouble::Trouble as Fault;
use crate::web::Rules;

/// Requests that read whole files at once.
const READERS: usize = 3;

/// What was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Opened {
    /// A folder, by its real path.
    Folder(PathBuf),
    /// All that the library holds.
    Library,
}

/// What everything on the desk shares.
pub(super) struct Desk {
    pub(super) folder: Option<PathBuf>,
    /// In words.
    pub(super) opened: String,
    pub(super) keeper: Keeper,
    pub(super) waves: Waves,
    pub(super) decoded: Decoded,
    pub(super) queue: Queue,
    pub(super) wanted: Wanted,
    pub(super) board: Board,
    pub(super) news: News,
    pub(super) rules: Rules,
    pub(super) model: Model,
    /// What a request that changes something shows.
    pub(super) key: String,
    /// Turns true when scans are to be given up.
    pub(super) stop: AtomicBool,
    shelf: Mutex<Shelf>,
    /// Files known from the start that were not looked at yet.
    known: Mutex<HashMap<PathBuf, OnShelf>>,
    scanner: OnceLock<Scanner>,
    /// One for each request that may read a whole file; fewer than threads that wait for the disk.
    pub(super) readers: Arc<Semaphore>,
    /// Held while a waveform is gathered.
    gathering: Mutex<()>,
    started_ms: u64,
    ending: watch::Receiver<bool>,
}

impl Desk {
    pub(super) fn new(
        opened: Opened,
        library: Library,
        settings: Settings,
        model: Model,
        delivery: bool,
        ending: watch::Receiver<bool>,
    ) -> Result<Self, Fault> {
        let path = library.path().to_path_buf();
        let waves = Waves::beside(library.writable().then_some(path.as_path()));
        let keeper = Keeper::new(library, settings, delivery)?;
        let folder = match &opened {
            Opened::Folder(folder) => Some(folder.clone()),
            Opened::Library => None,
        };
        let known = keeper.known(folder.as_deref())?;
        let base = folder.clone().unwrap_or_else(|| common_folder(&known));
        let numbers = random_bytes()?;
        // Far from the end of all numbers, and from those of most other runs.
        let first = u32::from_le_bytes([numbers[0], numbers[1], numbers[2], numbers[3] & 0x3F]);
        let mut shelf = Shelf::new(base, first);
        let mut by_path = HashMap::with_capacity(known.len());
        for file in known {
            let path = file.path().to_path_buf();
            shelf.put(&path, State::Ready);
            if let Some(row) = shelf.at_mut(&path) {
                row.missing = file.record.missing_ms.is_some();
                row.modified_ms = file.modified_ms();
                row.heard = Some(heard(file.clone()));
            }
            by_path.insert(path, file);
        }
        if folder.is_none() {
            for failure in keeper.failures()? {
                let error = failure.error;
                shelf.put(&failure.path, State::Failed(plain(&failure.path, &error)));
            }
        }
        Ok(Self {
            opened: match &folder {
                Some(folder) => shown(folder),
                None => shown(&path),
            },
            folder,
            waves,
            keeper,
            decoded: Decoded::default(),
            queue: Queue::default(),
            wanted: Wanted::default(),
            board: Board::default(),
            news: News::new(ending.clone()),
            rules: Rules::of_this_machine(),
            model,
            key: hexadecimal(&random_bytes()?),
            stop: AtomicBool::new(false),
            shelf: Mutex::new(shelf),
            known: Mutex::new(by_path),
            scanner: OnceLock::new(),
            readers: Arc::new(Semaphore::new(READERS)),
            gathering: Mutex::new(()),
            started_ms: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_millis() as u64),
            ending,
        })
    }

    pub(super) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_scanner(&self, scanner: Scanner) {
        let _ = self.scanner.set(scanner);
    }

    /// What scans.
    pub(super) fn scanner(&self) -> Result<&Scanner, String> {
        self.scanner
            .get()
            .ok_or_else(|| "nothing is scanned here".to_owned())
    }

    /// Whether the desk ends.
    pub(super) fn ending(&self) -> bool {
        *self.ending.borrow() || self.stop.load(Ordering::Relaxed)
    }

    pub(super) fn until_end(&self) -> watch::Receiver<bool> {
        self.ending.clone()
    }

    /// Gives up what is going on.
    pub(super) fn end(&self) {
        self.stop.store(true, Ordering::Relaxed);
        self.queue.end();
        self.wanted.end();
    }

    /// Whether a file that was known from the start is as it was then. It is asked once for each.
    pub(super) fn known_still(&self, path: &Path) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .remove(path)
            .is_some_and(|file| self.keeper.is_still(&file))
    }

    /// The same, asked before the file is known to be whole.
    pub(super) fn known_seems_still(&self, path: &Path) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(path)
            .is_some_and(|file| self.keeper.is_still(file))
    }

    /// Changes the take in a file, which is put on the shelf if it is not there, and tells the pages.
    pub(super) fn change(&self, path: &Path, state: State, change: impl FnOnce(&mut Row)) {
        self.shelf().put(path, state);
        self.tell_change(path, true, change);
    }

    /// Changes the take in a file if it is on the shelf; tells the pages if that shows.
    pub(super) fn change_known(&self, path: &Path, change: impl FnOnce(&mut Row)) {
        self.tell_change(path, false, change);
    }

    fn tell_change(&self, path: &Path, always: bool, change: impl FnOnce(&mut Row)) {
        let mut shelf = self.shelf();
        let Some(before) = shelf.at(path).map(|row| json!(shelf.shown(row))) else {
            return;
        };
        if let Some(row) = shelf.at_mut(path) {
            change(row);
        }
        let Some(after) = shelf.at(path).map(|row| json!(shelf.shown(row))) else {
            return;
        };
        if always || before != after {
            self.news.tell(json!({ "type": "take", "take": after }));
        }
    }

    /// A sound is thought of so from now on, in every file that holds it.
    pub(super) fn think(&self, hash: &[u8], opinion: &Opinion) {
        let mut shelf = self.shelf();
        for id in shelf.think(hash, opinion) {
            if let Some(row) = shelf.get(id) {
                self.news
                    .tell(json!({ "type": "take", "take": shelf.shown(row) }));
            }
        }
    }

    /// The folder was looked through: what was not seen is missing.
    pub(super) fn looked(&self) {
        let unseen: Vec<PathBuf> = {
            let shelf = self.shelf();
            let rows = shelf.rows().iter().filter(|row| !row.seen && !row.missing);
            rows.map(|row| row.path.clone()).collect()
        };
        for path in unseen {
            self.change_known(&path, |row| row.missing = true);
        }
    }

    /// What is wrong now, or no more.
    pub(super) fn set_trouble(&self, trouble: Trouble, line: Option<String>) {
        if self.board.set(trouble, line) {
            self.tell_notices();
        }
    }

    pub(super) fn tell_notices(&self) {
        self.news
            .tell(json!({ "type": "notices", "lines": self.board.lines() }));
    }

    pub(super) fn tell_progress(&self) {
        let progress = self.queue.progress();
        self.news
            .tell(json!({ "type": "progress", "done": progress.done, "all": progress.all }));
    }

    pub(super) fn tell_wave(&self, id: u32) {
        self.news.tell(json!({ "type": "wave", "id": id }));
    }

    /// The waveform of a take, gathered if it was not kept. One is gathered at a time, so that a take that is asked for twice is read once.
    pub(super) fn waveform(&self, path: &Path, hash: &[u8]) -> Result<Arc<Peaks>, String> {
        if let Some(peaks) = self.waves.get(hash) {
            return Ok(peaks);
        }
        let _turn = self
            .gathering
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(peaks) = self.waves.get(hash) {
            return Ok(peaks);
        }
        let mut gatherer: Option<Gatherer> = None;
        let mut gather = |rate_hz: u32, sound: &[f32]| {
            gatherer
                .get_or_insert_with(|| Gatherer::new(rate_hz))
                .push(sound);
        };
        let known = self.keeper.at(path).ok().flatten();
        if known.is_some_and(|file| file.hash == hash && file.is_unchanged()) {
            each_block(path, &mut gather)?;
        } else if hash_sound_and(path, &mut gather)? != hash {
            // Overwritten since: its waveform would be kept as that of the sound that was.
            return Err(
                "the file holds another sound than the one that was scanned; `undersong library update` reads it anew"
                    .to_owned(),
            );
        }
        let gatherer =
            gatherer.ok_or_else(|| format!("{}: there is no sound in it", shown(path)))?;
        Ok(self.waves.put(hash, gatherer.finish()))
    }

    /// The windows of a take that is ready.
    pub(super) fn timeline(&self, id: u32) -> Result<Arc<Timeline>, String> {
        let (path, hash, kept, held) = {
            let shelf = self.shelf();
            let row = shelf.get(id).ok_or("there is no such take")?;
            let heard = row.heard.as_ref().ok_or("this take is not scanned yet")?;
            (
                row.path.clone(),
                heard.hash.clone(),
                heard.analysis.is_some(),
                heard.timeline.clone(),
            )
        };
        if let Some(timeline) = held {
            return Ok(timeline);
        }
        if !kept {
            return Err("this take is not scanned yet".to_owned());
        }
        let timeline = self
            .keeper
            .timeline(&hash, path)
            .map_err(|error| error.to_string())?;
        timeline
            .map(Arc::new)
            .ok_or_else(|| "the library does not hold this take any more".to_owned())
    }

    /// All that the page needs to begin.
    pub(super) fn everything(&self) -> Value {
        let settings = self.keeper.settings();
        let emotions = settings.emotions.iter().zip(palette(&settings.emotions));
        let emotions = emotions.map(|(emotion, colour)| {
            json!({
                "name": emotion.name,
                "colour": format!("#{}", colour.hex()),
                "valence": emotion.valence,
                "arousal": emotion.arousal,
            })
        });
        let progress = self.queue.progress();
        let shelf = self.shelf();
        // While nobody can change a take.
        let told = self.news.told();
        // What went before anything was heard of it, such as a recorder's temporary file, is no take that is missed.
        let rows = shelf
            .rows()
            .iter()
            .filter(|row| row.heard.is_some() || !row.missing);
        let takes: Vec<_> = rows.map(|row| shelf.shown(row)).collect();
        json!({
            "about": {
                "opened": self.opened,
                "watching": self.folder.is_some(),
                "library": shown(self.keeper.path()),
                "writable": self.keeper.writable(),
                "model": format!("{} ({})", settings.model_name, settings.model_id),
                "emotions": emotions.collect::<Vec<_>>(),
                "unsure_below": settings.unsure_below,
                "started": self.started_ms,
            },
            "notices": self.board.lines(),
            "n": told,
            "progress": { "done": progress.done, "all": progress.all },
            "takes": takes,
        })
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk")
            .field("opened", &self.opened)
            .finish_non_exhaustive()
    }
}

/// What is wrong with a file, without its name, which stands beside it.
pub(super) fn plain(path: &Path, error: &str) -> String {
    let name = format!("{}: ", path.display());
    error.strip_prefix(&name).unwrap_or(error).to_owned()
}

/// The folder that all files lie in.
fn common_folder(files: &[OnShelf]) -> PathBuf {
    let mut folder: Option<PathBuf> = None;
    for file in files {
        let parent = file.path().parent().unwrap_or(Path::new(""));
        match &mut folder {
            None => folder = Some(parent.to_path_buf()),
            Some(folder) => {
                while !parent.starts_with(&*folder) {
                    if !folder.pop() {
                        break;
                    }
                }
            }
        }
    }
    folder.unwrap_or_default()
}

/// What nobody can guess: 128 bits of the system's randomness.
fn random_bytes() -> Result<[u8; 16], Fault> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        Fault::Failed(format!(
            "the system gave no random numbers ({error}); try again"
        ))
    })?;
    Ok(bytes)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
