//! `library stats`: what is in a library.

use std::fs;
use std::io::{self, Write};

use rusqlite::{Row, params};
use serde::Serialize;

use super::error::Result;
use super::found::rounded;
use super::settings::Settings;
use super::store::Library;
use crate::scan::length;
use crate::table_style::table_style;
use crate::terminal::{one_line, print, shown};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong library stats`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// For other programs
    #[arg(long)]
    json: bool,
}

/// What is in a library.
#[derive(Debug, Serialize)]
struct Stats {
    version: u32,
    library: String,
    bytes: u64,
    folders: Vec<String>,
    /// Sounds.
    takes: i64,
    files: i64,
    files_missing: i64,
    /// Files that are there and couldn't be read.
    files_not_read: usize,
    not_read: Vec<NotRead>,
    chosen: i64,
    rejected: i64,
    starred: i64,
    noted: i64,
    models: Vec<ModelStats>,
}

/// A file that couldn't be read, and why.
#[derive(Debug, Serialize)]
struct NotRead {
    path: String,
    error: String,
}

/// What was heard with one model and settings; the last used first.
#[derive(Debug, Serialize)]
struct ModelStats {
    name: String,
    id: String,
    hop_seconds: f64,
    priors: Option<String>,
    profile: Option<String>,
    engines: Vec<String>,
    takes: i64,
    hours: f64,
    voiced_hours: f64,
    without_voice: i64,
    emotions: Vec<EmotionStats>,
}

/// Takes that an emotion leads.
#[derive(Debug, Serialize)]
struct EmotionStats {
    emotion: String,
    takes: i64,
    hours: f64,
    confidence: f64,
}

/// Runs the command.
pub(crate) fn run(library: &Library, args: &Args) -> std::result::Result<Outcome, Trouble> {
    let stats = library.stats()?;
    print(|out| {
        if args.json {
            serde_json::to_writer_pretty(&mut *out, &stats)?;
            writeln!(out)
        } else {
            stats.write(library, out)
        }
    })?;
    Ok(Outcome::Complete)
}

impl Library {
    fn stats(&self) -> Result<Stats> {
        let _one_state = self.hold()?;
        let models = self
            .settings()?
            .iter()
            .map(|settings| self.model_stats(settings))
            .collect::<Result<Vec<_>>>()?;
        let folders = self.roots()?;
        let failures = self.failures()?;
        let count = |sql: &str| {
            self.connection
                .query_row(sql, [], |row| row.get::<_, i64>(0))
                .map_err(|error| self.named(error))
        };
        let log = self.path().with_file_name({
            let mut name = self.path().file_name().unwrap_or_default().to_owned();
            name.push("-wal");
            name
        });
        let bytes = |path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        Ok(Stats {
            version: 1,
            library: self.path().to_string_lossy().into_owned(),
            bytes: bytes(self.path()) + bytes(&log),
            folders: folders
                .iter()
                .map(|folder| folder.to_string_lossy().into_owned())
                .collect(),
            takes: count("SELECT count(*) FROM sounds")?,
            files: count("SELECT count(*) FROM files WHERE missing_ms IS NULL")?,
            files_missing: count("SELECT count(*) FROM files WHERE missing_ms IS NOT NULL")?,
            files_not_read: failures.len(),
            not_read: failures
                .into_iter()
                .map(|failure| NotRead {
                    path: failure.path.to_string_lossy().into_owned(),
                    error: failure.error,
                })
                .collect(),
            chosen: count(
                "SELECT count(*) FROM sounds WHERE mark IS NOT NULL AND mark = 'chosen'",
            )?,
            rejected: count(
                "SELECT count(*) FROM sounds WHERE mark IS NOT NULL AND mark = 'rejected'",
            )?,
            starred: count("SELECT count(*) FROM sounds WHERE stars > 0")?,
            noted: count("SELECT count(*) FROM sounds WHERE note <> ''")?,
            models,
        })
    }

    fn model_stats(&self, settings: &Settings) -> Result<ModelStats> {
        self.read(|connection| {
            let (takes, seconds, voiced_seconds) = connection.query_row(
                "SELECT count(*), total(seconds), total(voiced_seconds) FROM analyses WHERE +setting = ?1",
                params![settings.id],
                |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, f64>(1)?, row.get::<_, f64>(2)?)),
            )?;
            let without_voice = connection.query_row(
                "SELECT count(*) FROM analyses WHERE setting = ?1 AND emotion IS NULL",
                params![settings.id],
                |row| row.get(0),
            )?;
            let engines = connection
                .prepare("SELECT DISTINCT engine FROM analyses WHERE +setting = ?1 ORDER BY engine")?
                .query_map(params![settings.id], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let emotions = connection
                .prepare(
                    "SELECT e.name, count(*), total(a.seconds), avg(a.confidence) FROM analyses a JOIN emotions e ON e.id = a.emotion
                     WHERE a.setting = ?1 GROUP BY e.id ORDER BY count(*) DESC, e.name",
                )?
                .query_map(params![settings.id], |row| {
                    Ok(EmotionStats {
                        emotion: row.get(0)?,
                        takes: row.get(1)?,
                        hours: rounded(row.get::<_, f64>(2)? / 3600.0),
                        confidence: rounded(row.get(3)?),
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            Ok(ModelStats {
                name: settings.model_name.clone(),
                id: settings.model_id.clone(),
                hop_seconds: rounded(settings.hop_seconds),
                priors: settings.priors.clone(),
                profile: settings.profile.clone(),
                engines,
                takes,
                hours: rounded(seconds / 3600.0),
                voiced_hours: rounded(voiced_seconds / 3600.0),
                without_voice,
                emotions,
            })
        })
    }
}

impl Stats {
    fn write(&self, library: &Library, out: &mut dyn Write) -> io::Result<()> {
        let mut line = |name: &str, text: String| writeln!(out, "{name:<12} {}", one_line(&text));
        let read_only = if library.writable() {
            ""
        } else {
            ", read-only"
        };
        line(
            "library",
            format!(
                "{} ({:.1} MB{read_only})",
                shown(library.path()),
                self.bytes as f64 / 1e6
            ),
        )?;
        for (index, folder) in self.folders.iter().enumerate() {
            line(if index == 0 { "folders" } else { "" }, folder.clone())?;
        }
        let not_read = match self.files_not_read {
            0 => String::new(),
            files => format!(" ({files} of them not read)"),
        };
        line(
            "takes",
            format!(
                "{}; files there: {}{}, missing: {}",
                self.takes, self.files, not_read, self.files_missing
            ),
        )?;
        line(
            "marks",
            format!(
                "chosen: {}, rejected: {}, with stars: {}, with a note: {}",
                self.chosen, self.rejected, self.starred, self.noted
            ),
        )?;
        for model in &self.models {
            let mut settings = format!("hop {} s", model.hop_seconds);
            if let Some(priors) = &model.priors {
                settings.push_str(&format!(", priors {priors}"));
            }
            if let Some(profile) = &model.profile {
                settings.push_str(&format!(", profile {profile}"));
            }
            writeln!(out)?;
            let mut line =
                |name: &str, text: String| writeln!(out, "{name:<12} {}", one_line(&text));
            line(
                "model",
                format!("{} ({}), {settings}", model.name, model.id),
            )?;
            line(
                "heard",
                format!(
                    "takes: {}, in all {}, {} of it voice; without voice: {}",
                    model.takes,
                    length(model.hours * 3600.0),
                    length(model.voiced_hours * 3600.0),
                    model.without_voice
                ),
            )?;
            if model.emotions.is_empty() {
                continue;
            }
            let mut table = comfy_table::Table::new();
            table.force_no_tty().load_style(table_style()).set_header([
                "emotion",
                "takes",
                "length",
                "confidence",
            ]);
            for (index, column) in table.column_iter_mut().enumerate() {
                column.set_padding((0, 2));
                if index > 0 {
                    column.set_cell_alignment(comfy_table::CellAlignment::Right);
                }
            }
            for emotion in &model.emotions {
                table.add_row([
                    one_line(&emotion.emotion),
                    emotion.takes.to_string(),
                    length(emotion.hours * 3600.0),
                    format!("{:.0} %", emotion.confidence * 100.0),
                ]);
            }
            writeln!(out, "{}", table.trim_fmt())?;
        }
        Ok(())
    }
}
