//! Which configurations can work: each wrong setting is refused by name and value, so that a broken model file or recipe says what is wrong.

use super::config::{FeatureConfig, FeatureKind, LevelNormalisation};
use super::delta;
use super::error::FeatureError;
use super::mel::MelBank;

/// Limits beyond which a setting is taken for an error; they bound what a hostile model file can make us allocate.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;
const LARGEST_FFT: usize = 1 << 16;
const MOST_BANDS: usize = 1024;
const LONGEST_SPAN_SECONDS: usize = 600;
const MOST_NUMBERS_PER_WINDOW: usize = 1 << 24;

fn refuse<T>(
    setting: &'static str,
    value: impl std::fmt::Display,
    expected: impl Into<String>,
) -> Result<T, FeatureError> {
    Err(FeatureError::Setting {
        setting,
        value: value.to_string(),
        expected: expected.into(),
    })
}

impl FeatureConfig {
    /// Checks that these settings can work together.
    ///
    /// # Errors
    /// [`FeatureError::Setting`] names the first setting that is wrong, its value, and what was expected.
    pub fn validate(&self) -> Result<(), FeatureError> {
        checked_mel_bank(self).map(|_| ())
    }
}

/// Checks everything and builds the mel bank on the way, since whether its filters are empty is part of the check.
pub(super) fn checked_mel_bank(config: &FeatureConfig) -> Result<MelBank, FeatureError> {
    check_frames(config)?;
    check_mel(config)?;
    check_levels(config)?;
    check_coefficients(config)?;
    MelBank::new(config).or_else(|(band, low, high)| {
        refuse(
            "mel.bands",
            config.mel.bands,
            format!(
                "filters that each hold a bin of the spectrum; band {band} ({low:.1} to {high:.1} Hz) holds none: \
                 fewer bands, a longer fft_samples or a higher mel.low_hz"
            ),
        )
    })
}

fn check_frames(config: &FeatureConfig) -> Result<(), FeatureError> {
    let FeatureConfig {
        sample_rate_hz: rate,
        fft_samples: fft,
        window_samples: window,
        hop_samples: hop,
        span_samples: span,
        ..
    } = *config;
    if !RATES_HZ.contains(&rate) {
        let (low, high) = (RATES_HZ.start(), RATES_HZ.end());
        return refuse("sample_rate_hz", rate, format!("{low} to {high}"));
    }
    if fft < 2 || fft % 2 == 1 || fft > LARGEST_FFT {
        return refuse(
            "fft_samples",
            fft,
            format!("an even number from 2 to {LARGEST_FFT}"),
        );
    }
    if window < 2 || window > fft {
        return refuse(
            "window_samples",
            window,
            format!("2 to fft_samples, which is {fft}"),
        );
    }
    if hop == 0 || hop > LARGEST_FFT {
        return refuse("hop_samples", hop, format!("1 to {LARGEST_FFT}"));
    }
    let longest = LONGEST_SPAN_SECONDS * rate as usize;
    if span < hop || span > longest {
        return refuse(
            "span_samples",
            span,
            format!("hop_samples, which is {hop}, to {longest} ({LONGEST_SPAN_SECONDS} s)"),
        );
    }
    Ok(())
}

fn check_mel(config: &FeatureConfig) -> Result<(), FeatureError> {
    let mel = &config.mel;
    let nyquist = config.sample_rate_hz as f32 / 2.0;
    if mel.bands == 0 || mel.bands > MOST_BANDS {
        return refuse("mel.bands", mel.bands, format!("1 to {MOST_BANDS}"));
    }
    if !(mel.low_hz >= 0.0 && mel.low_hz < nyquist) {
        return refuse(
            "mel.low_hz",
            mel.low_hz,
            format!("0 to below half the sample rate, {nyquist}"),
        );
    }
    if !(mel.high_hz > mel.low_hz && mel.high_hz <= nyquist) {
        return refuse(
            "mel.high_hz",
            mel.high_hz,
            format!(
                "above mel.low_hz, which is {}, to half the sample rate, {nyquist}",
                mel.low_hz
            ),
        );
    }
    Ok(())
}

fn check_levels(config: &FeatureConfig) -> Result<(), FeatureError> {
    if !(config.log.floor >= f32::MIN_POSITIVE && config.log.floor.is_finite()) {
        return refuse(
            "log.floor",
            config.log.floor,
            "a power above 0, such as 1e-10",
        );
    }
    match config.log.range_db {
        Some(range) if !(range > 0.0 && range.is_finite()) => {
            return refuse("log.range_db", range, "decibels above 0, or none");
        }
        _ => {}
    }
    match config.level {
        LevelNormalisation::Rms { target } if !(target > 0.0 && target <= 1.0) => {
            refuse("level.target", target, "above 0 to 1 (full scale)")
        }
        _ => Ok(()),
    }
}

fn check_coefficients(config: &FeatureConfig) -> Result<(), FeatureError> {
    if let FeatureKind::Mfcc { coefficients, .. } = config.kind
        && (coefficients == 0 || coefficients > config.mel.bands)
    {
        return refuse(
            "kind.coefficients",
            coefficients,
            format!("1 to mel.bands, which is {}", config.mel.bands),
        );
    }
    if config.deltas > 2 {
        return refuse("deltas", config.deltas, "0, 1 or 2");
    }
    let most_per_frame = config.mel.bands.max(config.coefficients());
    if config.frames().saturating_mul(most_per_frame) > MOST_NUMBERS_PER_WINDOW {
        return refuse(
            "span_samples",
            config.span_samples,
            format!(
                "a window of at most {MOST_NUMBERS_PER_WINDOW} numbers; {} frames of {most_per_frame} are more",
                config.frames()
            ),
        );
    }
    if config.deltas > 0 && config.frames() < delta::WIDTH {
        return refuse(
            "deltas",
            config.deltas,
            format!(
                "0 for a span of {} frames: differences are fitted over {} frames",
                config.frames(),
                delta::WIDTH
            ),
        );
    }
    let Some(statistics) = &config.statistics else {
        return Ok(());
    };
    let expected = config.coefficients();
    for (setting, len) in [
        ("statistics.mean", statistics.mean.len()),
        ("statistics.deviation", statistics.deviation.len()),
    ] {
        if len != expected {
            return refuse(
                setting,
                format!("{len} numbers long"),
                format!("one number per coefficient, {expected}"),
            );
        }
    }
    if let Some(mean) = statistics.mean.iter().find(|mean| !mean.is_finite()) {
        return refuse("statistics.mean", mean, "finite numbers");
    }
    let wrong = |d: &&f32| !(**d > 0.0 && d.is_finite() && d.recip().is_finite());
    if let Some(deviation) = statistics.deviation.iter().find(wrong) {
        return refuse("statistics.deviation", deviation, "numbers above 0");
    }
    Ok(())
}
