//! `Queue`: files that wait for their scan. What has just been recorded does not wait behind what was there before.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Files of the backlog that are taken at once.
const GROUP: usize = 8;

/// What waits.
#[derive(Debug, Default)]
struct Waiting {
    arrivals: VecDeque<PathBuf>,
    backlog: VecDeque<PathBuf>,
    /// All of both.
    known: HashSet<PathBuf>,
    /// Files that are being worked on.
    working: usize,
    /// Files done since nothing waited last.
    done: usize,
    ended: bool,
}

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Progress {
    pub(super) done: usize,
    pub(super) all: usize,
}

/// Files that wait for their scan.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

impl Queue {
    /// Puts a file behind the others: of those that were just recorded, or of the rest.
    pub(super) fn put(&self, path: PathBuf, arrival: bool) {
        let mut waiting = self.lock();
        if waiting.known.insert(path.clone()) {
            let queue = if arrival {
                &mut waiting.arrivals
            } else {
                &mut waiting.backlog
            };
            queue.push_back(path);
        }
        drop(waiting);
        self.changed.notify_all();
    }

    /// Takes a file out again.
    pub(super) fn forget(&self, path: &Path) {
        let mut waiting = self.lock();
        if waiting.known.remove(path) {
            waiting.arrivals.retain(|it| it != path);
            waiting.backlog.retain(|it| it != path);
        }
    }

    /// The next files to work on, once there are some; nothing once all has ended. Whoever takes `arrivals_only` is free for the next recording.
    pub(super) fn next(&self, arrivals_only: bool) -> Vec<PathBuf> {
        let mut waiting = self.lock();
        loop {
            if waiting.ended {
                return Vec::new();
            }
            let group: Vec<PathBuf> = if let Some(path) = waiting.arrivals.pop_front() {
                vec![path]
            } else if arrivals_only {
                Vec::new()
            } else {
                let count = waiting.backlog.len().min(GROUP);
                waiting.backlog.drain(..count).collect()
            };
            if !group.is_empty() {
                for path in &group {
                    waiting.known.remove(path);
                }
                waiting.working += group.len();
                return group;
            }
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// So many files are done.
    pub(super) fn done(&self, count: usize) {
        let mut waiting = self.lock();
        waiting.working = waiting.working.saturating_sub(count);
        waiting.done += count;
        if waiting.working == 0 && waiting.arrivals.is_empty() && waiting.backlog.is_empty() {
            waiting.done = 0;
        }
    }

    /// How far the work is; 0 of 0 when nothing waits.
    pub(super) fn progress(&self) -> Progress {
        let waiting = self.lock();
        let open = waiting.working + waiting.arrivals.len() + waiting.backlog.len();
        Progress {
            done: if open == 0 { 0 } else { waiting.done },
            all: if open == 0 { 0 } else { waiting.done + open },
        }
    }

    /// Nobody gets anything any more.
    pub(super) fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes whose waveforms the page waits for; the last asked for is what is in view.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    ids: Mutex<(Vec<u32>, bool)>,
    changed: Condvar,
}

impl Wanted {
    /// Puts a take before the others.
    pub(super) fn put(&self, id: u32) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.0.retain(|it| *it != id);
        ids.0.push(id);
        drop(ids);
        self.changed.notify_all();
    }

    /// The next, once there is one; `None` once all has ended.
    pub(super) fn next(&self) -> Option<u32> {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if ids.1 {
                return None;
            }
            if let Some(id) = ids.0.pop() {
                return Some(id);
            }
            ids = self
                .changed
                .wait(ids)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nobody gets anything any more.
    pub(super) fn end(&self) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_does_not_wait_behind_the_backlog() {
        let queue = Queue::default();
        for number in 0..20 {
            queue.put(format!("old {number}").into(), false);
        }
        assert_eq!(queue.next(false).len(), GROUP);
        queue.put("new".into(), true);
        assert_eq!(queue.next(true), [PathBuf::from("new")]);
        assert_eq!(queue.progress(), Progress { done: 0, all: 21 });
        queue.done(GROUP + 1);
        assert_eq!(queue.progress(), Progress { done: 9, all: 21 });
        assert_eq!(queue.next(false).first(), Some(&PathBuf::from("old 8")));
        queue.end();
        assert!(queue.next(true).is_empty());
    }

    #[test]
    fn a_file_waits_once_and_not_when_it_is_gone() {
        let queue = Queue::default();
        queue.put("a".into(), true);
        queue.put("a".into(), true);
        queue.put("b".into(), true);
        queue.forget(Path::new("b"));
        assert_eq!(queue.next(true), [PathBuf::from("a")]);
        queue.done(1);
        assert_eq!(queue.progress(), Progress { done: 0, all: 0 });
    }
}
