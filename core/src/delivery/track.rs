//! `Track`: a sound's frames, and the measures of any stretch of it.

use super::measures::Delivery;
use super::sums::{Sums, rate};
use super::{HOP_SECONDS, syllables};

/// 10 ms of sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Mean square of its own 10 ms, full scale = 1.
    pub mean_square: f32,
    /// Intensity, smoothed over 64 ms as Praat's, in dB below full scale.
    pub intensity_db: f32,
    /// Pitch in Hz; 0 where there is none, or where nobody speaks and it was not looked for.
    pub pitch_hz: f32,
    /// Energy in 50–1000 Hz; 0 where no pitch can be.
    pub low_energy: f32,
    /// Energy in 1–5 kHz; 0 where no pitch can be.
    pub high_energy: f32,
    /// Whether somebody speaks: the voice gate is open.
    pub voiced: bool,
}

impl Frame {
    /// Whether a syllable nucleus may lie here.
    pub(super) fn may_be_nucleus(&self) -> bool {
        self.voiced && self.pitch_hz > 0.0
    }
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
        let levels: Vec<f32> = frames.iter().map(|frame| frame.intensity_db).collect();
        let nuclei = syllables::nuclei(&levels, |index| {
            frames.get(index).is_some_and(Frame::may_be_nucleus)
        });
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

    /// How the stretch between two times is delivered. A measure for which there is too little voice is `None`, and so is the loudness.
    pub fn measure(&self, start_seconds: f64, end_seconds: f64) -> Delivery {
        let index = |seconds: f64| frame_at(seconds).min(self.frames.len());
        let (from, to) = (index(start_seconds), index(end_seconds));
        let mut sums = Sums::default();
        for frame in self.frames.get(from..to).unwrap_or_default() {
            sums.add(frame);
        }
        let delivery = sums.delivery();
        let first = self.nuclei.partition_point(|&nucleus| nucleus < from);
        let last = self.nuclei.partition_point(|&nucleus| nucleus < to);
        Delivery {
            syllables_per_second: rate(last.saturating_sub(first), delivery.voiced_seconds),
            ..delivery
        }
    }
}

/// The frame nearest to a time.
pub(super) fn frame_at(seconds: f64) -> usize {
    (seconds / HOP_SECONDS).round().max(0.0) as usize
}
