//! Which takes are of one line: by their names, by their folders, or by the lines of a cue sheet.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use undersong_core::timeline::Failure;

use super::cues::{Cue, Sheet};
use super::natural;
use super::pattern::Pattern;
use crate::terminal::shown;

/// How takes are put together into lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// By their names, as the pattern reads them
    Pattern,
    /// All takes in a folder are of one line
    Folder,
    /// A name that begins with the name of a cue sheet's line; others by the pattern
    Cues,
}

/// A line, and the takes of it.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Its name.
    pub(crate) name: String,
    /// What the cue sheet says of it.
    pub(crate) cue: Option<Cue>,
    /// Its takes, as they are counted.
    pub(crate) takes: Vec<Member>,
}

/// A take of a line.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The file.
    pub(crate) path: PathBuf,
    /// What it is called among the line's takes.
    pub(crate) label: String,
}

/// What a file's name, folder or cue says.
struct Place {
    name: String,
    /// What takes of one line have in common.
    key: String,
    take: Option<String>,
    cue: Option<usize>,
}

/// Puts takes together. Lines stand in the cue sheet's order, then as they are counted; a cue without takes is a line without takes.
///
/// Names that do not fit, cues without takes and lines without a cue are named in the second result.
pub(crate) fn group(
    paths: &[PathBuf],
    by: By,
    pattern: &Pattern,
    sheet: Option<&mut Sheet>,
) -> (Vec<Group>, Vec<Failure>) {
    let fields: Vec<&str> = match by {
        By::Folder => Vec::new(),
        By::Pattern | By::Cues => pattern.others().collect(),
    };
    let mut failed = Vec::new();
    let mut sheet = sheet;
    if let Some(sheet) = sheet.as_deref_mut() {
        sheet.drop_doubles(&fields);
    }
    let cues: &[Cue] = sheet.as_deref().map_or(&[], |sheet| &sheet.cues);
    let root = common_folder(paths);
    let mut groups: Vec<(Option<usize>, Group)> = Vec::new();
    let mut by_key: HashMap<String, usize> = HashMap::new();
    for path in paths {
        let place = match by {
            By::Folder => Some(in_folder(path, &root, cues)),
            By::Pattern => by_pattern(path, pattern, cues),
            // Fields beside the line tell lines of one name apart, which names alone cannot.
            By::Cues if !fields.is_empty() => {
                by_pattern(path, pattern, cues).or_else(|| by_cue(path, cues))
            }
            By::Cues => by_cue(path, cues).or_else(|| by_pattern(path, pattern, cues)),
        };
        let Some(place) = place else {
            failed.push(misnamed(path, pattern));
            continue;
        };
        let index = *by_key.entry(place.key).or_insert_with(|| {
            let group = Group {
                name: place.name.clone(),
                cue: place.cue.and_then(|cue| cues.get(cue)).cloned(),
                takes: Vec::new(),
            };
            groups.push((place.cue, group));
            groups.len() - 1
        });
        if let Some((_, group)) = groups.get_mut(index) {
            group.takes.push(Member {
                path: path.clone(),
                label: label(path, place.take.as_deref()),
            });
        }
    }
    let taken: HashSet<usize> = groups.iter().filter_map(|(cue, _)| *cue).collect();
    let missing = cues
        .iter()
        .enumerate()
        .filter(|(index, _)| !taken.contains(index));
    let empty: Vec<_> = missing
        .map(|(index, cue)| {
            let group = Group {
                name: name_of(cue, &fields),
                cue: Some(cue.clone()),
                takes: Vec::new(),
            };
            (Some(index), group)
        })
        .collect();
    if let Some(sheet) = sheet {
        for (_, group) in &empty {
            let row = group.cue.as_ref().map(|cue| cue.row);
            sheet.fail(
                row,
                format!(
                    "line {} has no take; record it, or give the folder in which its takes lie",
                    group.name
                ),
            );
        }
        for (_, group) in groups.iter().filter(|(cue, _)| cue.is_none()) {
            let takes = group
                .takes
                .iter()
                .map(|take| shown(&take.path))
                .collect::<Vec<_>>()
                .join(", ");
            sheet.fail(None, format!("there is no row for line {} ({takes}); its takes are compared with each other alone", group.name));
        }
    }
    groups.extend(empty);
    groups.sort_by(|(a, left), (b, right)| {
        let last = usize::MAX;
        (a.unwrap_or(last).cmp(&b.unwrap_or(last)))
            .then_with(|| natural::compare(&left.name, &right.name))
    });
    let groups = groups.into_iter().map(|(_, mut group)| {
        group
            .takes
            .sort_by(|a, b| natural::compare(&a.label, &b.label).then_with(|| a.path.cmp(&b.path)));
        tell_apart(&mut group.takes);
        group
    });
    (groups.collect(), failed)
}

/// By the pattern: line and further fields together are the line.
fn by_pattern(path: &Path, pattern: &Pattern, cues: &[Cue]) -> Option<Place> {
    let read = pattern.read(path)?;
    let line = natural::key(&read.line);
    let same = |cue: &Cue| {
        cue.key == line
            && read.others.iter().all(|(field, value)| {
                // A sheet without that column holds for all of them.
                cue.other(field)
                    .is_none_or(|other| natural::key(other) == natural::key(value))
            })
    };
    let position = cues.iter().position(same);
    let cue = position.and_then(|index| cues.get(index));
    let values = read.others.iter().map(|(_, value)| value.as_str());
    // The sheet's spelling, by which its reader knows the line.
    let line = cue.map_or(read.line.as_str(), |cue| cue.line.as_str());
    let name = values.chain([line]).collect::<Vec<_>>().join(" / ");
    Some(Place {
        key: natural::key(&name),
        name,
        take: read.take,
        cue: position,
    })
}

/// By the cue whose line a name begins with; the longest, if several.
fn by_cue(path: &Path, cues: &[Cue]) -> Option<Place> {
    let stem = path.file_stem()?.to_string_lossy();
    let whole = natural::key(&stem);
    let rest = |cue: &Cue| {
        let line = &cue.key;
        // What follows is not the rest of a word or number.
        let edge = |rest: &str| rest.chars().next().is_none_or(|c| !c.is_alphanumeric());
        whole
            .strip_prefix(line.as_str())
            .filter(|rest| edge(rest))
            .map(|rest| (line.len(), rest.to_owned()))
    };
    let fitting = cues
        .iter()
        .enumerate()
        .filter_map(|(index, cue)| Some((index, cue, rest(cue)?)));
    let (index, cue, (_, rest)) =
        fitting.max_by_key(|(index, _, (length, _))| (*length, usize::MAX - index))?;
    let take = rest.trim_matches(|c: char| !c.is_alphanumeric());
    Some(Place {
        name: cue.line.clone(),
        key: cue.key.clone(),
        take: (!take.is_empty()).then(|| take.to_owned()),
        cue: Some(index),
    })
}

/// By the folder: its way from the one that all takes lie in.
fn in_folder(path: &Path, root: &Path, cues: &[Cue]) -> Place {
    let folder = path.parent().unwrap_or(Path::new(""));
    let below = folder.strip_prefix(root).unwrap_or(folder);
    let last = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = if below.as_os_str().is_empty() {
        last.clone().unwrap_or_else(|| ".".to_owned())
    } else {
        let parts: Vec<_> = below
            .components()
            .map(|it| it.as_os_str().to_string_lossy().into_owned())
            .collect();
        parts.join("/")
    };
    let named = |wanted: &str| {
        let wanted = natural::key(wanted);
        cues.iter().position(|cue| cue.key == wanted)
    };
    Place {
        key: folder.to_string_lossy().into_owned(),
        cue: named(&name).or_else(|| last.as_deref().and_then(named)),
        name,
        take: None,
    }
}

/// The folder that all takes lie in.
fn common_folder(paths: &[PathBuf]) -> PathBuf {
    let Some((first, others)) = paths.split_first() else {
        return PathBuf::new();
    };
    let folder = first.parent().unwrap_or(Path::new(""));
    folder
        .ancestors()
        .find(|folder| others.iter().all(|path| path.starts_with(folder)))
        .unwrap_or(Path::new(""))
        .to_path_buf()
}

fn name_of(cue: &Cue, fields: &[&str]) -> String {
    let others = fields.iter().filter_map(|field| cue.other(field));
    others
        .chain([cue.line.as_str()])
        .collect::<Vec<_>>()
        .join(" / ")
}

/// `take 3` where the name counts takes, else what the name says, else the file's name.
fn label(path: &Path, take: Option<&str>) -> String {
    match take {
        Some(take) if take.bytes().all(|byte| byte.is_ascii_digit()) => format!("take {take}"),
        Some(take) => take.to_owned(),
        None => path
            .file_stem()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned(),
    }
}

/// Takes that are called the same (from two folders) get their folders' names, or their whole ways.
fn tell_apart(takes: &mut [Member]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for take in takes.iter() {
        *seen.entry(take.label.clone()).or_default() += 1;
    }
    for take in takes.iter_mut() {
        if seen.get(&take.label).is_some_and(|&count| count > 1) {
            take.label = take.path.to_string_lossy().into_owned();
        }
    }
}

fn misnamed(path: &Path, pattern: &Pattern) -> Failure {
    Failure {
        path: path.to_path_buf(),
        error: format!(
            "{}: its name does not fit the pattern {}; rename it, or see --pattern and --by folder",
            shown(path),
            pattern.text()
        ),
    }
}
