//! From a clip to the window a network learns from: the same frames and the same window cutting as a scan.

use std::ops::Range;
use std::sync::Arc;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use undersong_core::features::{ClipFeatures, FeatureConfig, FeatureError};

use crate::augment::{Beds, WaveAugment, augment_features, augment_wave, telephone};
use crate::recipe::{Crop, Placement, Preparation, Recipe};

use super::voices::{Voices, take_off};

/// Makes windows of clips; keeps its buffers, so one per thread.
#[derive(Debug)]
pub struct WindowMaker {
    preparation: Preparation,
    config: FeatureConfig,
    features: ClipFeatures,
    speed: WaveAugment,
    sound: WaveAugment,
    beds: Beds,
    voices: Option<Arc<Voices>>,
    feature_augment: crate::augment::FeatureAugment,
    resampled: Vec<f32>,
    cut: Vec<f32>,
    augmented: Vec<f32>,
}

impl WindowMaker {
    /// A maker for a recipe, whose features may have gained their statistics since.
    ///
    /// # Errors
    /// If the features make no sense.
    pub fn new(recipe: &Recipe, config: &FeatureConfig) -> Result<Self, FeatureError> {
        // Speed changes a clip's length, so it comes before the clip is laid into its window; the rest hears the whole window.
        let speed = WaveAugment {
            speed: recipe.augment_sound.speed,
            ..WaveAugment::default()
        };
        let sound = WaveAugment {
            speed: None,
            ..recipe.augment_sound
        };
        Ok(Self {
            preparation: recipe.preparation.clone(),
            config: config.clone(),
            features: ClipFeatures::new(config)?,
            speed,
            sound,
            beds: Beds::default(),
            voices: None,
            feature_augment: recipe.augment_features,
            resampled: Vec::new(),
            cut: Vec::new(),
            augmented: Vec::new(),
        })
    }

    /// With the sounds that lie under training windows, and the speakers' usual voices, where the recipe asks for them.
    #[must_use]
    pub fn with(mut self, beds: Beds, voices: Option<Arc<Voices>>) -> Self {
        self.beds = beds;
        self.voices = voices;
        self
    }

    /// The window that tests see, `[frames, coefficients]` appended to `out`: no augmentation, nothing random.
    ///
    /// # Errors
    /// Never for a maker's own configuration.
    pub fn plain(&mut self, samples: &[f32], out: &mut Vec<f32>) -> Result<(), FeatureError> {
        let utterance = self.utterance(samples);
        let start = match self.preparation.placement {
            Placement::Start => 0,
            Placement::Centre | Placement::Random => self.centred(&utterance),
        };
        append(&mut self.features, samples, start, out)
    }

    /// Where `plain` has the clip's own frames, as indices into the window.
    pub fn plain_frames(&self, samples: &[f32]) -> Range<usize> {
        let utterance = self.utterance(samples);
        let start = match self.preparation.placement {
            Placement::Start => 0,
            Placement::Centre | Placement::Random => self.centred(&utterance),
        };
        let hop = self.config.hop_samples as i64;
        let frame = |sample: usize| {
            ((sample as i64 - start).div_euclid(hop)).clamp(0, self.config.frames() as i64) as usize
        };
        frame(utterance.start)..frame(utterance.end)
    }

    /// A training window of the store's `clip`, `[frames, coefficients]` appended to `out`.
    ///
    /// # Errors
    /// Never for a maker's own configuration.
    pub fn augmented(
        &mut self,
        clip: usize,
        samples: &[f32],
        rng: &mut ChaCha8Rng,
        out: &mut Vec<f32>,
    ) -> Result<(), FeatureError> {
        let mut resampled = std::mem::take(&mut self.resampled);
        let samples = if self.speed == WaveAugment::default() {
            samples
        } else {
            resampled.clear();
            augment_wave(
                &self.speed,
                samples,
                self.config.sample_rate_hz,
                rng,
                &mut resampled,
            );
            &resampled
        };
        let mut utterance = self.utterance(samples);
        let mut cropped = false;
        if let Some(crop) = self.preparation.crop {
            let part = crop_of(&crop, &utterance, self.config.sample_rate_hz, rng);
            cropped = part != utterance;
            utterance = part;
        }
        let start = match self.preparation.placement {
            Placement::Start => 0,
            Placement::Centre => self.centred(&utterance),
            Placement::Random => {
                let (a, b) = (utterance.start as i64, utterance.end as i64);
                let last = b - self.config.span_samples as i64;
                rng.random_range(last.min(a)..=last.max(a))
            }
        };
        let blank = rng.random_bool(self.preparation.blank_probability.clamp(0.0, 1.0));
        let heard = if blank || cropped {
            utterance
        } else {
            0..samples.len()
        };
        // The edge frames see half a transform beyond the window.
        let margin = self.config.fft_samples as i64 / 2;
        self.cut.clear();
        let (from, to) = (
            start - margin,
            start + self.config.span_samples as i64 + margin,
        );
        self.cut
            .extend((from..to).map(|at| match usize::try_from(at) {
                Ok(at) if heard.contains(&at) => samples[at],
                _ => 0.0,
            }));
        self.resampled = resampled;
        let window = if self.sound == WaveAugment::default() {
            &self.cut
        } else {
            self.augmented.clear();
            augment_wave(
                &self.sound,
                &self.cut,
                self.config.sample_rate_hz,
                rng,
                &mut self.augmented,
            );
            self.beds.add(&self.sound, &mut self.augmented, rng);
            if let Some(line) = &self.sound.telephone {
                let rate_hz = self.config.sample_rate_hz;
                telephone(line, &mut self.augmented, rate_hz, rng);
            }
            &self.augmented
        };
        let before = out.len();
        append(&mut self.features, window, margin, out)?;
        if let (Some(shift), Some(voices)) = (self.preparation.speaker_profile, &self.voices)
            && rng.random_bool(f64::from(shift.probability).clamp(0.0, 1.0))
            && let Some(shift) = voices.random_shift(clip, shift.clips, rng)
        {
            take_off(&mut out[before..], &shift);
        }
        augment_features(
            &self.feature_augment,
            &mut out[before..],
            self.config.frames(),
            self.config.coefficients(),
            rng,
        );
        Ok(())
    }

    /// Frames of a window.
    pub fn frames(&self) -> usize {
        self.config.frames()
    }

    fn centred(&self, utterance: &Range<usize>) -> i64 {
        (utterance.start as i64 + utterance.end as i64 - self.config.span_samples as i64) / 2
    }

    /// The part of a clip that is not silence at its ends.
    fn utterance(&self, samples: &[f32]) -> Range<usize> {
        utterance(samples, self.config.sample_rate_hz, &self.preparation)
    }
}

/// The part of an utterance that is heard.
fn crop_of(
    crop: &Crop,
    utterance: &Range<usize>,
    rate_hz: u32,
    rng: &mut ChaCha8Rng,
) -> Range<usize> {
    let cropped = rng.random_bool(f64::from(crop.probability).clamp(0.0, 1.0));
    let [least, most] = crop.seconds;
    let seconds = least + (most - least) * rng.random::<f32>();
    let length = ((seconds * rate_hz as f32) as usize).max(1);
    if !cropped || length >= utterance.len() {
        return utterance.clone();
    }
    let start = rng.random_range(utterance.start..=utterance.end - length);
    start..start + length
}

/// Appends the window that starts at `start`.
fn append(
    features: &mut ClipFeatures,
    samples: &[f32],
    start: i64,
    out: &mut Vec<f32>,
) -> Result<(), FeatureError> {
    let before = out.len();
    out.resize(before + features.frames() * features.coefficients(), 0.0);
    features.window(samples, start, &mut out[before..])
}

/// The part of a clip within `trim_db` of its loudest 10 ms, with `keep_ms` at either end; all of a silent clip.
pub fn utterance(samples: &[f32], rate_hz: u32, preparation: &Preparation) -> Range<usize> {
    let step = (rate_hz as usize / 100).max(1);
    let powers: Vec<f32> = samples
        .chunks(step)
        .map(|chunk| chunk.iter().map(|x| x * x).sum::<f32>() / chunk.len() as f32)
        .collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    let threshold = loudest * 10f32.powf(preparation.trim_db / 10.0);
    let sounding = |power: &f32| *power > 0.0 && *power >= threshold;
    let (Some(first), Some(last)) = (
        powers.iter().position(sounding),
        powers.iter().rposition(sounding),
    ) else {
        return 0..samples.len();
    };
    let keep = (f64::from(preparation.keep_ms.max(0.0)) / 1000.0 * f64::from(rate_hz)) as usize;
    let start = (first * step).saturating_sub(keep);
    let end = ((last + 1) * step + keep).min(samples.len());
    start..end
}
