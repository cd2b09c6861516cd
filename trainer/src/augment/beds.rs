//! Other people talking and music, under a voice: long beds made once a run, read from random places.

use std::sync::Arc;

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

use super::config::{Bed, WaveAugment};
use super::{draw, happens, music, noise, stream};

/// Voices that talk at once in babble.
const BABBLE_VOICES: usize = 5;
/// Length of the babble; each voice of it says something else all that time.
const BABBLE_SECONDS: usize = 90;
/// Pieces of music, each in another key and tempo.
const PIECES: u64 = 12;
/// Length of a piece.
const PIECE_SECONDS: usize = 12;
/// Below this mean power (−100 dB of full scale) a window is silence: no bed is measured against it.
const SILENT_POWER: f64 = 1e-10;

/// The sounds that may lie under a voice in training.
#[derive(Debug, Clone, Default)]
pub struct Beds {
    babble: Arc<Vec<f32>>,
    pieces: Arc<Vec<Vec<f32>>>,
    rate_hz: u32,
}

impl Beds {
    /// The beds that `config` asks for, at `rate_hz`: babble of `clips` (indices for `sound`, training clips only), music of its own.
    pub fn new(
        config: &WaveAugment,
        rate_hz: u32,
        clips: &[usize],
        sound: impl Fn(usize) -> Vec<f32>,
        seed: u64,
    ) -> Self {
        let rate = rate_hz as usize;
        let mut beds = Self {
            rate_hz,
            ..Self::default()
        };
        if config.babble.is_some() && !clips.is_empty() {
            let mut rng = stream(seed, 0, 1 << 41);
            let mut babble = vec![0.0; BABBLE_SECONDS * rate];
            for _ in 0..BABBLE_VOICES {
                let mut at = 0;
                while at < babble.len() {
                    let Some(&clip) = clips.choose(&mut rng) else {
                        break;
                    };
                    let voice = sound(clip);
                    // Everybody in the room speaks equally loud.
                    let gain = (noise::power(&voice).sqrt() as f32).max(1e-5).recip();
                    for (sum, sample) in babble[at..].iter_mut().zip(&voice) {
                        *sum += gain * sample;
                    }
                    at += voice.len().max(1);
                }
            }
            beds.babble = Arc::new(babble);
        }
        if config.music.is_some() {
            beds.pieces = Arc::new(
                (0..PIECES)
                    .map(|piece| {
                        let mut samples = Vec::new();
                        let mut rng = stream(seed, 0, (1 << 42) + piece);
                        music::fill(&mut samples, PIECE_SECONDS * rate, rate_hz, &mut rng);
                        samples
                    })
                    .collect(),
            );
        }
        beds
    }

    /// Lays beds under `samples`, as `config` has it.
    pub fn add(&self, config: &WaveAugment, samples: &mut [f32], rng: &mut ChaCha8Rng) {
        let signal = |samples: &[f32]| config.snr_of.power(samples, self.rate_hz);
        if let Some(bed) = config.babble {
            lay(bed, &self.babble, signal, samples, rng);
        }
        if let Some(bed) = config.music {
            let piece = self.pieces.choose(rng).map_or(&[][..], Vec::as_slice);
            lay(bed, piece, signal, samples, rng);
        }
    }
}

/// Adds a stretch of `source` from a random place, going round at its end.
fn lay(
    bed: Bed,
    source: &[f32],
    signal: impl Fn(&[f32]) -> f64,
    samples: &mut [f32],
    rng: &mut ChaCha8Rng,
) {
    if !happens(rng, bed.probability) || source.is_empty() {
        return;
    }
    let snr_db = draw(rng, bed.snr_db);
    let start = rng.random_range(0..source.len());
    let stretch = || source.iter().cycle().skip(start).take(samples.len());
    let level =
        stretch().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>() / samples.len().max(1) as f64;
    let signal = signal(samples);
    if signal < SILENT_POWER || level <= 0.0 {
        return;
    }
    let gain = (signal / level * 10_f64.powf(-f64::from(snr_db) / 10.0)).sqrt() as f32;
    for (sample, bed) in samples.iter_mut().zip(source.iter().cycle().skip(start)) {
        *sample += gain * bed;
    }
}
