//! JSON of compared takes: `core/schema/takes.schema.json` is its definition, with the same promises as a scan's.

use std::io::{self, Write};

use serde::Serialize;
use undersong_core::timeline::{Scan, Timeline, json};

use super::compare::{Measured, Numbers};
use super::line::{Line, Take};
use super::roles::Role;

/// Version of the contract.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a, F> {
    version: u32,
    lines: Vec<LineJson<'a>>,
    failed: F,
}

#[derive(Serialize)]
struct LineJson<'a> {
    line: &'a str,
    wanted: Option<WantedJson<'a>>,
    takes: Vec<TakeJson<'a>>,
}

#[derive(Serialize)]
struct WantedJson<'a> {
    emotion: Option<&'a str>,
    intensity: Option<f64>,
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct TakeJson<'a> {
    path: String,
    roles: &'a [Role],
    reason: String,
    flags: Vec<&'a str>,
    summary: SummaryJson<'a>,
}

/// The take's summary as a scan has it, and the numbers by which it was compared.
struct SummaryJson<'a> {
    take: &'a Timeline,
    numbers: Option<NumbersJson>,
}

#[derive(Clone, Serialize)]
struct NumbersJson {
    closeness: Option<f64>,
    closeness_error: Option<f64>,
    safety: f64,
    safety_error: f64,
    difference: Option<f64>,
    difference_error: Option<f64>,
}

impl Serialize for SummaryJson<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Whole<T> {
            #[serde(flatten)]
            summary: T,
            comparison: Option<NumbersJson>,
        }
        Whole {
            summary: json::summary(self.take),
            comparison: self.numbers.clone(),
        }
        .serialize(serializer)
    }
}

/// Writes lines as one JSON object and a newline.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a value that isn't a number.
pub(crate) fn write(lines: &[Line], scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        lines: lines
            .iter()
            .map(|it| line(it, scan))
            .collect::<io::Result<_>>()?,
        failed: json::failures(&scan.failed),
    };
    json::write_document(&document, out)
}

fn line<'a>(line: &'a Line, scan: &'a Scan) -> io::Result<LineJson<'a>> {
    let emotion = line
        .wanted
        .as_ref()
        .and_then(|it| scan.model.emotions.get(it.emotion));
    let intensity = line.wanted.as_ref().and_then(|it| it.intensity);
    let said = emotion.is_some() || line.text.is_some();
    let takes = line
        .takes
        .iter()
        .filter_map(|it| Some((it, it.timeline(scan)?)));
    Ok(LineJson {
        line: &line.name,
        wanted: said
            .then(|| {
                Ok::<_, io::Error>(WantedJson {
                    emotion: emotion.map(|it| it.name.as_str()),
                    intensity: intensity.map(json::rounded).transpose()?,
                    text: line.text.as_deref(),
                })
            })
            .transpose()?,
        takes: takes
            .map(|(it, timeline)| take(it, timeline))
            .collect::<io::Result<_>>()?,
    })
}

fn take<'a>(take: &'a Take, timeline: &'a Timeline) -> io::Result<TakeJson<'a>> {
    Ok(TakeJson {
        path: timeline.path.to_string_lossy().into_owned(),
        roles: &take.roles,
        reason: take.reason(),
        flags: take.flags.iter().map(|flag| flag.code).collect(),
        summary: SummaryJson {
            take: timeline,
            numbers: take.numbers.as_ref().map(numbers).transpose()?,
        },
    })
}

fn numbers(numbers: &Numbers) -> io::Result<NumbersJson> {
    let value = |it: Option<Measured>| it.map(|it| json::rounded(it.value)).transpose();
    let error = |it: Option<Measured>| it.map(|it| json::rounded(it.error)).transpose();
    Ok(NumbersJson {
        closeness: value(numbers.closeness)?,
        closeness_error: error(numbers.closeness)?,
        safety: json::rounded(numbers.safety.value)?,
        safety_error: json::rounded(numbers.safety.error)?,
        difference: value(numbers.difference)?,
        difference_error: error(numbers.difference)?,
    })
}
