//! Something like a voice, and noise, for checks that have no recording.

/// A voice-like sound: a glottal pulse with a melody, formants of changing vowels, in syllables with pauses. Between −1 and 1.
pub fn voice(sample_rate_hz: f64, seconds: f64) -> Vec<f32> {
    use std::f64::consts::TAU;
    /// First two formants of a few vowels, in Hz.
    const VOWELS: [(f64, f64); 5] = [
        (700.0, 1200.0),
        (400.0, 2000.0),
        (300.0, 870.0),
        (530.0, 1840.0),
        (570.0, 840.0),
    ];
    let count = (sample_rate_hz * seconds).round() as usize;
    let highest = sample_rate_hz.min(16_000.0) / 2.0 * 0.9;
    let mut phase = 0.0;
    (0..count)
        .map(|sample| {
            let time = sample as f64 / sample_rate_hz;
            let pitch_hz = 150.0 + 40.0 * (time * 0.9 * TAU).sin() + 6.0 * (time * 5.5 * TAU).sin();
            phase = (phase + pitch_hz / sample_rate_hz).fract();
            let syllable = time * 4.0;
            let (first, second) = VOWELS
                .get(syllable as usize % VOWELS.len())
                .copied()
                .unwrap_or((500.0, 1500.0));
            let within = syllable.fract();
            let loudness = (within * std::f64::consts::PI).sin().powf(0.6);
            let mut sum = 0.0;
            let mut harmonic = 1.0;
            while harmonic * pitch_hz < highest && harmonic < 40.0 {
                let frequency = harmonic * pitch_hz;
                let near = |formant: f64| 1.0 / (1.0 + ((frequency - formant) / 90.0).powi(2));
                let weight = (0.15 + near(first) + 0.5 * near(second)) / harmonic.sqrt();
                sum += weight * (phase * harmonic * TAU).sin();
                harmonic += 1.0;
            }
            (sum * loudness * 0.12).clamp(-1.0, 1.0) as f32
        })
        .collect()
}

/// Numbers of 0 to 1, the same for the same seed (xorshift of 64 bits, Marsaglia 2003).
pub(super) fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// White noise over the whole range.
pub(super) fn noise(seed: u64, samples: usize) -> Vec<f32> {
    let mut random = random(seed);
    (0..samples)
        .map(|_| (random() * 2.0 - 1.0) as f32)
        .collect()
}
