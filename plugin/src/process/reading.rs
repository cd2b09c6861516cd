//! `Reading`: what was heard last, for the editor and OSC.

use crate::params::{Lane, SCORES};
use undersong_core::lanes::LaneValues;
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

impl Reading {
    /// Of an update, and what the lanes stand at after it.
    pub(super) fn of(
        heard: &LaneValues,
        update: &LiveUpdate,
        number: u64,
        at_seconds: f64,
    ) -> Self {
        Self {
            number,
            at_seconds,
            scores: heard.scores(),
            valence: update.valence,
            arousal: update.arousal,
            confidence: update.confidence,
            leading: heard.leading(),
            unsure: update.unsure,
            voiced: update.voiced,
            speaking: heard.speaking(),
            after_reset: update.sequence == 0,
        }
    }
}
