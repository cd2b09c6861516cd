//! How likely it is, every 16 ms, that somebody is speaking.

use super::level::LevelControl;
use crate::audio::{ConditionError, Conditioner, NoiseReduction};

/// The detector's only rate.
const RATE_HZ: u32 = VoiceDetector::RATE_HZ;
/// Samples of one step, at [`RATE_HZ`].
const STEP: usize = VoiceDetector::STEP_SAMPLES;

/// Speech probability of a mono stream at any rate, one value for each 16 ms.
///
/// Step `k` covers the sound from `k · step_seconds` to `(k + 1) · step_seconds` and is decided by it and what was before,
/// never by what follows (its window reaches 48 ms back, so an onset shows a step or two late). The values are the same to the bit for every way of cutting the input into blocks.
pub struct VoiceDetector {
    conditioner: Conditioner,
    level: LevelControl,
    detector: Box<earshot::Detector>,
    /// Sound at 16 kHz that waits for a whole step.
    pending: Vec<f32>,
    resampled: Vec<f32>,
}

impl VoiceDetector {
    /// The rate that it hears at, in Hz.
    pub const RATE_HZ: u32 = 16_000;
    /// Samples of one step, at [`RATE_HZ`](Self::RATE_HZ).
    pub const STEP_SAMPLES: usize = 256;
    /// Length of one step in seconds.
    pub const STEP_SECONDS: f64 = Self::STEP_SAMPLES as f64 / Self::RATE_HZ as f64;

    /// A detector for sound at `sample_rate_hz`.
    ///
    /// # Errors
    /// A rate outside 8–384 kHz.
    pub fn new(sample_rate_hz: u32) -> Result<Self, ConditionError> {
        Conditioner::new(sample_rate_hz, RATE_HZ, NoiseReduction::Off).map(Self::behind)
    }

    /// As [`new`](Self::new), for a caller who cannot wait for blocks to fill: it can [`deliver`](Self::deliver).
    ///
    /// # Errors
    /// A rate outside 8–384 kHz.
    pub fn live(sample_rate_hz: u32) -> Result<Self, ConditionError> {
        Conditioner::live(sample_rate_hz, RATE_HZ, NoiseReduction::Off).map(Self::behind)
    }

    fn behind(conditioner: Conditioner) -> Self {
        Self {
            conditioner,
            level: LevelControl::new(STEP as f32 / RATE_HZ as f32),
            detector: Box::default(),
            pending: Vec::with_capacity(STEP),
            resampled: Vec::with_capacity(8 * STEP),
        }
    }

    /// Length of one step in seconds.
    pub fn step_seconds(&self) -> f64 {
        Self::STEP_SECONDS
    }

    /// How far the values can lie behind the sound while it still comes in, in seconds, beyond the step itself.
    pub fn delay_seconds(&self) -> f64 {
        self.conditioner.delay_samples() as f64 / f64::from(RATE_HZ)
    }

    /// The same, for a caller who asks to [`deliver`](Self::deliver) once the steps are [ready](Self::ready_after).
    pub fn early_delay_seconds(&self) -> f64 {
        self.conditioner.early_delay_samples() as f64 / f64::from(RATE_HZ)
    }

    /// Samples pushed since the start after which so many values have come, if [`deliver`](Self::deliver) is called then.
    pub fn ready_after(&self, steps: u64) -> u64 {
        self.conditioner
            .ready_after(steps.saturating_mul(STEP as u64))
    }

    /// Appends the values that the sound so far decides, without waiting for the resampler's block to fill; see [`Conditioner::deliver`].
    ///
    /// Real-time safe: yes, once `out` has capacity.
    pub fn deliver(&mut self, out: &mut Vec<f32>) {
        self.resampled.clear();
        self.conditioner.deliver(&mut self.resampled);
        self.take_resampled(out);
    }

    /// Takes `mono` and appends to `out` one probability, 0 to 1, for each step that is now complete.
    ///
    /// Real-time safe: yes, once `out` has capacity.
    pub fn push(&mut self, mono: &[f32], out: &mut Vec<f32>) {
        self.push_heard(mono, out, |_| ());
    }

    /// As [`push`](Self::push); `heard` gets the sound at [`RATE_HZ`](Self::RATE_HZ), piece by piece, as it is judged but for the gain.
    pub fn push_heard(&mut self, mono: &[f32], out: &mut Vec<f32>, mut heard: impl FnMut(&[f32])) {
        // In pieces, so that the buffer for the resampled sound keeps its size.
        for piece in mono.chunks(STEP) {
            self.resampled.clear();
            self.conditioner.push(piece, &mut self.resampled);
            heard(&self.resampled);
            self.take_resampled(out);
        }
    }

    /// Appends what is still inside; a last step that is not full counts with silence after it. Then starts anew.
    pub fn finish(&mut self, out: &mut Vec<f32>) {
        self.finish_heard(out, |_| ());
    }

    /// As [`finish`](Self::finish); `heard` gets the rest of the sound, without the silence that fills up a step.
    pub fn finish_heard(&mut self, out: &mut Vec<f32>, mut heard: impl FnMut(&[f32])) {
        self.resampled.clear();
        self.conditioner.finish(&mut self.resampled);
        heard(&self.resampled);
        self.take_resampled(out);
        if !self.pending.is_empty() {
            self.pending.resize(STEP, 0.0);
            self.detect(out);
        }
        self.reset();
    }

    /// Forgets everything pushed. Real-time safe: yes.
    pub fn reset(&mut self) {
        self.conditioner.reset();
        self.level.reset();
        self.detector.reset();
        self.pending.clear();
    }

    fn take_resampled(&mut self, out: &mut Vec<f32>) {
        let mut taken = 0;
        while let Some(rest) = self.resampled.get(taken..)
            && !rest.is_empty()
        {
            let take = rest.len().min(STEP - self.pending.len());
            self.pending.extend(rest.iter().take(take));
            taken += take;
            if self.pending.len() == STEP {
                self.detect(out);
            }
        }
    }

    /// One full step in `pending` to one probability.
    fn detect(&mut self, out: &mut Vec<f32>) {
        let stands_out = self.level.apply(&mut self.pending);
        let probability = self.detector.predict_f32(&self.pending).clamp(0.0, 1.0);
        out.push(if stands_out { probability } else { 0.0 });
        self.pending.clear();
    }
}

impl std::fmt::Debug for VoiceDetector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VoiceDetector")
            .field("conditioner", &self.conditioner)
            .field("level", &self.level)
            .finish_non_exhaustive()
    }
}
