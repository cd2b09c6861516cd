//! Frames of a stretch, summed up to its measures: the one definition for a window, a whole take and an explanation.

use super::HOP_SECONDS;
use super::measures::Delivery;
use super::track::Frame;

/// Pitched frames that a median needs: 0.2 s.
const FRAMES_FOR_PITCH: usize = 20;
/// Pitched frames that a range needs: 0.5 s.
const FRAMES_FOR_RANGE: usize = 50;
/// Voiced frames that a level needs: 0.2 s.
const FRAMES_FOR_LEVEL: usize = 20;
/// Voice that a rate needs, in seconds: a syllable more or less is then at most about one a second.
const SECONDS_FOR_RATE: f64 = 0.8;

/// What the frames of a stretch add up to.
#[derive(Debug, Default)]
pub(super) struct Sums {
    voiced: usize,
    power: f64,
    low: f64,
    high: f64,
    /// Of the pitched frames, in Hz.
    pitches: Vec<f32>,
}

impl Sums {
    /// Forgets all frames and keeps the room.
    pub(super) fn clear(&mut self) {
        let mut pitches = std::mem::take(&mut self.pitches);
        pitches.clear();
        *self = Self {
            pitches,
            ..Self::default()
        };
    }

    /// Takes the next frame.
    pub(super) fn add(&mut self, frame: &Frame) {
        if !frame.voiced {
            return;
        }
        self.voiced += 1;
        self.power += f64::from(frame.mean_square);
        if frame.pitch_hz > 0.0 {
            self.pitches.push(frame.pitch_hz);
            self.low += f64::from(frame.low_energy);
            self.high += f64::from(frame.high_energy);
        }
    }

    /// The measures of the frames so far, but for the rate, which needs the whole sound, and the loudness, which needs the file's channels. A
    /// measure for which there is too little voice is `None`.
    pub(super) fn delivery(&mut self) -> Delivery {
        self.pitches.sort_unstable_by(f32::total_cmp);
        let pitches = &self.pitches;
        let pitched = |least: usize| pitches.len() >= least;
        Delivery {
            voiced_seconds: self.voiced as f64 * HOP_SECONDS,
            level_db: (self.voiced >= FRAMES_FOR_LEVEL && self.power > 0.0)
                .then(|| decibels(self.power / self.voiced as f64)),
            pitch_hz: pitched(FRAMES_FOR_PITCH).then(|| percentile(pitches, 0.5)),
            melody_semitones: pitched(FRAMES_FOR_RANGE)
                .then(|| 12.0 * (percentile(pitches, 0.9) / percentile(pitches, 0.1)).log2()),
            syllables_per_second: None,
            brightness_db: (pitched(FRAMES_FOR_PITCH) && self.low > 0.0 && self.high > 0.0)
                .then(|| decibels(self.high / self.low)),
            loudness_lufs: None,
        }
    }
}

/// Nuclei per second of voice; `None` where there is too little of it.
pub(super) fn rate(nuclei: usize, voiced_seconds: f64) -> Option<f64> {
    (voiced_seconds >= SECONDS_FOR_RATE).then(|| nuclei as f64 / voiced_seconds)
}

/// Of a power, in dB.
pub(super) fn decibels(power: f64) -> f64 {
    10.0 * power.log10()
}

/// A percentile of ascending values, linearly between the two nearest; 0 of none.
fn percentile(ascending: &[f32], share: f64) -> f64 {
    let at = share * ascending.len().saturating_sub(1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    match (ascending.get(below), ascending.get(above)) {
        (Some(&a), Some(&b)) => f64::from(a) + f64::from(b - a) * at.fract(),
        _ => 0.0,
    }
}

/// Lanes in which sums run, so that they vectorise; their order does not depend on the machine.
const LANES: usize = 8;

/// The sum of a function of samples.
pub(super) fn sum(samples: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let chunks = samples.chunks_exact(LANES);
    for (lane, &x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += of(x);
    }
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += of(x);
        }
    }
    lanes.iter().sum()
}

/// The sum of a function of samples, each times its weight.
pub(super) fn weighted_sum(samples: &[f32], weights: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let (samples, weights) = (samples.chunks_exact(LANES), weights.chunks_exact(LANES));
    let rest = samples.remainder().iter().zip(weights.remainder());
    for (lane, (&x, weight)) in lanes.iter_mut().zip(rest) {
        *lane += of(x) * weight;
    }
    for (samples, weights) in samples.zip(weights) {
        for ((lane, &x), weight) in lanes.iter_mut().zip(samples).zip(weights) {
            *lane += of(x) * weight;
        }
    }
    lanes.iter().sum()
}

/// The greatest magnitude of samples; 0 of none.
pub(super) fn greatest(samples: &[f32]) -> f32 {
    let mut lanes = [0.0_f32; LANES];
    let chunks = samples.chunks_exact(LANES);
    for (lane, x) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane = lane.max(x.abs());
    }
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            let magnitude = x.abs();
            *lane = if magnitude > *lane { magnitude } else { *lane };
        }
    }
    lanes.into_iter().fold(0.0, f32::max)
}
