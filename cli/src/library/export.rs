//! `library export`: all takes, and all windows, as tables for other programs.
//!
//! The tables are made once, column by column and a piece at a time; [`Writer`]s put the pieces into Parquet, CSV or JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rusqlite::params;

use super::columns::{Detail, WindowPiece, take_columns};
use super::error::Result;
use super::find::choose;
use super::parquet::ParquetWriter;
use super::pieces::{CsvWriter, JsonWriter, Writer};
use super::query::{Presence, Query, Sort};
use super::records::Record;
use super::settings::{Settings, hex};
use super::store::Library;
use crate::interrupt::write_undisturbed;
use crate::places::Places;
use crate::terminal::{print, shown};
use crate::trouble::{Outcome, Trouble};

/// Rows of a piece: a row group of a Parquet file.
const PIECE_ROWS: usize = 65_536;

/// Arguments of `undersong library export`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A row for each take's file: .parquet, .csv or .json; a CSV or JSON on standard output: -.csv or -.json
    #[arg(
        value_name = "FILE",
        required_unless_present = "windows",
        allow_hyphen_values = true
    )]
    takes: Option<PathBuf>,
    /// A row for each window of each take: .parquet, .csv or .json
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    windows: Option<PathBuf>,
    /// As heard by this model: its id or name, as `stats` tells them [default: the one last used]
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Leave out takes whose file is gone
    #[arg(long)]
    present: bool,
}

/// Which kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Parquet,
    Csv,
    Json,
}

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contents {
    Takes,
    Windows,
}

/// Runs the command.
pub(crate) fn run(library: &Library, args: &Args) -> std::result::Result<Outcome, Trouble> {
    let asked = [
        (Contents::Takes, &args.takes),
        (Contents::Windows, &args.windows),
    ];
    let mut places: Vec<(Contents, Kind, &Path)> = Vec::new();
    for (contents, path) in asked {
        if let Some(path) = path {
            places.push((contents, kind_of(path)?, path));
        }
    }
    let mut claimed = Places::with_library(&[], Some(library.path()));
    let mut on_stdout = 0;
    for (contents, _, path) in &places {
        if is_stdout(path) {
            on_stdout += 1;
        } else {
            claimed.claim(contents.option(), path)?;
        }
    }
    if on_stdout > 1 {
        return Err(Trouble::Misused(
            "standard output carries one table only; give the other a file name".to_owned(),
        ));
    }
    // All of it from one state of the library, whatever other programs write meanwhile.
    let _one_state = library.hold()?;
    let settings = choose(library, args.model.as_deref())?;
    let query = Query {
        presence: if args.present {
            Presence::There
        } else {
            Presence::Either
        },
        sort: Sort::Path,
        ..Query::default()
    };
    let records = library.records(&settings, &query)?;
    for (contents, kind, path) in places {
        let mut stopped = None;
        let mut write = |out: &mut dyn Write| {
            let mut writer = kind.writer(out);
            let done = match contents {
                Contents::Takes => library.export_takes(&settings, &records, writer.as_mut()),
                Contents::Windows => library.export_windows(&settings, &records, writer.as_mut()),
            };
            match done {
                Ok(Ok(())) => writer.end(),
                Ok(Err(error)) => Err(error),
                Err(error) => {
                    stopped = Some(error);
                    Err(io::Error::other("the library could not be read"))
                }
            }
        };
        let written = if is_stdout(path) {
            print(write)
        } else {
            write_undisturbed(path, &mut write).map_err(Trouble::failed)
        };
        if let Some(error) = stopped {
            return Err(error.into());
        }
        written?;
    }
    Ok(Outcome::Complete)
}

fn kind_of(path: &Path) -> std::result::Result<Kind, Trouble> {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("parquet") if !is_stdout(path) => Ok(Kind::Parquet),
        Some("csv") => Ok(Kind::Csv),
        Some("json") => Ok(Kind::Json),
        _ => Err(Trouble::Misused(format!(
            "{}: expected a name that ends in .parquet, .csv or .json, which says what is written",
            shown(path)
        ))),
    }
}

/// Whether a name stands for standard output.
fn is_stdout(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "-")
}

impl Contents {
    /// How a file for it is asked for.
    fn option(self) -> &'static str {
        match self {
            Self::Takes => "export",
            Self::Windows => "--windows",
        }
    }
}

impl Kind {
    fn writer(self, out: &mut dyn Write) -> Box<dyn Writer + '_> {
        match self {
            Self::Parquet => Box::new(ParquetWriter::new(out)),
            Self::Csv => Box::new(CsvWriter::new(out)),
            Self::Json => Box::new(JsonWriter::new(out)),
        }
    }
}

/// What the library or the file that is written says.
type Written = Result<io::Result<()>>;

impl Library {
    fn export_takes(
        &self,
        settings: &Settings,
        records: &[Record],
        writer: &mut dyn Writer,
    ) -> Written {
        let mut details = self.details(settings)?;
        // A piece also where there is no take, so that the columns are told.
        for piece in records
            .chunks(PIECE_ROWS)
            .chain(records.is_empty().then_some(records))
        {
            for record in piece {
                let take = self.timeline(settings, record.analysis, record.path.clone())?;
                if let Some(detail) = details.get_mut(&record.analysis) {
                    detail.delivery = take.and_then(|take| take.summary.delivery);
                }
            }
            if let Err(error) = writer.piece(&take_columns(settings, piece, &details)) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn export_windows(
        &self,
        settings: &Settings,
        records: &[Record],
        writer: &mut dyn Writer,
    ) -> Written {
        let details = self.details(settings)?;
        let mut piece = WindowPiece::new(&settings.emotions);
        let mut done = std::collections::HashSet::new();
        let mut none = true;
        for record in records {
            // A sound in several files has its windows once.
            if !done.insert(record.analysis) {
                continue;
            }
            let take = self
                .timeline(settings, record.analysis, record.path.clone())?
                .ok_or_else(|| {
                    self.damaged(format!("no windows of analysis {}", record.analysis))
                })?;
            let hash = details
                .get(&record.analysis)
                .map_or("", |detail| detail.hash.as_str());
            piece.push(hash, &take);
            if piece.rows() >= PIECE_ROWS {
                none = false;
                if let Err(error) = writer.piece(&piece.take(&settings.emotions)) {
                    return Ok(Err(error));
                }
            }
        }
        if none || piece.rows() > 0 {
            return Ok(writer.piece(&piece.take(&settings.emotions)));
        }
        Ok(Ok(()))
    }

    /// What records don't have, by analysis.
    fn details(&self, settings: &Settings) -> Result<BTreeMap<i64, Detail>> {
        self.read(|connection| {
            let mut details: BTreeMap<i64, Detail> = connection
                .prepare("SELECT a.id, s.hash, a.engine FROM analyses a JOIN sounds s ON s.id = a.sound WHERE a.setting = ?1")?
                .query_map(params![settings.id], |row| {
                    let hash: Vec<u8> = row.get(1)?;
                    Ok((
                        row.get(0)?,
                        Detail {
                            hash: hex(&hash),
                            engine: row.get(2)?,
                            delivery: None,
                            scores: vec![None; settings.emotions.len()],
                        },
                    ))
                })?
                .collect::<rusqlite::Result<_>>()?;
            let mut statement = connection.prepare(
                "SELECT c.analysis, e.name, c.mean, c.share FROM scores c JOIN emotions e ON e.id = c.emotion
                 JOIN analyses a ON a.id = c.analysis WHERE a.setting = ?1 AND a.emotion IS NOT NULL",
            )?;
            let mut rows = statement.query(params![settings.id])?;
            while let Some(row) = rows.next()? {
                let name: String = row.get(1)?;
                if let (Some(detail), Some(index)) =
                    (details.get_mut(&row.get(0)?), settings.emotions.index_of(&name))
                    && let Some(place) = detail.scores.get_mut(index)
                {
                    *place = Some((row.get(2)?, row.get(3)?));
                }
            }
            Ok(details)
        })
    }
}
