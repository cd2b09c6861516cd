//! `Watch`: a folder's takes as they come, grow, change and go.
//!
//! The system tells of changes (`notify`) where it can. A look through the whole folder finds what it does not tell: at the start, now and then, and as the
//! only way where the system tells nothing, as on a network's disk or beyond its limit of watches. Links are not followed: what lies outside the folder
//! is none of its takes.
//!
//! A file is handed on once it has kept still for a while and seems whole; one that a recorder writes again is handed on again.

mod files;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::disk::{Place, place_of, remote_disk};
use crate::scan::find::{has_ending, is_hidden};
use files::Seen;

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
            let mut place = place_of(&self.root);
            if place.is_none() {
                self.all_gone();
                while place.is_none() {
                    if ended() {
                        return;
                    }
                    std::thread::sleep(GONE);
                    place = place_of(&self.root);
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
            self.follow(&events, place, polled.is_some(), ended);
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
        place: Option<Place>,
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
            // Gone, or another folder under its name, of which the system tells this watcher nothing.
            if place_of(&self.root) != place {
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
}
