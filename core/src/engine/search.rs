//! Where ONNX Runtime's shared library may be, without loading it.

use std::env;
use std::path::{Path, PathBuf};

/// Environment variable that names ONNX Runtime's shared library, or a folder with it such as a Python environment.
pub const RUNTIME_VARIABLE: &str = "UNDERSONG_ORT";

/// A place where ONNX Runtime may be, and what led there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) library: PathBuf,
    pub(super) found_by: &'static str,
}

/// Where ONNX Runtime was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// The user named a place; nothing else is tried.
    Named(Result<Candidate, String>),
    /// Places found by searching, best first; may be empty.
    Found(Vec<Candidate>),
}

/// The shared library of ONNX Runtime that would be tried first, or `None`. It isn't loaded and so may yet prove unusable.
///
/// `named` is a library or a folder that the user asked for; then nothing else is searched. Otherwise, in this order: the
/// variable [`RUNTIME_VARIABLE`] (a file or folder; then nothing else); beside the running program, in `lib` there and in `../lib`; the
/// variable `ORT_DYLIB_PATH`; the active Python environment (`VIRTUAL_ENV`, `CONDA_PREFIX`); the folders of the system's loader
/// path variable; the user's own Python packages; the system's library folders. The current folder is never searched: a
/// library runs with the user's rights, and takes come from anywhere.
pub fn find_runtime(named: Option<&Path>) -> Option<PathBuf> {
    match search(named) {
        Search::Named(candidate) => candidate.ok().map(|candidate| candidate.library),
        Search::Found(candidates) => candidates.into_iter().next().map(|c| c.library),
    }
}

pub(super) fn search(named: Option<&Path>) -> Search {
    if let Some(path) = named {
        return Search::Named(named_candidate(path, "the path given"));
    }
    if let Some(path) = variable(RUNTIME_VARIABLE) {
        return Search::Named(named_candidate(&path, "the variable UNDERSONG_ORT"));
    }
    let mut candidates = Vec::new();
    let mut add = |library: Option<PathBuf>, found_by| {
        if let Some(library) = library
            && !candidates
                .iter()
                .any(|known: &Candidate| known.library == library)
        {
            candidates.push(Candidate { library, found_by });
        }
    };
    let program = env::current_exe().ok();
    if let Some(folder) = program.as_deref().and_then(Path::parent) {
        for folder in [folder.to_owned(), folder.join("lib"), folder.join("../lib")] {
            add(library_in(&folder), "beside the program");
        }
    }
    if let Some(path) = variable("ORT_DYLIB_PATH").filter(|path| path.is_file()) {
        add(absolute(&path), "the variable ORT_DYLIB_PATH");
    }
    for name in ["VIRTUAL_ENV", "CONDA_PREFIX"] {
        let library = variable(name).and_then(|folder| library_under(&folder));
        add(library, "the active Python environment");
    }
    for name in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
        for folder in env::split_paths(&env::var_os(name).unwrap_or_default()) {
            // An empty or relative entry means the current folder.
            if folder.is_absolute() {
                add(library_in(&folder), "the loader's path");
            }
        }
    }
    if let Some(home) = variable("HOME") {
        let library = library_under(&home.join(".local"));
        add(library, "the user's Python packages");
    }
    for folder in SYSTEM_FOLDERS {
        add(library_in(Path::new(folder)), "the system's libraries");
    }
    Search::Found(candidates)
}

/// Folders where systems keep shared libraries.
pub(super) const SYSTEM_FOLDERS: &[&str] = &[
    "/usr/local/lib",
    "/usr/local/lib64",
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/opt/onnxruntime/lib",
    "/opt/homebrew/lib",
];

fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}

fn absolute(path: &Path) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

fn named_candidate(path: &Path, found_by: &'static str) -> Result<Candidate, String> {
    let shown = path.display();
    let library = if path.is_dir() {
        library_under(path).ok_or_else(|| {
            format!(
                "{found_by} is the folder {shown}, which holds no ONNX Runtime ({LIBRARY_NAME})"
            )
        })?
    } else if path.exists() {
        absolute(path).ok_or_else(|| format!("{found_by}, {shown}, cannot be made absolute"))?
    } else {
        return Err(format!("{found_by} is {shown}, which does not exist"));
    };
    Ok(Candidate { library, found_by })
}

/// The library in a folder or where Python environments and release archives keep it below one.
fn library_under(folder: &Path) -> Option<PathBuf> {
    let direct = [
        "",
        "lib",
        "capi",
        "onnxruntime/capi",
        "site-packages/onnxruntime/capi",
        "Lib/site-packages/onnxruntime/capi",
    ];
    direct
        .iter()
        .find_map(|below| library_in(&folder.join(below)))
        .or_else(|| {
            let mut pythons = std::fs::read_dir(folder.join("lib"))
                .ok()?
                .filter_map(Result::ok)
                .filter(|entry| entry.file_name().to_string_lossy().starts_with("python3"))
                .map(|entry| entry.path())
                .collect::<Vec<_>>();
            pythons.sort();
            pythons
                .iter()
                .rev()
                .find_map(|python| library_in(&python.join("site-packages/onnxruntime/capi")))
        })
}

/// The library right in a folder: the plain name before versioned ones, then the highest version.
fn library_in(folder: &Path) -> Option<PathBuf> {
    let best = std::fs::read_dir(folder)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let rank = library_rank(&name)?;
            entry.path().is_file().then(|| (rank, entry.path()))
        })
        .max()?;
    absolute(&best.1)
}

#[cfg(windows)]
const LIBRARY_NAME: &str = "onnxruntime.dll";
#[cfg(target_os = "macos")]
const LIBRARY_NAME: &str = "libonnxruntime.dylib";
#[cfg(not(any(windows, target_os = "macos")))]
const LIBRARY_NAME: &str = "libonnxruntime.so";

/// How good a file's name is as ONNX Runtime's: `None` if it is another's, else its version, the plain name above all.
fn library_rank(name: &str) -> Option<Vec<u32>> {
    if name == LIBRARY_NAME {
        return Some(vec![u32::MAX]);
    }
    let version = if cfg!(windows) {
        return None;
    } else if cfg!(target_os = "macos") {
        name.strip_prefix("libonnxruntime.")?
            .strip_suffix(".dylib")?
    } else {
        name.strip_prefix("libonnxruntime.so.")?
    };
    version.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_runtime_is_found_in_a_python_environment_and_the_newest_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let capi = folder
            .path()
            .join("lib/python3.11/site-packages/onnxruntime/capi");
        std::fs::create_dir_all(&capi).unwrap();
        assert_eq!(find_runtime(Some(folder.path())), None);
        for name in [
            "libonnxruntime.so.1.9.0",
            "libonnxruntime.so.1.31.1",
            "libonnxruntime_providers_cuda.so",
            "libonnxruntime.so.bak",
        ] {
            std::fs::write(capi.join(name), "").unwrap();
        }
        assert_eq!(
            find_runtime(Some(folder.path())),
            Some(capi.join("libonnxruntime.so.1.31.1"))
        );
    }

    #[test]
    fn a_named_place_without_a_runtime_says_so_and_nothing_else_is_searched() {
        let folder = tempfile::tempdir().unwrap();
        let Search::Named(Err(reason)) = search(Some(folder.path())) else {
            panic!("a named folder is the only place searched");
        };
        assert!(reason.contains("holds no ONNX Runtime"), "{reason}");
        let Search::Named(Err(reason)) = search(Some(&folder.path().join("absent"))) else {
            panic!("a named file is the only place searched");
        };
        assert!(reason.contains("does not exist"), "{reason}");
    }
}
