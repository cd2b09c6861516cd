//! A clip's samples as another voice, room or microphone would have them.

use std::cell::RefCell;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::config::WaveAugment;
use super::speed::change_speed;
use super::{draw, happens, noise, spectrum};

/// Below this mean power (−100 dB of full scale) a clip is silence: no noise is measured against it.
const SILENT_POWER: f64 = 1e-10;

thread_local! {
    /// Plans and buffers, so that a clip costs no planning and no allocation.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

#[derive(Default)]
struct Scratch {
    spectrum: spectrum::Scratch,
    noise: Vec<f32>,
}

/// Writes an augmented copy of `samples` (mono, at `rate_hz`) to `out`. The length changes with the speed only.
///
/// What is drawn depends on `config` and `rng` alone. Samples are not limited: an added noise or gain may exceed ±1.
pub fn augment_wave(
    config: &WaveAugment,
    samples: &[f32],
    rate_hz: u32,
    rng: &mut ChaCha8Rng,
    out: &mut Vec<f32>,
) {
    match config.speed {
        Some(speed) => change_speed(samples, draw(rng, speed), out),
        None => {
            out.clear();
            out.extend_from_slice(samples);
        }
    }
    if let Some(seconds) = config.time_shift_seconds {
        let most = (seconds * rate_hz as f32) as i64;
        shift(out, rng.random_range(-most..=most));
    }
    let reverb = config
        .reverb
        .as_ref()
        .filter(|reverb| happens(rng, reverb.probability));
    let eq = config.eq.as_ref().filter(|eq| happens(rng, eq.probability));
    SCRATCH.with_borrow_mut(|scratch| {
        spectrum::apply(out, rate_hz, reverb, eq, rng, &mut scratch.spectrum);
        if let Some(settings) = config.noise
            && happens(rng, settings.probability)
        {
            let snr_db = draw(rng, settings.snr_db);
            let colour = draw(rng, settings.colour);
            let signal = config.snr_of.power(out, rate_hz);
            add_noise(out, signal, snr_db, colour, rng, &mut scratch.noise);
        }
    });
    if let Some(gain_db) = config.gain_db {
        let gain = 10_f32.powf(draw(rng, gain_db) / 20.0);
        for sample in out {
            *sample *= gain;
        }
    }
}

/// Moves the samples by `by` places (later where positive); silence fills what is left.
fn shift(samples: &mut [f32], by: i64) {
    let places = usize::try_from(by.unsigned_abs())
        .unwrap_or(usize::MAX)
        .min(samples.len());
    if by >= 0 {
        samples.rotate_right(places);
        samples
            .iter_mut()
            .take(places)
            .for_each(|sample| *sample = 0.0);
    } else {
        samples.rotate_left(places);
        samples
            .iter_mut()
            .rev()
            .take(places)
            .for_each(|sample| *sample = 0.0);
    }
}

fn add_noise(
    samples: &mut [f32],
    signal: f64,
    snr_db: f32,
    colour: f32,
    rng: &mut ChaCha8Rng,
    buffer: &mut Vec<f32>,
) {
    noise::fill(buffer, samples.len(), colour, rng);
    let level = noise::power(buffer);
    if signal < SILENT_POWER || level <= 0.0 {
        return;
    }
    let gain = (signal / level * 10_f64.powf(-f64::from(snr_db) / 10.0)).sqrt() as f32;
    for (sample, noise) in samples.iter_mut().zip(buffer.iter()) {
        *sample += gain * noise;
    }
}
