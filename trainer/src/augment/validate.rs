//! The ranges in which augmentation makes sense, checked.

use super::config::{AugmentError, FeatureAugment, Mixup, WaveAugment};

impl WaveAugment {
    /// Checks every range.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn validate(&self) -> Result<(), AugmentError> {
        if let Some(speed) = self.speed {
            range(
                "wave.speed",
                speed,
                [0.5, 2.0],
                "two numbers from 0.5 to 2, the smaller first",
            )?;
        }
        if let Some(shift) = self.time_shift_seconds {
            range(
                "wave.time_shift_seconds",
                [shift; 2],
                [0.0, 10.0],
                "0 to 10 seconds",
            )?;
        }
        if let Some(reverb) = self.reverb {
            probability("wave.reverb.probability", reverb.probability)?;
            range(
                "wave.reverb.rt60_seconds",
                reverb.rt60_seconds,
                [0.02, 2.0],
                "two numbers from 0.02 to 2 seconds, the smaller first",
            )?;
            range(
                "wave.reverb.direct_to_reverb_db",
                reverb.direct_to_reverb_db,
                [-10.0, 40.0],
                "two numbers from -10 to 40 dB, the smaller first",
            )?;
        }
        if let Some(eq) = self.eq {
            probability("wave.eq.probability", eq.probability)?;
            if !(2..=32).contains(&eq.points) {
                return Err(AugmentError {
                    setting: "wave.eq.points",
                    value: eq.points.to_string(),
                    expected: "2 to 32",
                });
            }
            range(
                "wave.eq.gain_db",
                [eq.gain_db; 2],
                [0.0, 24.0],
                "0 to 24 dB",
            )?;
            range(
                "wave.eq.low_cut_hz",
                eq.low_cut_hz,
                [0.0, 2000.0],
                "two numbers from 0 to 2000 Hz, the smaller first",
            )?;
            range(
                "wave.eq.high_cut_hz",
                eq.high_cut_hz,
                [1000.0, 100_000.0],
                "two numbers from 1000 to 100000 Hz, the smaller first",
            )?;
        }
        if let Some(noise) = self.noise {
            probability("wave.noise.probability", noise.probability)?;
            range(
                "wave.noise.snr_db",
                noise.snr_db,
                [-20.0, 80.0],
                "two numbers from -20 to 80 dB, the smaller first",
            )?;
            range(
                "wave.noise.colour",
                noise.colour,
                [0.0, 2.0],
                "two numbers from 0 (white) to 2 (brown), the smaller first",
            )?;
        }
        for (bed, probability_name, snr_name) in [
            (self.babble, "wave.babble.probability", "wave.babble.snr_db"),
            (self.music, "wave.music.probability", "wave.music.snr_db"),
        ] {
            if let Some(bed) = bed {
                probability(probability_name, bed.probability)?;
                range(
                    snr_name,
                    bed.snr_db,
                    [-20.0, 80.0],
                    "two numbers from -20 to 80 dB, the smaller first",
                )?;
            }
        }
        if let Some(line) = self.telephone {
            probability("wave.telephone.probability", line.probability)?;
            range(
                "wave.telephone.low_hz",
                line.low_hz,
                [100.0, 1000.0],
                "two numbers from 100 to 1000 Hz, the smaller first",
            )?;
            range(
                "wave.telephone.high_hz",
                line.high_hz,
                [1000.0, 4000.0],
                "two numbers from 1000 to 4000 Hz, the smaller first",
            )?;
            range(
                "wave.telephone.level_db",
                line.level_db,
                [-60.0, 0.0],
                "two numbers from -60 to 0 dB, the smaller first",
            )?;
        }
        if let Some(gain) = self.gain_db {
            range(
                "wave.gain_db",
                gain,
                [-60.0, 60.0],
                "two numbers from -60 to 60 dB, the smaller first",
            )?;
        }
        Ok(())
    }
}

impl FeatureAugment {
    /// Checks every range; masks wider than the features are cut to them, so any number is allowed there.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn validate(&self) -> Result<(), AugmentError> {
        const EXPECTED: &str = "two numbers from 0.5 to 2, the smaller first";
        if let Some(tempo) = self.tempo {
            range("features.tempo", tempo, [0.5, 2.0], EXPECTED)?;
        }
        if let Some(warp) = self.mel_warp {
            range("features.mel_warp", warp, [0.5, 2.0], EXPECTED)?;
        }
        Ok(())
    }
}

impl Mixup {
    /// Checks both settings.
    ///
    /// # Errors
    /// The first setting that is out of range.
    pub fn validate(&self) -> Result<(), AugmentError> {
        probability("mixup.probability", self.probability)?;
        if self.alpha > 0.0 && self.alpha <= 4.0 {
            Ok(())
        } else {
            Err(AugmentError {
                setting: "mixup.alpha",
                value: self.alpha.to_string(),
                expected: "above 0, at most 4",
            })
        }
    }
}

fn probability(setting: &'static str, value: f32) -> Result<(), AugmentError> {
    range(setting, [value; 2], [0.0, 1.0], "a probability from 0 to 1")
}

fn range(
    setting: &'static str,
    [low, high]: [f32; 2],
    [least, most]: [f32; 2],
    expected: &'static str,
) -> Result<(), AugmentError> {
    if low >= least && high <= most && low <= high {
        Ok(())
    } else {
        let value = if low == high {
            low.to_string()
        } else {
            format!("[{low}, {high}]")
        };
        Err(AugmentError {
            setting,
            value,
            expected,
        })
    }
}
