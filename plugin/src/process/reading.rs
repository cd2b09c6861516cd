//! `Heard` and `Reading`: what is known of the voice, lane by lane.

use super::ear::Facts;
use crate::params::{LANE_COUNT, Lane, SCORES};
use undersong_core::live::LiveUpdate;

/// What was heard last, for the editor and OSC.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// Counts from 1 since the instance was made.
    pub number: u64,
    /// Seconds of sound since the plugin was activated, up to the window's end.
    pub at_seconds: f64,
    /// A score for each emotion that has a lane, in the order of the lanes; 0 for those that the model does not know.
    pub scores: [f32; SCORES],
    /// −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// −1 calm … 1 excited.
    pub arousal: f32,
    /// The leading score.
    pub confidence: f32,
    /// The emotion that leads; none while unsure.
    pub leading: Option<Lane>,
    /// The confidence is below the model's threshold.
    pub unsure: bool,
    /// Whether there was voice in the window.
    pub voiced: bool,
    /// Whether somebody speaks.
    pub speaking: bool,
    /// Whether it is the first since the sound before was forgotten: the host began to play or jumped, or the user reset.
    pub after_reset: bool,
}

/// What each lane stands at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Heard {
    /// 0 to 1 over the parameter's range.
    pub(super) lanes: [f32; LANE_COUNT],
    pub(super) leading: Option<Lane>,
}

impl Default for Heard {
    /// Before anything was heard.
    fn default() -> Self {
        let mut lanes = [0.0; LANE_COUNT];
        for lane in [Lane::Valence, Lane::Arousal] {
            if let Some(value) = lanes.get_mut(lane.index()) {
                *value = 0.5;
            }
        }
        Self {
            lanes,
            leading: None,
        }
    }
}

impl Heard {
    /// As the update says; who speaks stays.
    pub(super) fn after(&self, update: &LiveUpdate, facts: &Facts) -> Self {
        let mut next = Self {
            lanes: Self::default().lanes,
            leading: match update.leading {
                Some(output) if !update.unsure => facts.lane(usize::from(output)),
                _ => None,
            },
        };
        for (output, &score) in update.scores.as_slice().iter().enumerate() {
            if let Some(lane) = facts.lane(output) {
                next.put(lane, score);
            }
        }
        next.put(Lane::Valence, (update.valence + 1.0) / 2.0);
        next.put(Lane::Arousal, (update.arousal + 1.0) / 2.0);
        next.put(Lane::Confidence, update.confidence);
        next.put(Lane::Speech, self.lane(Lane::Speech));
        let place = next.leading.map_or(0, |lane| lane.index() + 1);
        next.put(Lane::Leading, place as f32 / Lane::Leading.steps() as f32);
        next
    }

    pub(super) fn lane(&self, lane: Lane) -> f32 {
        self.lanes.get(lane.index()).copied().unwrap_or(0.0)
    }

    pub(super) fn put(&mut self, lane: Lane, value: f32) {
        if let Some(slot) = self.lanes.get_mut(lane.index()) {
            *slot = if value.is_finite() {
                value.clamp(0.0, 1.0)
            } else {
                0.0
            };
        }
    }

    /// For the editor and OSC.
    pub(super) fn reading(&self, update: &LiveUpdate, number: u64, at_seconds: f64) -> Reading {
        let mut scores = [0.0; SCORES];
        for (score, value) in scores.iter_mut().zip(self.lanes) {
            *score = value;
        }
        Reading {
            number,
            at_seconds,
            scores,
            valence: update.valence,
            arousal: update.arousal,
            confidence: update.confidence,
            leading: self.leading,
            unsure: update.unsure,
            voiced: update.voiced,
            speaking: self.lane(Lane::Speech) > 0.5,
            after_reset: update.sequence == 0,
        }
    }
}
