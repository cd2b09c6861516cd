//! What the voice detector needs to know of level: a slow gain, so that a quiet take is heard like a loud one, and the
//! floor, so that the gain does not make a voice of steady noise.

/// Where the loudest recent step is brought to, as RMS relative to full scale.
const TARGET_DB: f32 = -22.0;
/// No more gain than this: what stays below is silence.
const MAX_GAIN_DB: f32 = 45.0;
/// How fast the memory of the loudest step fades.
const PEAK_FALL_DB_PER_SECOND: f32 = 6.0;
/// How fast the floor follows when the background gets louder; it falls at once.
const FLOOR_RISE_DB_PER_SECOND: f32 = 3.0;
/// A step counts as background while its RMS is less than this above the floor.
const ABOVE_FLOOR_DB: f32 = 4.0;
/// The floor is never below this RMS (−120 dB): after digital silence any sound stands out.
const LOWEST_FLOOR: f32 = 1e-6;

/// Follows a stream's loudest and quietest recent steps, looking back only.
///
/// The gain falls at once and rises slowly, so that a pause keeps the gain of the words around it.
#[derive(Debug, Clone)]
pub(super) struct LevelControl {
    /// RMS of the loudest recent step, faded.
    peak: f32,
    /// RMS of the quietest recent step, crept up; none before the first.
    floor: Option<f32>,
    /// Gain at the end of the step before, to ramp from.
    gain: Option<f32>,
    target: f32,
    max_gain: f32,
    peak_fall: f32,
    floor_rise: f32,
    above_floor: f32,
}

impl LevelControl {
    pub(super) fn new(step_seconds: f32) -> Self {
        Self {
            peak: 0.0,
            floor: None,
            gain: None,
            target: from_db(TARGET_DB),
            max_gain: from_db(MAX_GAIN_DB),
            peak_fall: from_db(-PEAK_FALL_DB_PER_SECOND * step_seconds),
            floor_rise: from_db(FLOOR_RISE_DB_PER_SECOND * step_seconds),
            above_floor: from_db(ABOVE_FLOOR_DB),
        }
    }

    pub(super) fn reset(&mut self) {
        self.peak = 0.0;
        self.floor = None;
        self.gain = None;
    }

    /// Scales one step in place, within ±1; true if it stands out from the background. Real-time safe: yes.
    pub(super) fn apply(&mut self, step: &mut [f32]) -> bool {
        let length = step.len().max(1) as f32;
        // Beyond ±100 times full scale is no sound; bounded, its square stays finite.
        let power = |sample: &f32| sample.clamp(-100.0, 100.0).powi(2);
        let rms = (step.iter().map(power).sum::<f32>() / length).sqrt();

        let floor = self
            .floor
            .map_or(rms, |floor| (floor * self.floor_rise).min(rms));
        let floor = floor.max(LOWEST_FLOOR);
        self.floor = Some(floor);

        self.peak = (self.peak * self.peak_fall).max(rms);
        let gain = (self.target / self.peak.max(f32::MIN_POSITIVE)).min(self.max_gain);
        // A jump of the gain would be a click, and clicks hide speech: ramp over the step.
        let from = self.gain.replace(gain).unwrap_or(gain);
        for (index, sample) in step.iter_mut().enumerate() {
            let ramp = (index + 1) as f32 / length;
            *sample = (*sample * (from + (gain - from) * ramp)).clamp(-1.0, 1.0);
        }
        rms >= floor * self.above_floor
    }
}

fn from_db(db: f32) -> f32 {
    10f32.powf(db / 20.0)
}
