//! What the voice in any part of a recording feels like: the speakers' windows, weighed by how much of their own voice they stand for.

use super::bleed::seconds;
use crate::model::EmotionSet;
use crate::timeline::{Reading, Scores, Stretch, Timeline, stretches};
use crate::voice::VoiceDetector;

/// One speaker's windows and voice, ready to be asked about any part.
pub(super) struct Voices<'a> {
    timeline: &'a Timeline,
    pub(super) stretches: Vec<Stretch>,
    /// The speaker's own voice, `[steps]`.
    pub(super) own: Vec<bool>,
    /// Own voiced steps before each step.
    counted: Vec<u32>,
    unsure_below: f32,
}

/// A weighted sum of scores.
#[derive(Debug, Clone, Default)]
pub(super) struct Sum {
    scores: Vec<f64>,
    pub(super) weight: f64,
}

impl Sum {
    pub(super) fn add(&mut self, scores: &[f32], weight: f64) {
        self.scores.resize(self.scores.len().max(scores.len()), 0.0);
        for (sum, &score) in self.scores.iter_mut().zip(scores) {
            *sum += weight * f64::from(score);
        }
        self.weight += weight;
    }

    pub(super) fn join(&mut self, other: &Self) {
        self.scores
            .resize(self.scores.len().max(other.scores.len()), 0.0);
        for (sum, other) in self.scores.iter_mut().zip(&other.scores) {
            *sum += other;
        }
        self.weight += other.weight;
    }

    /// The mean scores; `None` without any.
    pub(super) fn mean(&self) -> Option<Vec<f32>> {
        (self.weight > 0.0).then(|| {
            self.scores
                .iter()
                .map(|sum| (sum / self.weight) as f32)
                .collect()
        })
    }

    pub(super) fn reading(&self, emotions: &EmotionSet, unsure_below: f32) -> Option<Reading> {
        let scores = self.mean()?;
        Some(Reading::from_scores(Scores(scores), emotions, unsure_below))
    }
}

impl<'a> Voices<'a> {
    pub(super) fn new(timeline: &'a Timeline, own: Vec<bool>, unsure_below: f32) -> Self {
        let mut count = 0;
        let mut counted = Vec::with_capacity(own.len() + 1);
        counted.push(0);
        for &own in &own {
            count += u32::from(own);
            counted.push(count);
        }
        Self {
            stretches: stretches(&timeline.windows, timeline.seconds),
            timeline,
            own,
            counted,
            unsure_below,
        }
    }

    pub(super) fn timeline(&self) -> &'a Timeline {
        self.timeline
    }

    /// Seconds of own voice between two times.
    pub(super) fn voiced_seconds(&self, start: f64, end: f64) -> f64 {
        let count = |at: f64| {
            let step = (at / VoiceDetector::STEP_SECONDS).round().max(0.0) as usize;
            let index = step.min(self.counted.len() - 1);
            self.counted.get(index).copied().unwrap_or(0)
        };
        seconds(count(end).saturating_sub(count(start)) as usize)
    }

    /// The scores between two times: each window's, weighed by how much of it is own voice and how much of its stretch lies there. That is how a take's
    /// summary weighs them, so that a part that is all of it says what a scan says.
    pub(super) fn sum(&self, start: f64, end: f64) -> Sum {
        let mut sum = Sum::default();
        if self.voiced_seconds(start, end) <= 0.0 {
            return sum;
        }
        let first = self.stretches.partition_point(|it| it.end_seconds <= start);
        for (window, stretch) in self
            .timeline
            .windows
            .iter()
            .zip(&self.stretches)
            .skip(first)
        {
            if stretch.start_seconds >= end {
                break;
            }
            let Some(reading) = &window.reading else {
                continue;
            };
            let seconds = stretch.end_seconds.min(end) - stretch.start_seconds.max(start);
            let weight = window.voiced_share() * seconds;
            if weight > 0.0 {
                sum.add(&reading.scores.0, weight);
            }
        }
        sum
    }

    /// What the voice between two times feels like.
    pub(super) fn reading(&self, start: f64, end: f64) -> Option<Reading> {
        self.sum(start, end)
            .reading(&self.timeline.emotions, self.unsure_below)
    }

    pub(super) fn unsure_below(&self) -> f32 {
        self.unsure_below
    }
}
