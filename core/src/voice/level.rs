//! A slow, causal gain in front of the voice detector, so that a quiet take is heard like a loud one.

/// Where the loudest recent step is brought to, as RMS relative to full scale.
const TARGET_DB: f32 = -20.0;
/// No more gain than this: below it, sound is room noise for the detector.
const MAX_GAIN_DB: f32 = 40.0;
/// How fast the memory of the loudest step fades.
const DECAY_DB_PER_SECOND: f32 = 6.0;

/// Follows the loudest recent step and brings it to one level.
///
/// The level rises at once and falls slowly, so that a pause keeps the gain of the words around it.
#[derive(Debug, Clone)]
pub(super) struct LevelControl {
    /// RMS of the loudest recent step, faded.
    level: f32,
    /// Gain at the end of the step before, to ramp from.
    gain: Option<f32>,
    target: f32,
    max_gain: f32,
    decay_per_step: f32,
}

impl LevelControl {
    pub(super) fn new(step_seconds: f32) -> Self {
        Self {
            level: 0.0,
            gain: None,
            target: from_db(TARGET_DB),
            max_gain: from_db(MAX_GAIN_DB),
            decay_per_step: from_db(-DECAY_DB_PER_SECOND * step_seconds),
        }
    }

    pub(super) fn reset(&mut self) {
        self.level = 0.0;
        self.gain = None;
    }

    /// Scales one step in place, within ±1. Real-time safe: yes.
    pub(super) fn apply(&mut self, step: &mut [f32]) {
        let length = step.len().max(1) as f32;
        let rms = (step.iter().map(|sample| sample * sample).sum::<f32>() / length).sqrt();
        self.level = (self.level * self.decay_per_step).max(rms);
        let gain = (self.target / self.level.max(f32::MIN_POSITIVE)).min(self.max_gain);
        // A jump of the gain would be a click, and clicks hide speech: ramp over the step.
        let from = self.gain.replace(gain).unwrap_or(gain);
        for (index, sample) in step.iter_mut().enumerate() {
            let ramp = (index + 1) as f32 / length;
            *sample = (*sample * (from + (gain - from) * ramp)).clamp(-1.0, 1.0);
        }
    }
}

fn from_db(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}
