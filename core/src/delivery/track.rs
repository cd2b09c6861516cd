//! `Track`: a sound's frames, and the measures of any stretch of it.

use super::measures::{Delivery, percentile};
use super::{HOP_SECONDS, syllables};

/// Pitched frames that a median needs: 0.2 s.
const FRAMES_FOR_PITCH: usize = 20;
/// Pitched frames that a range needs: 0.5 s.
const FRAMES_FOR_RANGE: usize = 50;
/// Voiced frames that a level needs: 0.2 s.
const FRAMES_FOR_LEVEL: usize = 20;
/// Voice that a rate needs, in seconds: a syllable more or less is then at most about one a second.
const SECONDS_FOR_RATE: f64 = 0.8;

/// 10 ms of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Mean square of its own 10 ms, full scale = 1.
    pub mean_square: f32,
    /// Intensity, smoothed over 64 ms as Praat's, in dB below full scale.
    pub intensity_db: f32,
    /// Pitch in Hz; 0 where there is none.
    pub pitch_hz: f32,
    /// Energy in 50–1000 Hz.
    pub low_energy: f32,
    /// Energy in 1–5 kHz.
    pub high_energy: f32,
    /// Whether somebody speaks: the voice gate is open.
    pub voiced: bool,
}

/// A sound, measured: a frame every [`Track::STEP_SECONDS`], the first centred at 0.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    frames: Vec<Frame>,
    /// Frames in which syllable nuclei lie, ascending.
    nuclei: Vec<usize>,
}

impl Track {
    /// Distance from one frame to the next, in seconds.
    pub const STEP_SECONDS: f64 = HOP_SECONDS;

    pub(super) fn new(frames: Vec<Frame>) -> Self {
        let nuclei = syllables::nuclei(&frames);
        Self { frames, nuclei }
    }

    /// The frames.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// When syllable nuclei lie, in seconds.
    pub fn nuclei_seconds(&self) -> impl Iterator<Item = f64> + '_ {
        self.nuclei.iter().map(|&index| index as f64 * HOP_SECONDS)
    }

    /// Seconds of voice.
    pub fn voiced_seconds(&self) -> f64 {
        let voiced = self.frames.iter().filter(|frame| frame.voiced).count();
        voiced as f64 * HOP_SECONDS
    }

    /// How the stretch between two times is delivered. A measure for which there is too little voice is `None`.
    pub fn measure(&self, start_seconds: f64, end_seconds: f64) -> Delivery {
        let index = |seconds: f64| {
            let index = (seconds / HOP_SECONDS).round().max(0.0) as usize;
            index.min(self.frames.len())
        };
        let (from, to) = (index(start_seconds), index(end_seconds));
        let frames = self.frames.get(from..to).unwrap_or_default();
        let voiced: Vec<&Frame> = frames.iter().filter(|frame| frame.voiced).collect();
        let voiced_seconds = voiced.len() as f64 * HOP_SECONDS;
        let mut pitches: Vec<f64> = Vec::with_capacity(voiced.len());
        let (mut power, mut low, mut high) = (0.0_f64, 0.0_f64, 0.0_f64);
        for frame in &voiced {
            power += f64::from(frame.mean_square);
            if frame.pitch_hz > 0.0 {
                pitches.push(f64::from(frame.pitch_hz));
                low += f64::from(frame.low_energy);
                high += f64::from(frame.high_energy);
            }
        }
        pitches.sort_by(f64::total_cmp);
        let first = self.nuclei.partition_point(|&nucleus| nucleus < from);
        let last = self.nuclei.partition_point(|&nucleus| nucleus < to);
        let pitched = |least: usize| pitches.len() >= least;
        Delivery {
            voiced_seconds,
            level_db: (voiced.len() >= FRAMES_FOR_LEVEL && power > 0.0)
                .then(|| decibels(power / voiced.len() as f64)),
            pitch_hz: pitched(FRAMES_FOR_PITCH).then(|| percentile(&pitches, 0.5)),
            melody_semitones: pitched(FRAMES_FOR_RANGE)
                .then(|| 12.0 * (percentile(&pitches, 0.9) / percentile(&pitches, 0.1)).log2()),
            syllables_per_second: (voiced_seconds >= SECONDS_FOR_RATE)
                .then(|| (last - first) as f64 / voiced_seconds),
            brightness_db: (pitched(FRAMES_FOR_PITCH) && low > 0.0 && high > 0.0)
                .then(|| decibels(high / low)),
        }
    }
}

fn decibels(power: f64) -> f64 {
    10.0 * power.log10()
}
