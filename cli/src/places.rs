//! Where reports go: settled before long work starts, so that nothing fails after it, and nothing is destroyed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::terminal::shown;
use crate::trouble::Trouble;

/// The places of a command's reports.
#[derive(Debug)]
pub(crate) struct Places {
    sounds: HashSet<PathBuf>,
    library: Option<PathBuf>,
    used: HashSet<PathBuf>,
}

impl Places {
    /// None yet; `takes` are what no report may replace.
    pub(crate) fn new(takes: &[PathBuf]) -> Self {
        let sounds = takes.iter().filter_map(|take| take.canonicalize().ok());
        Self {
            sounds: sounds.collect(),
            library: None,
            used: HashSet::new(),
        }
    }

    /// The same, and this library.
    pub(crate) fn with_library(takes: &[PathBuf], library: Option<&Path>) -> Self {
        Self {
            library: library.and_then(|path| path.canonicalize().ok()),
            ..Self::new(takes)
        }
    }

    /// Takes a place for the report of an option.
    ///
    /// Refuses a folder that isn't there, and a report in the place of a take or of another report.
    pub(crate) fn claim(&mut self, option: &str, path: &Path) -> Result<(), Trouble> {
        let place = check_place(option, path)?;
        let refuse = |reason: &str| {
            Trouble::Misused(format!(
                "{option} {}: {reason}; choose another name",
                shown(path)
            ))
        };
        if self.sounds.contains(&place) {
            return Err(refuse(
                "this is one of the takes, which the report would replace",
            ));
        }
        if self.library.as_ref() == Some(&place) {
            return Err(refuse("this is the library, which it would replace"));
        }
        // Devices (/dev/null) can take several.
        if !self.used.insert(place) && (path.is_file() || !path.exists()) {
            return Err(refuse("another report goes to the same file"));
        }
        Ok(())
    }
}

/// The absolute place of a file that may not exist yet.
fn check_place(option: &str, path: &Path) -> Result<PathBuf, Trouble> {
    let refuse = |reason: &str| Trouble::Misused(format!("{option} {}: {reason}", shown(path)));
    if path.is_dir() {
        return Err(refuse("this is a folder; give the name of a file in it"));
    }
    if let Ok(place) = path.canonicalize() {
        return Ok(place);
    }
    let folder = folder_of(path);
    let name = path
        .file_name()
        .ok_or_else(|| refuse("this is no file name; give one"))?;
    match folder.canonicalize() {
        Ok(folder) if folder.is_dir() => Ok(folder.join(name)),
        _ => Err(refuse(
            "its folder does not exist; make the folder or choose another place",
        )),
    }
}

/// The folder that a file lies in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}
