//! `Utterance`: somebody speaks, from the first speech to the last, and the windows that hear it.

use std::collections::VecDeque;

use crate::live::{LiveScores, LiveUpdate};

/// A voiced window.
#[derive(Debug, Clone, Copy)]
struct Heard {
    start_sample: u64,
    end_sample: u64,
    raw: LiveScores,
}

/// Where somebody speaks. Positions are samples since the stream's start.
#[derive(Debug)]
pub(super) struct Utterance {
    /// Where its event starts.
    pub(super) event_start: u64,
    /// The first speech.
    began: u64,
    /// The end of the last speech, once known.
    ended: Option<u64>,
    /// Windows that may reach past the end.
    last: VecDeque<Heard>,
    /// Samples from a window's end after which it is sure that the speech went on until there.
    sure_after: u64,
    /// Of the windows before: scores times weights, and weights.
    sums: Vec<f64>,
    weight: f64,
}

impl Utterance {
    pub(super) fn new(event_start: u64, began: u64, sure_after: u64) -> Self {
        Self {
            event_start,
            began,
            ended: None,
            last: VecDeque::new(),
            sure_after,
            sums: Vec::new(),
            weight: 0.0,
        }
    }

    /// Takes a window, unless it has no voice or lies elsewhere.
    pub(super) fn hear(&mut self, update: &LiveUpdate) {
        let elsewhere = update.end_sample <= self.began
            || self.ended.is_some_and(|ended| update.start_sample >= ended);
        if !update.voiced || elsewhere {
            return;
        }
        self.last.push_back(Heard {
            start_sample: update.start_sample,
            end_sample: update.end_sample,
            raw: update.raw,
        });
        // However long somebody speaks, few windows are kept.
        while let Some(&first) = self.last.front()
            && first.end_sample + self.sure_after <= update.end_sample
        {
            self.last.pop_front();
            self.weigh(first, self.ended.unwrap_or(u64::MAX));
        }
    }

    /// The speech ended there. Windows that come later may still hold it.
    pub(super) fn end(&mut self, ended: u64) {
        self.ended = Some(ended.max(self.began));
    }

    /// Where the speech ended, if that is known.
    pub(super) fn ended(&self) -> Option<u64> {
        self.ended
    }

    /// Mean of the windows' own scores, each weighted by how much of the speech it holds; `None` if none holds any.
    pub(super) fn mean(&mut self) -> Option<Vec<f32>> {
        let ended = self.ended.unwrap_or(u64::MAX);
        while let Some(heard) = self.last.pop_front() {
            self.weigh(heard, ended);
        }
        (self.weight > 0.0).then(|| {
            let mean = |sum: &f64| (sum / self.weight) as f32;
            self.sums.iter().map(mean).collect()
        })
    }

    fn weigh(&mut self, heard: Heard, ended: u64) {
        let within = heard
            .end_sample
            .min(ended)
            .saturating_sub(heard.start_sample.max(self.began)) as f64;
        self.sums.resize(heard.raw.len(), 0.0);
        for (sum, &score) in self.sums.iter_mut().zip(heard.raw.iter()) {
            *sum += within * f64::from(score);
        }
        self.weight += within;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start_sample: u64, end_sample: u64, first: f32) -> LiveUpdate {
        LiveUpdate {
            start_sample,
            end_sample,
            voiced: true,
            raw: LiveScores::new(&[first, 1.0 - first]),
            ..LiveUpdate::nothing(2)
        }
    }

    #[test]
    fn a_window_weighs_as_much_as_it_holds_of_the_speech() {
        let mut utterance = Utterance::new(0, 1_000, 500);
        utterance.hear(&window(0, 1_000, 0.0));
        utterance.hear(&window(800, 1_800, 1.0));
        utterance.hear(&window(1_300, 2_300, 0.5));
        utterance.end(2_000);
        utterance.hear(&window(1_800, 2_800, 0.0));
        utterance.hear(&window(2_000, 3_000, 0.0));
        // 800, 700 and 200 samples of 1,000 … 2,000.
        let expected = (800.0 * 1.0 + 700.0 * 0.5) / 1_700.0;
        let mean = utterance.mean().unwrap();
        assert!((f64::from(mean[0]) - expected).abs() < 1e-6, "{mean:?}");
        assert!((mean[0] + mean[1] - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_long_speech_keeps_few_windows_and_forgets_none() {
        let mut utterance = Utterance::new(0, 0, 500);
        for step in 0..10_000 {
            utterance.hear(&window(
                step * 250,
                step * 250 + 3_000,
                if step < 5_000 { 1.0 } else { 0.0 },
            ));
            assert!(utterance.last.len() < 5);
        }
        utterance.end(9_999 * 250 + 3_000);
        let mean = utterance.mean().unwrap();
        assert!((mean[0] - 0.5).abs() < 1e-6, "{mean:?}");
    }

    #[test]
    fn without_a_voiced_window_there_is_no_mean() {
        let mut utterance = Utterance::new(0, 1_000, 500);
        utterance.hear(&LiveUpdate {
            voiced: false,
            ..window(900, 1_900, 1.0)
        });
        utterance.end(1_500);
        assert_eq!(utterance.mean(), None);
        utterance.hear(&window(1_000, 2_000, 1.0));
        assert_eq!(utterance.mean(), Some(vec![1.0, 0.0]));
    }
}
