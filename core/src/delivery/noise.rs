//! How often which level occurs: the background between the words, and the quietest moments.

/// Levels are counted in steps of this many dB.
const STEP_DB: f32 = 0.1;
/// The lowest level that is told apart, in dB below full scale.
const LOWEST_DB: f32 = -120.0;
/// Steps from there up to +20 dB.
const STEPS: usize = 1400;
/// Frames that a level of many needs: 0.2 s.
const LEAST_FRAMES: u64 = 20;

/// Counts the levels of frames.
#[derive(Debug)]
pub(super) struct Levels {
    counts: Vec<u32>,
    frames: u64,
}

impl Levels {
    pub(super) fn new() -> Self {
        Self {
            counts: vec![0; STEPS],
            frames: 0,
        }
    }

    /// Takes the mean square of a frame.
    pub(super) fn push(&mut self, mean_square: f32) {
        let level_db = 10.0 * mean_square.max(1e-12).log10();
        let step = ((level_db - LOWEST_DB) / STEP_DB) as usize;
        if let Some(count) = self.counts.get_mut(step.min(STEPS - 1)) {
            *count += 1;
        }
        self.frames += 1;
    }

    /// The level that such a share of the frames does not exceed, in dB below full scale, to 0.1 dB; `None` of less than 0.2 s. −120 is digital
    /// silence.
    pub(super) fn percentile_db(&self, share: f64) -> Option<f64> {
        if self.frames < LEAST_FRAMES {
            return None;
        }
        let wanted = share * self.frames as f64;
        let mut below = 0;
        for (step, &count) in self.counts.iter().enumerate() {
            below += u64::from(count);
            if below > 0 && below as f64 >= wanted {
                // Tenths, without what the step's own rounding would add.
                return Some((f64::from(LOWEST_DB) * 10.0 + step as f64) / 10.0);
            }
        }
        None
    }
}
