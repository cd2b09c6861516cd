//! Copying and removing, with errors that name the file.

use crate::BundlerError;
use std::fs;
use std::path::Path;

/// Makes a folder, with those above it.
pub(crate) fn make_folder(path: &Path) -> Result<(), BundlerError> {
    fs::create_dir_all(path).map_err(BundlerError::file(path))
}

/// Writes a whole file, making its folder.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), BundlerError> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, bytes).map_err(BundlerError::file(path))
}

/// Copies a file, making its folder. The copy is a new file: a host that has the old one loaded keeps that.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), BundlerError> {
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    remove(to)?;
    fs::copy(from, to)
        .map(|_| ())
        .map_err(BundlerError::file(from))
}

/// Copies a file, or a folder with all that is in it.
pub(crate) fn copy_all(from: &Path, to: &Path) -> Result<(), BundlerError> {
    if from.is_file() {
        return copy(from, to);
    }
    make_folder(to)?;
    for entry in fs::read_dir(from).map_err(BundlerError::file(from))? {
        let entry = entry.map_err(BundlerError::file(from))?;
        copy_all(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Removes a file, or a folder with all that is in it; says whether there was one.
pub(crate) fn remove(path: &Path) -> Result<bool, BundlerError> {
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(false);
    };
    let removed = if found.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    removed.map(|()| true).map_err(BundlerError::file(path))
}
