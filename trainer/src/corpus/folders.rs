//! Where a corpus's clips lie, and what to say when they do not lie there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::clip::CorpusKind;
use super::error::CorpusError;
use super::labels;
use super::load::LeftOut;

/// File endings taken for sound; the published corpora have `.wav`.
const SOUND_ENDINGS: [&str; 9] = [
    "wav", "flac", "ogg", "oga", "mp3", "m4a", "aif", "aiff", "opus",
];
/// The folders of RAVDESS's actors: `Actor_NN` itself, those in `root`, those one level further down, or `root`
/// itself where clips lie in it directly.
pub(super) fn ravdess_folders(root: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let is_actor = |path: &Path| {
        path.file_name().is_some_and(|name| {
            let name = name.to_string_lossy().to_ascii_lowercase();
            name.strip_prefix("actor_").is_some_and(|number| {
                number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit())
            })
        })
    };
    let inside = list_root(CorpusKind::Ravdess, root)?;
    let actors = |paths: &[PathBuf]| -> Vec<PathBuf> {
        paths
            .iter()
            .filter(|path| is_actor(path) && path.is_dir())
            .cloned()
            .collect()
    };
    let direct = actors(&inside);
    if !direct.is_empty() {
        return Ok(direct);
    }
    let below: Vec<PathBuf> = inside
        .iter()
        .filter(|path| path.is_dir())
        .flat_map(|folder| actors(&list(folder).unwrap_or_default()))
        .collect();
    if below.is_empty() {
        Ok(vec![root.to_owned()])
    } else {
        Ok(below)
    }
}

/// The folder of CREMA-D's sound: `root/AudioWAV`, `root/*/AudioWAV`, or `root` itself.
pub(super) fn cremad_folder(root: &Path) -> Result<PathBuf, CorpusError> {
    let inside = list_root(CorpusKind::Cremad, root)?;
    let direct = root.join("AudioWAV");
    if direct.is_dir() {
        return Ok(direct);
    }
    Ok(inside
        .iter()
        .map(|folder| folder.join("AudioWAV"))
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| root.to_owned()))
}

fn list_root(corpus: CorpusKind, root: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    list(root).map_err(|source| CorpusError::Folder {
        corpus,
        path: root.to_owned(),
        source,
    })
}

/// What lies in a folder, sorted, without hidden files (macOS leaves `._name` beside every file it copies).
fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

pub(super) fn sound_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_sound = |path: &PathBuf| {
        path.extension().is_some_and(|ending| {
            let ending = ending.to_string_lossy().to_ascii_lowercase();
            SOUND_ENDINGS.contains(&ending.as_str())
        })
    };
    Ok(list(folder)?.into_iter().filter(is_sound).collect())
}

pub(super) fn not_this_corpus(kind: CorpusKind, root: &Path, left_out: &[LeftOut]) -> CorpusError {
    let (looked_for, other, flag) = match kind {
        CorpusKind::Ravdess => (
            "folders Actor_01 to Actor_24 in it or one level below, with files like \
             03-01-05-01-01-01-01.wav (.flac, .ogg and others will do)",
            CorpusKind::Cremad,
            "--cremad",
        ),
        CorpusKind::Cremad => (
            "a folder AudioWAV in it or one level below, with files like 1001_DFA_ANG_XX.wav \
             (.flac, .ogg and others will do)",
            CorpusKind::Ravdess,
            "--ravdess",
        ),
    };
    let holds_other = |path: &Path| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        labels::parse_name(other, &stem).is_ok()
    };
    let other_here = left_out.iter().any(|file| holds_other(&file.path))
        || match other {
            CorpusKind::Ravdess => ravdess_folders(root).ok(),
            CorpusKind::Cremad => cremad_folder(root).ok().map(|folder| vec![folder]),
        }
        .unwrap_or_default()
        .iter()
        .filter_map(|folder| sound_files(folder).ok())
        .any(|files| files.iter().any(|path| holds_other(path)));
    let mut found = match list(root).unwrap_or_default().as_slice() {
        [] => "an empty folder".to_owned(),
        inside => {
            let names: Vec<String> = inside
                .iter()
                .take(5)
                .filter_map(|path| path.file_name())
                .map(|name| name.to_string_lossy().into_owned())
                .collect();
            let more = if inside.len() > names.len() {
                ", …"
            } else {
                ""
            };
            format!("{} entries: {}{more}", inside.len(), names.join(", "))
        }
    };
    if let Some(first) = left_out.first() {
        found.push_str(&format!(
            "; {} sound files, but none fits ({}: {})",
            left_out.len(),
            first.path.display(),
            first.reason
        ));
    }
    if other_here {
        found.push_str(&format!(
            "; clips of {other} are here: give this folder as {flag}"
        ));
    }
    CorpusError::NotThisCorpus {
        corpus: kind,
        path: root.to_owned(),
        looked_for: looked_for.to_owned(),
        found,
    }
}
