//! Files as the library knows them, and how a file that was read finds its place among them.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, Transaction, named_params};

use super::error::Result;
use super::hashing::Hash;
use super::look::Look;
use super::place::{StoredPath, path_to_sql};
use super::settings::REVISION;
use super::store::{Library, now_ms};

/// A file as the library knows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KnownFile {
    pub(super) id: i64,
    pub(super) path: PathBuf,
    pub(super) sound: Option<i64>,
    pub(super) look: Look,
    pub(super) settled: bool,
    pub(super) missing: bool,
    /// Whether its sound was analysed with the settings asked for.
    pub(super) analysis: Option<KnownAnalysis>,
}

/// An analysis as the library knows it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KnownAnalysis {
    pub(super) id: i64,
    pub(super) engine: String,
    pub(super) revision: i64,
    /// Whether delivery was measured.
    pub(super) delivered: bool,
}

impl KnownAnalysis {
    /// Whether this program would give the same or less.
    pub(super) fn serves(&self, delivery: bool) -> bool {
        self.revision == REVISION && (self.delivered || !delivery)
    }
}

/// A file that was just read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadFile {
    pub(super) path: PathBuf,
    pub(super) look: Look,
    pub(super) settled: bool,
    pub(super) content: Hash,
    /// Whether the library knew its name when the work began.
    pub(super) known: bool,
}

/// What became of a file's place in the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    /// It is new.
    New,
    /// As it was, but for its times or tags.
    Same,
    /// It is known from another place, where it is no more.
    Moved,
    /// Something else stood under its name before, which is missing from now on.
    Replaced,
    /// It was missing.
    Back,
}

const KNOWN: &str = "SELECT f.id, f.path, f.sound, f.size, f.modified_ns, f.changed_ns, f.inode, f.settled, f.missing_ms, \
     a.id AS analysis, a.engine, a.revision, a.delivered \
     FROM files f LEFT JOIN analyses a ON a.sound = f.sound AND a.setting = :setting";

impl KnownFile {
    /// Reads a row of [`KNOWN`], by number: of thousands of rows, names would be looked up for most of the time.
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let StoredPath(path) = row.get(1)?;
        let analysis: Option<i64> = row.get(9)?;
        let analysis = analysis
            .map(|id| {
                Ok::<_, rusqlite::Error>(KnownAnalysis {
                    id,
                    engine: row.get(10)?,
                    revision: row.get(11)?,
                    delivered: row.get(12)?,
                })
            })
            .transpose()?;
        Ok(Self {
            id: row.get(0)?,
            path,
            sound: row.get(2)?,
            look: Look {
                size: row.get(3)?,
                modified_ns: row.get(4)?,
                changed_ns: row.get(5)?,
                inode: row.get(6)?,
            },
            settled: row.get(7)?,
            missing: row.get::<_, Option<i64>>(8)?.is_some(),
            analysis,
        })
    }

    /// Whether a file that looks so is the one that was read, without reading it again.
    pub(super) fn is_still(&self, look: Look) -> bool {
        self.sound.is_some() && self.settled && self.look == look
    }
}

impl Library {
    /// All files, missing ones too, with their analyses with these settings.
    pub(super) fn known_files(&self, setting: Option<i64>) -> Result<Vec<KnownFile>> {
        self.read(|connection| {
            connection
                .prepare(KNOWN)?
                .query_map(named_params! {":setting": setting}, KnownFile::from_row)?
                .collect()
        })
    }

    /// The files of these names: those that are there, else those last missed; `None` for a name that isn't known.
    pub(super) fn known_at(
        &self,
        setting: Option<i64>,
        paths: &[PathBuf],
    ) -> Result<Vec<Option<KnownFile>>> {
        self.read(|connection| {
            let sql = format!(
                "{KNOWN} WHERE f.path = :path ORDER BY f.missing_ms IS NOT NULL, f.missing_ms DESC LIMIT 1"
            );
            let mut statement = connection.prepare(&sql)?;
            paths
                .iter()
                .map(|path| {
                    let path = path_to_sql(path)?;
                    statement
                        .query_row(
                            named_params! {":setting": setting, ":path": path},
                            KnownFile::from_row,
                        )
                        .optional()
                })
                .collect()
        })
    }

    /// Whether a file that is known, and there, is another by its look than the one that was read.
    pub(super) fn was_changed(&self, path: &Path) -> Result<bool> {
        let known = self.known_at(None, &[path.to_path_buf()])?.pop().flatten();
        let there = known
            .filter(|known| !known.missing)
            .zip(Look::at(path).ok());
        Ok(there.is_some_and(|(known, look)| known.look != look))
    }

    /// The hash of the sound in files with these bytes, if any is known.
    pub(super) fn sounds_of_contents(&self, contents: &[Hash]) -> Result<Vec<Option<Hash>>> {
        self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT s.hash FROM files f JOIN sounds s ON s.id = f.sound WHERE f.content = ?1 LIMIT 1",
            )?;
            contents
                .iter()
                .map(|content| statement.query_row([content], |row| row.get(0)).optional())
                .collect()
        })
    }

    /// Whether sounds were analysed with these settings.
    pub(super) fn analyses_of(
        &self,
        setting: i64,
        sounds: &[Hash],
    ) -> Result<Vec<Option<KnownAnalysis>>> {
        self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT a.id, a.engine, a.revision, a.delivered FROM sounds s
                 JOIN analyses a ON a.sound = s.id AND a.setting = ?2 WHERE s.hash = ?1",
            )?;
            sounds
                .iter()
                .map(|sound| {
                    statement
                        .query_row((sound, setting), |row| {
                            Ok(KnownAnalysis {
                                id: row.get(0)?,
                                engine: row.get(1)?,
                                revision: row.get(2)?,
                                delivered: row.get(3)?,
                            })
                        })
                        .optional()
                })
                .collect()
        })
    }

    /// Remembers files as gone.
    pub(super) fn set_missing(&mut self, files: &[i64]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            let mut statement = transaction
                .prepare("UPDATE files SET missing_ms = ?2 WHERE id = ?1 AND missing_ms IS NULL")?;
            for file in files {
                statement.execute((file, now_ms()))?;
            }
            Ok(())
        })
    }

    /// How many of these are missing.
    pub(super) fn count_missing(&self, files: &[i64]) -> Result<usize> {
        self.read(|connection| {
            let mut statement = connection
                .prepare("SELECT 1 FROM files WHERE id = ?1 AND missing_ms IS NOT NULL")?;
            let mut missing = 0;
            for file in files {
                missing += usize::from(statement.exists([file])?);
            }
            Ok(missing)
        })
    }

    /// Remembers that missing files are back as they were.
    pub(super) fn set_back(&mut self, files: &[i64]) -> Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            // Not where another file has the name by now.
            let mut statement = transaction.prepare(
                "UPDATE files SET missing_ms = NULL WHERE id = ?1 AND NOT EXISTS
                 (SELECT 1 FROM files o WHERE o.path = files.path AND o.missing_ms IS NULL)",
            )?;
            for file in files {
                statement.execute([file])?;
            }
            Ok(())
        })
    }

    /// Folders that are looked through by every update.
    pub(crate) fn roots(&self) -> Result<Vec<PathBuf>> {
        self.read(|connection| {
            connection
                .prepare("SELECT path FROM roots ORDER BY id")?
                .query_map([], |row| row.get(0).map(|StoredPath(path)| path))?
                .collect()
        })
    }

    /// Adds folders to those that every update looks through.
    pub(super) fn add_roots(&mut self, folders: &[PathBuf]) -> Result<()> {
        if folders.is_empty() {
            return Ok(());
        }
        self.write(|transaction| {
            for folder in folders {
                transaction.execute(
                    "INSERT INTO roots (path) VALUES (?1) ON CONFLICT DO NOTHING",
                    [path_to_sql(folder)?],
                )?;
            }
            Ok(())
        })
    }
}

/// Puts a file that was read to its place: `sound` is what is in it, if it could be decoded, `error` why there is no analysis of it.
pub(super) fn place_file(
    transaction: &Transaction<'_>,
    file: &ReadFile,
    sound: Option<i64>,
    error: Option<&str>,
) -> rusqlite::Result<Placed> {
    let path = path_to_sql(&file.path)?;
    let there: Option<(i64, Option<i64>)> = transaction
        .query_row(
            "SELECT id, sound FROM files WHERE path = ?1 AND missing_ms IS NULL",
            [&path],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let mut placed = Placed::New;
    if let Some((id, before)) = there {
        if before == sound {
            write_row(transaction, Some(id), file, sound, error)?;
            return Ok(Placed::Same);
        }
        if let Some(before) = before {
            // One that is there under another name by now has moved, and is not missed.
            let elsewhere = transaction.execute(
                "DELETE FROM files WHERE id = ?1 AND EXISTS
                 (SELECT 1 FROM files o WHERE o.sound = ?2 AND o.missing_ms IS NULL AND o.id <> ?1)",
                (id, before),
            )?;
            if elsewhere == 0 {
                transaction.execute(
                    "UPDATE files SET missing_ms = ?2 WHERE id = ?1",
                    (id, now_ms()),
                )?;
            }
            placed = Placed::Replaced;
        } else {
            // What could not be read before is no take that could be lost, and may be one that was missed.
            transaction.execute("DELETE FROM files WHERE id = ?1", [id])?;
        }
    }
    let Some(id) = sound else {
        write_row(transaction, None, file, sound, error)?;
        return Ok(placed);
    };
    let missed: Option<i64> = transaction
        .query_row(
            "SELECT id FROM files WHERE path = ?1 AND sound = ?2 AND missing_ms IS NOT NULL ORDER BY missing_ms DESC LIMIT 1",
            (&path, id),
            |row| row.get(0),
        )
        .optional()?;
    if let Some(row) = missed {
        write_row(transaction, Some(row), file, sound, error)?;
        return Ok(if placed == Placed::New {
            Placed::Back
        } else {
            placed
        });
    }
    let moved = gone_elsewhere(transaction, id, &file.content)?;
    if moved.is_some() && placed == Placed::New {
        placed = Placed::Moved;
    }
    write_row(transaction, moved, file, sound, error)?;
    Ok(placed)
}

/// A file with this sound that isn't where it was: one with the same bytes before one with other tags.
fn gone_elsewhere(
    transaction: &Transaction<'_>,
    sound: i64,
    content: &Hash,
) -> rusqlite::Result<Option<i64>> {
    let mut statement = transaction
        .prepare("SELECT id, path, missing_ms IS NOT NULL FROM files WHERE sound = ?1 ORDER BY content = ?2 DESC, id")?;
    let mut rows = statement.query((sound, content))?;
    while let Some(row) = rows.next()? {
        let StoredPath(path) = row.get(1)?;
        // Its name may have been taken by another sound.
        if row.get(2)? || is_gone(&path) {
            return row.get(0).map(Some);
        }
    }
    Ok(None)
}

/// Whether a file isn't there, as far as can be told: one in a folder that can't be read may be.
pub(super) fn is_gone(path: &Path) -> bool {
    use std::io::ErrorKind;
    path.symlink_metadata()
        .is_err_and(|error| matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
}

/// Writes a file's row: that of `id`, or a new one.
fn write_row(
    transaction: &Transaction<'_>,
    id: Option<i64>,
    file: &ReadFile,
    sound: Option<i64>,
    error: Option<&str>,
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO files (id, path, sound, error, content, size, modified_ns, changed_ns, inode, settled, missing_ms)
         VALUES (:id, :path, :sound, :error, :content, :size, :modified_ns, :changed_ns, :inode, :settled, NULL)
         ON CONFLICT (id) DO UPDATE SET path = :path, sound = :sound, error = :error, content = :content, size = :size,
           modified_ns = :modified_ns, changed_ns = :changed_ns, inode = :inode, settled = :settled, missing_ms = NULL",
        named_params! {
            ":id": id,
            ":path": path_to_sql(&file.path)?,
            ":sound": sound,
            ":error": error,
            ":content": file.content,
            ":size": file.look.size,
            ":modified_ns": file.look.modified_ns,
            ":changed_ns": file.look.changed_ns,
            ":inode": file.look.inode,
            ":settled": file.settled,
        },
    )?;
    Ok(())
}

/// A place's name in the library: a folder's real one, as `add` keeps it, else [`stored_path`].
pub(super) fn stored_place(path: &Path) -> PathBuf {
    match path.canonicalize() {
        Ok(real) if real.is_dir() => real,
        _ => stored_path(path),
    }
}

/// A file's name in the library: absolute, through the real folders, but a link's own name.
pub(super) fn stored_path(path: &Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let Some(name) = path.file_name() else {
        return path.canonicalize().unwrap_or_else(|_| absolute());
    };
    match crate::places::folder_of(path).canonicalize() {
        Ok(folder) => folder.join(name),
        Err(_) => absolute(),
    }
}
