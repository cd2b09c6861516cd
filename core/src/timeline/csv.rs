//! CSV: one row per window, for spreadsheets, R and pandas.

use std::io::{self, Write};

use super::delivered::measure;
use super::json::{rounded, seconds};
use super::{Reading, Scan};
use crate::delivery::Delivery;

/// A column of the delivery: its name, and where the number comes from.
pub type DeliveryColumn = (&'static str, fn(&Delivery) -> Option<f64>);

/// Columns of the delivery.
pub const DELIVERY: [DeliveryColumn; 6] = [
    ("loudness_lufs", |it| it.loudness_lufs),
    ("level_db", |it| it.level_db),
    ("pitch_hz", |it| it.pitch_hz),
    ("melody_semitones", |it| it.melody_semitones),
    ("syllables_per_second", |it| it.syllables_per_second),
    ("brightness_db", |it| it.brightness_db),
];

/// Writes a scan as CSV with a header (RFC 4180, UTF-8, lines end in LF), one row per window.
///
/// Columns: `path`, `start_seconds`, `end_seconds`, `voiced`, `leading`, one `score_NAME` per emotion in the model's order,
/// `valence`, `arousal`, `confidence`, `unsure`, then what was measured of the delivery: `loudness_lufs`, `level_db`, `pitch_hz`,
/// `melody_semitones`, `syllables_per_second`, `brightness_db`. Without voice, `leading` and the numbers are empty and `unsure` is `true`; a
/// measure for which there is too little voice, or that was not asked for, is empty. Takes that failed have no rows.
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
    for name in ["valence", "arousal", "confidence", "unsure"] {
        rows.write_field(name)?;
    }
    rows.write_record(DELIVERY.map(|(name, _)| name))?;

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
            rows.write_field(number(|reading| reading.valence)?)?;
            rows.write_field(number(|reading| reading.arousal)?)?;
            rows.write_field(number(|reading| reading.confidence)?)?;
            rows.write_field(reading.is_none_or(|reading| reading.unsure).to_string())?;
            let mut measures = Vec::with_capacity(DELIVERY.len());
            for (_, of) in DELIVERY {
                measures.push(measured(window.delivery.as_ref().and_then(of))?);
            }
            rows.write_record(measures)?;
        }
    }
    rows.flush()
}

fn optional(value: Option<f32>) -> io::Result<String> {
    value.map_or(Ok(String::new()), |value| {
        rounded(f64::from(value)).map(|value| value.to_string())
    })
}

/// A measure of the delivery as it stands in a cell; empty without one.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a value that isn't a number.
pub fn measured(value: Option<f64>) -> io::Result<String> {
    Ok(measure(value)?.map_or_else(String::new, |value| value.to_string()))
}
