//! A take's timeline as bytes: every number to the bit, so that what is remembered equals what is measured.
//!
//! A head, then sections: a tag, a length, columns of little-endian numbers. A reader passes over a tag that it doesn't know and does
//! without one that isn't there, so what an analysis measures can grow. What follows from scores (valence, the summary) isn't stored but
//! computed again, by the code that computed it first.

use std::path::PathBuf;

use undersong_core::delivery::{Delivery, TakeDelivery};
use undersong_core::model::EmotionSet;
use undersong_core::timeline::{Reading, Scores, Timeline, Window};

use super::packed_delivery::{
    DELIVERY_NUMBERS, NONE, TAKE_NUMBERS, delivery_numbers, delivery_of, take_delivery_of,
    take_numbers,
};

/// First bytes of every packed timeline; the last is the version of the head.
const MAGIC: [u8; 4] = *b"UTL\x01";

/// Tags of the sections.
const STARTS: u8 = 1;
const ENDS: u8 = 2;
const VOICED: u8 = 3;
const HEARD: u8 = 4;
const SCORES: u8 = 5;
const DELIVERIES: u8 = 6;
const TAKE_DELIVERY: u8 = 7;

/// A timeline's bytes.
pub(super) fn pack(take: &Timeline) -> Vec<u8> {
    let windows = &take.windows;
    let emotions = take.emotions.len();
    let mut bytes = Vec::with_capacity(64 + windows.len() * (25 + 4 * emotions));
    bytes.extend(MAGIC);
    bytes.extend((windows.len() as u32).to_le_bytes());
    bytes.extend((emotions as u32).to_le_bytes());
    bytes.extend(take.seconds.to_le_bytes());
    bytes.extend(take.summary.voiced_seconds.to_le_bytes());

    let seconds = |of: fn(&Window) -> f64| {
        windows
            .iter()
            .flat_map(move |window| of(window).to_le_bytes())
    };
    section(&mut bytes, STARTS, seconds(|window| window.start_seconds));
    section(&mut bytes, ENDS, seconds(|window| window.end_seconds));
    section(&mut bytes, VOICED, seconds(|window| window.voiced_seconds));
    let heard = windows.iter().map(|window| u8::from(window.voiced()));
    section(&mut bytes, HEARD, heard);
    // An emotion's scores beside each other, since a search for it reads no other.
    let scores = (0..emotions).flat_map(|emotion| {
        windows.iter().flat_map(move |window| {
            let score = window
                .reading
                .as_ref()
                .and_then(|reading| reading.scores.0.get(emotion));
            score.copied().unwrap_or(0.0).to_le_bytes()
        })
    });
    section(&mut bytes, SCORES, scores);
    if windows.iter().any(|window| window.delivery.is_some()) {
        let rows: Vec<[f64; DELIVERY_NUMBERS]> = windows
            .iter()
            .map(|window| {
                window
                    .delivery
                    .as_ref()
                    .map_or([NONE; DELIVERY_NUMBERS], delivery_numbers)
            })
            .collect();
        let columns = (0..DELIVERY_NUMBERS).flat_map(|column| {
            rows.iter().flat_map(move |row| {
                let number = row.get(column).copied().unwrap_or(NONE);
                number.to_le_bytes()
            })
        });
        section(&mut bytes, DELIVERIES, columns);
    }
    if let Some(delivery) = &take.summary.delivery {
        let numbers = take_numbers(delivery).into_iter();
        section(
            &mut bytes,
            TAKE_DELIVERY,
            numbers.flat_map(f64::to_le_bytes),
        );
    }
    bytes
}

fn section(bytes: &mut Vec<u8>, tag: u8, contents: impl Iterator<Item = u8>) {
    bytes.push(tag);
    let length_at = bytes.len();
    bytes.extend([0; 4]);
    bytes.extend(contents);
    let length = (bytes.len() - length_at - 4) as u32;
    if let Some(place) = bytes.get_mut(length_at..length_at + 4) {
        place.copy_from_slice(&length.to_le_bytes());
    }
}

/// A packed timeline, looked into where it lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Packed<'a> {
    /// Windows.
    windows: usize,
    emotions: usize,
    /// Length of the take.
    pub(super) seconds: f64,
    voiced_seconds: f64,
    starts: &'a [u8],
    ends: &'a [u8],
    voiced: &'a [u8],
    heard: &'a [u8],
    scores: &'a [u8],
    /// Empty where it was not measured.
    deliveries: &'a [u8],
    take_delivery: &'a [u8],
}

impl<'a> Packed<'a> {
    /// Checks the bytes; `None` if they are no timeline of so many emotions.
    pub(super) fn read(bytes: &'a [u8], emotions: usize) -> Option<Self> {
        let mut rest = bytes.strip_prefix(&MAGIC)?;
        let windows = u32::from_le_bytes(take(&mut rest)?) as usize;
        let stored_emotions = u32::from_le_bytes(take(&mut rest)?) as usize;
        let mut packed = Self {
            windows,
            emotions,
            seconds: f64::from_le_bytes(take(&mut rest)?),
            voiced_seconds: f64::from_le_bytes(take(&mut rest)?),
            starts: &[],
            ends: &[],
            voiced: &[],
            heard: &[],
            scores: &[],
            deliveries: &[],
            take_delivery: &[],
        };
        while !rest.is_empty() {
            let [tag] = take(&mut rest)?;
            let length = u32::from_le_bytes(take(&mut rest)?) as usize;
            let (contents, after) = rest.split_at_checked(length)?;
            rest = after;
            match tag {
                STARTS => packed.starts = contents,
                ENDS => packed.ends = contents,
                VOICED => packed.voiced = contents,
                HEARD => packed.heard = contents,
                SCORES => packed.scores = contents,
                DELIVERIES => packed.deliveries = contents,
                TAKE_DELIVERY => packed.take_delivery = contents,
                _ => {}
            }
        }
        let whole = stored_emotions == emotions
            && [packed.starts, packed.ends, packed.voiced]
                .iter()
                .all(|column| column.len() == 8 * windows)
            && packed.heard.len() == windows
            && packed.scores.len() == 4 * windows * emotions
            && [0, 8 * windows * DELIVERY_NUMBERS].contains(&packed.deliveries.len())
            && [0, 8 * TAKE_NUMBERS].contains(&packed.take_delivery.len());
        whole.then_some(packed)
    }

    /// Number of windows.
    pub(super) fn len(&self) -> usize {
        self.windows
    }

    /// Start and end of a window, in seconds.
    pub(super) fn span(&self, window: usize) -> (f64, f64) {
        (double(self.starts, window), double(self.ends, window))
    }

    /// Whether there is voice in a window.
    pub(super) fn heard(&self, window: usize) -> bool {
        self.heard.get(window).is_some_and(|&heard| heard != 0)
    }

    /// A window's score of an emotion; 0 without voice.
    pub(super) fn score(&self, window: usize, emotion: usize) -> f32 {
        single(self.scores, emotion * self.windows + window)
    }

    /// A window's scores.
    pub(super) fn scores(&self, window: usize) -> Scores {
        Scores(
            (0..self.emotions)
                .map(|emotion| self.score(window, emotion))
                .collect(),
        )
    }

    /// A window's delivery, if it was measured.
    pub(super) fn delivery(&self, window: usize) -> Option<Delivery> {
        let number = |column: usize| double(self.deliveries, column * self.windows + window);
        if self.deliveries.is_empty() {
            return None;
        }
        delivery_of(std::array::from_fn(number))
    }

    /// The take's, if it was measured.
    fn take_delivery(&self) -> Option<TakeDelivery> {
        if self.take_delivery.is_empty() {
            return None;
        }
        take_delivery_of(std::array::from_fn(|index| {
            double(self.take_delivery, index)
        }))
    }

    /// The whole timeline, as the scan gave it.
    pub(super) fn timeline(
        &self,
        path: PathBuf,
        emotions: &EmotionSet,
        unsure_below: f32,
    ) -> Timeline {
        let windows = (0..self.windows)
            .map(|window| {
                let (start_seconds, end_seconds) = self.span(window);
                Window {
                    start_seconds,
                    end_seconds,
                    voiced_seconds: double(self.voiced, window),
                    reading: self
                        .heard(window)
                        .then(|| Reading::from_scores(self.scores(window), emotions, unsure_below)),
                    delivery: self.delivery(window),
                }
            })
            .collect();
        let mut timeline =
            Timeline::new(path, self.seconds, emotions.clone(), windows, unsure_below);
        timeline.summary.voiced_seconds = self.voiced_seconds;
        timeline.summary.delivery = self.take_delivery();
        timeline
    }
}

/// The next bytes.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// The number at `index`; columns are as long as was checked.
fn double(column: &[u8], index: usize) -> f64 {
    let number = column
        .get(8 * index..)
        .and_then(|rest| rest.first_chunk::<8>());
    number.map_or(0.0, |bytes| f64::from_le_bytes(*bytes))
}

/// See [`double`].
fn single(column: &[u8], index: usize) -> f32 {
    let number = column
        .get(4 * index..)
        .and_then(|rest| rest.first_chunk::<4>());
    number.map_or(0.0, |bytes| f32::from_le_bytes(*bytes))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use undersong_core::delivery::{Clipping, Loudness, Pauses, Technical};

    use super::*;

    fn take_of(scores: &[Option<[f32; 3]>]) -> Timeline {
        let emotions = EmotionSet::from_names(&["neutral", "happy", "sad"]).unwrap();
        let windows = scores
            .iter()
            .enumerate()
            .map(|(index, scores)| Window {
                start_seconds: index as f64 * 0.1 + 0.000_000_1,
                end_seconds: index as f64 * 0.1 + 3.0,
                voiced_seconds: 1.0 / 3.0,
                reading: scores
                    .map(|scores| Reading::from_scores(Scores(scores.to_vec()), &emotions, 0.5)),
                delivery: None,
            })
            .collect();
        let mut take = Timeline::new("a.wav".into(), 4.25, emotions, windows, 0.5);
        take.summary.voiced_seconds = 2.345_678_901;
        take
    }

    #[test]
    fn a_timeline_comes_back_to_the_bit() {
        for scores in [
            vec![],
            vec![None],
            vec![Some([0.1, 0.7, 0.2]), None, Some([0.33, 0.33, 0.34])],
        ] {
            let take = take_of(&scores);
            let bytes = pack(&take);
            let packed = Packed::read(&bytes, 3).unwrap();
            assert_eq!(packed.timeline("a.wav".into(), &take.emotions, 0.5), take);
        }
    }

    #[test]
    fn what_was_measured_comes_back_to_the_bit() {
        let mut take = take_of(&[Some([0.1, 0.7, 0.2]), None]);
        let voice = Delivery {
            voiced_seconds: 1.1,
            level_db: Some(-23.456_789),
            pitch_hz: None,
            melody_semitones: Some(0.1 + 0.2),
            syllables_per_second: Some(4.0),
            brightness_db: Some(-0.0),
            loudness_lufs: Some(-16.2),
        };
        for window in &mut take.windows {
            window.delivery = Some(voice);
        }
        let silent = TakeDelivery {
            voice,
            ..TakeDelivery::default()
        };
        let full = TakeDelivery {
            voice,
            loudness: Loudness {
                target_lufs: -23.0,
                integrated_lufs: Some(-20.1),
                range_lu: None,
                short_term_max_lufs: Some(-18.0),
                momentary_max_lufs: Some(-15.0),
                true_peak_dbtp: Some(0.3),
            },
            pauses: Some(Pauses {
                count: 2,
                longest_seconds: 0.7,
                total_seconds: 1.1,
                span_seconds: 4.0,
            }),
            technical: Technical {
                sample_rate_hz: 48_000,
                channels: 2,
                sample_peak_dbfs: Some(-0.1),
                clipping: Clipping {
                    samples: 12,
                    places: 3,
                    first_seconds: Some(0.5),
                    at_dbfs: None,
                },
                lead_in_seconds: Some(0.2),
                tail_seconds: Some(0.3),
                start_below_voice_db: Some(40.0),
                end_below_voice_db: None,
                noise_floor_db: Some(-70.0),
                quietest_db: Some(-81.0),
                snr_db: Some(47.0),
            },
        };
        for delivery in [silent, full] {
            take.summary.delivery = Some(delivery);
            let bytes = pack(&take);
            let packed = Packed::read(&bytes, 3).unwrap();
            assert_eq!(packed.timeline("a.wav".into(), &take.emotions, 0.5), take);
        }
    }

    #[test]
    fn sections_of_a_newer_program_are_passed_over() {
        let take = take_of(&[Some([0.1, 0.7, 0.2])]);
        let mut bytes = pack(&take);
        section(&mut bytes, 200, [1, 2, 3].into_iter());
        let packed = Packed::read(&bytes, 3).unwrap();
        assert_eq!(packed.timeline("a.wav".into(), &take.emotions, 0.5), take);
    }

    #[test]
    fn cut_or_strange_bytes_are_no_timeline() {
        let bytes = pack(&take_of(&[Some([0.1, 0.7, 0.2]), None]));
        for length in 0..bytes.len() {
            assert!(Packed::read(&bytes[..length], 3).is_none(), "{length}");
        }
        assert!(Packed::read(&bytes, 4).is_none());
    }
}
