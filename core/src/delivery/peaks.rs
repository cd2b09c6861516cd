//! The tops of a waveform: sample peak, true peak, and where they are flat.

use ebur128::{EbuR128, Mode};

use super::loudness::MOST_CHANNELS;
use super::sums::greatest;
use crate::audio::ChannelPlace;

/// Frames looked at at once.
const PIECE: usize = 512;
/// A value between samples is at most so many times the greatest sample near it: the sum over one phase of the library's filters is 2.3 at most.
const BETWEEN_SAMPLES: f32 = 2.5;
/// Frames before a piece that reach into it through the library's filter.
const REACH: usize = 24;
/// A sample this high stands at full scale: the greatest of 16 bits is 0.99997.
const FULL_SCALE: f32 = 0.9999;
/// Equal samples in a row that are an "over" at full scale.
const RUN_AT_FULL_SCALE: usize = 3;
/// A flat top below full scale lasts at least so long, in seconds: a voice's own tops are round, and rounding to 16 bits makes hardly two samples of
/// 48,000 a second equal there.
const FLAT_SECONDS: f64 = 1e-4;
/// Below this, tops are flat because they are few steps high.
const LOWEST_FLAT: f32 = 0.25;
/// Flat tops below full scale are clipping from this many places on.
const PLACES_BELOW_FULL_SCALE: u64 = 3;
/// What counts as the same height.
const SAME_HEIGHT: f32 = 0.99;

/// Tops that are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Clipping {
    /// Samples in them, over all channels.
    pub samples: u64,
    /// How many there are.
    pub places: u64,
    /// Start of the first, in seconds.
    pub first_seconds: Option<f64>,
    /// Height of the highest, in dB below full scale.
    pub at_dbfs: Option<f64>,
}

/// Follows the tops of all channels.
#[derive(Debug)]
pub(super) struct PeakMeter {
    /// `None` from 192 kHz on, where samples lie close enough.
    between: Option<EbuR128>,
    rate_hz: u32,
    channels: Vec<ChannelTops>,
    /// Frames so far.
    frames: u64,
    /// Greatest sample of the piece before.
    before: f32,
    /// Whether that piece went through the filter.
    followed: bool,
    true_peak: f32,
}

/// One channel's tops.
#[derive(Debug, Clone, Default)]
struct ChannelTops {
    /// The last samples before the next piece, for the filter.
    tail: Vec<f32>,
    /// The last sample, and how many in a row are equal to it.
    last: f32,
    run: usize,
    /// Greatest magnitude.
    peak: f32,
    upper: Tops,
    lower: Tops,
}

/// Tops of one side.
#[derive(Debug, Clone, Copy, Default)]
struct Tops {
    /// Greatest magnitude.
    peak: f32,
    /// Height of the flat ones that are counted: the highest.
    height: f32,
    samples: u64,
    places: u64,
    /// Frame at which the first begins.
    first: u64,
    /// Flat tops below that height: many of them are made by coarse steps, not by clipping.
    lower_places: u64,
}

impl PeakMeter {
    pub(super) fn new(rate_hz: u32, places: &[ChannelPlace]) -> Self {
        let count = places.len().min(MOST_CHANNELS);
        let between = (rate_hz < 192_000)
            .then(|| EbuR128::new(count as u32, rate_hz, Mode::TRUE_PEAK).ok())
            .flatten();
        Self {
            between,
            rate_hz,
            channels: vec![ChannelTops::default(); count],
            frames: 0,
            before: 0.0,
            followed: true,
            true_peak: 0.0,
        }
    }

    /// Takes the next samples, `[channels][frames]`.
    pub(super) fn push(&mut self, planes: &[Vec<f32>]) {
        let frames = planes.first().map_or(0, Vec::len);
        let flat = ((FLAT_SECONDS * f64::from(self.rate_hz)).round() as usize).max(3);
        let mut at = 0;
        while at < frames {
            let to = (at + PIECE).min(frames);
            let mut peak = 0.0_f32;
            for (channel, plane) in self.channels.iter_mut().zip(planes) {
                let samples = plane.get(at..to).unwrap_or_default();
                let own = greatest(samples);
                if own >= LOWEST_FLAT {
                    channel.look(samples, self.frames, flat);
                } else {
                    channel.run = 0;
                }
                channel.peak = channel.peak.max(own);
                peak = peak.max(own);
            }
            self.look_between(planes, at, to, peak);
            self.frames += (to - at) as u64;
            at = to;
        }
    }

    /// The true peak, if these samples can raise it.
    fn look_between(&mut self, planes: &[Vec<f32>], at: usize, to: usize, peak: f32) {
        self.true_peak = self.true_peak.max(peak);
        let matters = BETWEEN_SAMPLES * peak.max(self.before) > self.true_peak;
        self.before = peak;
        let Some(between) = &mut self.between else {
            return;
        };
        if matters {
            let mut slices: [&[f32]; MOST_CHANNELS] = [&[]; MOST_CHANNELS];
            if !self.followed {
                for (slice, channel) in slices.iter_mut().zip(&self.channels) {
                    *slice = &channel.tail;
                }
                let tails = slices.get(..self.channels.len()).unwrap_or_default();
                let seeded = between.seed_frames_planar_f32(tails);
                debug_assert!(seeded.is_ok(), "{seeded:?}");
            }
            for (slice, plane) in slices.iter_mut().zip(planes) {
                *slice = plane.get(at..to).unwrap_or_default();
            }
            let pieces = slices.get(..self.channels.len()).unwrap_or_default();
            let heard = between.add_frames_planar_f32(pieces);
            debug_assert!(heard.is_ok(), "{heard:?}");
            for channel in 0..self.channels.len() {
                let peak = between.prev_true_peak(channel as u32).unwrap_or(0.0);
                self.true_peak = self.true_peak.max(peak as f32);
            }
        }
        self.followed = matters;
        for (channel, plane) in self.channels.iter_mut().zip(planes) {
            let samples = plane.get(at..to).unwrap_or_default();
            let keep = samples.len().min(REACH);
            let spare = (channel.tail.len() + keep).saturating_sub(REACH);
            channel.tail.drain(..spare);
            channel
                .tail
                .extend_from_slice(samples.get(samples.len() - keep..).unwrap_or_default());
        }
    }

    /// Greatest level between and at the samples, full scale = 1.
    pub(super) fn true_peak(&self) -> f64 {
        f64::from(self.true_peak)
    }

    /// Greatest sample, full scale = 1.
    pub(super) fn sample_peak(&self) -> f64 {
        let peaks = self.channels.iter().map(|it| it.peak);
        f64::from(peaks.fold(0.0, f32::max))
    }

    /// The tops that are cut off.
    pub(super) fn clipping(&self) -> Clipping {
        let mut clipping = Clipping::default();
        let sides = self.channels.iter().flat_map(|it| [it.upper, it.lower]);
        for tops in sides.filter(Tops::are_clipped) {
            clipping.samples += tops.samples;
            clipping.places += tops.places;
            let first = tops.first as f64 / f64::from(self.rate_hz);
            let earliest = clipping.first_seconds.unwrap_or(f64::INFINITY);
            clipping.first_seconds = Some(earliest.min(first));
            let height = 20.0 * f64::from(tops.height).log10();
            let highest = clipping.at_dbfs.unwrap_or(f64::NEG_INFINITY);
            clipping.at_dbfs = Some(highest.max(height));
        }
        clipping
    }
}

impl ChannelTops {
    /// Looks for flat tops in samples of which the first is the frame `start`.
    fn look(&mut self, samples: &[f32], start: u64, flat: usize) {
        for (index, &sample) in samples.iter().enumerate() {
            // To the bit: a top that clipping flattened holds one value.
            if sample.to_bits() == self.last.to_bits() {
                self.run += 1;
            } else {
                self.last = sample;
                self.run = 1;
                continue;
            }
            let height = sample.abs();
            if height < LOWEST_FLAT {
                continue;
            }
            let least = if height >= FULL_SCALE {
                RUN_AT_FULL_SCALE
            } else {
                flat
            };
            let tops = if sample > 0.0 {
                &mut self.upper
            } else {
                &mut self.lower
            };
            if self.run == least {
                tops.begin(
                    height,
                    (start + index as u64 + 1).saturating_sub(least as u64),
                );
            }
            if self.run >= least && height >= SAME_HEIGHT * tops.height {
                tops.samples += if self.run == least { least as u64 } else { 1 };
            }
        }
        let (mut above, mut below) = (0.0_f32, 0.0_f32);
        for &sample in samples {
            above = above.max(sample);
            below = below.max(-sample);
        }
        self.upper.peak = self.upper.peak.max(above);
        self.lower.peak = self.lower.peak.max(below);
    }
}

impl Tops {
    /// A flat top of that height begins at a frame.
    fn begin(&mut self, height: f32, frame: u64) {
        if height * SAME_HEIGHT > self.height {
            *self = Self {
                peak: self.peak,
                height,
                samples: 0,
                places: 1,
                first: frame,
                lower_places: self.lower_places + self.places,
            };
        } else if height >= SAME_HEIGHT * self.height {
            self.places += 1;
        } else {
            self.lower_places += 1;
        }
    }

    /// Flat at full scale; or flat below it in several places, with nothing above, and not flat at every height.
    fn are_clipped(&self) -> bool {
        self.places > 0
            && (self.height >= FULL_SCALE
                || (self.places >= PLACES_BELOW_FULL_SCALE
                    && self.height >= SAME_HEIGHT * self.peak
                    && self.places > 2 * self.lower_places))
    }
}
