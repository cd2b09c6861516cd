//! `Peaks`: a take's waveform at several resolutions, gathered in one pass over its sound.
//!
//! A bucket is the lowest and the highest sample of a stretch. The finest level begins with a bucket a millisecond; whenever there are more than
//! [`MOST_BUCKETS`] of them, neighbours are joined, so that memory does not grow with the take's length: up to 17 minutes a bucket stays a
//! millisecond, at three hours it is 16. Each further level joins four buckets of the one before, so that a picture of any width and any zoom is cut
//! from a level with few buckets a column.
//!
//! An edge is a byte, the signed square root of the sample: a whisper at −40 dB still has 12 steps, where a linear byte had one.

/// Buckets of the finest level, at most; a power of two.
const MOST_BUCKETS: usize = 1 << 20;

/// Buckets of the finest level in a second, until they are joined.
const BUCKETS_PER_SECOND: u32 = 1_000;

/// Buckets of a level that are one of the next.
const JOINED: usize = 4;

/// A level with fewer buckets has no coarser one.
const FEWEST_BUCKETS: usize = 1_024;

/// Most columns of a picture.
pub(super) const MOST_COLUMNS: usize = 8_192;

/// First bytes of stored peaks; the last is the version.
const MAGIC: [u8; 4] = *b"UPK\x01";

/// The lowest and the highest sample of a bucket, as bytes; see the module.
type Bucket = [i8; 2];

/// A waveform.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Peaks {
    /// Length of the take.
    seconds: f64,
    /// Length of a bucket of the finest level.
    bucket_seconds: f64,
    /// Levels, the finest first, `[buckets]` each.
    levels: Vec<Vec<Bucket>>,
}

/// Gathers peaks from a sound that comes block by block.
#[derive(Debug)]
pub(super) struct Gatherer {
    rate_hz: u32,
    /// Samples of a bucket.
    bucket_samples: usize,
    buckets: Vec<Bucket>,
    /// Samples in the bucket that is not full yet, and their edges.
    pending: usize,
    low: f32,
    high: f32,
    samples: u64,
}

impl Gatherer {
    pub(super) fn new(rate_hz: u32) -> Self {
        Self {
            rate_hz: rate_hz.max(1),
            bucket_samples: ((rate_hz / BUCKETS_PER_SECOND) as usize).max(1),
            buckets: Vec::new(),
            pending: 0,
            low: f32::INFINITY,
            high: f32::NEG_INFINITY,
            samples: 0,
        }
    }

    /// Takes the next samples, mono, full scale ±1.
    pub(super) fn push(&mut self, mut sound: &[f32]) {
        self.samples += sound.len() as u64;
        while !sound.is_empty() {
            let count = (self.bucket_samples - self.pending).min(sound.len());
            let (now, later) = sound.split_at(count);
            let (low, high) = edges(now);
            self.low = self.low.min(low);
            self.high = self.high.max(high);
            self.pending += count;
            sound = later;
            if self.pending == self.bucket_samples {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        self.buckets.push([pressed(self.low), pressed(self.high)]);
        (self.low, self.high, self.pending) = (f32::INFINITY, f32::NEG_INFINITY, 0);
        if self.buckets.len() == MOST_BUCKETS {
            self.buckets = joined(&self.buckets, 2);
            self.bucket_samples *= 2;
        }
    }

    /// The waveform of all that came.
    pub(super) fn finish(mut self) -> Peaks {
        if self.pending > 0 {
            self.close();
        }
        Peaks::new(
            self.samples as f64 / f64::from(self.rate_hz),
            self.bucket_samples as f64 / f64::from(self.rate_hz),
            self.buckets,
        )
    }
}

impl Peaks {
    fn new(seconds: f64, bucket_seconds: f64, finest: Vec<Bucket>) -> Self {
        let mut levels = vec![finest];
        while let Some(level) = levels.last().filter(|level| level.len() > FEWEST_BUCKETS) {
            let next = joined(level, JOINED);
            levels.push(next);
        }
        Self {
            seconds,
            bucket_seconds,
            levels,
        }
    }

    /// Length of the take.
    pub(super) fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Bytes in memory, about.
    pub(super) fn size(&self) -> usize {
        2 * self.levels.iter().map(Vec::len).sum::<usize>()
    }

    /// The part from `from` to `to` seconds in `columns` equal columns: for each its lowest and highest edge. A column past the take's end is 0, 0.
    pub(super) fn cut(&self, from: f64, to: f64, columns: usize) -> Vec<Bucket> {
        let columns = columns.clamp(1, MOST_COLUMNS);
        let column_seconds = (to - from).max(self.bucket_seconds) / columns as f64;
        // The coarsest level with so many buckets a column that one over a border hardly shows in both.
        let mut bucket_seconds = self.bucket_seconds;
        let mut level = 0;
        while level + 1 < self.levels.len()
            && 4.0 * bucket_seconds * JOINED as f64 <= column_seconds
        {
            bucket_seconds *= JOINED as f64;
            level += 1;
        }
        let buckets = self.levels.get(level).map_or(&[][..], Vec::as_slice);
        (0..columns)
            .map(|column| {
                let start = from + column as f64 * column_seconds;
                if start >= self.seconds {
                    return [0, 0];
                }
                // Rounded to whole buckets, each of which stands in one column at least.
                let first = (start / bucket_seconds).max(0.0) as usize;
                let last = ((start + column_seconds) / bucket_seconds).ceil().max(0.0) as usize;
                let first = first.min(buckets.len().saturating_sub(1));
                let last = last.clamp(first + 1, buckets.len().max(first + 1));
                buckets
                    .get(first..last)
                    .and_then(|part| part.iter().copied().reduce(both))
                    .unwrap_or([0, 0])
            })
            .collect()
    }

    /// As bytes to keep. Coarser levels follow from the finest.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let finest = self.levels.first().map_or(&[][..], Vec::as_slice);
        let mut bytes = Vec::with_capacity(20 + 2 * finest.len());
        bytes.extend(MAGIC);
        bytes.extend(self.seconds.to_le_bytes());
        bytes.extend(self.bucket_seconds.to_le_bytes());
        bytes.extend(finest.iter().flatten().map(|&edge| edge as u8));
        bytes
    }

    /// What [`to_bytes`](Self::to_bytes) gave; `None` if it is something else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let (seconds, rest) = rest.split_first_chunk()?;
        let (bucket_seconds, rest) = rest.split_first_chunk()?;
        let (seconds, bucket_seconds) = (
            f64::from_le_bytes(*seconds),
            f64::from_le_bytes(*bucket_seconds),
        );
        let (pairs, odd) = rest.as_chunks::<2>();
        let sound = seconds.is_finite()
            && seconds >= 0.0
            && bucket_seconds.is_finite()
            && bucket_seconds > 0.0;
        (sound && odd.is_empty() && pairs.len() <= MOST_BUCKETS).then(|| {
            let finest = pairs.iter().map(|&[low, high]| [low as i8, high as i8]);
            Self::new(seconds, bucket_seconds, finest.collect())
        })
    }
}

/// The lowest and the highest sample, in eight lanes that a processor's vectors take.
fn edges(sound: &[f32]) -> (f32, f32) {
    const LANES: usize = 8;
    let (chunks, rest) = sound.as_chunks::<LANES>();
    let (mut low, mut high) = ([f32::INFINITY; LANES], [f32::NEG_INFINITY; LANES]);
    for chunk in chunks {
        for ((low, high), &sample) in low.iter_mut().zip(&mut high).zip(chunk) {
            // Samples are finite, so that a comparison will do; `f32::min` minds what is no number.
            *low = if sample < *low { sample } else { *low };
            *high = if sample > *high { sample } else { *high };
        }
    }
    let least = low
        .iter()
        .chain(rest)
        .copied()
        .fold(f32::INFINITY, f32::min);
    let most = high
        .iter()
        .chain(rest)
        .copied()
        .fold(f32::NEG_INFINITY, f32::max);
    (least, most)
}

/// The signed square root as a byte; beyond full scale is full scale.
fn pressed(sample: f32) -> i8 {
    (sample.abs().min(1.0).sqrt() * 127.0)
        .round()
        .copysign(sample) as i8
}

fn both(a: Bucket, b: Bucket) -> Bucket {
    [a[0].min(b[0]), a[1].max(b[1])]
}

fn joined(buckets: &[Bucket], count: usize) -> Vec<Bucket> {
    let parts = buckets.chunks(count);
    parts
        .filter_map(|part| part.iter().copied().reduce(both))
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
mod tests {
    use super::*;

    /// Full scale, as bytes have it.
    const FULL: i8 = 127;

    fn peaks(sound: &[f32], block: usize) -> Peaks {
        let mut gatherer = Gatherer::new(8_000);
        for block in sound.chunks(block) {
            gatherer.push(block);
        }
        gatherer.finish()
    }

    #[test]
    fn the_edges_of_each_column_are_the_samples_edges() {
        // A second of silence with one click up at 0.25 s and one down at 0.75 s.
        let mut sound = vec![0.0; 8_000];
        (sound[2_000], sound[6_000]) = (1.0, -0.25);
        let cut = peaks(&sound, 8_000).cut(0.0, 1.0, 4);
        assert_eq!(cut, [[0, 0], [0, FULL], [0, 0], [-64, 0]]);
    }

    #[test]
    fn blocks_of_any_size_give_the_same() {
        let sound: Vec<f32> = (0..30_011).map(|i| (i as f32 * 0.37).sin() * 0.8).collect();
        let whole = peaks(&sound, sound.len());
        for block in [1, 7, 4_096] {
            assert_eq!(peaks(&sound, block), whole);
        }
        assert!((whole.seconds() - 30_011.0 / 8_000.0).abs() < 1e-9);
    }

    #[test]
    fn a_long_sound_takes_no_more_room_and_keeps_its_edges() {
        // Two hours and a half of silence, with a click in the second half.
        let mut gatherer = Gatherer::new(8_000);
        let silence = vec![0.0; 8_000];
        for second in 0..9_000 {
            if second == 7_500 {
                let mut click = silence.clone();
                click[4_400] = -1.0;
                gatherer.push(&click);
            } else {
                gatherer.push(&silence);
            }
        }
        let peaks = gatherer.finish();
        assert!(peaks.size() < 3 * MOST_BUCKETS);
        assert_eq!(peaks.seconds(), 9_000.0);
        let clicks = |from, to, columns| {
            let cut = peaks.cut(from, to, columns);
            let at = |edge: &Bucket| edge[0] == -FULL;
            cut.iter()
                .position(at)
                .map(|column| (column, cut.iter().filter(|it| at(it)).count()))
        };
        assert_eq!(clicks(0.0, 9_000.0, 9), Some((7, 1)));
        assert_eq!(clicks(7_500.0, 7_501.0, 10), Some((5, 1)));
        assert_eq!(clicks(7_501.0, 9_000.0, 1_000), None);
    }

    #[test]
    fn a_whisper_shows_and_too_loud_is_full_scale() {
        assert_eq!(pressed(0.01), 13);
        assert_eq!(pressed(-0.01), -13);
        assert_eq!(pressed(3.0), FULL);
        assert_eq!(pressed(-3.0), -FULL);
    }

    #[test]
    fn what_was_kept_is_what_was_gathered() {
        let sound: Vec<f32> = (0..50_000).map(|i| (i as f32 * 0.01).sin()).collect();
        let peaks = peaks(&sound, 1_000);
        let bytes = peaks.to_bytes();
        assert_eq!(Peaks::from_bytes(&bytes), Some(peaks));
        for length in [0, 3, 11, 19, bytes.len() - 1] {
            assert_eq!(Peaks::from_bytes(&bytes[..length]), None, "{length}");
        }
    }

    #[test]
    fn beyond_the_end_there_is_nothing() {
        let peaks = peaks(&[0.5; 8_000], 8_000);
        let cut = peaks.cut(0.0, 2.0, 4);
        assert_eq!(cut[0], cut[1]);
        assert_eq!(&cut[2..], [[0, 0], [0, 0]]);
        assert_eq!(
            super::Gatherer::new(8_000).finish().cut(0.0, 1.0, 3),
            [[0, 0]; 3]
        );
    }
}
