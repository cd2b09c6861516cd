//! Files brought into the library: looked at, read where they changed, analysed where their sound is new.
//!
//! Work goes in small groups, each kept in one step, so that whatever ends the program costs one group's work at most, and two programs at
//! work on the same folder see what the other has done.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use undersong_core::scan::{Progress, Scanner};
use undersong_core::timeline::{Failure, Timeline};

use super::error::LibraryError;
use super::files::{KnownAnalysis, KnownFile, Placed, ReadFile};
use super::hashing::{Hash, hash_content, hash_sound};
use super::keep::Kept;
use super::look::Look;
use super::settings::Settings;
use super::store::Library;
use crate::terminal::shown;
use crate::trouble::Trouble;

/// Files of a group. An engine's batch is far smaller, so this costs no speed.
const GROUP: usize = 32;

/// Takes neighbouring process numbers far apart (Knuth's multiplier).
const SPREAD: usize = 2_654_435_761;

/// What was done.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Brought {
    /// Files that were not there before.
    pub(crate) new: usize,
    /// Files known from another place.
    pub(crate) moved: usize,
    /// Files with another sound than before.
    pub(crate) replaced: usize,
    /// Files that were missing and are there again.
    pub(crate) back: usize,
    /// Files that are as they were.
    pub(crate) unchanged: usize,
    /// Files that are gone.
    pub(crate) missing: usize,
    /// Takes that a model listened to.
    pub(crate) analysed: usize,
    /// Takes that another program analysed while this one was at work.
    pub(crate) by_others: usize,
    /// What couldn't be read.
    pub(crate) failed: Vec<Failure>,
}

/// What is told while files are brought in, from several threads.
pub(crate) type Tell<'a> = &'a (dyn Fn(Progress<'_>) + Sync);

/// A file to bring, by its [stored path](super::files::stored_path), and what is known of it.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) path: PathBuf,
    pub(super) known: Option<KnownFile>,
}

/// What a model heard in sounds, or why it couldn't listen.
type Analysed = HashMap<Hash, Result<Timeline, String>>;

/// A file that was looked at.
struct Looked {
    candidate: Candidate,
    look: std::io::Result<Look>,
    settled: bool,
}

/// Brings files in.
pub(super) struct Bringer<'a> {
    pub(super) library: &'a mut Library,
    pub(super) settings: &'a Settings,
    pub(super) setting: i64,
    /// Whether delivery is measured.
    pub(super) delivery: bool,
    /// Files worked on at the same time.
    pub(super) jobs: usize,
    /// Opens the model's engine, once the first new sound is there.
    pub(super) open: &'a dyn Fn() -> Result<Scanner, Trouble>,
    pub(super) scanner: Option<Scanner>,
    pub(super) tell: Tell<'a>,
}

impl Bringer<'_> {
    /// Brings these files in.
    pub(super) fn bring(&mut self, candidates: Vec<Candidate>) -> Result<Brought, Trouble> {
        let mut done = Brought::default();
        let (mut changed, mut back) = (Vec::new(), Vec::new());
        for looked in self.look(candidates) {
            match &looked.candidate.known {
                Some(known)
                    if looked.look.as_ref().is_ok_and(|&look| known.is_still(look))
                        && self.serves(known.analysis.as_ref()) =>
                {
                    if known.missing {
                        back.push(known.id);
                    } else {
                        done.unchanged += 1;
                    }
                    (self.tell)(Progress::Done {
                        path: &looked.candidate.path,
                        failed: false,
                    });
                }
                _ => changed.push(looked),
            }
        }
        done.back += back.len();
        self.library.set_back(&back)?;
        let mut apart = false;
        while !changed.is_empty() {
            if done.by_others > 0 && !apart {
                // Another program is at work on the same files: each begins elsewhere, so that none does what the other is doing.
                apart = true;
                let start = (std::process::id() as usize).wrapping_mul(SPREAD) % changed.len();
                changed.rotate_left(start);
            }
            let rest = changed.split_off(changed.len().min(GROUP));
            let group = std::mem::replace(&mut changed, rest);
            self.group(group, &mut done)?;
        }
        Ok(done)
    }

    /// Whether an analysis needs not be made again.
    fn serves(&self, analysis: Option<&KnownAnalysis>) -> bool {
        analysis.is_some_and(|analysis| analysis.serves(self.delivery))
    }

    /// Looks at files, without reading them.
    fn look(&self, candidates: Vec<Candidate>) -> Vec<Looked> {
        candidates
            .into_iter()
            .map(|candidate| {
                let now = SystemTime::now();
                let look = Look::at(&candidate.path);
                Looked {
                    settled: look.as_ref().is_ok_and(|look| look.settled(now)),
                    candidate,
                    look,
                }
            })
            .collect()
    }

    fn group(&mut self, group: Vec<Looked>, done: &mut Brought) -> Result<(), Trouble> {
        // Looked at again: it may be hours since the first time, and another program may have read them meanwhile.
        let group = self.look(group.into_iter().map(|looked| looked.candidate).collect());
        let group = self.without_others(group, done)?;
        let mut read = Vec::new();
        let contents = in_parallel(self.jobs, &group, |looked| {
            looked
                .look
                .as_ref()
                .map_err(|error| {
                    format!(
                        "{}: it could not be read ({error}); check the name and its permissions",
                        shown(&looked.candidate.path)
                    )
                })
                .and_then(|look| {
                    hash_content(&looked.candidate.path).map(|content| (*look, content))
                })
        });
        for (looked, content) in group.into_iter().zip(contents) {
            match content {
                Ok((look, content)) => read.push(ReadFile {
                    known: looked.candidate.known.is_some(),
                    path: looked.candidate.path,
                    look,
                    settled: looked.settled,
                    content,
                }),
                // What is known of it is kept: it is there, and may be readable again.
                Err(error) => self.fail(looked.candidate.path, error, done),
            }
        }
        let sounds = self.sounds(&read)?;
        let mut wanted: Vec<(Hash, &ReadFile)> = Vec::new();
        let hashes: Vec<Hash> = sounds
            .iter()
            .filter_map(|sound| sound.as_ref().ok().copied())
            .collect();
        let known: HashMap<Hash, Option<KnownAnalysis>> = hashes
            .iter()
            .copied()
            .zip(self.library.analyses_of(self.setting, &hashes)?)
            .collect();
        for (file, sound) in read.iter().zip(&sounds) {
            if let Ok(hash) = sound
                && !self.serves(known.get(hash).and_then(Option::as_ref))
                && !wanted.iter().any(|(other, _)| other == hash)
            {
                wanted.push((*hash, file));
            }
        }
        let (engine, analysed) = self.analyse(&wanted)?;
        self.keep(read, sounds, &engine, &analysed, done)
    }

    /// Those of a group that no other program has brought in since they were looked up.
    fn without_others(
        &self,
        group: Vec<Looked>,
        done: &mut Brought,
    ) -> Result<Vec<Looked>, LibraryError> {
        let paths: Vec<PathBuf> = group
            .iter()
            .map(|looked| looked.candidate.path.clone())
            .collect();
        let known = self.library.known_at(Some(self.setting), &paths)?;
        let mut rest = Vec::new();
        for (looked, known) in group.into_iter().zip(known) {
            let theirs = known != looked.candidate.known
                && known.is_some_and(|known| {
                    !known.missing
                        && known.sound.is_some()
                        && looked.look.as_ref().is_ok_and(|look| *look == known.look)
                        && self.serves(known.analysis.as_ref())
                });
            if theirs {
                done.by_others += 1;
                (self.tell)(Progress::Done {
                    path: &looked.candidate.path,
                    failed: false,
                });
            } else {
                rest.push(looked);
            }
        }
        Ok(rest)
    }

    /// The sounds of files: known by their bytes, or else decoded.
    fn sounds(&self, read: &[ReadFile]) -> Result<Vec<Result<Hash, String>>, LibraryError> {
        let contents: Vec<Hash> = read.iter().map(|file| file.content).collect();
        let known = self.library.sounds_of_contents(&contents)?;
        let files: Vec<(&ReadFile, Option<Hash>)> = read.iter().zip(known).collect();
        Ok(in_parallel(
            self.jobs,
            &files,
            |(file, known)| match known {
                Some(hash) => Ok(*hash),
                None => hash_sound(&file.path),
            },
        ))
    }

    /// Has the model listen to these; gives the engine's description too.
    fn analyse(&mut self, wanted: &[(Hash, &ReadFile)]) -> Result<(String, Analysed), Trouble> {
        if wanted.is_empty() {
            return Ok((String::new(), HashMap::new()));
        }
        if self.scanner.is_none() {
            self.scanner = Some((self.open)()?);
        }
        let Some(scanner) = &self.scanner else {
            return Ok((String::new(), HashMap::new()));
        };
        let paths: Vec<PathBuf> = wanted.iter().map(|(_, file)| file.path.clone()).collect();
        let tell = self.tell;
        // A file is done once it is kept.
        let scan = scanner
            .scan(&paths, &|event| {
                if let Progress::Advanced { .. } = event {
                    tell(event);
                }
            })
            .map_err(Trouble::failed)?;
        let by_path: HashMap<&Path, Hash> = wanted
            .iter()
            .map(|(hash, file)| (file.path.as_path(), *hash))
            .collect();
        let mut analysed = HashMap::new();
        for take in scan.takes {
            if let Some(hash) = by_path.get(take.path.as_path()) {
                analysed.insert(*hash, Ok(take));
            }
        }
        for failure in scan.failed {
            if let Some(hash) = by_path.get(failure.path.as_path()) {
                analysed.insert(*hash, Err(failure.error));
            }
        }
        Ok((scan.engine, analysed))
    }

    /// Keeps a group.
    fn keep(
        &mut self,
        read: Vec<ReadFile>,
        sounds: Vec<Result<Hash, String>>,
        engine: &str,
        analysed: &Analysed,
        done: &mut Brought,
    ) -> Result<(), Trouble> {
        let mut kept = Vec::new();
        for (file, sound) in read.into_iter().zip(sounds) {
            if Look::at(&file.path).ok() != Some(file.look) {
                let error = format!(
                    "{}: it was changed or replaced while it was read, so nothing of it was kept; update again once it is whole",
                    shown(&file.path)
                );
                self.fail(file.path, error, done);
                continue;
            }
            let (sound, error) = match sound {
                Ok(hash) => (Some(hash), None),
                Err(error) => (None, Some(error)),
            };
            let (analysed, failed) = match sound.and_then(|hash| analysed.get(&hash)) {
                Some(Ok(take)) => (Some(take), None),
                // The same sound under another name failed for the same reason.
                Some(Err(error)) => (None, Some(error.clone())),
                None => (None, None),
            };
            kept.push(Kept {
                file,
                sound,
                analysed,
                error: error.or(failed),
            });
        }
        let placed = self
            .library
            .keep(self.settings, self.setting, engine, &kept)?;
        done.analysed += analysed
            .values()
            .filter(|analysed| analysed.is_ok())
            .count();
        for (kept, placed) in kept.into_iter().zip(placed) {
            if let Some(error) = kept.error {
                self.fail(kept.file.path, error, done);
                continue;
            }
            *match placed {
                Placed::New => &mut done.new,
                // Another program brought it in at the same moment.
                Placed::Same if !kept.file.known => &mut done.by_others,
                Placed::Same => &mut done.unchanged,
                Placed::Moved => &mut done.moved,
                Placed::Replaced => &mut done.replaced,
                Placed::Back => &mut done.back,
            } += 1;
            (self.tell)(Progress::Done {
                path: &kept.file.path,
                failed: false,
            });
        }
        Ok(())
    }

    fn fail(&self, path: PathBuf, error: String, done: &mut Brought) {
        (self.tell)(Progress::Done {
            path: &path,
            failed: true,
        });
        done.failed.push(Failure { path, error });
    }
}

/// What `work` gives for each, in their order, from several threads.
pub(super) fn in_parallel<T: Sync, R: Send>(
    jobs: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { break };
                    let result = work(item);
                    let mut results = results
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner);
                    results.push((index, result));
                }
            });
        }
    });
    let mut results = results
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
