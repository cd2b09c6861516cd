//! Scores that move smoothly: the one definition.
//!
//! With a window's scores `p`, the smoothed scores `s`, the time constant `τ` ([`smoothing_seconds`](super::LiveSettings::smoothing_seconds))
//! and the time `Δt` since the update before:
//!
//! - a voiced window: `s ← s + (1 − exp(−Δt / τ)) · (p − s)`; `s ← p` for the first since a reset, and for `τ = 0`;
//! - a window without voice: `s` stays ([`Silence::Hold`]), or `s ← s · exp(−Δt / τ′)` with the decay's `τ′` ([`Silence::Decay`]), and 0
//!   once all of it is below 0.0001.
//!
//! Valence, arousal and confidence are then read from `s` as from a window's scores.

use super::Silence;

/// Scores below this are 0: a decay ends.
const NOTHING: f64 = 1e-4;

#[derive(Debug, Default)]
pub(super) struct Smoother {
    /// Empty before the first voice.
    scores: Vec<f64>,
    /// When the update before was, in seconds.
    before_seconds: Option<f64>,
}

impl Smoother {
    /// Forgets all.
    pub(super) fn reset(&mut self) {
        self.scores.clear();
        self.before_seconds = None;
    }

    /// The smoothed scores; empty before the first voice.
    pub(super) fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// Takes a voiced window's scores.
    pub(super) fn voiced(&mut self, at_seconds: f64, scores: &[f32], smoothing_seconds: f64) {
        let passed = self.passed(at_seconds);
        let share = if smoothing_seconds > 0.0 {
            -(-passed / smoothing_seconds).exp_m1()
        } else {
            1.0
        };
        if self.scores.len() != scores.len() || share >= 1.0 {
            self.scores.clear();
            self.scores
                .extend(scores.iter().map(|&score| f64::from(score)));
            return;
        }
        for (smooth, &score) in self.scores.iter_mut().zip(scores) {
            *smooth += share * (f64::from(score) - *smooth);
        }
    }

    /// Takes a window without voice.
    pub(super) fn silent(&mut self, at_seconds: f64, silence: Silence) {
        let passed = self.passed(at_seconds);
        if let Silence::Decay { seconds } = silence {
            let left = (-passed / seconds).exp();
            self.scores.iter_mut().for_each(|score| *score *= left);
            if self.scores.iter().all(|&score| score < NOTHING) {
                self.scores.fill(0.0);
            }
        }
    }

    fn passed(&mut self, at_seconds: f64) -> f64 {
        let before = self.before_seconds.replace(at_seconds);
        before.map_or(0.0, |before| (at_seconds - before).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reaches_63_percent_of_its_way_in_the_time_constant_for_any_hop() {
        for hop in [0.05, 0.25, 0.5] {
            let mut smoother = Smoother::default();
            smoother.voiced(0.0, &[1.0, 0.0], 1.0);
            assert_eq!(smoother.scores(), [1.0, 0.0]);
            for step in 1..=(1.0 / hop) as usize {
                smoother.voiced(step as f64 * hop, &[0.0, 1.0], 1.0);
            }
            let way = 1.0 - (-1.0_f64).exp();
            assert!((smoother.scores()[1] - way).abs() < 1e-9);
            assert!((smoother.scores().iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn without_smoothing_the_scores_are_the_windows_own() {
        let mut smoother = Smoother::default();
        for (second, scores) in [[0.1_f32, 0.9], [0.7, 0.3], [0.25, 0.75]]
            .iter()
            .enumerate()
        {
            smoother.voiced(second as f64, scores, 0.0);
            let own = scores.map(f64::from);
            assert_eq!(smoother.scores(), own);
        }
    }

    #[test]
    fn in_silence_scores_stay_or_fall_to_nothing() {
        let mut smoother = Smoother::default();
        smoother.voiced(0.0, &[0.2, 0.8], 0.5);
        smoother.silent(5.0, Silence::Hold);
        assert_eq!(smoother.scores(), [0.2_f32, 0.8].map(f64::from));
        let decay = Silence::Decay { seconds: 2.0 };
        smoother.silent(7.0, decay);
        let left = (-1.0_f64).exp();
        assert!((smoother.scores()[1] - 0.8 * left).abs() < 1e-7);
        for second in 8..40 {
            smoother.silent(f64::from(second), decay);
        }
        assert_eq!(smoother.scores(), [0.0, 0.0]);
    }
}
