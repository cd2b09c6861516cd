//! Spectral contrast: how far the peaks of each octave of a spectrum stand above its valleys.
//!
//! As `librosa.feature.spectral_contrast(y, sr=22050)` of librosa 0.11 has it (after Jiang et al., "Music type classification by spectral
//! contrast feature", ICME 2002): in each band the mean of the lowest 2 % of magnitudes and that of the highest, as decibels with the range
//! of 80 dB below the sound's loudest, and their difference. Held against librosa in `tests/compare_golden.rs`.

use std::ops::Range;

use super::spectrogram::{BINS, Spectrogram};

/// Bands: below 200 Hz, then octaves from there, the last to half the rate.
pub const CONTRAST_BANDS: usize = 7;

const LOWEST_HZ: f64 = 200.0;
const QUANTILE: f64 = 0.02;
const FLOOR: f32 = 1e-10;
const RANGE_DB: f32 = 80.0;

/// The bands.
#[derive(Debug, Clone)]
pub struct Contrast {
    /// Each band's bins, and how many of them make a peak or a valley.
    bands: Vec<(Range<usize>, usize)>,
}

impl Default for Contrast {
    fn default() -> Self {
        let edge = |number: usize| match number {
            0 => 0.0,
            number => LOWEST_HZ * 2.0_f64.powi(number as i32 - 1),
        };
        let last = CONTRAST_BANDS - 1;
        let bands = (0..CONTRAST_BANDS)
            .map(|band| {
                let within = |bin: &usize| {
                    let hz = Spectrogram::bin_hz(*bin);
                    hz >= edge(band) && hz <= edge(band + 1)
                };
                let mut first = (0..BINS).find(within).unwrap_or(0);
                let mut end = (0..BINS).rfind(within).map_or(0, |bin| bin + 1);
                // librosa takes one bin more below, and in the last band all above.
                if band > 0 {
                    first -= 1;
                }
                if band == last {
                    end = BINS;
                }
                let count = (QUANTILE * (end - first) as f64).round_ties_even().max(1.0) as usize;
                // Every band but the last leaves its highest bin to the next one.
                let end = if band < last { end - 1 } else { end };
                (first..end, count)
            })
            .collect();
        Self { bands }
    }
}

impl Contrast {
    /// Contrast in dB, `[frames, bands]`, of a sound at [`RATE_HZ`](super::RATE_HZ).
    pub fn frames(&self, samples: &[f32], spectrogram: &mut Spectrogram) -> Vec<f32> {
        let magnitudes = spectrogram.magnitudes(samples);
        let (mut peaks, mut valleys) = (Vec::new(), Vec::new());
        let mut sorted = Vec::new();
        for frame in magnitudes.chunks_exact(BINS) {
            for (bins, count) in &self.bands {
                sorted.clear();
                sorted.extend_from_slice(&frame[bins.clone()]);
                sorted.sort_by(f32::total_cmp);
                let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
                let count = (*count).min(sorted.len());
                valleys.push(mean(&sorted[..count]));
                peaks.push(mean(&sorted[sorted.len() - count..]));
            }
        }
        decibels(&mut peaks);
        decibels(&mut valleys);
        peaks
            .iter()
            .zip(&valleys)
            .map(|(peak, valley)| peak - valley)
            .collect()
    }
}

/// `10 log10(max(value, floor))`, at most 80 dB below the largest of all.
fn decibels(values: &mut [f32]) {
    for value in values.iter_mut() {
        *value = 10.0 * value.max(FLOOR).log10();
    }
    let lowest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max) - RANGE_DB;
    for value in values {
        *value = value.max(lowest);
    }
}
