//! What can be wrong with a library, in words that name the file and say what to do.

use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::terminal::shown;
use crate::trouble::Trouble;

pub(crate) type Result<T> = std::result::Result<T, LibraryError>;

/// What is wrong with a library.
#[derive(Debug)]
pub(crate) struct LibraryError {
    path: PathBuf,
    problem: Problem,
}

/// See [`LibraryError`].
#[derive(Debug)]
pub(super) enum Problem {
    /// There is none.
    Absent,
    /// A folder has its name.
    Folder,
    /// The folder that it should lie in isn't there, or can't be made.
    NoFolder(String),
    /// Another kind of file.
    Foreign(&'static str),
    /// Written by a newer program.
    Newer { found: i64, known: i64 },
    /// An older one that can't be brought up to date, since it can't be written.
    OlderReadOnly { found: i64, known: i64 },
    /// May not be written.
    ReadOnly,
    /// May not be opened.
    Unreadable(String),
    /// No room.
    Full,
    /// Another process has held it for too long.
    Busy,
    /// Its contents contradict themselves.
    Damaged(String),
    /// Anything else that SQLite says.
    Sqlite(String),
}

impl LibraryError {
    pub(super) fn new(path: &Path, problem: Problem) -> Self {
        Self {
            path: path.to_path_buf(),
            problem,
        }
    }

    /// What SQLite's error means to whoever uses the library at `path`.
    pub(super) fn of_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ffi;
        let problem = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Problem::Full,
            // A limit on a file's size or a quota: the system refuses to let it grow, or what lies beside it.
            Some(ErrorCode::SystemIoFailure)
                if matches!(
                    error.sqlite_extended_error_code(),
                    Some(
                        ffi::SQLITE_IOERR_WRITE
                            | ffi::SQLITE_IOERR_SHMSIZE
                            | ffi::SQLITE_IOERR_TRUNCATE
                    )
                ) =>
            {
                Problem::Full
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Problem::Busy,
            Some(ErrorCode::NotADatabase) => Problem::Foreign("no SQLite database"),
            Some(ErrorCode::DatabaseCorrupt) => Problem::Damaged(error.to_string()),
            Some(ErrorCode::ReadOnly) => Problem::ReadOnly,
            Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Problem::Unreadable(error.to_string())
            }
            _ => Problem::Sqlite(error.to_string()),
        };
        Self::new(path, problem)
    }

    /// Whether it can be read, and only not be written.
    pub(crate) fn is_read_only(&self) -> bool {
        matches!(self.problem, Problem::ReadOnly)
    }

    /// Whether the library couldn't be opened because its folder lets nobody write beside it.
    pub(super) fn may_open_unshared(&self) -> bool {
        matches!(self.problem, Problem::Unreadable(_) | Problem::ReadOnly)
    }
}

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = shown(&self.path);
        write!(f, "library {path}: ")?;
        match &self.problem {
            Problem::Absent => write!(
                f,
                "there is none yet; make one with `undersong library add FOLDER`, or name another with --library FILE"
            ),
            Problem::Folder => write!(
                f,
                "this is a folder, and a library is a file; give the name of a file in it"
            ),
            Problem::NoFolder(reason) => write!(
                f,
                "its folder {reason}; make the folder, or name another place with --library FILE"
            ),
            Problem::Foreign(what) => write!(
                f,
                "this is no library of Undersong but {what}; it is left as it is; name another file with --library FILE"
            ),
            Problem::Newer { found, known } => write!(
                f,
                "a newer Undersong wrote it (schema {found}; this one knows 1 to {known}); it is left as it is; update Undersong, or name \
                 another file with --library FILE"
            ),
            Problem::OlderReadOnly { found, known } => write!(
                f,
                "an older Undersong wrote it (schema {found} of {known}), and it is read-only, so it can't be brought up to date; let it be \
                 written once, or work on a copy"
            ),
            Problem::ReadOnly => write!(
                f,
                "it is read-only: find, stats and export work; to change it, change its permissions or work on a copy"
            ),
            Problem::Unreadable(reason) => write!(
                f,
                "it can't be opened ({reason}); check the permissions of the file and of its folder"
            ),
            Problem::Full => write!(
                f,
                "the disk is full, or the file may not grow; what was stored before is kept; free some space and run the same command again, \
                 which goes on from there"
            ),
            Problem::Busy => write!(
                f,
                "another program has been writing to it for too long; nothing was lost; wait for it or end it, and run the same command again"
            ),
            Problem::Damaged(reason) => write!(
                f,
                "the file is damaged ({reason}); put back a copy of it, or move it away and run `undersong library add FOLDER` again"
            ),
            Problem::Sqlite(reason) => write!(
                f,
                "it couldn't be read or written ({reason}); check the disk and run the same command again"
            ),
        }
    }
}

impl From<LibraryError> for Trouble {
    fn from(error: LibraryError) -> Self {
        let text = error.to_string();
        match error.problem {
            Problem::Absent
            | Problem::Folder
            | Problem::NoFolder(_)
            | Problem::Foreign(_)
            | Problem::Newer { .. } => Self::Misused(text),
            _ => Self::Failed(text),
        }
    }
}
