//! What lies between the words: the level of the background.

/// Levels are counted in steps of this many dB.
const STEP_DB: f32 = 0.1;
/// The lowest level that is told apart, in dB below full scale.
const LOWEST_DB: f32 = -120.0;
/// Steps from there up to +20 dB.
const STEPS: usize = 1400;
/// Frames without voice that a floor needs: 0.2 s.
const LEAST_FRAMES: u64 = 20;

/// Level of the frames without voice: their median, which a click or a breath does not move.
#[derive(Debug)]
pub(super) struct NoiseFloor {
    counts: Vec<u32>,
    frames: u64,
}

impl NoiseFloor {
    pub(super) fn new() -> Self {
        Self {
            counts: vec![0; STEPS],
            frames: 0,
        }
    }

    /// Takes the mean square of a frame without voice.
    pub(super) fn push(&mut self, mean_square: f32) {
        let level_db = 10.0 * mean_square.max(1e-12).log10();
        let step = ((level_db - LOWEST_DB) / STEP_DB) as usize;
        if let Some(count) = self.counts.get_mut(step.min(STEPS - 1)) {
            *count += 1;
        }
        self.frames += 1;
    }

    /// The median, in dB below full scale, to 0.1 dB; `None` where there is hardly a gap. −120 is digital silence.
    pub(super) fn median_db(&self) -> Option<f64> {
        if self.frames < LEAST_FRAMES {
            return None;
        }
        let mut below = 0;
        for (step, &count) in self.counts.iter().enumerate() {
            below += u64::from(count);
            if 2 * below >= self.frames {
                let level_db = f64::from(LOWEST_DB) + step as f64 * f64::from(STEP_DB);
                // To the tenth, which the step's own rounding would miss.
                return Some((level_db * 10.0).round() / 10.0);
            }
        }
        None
    }
}
