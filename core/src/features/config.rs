//! `FeatureConfig`: everything that decides what a model sees, in one value that travels inside the model file.
//!
//! People are burned by mismatched mel scales, DCT types, centring and log floors, so nothing of that is a constant in the
//! code: a training run writes its configuration into the model file, and a scan or a live engine reads it from there.

use serde::{Deserialize, Serialize};

use crate::audio::NoiseReduction;

/// How sound becomes a matrix of numbers, `[frames, coefficients]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureConfig {
    /// Rate to which every sound is resampled, in Hz.
    pub sample_rate_hz: u32,
    /// Reduction of steady background noise, before anything else is measured.
    #[serde(default)]
    pub noise_reduction: NoiseReduction,
    /// Length of the Fourier transform, in samples.
    pub fft_samples: usize,
    /// Length of the analysis window, in samples, centred in the transform; at most `fft_samples`.
    pub window_samples: usize,
    /// Shape of the analysis window.
    #[serde(default)]
    pub window: WindowShape,
    /// Distance from one frame's centre to the next, in samples.
    pub hop_samples: usize,
    /// Mel filter bank.
    pub mel: MelConfig,
    /// How band powers become decibels.
    #[serde(default)]
    pub log: LogConfig,
    /// What is made of the log-mel bands.
    pub kind: FeatureKind,
    /// Orders of differences over time appended to the coefficients: 0 none, 1 slopes, 2 slopes and second derivatives, each fitted
    /// over nine frames (librosa's `feature.delta`, `order` 1 and 2).
    #[serde(default)]
    pub deltas: u8,
    /// Level normalisation of a window.
    #[serde(default)]
    pub level: LevelNormalisation,
    /// Cepstral (or band) mean and variance normalisation within a window.
    #[serde(default)]
    pub cmvn: Cmvn,
    /// Fixed shift and scale per coefficient, measured on the training clips.
    #[serde(default)]
    pub statistics: Option<Statistics>,
    /// How much sound a model takes at once, in samples: its frames are centred at 0, hop, 2 hop, … below this.
    pub span_samples: usize,
}

/// Shape of the analysis window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowShape {
    /// Periodic Hann window, as librosa and SciPy's `fftbins=True` make it.
    #[default]
    Hann,
    /// Periodic Hamming window.
    Hamming,
}

/// Mel filter bank.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MelConfig {
    /// Number of bands.
    pub bands: usize,
    /// Lower edge of the lowest band, in Hz.
    pub low_hz: f32,
    /// Upper edge of the highest band, in Hz.
    pub high_hz: f32,
    /// Formula of the mel scale.
    #[serde(default)]
    pub scale: MelScale,
    /// Height of the filters.
    #[serde(default)]
    pub norm: MelNorm,
}

/// Formula of the mel scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MelScale {
    /// Slaney's (Auditory Toolbox): linear below 1 kHz, logarithmic above; librosa's default.
    #[default]
    Slaney,
    /// HTK's: `2595 log10(1 + f / 700)`.
    Htk,
}

/// Height of the mel filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MelNorm {
    /// Each filter has the same area (Slaney); librosa's default.
    #[default]
    Slaney,
    /// Each filter peaks at one.
    Peak,
}

/// How band powers become decibels: `10 log10(max(power, floor))`, then a limited range below the window's loudest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// Smallest power told apart.
    pub floor: f32,
    /// Range kept below the window's loudest band, in dB; `None` keeps all.
    pub range_db: Option<f32>,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            floor: 1e-10,
            range_db: Some(80.0),
        }
    }
}

/// What is made of the log-mel bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum FeatureKind {
    /// The log-mel bands themselves; coefficients = bands.
    LogMel,
    /// Mel-frequency cepstral coefficients: orthonormal DCT-II of the log-mel bands.
    Mfcc {
        /// How many of the lowest coefficients are kept.
        coefficients: usize,
        /// Sinusoidal lifter's parameter; 0 is none.
        #[serde(default)]
        lifter: usize,
    },
}

/// Level normalisation of a window.
///
/// It looks at the window alone and so never into the future: a live engine and a scan set the same level for the same window.
/// A gain is a constant in decibels, so the level is set on the log-mel bands, without touching the sound.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum LevelNormalisation {
    /// The level is left as it is.
    #[default]
    Off,
    /// The window's loudest sample becomes 1.
    Peak,
    /// The root mean square over the window's sounding part becomes `target`: over the hops within 40 dB of the window's loudest (see
    /// [`WindowCutter`](super::WindowCutter)).
    Rms {
        /// Root mean square to reach, full scale = 1.
        target: f32,
    },
}

/// Mean and variance normalisation within a window, per coefficient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cmvn {
    /// None.
    #[default]
    Off,
    /// The window's mean is taken off.
    Mean,
    /// The window's mean is taken off and its standard deviation becomes one (deviations below 0.001 count as 0.001).
    MeanVariance,
}

/// Fixed shift and scale per coefficient: `(x - mean) / deviation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistics {
    /// Mean per coefficient, `[coefficients]`.
    pub mean: Vec<f32>,
    /// Standard deviation per coefficient, `[coefficients]`.
    pub deviation: Vec<f32>,
}

impl FeatureConfig {
    /// The paper's input: 40 MFCC × 130 frames, 3 s at 22,050 Hz, librosa's defaults.
    pub fn paper() -> Self {
        Self {
            sample_rate_hz: 22_050,
            noise_reduction: NoiseReduction::Off,
            fft_samples: 2048,
            window_samples: 2048,
            window: WindowShape::Hann,
            hop_samples: 512,
            mel: MelConfig {
                bands: 128,
                low_hz: 0.0,
                high_hz: 11_025.0,
                scale: MelScale::Slaney,
                norm: MelNorm::Slaney,
            },
            log: LogConfig::default(),
            kind: FeatureKind::Mfcc {
                coefficients: 40,
                lifter: 0,
            },
            deltas: 0,
            level: LevelNormalisation::Off,
            cmvn: Cmvn::Off,
            statistics: None,
            span_samples: 66_150,
        }
    }

    /// Numbers per frame, deltas included.
    pub fn coefficients(&self) -> usize {
        let base = match self.kind {
            FeatureKind::LogMel => self.mel.bands,
            FeatureKind::Mfcc { coefficients, .. } => coefficients,
        };
        base.saturating_mul(1 + usize::from(self.deltas))
    }

    /// Frames a model takes at once: those whose centres lie within the span.
    pub fn frames(&self) -> usize {
        self.span_samples.div_ceil(self.hop_samples.max(1))
    }

    /// How much sound a model takes at once, in seconds.
    pub fn span_seconds(&self) -> f64 {
        self.span_samples as f64 / f64::from(self.sample_rate_hz.max(1))
    }
}
