//! `Watch`: a folder's takes as they come, grow, change and go.
//!
//! The system tells of changes (`notify`) where it can. A look through the whole folder finds what it does not tell: at the start, now and then, and as the
//! only way where the system tells nothing, as on a network's disk or beyond its limit of watches. Links are not followed: what lies outside the folder
//! is none of its takes.
//!
//! A file is handed on once it has kept still for a while and seems whole; one that a recorder writes again is handed on again.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use walkdir::WalkDir;

use super::disk::remote_disk;
use super::whole::seems_whole;
use crate::scan::find::{has_ending, is_hidden};

/// How long a file keeps still once its writer has closed it.
const STILL_CLOSED: Duration = Duration::from_millis(150);

/// How long one keeps still of which that is not known: recorders write at least every second.
const STILL: Duration = Duration::from_millis(1_200);

/// After this, a file that does not seem whole is handed on all the same, so that what is wrong with it is said.
const STILL_BROKEN: Duration = Duration::from_secs(15);

/// Files that were last changed longer ago than this when they are first seen are nobody's who still writes.
const OLD: Duration = Duration::from_secs(20);

/// How often a growing file is looked at.
const TICK: Duration = Duration::from_millis(50);

/// How often the whole folder is looked through where the system tells of changes.
const SELDOM: Duration = Duration::from_secs(20);

/// How often, where it does not.
const OFTEN: Duration = Duration::from_millis(500);

/// And how often, in times that a look takes, so that a large folder on a slow disk is not looked through all the time.
const LOOKS_APART: u32 = 10;

/// How often a folder that is gone is looked for.
const GONE: Duration = Duration::from_millis(500);

/// What is told of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// A file is being written.
    Grows(PathBuf),
    /// A file is whole; `old` if nobody has written it lately.
    Whole { path: PathBuf, old: bool },
    /// A file is not there any more.
    Gone(PathBuf),
    /// A link, which is not followed, or a folder or file that cannot be read, and why.
    LeftOut { path: PathBuf, why: String },
    /// The folder was looked through for the first time, or again after it was gone.
    Looked,
    /// The folder itself is gone.
    FolderGone,
    /// How changes are noticed: by the system, or by looking, and why.
    Way { polled: Option<String> },
}

/// What a file is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    bytes: u64,
    modified: Option<SystemTime>,
}

/// A file in the folder.
#[derive(Debug)]
struct Seen {
    shape: Shape,
    /// Since when it has kept still.
    since: Instant,
    /// Its writer closed it.
    closed: bool,
    handed: bool,
}

/// A folder that is watched.
pub(super) struct Watch<F> {
    root: PathBuf,
    /// Looks only, so often.
    poll: Option<Duration>,
    tell: F,
    seen: HashMap<PathBuf, Seen>,
    left_out: HashSet<PathBuf>,
    /// Files whose handing on came to nothing, and when they are handed on again.
    again: Receiver<PathBuf>,
}

impl<F: FnMut(Told)> Watch<F> {
    /// Watches `root`, which is canonical. With `poll` it only looks, so often. `again` takes files that are to be handed on once more.
    pub(super) fn new(
        root: PathBuf,
        poll: Option<Duration>,
        again: Receiver<PathBuf>,
        tell: F,
    ) -> Self {
        Self {
            root,
            poll,
            tell,
            seen: HashMap::new(),
            left_out: HashSet::new(),
            again,
        }
    }

    /// Watches until `ended` says so.
    pub(super) fn run(mut self, ended: &dyn Fn() -> bool) {
        while !ended() {
            if !self.root.is_dir() {
                self.all_gone();
                while !self.root.is_dir() {
                    if ended() {
                        return;
                    }
                    std::thread::sleep(GONE);
                }
            }
            let (sender, events) = channel();
            let (watcher, polled) = self.watcher(sender);
            (self.tell)(Told::Way {
                polled: polled.clone(),
            });
            // After the watcher began, so that nothing falls between the two.
            self.look_through();
            (self.tell)(Told::Looked);
            self.follow(&events, polled.is_some(), ended);
            drop(watcher);
        }
    }

    /// The system's watcher, or why there is none.
    fn watcher(
        &self,
        sender: std::sync::mpsc::Sender<notify::Result<notify::Event>>,
    ) -> (Option<RecommendedWatcher>, Option<String>) {
        if self.poll.is_some() {
            return (None, Some("as --poll asks".to_owned()));
        }
        if let Some(kind) = remote_disk(&self.root) {
            return (
                None,
                Some(format!(
                    "the folder lies on a disk of the network ({kind}), which tells of no changes"
                )),
            );
        }
        let config = notify::Config::default().with_follow_symlinks(false);
        let watcher = RecommendedWatcher::new(sender, config).and_then(|mut watcher| {
            watcher.watch(&self.root, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        match watcher {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => {
                let why = match error.kind {
                    notify::ErrorKind::MaxFilesWatch => {
                        "the system's limit of watched folders is reached (fs.inotify.max_user_watches)".to_owned()
                    }
                    _ => format!("the system tells of no changes ({error})"),
                };
                (None, Some(why))
            }
        }
    }

    /// Follows what happens until the folder is gone, or it must be watched anew.
    fn follow(
        &mut self,
        events: &Receiver<notify::Result<notify::Event>>,
        polled: bool,
        ended: &dyn Fn() -> bool,
    ) {
        let often = self.poll.unwrap_or(OFTEN);
        let mut looked = Instant::now();
        let mut apart = if polled { often } else { SELDOM };
        while !ended() {
            let grows = self.seen.values().any(|seen| !seen.handed);
            let wait = if grows {
                TICK
            } else {
                Duration::from_millis(250)
            };
            let mut whole_folder = looked.elapsed() >= apart;
            if polled {
                std::thread::sleep(wait.min(apart));
            } else {
                match events.recv_timeout(wait) {
                    Ok(event) => {
                        whole_folder |= self.take(event);
                        // What else has come by now.
                        while let Ok(event) = events.try_recv() {
                            whole_folder |= self.take(event);
                        }
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            while let Ok(path) = self.again.try_recv() {
                if let Some(seen) = self.seen.get_mut(&path) {
                    (seen.handed, seen.closed) = (false, false);
                    seen.since = Instant::now();
                }
            }
            if !self.root.is_dir() {
                return;
            }
            if whole_folder {
                let start = Instant::now();
                self.look_through();
                looked = Instant::now();
                apart = if polled {
                    often.max(LOOKS_APART * start.elapsed())
                } else {
                    SELDOM
                };
            }
            self.hand_on();
        }
    }

    /// Takes note of an event; whether the whole folder has to be looked through.
    fn take(&mut self, event: notify::Result<notify::Event>) -> bool {
        let Ok(event) = event else { return true };
        if event.need_rescan() {
            return true;
        }
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                for path in &event.paths {
                    if self.is_take(path) {
                        self.look_at(path);
                        if let Some(seen) = self.seen.get_mut(path) {
                            seen.closed = true;
                        }
                    }
                }
                false
            }
            EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
            EventKind::Modify(ModifyKind::Data(_)) => {
                for path in &event.paths {
                    if self.is_take(path) {
                        self.look_at(path);
                    }
                }
                false
            }
            // Files and folders come, go and are renamed.
            _ => {
                let files = event
                    .paths
                    .iter()
                    .all(|path| self.is_take(path) && !path.is_dir());
                if files && matches!(event.kind, EventKind::Create(_) | EventKind::Remove(_)) {
                    event.paths.iter().for_each(|path| self.look_at(path));
                    return false;
                }
                true
            }
        }
    }

    /// Whether a path of an event can be a take's: the folders above it are no hidden ones, and it is called like one.
    fn is_take(&self, path: &Path) -> bool {
        path.strip_prefix(&self.root)
            .is_ok_and(|inner| has_ending(path) && !inner.iter().any(is_hidden))
    }

    /// Looks at one file.
    fn look_at(&mut self, path: &Path) {
        match path.symlink_metadata() {
            Ok(metadata) if metadata.is_file() => {
                let shape = Shape {
                    bytes: metadata.len(),
                    modified: metadata.modified().ok(),
                };
                self.note(path, shape);
            }
            Ok(metadata) if metadata.is_symlink() => self.leave_out(path, LINK),
            Ok(_) => {}
            Err(_) => self.gone(path),
        }
    }

    /// A file is there, and like this.
    fn note(&mut self, path: &Path, shape: Shape) {
        let now = Instant::now();
        if let Some(seen) = self.seen.get_mut(path) {
            if seen.shape != shape {
                (seen.shape, seen.since, seen.closed) = (shape, now, false);
                if seen.handed {
                    seen.handed = false;
                    (self.tell)(Told::Grows(path.to_path_buf()));
                }
            }
            return;
        }
        let old = shape
            .modified
            .and_then(|modified| modified.elapsed().ok())
            .is_some_and(|age| age > OLD);
        self.seen.insert(
            path.to_path_buf(),
            Seen {
                shape,
                since: now,
                closed: false,
                handed: old,
            },
        );
        let path = path.to_path_buf();
        (self.tell)(if old {
            Told::Whole { path, old }
        } else {
            Told::Grows(path)
        });
    }

    fn gone(&mut self, path: &Path) {
        if self.seen.remove(path).is_some() {
            (self.tell)(Told::Gone(path.to_path_buf()));
        }
        self.left_out.remove(path);
    }

    fn leave_out(&mut self, path: &Path, why: &str) {
        if self.left_out.insert(path.to_path_buf()) {
            (self.tell)(Told::LeftOut {
                path: path.to_path_buf(),
                why: why.to_owned(),
            });
        }
    }

    /// The folder is gone, and so is all in it.
    fn all_gone(&mut self) {
        (self.tell)(Told::FolderGone);
        self.left_out.clear();
        for (path, _) in std::mem::take(&mut self.seen) {
            (self.tell)(Told::Gone(path));
        }
    }

    /// Looks through the whole folder.
    fn look_through(&mut self) {
        let walk = WalkDir::new(&self.root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()));
        let mut there = HashSet::new();
        let mut unreadable = Vec::new();
        for entry in walk {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if let Some(path) = error.path() {
                        unreadable.push(path.to_path_buf());
                        let reason = error
                            .io_error()
                            .map_or_else(|| error.to_string(), ToString::to_string);
                        self.leave_out(
                            path,
                            &format!("it cannot be read ({reason}); change its permissions"),
                        );
                    }
                    continue;
                }
            };
            if entry.path_is_symlink() {
                if entry.path().is_dir() || has_ending(entry.path()) {
                    self.leave_out(entry.path(), LINK);
                }
                continue;
            }
            if !entry.file_type().is_file() || !has_ending(entry.path()) {
                continue;
            }
            // Gone since it was listed.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let shape = Shape {
                bytes: metadata.len(),
                modified: metadata.modified().ok(),
            };
            self.note(entry.path(), shape);
            there.insert(entry.into_path());
        }
        // What lies in a folder that cannot be read now may be there all the same.
        let hidden = |path: &Path| unreadable.iter().any(|folder| path.starts_with(folder));
        let gone: Vec<PathBuf> = self
            .seen
            .keys()
            .filter(|path| !there.contains(*path) && !hidden(path))
            .cloned()
            .collect();
        // A folder that has just vanished is told of as such.
        if self.root.is_dir() {
            gone.iter().for_each(|path| self.gone(path));
        }
    }

    /// Hands on what has kept still.
    fn hand_on(&mut self) {
        let still: Vec<(PathBuf, Duration, bool)> = self
            .seen
            .iter()
            .filter(|(_, seen)| !seen.handed)
            .map(|(path, seen)| (path.clone(), seen.since.elapsed(), seen.closed))
            .filter(|(_, still, closed)| *still >= if *closed { STILL_CLOSED } else { STILL })
            .collect();
        for (path, still, _) in still {
            // Where the system tells of nothing, growth shows here.
            self.look_at(&path);
            let kept_still = self
                .seen
                .get(&path)
                .is_some_and(|seen| seen.since.elapsed() >= still);
            if !kept_still {
                continue;
            }
            // What cannot be read is handed on: reading it will tell why.
            if still >= STILL_BROKEN || seems_whole(&path).unwrap_or(true) {
                if let Some(seen) = self.seen.get_mut(&path) {
                    seen.handed = true;
                }
                (self.tell)(Told::Whole { path, old: false });
            }
        }
    }
}

/// Why a link is left out.
const LINK: &str = "it is a link, and links are not followed here; open the folder that it leads to, or put the take itself here";
