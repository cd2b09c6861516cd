//! The telephone: a narrow band with steep edges and eight bits a sample. In training the band is drawn, in a measurement it is the standard's.

use std::cell::RefCell;

use rand_chacha::ChaCha8Rng;
use realfft::num_complex::Complex;

use super::config::Telephone;
use super::fourier::Fourier;
use super::{draw, happens, noise};

/// Silence kept behind a sound for the filter's own echo, in seconds.
const TAIL_SECONDS: f32 = 0.05;
/// Width of the band's lower and upper edge, in Hz.
const EDGE_HZ: [f32; 2] = [100.0, 200.0];

thread_local! {
    /// Plans and buffers, so that a window costs no planning and no allocation.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    fourier: Fourier,
    padded: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
}

/// Sends `samples` over a drawn line, in place, as often as `config` has it. Length and mean level stay about as they were.
///
/// The line's own sampling at 8 kHz is left out: its band ends below 4 kHz, so only the aliases of the coder's noise differ.
pub fn telephone(config: &Telephone, samples: &mut [f32], rate_hz: u32, rng: &mut ChaCha8Rng) {
    let happens = happens(rng, config.probability);
    let [low, high] = [draw(rng, config.low_hz), draw(rng, config.high_hz)];
    let level_db = draw(rng, config.level_db);
    if !happens {
        return;
    }
    let edges = [low - EDGE_HZ[0], low, high, high + EDGE_HZ[1]];
    band(samples, rate_hz, edges);
    let speech = noise::speech_power(samples, rate_hz).sqrt() as f32;
    if speech <= 0.0 {
        return;
    }
    let gain = 10_f32.powf(level_db / 20.0) / speech;
    for sample in samples.iter_mut() {
        *sample = mu_law(*sample * gain) / gain;
    }
    // What the coder adds leaves the line through the same filter.
    band(samples, rate_hz, edges);
}

/// Keeps a band: passed from the second to the third of `edges_hz`, nothing below the first and above the last; the edges
/// are a raised cosine's, the phase stays.
pub(crate) fn band(samples: &mut [f32], rate_hz: u32, edges_hz: [f32; 4]) {
    let [none, low, high, gone] = edges_hz;
    let edge = |place: f32| 0.5 - 0.5 * (std::f32::consts::PI * place.clamp(0.0, 1.0)).cos();
    SCRATCH.with_borrow_mut(|scratch| {
        let plan = scratch
            .fourier
            .plan(samples.len() + (TAIL_SECONDS * rate_hz as f32) as usize);
        let (fourier, spectrum) = (&mut scratch.fourier, &mut scratch.spectrum);
        fourier.forward(&plan, samples, &mut scratch.padded, spectrum);
        let hz_per_bin = rate_hz as f32 / 2.0 / spectrum.len().saturating_sub(1).max(1) as f32;
        for (number, bin) in spectrum.iter_mut().enumerate() {
            let hz = number as f32 * hz_per_bin;
            *bin *= edge((hz - none) / (low - none)) * edge((gone - hz) / (gone - high));
        }
        fourier.inverse(&plan, spectrum, &mut scratch.padded);
        for (sample, banded) in samples.iter_mut().zip(&scratch.padded) {
            *sample = *banded;
        }
    });
}

/// Through G.711's μ-law and back: 14 bits to 8 in segments that double, as its tables have it.
pub(crate) fn mu_law(sample: f32) -> f32 {
    // 14-bit magnitudes: the largest that is coded is 8158, the bias 33.
    let magnitude = (sample.abs() * 8_192.0).round().min(8_158.0) as u32 + 33;
    let segment = magnitude.ilog2() - 5;
    let step = (magnitude >> (segment + 1)) & 0x0f;
    let decoded = ((2 * step + 33) << segment) - 33;
    (decoded as f32 / 8_192.0).copysign(sample)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::stream;

    #[test]
    fn mu_law_gives_back_the_values_of_g_711() {
        // Decoder outputs of G.711, table 2a: 0, 2, 8031 (largest), and the first of segments.
        let back = |value: f32| (mu_law(value / 8_192.0) * 8_192.0).round();
        assert_eq!(back(0.0), 0.0);
        assert_eq!(back(2.0), 2.0);
        assert_eq!(back(-2.0), -2.0);
        assert_eq!(back(8_158.0), 8_031.0);
        assert_eq!(back(20_000.0), 8_031.0);
        assert_eq!(back(4_063.0), 4_191.0);
        // Its error is about one part in 32 of any sample that is not small: 38 dB.
        for value in (240..8_000).step_by(37) {
            let value = value as f32;
            assert!((back(value) - value).abs() <= value / 28.0, "{value}");
        }
    }

    #[test]
    fn a_drawn_line_keeps_its_band_and_the_level() {
        let config = Telephone {
            probability: 1.0,
            low_hz: [300.0, 300.0],
            high_hz: [3_400.0, 3_400.0],
            level_db: [-26.0, -26.0],
        };
        for (hz, kept) in [
            (150.0, false),
            (400.0, true),
            (3_000.0, true),
            (3_800.0, false),
        ] {
            let mut tone: Vec<f32> = (0..16_000)
                .map(|n| 0.1 * (std::f32::consts::TAU * hz * n as f32 / 16_000.0).sin())
                .collect();
            // A voice beside the tone, so that there is something whose level the line keeps.
            let voice: Vec<f32> = (0..16_000)
                .map(|n| 0.1 * (std::f32::consts::TAU * 1_000.0 * n as f32 / 16_000.0).sin())
                .collect();
            for (sample, voice) in tone.iter_mut().zip(&voice) {
                *sample += voice;
            }
            telephone(&config, &mut tone, 16_000, &mut stream(0, 0, 0));
            let amplitude = |hz: f32| {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, sample) in tone.iter().enumerate().skip(4_000).take(8_000) {
                    let phase = std::f32::consts::TAU * hz * n as f32 / 16_000.0;
                    re += sample * phase.cos();
                    im += sample * phase.sin();
                }
                (re * re + im * im).sqrt() / 4_000.0
            };
            assert!((amplitude(1_000.0) - 0.1).abs() < 0.005);
            if kept {
                assert!((amplitude(hz) - 0.1).abs() < 0.005, "{hz} Hz");
            } else {
                assert!(amplitude(hz) < 0.002, "{hz} Hz: {}", amplitude(hz));
            }
        }
    }
}
