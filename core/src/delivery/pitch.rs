//! Candidates for the pitch of a frame: peaks of the autocorrelation, corrected for the window (Boersma 1993).
//!
//! The `pitch-detection` library finds the peaks; the autocorrelation comes from `realfft`, planned once, since the library plans its transforms
//! anew for every frame. Its ready-made detectors are not used: they give one answer per frame, so that an octave error cannot be mended from the
//! frames beside it, and in version 0.3.0 the McLeod detector's normalisation adds up numbers of two scales, which lowers the clarity of low voices.

use std::f64::consts::TAU;
use std::sync::Arc;

use pitch_detection::utils::peak::{PeakCorrection, correct_peak, detect_peaks};
use realfft::num_complex::Complex;
use realfft::{ComplexToReal, RealFftPlanner, RealToComplex};

use super::RATE_HZ;
use super::sums::sum;

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
    forward: Arc<dyn RealToComplex<f32>>,
    inverse: Arc<dyn ComplexToReal<f32>>,
    window: Vec<f32>,
    /// One over the window's own autocorrelation, by which a frame's is divided, `[LAGS]`.
    correction: Vec<f32>,
    /// The frame with zeros after it, then its autocorrelation.
    frame: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
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
        let mut planner = RealFftPlanner::new();
        let forward = planner.plan_fft_forward(WINDOW + PADDING);
        let inverse = planner.plan_fft_inverse(WINDOW + PADDING);
        let scratch = forward.get_scratch_len().max(inverse.get_scratch_len());
        let mut finder = Self {
            spectrum: forward.make_output_vec(),
            scratch: vec![Complex::default(); scratch],
            frame: vec![0.0; WINDOW + PADDING],
            correction: Vec::new(),
            forward,
            inverse,
            window,
        };
        finder.frame[..WINDOW].copy_from_slice(&finder.window);
        finder.autocorrelate();
        let whole = finder.frame[0];
        finder.correction = finder.frame[..LAGS].iter().map(|r| whole / r).collect();
        finder
    }

    /// Writes the candidates of `samples` (`[WINDOW]` at 16 kHz), strongest first; none where it is silent.
    pub(super) fn find(&mut self, samples: &[f32], candidates: &mut Vec<Candidate>) {
        candidates.clear();
        let mean = sum(samples, |x| x) / WINDOW as f32;
        let (own, padding) = self.frame.split_at_mut(WINDOW);
        for ((to, sample), weight) in own.iter_mut().zip(samples).zip(&self.window) {
            *to = (sample - mean) * weight;
        }
        padding.fill(0.0);
        let power = sum(own, |x| x * x) / WINDOW as f32;
        if !(power >= SILENT_MEAN_SQUARE && power.is_finite()) {
            return;
        }
        self.autocorrelate();
        let whole = self.frame[0];
        let normalised = &mut self.frame[..LAGS];
        for (r, correction) in normalised.iter_mut().zip(&self.correction) {
            *r *= correction / whole;
        }
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
        candidates.sort_unstable_by(|a, b| {
            b.strength
                .total_cmp(&a.strength)
                .then(a.hz.total_cmp(&b.hz))
        });
        candidates.truncate(MOST);
    }

    /// Turns `frame` into its autocorrelation, times the transform's length.
    fn autocorrelate(&mut self) {
        let Self {
            forward,
            inverse,
            frame,
            spectrum,
            scratch,
            ..
        } = self;
        let forth = forward.process_with_scratch(frame, spectrum, scratch);
        for bin in spectrum.iter_mut() {
            *bin = Complex::new(bin.norm_sqr(), 0.0);
        }
        let back = inverse.process_with_scratch(spectrum, frame, scratch);
        // The sizes are ours and the power spectrum is real, so neither is refused.
        debug_assert!(forth.is_ok() && back.is_ok(), "{forth:?} {back:?}");
    }
}
