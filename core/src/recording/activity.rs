//! Who can be heard when: a track's level and voice activity, step by step.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::audio::DecodeError;
use crate::scan::Track;
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

/// Level of digital silence, in dB relative to full scale.
const FLOOR_DB: f32 = -120.0;

/// A track's level and voice activity, one value for each step of the [`VoiceDetector`] (16 ms): 3.4 MB for three hours.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Activity {
    /// Length of the track, in seconds.
    pub seconds: f64,
    /// The file's sample rate, in Hz.
    pub rate_hz: u32,
    /// RMS level in dB relative to full scale, `[steps]`.
    pub level_db: Vec<f32>,
    /// Whether the voice gate is open ([`GateSettings::SCAN`]), `[steps]`.
    pub voiced: Vec<bool>,
}

/// Why a track's activity is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActivityError {
    /// The file cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// Whoever asked does not want it any more.
    #[error("the scan was stopped")]
    Stopped,
}

impl Activity {
    /// Listens to a track, block by block; memory grows by 5 bytes a step. `progress` is told seconds of sound.
    ///
    /// # Errors
    /// If the file cannot be read whole, or `stop` became true.
    pub fn of(
        track: &Track<'_>,
        stop: &AtomicBool,
        progress: &(dyn Fn(f64) + Sync),
    ) -> Result<Self, ActivityError> {
        let mut decoder = track.decoder()?;
        let rate = f64::from(decoder.sample_rate_hz());
        let mut detector = VoiceDetector::new(decoder.sample_rate_hz()).map_err(|source| {
            DecodeError::Condition {
                path: track.path.to_owned(),
                source,
            }
        })?;
        let mut gate = VoiceGate::new(GateSettings::SCAN, detector.step_seconds());
        let mut meter = Meter::new(rate * detector.step_seconds());
        let (mut block, mut probabilities) = (Vec::new(), Vec::new());
        let mut activity = Self::default();
        let mut samples = 0_u64;
        while decoder.next_block(&mut block)? {
            if stop.load(Ordering::Relaxed) {
                return Err(ActivityError::Stopped);
            }
            samples += block.len() as u64;
            meter.push(&block, &mut activity.level_db);
            probabilities.clear();
            detector.push(&block, &mut probabilities);
            activity
                .voiced
                .extend(probabilities.iter().map(|&it| gate.push(it)));
            progress(block.len() as f64 / rate);
            block.clear();
        }
        probabilities.clear();
        detector.finish(&mut probabilities);
        activity
            .voiced
            .extend(probabilities.iter().map(|&it| gate.push(it)));
        meter.finish(&mut activity.level_db);
        activity.seconds = samples as f64 / rate;
        activity.rate_hz = decoder.sample_rate_hz();
        // Rounding may leave one of the two a step longer.
        let steps = activity.voiced.len().min(activity.level_db.len());
        activity.voiced.truncate(steps);
        activity.level_db.truncate(steps);
        Ok(activity)
    }

    /// Seconds of voice.
    pub fn voiced_seconds(&self) -> f64 {
        let steps = self.voiced.iter().filter(|voiced| **voiced).count();
        steps as f64 * VoiceDetector::STEP_SECONDS
    }
}

/// RMS level over steps of a length that need not be a whole number of samples.
struct Meter {
    step_samples: f64,
    power: f64,
    /// Samples in the step so far.
    count: u64,
    /// Samples before the step.
    before: u64,
    /// Samples at the end of the step.
    end: u64,
    steps: u64,
}

impl Meter {
    fn new(step_samples: f64) -> Self {
        Self {
            step_samples,
            power: 0.0,
            count: 0,
            before: 0,
            end: step_samples.round() as u64,
            steps: 0,
        }
    }

    fn push(&mut self, mut mono: &[f32], levels: &mut Vec<f32>) {
        while !mono.is_empty() {
            let room = (self.end - self.before - self.count) as usize;
            let (now, later) = mono.split_at(room.min(mono.len()));
            self.power += now.iter().map(|&it| f64::from(it).powi(2)).sum::<f64>();
            self.count += now.len() as u64;
            if now.len() == room {
                self.close(levels);
            }
            mono = later;
        }
    }

    fn finish(&mut self, levels: &mut Vec<f32>) {
        if self.count > 0 {
            self.close(levels);
        }
    }

    fn close(&mut self, levels: &mut Vec<f32>) {
        let mean = self.power / self.count.max(1) as f64;
        levels.push((10.0 * mean.max(1e-12).log10()) as f32);
        self.before += self.count;
        self.steps += 1;
        self.end = ((self.steps + 1) as f64 * self.step_samples).round() as u64;
        (self.power, self.count) = (0.0, 0);
    }
}

/// Levels as the mean power over `around` steps to either side, in dB, `[steps]`.
pub(super) fn smoothed(level_db: &[f32], around: usize) -> Vec<f32> {
    let power = |db: &f32| 10_f64.powf(f64::from(*db) / 10.0);
    let mut sum = 0.0;
    let mut sums = Vec::with_capacity(level_db.len() + 1);
    sums.push(0.0);
    for db in level_db {
        sum += power(db);
        sums.push(sum);
    }
    let at = |index: usize| sums.get(index).copied().unwrap_or(sum);
    (0..level_db.len())
        .map(|step| {
            let (from, to) = (
                step.saturating_sub(around),
                (step + around + 1).min(level_db.len()),
            );
            let mean = (at(to) - at(from)) / (to - from) as f64;
            ((10.0 * mean.max(1e-12).log10()) as f32).max(FLOOR_DB)
        })
        .collect()
}
