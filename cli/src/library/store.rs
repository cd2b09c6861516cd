//! `Library`: an opened library file.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::error::{LibraryError, Problem, Result};
use super::schema::{self, Shape};
use crate::places::folder_of;

/// How long a process waits for another that writes; each writes for milliseconds at a time.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is wanted of a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// To look something up; works on a read-only file, too.
    Read,
    /// To change it; it must be there.
    Write,
    /// To change it; it is made if it isn't there.
    Create,
}

/// An opened library. One is for one thread at a time; any number may be open, in any number of processes.
#[derive(Debug)]
pub(crate) struct Library {
    pub(super) connection: Connection,
    path: PathBuf,
    writable: bool,
}

impl Library {
    /// Opens the library at `path`, and brings an older one up to date.
    ///
    /// # Errors
    /// [`LibraryError`] says what the file is instead, or why it can't be opened. Nothing is changed then.
    pub(crate) fn open(path: &Path, access: Access) -> Result<Self> {
        let refuse = |problem| Err(LibraryError::new(path, problem));
        let write = access != Access::Read;
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return refuse(Problem::Folder),
            Ok(metadata) if write && metadata.permissions().readonly() => {
                return refuse(Problem::ReadOnly);
            }
            Ok(metadata) => {
                let writable = !metadata.permissions().readonly();
                return Self::open_file(path, write, writable);
            }
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return refuse(Problem::Unreadable(error.to_string()));
            }
            Err(_) if access != Access::Create => return refuse(Problem::Absent),
            Err(_) => {}
        }
        if !folder_of(path).is_dir() {
            return refuse(Problem::NoFolder("does not exist".to_owned()));
        }
        Self::open_file(path, true, true)
    }

    /// Opens the user's own library, whose folder is made if it isn't there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) fn open_own(path: &Path, access: Access) -> Result<Self> {
        if access == Access::Create
            && let Err(error) = fs::create_dir_all(folder_of(path))
        {
            let reason = format!("can't be made ({error})");
            return Err(LibraryError::new(path, Problem::NoFolder(reason)));
        }
        Self::open(path, access)
    }

    fn open_file(path: &Path, write: bool, writable: bool) -> Result<Self> {
        let flags = if writable {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        } else {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        };
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match Self::connect(path, path, flags, write) {
            Err(error) if !write && error.may_open_unshared() && nobody_writes(path) => {
                // The file, or its folder, can't be written: the index that processes share can't be made. Nobody can write then, so none is needed.
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
                    | OpenFlags::SQLITE_OPEN_URI
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                Self::connect(path, &immutable(path), flags, false)
            }
            opened => opened,
        }
    }

    /// Connects to the library at `path`, which is called `name` for SQLite.
    fn connect(path: &Path, name: &Path, flags: OpenFlags, write: bool) -> Result<Self> {
        let named = |error: rusqlite::Error| LibraryError::of_sqlite(path, &error);
        let refuse = |problem| Err(LibraryError::new(path, problem));
        let mut connection = Connection::open_with_flags(name, flags).map_err(named)?;
        connection.busy_timeout(PATIENCE).map_err(named)?;
        // A crash of the program loses nothing that was stored; a crash of the machine at most the last seconds, and never the file.
        connection
            .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -65536;")
            .map_err(named)?;
        let writable = !connection.is_readonly("main").map_err(named)?;
        if write && !writable {
            return refuse(Problem::ReadOnly);
        }
        match schema::shape(&connection).map_err(named)? {
            Shape::Foreign => return refuse(Problem::Foreign("another program's database")),
            Shape::Library(found) if found > schema::VERSION => {
                return refuse(Problem::Newer {
                    found,
                    known: schema::VERSION,
                });
            }
            Shape::Library(schema::VERSION) => {}
            Shape::Empty if !write => return refuse(Problem::Absent),
            Shape::Library(found) if !writable => {
                return refuse(Problem::OlderReadOnly {
                    found,
                    known: schema::VERSION,
                });
            }
            Shape::Empty | Shape::Library(_) => {
                share(&connection).map_err(named)?;
                schema::bring_up_to_date(&mut connection, &named)?;
            }
        }
        Ok(Self {
            connection,
            path: path.to_path_buf(),
            writable,
        })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it can be changed.
    pub(crate) fn writable(&self) -> bool {
        self.writable
    }

    /// What SQLite's error means.
    pub(super) fn named(&self, error: rusqlite::Error) -> LibraryError {
        LibraryError::of_sqlite(&self.path, &error)
    }

    /// The library holds something that it never wrote.
    pub(super) fn damaged(&self, what: impl Into<String>) -> LibraryError {
        LibraryError::new(&self.path, Problem::Damaged(what.into()))
    }

    /// A number that is another after any other connection, of this program or of another, has changed the library. (SQLite's `data_version`; asking
    /// for it reads no page.)
    pub(crate) fn version(&self) -> Result<i64> {
        self.read(|connection| connection.query_row("PRAGMA data_version", [], |row| row.get(0)))
    }

    /// Lets all that is read be of one state, until what it gives is dropped: nothing, where it is held already.
    pub(super) fn hold(&self) -> Result<Option<Transaction<'_>>> {
        let free = self.connection.is_autocommit();
        free.then(|| self.connection.unchecked_transaction())
            .transpose()
            .map_err(|error| self.named(error))
    }

    /// Reads with `work`.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        work(&self.connection).map_err(|error| LibraryError::of_sqlite(&self.path, &error))
    }

    /// Does `work` in one transaction: all of it, or after an error or a crash nothing.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T> {
        if !self.writable {
            return Err(LibraryError::new(&self.path, Problem::ReadOnly));
        }
        let done = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .and_then(|transaction| {
                let done = work(&transaction)?;
                transaction.commit()?;
                Ok(done)
            });
        done.map_err(|error| LibraryError::of_sqlite(&self.path, &error))
    }

    /// Has SQLite look again at how its tables are filled, if that is worth it: after much was stored.
    pub(super) fn settle(&self) {
        // Only queries' speed depends on it, and the next time will do as well.
        let _ = self.connection.execute_batch("PRAGMA optimize = 0x10002;");
    }
}

/// Lets readers and a writer work at the same time.
fn share(connection: &Connection) -> rusqlite::Result<()> {
    let since = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| {
            row.get::<_, String>(0)
        });
        match mode {
            // Where memory can't be shared (a network's disk) it stays another mode, which is slower and as safe.
            Ok(_) => return Ok(()),
            // SQLite doesn't wait here where two processes change the mode at once.
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && since.elapsed() < PATIENCE =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error),
        }
    }
}

/// Whether no changes wait beside the file, which reading it alone would miss.
fn nobody_writes(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::metadata(log).map_or(true, |metadata| metadata.len() == 0)
}

/// The file's address for SQLite, as one that nobody changes meanwhile.
fn immutable(path: &Path) -> PathBuf {
    let mut address = OsString::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            address.push(char::from(byte).to_string());
        } else {
            address.push(format!("%{byte:02X}"));
        }
    }
    address.push("?immutable=1");
    PathBuf::from(address)
}

/// Now, in milliseconds since 1970.
pub(super) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}
