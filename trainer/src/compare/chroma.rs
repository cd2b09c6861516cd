//! Chroma: how much of a spectrum lies at each of twelve pitch classes.
//!
//! As `librosa.feature.chroma_stft(y, sr=22050, tuning=0)` of librosa 0.11 has it (after Ellis, "Chroma feature analysis and synthesis",
//! 2007): a filter bank of Gaussian bumps in pitch, weighed around the fifth octave, on the power spectrum; each frame is divided by its
//! largest value. Held against librosa in `tests/compare_golden.rs`.

use super::spectrogram::{BINS, RATE_HZ, Spectrogram, TRANSFORM_SAMPLES};

/// Pitch classes, from C.
pub const CHROMA_CLASSES: usize = 12;

/// Octave that counts most, and how wide that preference is, in octaves.
const CENTRE_OCTAVE: f64 = 5.0;
const OCTAVE_WIDTH: f64 = 2.0;

/// The filter bank.
#[derive(Debug, Clone)]
pub struct Chroma {
    /// `[classes, bins]`
    weights: Vec<f32>,
}

impl Default for Chroma {
    fn default() -> Self {
        let classes = CHROMA_CLASSES as f64;
        // Where each bin lies, in semitones above A0; the bin at 0 Hz is put one and a half octaves below the first.
        let above = |bin: usize| {
            let hz = bin as f64 * f64::from(RATE_HZ) / TRANSFORM_SAMPLES as f64;
            classes * (hz / (440.0 / 16.0)).log2()
        };
        let place = |bin: usize| match bin {
            0 => above(1) - 1.5 * classes,
            bin => above(bin),
        };
        let mut weights = vec![0.0; CHROMA_CLASSES * BINS];
        for bin in 0..BINS {
            let width = (place(bin + 1) - place(bin)).max(1.0);
            let bumps: Vec<f64> = (0..CHROMA_CLASSES)
                .map(|class| {
                    let half = (classes / 2.0).round();
                    let distance = (place(bin) - class as f64 + half).rem_euclid(classes) - half;
                    (-0.5 * (2.0 * distance / width).powi(2)).exp()
                })
                .collect();
            let norm = bumps.iter().map(|bump| bump * bump).sum::<f64>().sqrt();
            let octave = (place(bin) / classes - CENTRE_OCTAVE) / OCTAVE_WIDTH;
            let scale = (-0.5 * octave * octave).exp() / norm;
            for (class, bump) in bumps.iter().enumerate() {
                // The bumps start at A, the classes at C, three semitones above.
                let class = (class + CHROMA_CLASSES - 3) % CHROMA_CLASSES;
                weights[class * BINS + bin] = (bump * scale) as f32;
            }
        }
        Self { weights }
    }
}

impl Chroma {
    /// Chroma `[frames, classes]` of a sound at [`RATE_HZ`].
    pub fn frames(&self, samples: &[f32], spectrogram: &mut Spectrogram) -> Vec<f32> {
        let magnitudes = spectrogram.magnitudes(samples);
        let mut chroma = Vec::with_capacity(magnitudes.len() / BINS * CHROMA_CLASSES);
        for frame in magnitudes.chunks_exact(BINS) {
            let start = chroma.len();
            for weights in self.weights.chunks_exact(BINS) {
                let power: f32 = weights
                    .iter()
                    .zip(frame)
                    .map(|(weight, magnitude)| weight * magnitude * magnitude)
                    .sum();
                chroma.push(power);
            }
            let frame = &mut chroma[start..];
            let largest = frame.iter().copied().fold(0.0, f32::max);
            // Silence stays nothing.
            if largest >= f32::MIN_POSITIVE {
                for value in frame {
                    *value /= largest;
                }
            }
        }
        chroma
    }
}
