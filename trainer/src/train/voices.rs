//! How each speaker usually sounds: what a speaker's profile would hold, from their neutral clips.

use std::collections::HashMap;

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use undersong_core::features::{FeatureConfig, FeatureError, Statistics};
use undersong_core::profile::SpeakerMeter;

use crate::cache::ClipStore;

/// Sums over a neutral clip's sounding frames.
#[derive(Debug, Clone)]
struct Usual {
    clip: usize,
    sum: Vec<f64>,
    frames: u64,
}

/// The usual voices of a corpus's speakers, as shifts of standardised features.
#[derive(Debug, Clone)]
pub struct Voices {
    statistics: Statistics,
    /// Speaker of each clip of the store, as an index.
    speakers: Vec<usize>,
    /// Neutral clips of each speaker.
    usual: Vec<Vec<Usual>>,
}

impl Voices {
    /// Measures the neutral clips of all speakers; `speakers` and `neutral` are of each clip of the store.
    ///
    /// # Errors
    /// If the features cannot be computed.
    pub fn measure(
        config: &FeatureConfig,
        statistics: &Statistics,
        store: &ClipStore,
        speakers: &[&str],
        neutral: &[bool],
    ) -> Result<Self, FeatureError> {
        let mut numbers = HashMap::new();
        let speakers: Vec<usize> = speakers
            .iter()
            .map(|&speaker| {
                let next = numbers.len();
                *numbers.entry(speaker).or_insert(next)
            })
            .collect();
        let mut usual = vec![Vec::new(); numbers.len()];
        let mut meter = SpeakerMeter::new(config)?;
        for (clip, (&speaker, &neutral)) in speakers.iter().zip(neutral).enumerate() {
            if !neutral {
                continue;
            }
            meter.clear();
            meter.add(&store.samples(clip))?;
            let (sum, frames) = meter.sums();
            usual[speaker].push(Usual {
                clip,
                sum: sum.to_vec(),
                frames,
            });
        }
        Ok(Self {
            statistics: statistics.clone(),
            speakers,
            usual,
        })
    }

    /// What a profile of all the speaker's other neutral clips takes off a standardised window of `clip`, `[coefficients]`.
    pub fn shift(&self, clip: usize) -> Option<Vec<f32>> {
        self.shift_of(self.others(clip))
    }

    /// As [`shift`](Self::shift), of a random choice of `count` clips.
    pub fn random_shift(
        &self,
        clip: usize,
        [least, most]: [usize; 2],
        rng: &mut ChaCha8Rng,
    ) -> Option<Vec<f32>> {
        let mut others: Vec<&Usual> = self.others(clip).collect();
        others.shuffle(rng);
        let count = rng.random_range(least..=most);
        self.shift_of(others.into_iter().take(count))
    }

    fn others(&self, clip: usize) -> impl Iterator<Item = &Usual> {
        let speaker = self.speakers.get(clip).copied();
        speaker
            .and_then(|speaker| self.usual.get(speaker))
            .into_iter()
            .flatten()
            .filter(move |usual| usual.clip != clip)
    }

    fn shift_of<'a>(&self, clips: impl Iterator<Item = &'a Usual>) -> Option<Vec<f32>> {
        let mut sum = vec![0.0; self.statistics.mean.len()];
        let mut frames = 0;
        for usual in clips {
            frames += usual.frames;
            for (sum, value) in sum.iter_mut().zip(&usual.sum) {
                *sum += value;
            }
        }
        if frames == 0 {
            return None;
        }
        let everybody = self.statistics.mean.iter().zip(&self.statistics.deviation);
        Some(
            sum.iter()
                .zip(everybody)
                .map(|(sum, (mean, deviation))| ((sum / frames as f64) as f32 - mean) / deviation)
                .collect(),
        )
    }
}

/// Takes a shift off each frame of `features`, `[frames, coefficients]`.
pub(super) fn take_off(features: &mut [f32], shift: &[f32]) {
    for frame in features.chunks_exact_mut(shift.len().max(1)) {
        for (value, shift) in frame.iter_mut().zip(shift) {
            *value -= shift;
        }
    }
}
