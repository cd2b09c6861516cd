//! What the report's script needs to draw the curves, packed small: about 12 bytes per window of eight emotions.

use std::io;

use serde::Serialize;

use super::delivery::DeliveryData;
use super::text::base64;
use super::why::WhyData;
use crate::timeline::{Scan, TakeExplanation, Timeline, colours, stretches};

/// Everything, as the script reads it.
#[derive(Serialize)]
pub(crate) struct Data<'a> {
    emotions: Vec<EmotionData<'a>>,
    takes: Vec<TakeData>,
}

#[derive(Serialize)]
struct EmotionData<'a> {
    name: &'a str,
    colour: String,
    valence: f32,
    arousal: f32,
}

/// One take. Times are whole milliseconds.
#[derive(Serialize)]
struct TakeData {
    /// Length of the take.
    length: u64,
    /// Lengths of the stretches that the windows stand for, as runs `[milliseconds, how many]`.
    stretches: Vec<(u64, u64)>,
    /// Per window a flag (0 no voice, 1 voice, 2 unsure), then a score per emotion in 255ths; base64.
    windows: String,
    /// The scores of the whole take in thousandths, or none without voice.
    scores: Option<Vec<u16>>,
    /// Share of voiced time that each emotion leads, in thousandths.
    shares: Vec<u16>,
    /// Emotion, start, end, score in thousandths.
    moments: Vec<(usize, u64, u64, u16)>,
    /// When, from which emotion, to which.
    transitions: Vec<(u64, usize, usize)>,
    /// How the take is delivered, if that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<DeliveryData>,
    /// What moved the scores, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<WhyData>,
}

impl<'a> Data<'a> {
    /// Packs a scan.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] for a window whose scores don't fit the model's emotions.
    pub(crate) fn pack(
        scan: &'a Scan,
        explanations: &[Option<TakeExplanation>],
    ) -> io::Result<Self> {
        let emotions = &scan.model.emotions;
        Ok(Self {
            emotions: emotions
                .iter()
                .zip(colours::palette(emotions))
                .map(|(emotion, colour)| EmotionData {
                    name: &emotion.name,
                    colour: format!("#{}", colour.hex()),
                    valence: emotion.valence,
                    arousal: emotion.arousal,
                })
                .collect(),
            takes: scan
                .takes
                .iter()
                .enumerate()
                .map(|(index, take)| {
                    let explanation = explanations.get(index).and_then(Option::as_ref);
                    TakeData::pack(take, explanation, emotions.len())
                })
                .collect::<io::Result<_>>()?,
        })
    }
}

impl TakeData {
    fn pack(
        take: &Timeline,
        explanation: Option<&TakeExplanation>,
        emotions: usize,
    ) -> io::Result<Self> {
        let summary = &take.summary;
        Ok(Self {
            length: milliseconds(take.seconds),
            stretches: runs(take),
            windows: base64(&windows(take, emotions)?),
            scores: summary.reading.as_ref().map(|reading| {
                let scores = reading.scores.0.iter();
                scores.map(|&score| thousandths(score.into())).collect()
            }),
            shares: summary.shares.iter().map(|&it| thousandths(it)).collect(),
            moments: summary
                .moments
                .iter()
                .map(|moment| {
                    (
                        moment.emotion,
                        milliseconds(moment.start_seconds),
                        milliseconds(moment.end_seconds),
                        thousandths(moment.score.into()),
                    )
                })
                .collect(),
            transitions: summary
                .transitions
                .iter()
                .map(|it| (milliseconds(it.at_seconds), it.from, it.to))
                .collect(),
            delivery: summary.delivery.as_ref().map(DeliveryData::pack),
            why: explanation.and_then(WhyData::pack),
        })
    }
}

/// The lengths of a take's stretches as runs. The borders are rounded, not the lengths, so that no error adds up.
fn runs(take: &Timeline) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for stretch in stretches(&take.windows, take.seconds) {
        let length = milliseconds(stretch.end_seconds) - milliseconds(stretch.start_seconds);
        match runs.last_mut() {
            Some((last, count)) if *last == length => *count += 1,
            _ => runs.push((length, 1)),
        }
    }
    runs
}

fn windows(take: &Timeline, emotions: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(take.windows.len() * (emotions + 1));
    for window in &take.windows {
        let Some(reading) = &window.reading else {
            bytes.resize(bytes.len() + emotions + 1, 0);
            continue;
        };
        let scores = &reading.scores.0;
        if scores.len() != emotions || scores.iter().any(|score| !score.is_finite()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "{} at {} s has scores {scores:?} where {emotions} numbers were expected",
                    take.path.display(),
                    window.start_seconds,
                ),
            ));
        }
        bytes.push(if reading.unsure { 2 } else { 1 });
        bytes.extend(scores.iter().map(|score| (score * 255.0).round() as u8));
    }
    Ok(bytes)
}

pub(super) fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1e3).round() as u64
}

pub(super) fn thousandths(share: f64) -> u16 {
    (share * 1e3).round() as u16
}
