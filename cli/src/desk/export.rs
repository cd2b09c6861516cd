//! What is listed on the page, as files for other programs; written by the writers of `core` and of the library.

use std::io::{Cursor, Write};
use std::sync::Arc;

use undersong_core::timeline::{Scan, Timeline, csv, file_names, labels, markers};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::shelf::Row;
use super::state::Desk;
use crate::library::{Entry, Found, Record, write_playlist};

/// A kind of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A row a take.
    Csv,
    /// A row a window.
    Windows,
    Json,
    Playlist,
    Labels,
    Regions,
}

/// A file for the user.
#[derive(Debug)]
pub(super) struct Exported {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Kind {
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "csv" => Self::Csv,
            "windows" => Self::Windows,
            "json" => Self::Json,
            "m3u" => Self::Playlist,
            "labels" => Self::Labels,
            "regions" => Self::Regions,
            _ => return None,
        })
    }
}

/// Exports takes in the order of their numbers here. One that is not scanned is an error that names it.
pub(super) fn export(desk: &Desk, kind: Kind, ids: &[u32]) -> Result<Exported, String> {
    match kind {
        Kind::Csv | Kind::Json | Kind::Playlist => records(desk, kind, ids),
        Kind::Windows => windows(desk, ids),
        Kind::Labels | Kind::Regions => each(desk, kind, ids),
    }
}

fn failed(error: impl std::fmt::Display) -> String {
    format!("the export could not be written ({error})")
}

fn records(desk: &Desk, kind: Kind, ids: &[u32]) -> Result<Exported, String> {
    let library = desk.keeper.path();
    let records: Vec<Record> = {
        let shelf = desk.shelf();
        let take = |&id: &u32| {
            shelf
                .get(id)
                .and_then(|row| record(desk, row))
                .ok_or_else(|| not_scanned(shelf.get(id)))
        };
        ids.iter().map(take).collect::<Result<_, _>>()?
    };
    let found = Found {
        library,
        settings: desk.keeper.settings(),
        moments: false,
        entries: records.into_iter().map(Entry::Take).collect(),
    };
    let mut bytes = Vec::new();
    let (name, kind, written) = match kind {
        Kind::Csv => (
            "takes.csv",
            "text/csv; charset=utf-8",
            found.write_csv(&mut bytes),
        ),
        Kind::Json => (
            "takes.json",
            "application/json",
            found.write_json(&mut bytes),
        ),
        _ => (
            "takes.m3u8",
            "audio/x-mpegurl",
            write_playlist(&found, &mut bytes),
        ),
    };
    written.map_err(failed)?;
    Ok(Exported {
        name: name.to_owned(),
        kind,
        bytes,
    })
}

fn not_scanned(row: Option<&Row>) -> String {
    let name = row.and_then(|row| row.path.file_name()).unwrap_or_default();
    format!(
        "{} is not scanned yet; leave it out",
        name.to_string_lossy()
    )
}

/// A take as the library would tell of it.
fn record(desk: &Desk, row: &Row) -> Option<Record> {
    let heard = row
        .heard
        .as_ref()
        .filter(|heard| heard.analysis.is_some() || heard.timeline.is_some())?;
    let reading = heard.reading.as_ref();
    let emotions = &desk.keeper.settings().emotions;
    let leading = reading.and_then(|reading| emotions.get(reading.scores.leading()?));
    let number = |of: fn(&undersong_core::timeline::Reading) -> f32| reading.map(of).map(f64::from);
    Some(Record {
        take: heard.take.unwrap_or(0),
        analysis: heard.analysis.unwrap_or(0),
        path: row.path.clone(),
        missing_ms: row.missing.then_some(0),
        seconds: heard.seconds,
        voiced_seconds: heard.voiced_seconds,
        emotion: leading.map(|emotion| emotion.name.clone()),
        confidence: number(|reading| reading.confidence),
        valence: number(|reading| reading.valence),
        arousal: number(|reading| reading.arousal),
        loudness_lufs: heard.figures.loudness_lufs,
        pitch_hz: heard.figures.pitch_hz,
        syllables_per_second: heard.figures.syllables_per_second,
        unsure: reading.is_none_or(|reading| reading.unsure),
        score: number(|reading| reading.confidence),
        mark: heard.thought.mark,
        stars: heard.thought.stars,
        note: heard.thought.note.clone(),
    })
}

fn timelines(desk: &Desk, ids: &[u32]) -> Result<Vec<Timeline>, String> {
    ids.iter()
        .map(|&id| {
            let timeline = desk.timeline(id);
            timeline.map(Arc::unwrap_or_clone).map_err(|error| {
                let shelf = desk.shelf();
                let name = shelf
                    .get(id)
                    .and_then(|row| row.path.file_name())
                    .unwrap_or_default();
                format!("{}: {error}", name.to_string_lossy())
            })
        })
        .collect()
}

fn windows(desk: &Desk, ids: &[u32]) -> Result<Exported, String> {
    let settings = desk.keeper.settings();
    let mut model = desk.model.metadata().clone();
    // The takes' own, where they were analysed with another model.
    model.emotions = settings.emotions.clone();
    let scan = Scan {
        model,
        model_id: settings.model_id.clone(),
        engine: String::new(),
        profile: settings.profile.clone(),
        hop_seconds: settings.hop_seconds,
        takes: timelines(desk, ids)?,
        failed: Vec::new(),
    };
    let mut bytes = Vec::new();
    csv::write(&scan, &mut bytes).map_err(failed)?;
    Ok(Exported {
        name: "windows.csv".to_owned(),
        kind: "text/csv; charset=utf-8",
        bytes,
    })
}

/// A file for each take: as it is for one, packed together for several.
fn each(desk: &Desk, kind: Kind, ids: &[u32]) -> Result<Exported, String> {
    let takes = timelines(desk, ids)?;
    let (ending, type_) = match kind {
        Kind::Labels => (labels::ENDING, "text/plain; charset=utf-8"),
        _ => (markers::ENDING, "text/csv; charset=utf-8"),
    };
    let write = |take: &Timeline, out: &mut dyn Write| match kind {
        Kind::Labels => labels::write(take, out),
        _ => markers::write(take, out),
    };
    let names = file_names(&takes, ending);
    if let ([take], [name]) = (takes.as_slice(), names.as_slice()) {
        let mut bytes = Vec::new();
        write(take, &mut bytes).map_err(failed)?;
        return Ok(Exported {
            name: name.clone(),
            kind: type_,
            bytes,
        });
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (take, name) in takes.iter().zip(&names) {
        archive
            .start_file(name, SimpleFileOptions::default())
            .map_err(failed)?;
        write(take, &mut archive).map_err(failed)?;
    }
    let name = match kind {
        Kind::Labels => "labels.zip",
        _ => "regions.zip",
    };
    Ok(Exported {
        name: name.to_owned(),
        kind: "application/zip",
        bytes: archive.finish().map_err(failed)?.into_inner(),
    })
}
