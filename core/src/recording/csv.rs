//! CSV: one row per part, for spreadsheets, R and pandas.

use std::io::{self, Write};

use super::RecordingMap;
use crate::timeline::Reading;
use crate::timeline::json::{rounded, seconds};

/// Writes a map as CSV with a header (RFC 4180, UTF-8, lines end in LF), one row per section, highlight, turn, and minute.
///
/// Columns: `part` (`section`, `highlight`, `turn`, `minute`), `speaker` (empty for all together), `start_seconds`, `end_seconds`,
/// `cut_start_seconds`, `cut_end_seconds` (highlights only), `text`, `voiced_seconds` (sections and minutes only), `emotion`, one `score_NAME` per
/// emotion in the model's order, `valence`, `arousal`, `confidence`, `unsure`. Without voice the emotion and the numbers are empty and `unsure`
/// is `true`.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a value that isn't a number.
pub fn write(map: &RecordingMap, out: impl Write) -> io::Result<()> {
    let mut rows = Rows {
        map,
        rows: csv::Writer::from_writer(out),
    };
    rows.header()?;
    for section in &map.sections {
        rows.row(&Row {
            part: "section",
            at: (section.start_seconds, section.end_seconds),
            text: &section.title,
            voiced_seconds: Some(section.voiced_seconds.iter().sum()),
            reading: section.reading.as_ref(),
            ..Row::default()
        })?;
    }
    for highlight in &map.highlights {
        rows.row(&Row {
            part: "highlight",
            speaker: map.speaker_name(highlight.speaker),
            at: (highlight.start_seconds, highlight.end_seconds),
            cut: Some((highlight.cut_start_seconds, highlight.cut_end_seconds)),
            text: &format!("{}: {}", highlight.kind.name(), highlight.text),
            reading: Some(&highlight.reading),
            ..Row::default()
        })?;
    }
    for turn in &map.turns {
        rows.row(&Row {
            part: "turn",
            speaker: map.speaker_name(turn.speaker),
            at: (turn.start_seconds, turn.end_seconds),
            reading: turn.reading.as_ref(),
            ..Row::default()
        })?;
    }
    for minute in &map.minutes {
        let all = std::iter::once(("", &minute.all));
        let each = minute.speakers.iter().enumerate();
        let each = each.map(|(speaker, voice)| (map.speaker_name(speaker), voice));
        for (speaker, voice) in all.chain(each) {
            rows.row(&Row {
                part: "minute",
                speaker,
                at: (minute.start_seconds, minute.end_seconds),
                voiced_seconds: Some(voice.voiced_seconds),
                reading: voice.reading.as_ref(),
                ..Row::default()
            })?;
        }
    }
    rows.rows.flush()
}

#[derive(Default)]
struct Row<'a> {
    part: &'a str,
    speaker: &'a str,
    at: (f64, f64),
    cut: Option<(f64, f64)>,
    text: &'a str,
    voiced_seconds: Option<f64>,
    reading: Option<&'a Reading>,
}

struct Rows<'a, W: Write> {
    map: &'a RecordingMap,
    rows: csv::Writer<W>,
}

impl<W: Write> Rows<'_, W> {
    fn header(&mut self) -> io::Result<()> {
        for name in [
            "part",
            "speaker",
            "start_seconds",
            "end_seconds",
            "cut_start_seconds",
            "cut_end_seconds",
            "text",
            "voiced_seconds",
            "emotion",
        ] {
            self.rows.write_field(name)?;
        }
        for name in self.map.scan.model.emotions.names() {
            self.rows.write_field(format!("score_{name}"))?;
        }
        self.rows
            .write_record(["valence", "arousal", "confidence", "unsure"])?;
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let optional = |value: Option<f64>| -> io::Result<String> {
            value.map_or(Ok(String::new()), |it| Ok(rounded(it)?.to_string()))
        };
        let emotions = &self.map.scan.model.emotions;
        let leading = row.reading.and_then(|it| it.scores.leading());
        let name = leading.and_then(|index| emotions.get(index));
        let fields = [
            row.part.to_owned(),
            row.speaker.to_owned(),
            seconds(row.at.0)?.to_string(),
            seconds(row.at.1)?.to_string(),
            optional(row.cut.map(|it| it.0))?,
            optional(row.cut.map(|it| it.1))?,
            row.text.to_owned(),
            optional(row.voiced_seconds)?,
            name.map_or_else(String::new, |it| it.name.clone()),
        ];
        for field in fields {
            self.rows.write_field(field)?;
        }
        for index in 0..emotions.len() {
            let score = row.reading.and_then(|it| it.scores.0.get(index));
            self.rows
                .write_field(optional(score.map(|&it| it.into()))?)?;
        }
        let number = |of: fn(&Reading) -> f32| optional(row.reading.map(|it| of(it).into()));
        self.rows.write_record([
            number(|it| it.valence)?,
            number(|it| it.arousal)?,
            number(|it| it.confidence)?,
            row.reading.is_none_or(|it| it.unsure).to_string(),
        ])?;
        Ok(())
    }
}
