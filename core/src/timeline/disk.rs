//! All or nothing on disk: a report is written beside its final name and moved there once it is whole.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that could not be written. Whatever stood under its name before is untouched.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be written: {reason} ({source}); {advice}", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    reason: &'static str,
    advice: &'static str,
    /// What the system said.
    pub source: io::Error,
}

impl WriteError {
    fn new(path: &Path, source: io::Error) -> Self {
        use io::ErrorKind as Kind;
        let (reason, advice) = match source.kind() {
            Kind::StorageFull | Kind::QuotaExceeded => (
                "the disk is full",
                "free some space or choose a place on another disk",
            ),
            Kind::FileTooLarge => (
                "it is too large for this disk",
                "choose a place on another disk",
            ),
            Kind::PermissionDenied => (
                "there is no permission to write there",
                "choose another place or change the folder's permissions",
            ),
            Kind::ReadOnlyFilesystem => ("the disk is read-only", "choose a place on another disk"),
            Kind::NotFound | Kind::NotADirectory => (
                "its folder does not exist",
                "make the folder or choose another place",
            ),
            Kind::IsADirectory => ("it is a folder", "give the name of a file in it"),
            Kind::InvalidData => (
                "a result is not valid",
                "this is a fault of Undersong or of the model file; please report it",
            ),
            _ => (
                "the system refused",
                "check the disk or choose another place",
            ),
        };
        Self {
            path: path.to_path_buf(),
            reason,
            advice,
            source,
        }
    }
}

/// Writes a file whole or not at all: into a temporary file in the same folder, which then takes the name.
///
/// After an error the temporary file is gone and a file that stood there before is as it was. Symbolic links are
/// followed. What is not a file (`/dev/stdout`, a pipe) is written to directly.
///
/// # Errors
/// With the path, the reason and what to do: a full disk, a missing folder, no permission, or what `write` returned.
pub fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    try_write(path, write).map_err(|error| WriteError::new(path, error))
}

fn try_write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let before = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => {
            let mut out = BufWriter::new(File::options().write(true).open(path)?);
            write(&mut out)?;
            return out.flush();
        }
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = if before.is_some() {
        fs::canonicalize(path)?
    } else {
        path.to_path_buf()
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = beside(before.as_ref())?.tempfile_in(folder)?;
    let mut out = BufWriter::new(temporary);
    write(&mut out)?;
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    // Some file systems tell of a full disk only here.
    temporary.as_file().sync_all()?;
    if let Some(before) = before {
        temporary.as_file().set_permissions(before.permissions())?;
    }
    temporary.persist(&target).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file's name and permissions: those of a new file, not the private ones that such files have by default.
fn beside(before: Option<&Metadata>) -> io::Result<tempfile::Builder<'static, 'static>> {
    if before.is_some_and(|metadata| metadata.permissions().readonly()) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".undersong-").suffix(".part");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    Ok(builder)
}
