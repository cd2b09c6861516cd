//! What `find` found, as JSON and CSV.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::moments::{Moment, emotion_name};
use super::records::Record;
use super::settings::Settings;
use crate::library::marks::Mark;

/// Version of the JSON; fields may be added within it.
const VERSION: u32 = 1;

/// Something found.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entry {
    /// A take.
    Take(Record),
    /// A moment of one.
    Moment(Moment),
}

impl Entry {
    /// What it is about.
    pub(super) fn record(&self) -> &Record {
        match self {
            Self::Take(record) => record,
            Self::Moment(Moment { record, .. }) => record,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) library: &'a Path,
    pub(crate) settings: &'a Settings,
    /// Moments were asked for.
    pub(crate) moments: bool,
    pub(crate) entries: Vec<Entry>,
}

/// An entry, as other programs read it: the fields of the JSON and the columns of the CSV.
#[derive(Debug, Serialize)]
struct Row<'a> {
    path: String,
    missing: bool,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_seconds: Option<f64>,
    emotion: Option<&'a str>,
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    peak: Option<f64>,
    valence: Option<f64>,
    arousal: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unsure: Option<bool>,
    loudness_lufs: Option<f64>,
    pitch_hz: Option<f64>,
    syllables_per_second: Option<f64>,
    mark: Option<&'static str>,
    stars: u8,
    note: &'a str,
}

#[derive(Serialize)]
struct Whole<'a> {
    version: u32,
    library: String,
    model: ModelRow<'a>,
    of: &'static str,
    found: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct ModelRow<'a> {
    name: &'a str,
    id: &'a str,
    labels: Vec<&'a str>,
    hop_seconds: f64,
}

impl Found<'_> {
    /// The files that were found.
    pub(crate) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.entries.iter().map(|entry| entry.record().path.clone())
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.entries.iter().map(|entry| {
            let record = entry.record();
            let row = Row {
                path: record.path.to_string_lossy().into_owned(),
                missing: record.missing_ms.is_some(),
                seconds: rounded(record.seconds),
                start_seconds: None,
                end_seconds: None,
                emotion: record.emotion.as_deref(),
                score: record.score.map(rounded),
                peak: None,
                valence: record.valence.map(rounded),
                arousal: record.arousal.map(rounded),
                confidence: Some(record.confidence.map(rounded)),
                unsure: Some(record.unsure),
                loudness_lufs: record.loudness_lufs.map(thousandths),
                pitch_hz: record.pitch_hz.map(thousandths),
                syllables_per_second: record.syllables_per_second.map(thousandths),
                mark: record.mark.map(Mark::name),
                stars: record.stars,
                note: &record.note,
            };
            match entry {
                Entry::Take(_) => row,
                Entry::Moment(moment) => Row {
                    start_seconds: Some(rounded(moment.start_seconds)),
                    end_seconds: Some(rounded(moment.end_seconds)),
                    emotion: Some(emotion_name(&self.settings.emotions, moment.emotion)),
                    score: Some(rounded(moment.score)),
                    peak: Some(rounded(moment.peak)),
                    valence: Some(rounded(moment.valence)),
                    arousal: Some(rounded(moment.arousal)),
                    confidence: None,
                    unsure: None,
                    ..row
                },
            }
        })
    }

    /// Writes one JSON object, as `cli/schema/library-find.schema.json` has it.
    pub(crate) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let whole = Whole {
            version: VERSION,
            library: self.library.to_string_lossy().into_owned(),
            model: ModelRow {
                name: &self.settings.model_name,
                id: &self.settings.model_id,
                labels: self.settings.emotions.names().collect(),
                hop_seconds: rounded(self.settings.hop_seconds),
            },
            of: if self.moments { "moments" } else { "takes" },
            found: self.rows().collect(),
        };
        serde_json::to_writer(&mut *out, &whole)?;
        out.write_all(b"\n")
    }

    /// Writes a header and a row for each (RFC 4180).
    pub(crate) fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows = csv::Writer::from_writer(out);
        let span: &[&str] = if self.moments {
            &["start_seconds", "end_seconds"]
        } else {
            &[]
        };
        let sure: &[&str] = if self.moments {
            &["peak"]
        } else {
            &["confidence", "unsure"]
        };
        let header = ["path", "missing", "seconds"]
            .iter()
            .chain(span)
            .chain(&["emotion", "score", "valence", "arousal"])
            .chain(sure)
            .chain(&["loudness_lufs", "pitch_hz", "syllables_per_second"])
            .chain(&["mark", "stars", "note"]);
        rows.write_record(header)?;
        let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        for row in self.rows() {
            let mut fields = vec![row.path, row.missing.to_string(), row.seconds.to_string()];
            if self.moments {
                fields.extend([number(row.start_seconds), number(row.end_seconds)]);
            }
            fields.push(row.emotion.unwrap_or_default().to_owned());
            fields.extend([row.score, row.valence, row.arousal].map(number));
            if self.moments {
                fields.push(number(row.peak));
            } else {
                fields.push(number(row.confidence.flatten()));
                fields.push(row.unsure.unwrap_or(true).to_string());
            }
            fields.extend([row.loudness_lufs, row.pitch_hz, row.syllables_per_second].map(number));
            fields.extend([
                row.mark.unwrap_or_default().to_owned(),
                row.stars.to_string(),
                row.note.to_owned(),
            ]);
            rows.write_record(fields)?;
        }
        rows.flush()
    }
}

/// Six decimals, as in a scan's JSON; never `-0`.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6 + 0.0
}

/// A measure of the delivery, as in a scan's JSON: three decimals, more than any is exact to.
pub(super) fn thousandths(value: f64) -> f64 {
    (rounded(value) * 1e3).round() / 1e3 + 0.0
}
