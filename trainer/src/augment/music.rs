//! A music bed, made up on the spot: chords that decay, a bass, a beat, in a random key, tempo and colour.
//!
//! No recording is used. It stands for what lies under a podcast's voice: harmonic sound in 60 Hz to some kHz that changes every half second
//! to few seconds, with strokes at even times. One song is eight choices: major or minor key on one of twelve notes, one of seven progressions
//! of four chords, 66–144 beats a minute, pad, keys or plucked strings, with or without arpeggio, with or without drums, the levels of the
//! parts, and where in the song it starts. A note is eight harmonics, tuned evenly (A 440 Hz), whose upper ones are softer and decay faster.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::{draw, happens, noise};

/// Harmonics of a note.
const HARMONICS: usize = 8;
/// Eighths that a chord lasts.
const CHORD_EIGHTHS: i64 = 8;
/// A note that ends fades out in this time.
const RELEASE_SECONDS: f32 = 0.06;

const MAJOR: [i32; 7] = [0, 2, 4, 5, 7, 9, 11];
const MINOR: [i32; 7] = [0, 2, 3, 5, 7, 8, 10];
/// Progressions as steps of the scale, 0 the key's own chord.
const MAJOR_PROGRESSIONS: [[usize; 4]; 4] =
    [[0, 4, 5, 3], [0, 5, 3, 4], [0, 3, 0, 4], [1, 4, 0, 5]];
const MINOR_PROGRESSIONS: [[usize; 4]; 3] = [[0, 5, 2, 6], [0, 3, 5, 4], [0, 6, 5, 6]];

/// How an instrument's notes sound.
#[derive(Debug, Clone, Copy)]
struct Instrument {
    /// Time to full level.
    attack_seconds: f32,
    /// Time in which the first harmonic falls by 60 dB.
    decay_seconds: f32,
    /// Harmonic n starts at n^−tilt.
    tilt: f32,
    /// Harmonic n decays 1 + damping·(n − 1) times as fast.
    damping: f32,
}

const PAD: Instrument = Instrument {
    attack_seconds: 0.2,
    decay_seconds: 12.0,
    tilt: 1.6,
    damping: 0.0,
};
const KEYS: Instrument = Instrument {
    attack_seconds: 0.004,
    decay_seconds: 3.5,
    tilt: 1.1,
    damping: 0.5,
};
const PLUCKED: Instrument = Instrument {
    attack_seconds: 0.002,
    decay_seconds: 1.6,
    tilt: 0.8,
    damping: 0.6,
};
const BASS: Instrument = Instrument {
    attack_seconds: 0.006,
    decay_seconds: 1.8,
    tilt: 1.3,
    damping: 0.8,
};

/// One song's choices.
struct Song {
    scale: [i32; 7],
    progression: [usize; 4],
    /// MIDI number of the key's note for chords, 48 to 59 (131 to 247 Hz).
    key: i32,
    eighth_seconds: f32,
    chords: Instrument,
    chord_level: f32,
    /// Chords are struck again every so many eighths.
    chord_every: i64,
    arpeggio_level: f32,
    bass_level: f32,
    bass_every: i64,
    drum_level: f32,
}

impl Song {
    fn draw(rng: &mut ChaCha8Rng) -> Self {
        let minor = happens(rng, 0.5);
        let progression = if minor {
            MINOR_PROGRESSIONS[rng.random_range(0..MINOR_PROGRESSIONS.len())]
        } else {
            MAJOR_PROGRESSIONS[rng.random_range(0..MAJOR_PROGRESSIONS.len())]
        };
        let (chords, chord_every) = match rng.random_range(0..3) {
            0 => (PAD, CHORD_EIGHTHS),
            1 => (KEYS, 4),
            _ => (PLUCKED, 2),
        };
        Self {
            scale: if minor { MINOR } else { MAJOR },
            progression,
            key: 48 + rng.random_range(0..12),
            eighth_seconds: 30.0 / draw(rng, [66.0, 144.0]),
            chords,
            chord_level: draw(rng, [0.5, 1.0]),
            chord_every,
            arpeggio_level: if happens(rng, 0.5) {
                draw(rng, [0.3, 0.8])
            } else {
                0.0
            },
            bass_level: draw(rng, [0.4, 1.2]),
            bass_every: if happens(rng, 0.5) { 2 } else { 4 },
            drum_level: if happens(rng, 0.6) {
                draw(rng, [0.3, 1.2])
            } else {
                0.0
            },
        }
    }

    /// MIDI number of a step of the scale, counted from the key's note.
    fn note(&self, step: usize) -> i32 {
        self.key + self.scale[step % 7] + 12 * (step / 7) as i32
    }

    /// The scale's step on which the chord of this eighth stands.
    fn root(&self, eighth: i64) -> usize {
        self.progression[(eighth.div_euclid(CHORD_EIGHTHS)).rem_euclid(4) as usize]
    }
}

/// Fills `bed` with `count` samples at `rate_hz` of one song, drawn from `rng`; its mean power is 1.
pub(crate) fn fill(bed: &mut Vec<f32>, count: usize, rate_hz: u32, rng: &mut ChaCha8Rng) {
    bed.clear();
    bed.resize(count, 0.0);
    let song = Song::draw(rng);
    let rate = rate_hz as f32;
    let first = rng.random_range(0..4 * CHORD_EIGHTHS);
    // The stretch starts anywhere within its first eighth; what was struck in the chord before it still sounds.
    let offset_seconds = song.eighth_seconds * rng.random::<f32>();
    let eighths = (count as f32 / rate / song.eighth_seconds).ceil() as i64 + 1;
    for number in -CHORD_EIGHTHS..eighths {
        let eighth = first + number;
        let at_seconds = number as f32 * song.eighth_seconds - offset_seconds;
        strike(&song, eighth, at_seconds, rate, bed, rng);
        if song.drum_level > 0.0 {
            beat(&song, eighth, at_seconds, rate, bed, rng);
        }
    }
    let power = noise::power(bed);
    if power > 0.0 {
        let scale = power.sqrt().recip() as f32;
        for sample in bed {
            *sample *= scale;
        }
    }
}

/// The notes that start with this eighth.
fn strike(
    song: &Song,
    eighth: i64,
    at_seconds: f32,
    rate: f32,
    bed: &mut [f32],
    rng: &mut ChaCha8Rng,
) {
    let root = song.root(eighth);
    let within = eighth.rem_euclid(CHORD_EIGHTHS);
    let lasts = |eighths: i64| {
        // Nothing sounds beyond its chord.
        eighths.min(CHORD_EIGHTHS - within) as f32 * song.eighth_seconds
    };
    if within % song.chord_every == 0 {
        for step in [root, root + 2, root + 4] {
            let level = song.chord_level * draw(rng, [0.7, 1.0]);
            let length = lasts(song.chord_every.max(4));
            sound(
                song.chords,
                song.note(step),
                level,
                at_seconds,
                length,
                rate,
                bed,
                rng,
            );
        }
    }
    if song.arpeggio_level > 0.0 {
        let step = root + 7 + [0, 2, 4, 2][(within % 4) as usize];
        let level = song.arpeggio_level * draw(rng, [0.7, 1.0]);
        sound(
            PLUCKED,
            song.note(step),
            level,
            at_seconds,
            lasts(4),
            rate,
            bed,
            rng,
        );
    }
    if within % song.bass_every == 0 {
        let level = song.bass_level * draw(rng, [0.8, 1.0]);
        let note = song.note(root) - if song.note(root) > 57 { 24 } else { 12 };
        sound(
            BASS,
            note,
            level,
            at_seconds,
            lasts(song.bass_every),
            rate,
            bed,
            rng,
        );
    }
}

/// Adds one note: harmonics as turning, shrinking pointers, all eight in one step.
#[allow(clippy::too_many_arguments, reason = "what a note is made of")]
fn sound(
    instrument: Instrument,
    midi: i32,
    level: f32,
    at_seconds: f32,
    length_seconds: f32,
    rate: f32,
    bed: &mut [f32],
    rng: &mut ChaCha8Rng,
) {
    let hz = 440.0 * ((midi - 69) as f32 / 12.0).exp2();
    let begin = (at_seconds * rate).round() as i64;
    let length = ((length_seconds + RELEASE_SECONDS) * rate) as i64;
    let from = (-begin).clamp(0, length);
    let place = (begin + from).clamp(0, bed.len() as i64) as usize;
    let samples = ((length - from) as usize).min(bed.len() - place);
    let (mut re, mut im) = ([0.0_f32; HARMONICS], [0.0_f32; HARMONICS]);
    let (mut turn_re, mut turn_im) = ([0.0_f32; HARMONICS], [0.0_f32; HARMONICS]);
    for index in 0..HARMONICS {
        let number = (index + 1) as f32;
        let angle = std::f32::consts::TAU * number * hz / rate;
        // Always drawn, so that a rate changes no later draw.
        let phase = std::f32::consts::TAU * rng.random::<f32>();
        if number * hz > 0.45 * rate {
            continue;
        }
        let faster = 1.0 + instrument.damping * (number - 1.0);
        let shrink = 10_f32.powf(-3.0 * faster / (instrument.decay_seconds * rate));
        let amplitude = level * number.powf(-instrument.tilt) * shrink.powf(from as f32);
        (re[index], im[index]) = (amplitude * phase.cos(), amplitude * phase.sin());
        (turn_re[index], turn_im[index]) = (shrink * angle.cos(), shrink * angle.sin());
    }
    let attack = (instrument.attack_seconds * rate).max(1.0);
    let release = (RELEASE_SECONDS * rate).max(1.0);
    let target = bed.get_mut(place..place + samples).unwrap_or_default();
    for (index, sample) in target.iter_mut().enumerate() {
        let at = (from + index as i64) as f32;
        let envelope = (at / attack).min(1.0) * ((length as f32 - at) / release).min(1.0);
        let mut sum = 0.0;
        for lane in 0..HARMONICS {
            sum += re[lane];
            let turned = re[lane] * turn_re[lane] - im[lane] * turn_im[lane];
            im[lane] = re[lane] * turn_im[lane] + im[lane] * turn_re[lane];
            re[lane] = turned;
        }
        *sample += envelope * sum;
    }
}

/// The strokes of this eighth: a bass drum on the first and third beat, a snare on the second and fourth, a hat on each eighth.
fn beat(
    song: &Song,
    eighth: i64,
    at_seconds: f32,
    rate: f32,
    bed: &mut [f32],
    rng: &mut ChaCha8Rng,
) {
    let level = song.drum_level;
    burst(0.25 * level, 0.02, at_seconds, rate, bed, rng);
    match eighth.rem_euclid(4) {
        0 => {
            // A sine that falls from 130 to 50 Hz.
            let mut phase = 0.0_f32;
            stroke(0.35, at_seconds, rate, bed, |seconds| {
                let hz = 50.0 + 80.0 * (-seconds / 0.03).exp();
                phase += std::f32::consts::TAU * hz / rate;
                2.0 * level * (-seconds / 0.08).exp() * phase.sin()
            });
        }
        2 => burst(0.8 * level, 0.05, at_seconds, rate, bed, rng),
        _ => {}
    }
}

/// High-passed noise that falls to 1/e in `decay_seconds`.
fn burst(
    level: f32,
    decay_seconds: f32,
    at_seconds: f32,
    rate: f32,
    bed: &mut [f32],
    rng: &mut ChaCha8Rng,
) {
    let mut before = 0.0;
    stroke(6.0 * decay_seconds, at_seconds, rate, bed, |seconds| {
        let white = 2.0 * rng.random::<f32>() - 1.0;
        let sample = level * (-seconds / decay_seconds).exp() * (white - before);
        before = white;
        sample
    });
}

/// Adds what `sample` gives for each time since the stroke, as far as it lies in `bed`.
fn stroke(
    length_seconds: f32,
    at_seconds: f32,
    rate: f32,
    bed: &mut [f32],
    mut sample: impl FnMut(f32) -> f32,
) {
    let begin = (at_seconds * rate).round() as i64;
    for index in 0..(length_seconds * rate) as i64 {
        // Computed before the bed begins too: what follows is drawn in the same order wherever it starts.
        let value = sample(index as f32 / rate);
        let place = usize::try_from(begin + index).ok();
        match place.and_then(|place| bed.get_mut(place)) {
            Some(target) => *target += value,
            None if begin + index >= 0 => break,
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    const RATE_HZ: u32 = 16_000;

    fn bed(seed: u64) -> Vec<f32> {
        let mut bed = Vec::new();
        fill(
            &mut bed,
            48_000,
            RATE_HZ,
            &mut ChaCha8Rng::seed_from_u64(seed),
        );
        bed
    }

    #[test]
    fn a_bed_has_unit_power_throughout_and_is_another_for_every_seed() {
        for seed in 0..20 {
            let samples = bed(seed);
            assert!((noise::power(&samples) - 1.0).abs() < 1e-3);
            assert_eq!(samples, bed(seed));
            assert_ne!(samples, bed(seed + 100));
            // No half second of it is silent: the voice never stands without it.
            for part in samples.chunks(8_000) {
                assert!(noise::power(part) > 0.01, "seed {seed}");
            }
        }
    }

    #[test]
    fn its_power_lies_where_music_has_it_and_is_not_noise() {
        use super::super::fourier::Fourier;
        for seed in 0..10 {
            let samples = bed(seed);
            let mut fourier = Fourier::default();
            let plan = fourier.plan(samples.len());
            let (mut padded, mut spectrum) = (Vec::new(), Vec::new());
            fourier.forward(&plan, &samples, &mut padded, &mut spectrum);
            let powers: Vec<f64> = spectrum
                .iter()
                .map(|bin| f64::from(bin.norm_sqr()))
                .collect();
            let total: f64 = powers.iter().sum();
            let bin = |hz: f64| (hz / 8000.0 * (powers.len() - 1) as f64) as usize;
            let within: f64 = powers[bin(40.0)..bin(2000.0)].iter().sum();
            assert!(within / total > 0.8, "seed {seed}: {}", within / total);
            // Most of a song's power lies in few lines of its spectrum; noise spreads it over all.
            let mut sorted = powers.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let lines: f64 = sorted[..powers.len() / 50].iter().sum();
            assert!(lines / total > 0.6, "seed {seed}: {}", lines / total);
        }
    }
}
