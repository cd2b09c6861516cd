//! `SpeakerMeter`: the mean of each coefficient over a speaker's sounding frames.

use super::{PROFILE_VERSION, ProfileError, SpeakerProfile, without_statistics};
use crate::delivery::Usual;
use crate::features::{ClipFeatures, FeatureConfig, FeatureError};

/// A window whose loudest hop lies this far below the sound's loudest is a pause, in dB.
const PAUSE_DB: f32 = 30.0;

/// Measures a speaker's voice for a [`SpeakerProfile`].
///
/// A sound is cut into windows as the model's, side by side; one shorter than a window lies in the middle of it. Of each window, level set as
/// the model has it, the frames count whose hop is within 40 dB of the window's loudest; a window in which nothing comes within 30 dB of
/// the sound's loudest hop is a pause and does not count.
#[derive(Debug, Clone)]
pub struct SpeakerMeter {
    config: FeatureConfig,
    features: ClipFeatures,
    window: Vec<f32>,
    sum: Vec<f64>,
    frames: u64,
}

impl SpeakerMeter {
    /// A meter for models with these features; their statistics do not matter.
    ///
    /// # Errors
    /// If such features cannot be computed.
    pub fn new(config: &FeatureConfig) -> Result<Self, FeatureError> {
        let config = without_statistics(config);
        let features = ClipFeatures::new(&config)?;
        Ok(Self {
            window: vec![0.0; features.frames() * features.coefficients()],
            sum: vec![0.0; features.coefficients()],
            frames: 0,
            features,
            config,
        })
    }

    /// Adds a sound: mono, at the features' rate.
    ///
    /// # Errors
    /// Never for a meter's own configuration.
    pub fn add(&mut self, samples: &[f32]) -> Result<(), FeatureError> {
        let span = self.config.span_samples;
        let first = match samples.len() < span {
            true => (samples.len() as i64 - span as i64) / 2,
            false => 0,
        };
        let starts = || (first..samples.len() as i64).step_by(span.max(1));
        let loudest_hop = samples
            .chunks(self.config.hop_samples.max(1))
            .map(|hop| hop.iter().map(|x| x * x).sum::<f32>())
            .fold(0.0, f32::max);
        let least = loudest_hop * 10f32.powf(-PAUSE_DB / 10.0);
        let coefficients = self.sum.len();
        for start in starts() {
            self.features.window(samples, start, &mut self.window)?;
            if self.features.loudest_hop() <= least {
                continue;
            }
            for frame in self.features.sounding_frames() {
                let row = &self.window[frame * coefficients..(frame + 1) * coefficients];
                for (sum, &value) in self.sum.iter_mut().zip(row) {
                    *sum += f64::from(value);
                }
                self.frames += 1;
            }
        }
        Ok(())
    }

    /// Sound measured so far, in seconds of sounding frames.
    pub fn sounding_seconds(&self) -> f64 {
        self.frames as f64 * self.config.hop_samples as f64
            / f64::from(self.config.sample_rate_hz.max(1))
    }

    /// The profile of all sounds added.
    ///
    /// # Errors
    /// [`ProfileError::Silent`] if none of them sounded.
    pub fn profile(&self) -> Result<SpeakerProfile, ProfileError> {
        if self.frames == 0 {
            return Err(ProfileError::Silent);
        }
        Ok(SpeakerProfile {
            profile_version: PROFILE_VERSION,
            features: self.config.clone(),
            mean: self
                .sum
                .iter()
                .map(|sum| (sum / self.frames as f64) as f32)
                .collect(),
            sounding_seconds: self.sounding_seconds(),
            delivery: Usual::default(),
            answers: Vec::new(),
        })
    }

    /// Sums of the coefficients over the frames counted, `[coefficients]`, and how many frames: to join meters.
    pub fn sums(&self) -> (&[f64], u64) {
        (&self.sum, self.frames)
    }

    /// Forgets what was added.
    pub fn clear(&mut self) {
        self.sum.fill(0.0);
        self.frames = 0;
    }
}
