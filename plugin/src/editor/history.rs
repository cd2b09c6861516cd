//! `History`: the last half minute, for the timeline and the trail.

use std::collections::VecDeque;

/// How much is kept and shown, in seconds.
pub const HISTORY_SECONDS: f64 = 30.0;

/// Longest distance between two moments that belong together, in seconds: a little over the longest hop.
const LONGEST_HOP_SECONDS: f64 = 1.2;

/// What was heard at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// When, on a clock that never goes back.
    pub at_seconds: f64,
    /// Distance from the moment before it, in seconds.
    pub hop_seconds: f64,
    /// What; `None` without voice.
    pub heard: Option<Heard>,
    /// The sound before it was forgotten: the host jumped, or the user reset.
    pub after_reset: bool,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// Scores in the order of the emotions.
    pub scores: Vec<f32>,
    /// −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// −1 calm … 1 excited.
    pub arousal: f32,
    /// Whether the leading score is below the model's threshold.
    pub unsure: bool,
}

/// The last half minute.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    moments: VecDeque<Moment>,
    now_seconds: f64,
}

impl History {
    /// The time at the right edge, in seconds.
    pub fn now_seconds(&self) -> f64 {
        self.now_seconds
    }

    /// The moments in time order.
    pub fn moments(&self) -> impl DoubleEndedIterator<Item = &Moment> + ExactSizeIterator {
        self.moments.iter()
    }

    /// The newest moment.
    pub fn last(&self) -> Option<&Moment> {
        self.moments.back()
    }

    /// Whether a voice was heard in what is kept.
    pub fn has_voice(&self) -> bool {
        self.moments.iter().any(|moment| moment.heard.is_some())
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// Adds a moment. One that does not lie after the last is left out.
    pub fn push(&mut self, at_seconds: f64, after_reset: bool, heard: Option<Heard>) {
        let last = self.moments.back().map(|moment| moment.at_seconds);
        if !at_seconds.is_finite() || last.is_some_and(|last| at_seconds <= last) {
            return;
        }
        let distance = last.map_or(f64::INFINITY, |last| at_seconds - last);
        let usual = self.moments.back().map_or(0.25, |last| last.hop_seconds);
        let hop_seconds = if distance <= LONGEST_HOP_SECONDS && !after_reset {
            distance
        } else {
            usual
        };
        self.moments.push_back(Moment {
            at_seconds,
            hop_seconds,
            heard,
            after_reset,
        });
        self.advance(at_seconds);
    }

    /// Moves the right edge; it never goes back.
    pub fn advance(&mut self, now_seconds: f64) {
        if now_seconds > self.now_seconds {
            self.now_seconds = now_seconds;
        }
        let oldest = self.now_seconds - HISTORY_SECONDS - LONGEST_HOP_SECONDS;
        while self
            .moments
            .front()
            .is_some_and(|moment| moment.at_seconds < oldest)
        {
            self.moments.pop_front();
        }
    }

    /// Forgets everything but the time.
    pub fn clear(&mut self) {
        self.moments.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_minute_is_kept_and_time_never_goes_back() {
        let mut history = History::default();
        for step in 0..400 {
            history.push(f64::from(step) * 0.25, false, None);
        }
        assert!((history.now_seconds() - 99.75).abs() < 1e-9);
        let first = history.moments().next().map(|moment| moment.at_seconds);
        assert!(first.is_some_and(|first| (68.0..=69.75).contains(&first)));
        history.advance(10.0);
        history.push(20.0, false, None);
        history.push(f64::NAN, false, None);
        assert!((history.now_seconds() - 99.75).abs() < 1e-9);
        assert_eq!(
            history
                .moments()
                .next_back()
                .map(|moment| moment.at_seconds),
            Some(99.75)
        );
    }

    #[test]
    fn a_gap_does_not_stretch_a_moment() {
        let mut history = History::default();
        history.push(1.0, false, None);
        history.push(1.5, false, None);
        history.push(9.0, false, None);
        history.push(9.5, true, None);
        let hops = history
            .moments()
            .map(|moment| moment.hop_seconds)
            .collect::<Vec<_>>();
        assert_eq!(hops, [0.25, 0.5, 0.5, 0.5]);
    }
}
