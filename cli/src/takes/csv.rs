//! CSV of compared takes: a row a take, for spreadsheets.

use std::io::{self, Write};

use undersong_core::timeline::csv::{DELIVERY, measured};
use undersong_core::timeline::{Reading, Scan, json};

use super::compare::Measured;
use super::flags::Flag;
use super::line::Line;

/// Writes lines as CSV with a header (UTF-8, lines end in LF), a row per take in the order of the lines; a line without takes has one row without a path.
///
/// Columns: `line`, `text`, `wanted`, `intensity`, `place` (1 is the closest, where something is wanted), `take`, `path`, `roles` and `flags` (apart by
/// `; `), `reason`, `closeness`, `closeness_error`, `safety`, `safety_error`, `difference`, `difference_error`, `seconds`, `voiced_seconds`, `leading`,
/// one `score_NAME` per emotion in the model's order, `valence`, `arousal`, `confidence`, `unsure`, then the delivery as in a scan's CSV.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a value that isn't a number.
pub(crate) fn write(lines: &[Line], scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = ::csv::Writer::from_writer(out);
    let emotions = &scan.model.emotions;
    let scores = emotions.names().map(|name| format!("score_{name}"));
    let header = FRONT.iter().map(|it| (*it).to_owned()).chain(scores);
    rows.write_record(
        header.chain(
            BACK.iter()
                .chain(&DELIVERY.map(|(name, _)| name))
                .map(|it| (*it).to_owned()),
        ),
    )?;
    let number = |value: Option<f64>| {
        value.map_or(Ok(String::new()), |value| {
            json::rounded(value).map(|value| value.to_string())
        })
    };
    for line in lines {
        let emotion = line.wanted.as_ref().and_then(|it| emotions.get(it.emotion));
        let ahead = [
            line.name.clone(),
            line.text.clone().unwrap_or_default(),
            emotion.map(|it| it.name.clone()).unwrap_or_default(),
            number(line.wanted.as_ref().and_then(|it| it.intensity))?,
        ];
        if line.takes.is_empty() {
            let rest = FRONT.len() - ahead.len() + emotions.len() + BACK.len() + DELIVERY.len();
            rows.write_record(
                ahead
                    .iter()
                    .map(String::as_str)
                    .chain(std::iter::repeat_n("", rest)),
            )?;
        }
        for (place, take) in line.takes.iter().enumerate() {
            let Some(timeline) = take.timeline(scan) else {
                continue;
            };
            let summary = &timeline.summary;
            let reading = summary.reading.as_ref();
            let numbers = take.numbers;
            let mut row = ahead.to_vec();
            row.extend([
                if line.wanted.is_some() {
                    (place + 1).to_string()
                } else {
                    String::new()
                },
                take.label.clone(),
                timeline.path.to_string_lossy().into_owned(),
                take.roles_text().join("; "),
                take.flags
                    .iter()
                    .map(Flag::words)
                    .collect::<Vec<_>>()
                    .join("; "),
                take.reason(),
            ]);
            let compared = [
                numbers.and_then(|it| it.closeness),
                numbers.map(|it| it.safety),
                numbers.and_then(|it| it.difference),
            ];
            for it in compared {
                row.push(number(it.map(|it: Measured| it.value))?);
                row.push(number(it.map(|it| it.error))?);
            }
            row.push(number(Some(timeline.seconds))?);
            row.push(number(Some(summary.voiced_seconds))?);
            let leading = reading.and_then(|it| it.scores.leading());
            row.push(leading.map_or_else(String::new, |it| timeline.emotion_name(it).to_owned()));
            for index in 0..emotions.len() {
                let score = reading.and_then(|it| it.scores.0.get(index));
                row.push(number(score.map(|&score| score.into()))?);
            }
            let of = |of: fn(&Reading) -> f32| number(reading.map(|it| of(it).into()));
            row.extend([
                of(|it| it.valence)?,
                of(|it| it.arousal)?,
                of(|it| it.confidence)?,
                reading.is_none_or(|it| it.unsure).to_string(),
            ]);
            let voice = super::compare::delivery(timeline);
            for (_, of) in DELIVERY {
                row.push(measured(voice.and_then(of))?);
            }
            rows.write_record(&row)?;
        }
    }
    rows.flush()
}

/// Columns before the scores.
const FRONT: [&str; 19] = [
    "line",
    "text",
    "wanted",
    "intensity",
    "place",
    "take",
    "path",
    "roles",
    "flags",
    "reason",
    "closeness",
    "closeness_error",
    "safety",
    "safety_error",
    "difference",
    "difference_error",
    "seconds",
    "voiced_seconds",
    "leading",
];

/// Columns behind the scores.
const BACK: [&str; 4] = ["valence", "arousal", "confidence", "unsure"];
