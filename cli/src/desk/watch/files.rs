//! What a watched folder holds: files that come, grow, keep still and go.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use walkdir::WalkDir;

use super::super::whole::seems_whole;
use super::{Told, Watch};
use crate::scan::find::{has_ending, is_hidden};

/// How long a file keeps still once its writer has closed it.
const STILL_CLOSED: Duration = Duration::from_millis(150);

/// How long one keeps still of which that is not known: recorders write at least every second.
const STILL: Duration = Duration::from_millis(1_200);

/// After this, a file that does not seem whole is handed on all the same, so that what is wrong with it is said.
const STILL_BROKEN: Duration = Duration::from_secs(15);

/// Files that were last changed longer ago than this when they are first seen are nobody's who still writes.
const OLD: Duration = Duration::from_secs(20);

/// What a file is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    bytes: u64,
    modified: Option<SystemTime>,
}

/// A file in the folder.
#[derive(Debug)]
pub(super) struct Seen {
    shape: Shape,
    /// Since when it has kept still.
    pub(super) since: Instant,
    /// Its writer closed it.
    pub(super) closed: bool,
    pub(super) handed: bool,
}

/// Why a link is left out.
const LINK: &str = "it is a link, and links are not followed here; open the folder that it leads to, or put the take itself here";

impl<F: FnMut(Told)> Watch<F> {
    /// Looks at one file.
    pub(super) fn look_at(&mut self, path: &Path) {
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
    pub(super) fn all_gone(&mut self) {
        (self.tell)(Told::FolderGone);
        self.left_out.clear();
        for (path, _) in std::mem::take(&mut self.seen) {
            (self.tell)(Told::Gone(path));
        }
    }

    /// Looks through the whole folder.
    pub(super) fn look_through(&mut self) {
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
    pub(super) fn hand_on(&mut self) {
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
