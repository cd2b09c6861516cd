//! Coloured noise that costs one addition a sample: a bank made once, read from random places.

use std::sync::OnceLock;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::fourier::Fourier;

/// Exponents −`colour` of the bank's power spectra; between two of them their noises are mixed.
const COLOURS: [f32; 5] = [0.0, 0.5, 1.0, 1.5, 2.0];
/// Samples per colour (8.2 s at 16 kHz), a power of two; the noise is periodic, so it can be read from anywhere.
const LENGTH: usize = 1 << 17;
/// Bins of the spectrum below this are flat (20 Hz at 16 kHz): brown noise would else be one slow wave.
const FLAT_BELOW_BIN: usize = 164;

/// Noise of unit mean power in every colour of the bank.
fn bank() -> &'static [Vec<f32>] {
    static BANK: OnceLock<Vec<Vec<f32>>> = OnceLock::new();
    BANK.get_or_init(|| {
        let mut fourier = Fourier::default();
        COLOURS
            .iter()
            .enumerate()
            .map(|(number, colour)| {
                let mut rng = ChaCha8Rng::seed_from_u64(number as u64);
                let mut noise = fourier.synthesise(LENGTH, |bin| {
                    let magnitude = (bin.max(FLAT_BELOW_BIN) as f32).powf(-colour / 2.0);
                    let phase = std::f32::consts::TAU * rng.random::<f32>();
                    (magnitude * phase.cos(), magnitude * phase.sin())
                });
                let scale = (power(&noise).sqrt() as f32).recip();
                for sample in &mut noise {
                    *sample *= scale;
                }
                noise
            })
            .collect()
    })
}

/// Mean power of samples; 0 for none.
pub(crate) fn power(samples: &[f32]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let sum: f64 = samples
        .chunks(256)
        .map(|block| f64::from(block.iter().map(|sample| sample * sample).sum::<f32>()))
        .sum();
    sum / samples.len() as f64
}

/// Mean power of the 10 ms blocks that are at most 35 dB below the loudest: of the voice, not of the silence beside it.
pub(crate) fn speech_power(samples: &[f32], rate_hz: u32) -> f64 {
    const RANGE: f64 = 3.162_277_660_168_379e-4;
    let step = (rate_hz as usize / 100).max(1);
    let blocks = || samples.chunks(step).map(power);
    let threshold = blocks().fold(0.0, f64::max) * RANGE;
    let (sum, count) = blocks()
        .filter(|block| *block > 0.0 && *block >= threshold)
        .fold((0.0, 0_u32), |(sum, count), block| (sum + block, count + 1));
    if count == 0 {
        0.0
    } else {
        sum / f64::from(count)
    }
}

/// Fills `noise` with `count` samples whose power falls as f^−`colour` (0 to 2); its mean power is near 1.
///
/// Two pieces from different places of the bank are added, so that no stretch of it comes back as it was.
pub(crate) fn fill(noise: &mut Vec<f32>, count: usize, colour: f32, rng: &mut ChaCha8Rng) {
    noise.clear();
    noise.resize(count, 0.0);
    let position = colour.clamp(0.0, 2.0) * 2.0;
    let lower = (position as usize).min(COLOURS.len() - 2);
    let share = position - lower as f32;
    for (number, power_share) in [(lower, 1.0 - share), (lower + 1, share)] {
        for _ in 0..2 {
            let mut at = rng.random_range(0..LENGTH);
            let sign = if rng.random::<bool>() { 1.0 } else { -1.0 };
            let weight = sign * (power_share * 0.5).sqrt();
            let Some(source) = bank().get(number) else {
                continue;
            };
            if weight == 0.0 {
                continue;
            }
            let mut rest = noise.as_mut_slice();
            while !rest.is_empty() {
                let piece = source.get(at..).unwrap_or_default();
                let (now, later) = rest.split_at_mut(piece.len().min(rest.len()));
                for (sample, from) in now.iter_mut().zip(piece) {
                    *sample += weight * from;
                }
                rest = later;
                at = 0;
            }
        }
    }
}
