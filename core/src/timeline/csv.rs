//! CSV: one row per window, for spreadsheets, R and pandas.

use std::io::{self, Write};

use super::json::{rounded, seconds};
use super::{Reading, Scan};

/// Writes a scan as CSV with a header (RFC 4180, UTF-8, lines end in LF), one row per window.
///
/// Columns: `path`, `start_seconds`, `end_seconds`, `voiced`, `leading`, one `score_NAME` per emotion in the model's order,
/// `valence`, `arousal`, `confidence`, `unsure`. Without voice, `leading` and the numbers are empty and `unsure` is `true`. Takes
/// that failed have no rows.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a value that isn't a number.
pub fn write(scan: &Scan, out: impl Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    let emotions = &scan.model.emotions;
    for name in ["path", "start_seconds", "end_seconds", "voiced", "leading"] {
        rows.write_field(name)?;
    }
    for name in emotions.names() {
        rows.write_field(format!("score_{name}"))?;
    }
    rows.write_record(["valence", "arousal", "confidence", "unsure"])?;

    for take in &scan.takes {
        let path = take.path.to_string_lossy();
        for window in &take.windows {
            rows.write_field(path.as_bytes())?;
            rows.write_field(seconds(window.start_seconds)?.to_string())?;
            rows.write_field(seconds(window.end_seconds)?.to_string())?;
            rows.write_field(window.voiced().to_string())?;
            rows.write_field(
                window
                    .leading()
                    .map_or("", |index| take.emotion_name(index)),
            )?;
            let reading = window.reading.as_ref();
            let scores = reading.map(|reading| reading.scores.0.as_slice());
            for index in 0..emotions.len() {
                let score = scores.and_then(|scores| scores.get(index));
                rows.write_field(optional(score.copied())?)?;
            }
            let number = |of: fn(&Reading) -> f32| optional(reading.map(of));
            rows.write_record([
                number(|reading| reading.valence)?,
                number(|reading| reading.arousal)?,
                number(|reading| reading.confidence)?,
                reading.is_none_or(|reading| reading.unsure).to_string(),
            ])?;
        }
    }
    rows.flush()
}

fn optional(value: Option<f32>) -> io::Result<String> {
    value.map_or(Ok(String::new()), |value| {
        rounded(f64::from(value)).map(|value| value.to_string())
    })
}
