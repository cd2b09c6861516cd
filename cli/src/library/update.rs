//! `library add` and `library update`: which files are to be looked at, and what became of them in words.

use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use undersong_core::scan::Scanner;
use undersong_core::timeline::Failure;

use super::bring::{Bringer, Brought, Candidate, Tell};
use super::files::{KnownFile, is_gone, stored_path, stored_place};
use super::settings::Settings;
use super::store::Library;
use super::under::{Places, Within};
use crate::scan::find;
use crate::terminal::shown;
use crate::trouble::Trouble;

/// What decides an update's work beside the library itself.
pub(crate) struct Means<'a> {
    /// The model and how it is asked.
    pub(crate) settings: &'a Settings,
    /// Whether delivery is measured, too.
    pub(crate) delivery: bool,
    /// Files worked on at the same time.
    pub(crate) jobs: usize,
    /// Opens the model's engine; called once, and only if there is a sound to listen to.
    pub(crate) open: &'a dyn Fn() -> Result<Scanner, Trouble>,
    /// Told how many files will be looked at, then of each.
    pub(crate) begin: &'a dyn Fn(&[PathBuf]),
    pub(crate) tell: Tell<'a>,
}

/// The files to look at, those that are gone, and what is wrong with the places where they were looked for.
#[derive(Debug, Default)]
struct Plan {
    candidates: Vec<Candidate>,
    gone: Vec<i64>,
    failed: Vec<Failure>,
}

/// Adds folders and files, and brings in what is in them.
pub(crate) fn add(
    library: &mut Library,
    paths: &[PathBuf],
    means: &Means<'_>,
) -> Result<Brought, Trouble> {
    let folders: Vec<PathBuf> = paths
        .iter()
        .filter(|path| path.is_dir())
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    library.add_roots(&folders)?;
    let found = find::find(paths);
    let setting = library.use_settings(means.settings, true)?;
    let known = library.known_files(Some(setting))?;
    let plan = Plan::new(&found.takes, known, &folders, &[], found.failed);
    carry_out(library, plan, setting, means)
}

/// Looks again at all that the library knows, or at what of it lies in or under `paths`, and brings in what is new or changed.
pub(crate) fn update(
    library: &mut Library,
    paths: &[PathBuf],
    means: &Means<'_>,
) -> Result<Brought, Trouble> {
    let roots = library.roots()?;
    let setting = library.use_settings(means.settings, true)?;
    let known = library.known_files(Some(setting))?;
    // Seldom asked, and long to make.
    let known_places = LazyCell::new(|| Within::new(known.iter().map(|file| file.path.as_path())));
    let mut failed = Vec::new();
    let (mut folders, mut scope) = (Vec::new(), Vec::new());
    if paths.is_empty() {
        folders.clone_from(&roots);
        scope.push(PathBuf::new());
    }
    for path in paths {
        let place = stored_place(path);
        let under: Vec<PathBuf> = roots
            .iter()
            .filter(|root| root.starts_with(&place))
            .cloned()
            .collect();
        if roots.iter().any(|root| place.starts_with(root)) {
            folders.push(place.clone());
        } else if under.is_empty() && !known_places.holds(&place) {
            failed.push(Failure {
                path: path.clone(),
                error: format!(
                    "{}: the library doesn't know this; add it with `undersong library add`",
                    shown(path)
                ),
            });
            continue;
        }
        folders.extend(under);
        scope.push(place);
    }
    // A folder that is gone as a whole is a disk that isn't there rather than so many deleted takes.
    // And so is one in which nothing at all is left: where a disk is mounted, an empty folder stays without it.
    let emptied = |root: &Path| {
        root.read_dir().is_ok_and(|mut it| it.next().is_none())
            && known
                .iter()
                .any(|file| !file.missing && file.path.starts_with(root))
    };
    let away: Vec<PathBuf> = roots
        .into_iter()
        .filter(|root| !root.is_dir() || emptied(root))
        .collect();
    for root in &away {
        let concerned = scope
            .iter()
            .any(|place| root.starts_with(place) || place.starts_with(root));
        if concerned {
            failed.push(Failure {
                path: root.clone(),
                error: format!(
                    "{}: this folder is {}; its takes are kept as they are; bring {} back, or forget it with `undersong library forget`",
                    shown(root),
                    if root.is_dir() { "empty" } else { "not there" },
                    if root.is_dir() { "them" } else { "it" },
                ),
            });
        }
    }
    folders.retain(|folder| !away.iter().any(|root| folder.starts_with(root)));
    folders.retain(|folder| !is_gone(folder));
    let found = find::find(&folders);
    // A folder from which all takes are gone is nothing wrong: they are told of as missing.
    failed.extend(
        found.failed.into_iter().filter(|failure| {
            !(folders.contains(&failure.path) && failure.path.read_dir().is_ok())
        }),
    );
    let plan = Plan::new(&found.takes, known, &scope, &away, failed);
    carry_out(library, plan, setting, means)
}

impl Plan {
    /// `found` are files seen just now, `scope` the places of which all are to be accounted for, but for those that are `away`.
    fn new(
        found: &[PathBuf],
        known: Vec<KnownFile>,
        scope: &[PathBuf],
        away: &[PathBuf],
        failed: Vec<Failure>,
    ) -> Self {
        let mut plan = Self {
            failed,
            ..Self::default()
        };
        // Of a name that is there and was missed before, what is there counts.
        let mut by_path: HashMap<PathBuf, KnownFile> = HashMap::with_capacity(known.len());
        for file in known {
            match by_path.get(&file.path) {
                Some(other) if !other.missing || (file.missing && file.id < other.id) => {}
                _ => {
                    by_path.insert(file.path.clone(), file);
                }
            }
        }
        let mut seen = HashSet::new();
        let mut folders = Folders::default();
        for path in found {
            let path = folders.stored_path(path);
            if seen.insert(path.clone()) {
                let known = by_path.remove(&path);
                plan.candidates.push(Candidate { path, known });
            }
        }
        let (in_scope, is_away) = (Places::new(scope), Places::new(away));
        let mut rest: Vec<KnownFile> = by_path
            .into_values()
            .filter(|file| in_scope.hold(&file.path) && !is_away.hold(&file.path))
            .collect();
        rest.sort_by(|a, b| a.path.cmp(&b.path));
        for file in rest {
            if is_gone(&file.path) {
                if !file.missing {
                    plan.gone.push(file.id);
                }
            } else {
                // It was added by its name, or lies where it isn't found any more but still is.
                plan.candidates.push(Candidate {
                    path: file.path.clone(),
                    known: Some(file),
                });
            }
        }
        plan
    }
}

fn carry_out(
    library: &mut Library,
    plan: Plan,
    setting: i64,
    means: &Means<'_>,
) -> Result<Brought, Trouble> {
    library.set_missing(&plan.gone)?;
    let paths: Vec<PathBuf> = plan
        .candidates
        .iter()
        .map(|candidate| candidate.path.clone())
        .collect();
    (means.begin)(&paths);
    let mut bringer = Bringer {
        library,
        settings: means.settings,
        setting,
        delivery: means.delivery,
        jobs: means.jobs,
        open: means.open,
        scanner: None,
        tell: means.tell,
    };
    let mut done = bringer.bring(plan.candidates)?;
    // A file that moved was missed under its old name first, and is found by now.
    done.missing = library.count_missing(&plan.gone)?;
    done.failed.extend(plan.failed);
    if done.analysed > 0 {
        library.settle();
    }
    Ok(done)
}

/// [`stored_path`] of many files: a folder's real path is asked for once.
#[derive(Default)]
struct Folders(HashMap<PathBuf, Option<PathBuf>>);

impl Folders {
    fn stored_path(&mut self, path: &Path) -> PathBuf {
        let (Some(name), folder) = (path.file_name(), crate::places::folder_of(path)) else {
            return stored_path(path);
        };
        let real = match self.0.get(folder) {
            Some(real) => real,
            None => {
                let real = folder.canonicalize().ok();
                self.0.entry(folder.to_path_buf()).or_insert(real)
            }
        };
        match real {
            Some(real) => real.join(name),
            None => stored_path(path),
        }
    }
}
