//! The changes that are cheapest as a multiplication of spectra: a room and a microphone, in one pass.

use rand_chacha::ChaCha8Rng;
use realfft::num_complex::Complex;

use super::config::{Equaliser, Reverb};
use super::fourier::Fourier;
use super::{draw, noise};

/// Lowest point of the equaliser's curve.
const LOWEST_POINT_HZ: f32 = 50.0;
/// Pieces of equal width in log frequency on which the curve is computed; inside them it is a straight line.
const PIECES: usize = 256;
/// Silence kept behind a clip for the equaliser's own short echo.
const EQ_TAIL_SECONDS: f32 = 0.05;
/// The reverberation starts this long after the direct sound.
const PRE_DELAY_SECONDS: f32 = 0.002;

/// Buffers of [`apply`], kept between clips.
#[derive(Default)]
pub(super) struct Scratch {
    fourier: Fourier,
    padded: Vec<f32>,
    response: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    room: Vec<Complex<f32>>,
}

/// Sends `samples` through a drawn room and a drawn equaliser, in place; the length stays, the room's tail is cut.
pub(super) fn apply(
    samples: &mut [f32],
    rate_hz: u32,
    reverb: Option<&Reverb>,
    eq: Option<&Equaliser>,
    rng: &mut ChaCha8Rng,
    scratch: &mut Scratch,
) {
    if (reverb.is_none() && eq.is_none()) || samples.is_empty() {
        return;
    }
    let rate = rate_hz as f32;
    scratch.response.clear();
    if let Some(reverb) = reverb {
        draw_room(reverb, rate, rng, &mut scratch.response);
    }
    let tail = scratch.response.len() + (EQ_TAIL_SECONDS * rate) as usize;
    let plan = scratch.fourier.plan(samples.len() + tail);
    let fourier = &mut scratch.fourier;
    if reverb.is_some() {
        fourier.forward(
            &plan,
            &scratch.response,
            &mut scratch.padded,
            &mut scratch.room,
        );
    }
    fourier.forward(&plan, samples, &mut scratch.padded, &mut scratch.spectrum);
    if reverb.is_some() {
        for (bin, room) in scratch.spectrum.iter_mut().zip(&scratch.room) {
            *bin *= room;
        }
    }
    if let Some(eq) = eq {
        equalise(&mut scratch.spectrum, eq, rate, rng);
    }
    fourier.inverse(&plan, &mut scratch.spectrum, &mut scratch.padded);
    for (sample, changed) in samples.iter_mut().zip(&scratch.padded) {
        *sample = *changed;
    }
}

/// A room's impulse response: 1, then white noise that falls by 60 dB in RT60.
fn draw_room(reverb: &Reverb, rate: f32, rng: &mut ChaCha8Rng, response: &mut Vec<f32>) {
    let rt60 = draw(rng, reverb.rt60_seconds);
    let direct_to_reverb_db = draw(rng, reverb.direct_to_reverb_db);
    noise::fill(response, ((rt60 * rate) as usize).max(2), 0.0, rng);
    let decay = 10_f32.powf(-3.0 / (rt60 * rate));
    let silent = ((PRE_DELAY_SECONDS * rate) as usize).max(1);
    let mut envelope = 1.0;
    for (index, sample) in response.iter_mut().enumerate() {
        *sample *= if index < silent { 0.0 } else { envelope };
        envelope *= decay;
    }
    let energy = noise::power(response) * response.len() as f64;
    if energy > 0.0 {
        let wanted = 10_f64.powf(-f64::from(direct_to_reverb_db) / 10.0);
        let scale = (wanted / energy).sqrt() as f32;
        for sample in response.iter_mut() {
            *sample *= scale;
        }
    }
    if let Some(direct) = response.first_mut() {
        *direct = 1.0;
    }
}

/// Multiplies a spectrum by a drawn curve, without change of phase.
fn equalise(spectrum: &mut [Complex<f32>], eq: &Equaliser, rate: f32, rng: &mut ChaCha8Rng) {
    let gains_db: Vec<f32> = (0..eq.points.max(2))
        .map(|_| draw(rng, [-eq.gain_db, eq.gain_db]))
        .collect();
    let low_cut = draw(rng, eq.low_cut_hz);
    let high_cut = draw(rng, eq.high_cut_hz);
    let nyquist = rate / 2.0;
    let octaves = (nyquist / LOWEST_POINT_HZ).log2().max(0.1);
    let curve = |hz: f32| {
        let position =
            ((hz / LOWEST_POINT_HZ).log2() / octaves).clamp(0.0, 1.0) * (gains_db.len() - 1) as f32;
        let index = (position as usize).min(gains_db.len() - 2);
        let (Some(a), Some(b)) = (gains_db.get(index), gains_db.get(index + 1)) else {
            return 1.0;
        };
        let db = a + (b - a) * (position - index as f32);
        // Butterworth's magnitudes: second order below, fourth above.
        let low = (1.0 + (low_cut / hz).powi(4)).sqrt();
        let high = if high_cut < nyquist {
            (1.0 + (hz / high_cut).powi(8)).sqrt()
        } else {
            1.0
        };
        10_f32.powf(db / 20.0) / (low * high)
    };
    let hz_per_bin = nyquist / spectrum.len().saturating_sub(1).max(1) as f32;
    let ratio = (nyquist / hz_per_bin).powf((PIECES as f32).recip());
    let (mut from_hz, mut from_gain) = (hz_per_bin, curve(hz_per_bin));
    let mut bin = 1;
    for piece in 1..=PIECES {
        let to_hz = hz_per_bin * ratio.powi(piece as i32);
        let to_gain = curve(to_hz);
        let end = if piece == PIECES {
            spectrum.len()
        } else {
            (to_hz / hz_per_bin) as usize + 1
        };
        let slope = (to_gain - from_gain) / (to_hz - from_hz).max(f32::MIN_POSITIVE);
        let bins = bin..end.clamp(bin, spectrum.len());
        for (number, value) in bins
            .clone()
            .zip(spectrum.get_mut(bins.clone()).unwrap_or_default())
        {
            *value *= from_gain + slope * (number as f32 * hz_per_bin - from_hz);
        }
        bin = bins.end;
        (from_hz, from_gain) = (to_hz, to_gain);
    }
    // No constant offset passes a low cut.
    if let Some(first) = spectrum.first_mut() {
        *first *= if low_cut > 0.0 {
            0.0
        } else {
            curve(LOWEST_POINT_HZ)
        };
    }
}
