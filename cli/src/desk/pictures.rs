//! What the page draws: waveforms and windows as bytes, small pictures for the list.

use serde::{Deserialize, Serialize};
use undersong_core::timeline::{Timeline, stretches};

use super::figures;
use super::peaks::Peaks;
use super::state::Desk;

/// Columns of a small picture, at most.
const MOST_COLUMNS: usize = 400;

/// Small pictures at once, at most.
const MOST_STRIPS: usize = 128;

/// What part of a waveform is asked for, and in how many columns.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) columns: usize,
}

/// Which small pictures are asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    /// Numbers of takes, with commas between.
    ids: String,
    columns: usize,
}

/// A take in small.
#[derive(Debug, Serialize)]
pub(super) struct Strip {
    /// What leads in each column: −1 without voice, 100 more where it is unsure.
    band: Vec<i16>,
    /// Lowest and highest edge of each column; nothing until the waveform is gathered.
    peaks: Option<Vec<i8>>,
    /// What is wrong with the take, in a word each.
    flags: Vec<&'static str>,
}

/// The takes in small, by number. Those that are not scanned have none.
pub(super) fn strips(desk: &Desk, asked: &Asked) -> Vec<(u32, Strip)> {
    let columns = asked.columns.clamp(1, MOST_COLUMNS);
    let ids = asked.ids.split(',').filter_map(|id| id.parse::<u32>().ok());
    ids.take(MOST_STRIPS)
        .filter_map(|id| {
            let timeline = desk.timeline(id).ok()?;
            let hash = desk.shelf().get(id)?.heard.as_ref()?.hash.clone();
            let peaks = desk.waves.get(&hash);
            if peaks.is_none() {
                desk.wanted.put(id);
            }
            let strip = Strip {
                band: band(&timeline, columns),
                flags: figures::flags(&timeline),
                peaks: peaks.map(|peaks| {
                    let cut = peaks.cut(0.0, peaks.seconds(), columns);
                    cut.into_iter().flatten().collect()
                }),
            };
            Some((id, strip))
        })
        .collect()
}

/// What leads in the middle of each of so many columns.
fn band(take: &Timeline, columns: usize) -> Vec<i16> {
    let stretches = stretches(&take.windows, take.seconds);
    (0..columns)
        .map(|column| {
            let at = take.seconds * (column as f64 + 0.5) / columns as f64;
            let index = stretches.partition_point(|stretch| stretch.end_seconds <= at);
            let window = take
                .windows
                .get(index.min(take.windows.len().saturating_sub(1)));
            let reading = window.and_then(|window| window.reading.as_ref());
            let leading = reading.and_then(|reading| reading.scores.leading());
            let unsure = reading.is_some_and(|reading| reading.unsure);
            leading
                .and_then(|emotion| i16::try_from(emotion).ok())
                .map_or(-1, |emotion| emotion + if unsure { 100 } else { 0 })
        })
        .collect()
}

/// A part of a waveform, two bytes a column.
pub(super) fn peaks(peaks: &Peaks, part: &Part) -> Vec<u8> {
    let from = if part.from.is_finite() {
        part.from.max(0.0)
    } else {
        0.0
    };
    let to = if part.to.is_finite() {
        part.to
    } else {
        peaks.seconds()
    };
    let cut = peaks.cut(from, to.max(from), part.columns);
    cut.into_iter().flatten().map(|edge| edge as u8).collect()
}

/// A take's windows, packed, little-endian: their number and that of the emotions (32 bits each); the borders of the stretches that they stand for
/// (`[windows + 1]` floats, in seconds); a flag each (0 no voice, 1 voice, 2 unsure); a score for each emotion, in 255ths.
pub(super) fn windows(take: &Timeline) -> Vec<u8> {
    let (count, emotions) = (take.windows.len(), take.emotions.len());
    let mut bytes = Vec::with_capacity(12 + count * (5 + emotions));
    bytes.extend((count as u32).to_le_bytes());
    bytes.extend((emotions as u32).to_le_bytes());
    bytes.extend(0.0_f32.to_le_bytes());
    for stretch in stretches(&take.windows, take.seconds) {
        bytes.extend((stretch.end_seconds as f32).to_le_bytes());
    }
    let readings = || take.windows.iter().map(|window| window.reading.as_ref());
    bytes.extend(readings().map(|reading| match reading {
        None => 0,
        Some(reading) if reading.unsure => 2,
        Some(_) => 1,
    }));
    for reading in readings() {
        bytes.extend((0..emotions).map(|emotion| {
            let score = reading.and_then(|reading| reading.scores.0.get(emotion));
            (score.copied().unwrap_or(0.0).clamp(0.0, 1.0) * 255.0).round() as u8
        }));
    }
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use undersong_core::model::EmotionSet;
    use undersong_core::timeline::{Reading, Scores, Window};

    use super::*;

    #[test]
    fn a_band_has_what_leads_where() {
        let emotions = EmotionSet::from_names(&["neutral", "happy"]).unwrap();
        let scores = [Some([0.9, 0.1]), None, Some([0.45, 0.55]), Some([0.1, 0.9])];
        let windows = scores.iter().enumerate().map(|(index, scores)| Window {
            start_seconds: index as f64,
            end_seconds: index as f64 + 1.0,
            voiced_seconds: 1.0,
            reading: scores
                .map(|scores| Reading::from_scores(Scores(scores.to_vec()), &emotions, 0.6)),
            delivery: None,
        });
        let take = Timeline::new(
            "a.wav".into(),
            4.0,
            emotions.clone(),
            windows.collect(),
            0.6,
        );
        assert_eq!(band(&take, 4), [0, -1, 101, 1]);
        let bytes = super::windows(&take);
        assert_eq!(bytes.len(), 8 + 4 * 5 + 4 + 4 * 2);
        assert_eq!(&bytes[..8], [4, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(&bytes[28..32], [1, 0, 2, 1]);
        assert_eq!(&bytes[32..34], [230, 26]);
    }
}
