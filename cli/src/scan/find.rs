//! Which files are takes: arguments, folders, and patterns that the shell did not expand become a list of files.
//!
//! The order is that of the arguments, sorted within a folder; a file that is found twice is scanned once. What cannot be found or
//! read is a [`Failure`] beside the list, so that the rest is scanned.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use globset::GlobBuilder;
use undersong_core::timeline::Failure;
use walkdir::{DirEntry, WalkDir};

use crate::terminal::shown;

/// Endings of the files in a folder that are taken for takes, in lower case. A file given by name is tried whatever it is called.
const ENDINGS: [&str; 14] = [
    "wav", "wave", "bwf", "aif", "aiff", "aifc", "flac", "mp3", "ogg", "oga", "m4a", "m4b", "mp4",
    "aac",
];

/// What the arguments stand for.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Files to scan, each once.
    pub(crate) takes: Vec<PathBuf>,
    /// Arguments and folders in which nothing could be found, and why.
    pub(crate) failed: Vec<Failure>,
    seen: HashSet<PathBuf>,
}

/// Finds the takes.
pub(crate) fn find(arguments: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for argument in arguments {
        if argument.is_dir() {
            found.folder(argument);
            continue;
        }
        match argument.symlink_metadata() {
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidFilename
                ) =>
            {
                match argument.to_str().filter(|text| is_pattern(text)) {
                    Some(pattern) => found.matches(pattern),
                    None => found.fail(
                        argument,
                        "there is no such file or folder; check the name".to_owned(),
                    ),
                }
            }
            // Whatever else is wrong with it, reading it will tell.
            _ => found.take(argument.clone()),
        }
    }
    found
}

impl Found {
    fn take(&mut self, path: PathBuf) {
        let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
        if self.seen.insert(identity) {
            self.takes.push(path);
        }
    }

    /// `reason` says what is wrong and what to do.
    fn fail(&mut self, path: &Path, reason: String) {
        self.failed.push(Failure {
            path: path.to_path_buf(),
            error: format!("{}: {reason}", shown(path)),
        });
    }

    fn folder(&mut self, folder: &Path) {
        let mut empty = true;
        for entry in walk(folder) {
            match entry {
                Ok(entry) if entry.file_type().is_file() && has_ending(entry.path()) => {
                    empty = false;
                    self.take(entry.into_path());
                }
                Ok(_) => {}
                Err(error) => {
                    empty = false;
                    self.unreadable(folder, &error);
                }
            }
        }
        if empty {
            self.fail(
                folder,
                format!(
                    "there are no takes in this folder; looked there and in the folders below it for names ending in {}; \
                     name files to scan them whatever they are called",
                    ENDINGS.map(|ending| format!(".{ending}")).join(" ")
                ),
            );
        }
    }

    fn unreadable(&mut self, folder: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(folder);
        if error.loop_ancestor().is_some() {
            self.fail(
                path,
                "this link leads back to a folder that contains it; remove the link".to_owned(),
            );
        } else {
            let reason = error
                .io_error()
                .map_or_else(|| error.to_string(), ToString::to_string);
            self.fail(
                path,
                format!("this folder or file could not be read ({reason}); change its permissions or leave it out"),
            );
        }
    }

    /// What the shell would have put in the pattern's place.
    fn matches(&mut self, pattern: &str) {
        // Without doubled or trailing slashes, as the paths that are found.
        let plain: PathBuf = Path::new(pattern).components().collect();
        let glob = GlobBuilder::new(&plain.to_string_lossy())
            .literal_separator(true)
            .backslash_escape(cfg!(unix))
            .build();
        let matcher = match glob {
            Ok(glob) => glob.compile_matcher(),
            Err(error) => {
                let reason = format!(
                    "there is no such file, and as a pattern it is wrong ({}); check the name",
                    error.kind()
                );
                return self.fail(Path::new(pattern), reason);
            }
        };
        let base: PathBuf = Path::new(pattern)
            .components()
            .take_while(|part| !part.as_os_str().to_str().is_some_and(is_pattern))
            .collect();
        let (start, strip) = if base.as_os_str().is_empty() {
            (Path::new("."), true)
        } else {
            (base.as_path(), false)
        };
        let mut walk = WalkDir::new(start)
            .follow_links(true)
            .min_depth(1)
            .sort_by_file_name();
        if !pattern.contains("**") {
            let parts = Path::new(pattern).components().count() - base.components().count();
            walk = walk.max_depth(parts.max(1));
        }
        let hidden_wanted = Path::new(pattern)
            .components()
            .skip(base.components().count())
            .any(|part| matches!(part, Component::Normal(name) if is_hidden(name)));
        let mut none = true;
        let entries = walk.into_iter().filter_entry(|entry| {
            hidden_wanted || entry.depth() == 0 || !is_hidden(entry.file_name())
        });
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                // Nothing below a folder that is not there: the pattern matches nothing, which is said below.
                Err(error) if error.depth() == 0 => continue,
                Err(error) => {
                    self.unreadable(start, &error);
                    continue;
                }
            };
            let path = match entry.path().strip_prefix(".") {
                Ok(path) if strip => path.to_path_buf(),
                _ => entry.path().to_path_buf(),
            };
            if !matcher.is_match(&path) {
                continue;
            }
            none = false;
            if entry.file_type().is_dir() {
                self.folder(&path);
            } else {
                self.take(path);
            }
        }
        if none {
            self.fail(
                Path::new(pattern),
                "there is no such file, and nothing matches it as a pattern; check the name"
                    .to_owned(),
            );
        }
    }
}

/// A folder's entries, sorted by name, without hidden ones (macOS puts a `._take.wav` that is no sound beside a take).
fn walk(folder: &Path) -> impl Iterator<Item = walkdir::Result<DirEntry>> {
    WalkDir::new(folder)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry.file_name()))
}

/// Whether a file is called like a take.
pub(crate) fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| {
        ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    })
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '[', '{'])
}

/// Whether a file or folder is hidden, as Unix has it.
pub(crate) fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}
