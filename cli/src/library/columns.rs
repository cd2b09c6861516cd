//! What stands in an export: the columns of takes, and those of windows.

use std::collections::BTreeMap;

use undersong_core::delivery::TakeDelivery;
use undersong_core::model::EmotionSet;
use undersong_core::timeline::Timeline;
use undersong_core::timeline::csv::DELIVERY;

use super::found::{rounded, thousandths};
use super::marks::Mark;
use super::pieces::{Column, Values};
use super::records::Record;
use super::settings::Settings;

/// What else is known of an analysis.
#[derive(Debug)]
pub(super) struct Detail {
    /// The sound's, in hexadecimal digits: by it takes and windows are joined.
    pub(super) hash: String,
    pub(super) engine: String,
    /// Mean score and share of the voiced time, of each emotion; `None` without voice.
    pub(super) scores: Vec<Option<(f64, f64)>>,
    /// Read with the piece that a take stands in.
    pub(super) delivery: Option<TakeDelivery>,
}

/// The columns of a piece of takes.
pub(super) fn take_columns(
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
pub(super) struct WindowPiece {
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
    pub(super) fn new(emotions: &EmotionSet) -> Self {
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

    pub(super) fn rows(&self) -> usize {
        self.take.len()
    }

    pub(super) fn push(&mut self, hash: &str, take: &Timeline) {
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
    pub(super) fn take(&mut self, emotions: &EmotionSet) -> Vec<Column> {
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
