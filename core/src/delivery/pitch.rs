//! Candidates for the pitch of a frame: peaks of the autocorrelation, corrected for the window (Boersma 1993).
//!
//! The `pitch-detection` library finds the autocorrelation and its peaks. Its ready-made detectors are not used: they give one answer per frame,
//! so that an octave error cannot be mended from the frames beside it, and in version 0.3.0 the McLeod detector's normalisation adds up
//! numbers of two scales, which lowers the clarity of low voices.

use std::f64::consts::TAU;

use pitch_detection::detector::internals::autocorrelation;
use pitch_detection::utils::buffer::BufferPool;
use pitch_detection::utils::peak::{PeakCorrection, correct_peak, detect_peaks};

use super::RATE_HZ;

/// Lowest pitch looked for, in Hz.
pub(super) const FLOOR_HZ: f32 = 70.0;
/// Highest pitch looked for, in Hz.
pub(super) const CEILING_HZ: f32 = 600.0;

/// Samples of the analysis window: 40 ms, almost three periods of the floor.
pub(super) const WINDOW: usize = 640;
/// Zeros after it, so that lags up to these do not wrap around.
const PADDING: usize = 384;
/// Lags that are looked at; the peak of the lowest pitch, at 229, must be whole.
const LAGS: usize = 320;
/// Mean square below which a frame has no pitch: −80 dB.
const SILENT_MEAN_SQUARE: f32 = 1e-8;
/// Candidates kept per frame, the strongest.
const MOST: usize = 6;

/// A pitch that a frame may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) hz: f32,
    /// Height of the autocorrelation's peak, 0 to 1.
    pub(super) strength: f32,
}

/// Finds a frame's candidates.
pub(super) struct PitchFinder {
    buffers: BufferPool<f32>,
    window: Vec<f32>,
    /// The window's own autocorrelation, by which a frame's is divided, `[LAGS]`.
    correction: Vec<f32>,
    frame: Vec<f32>,
    result: Vec<f32>,
}

impl std::fmt::Debug for PitchFinder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PitchFinder").finish_non_exhaustive()
    }
}

impl PitchFinder {
    pub(super) fn new() -> Self {
        let window: Vec<f32> = (0..WINDOW)
            .map(|i| (0.5 - 0.5 * (TAU * (i as f64 + 0.5) / WINDOW as f64).cos()) as f32)
            .collect();
        let mut buffers = BufferPool::new(WINDOW + PADDING);
        let mut result = vec![0.0; WINDOW + PADDING];
        autocorrelation(&window, &mut buffers, &mut result);
        let correction = result.iter().take(LAGS).map(|r| r / result[0]).collect();
        Self {
            buffers,
            correction,
            frame: Vec::with_capacity(WINDOW),
            result,
            window,
        }
    }

    /// Writes the candidates of `samples` (`[WINDOW]` at 16 kHz), strongest first; none where it is silent.
    pub(super) fn find(&mut self, samples: &[f32], candidates: &mut Vec<Candidate>) {
        candidates.clear();
        let mean = samples.iter().sum::<f32>() / WINDOW as f32;
        self.frame.clear();
        let centred = samples.iter().zip(&self.window);
        self.frame
            .extend(centred.map(|(sample, weight)| (sample - mean) * weight));
        let power = self.frame.iter().map(|x| x * x).sum::<f32>() / WINDOW as f32;
        if !(power >= SILENT_MEAN_SQUARE && power.is_finite()) {
            return;
        }
        autocorrelation(&self.frame, &mut self.buffers, &mut self.result);
        let whole = self.result[0];
        for (r, correction) in self.result.iter_mut().zip(&self.correction) {
            *r /= whole * correction;
        }
        let normalised = &self.result[..LAGS];
        for peak in detect_peaks(normalised) {
            let (lag, strength) = correct_peak(peak, normalised, PeakCorrection::Quadratic);
            let hz = RATE_HZ as f32 / lag;
            if (FLOOR_HZ..=CEILING_HZ).contains(&hz) && strength > 0.0 {
                candidates.push(Candidate {
                    hz,
                    // Interpolation and noise can carry a peak past one; there 1/x folds it back (Boersma's `sound to pitch`).
                    strength: if strength > 1.0 {
                        1.0 / strength
                    } else {
                        strength
                    },
                });
            }
        }
        candidates.sort_by(|a, b| b.strength.total_cmp(&a.strength));
        candidates.truncate(MOST);
    }
}
