//! The short-time spectrum that chroma and spectral contrast are made of: librosa's defaults at 22,050 Hz.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Rate at which the comparison's features are computed, in Hz.
pub const RATE_HZ: u32 = 22_050;
/// Length of the transform and of its periodic Hann window, in samples.
pub const TRANSFORM_SAMPLES: usize = 2048;
/// Distance from one frame's centre to the next, in samples.
pub const HOP_SAMPLES: usize = 512;

/// Bins of a spectrum, from 0 Hz to half the rate.
pub(super) const BINS: usize = TRANSFORM_SAMPLES / 2 + 1;

/// Magnitudes `[frames, bins]` of a sound: `abs(librosa.stft(y))`, centred frames with zeros beyond the ends.
///
/// Computed in double precision: between the partials of a clean tone, single precision's own noise would be what contrast sees.
pub struct Spectrogram {
    transform: Arc<dyn RealToComplex<f64>>,
    window: Vec<f64>,
    frame: Vec<f64>,
    spectrum: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl std::fmt::Debug for Spectrogram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spectrogram").finish_non_exhaustive()
    }
}

impl Default for Spectrogram {
    fn default() -> Self {
        let transform = RealFftPlanner::new().plan_fft_forward(TRANSFORM_SAMPLES);
        let window = (0..TRANSFORM_SAMPLES)
            .map(|n| {
                let turn = n as f64 / TRANSFORM_SAMPLES as f64;
                0.5 - 0.5 * (std::f64::consts::TAU * turn).cos()
            })
            .collect();
        Self {
            window,
            frame: transform.make_input_vec(),
            spectrum: transform.make_output_vec(),
            scratch: transform.make_scratch_vec(),
            transform,
        }
    }
}

impl Spectrogram {
    /// The magnitudes of every frame, one after the other.
    pub fn magnitudes(&mut self, samples: &[f32]) -> Vec<f32> {
        let frames = 1 + samples.len() / HOP_SAMPLES;
        let mut magnitudes = Vec::with_capacity(frames * BINS);
        for frame in 0..frames {
            let start = (frame * HOP_SAMPLES) as i64 - (TRANSFORM_SAMPLES / 2) as i64;
            for (place, (value, weight)) in self.frame.iter_mut().zip(&self.window).enumerate() {
                let sample = usize::try_from(start + place as i64)
                    .ok()
                    .and_then(|at| samples.get(at));
                *value = sample.map_or(0.0, |sample| f64::from(*sample) * weight);
            }
            // The lengths are those that the transform asked for, so it cannot fail.
            let done = self.transform.process_with_scratch(
                &mut self.frame,
                &mut self.spectrum,
                &mut self.scratch,
            );
            match done {
                Ok(()) => magnitudes.extend(self.spectrum.iter().map(|bin| bin.norm() as f32)),
                Err(_) => magnitudes.extend(std::iter::repeat_n(0.0, BINS)),
            }
        }
        magnitudes
    }

    /// The frequency of a bin, in Hz.
    pub(super) fn bin_hz(bin: usize) -> f64 {
        bin as f64 * f64::from(RATE_HZ) / TRANSFORM_SAMPLES as f64
    }
}
