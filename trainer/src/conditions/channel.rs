//! Level, clipping and the telephone.

use undersong_core::audio::{ConditionError, Conditioner, NoiseReduction};

use crate::augment::telephone::{band, mu_law};

/// Full scale of 16-bit sound.
const FULL_SCALE: f32 = 32_768.0;
/// Rate of a telephone line, in Hz.
const TELEPHONE_HZ: u32 = 8_000;
/// Its band: passed from the second to the third frequency, nothing below the first and above the last, in Hz.
const TELEPHONE_BAND_HZ: [f32; 4] = [200.0, 300.0, 3_400.0, 3_600.0];
/// Level of speech on it: the nominal one of ITU-T P.56 measurements, in dB of full scale.
const TELEPHONE_LEVEL_DB: f32 = -26.0;

/// Another level, rounded to 16 bits.
pub(super) fn level(samples: &mut [f32], gain_db: f32) {
    let gain = 10_f32.powf(gain_db / 20.0);
    for sample in samples {
        *sample = (*sample * gain * FULL_SCALE).round() / FULL_SCALE;
    }
}

/// The loudest sample `over_db` above full scale, and everything cut off at full scale.
pub(super) fn clip(samples: &mut [f32], over_db: f32) {
    let peak = samples
        .iter()
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    if peak <= 0.0 {
        return;
    }
    let gain = 10_f32.powf(over_db / 20.0) / peak;
    for sample in samples {
        *sample = (*sample * gain).clamp(-1.0, 1.0);
    }
}

/// Over a telephone line; `speech_level` is the voice's RMS, which the line's own level replaces.
pub(super) fn telephone(
    samples: &[f32],
    speech_level: f32,
    rate_hz: u32,
) -> Result<Vec<f32>, ConditionError> {
    let mut line = resample(samples, rate_hz, TELEPHONE_HZ)?;
    band(&mut line, TELEPHONE_HZ, TELEPHONE_BAND_HZ);
    let gain = if speech_level > 0.0 {
        10_f32.powf(TELEPHONE_LEVEL_DB / 20.0) / speech_level
    } else {
        1.0
    };
    for sample in &mut line {
        *sample = mu_law(*sample * gain);
    }
    let mut back = resample(&line, TELEPHONE_HZ, rate_hz)?;
    // A rate that is no multiple of the line's may leave a sample more or less.
    back.resize(samples.len(), 0.0);
    Ok(back)
}

/// All of a sound at another rate, by the resampler of a scan.
fn resample(samples: &[f32], from_hz: u32, to_hz: u32) -> Result<Vec<f32>, ConditionError> {
    let mut conditioner = Conditioner::new(from_hz, to_hz, NoiseReduction::Off)?;
    let mut out = Vec::new();
    conditioner.push(samples, &mut out);
    conditioner.finish(&mut out);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_keeps_its_band_and_nothing_else() {
        let tone = |hz: f32| -> Vec<f32> {
            (0..16_000)
                .map(|n| 0.1 * (std::f32::consts::TAU * hz * n as f32 / 16_000.0).sin())
                .collect()
        };
        let through = |hz: f32| {
            let out = telephone(&tone(hz), 0.0707, 16_000).unwrap();
            assert_eq!(out.len(), 16_000);
            let middle = &out[4_000..12_000];
            (middle.iter().map(|x| x * x).sum::<f32>() / middle.len() as f32).sqrt()
        };
        let nominal = 10_f32.powf(TELEPHONE_LEVEL_DB / 20.0);
        for hz in [400.0, 1_000.0, 3_000.0] {
            let gain_db = 20.0 * (through(hz) / nominal).log10();
            assert!(gain_db.abs() < 0.5, "{hz} Hz: {gain_db} dB");
        }
        for hz in [100.0, 3_800.0, 6_000.0] {
            let gain_db = 20.0 * (through(hz) / nominal).log10();
            assert!(gain_db < -30.0, "{hz} Hz: {gain_db} dB");
        }
    }

    #[test]
    fn clipping_and_level_do_what_they_say() {
        let mut loud = vec![0.01, -0.02, 0.005];
        clip(&mut loud, 6.0206);
        assert_eq!(loud, [1.0, -1.0, 0.5]);
        let mut quiet = vec![0.5, 1e-6];
        level(&mut quiet, -20.0);
        assert!((quiet[0] - 0.05).abs() < 2e-5 && quiet[1] == 0.0);
    }
}
