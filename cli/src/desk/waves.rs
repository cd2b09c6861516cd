//! `Waves`: waveforms that were gathered once, kept by their sound's hash: in memory, and in an SQLite file beside the library.
//!
//! It is a cache and no more: where it cannot be read or written, waveforms are gathered again, and nobody's work is lost with it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::peaks::Peaks;

/// Waveforms in memory, in bytes, at most.
const MOST_BYTES: usize = 64 << 20;

/// What stands in the file's header, as the library's has it: "Undw".
const APPLICATION_ID: i64 = 0x556E_6477;

/// How long another process may write.
const PATIENCE: Duration = Duration::from_secs(2);

/// The waveforms.
#[derive(Debug)]
pub(super) struct Waves {
    file: Option<Mutex<Connection>>,
    /// The last used at the end.
    memory: Mutex<VecDeque<(Vec<u8>, Arc<Peaks>)>>,
}

impl Waves {
    /// Those kept beside a library; in memory alone without one, or where no file can be had.
    pub(super) fn beside(library: Option<&Path>) -> Self {
        let file = library.map(file_beside).and_then(|path| open(&path).ok());
        Self {
            file: file.map(Mutex::new),
            memory: Mutex::default(),
        }
    }

    /// The waveform of a sound, if it was kept.
    pub(super) fn get(&self, hash: &[u8]) -> Option<Arc<Peaks>> {
        if let Some(peaks) = self.remembered(hash) {
            return Some(peaks);
        }
        let stored: Option<Vec<u8>> = {
            let file = lock(self.file.as_ref()?);
            let sql = "SELECT peaks FROM waveforms WHERE hash = ?1";
            let row = file.query_row(sql, [hash], |row| row.get(0));
            row.optional().ok().flatten()
        };
        let peaks = Arc::new(Peaks::from_bytes(&stored?)?);
        self.remember(hash, &peaks);
        Some(peaks)
    }

    /// Keeps the waveform of a sound.
    pub(super) fn put(&self, hash: &[u8], peaks: Peaks) -> Arc<Peaks> {
        if let Some(file) = &self.file {
            let sql = "INSERT INTO waveforms (hash, peaks) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET peaks = excluded.peaks";
            // A full disk costs a second gathering, another time.
            let _ = lock(file).execute(sql, (hash, peaks.to_bytes()));
        }
        let peaks = Arc::new(peaks);
        self.remember(hash, &peaks);
        peaks
    }

    fn remembered(&self, hash: &[u8]) -> Option<Arc<Peaks>> {
        let mut memory = lock(&self.memory);
        let at = memory.iter().position(|(known, _)| known == hash)?;
        let entry = memory.remove(at)?;
        let peaks = Arc::clone(&entry.1);
        memory.push_back(entry);
        Some(peaks)
    }

    fn remember(&self, hash: &[u8], peaks: &Arc<Peaks>) {
        let mut memory = lock(&self.memory);
        memory.retain(|(known, _)| known != hash);
        memory.push_back((hash.to_vec(), Arc::clone(peaks)));
        let mut bytes: usize = memory.iter().map(|(_, peaks)| peaks.size()).sum();
        while bytes > MOST_BYTES && memory.len() > 1 {
            bytes -= memory.pop_front().map_or(0, |(_, peaks)| peaks.size());
        }
    }
}

/// `library.db` has its waveforms in `library.waveforms.db`.
fn file_beside(library: &Path) -> PathBuf {
    library.with_extension("waveforms.db")
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    let number = |name: &str| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
    };
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    // Another program's file of this name is left alone.
    if objects > 0 && number("application_id")? != APPLICATION_ID {
        return Err(rusqlite::Error::InvalidQuery);
    }
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA application_id = {APPLICATION_ID};
         CREATE TABLE IF NOT EXISTS waveforms (hash BLOB PRIMARY KEY, peaks BLOB NOT NULL) STRICT;"
    ))?;
    Ok(connection)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::super::peaks::Gatherer;
    use super::*;

    fn some_peaks(samples: usize) -> Peaks {
        let mut gatherer = Gatherer::new(8_000);
        gatherer.push(&vec![0.5; samples]);
        gatherer.finish()
    }

    #[test]
    fn a_waveform_is_kept_beside_the_library() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library.db");
        let kept = Waves::beside(Some(&library)).put(b"a", some_peaks(9_000));
        let waves = Waves::beside(Some(&library));
        assert_eq!(waves.get(b"a"), Some(kept));
        assert_eq!(waves.get(b"b"), None);
        assert!(folder.path().join("library.waveforms.db").is_file());
    }

    #[test]
    fn without_a_file_they_are_kept_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent/library.db");
        for library in [None, Some(absent.as_path())] {
            let waves = Waves::beside(library);
            let kept = waves.put(b"a", some_peaks(100));
            assert_eq!(waves.get(b"a"), Some(kept));
        }
    }

    #[test]
    fn a_file_of_another_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.waveforms.db");
        std::fs::write(&path, "these are somebody's notes").unwrap();
        let waves = Waves::beside(Some(&folder.path().join("library.db")));
        waves.put(b"a", some_peaks(100));
        assert_eq!(
            std::fs::read_to_string(&path).unwrap(),
            "these are somebody's notes"
        );
    }
}
