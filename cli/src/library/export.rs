//! `library export`: all takes, and all windows, as tables for other programs.
//!
//! The tables are made once, column by column and a piece at a time; [`Writer`]s put the pieces into Parquet, CSV or JSON.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rusqlite::params;
use undersong_core::delivery::TakeDelivery;
use undersong_core::model::EmotionSet;
use undersong_core::timeline::Timeline;
use undersong_core::timeline::csv::DELIVERY;

use super::error::Result;
use super::find::choose;
use super::found::{rounded, thousandths};
use super::marks::Mark;
use super::parquet::ParquetWriter;
use super::query::{Presence, Query, Sort};
use super::records::Record;
use super::settings::{Settings, hex};
use super::store::Library;
use crate::interrupt::write_undisturbed;
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

/// A column of a piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Text; `None` where there is none.
    Text(Vec<Option<String>>),
    /// Numbers, never NaN; `None` where there is none.
    Real(Vec<Option<f64>>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Yes or no.
    Flag(Vec<bool>),
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) values: Values,
}

/// Puts pieces of one table into a file; every piece has the same columns. A table without rows comes as one piece of none.
pub(super) trait Writer {
    /// The next piece.
    fn piece(&mut self, columns: &[Column]) -> io::Result<()>;
    /// The end.
    fn end(&mut self) -> io::Result<()>;
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
    if let [(_, _, one), (_, _, other)] = places.as_slice()
        && one == other
    {
        return Err(Trouble::Misused(format!(
            "{}: takes and windows can't go to the same file; give another name to one",
            shown(one)
        )));
    }
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
        let written = if path.file_stem().is_some_and(|stem| stem == "-") {
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
    let stdout = path.file_stem().is_some_and(|stem| stem == "-");
    match ending.as_deref() {
        Some("parquet") if !stdout => Ok(Kind::Parquet),
        Some("csv") => Ok(Kind::Csv),
        Some("json") => Ok(Kind::Json),
        _ => Err(Trouble::Misused(format!(
            "{}: expected a name that ends in .parquet, .csv or .json, which says what is written",
            shown(path)
        ))),
    }
}

impl Kind {
    fn writer(self, out: &mut dyn Write) -> Box<dyn Writer + '_> {
        match self {
            Self::Parquet => Box::new(ParquetWriter::new(out)),
            Self::Csv => Box::new(CsvWriter {
                rows: csv::Writer::from_writer(out),
                begun: false,
            }),
            Self::Json => Box::new(JsonWriter { out, rows: 0 }),
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
            let Some(take) = self.timeline(settings, record.analysis, record.path.clone())? else {
                continue;
            };
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

/// What else is known of an analysis.
#[derive(Debug)]
struct Detail {
    /// The sound's, in hexadecimal digits: by it takes and windows are joined.
    hash: String,
    engine: String,
    /// Mean score and share of the voiced time, of each emotion; `None` without voice.
    scores: Vec<Option<(f64, f64)>>,
    /// Read with the piece that a take stands in.
    delivery: Option<TakeDelivery>,
}

fn take_columns(
    settings: &Settings,
    records: &[Record],
    details: &BTreeMap<i64, Detail>,
) -> Vec<Column> {
    let detail = |record: &Record| details.get(&record.analysis);
    let text = |name: &str, of: &dyn Fn(&Record) -> Option<String>| Column {
        name: name.to_owned(),
        values: Values::Text(records.iter().map(of).collect()),
    };
    let real = |name: &str, of: &dyn Fn(&Record) -> Option<f64>| Column {
        name: name.to_owned(),
        values: Values::Real(
            records
                .iter()
                .map(|record| of(record).map(rounded))
                .collect(),
        ),
    };
    let flag = |name: &str, of: &dyn Fn(&Record) -> bool| Column {
        name: name.to_owned(),
        values: Values::Flag(records.iter().map(of).collect()),
    };
    let mut columns = vec![
        text("take", &|record| {
            detail(record).map(|detail| detail.hash.clone())
        }),
        text("path", &|record| {
            Some(record.path.to_string_lossy().into_owned())
        }),
        flag("missing", &|record| record.missing_ms.is_some()),
        real("seconds", &|record| Some(record.seconds)),
        real("voiced_seconds", &|record| Some(record.voiced_seconds)),
        text("emotion", &|record| record.emotion.clone()),
        real("valence", &|record| record.valence),
        real("arousal", &|record| record.arousal),
        real("confidence", &|record| record.confidence),
        flag("unsure", &|record| record.unsure),
    ];
    for (index, name) in settings.emotions.names().enumerate() {
        let score = |record: &Record| detail(record)?.scores.get(index).copied().flatten();
        columns.push(real(&format!("score_{name}"), &|record| {
            Some(score(record)?.0)
        }));
        columns.push(real(&format!("share_{name}"), &|record| {
            Some(score(record)?.1)
        }));
    }
    for (name, of) in TAKE_DELIVERY {
        columns.push(Column {
            name: name.to_owned(),
            values: Values::Real(
                records
                    .iter()
                    .map(|record| of(detail(record)?.delivery.as_ref()?).map(thousandths))
                    .collect(),
            ),
        });
    }
    columns.push(text("flags", &|record| {
        let flags = detail(record)?.delivery.as_ref()?.flags();
        Some(
            flags
                .iter()
                .map(|flag| flag.kind.id())
                .collect::<Vec<_>>()
                .join(","),
        )
    }));
    columns.extend([
        text("mark", &|record| {
            record.mark.map(|mark| Mark::name(mark).to_owned())
        }),
        Column {
            name: "stars".to_owned(),
            values: Values::Whole(records.iter().map(|record| record.stars.into()).collect()),
        },
        text("note", &|record| Some(record.note.clone())),
        text("model", &|_| Some(settings.model_name.clone())),
        text("model_id", &|_| Some(settings.model_id.clone())),
        real("hop_seconds", &|_| Some(settings.hop_seconds)),
        text("engine", &|record| {
            detail(record).map(|detail| detail.engine.clone())
        }),
    ]);
    columns
}

/// A measure's name, and where it is.
type Named<T> = (&'static str, fn(&T) -> Option<f64>);

/// A take's measures of the delivery.
const TAKE_DELIVERY: [Named<TakeDelivery>; 12] = [
    ("loudness_lufs", |it| it.loudness.integrated_lufs),
    ("loudness_range_lu", |it| it.loudness.range_lu),
    ("true_peak_dbtp", |it| it.loudness.true_peak_dbtp),
    ("level_db", |it| it.voice.level_db),
    ("pitch_hz", |it| it.voice.pitch_hz),
    ("melody_semitones", |it| it.voice.melody_semitones),
    ("syllables_per_second", |it| it.voice.syllables_per_second),
    ("brightness_db", |it| it.voice.brightness_db),
    ("pauses", |it| Some(it.pauses?.count as f64)),
    ("pauses_longest_seconds", |it| {
        Some(it.pauses?.longest_seconds)
    }),
    ("pauses_share", |it| Some(it.pauses?.share())),
    ("snr_db", |it| it.technical.snr_db),
];

/// Windows on their way into a piece.
#[derive(Debug)]
struct WindowPiece {
    take: Vec<Option<String>>,
    path: Vec<Option<String>>,
    /// Start, end, voiced seconds, valence, arousal, confidence.
    numbers: [Vec<Option<f64>>; 6],
    leading: Vec<Option<String>>,
    unsure: Vec<bool>,
    scores: Vec<Vec<Option<f64>>>,
    /// Of [`DELIVERY`].
    delivery: [Vec<Option<f64>>; DELIVERY.len()],
}

impl WindowPiece {
    fn new(emotions: &EmotionSet) -> Self {
        Self {
            take: Vec::new(),
            path: Vec::new(),
            numbers: Default::default(),
            leading: Vec::new(),
            unsure: Vec::new(),
            scores: vec![Vec::new(); emotions.len()],
            delivery: Default::default(),
        }
    }

    fn rows(&self) -> usize {
        self.take.len()
    }

    fn push(&mut self, hash: &str, take: &Timeline) {
        let path = take.path.to_string_lossy();
        for window in &take.windows {
            let reading = window.reading.as_ref();
            self.take.push(Some(hash.to_owned()));
            self.path.push(Some(path.clone().into_owned()));
            let numbers = [
                Some(window.start_seconds),
                Some(window.end_seconds),
                Some(window.voiced_seconds),
                reading.map(|reading| reading.valence.into()),
                reading.map(|reading| reading.arousal.into()),
                reading.map(|reading| reading.confidence.into()),
            ];
            for (column, number) in self.numbers.iter_mut().zip(numbers) {
                column.push(number.map(rounded));
            }
            self.leading.push(
                window
                    .leading()
                    .map(|index| take.emotion_name(index).to_owned()),
            );
            self.unsure
                .push(reading.is_none_or(|reading| reading.unsure));
            for (index, column) in self.scores.iter_mut().enumerate() {
                let score = reading.and_then(|reading| reading.scores.0.get(index).copied());
                column.push(score.map(|score| rounded(score.into())));
            }
            for (column, (_, of)) in self.delivery.iter_mut().zip(DELIVERY) {
                column.push(window.delivery.as_ref().and_then(of).map(thousandths));
            }
        }
    }

    /// The columns; what follows begins anew.
    fn take(&mut self, emotions: &EmotionSet) -> Vec<Column> {
        let piece = std::mem::replace(self, Self::new(emotions));
        let [start, end, voiced, valence, arousal, confidence] = piece.numbers.map(Values::Real);
        let mut columns = vec![
            ("take".to_owned(), Values::Text(piece.take)),
            ("path".to_owned(), Values::Text(piece.path)),
            ("start_seconds".to_owned(), start),
            ("end_seconds".to_owned(), end),
            ("voiced_seconds".to_owned(), voiced),
            ("leading".to_owned(), Values::Text(piece.leading)),
        ];
        for (name, scores) in emotions.names().zip(piece.scores) {
            columns.push((format!("score_{name}"), Values::Real(scores)));
        }
        columns.extend([
            ("valence".to_owned(), valence),
            ("arousal".to_owned(), arousal),
            ("confidence".to_owned(), confidence),
            ("unsure".to_owned(), Values::Flag(piece.unsure)),
        ]);
        for ((name, _), measures) in DELIVERY.iter().zip(piece.delivery) {
            columns.push(((*name).to_owned(), Values::Real(measures)));
        }
        columns
            .into_iter()
            .map(|(name, values)| Column { name, values })
            .collect()
    }
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Real(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Flag(values) => values.len(),
        }
    }

    /// A value; `Null` where there is none.
    fn json(&self, row: usize) -> serde_json::Value {
        match self {
            Self::Text(values) => values.get(row).cloned().flatten().into(),
            Self::Real(values) => values.get(row).copied().flatten().into(),
            Self::Whole(values) => values.get(row).copied().into(),
            Self::Flag(values) => values.get(row).copied().into(),
        }
    }
}

/// CSV: a header and a row each (RFC 4180).
struct CsvWriter<'a> {
    rows: csv::Writer<&'a mut dyn Write>,
    begun: bool,
}

impl Writer for CsvWriter<'_> {
    fn piece(&mut self, columns: &[Column]) -> io::Result<()> {
        if !self.begun {
            self.rows
                .write_record(columns.iter().map(|column| &column.name))?;
            self.begun = true;
        }
        let rows = columns.first().map_or(0, |column| column.values.len());
        for row in 0..rows {
            for column in columns {
                let field = match column.values.json(row) {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                };
                self.rows.write_field(field)?;
            }
            self.rows.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// JSON: a list with an object for each row, a line each.
struct JsonWriter<'a> {
    out: &'a mut dyn Write,
    rows: usize,
}

impl Writer for JsonWriter<'_> {
    fn piece(&mut self, columns: &[Column]) -> io::Result<()> {
        let rows = columns.first().map_or(0, |column| column.values.len());
        for row in 0..rows {
            self.out
                .write_all(if self.rows == 0 { b"[\n" } else { b",\n" })?;
            self.rows += 1;
            self.out.write_all(b"{")?;
            for (index, column) in columns.iter().enumerate() {
                if index > 0 {
                    self.out.write_all(b",")?;
                }
                serde_json::to_writer(&mut *self.out, &column.name)?;
                self.out.write_all(b":")?;
                serde_json::to_writer(&mut *self.out, &column.values.json(row))?;
            }
            self.out.write_all(b"}")?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out
            .write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })
    }
}
