//! What a library holds of takes, read: records that a query finds, timelines, and what couldn't be read.

use std::path::PathBuf;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, ToSql};
use undersong_core::timeline::{Failure, Timeline};

use super::error::Result;
use super::marks::Mark;
use super::packed::Packed;
use super::place::StoredPath;
use super::query::Query;
use super::settings::Settings;
use super::sql::{Statement, Takes};
use super::store::Library;

/// How many more takes are ranked than are asked for, and how many times as many if those don't do.
const SPARE: usize = 100;
const MORE: usize = 16;

/// A take's file with what is known and thought of its sound. A sound with several files has a record for each.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record {
    /// The sound, by which it is marked.
    pub(crate) take: i64,
    /// The analysis, by which its [timeline](Library::timeline) is had.
    pub(crate) analysis: i64,
    /// The file, absolute.
    pub(crate) path: PathBuf,
    /// Since when the file is known to be gone, in milliseconds since 1970.
    pub(crate) missing_ms: Option<i64>,
    /// Length of the take.
    pub(crate) seconds: f64,
    /// Seconds of voice.
    pub(crate) voiced_seconds: f64,
    /// The leading emotion; this and the next three are `None` without voice.
    pub(crate) emotion: Option<String>,
    /// Its score.
    pub(crate) confidence: Option<f64>,
    /// −1 unpleasant … 1 pleasant.
    pub(crate) valence: Option<f64>,
    /// −1 calm … 1 excited.
    pub(crate) arousal: Option<f64>,
    /// Integrated loudness, in LUFS; this and the next two are `None` where there is too little voice, or delivery wasn't measured.
    pub(crate) loudness_lufs: Option<f64>,
    /// Median pitch, in Hz.
    pub(crate) pitch_hz: Option<f64>,
    /// Syllables per second.
    pub(crate) syllables_per_second: Option<f64>,
    /// The model is unsure.
    pub(crate) unsure: bool,
    /// Score of the emotion asked for; without one, the confidence.
    pub(crate) score: Option<f64>,
    /// The choice about it.
    pub(crate) mark: Option<Mark>,
    /// 0 (none) to 5.
    pub(crate) stars: u8,
    /// A note, or nothing.
    pub(crate) note: String,
}

impl Record {
    /// Reads a row that begins with [`COLUMNS`](super::sql::COLUMNS) and a score.
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        // By number: of thousands of rows, names would be looked up for most of the time.
        let StoredPath(path) = row.get(0)?;
        let mark: Option<String> = row.get(3)?;
        Ok(Self {
            path,
            missing_ms: row.get(1)?,
            take: row.get(2)?,
            mark: mark.as_deref().and_then(Mark::of_name),
            stars: row.get(4)?,
            note: row.get(5)?,
            analysis: row.get(6)?,
            seconds: row.get(7)?,
            voiced_seconds: row.get(8)?,
            emotion: row.get(9)?,
            confidence: row.get(10)?,
            valence: row.get(11)?,
            arousal: row.get(12)?,
            unsure: row.get(13)?,
            loudness_lufs: row.get(14)?,
            pitch_hz: row.get(15)?,
            syllables_per_second: row.get(16)?,
            score: row.get(17)?,
        })
    }
}

impl Library {
    /// What a query finds among the takes analysed with these settings.
    ///
    /// An emotion that the settings' model doesn't have is found nowhere; whoever takes its name from a user says so before.
    pub(crate) fn records(&self, settings: &Settings, query: &Query) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        let _one_state = self.hold()?;
        match self.asked(settings, query, Query::takes)? {
            None => {}
            Some(Takes::Whole(statement)) => self.each_row(&statement, |row| {
                records.push(Record::from_row(row)?);
                Ok(true)
            })?,
            Some(Takes::Ranked { ranks, records: of }) => {
                let limit = query.limit.unwrap_or(usize::MAX);
                self.ranked(&ranks, &of, limit, &mut records)
                    .map_err(|error| self.named(error))?;
            }
        }
        Ok(records)
    }

    /// The first `limit` records of what `ranks` puts in order.
    fn ranked(
        &self,
        ranks: &Statement,
        of: &Statement,
        limit: usize,
        records: &mut Vec<Record>,
    ) -> rusqlite::Result<()> {
        let mut ranking = self.connection.prepare(&ranks.sql)?;
        let mut of_analysis = self.connection.prepare(&of.sql)?;
        // Some are left out for other reasons, such as a missing file: a few more at first, and if those don't do, many more.
        let mut most = limit.saturating_add(SPARE);
        let mut seen = 0;
        loop {
            let at_most = i64::try_from(most).unwrap_or(-1);
            let values = with(&ranks.values, ":most", &at_most);
            let analyses: Vec<i64> = ranking
                .query_map(values.as_slice(), |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for analysis in analyses.iter().skip(seen) {
                let values = with(&of.values, ":analysis", analysis);
                for record in of_analysis.query_map(values.as_slice(), Record::from_row)? {
                    records.push(record?);
                }
                if records.len() >= limit {
                    records.truncate(limit);
                    return Ok(());
                }
            }
            if analyses.len() < most {
                return Ok(());
            }
            seen = analyses.len();
            most = most.saturating_mul(MORE);
        }
    }

    /// The statements for a query; `None` where nothing can be found.
    pub(super) fn asked<T>(
        &self,
        settings: &Settings,
        query: &Query,
        make: fn(&Query, i64, Option<i64>) -> T,
    ) -> Result<Option<T>> {
        let Some(setting) = settings.id else {
            return Ok(None);
        };
        let Some(name) = &query.emotion else {
            return Ok(Some(make(query, setting, None)));
        };
        let emotion = self
            .connection
            .query_row("SELECT id FROM emotions WHERE name = ?1", [name], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|error| self.named(error))?;
        Ok(emotion.map(|emotion| make(query, setting, Some(emotion))))
    }

    /// Runs a statement and gives each row to `use_row`, until that has enough and says `false`.
    pub(super) fn each_row(
        &self,
        statement: &Statement,
        mut use_row: impl FnMut(&Row<'_>) -> rusqlite::Result<bool>,
    ) -> Result<()> {
        let values = bound(&statement.values);
        let mut run = || {
            let mut prepared = self.connection.prepare(&statement.sql)?;
            let mut rows = prepared.query(values.as_slice())?;
            while let Some(row) = rows.next()?
                && use_row(row)?
            {}
            Ok(())
        };
        run().map_err(|error| self.named(error))
    }

    /// Whether there is any take, analysed or not.
    pub(super) fn holds_sounds(&self) -> Result<bool> {
        self.read(|connection| connection.prepare("SELECT 1 FROM sounds")?.exists([]))
    }

    /// The timeline of an analysis made with these settings, as the scan gave it, for the take's file at `path`. `None`: there is no such analysis.
    pub(crate) fn timeline(
        &self,
        settings: &Settings,
        analysis: i64,
        path: PathBuf,
    ) -> Result<Option<Timeline>> {
        let packed: Option<Vec<u8>> = self
            .connection
            .query_row(
                "SELECT packed FROM timelines WHERE analysis = ?1",
                [analysis],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.named(error))?;
        let Some(bytes) = packed else {
            return Ok(None);
        };
        let packed = Packed::read(&bytes, settings.emotions.len())
            .ok_or_else(|| self.damaged(format!("the windows of analysis {analysis}")))?;
        Ok(Some(packed.timeline(
            path,
            &settings.emotions,
            settings.unsure_below,
        )))
    }

    /// Files that are there and couldn't be read, by path.
    pub(crate) fn failures(&self) -> Result<Vec<Failure>> {
        self.read(|connection| {
            connection
                .prepare(
                    "SELECT path, error FROM files WHERE error IS NOT NULL AND missing_ms IS NULL ORDER BY path",
                )?
                .query_map([], |row| {
                    let StoredPath(path) = row.get(0)?;
                    Ok(Failure {
                        path,
                        error: row.get(1)?,
                    })
                })?
                .collect()
        })
    }
}

/// Values as SQLite takes them.
fn bound<'a>(values: &'a [(&'static str, Value)]) -> Vec<(&'a str, &'a dyn ToSql)> {
    let one = |(name, value): &'a (&'static str, Value)| (*name, value as &dyn ToSql);
    values.iter().map(one).collect()
}

/// The same, with one more.
fn with<'a>(
    values: &'a [(&'static str, Value)],
    name: &'a str,
    value: &'a dyn ToSql,
) -> Vec<(&'a str, &'a dyn ToSql)> {
    let mut all = bound(values);
    all.push((name, value));
    all
}
