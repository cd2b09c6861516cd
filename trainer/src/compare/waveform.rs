//! The raw waveform in short frames: what can be said of the samples without a spectrum.

use super::spectrogram::{HOP_SAMPLES, TRANSFORM_SAMPLES};

/// Numbers a frame: level, peak above level, crossings of zero, roughness, correlation with the sample before.
pub(super) const WAVEFORM_NUMBERS: usize = 5;

/// Numbers `[frames, WAVEFORM_NUMBERS]` of a sound, in frames as long as the transform's, a hop apart.
pub(super) fn frames(samples: &[f32]) -> Vec<f32> {
    let mut out = Vec::new();
    for number in 0..=samples.len() / HOP_SAMPLES {
        let centre = number * HOP_SAMPLES;
        let from = centre.saturating_sub(TRANSFORM_SAMPLES / 2);
        let to = (centre + TRANSFORM_SAMPLES / 2).min(samples.len());
        out.extend(describe(samples.get(from..to).unwrap_or_default()));
    }
    out
}

fn describe(frame: &[f32]) -> [f32; WAVEFORM_NUMBERS] {
    let count = frame.len().max(1) as f32;
    let power = frame.iter().map(|x| x * x).sum::<f32>() / count;
    let peak = frame.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
    let pairs = || frame.iter().zip(frame.iter().skip(1));
    let crossings = pairs().filter(|(a, b)| (**a < 0.0) != (**b < 0.0)).count() as f32 / count;
    let change = pairs().map(|(a, b)| (b - a).abs()).sum::<f32>() / count;
    let product = pairs().map(|(a, b)| a * b).sum::<f32>() / count;
    // Levels as decibels, with the floor of the other features.
    let level_db = 10.0 * power.max(1e-10).log10();
    let crest_db = 10.0 * (peak * peak).max(1e-10).log10() - level_db;
    [
        level_db,
        crest_db,
        crossings,
        10.0 * (change * change).max(1e-10).log10(),
        if power > 1e-10 { product / power } else { 0.0 },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_described_as_it_is_and_silence_by_finite_numbers() {
        let tone: Vec<f32> = (0..8192)
            .map(|n| 0.5 * (std::f32::consts::TAU * n as f32 / 32.0).sin())
            .collect();
        let all = frames(&tone);
        let frame = &all[WAVEFORM_NUMBERS * 8..WAVEFORM_NUMBERS * 9];
        assert!((frame[0] + 9.03).abs() < 0.05, "level {}", frame[0]);
        assert!((frame[1] - 3.01).abs() < 0.05, "crest {}", frame[1]);
        assert!(
            (frame[2] - 2.0 / 32.0).abs() < 0.002,
            "crossings {}",
            frame[2]
        );
        assert!((frame[4] - (std::f32::consts::TAU / 32.0).cos()).abs() < 0.01);
        for samples in [&[][..], &[0.0; 100][..]] {
            assert!(frames(samples).iter().all(|number| number.is_finite()));
        }
    }
}
