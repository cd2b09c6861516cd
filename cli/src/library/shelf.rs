//! The library as the desk uses it: everything at a glance, and one file at a time.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{OptionalExtension, Row, named_params};
use undersong_core::timeline::{Reading, Scores, Timeline};

use super::error::Result;
use super::files::ReadFile;
use super::hashing::{Hash, hash_content, hash_sound_and};
use super::keep::Kept;
use super::look::Look;
use super::place::path_to_sql;
use super::records::Record;
use super::settings::{REVISION, Settings, emotion_ids};
use super::sql::COLUMNS;
use super::store::Library;
use crate::terminal::shown;

/// A take's file with all that a list of takes shows.
#[derive(Debug, Clone)]
pub(crate) struct OnShelf {
    pub(crate) record: Record,
    /// What the sound is known by.
    pub(crate) hash: Vec<u8>,
    /// The take as a whole; `None` without voice.
    pub(crate) reading: Option<Reading>,
    look: Look,
    settled: bool,
    current: bool,
    delivered: bool,
}

impl OnShelf {
    /// The file, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.record.path
    }

    /// When it was last changed, in milliseconds since 1970.
    pub(crate) fn modified_ms(&self) -> i64 {
        self.look.modified_ns / 1_000_000
    }

    /// Whether the file is the one that was read, and its analysis what this program would give, which measures delivery if `delivery` says so; the
    /// file is looked at, not read.
    pub(crate) fn is_still(&self, delivery: bool) -> bool {
        self.current && (self.delivered || !delivery) && self.is_unchanged()
    }

    /// Whether the file is the one that was read, by its look.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.settled && Look::at(self.path()).is_ok_and(|look| look == self.look)
    }
}

/// A file that was read, before a model listens to it.
#[derive(Debug)]
pub(crate) struct Met {
    file: ReadFile,
    hash: Hash,
    current: bool,
}

impl Met {
    /// What its sound is known by.
    pub(crate) fn hash(&self) -> &[u8] {
        &self.hash
    }

    /// Whether its sound was analysed already.
    pub(crate) fn current(&self) -> bool {
        self.current
    }

    /// When the file was last changed, in milliseconds since 1970.
    pub(crate) fn modified_ms(&self) -> i64 {
        self.file.look.modified_ns / 1_000_000
    }

    /// Whether the file is still the one that was read.
    pub(crate) fn is_still(&self) -> bool {
        Look::at(&self.file.path).is_ok_and(|look| look == self.file.look)
    }
}

/// What a row holds beside a record, and where all of it stands.
const FROM: &str = "a.confidence AS score, f.size, f.modified_ns, f.changed_ns, f.inode, f.settled, s.hash, a.revision, a.delivered \
     FROM files f JOIN sounds s ON s.id = f.sound JOIN analyses a ON a.sound = s.id AND +a.setting = :setting \
     LEFT JOIN emotions e ON e.id = a.emotion";

const SCORES: &str = "SELECT c.analysis, c.emotion, c.mean FROM scores c JOIN analyses a ON a.id = c.analysis WHERE a.setting = :setting";

/// A take's scores by its analysis, in the order of the model's emotions.
type ScoresOf = HashMap<i64, Vec<f32>>;

impl Library {
    /// Every file whose sound was analysed with these settings, missing ones too, by path.
    pub(crate) fn on_shelf(&self, settings: &Settings) -> Result<Vec<OnShelf>> {
        let Some(setting) = settings.id else {
            return Ok(Vec::new());
        };
        let read = || {
            let mut scores =
                self.scores_of(settings, SCORES, named_params! {":setting": setting})?;
            self.connection
                .prepare(&format!("SELECT {COLUMNS}, {FROM} ORDER BY f.path"))?
                .query_map(named_params! {":setting": setting}, |row| {
                    read_row(row, settings, &mut scores)
                })?
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|error| self.named(error))
    }

    /// The file of this name that is there, if its sound was analysed with these settings.
    pub(crate) fn on_shelf_at(&self, settings: &Settings, path: &Path) -> Result<Option<OnShelf>> {
        let Some(setting) = settings.id else {
            return Ok(None);
        };
        let read = || {
            let sql = format!(
                "{SCORES} AND a.sound = (SELECT sound FROM files WHERE path = :path AND missing_ms IS NULL)"
            );
            let path = path_to_sql(path)?;
            let mut scores = self.scores_of(
                settings,
                &sql,
                named_params! {":setting": setting, ":path": path},
            )?;
            let mut statement = self.connection.prepare(&format!(
                "SELECT {COLUMNS}, {FROM} WHERE f.path = :path AND f.missing_ms IS NULL"
            ))?;
            let mut rows = statement
                .query_map(named_params! {":setting": setting, ":path": path}, |row| {
                    read_row(row, settings, &mut scores)
                })?;
            rows.next().transpose()
        };
        read().map_err(|error| self.named(error))
    }

    /// The windows of a sound as analysed with these settings, for its file at `path`. An analysis is made anew now and then, and has another number then.
    pub(crate) fn timeline_of(
        &self,
        settings: &Settings,
        hash: &[u8],
        path: PathBuf,
    ) -> Result<Option<Timeline>> {
        match self.analysis_of(settings, hash)? {
            Some(analysis) => self.timeline(settings, analysis, path),
            None => Ok(None),
        }
    }

    /// Whether a sound was analysed with these settings.
    pub(crate) fn holds_sound(&self, settings: &Settings, hash: &[u8]) -> Result<bool> {
        Ok(self.analysis_of(settings, hash)?.is_some())
    }

    /// How many files that are there hold sounds of which there are analyses, but none with these settings.
    pub(crate) fn analysed_otherwise(&self, settings: &Settings) -> Result<u32> {
        self.read(|connection| {
            let sql = "SELECT count(*) FROM files f WHERE f.missing_ms IS NULL AND f.sound IS NOT NULL
                       AND NOT EXISTS (SELECT 1 FROM analyses a WHERE a.sound = f.sound AND a.setting = ?1)";
            connection.query_row(sql, [settings.id()], |row| row.get::<_, u32>(0))
        })
    }

    fn analysis_of(&self, settings: &Settings, hash: &[u8]) -> Result<Option<i64>> {
        self.read(|connection| {
            let sql = "SELECT a.id FROM analyses a JOIN sounds s ON s.id = a.sound WHERE s.hash = ?1 AND a.setting = ?2";
            let row = connection.query_row(sql, (hash, settings.id), |row| row.get(0));
            row.optional()
        })
    }

    fn scores_of(
        &self,
        settings: &Settings,
        sql: &str,
        values: &[(&str, &dyn rusqlite::ToSql)],
    ) -> rusqlite::Result<ScoresOf> {
        let emotions = emotion_ids(&self.connection, &settings.emotions)?;
        let places: HashMap<i64, usize> = emotions.into_iter().zip(0..).collect();
        let mut scores = ScoresOf::new();
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let (analysis, emotion, mean): (i64, i64, f64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let take = scores
                .entry(analysis)
                .or_insert_with(|| vec![0.0; settings.emotions.len()]);
            if let Some(score) = places.get(&emotion).and_then(|&place| take.get_mut(place)) {
                *score = mean as f32;
            }
        }
        Ok(scores)
    }

    /// Reads a file: what sound is in it, and whether that was analysed with the settings of this number, and measured if `delivery` says so. Where the
    /// sound must be decoded, `tap` is given it, block by block, after its rate in Hz.
    ///
    /// # Errors
    /// Why it cannot be read, in words that name it.
    pub(crate) fn meet(
        &self,
        setting: Option<i64>,
        delivery: bool,
        path: &Path,
        tap: &mut dyn FnMut(u32, &[f32]),
    ) -> std::result::Result<Met, String> {
        let now = SystemTime::now();
        let look = Look::at(path).map_err(|error| {
            format!(
                "{}: it could not be read ({error}); check the name and its permissions",
                shown(path)
            )
        })?;
        let content = hash_content(path)?;
        let words = |error: super::error::LibraryError| error.to_string();
        let known = self.sounds_of_contents(&[content]).map_err(words)?;
        let hash = match known.into_iter().next().flatten() {
            Some(hash) => hash,
            None => hash_sound_and(path, tap)?,
        };
        let analysis = match setting {
            Some(setting) => self
                .analyses_of(setting, &[hash])
                .map_err(words)?
                .pop()
                .flatten(),
            None => None,
        };
        Ok(Met {
            file: ReadFile {
                path: path.to_path_buf(),
                look,
                settled: look.settled(now),
                content,
                known: false,
            },
            hash,
            current: analysis.is_some_and(|analysis| analysis.serves(delivery)),
        })
    }

    /// Keeps a file that was read, with its analysis if that was just made.
    pub(crate) fn keep_met(
        &mut self,
        settings: &Settings,
        setting: i64,
        engine: &str,
        met: &Met,
        take: Option<&Timeline>,
    ) -> Result<()> {
        let kept = Kept {
            file: met.file.clone(),
            sound: Some(met.hash),
            analysed: take,
            error: None,
        };
        self.keep(settings, setting, engine, &[kept]).map(drop)
    }
}

fn read_row(
    row: &Row<'_>,
    settings: &Settings,
    scores: &mut ScoresOf,
) -> rusqlite::Result<OnShelf> {
    let record = Record::from_row(row)?;
    let scores = scores.get(&record.analysis).cloned();
    let reading = scores.filter(|_| record.emotion.is_some()).map(|scores| {
        Reading::from_scores(Scores(scores), &settings.emotions, settings.unsure_below)
    });
    Ok(OnShelf {
        hash: row.get("hash")?,
        reading,
        look: Look {
            size: row.get("size")?,
            modified_ns: row.get("modified_ns")?,
            changed_ns: row.get("changed_ns")?,
            inode: row.get("inode")?,
        },
        settled: row.get("settled")?,
        current: row.get::<_, i64>("revision")? == REVISION,
        delivered: row.get("delivered")?,
        record,
    })
}
