//! What a library holds of takes, read: records that a query finds, timelines, and what couldn't be read.

use std::path::PathBuf;

use rusqlite::{OptionalExtension, Row, ToSql};
use undersong_core::timeline::{Failure, Timeline};

use super::error::Result;
use super::marks::Mark;
use super::packed::Packed;
use super::place::StoredPath;
use super::query::Query;
use super::settings::Settings;
use super::sql::Statement;
use super::store::Library;

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
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let StoredPath(path) = row.get("path")?;
        let mark: Option<String> = row.get("mark")?;
        Ok(Self {
            take: row.get("take")?,
            analysis: row.get("analysis")?,
            path,
            missing_ms: row.get("missing_ms")?,
            seconds: row.get("seconds")?,
            voiced_seconds: row.get("voiced_seconds")?,
            emotion: row.get("emotion")?,
            confidence: row.get("confidence")?,
            valence: row.get("valence")?,
            arousal: row.get("arousal")?,
            unsure: row.get("unsure")?,
            loudness_lufs: row.get("loudness")?,
            pitch_hz: row.get("pitch")?,
            syllables_per_second: row.get("rate")?,
            score: row.get("score")?,
            mark: mark.as_deref().and_then(Mark::of_name),
            stars: row.get("stars")?,
            note: row.get("note")?,
        })
    }
}

impl Library {
    /// What a query finds among the takes analysed with these settings.
    ///
    /// An emotion that the settings' model doesn't have is found nowhere; whoever takes its name from a user says so before.
    pub(crate) fn records(&self, settings: &Settings, query: &Query) -> Result<Vec<Record>> {
        let Some(statement) = self.statement(settings, query, Query::takes)? else {
            return Ok(Vec::new());
        };
        let mut records = Vec::new();
        self.each_row(&statement, |row| {
            records.push(Record::from_row(row)?);
            Ok(true)
        })?;
        Ok(records)
    }

    /// The statement for a query; `None` where nothing can be found.
    pub(super) fn statement(
        &self,
        settings: &Settings,
        query: &Query,
        make: fn(&Query, i64, Option<i64>) -> Statement,
    ) -> Result<Option<Statement>> {
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
        let values: Vec<(&str, &dyn ToSql)> = statement
            .values
            .iter()
            .map(|(name, value)| (*name, value as &dyn ToSql))
            .collect();
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
