//! A clip as one vector: what classic methods learn from.

use undersong_core::features::{FeatureConfig, FeatureError, FeatureKind, features_of};

use super::chroma::{CHROMA_CLASSES, Chroma};
use super::contrast::{CONTRAST_BANDS, Contrast};
use super::spectrogram::{RATE_HZ, Spectrogram};
use super::waveform::{self, WAVEFORM_NUMBERS};

/// What is computed of each frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameFeatures {
    /// The paper's 40 MFCC.
    Mfcc,
    /// 64 log-mel bands.
    LogMel,
    /// Chroma, 12 pitch classes.
    Chroma,
    /// Spectral contrast in 7 bands.
    Contrast,
    /// Level, crest, crossings of zero, roughness and correlation of the samples themselves.
    Waveform,
}

impl FrameFeatures {
    /// As tables have it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Mfcc => "MFCC",
            Self::LogMel => "log-mel",
            Self::Chroma => "chroma",
            Self::Contrast => "spectral contrast",
            Self::Waveform => "raw waveform, short frames",
        }
    }

    /// Numbers a frame.
    pub fn numbers(self) -> usize {
        match self {
            Self::Mfcc | Self::LogMel => self.config().coefficients(),
            Self::Chroma => CHROMA_CLASSES,
            Self::Contrast => CONTRAST_BANDS,
            Self::Waveform => WAVEFORM_NUMBERS,
        }
    }

    /// What core computes; the rate is the same for all.
    pub fn config(self) -> FeatureConfig {
        let mut config = FeatureConfig::paper();
        if self == Self::LogMel {
            config.mel.bands = 64;
            config.kind = FeatureKind::LogMel;
        }
        config
    }
}

/// Figures of each number over a clip's frames: mean, deviation, 10th and 90th percentile, deviation of the change from frame to frame.
const FIGURES: usize = 5;

/// Makes summaries; keeps its tables, so one per thread.
#[derive(Debug, Default)]
pub struct Summariser {
    spectrogram: Spectrogram,
    chroma: Chroma,
    contrast: Contrast,
}

impl Summariser {
    /// Calls `work` with this thread's own summariser: its tables are made once a thread.
    pub fn with_own<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        thread_local! {
            static OWN: std::cell::RefCell<Summariser> = std::cell::RefCell::default();
        }
        OWN.with_borrow_mut(work)
    }

    /// The summary of a clip at [`RATE_HZ`], `[numbers · 5]`. Its loudest sample is set to 1 first, as the paper's recipe has it.
    ///
    /// # Errors
    /// [`FeatureError::EmptySound`] for no samples.
    pub fn summary(
        &mut self,
        features: FrameFeatures,
        samples: &[f32],
    ) -> Result<Vec<f32>, FeatureError> {
        let peak = samples.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
        let gain = if peak > 0.0 { 1.0 / peak } else { 1.0 };
        let samples: Vec<f32> = samples.iter().map(|x| x * gain).collect();
        if samples.is_empty() {
            return Err(FeatureError::EmptySound);
        }
        let frames = match features {
            FrameFeatures::Mfcc | FrameFeatures::LogMel => {
                let config = features.config();
                debug_assert_eq!(config.sample_rate_hz, RATE_HZ);
                features_of(&samples, &config)?.data
            }
            FrameFeatures::Chroma => self.chroma.frames(&samples, &mut self.spectrogram),
            FrameFeatures::Contrast => self.contrast.frames(&samples, &mut self.spectrogram),
            FrameFeatures::Waveform => waveform::frames(&samples),
        };
        Ok(summarise(&frames, features.numbers()))
    }
}

fn summarise(frames: &[f32], numbers: usize) -> Vec<f32> {
    let mut summary = Vec::with_capacity(numbers * FIGURES);
    for number in 0..numbers {
        let mut values: Vec<f64> = frames
            .iter()
            .skip(number)
            .step_by(numbers)
            .map(|&value| f64::from(value))
            .collect();
        let changes: Vec<f64> = values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let (mean, deviation) = moments(&values);
        values.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = share * values.len().saturating_sub(1) as f64;
            values.get(place.round() as usize).copied().unwrap_or(0.0)
        };
        let figures = [mean, deviation, at(0.1), at(0.9), moments(&changes).1];
        summary.extend(figures.map(|figure| figure as f32));
    }
    summary
}

/// Mean and standard deviation; 0 without values.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / count;
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_holds_the_figures_of_each_number() {
        // Two numbers a frame: one that rises by 1, one that stays.
        let frames: Vec<f32> = (0..11).flat_map(|n| [n as f32, 3.0]).collect();
        let summary = summarise(&frames, 2);
        assert_eq!(summary[0], 5.0);
        assert!((summary[1] - 10.0_f32.sqrt()).abs() < 1e-6);
        assert_eq!(summary[2..5], [1.0, 9.0, 0.0]);
        assert_eq!(summary[5..], [3.0, 0.0, 3.0, 3.0, 0.0]);
    }

    #[test]
    fn every_kind_gives_finite_numbers_even_for_silence_and_one_sample() {
        let mut summariser = Summariser::default();
        for features in [
            FrameFeatures::Mfcc,
            FrameFeatures::LogMel,
            FrameFeatures::Chroma,
            FrameFeatures::Contrast,
            FrameFeatures::Waveform,
        ] {
            for samples in [vec![0.0; 3000], vec![0.5]] {
                let summary = summariser.summary(features, &samples).unwrap();
                assert_eq!(summary.len(), features.numbers() * FIGURES);
                assert!(
                    summary.iter().all(|number| number.is_finite()),
                    "{features:?}"
                );
            }
            assert!(summariser.summary(features, &[]).is_err());
        }
    }
}
