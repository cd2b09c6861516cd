//! Where one can cut: moments without voice.

use super::bleed::{runs, seconds};

/// The voice gate opens a little after a word begins (the detector's window reaches 48 ms back): a cut keeps away from the next word by that.
const ONSET_SECONDS: f64 = 0.05;
/// A cut keeps this far from words where the pause is long enough, in seconds.
const CLEAR_SECONDS: f64 = 0.15;

/// Pauses of a recording or of one speaker, in time order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pauses(Vec<(f64, f64)>);

impl Pauses {
    /// The pauses between voiced steps, `[steps]`, of a sound that lasts `length_seconds`.
    pub fn between(voiced: &[bool], length_seconds: f64) -> Self {
        let mut start = 0.0;
        let mut pauses = Vec::new();
        for (from, to) in runs(voiced) {
            let end = (seconds(from) - ONSET_SECONDS).max(0.0);
            if end > start {
                pauses.push((start, end));
            }
            start = seconds(to);
        }
        if length_seconds > start {
            pauses.push((start, length_seconds));
        }
        Self(pauses)
    }

    /// The moment nearest to `at` to cut at: in a pause, clear of the words on either side, between `from` and `to`. `None` if there is no pause
    /// there.
    pub fn nearest(&self, at: f64, from: f64, to: f64) -> Option<f64> {
        let first = self.0.partition_point(|&(_, end)| end < from);
        self.0
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|&&(start, _)| start <= to)
            .map(|&(start, end)| {
                let clear = CLEAR_SECONDS.min((end - start) / 2.0);
                at.clamp(start + clear, (end - clear).max(start + clear))
            })
            .filter(|moment| (from..=to).contains(moment))
            .min_by(|a, b| (a - at).abs().total_cmp(&(b - at).abs()))
    }

    /// Whether a moment lies in a pause.
    pub fn hold(&self, at: f64) -> bool {
        let index = self.0.partition_point(|&(_, end)| end < at);
        self.0.get(index).is_some_and(|&(start, _)| start <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_lies_in_the_nearest_pause_and_clear_of_words() {
        // Words from 1.6 s to 3.2 s and from 4.8 s to 6.4 s of 8 s.
        let voiced: Vec<bool> = (0..500)
            .map(|step| (100..200).contains(&step) || (300..400).contains(&step))
            .collect();
        let pauses = Pauses::between(&voiced, 8.0);
        let near = |at| pauses.nearest(at, 0.0, 8.0).unwrap();
        assert!((near(2.9) - 3.35).abs() < 1e-9);
        assert!((near(4.0) - 4.0).abs() < 1e-9);
        assert!((near(5.2) - 4.6).abs() < 1e-9);
        assert_eq!(pauses.nearest(5.6, 5.0, 6.2), None);
        assert!(pauses.hold(4.0) && !pauses.hold(2.0));
        assert!((near(9.0) - 7.85).abs() < 1e-9);
    }
}
