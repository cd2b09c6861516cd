//! Silence before and after the speech, measured against the clip's own loudest moment.

use serde::{Deserialize, Serialize};

/// Length of the frames whose level is compared.
const FRAME_MS: u32 = 20;
/// From one frame to the next.
const HOP_MS: u32 = 10;

/// How much silence is taken from both ends of a clip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrimSilence {
    /// Frames this many decibels or more below the loudest frame are silence (negative; RMS of 20 ms).
    pub below_peak_db: f32,
    /// Silence kept before the first and after the last frame that is none.
    pub keep_ms: u32,
}

impl Default for TrimSilence {
    fn default() -> Self {
        Self {
            below_peak_db: -35.0,
            keep_ms: 150,
        }
    }
}

/// The part of `samples` that stays. A silent clip, or one shorter than a frame, stays whole.
#[must_use]
pub fn trim_silence<'a>(samples: &'a [f32], rate_hz: u32, trim: &TrimSilence) -> &'a [f32] {
    let in_samples = |ms: u32| (u64::from(rate_hz) * u64::from(ms) / 1000) as usize;
    let (frame, hop, keep) = (
        in_samples(FRAME_MS).max(1),
        in_samples(HOP_MS).max(1),
        in_samples(trim.keep_ms),
    );
    if samples.len() <= frame {
        return samples;
    }
    // The last frame may be a shorter one: its mean power is compared all the same.
    let powers: Vec<f32> = (0..samples.len())
        .step_by(hop)
        .filter_map(|start| samples.get(start..(start + frame).min(samples.len())))
        .map(|frame| frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32)
        .collect();
    let loudest = powers.iter().copied().fold(0.0, f32::max);
    let threshold = loudest * 10_f32.powf(trim.below_peak_db / 10.0);
    let is_sound = |power: &f32| *power > threshold;
    let (Some(first), Some(last)) = (
        powers.iter().position(is_sound),
        powers.iter().rposition(is_sound),
    ) else {
        return samples;
    };
    let start = (first * hop).saturating_sub(keep);
    let end = (last * hop + frame + keep).min(samples.len());
    samples.get(start..end).unwrap_or(samples)
}
