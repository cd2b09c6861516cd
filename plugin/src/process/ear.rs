//! `Ear`: a stream of the live engine, and how its model's outputs lie among the lanes.

use crate::params::{LANES, SCORES};
use undersong_core::lanes::LaneMap;
use undersong_core::live::{LiveInput, LiveSettings, MAX_EMOTIONS, PriorShares};
use undersong_core::model::Model;

/// A stream that listens, for the audio thread.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) input: LiveInput,
    pub(crate) facts: Facts,
    /// What it was told last.
    pub(crate) settings: Option<LiveSettings>,
}

/// What the audio thread needs to know of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Facts {
    /// The lane of each output.
    pub(super) lanes: LaneMap,
    /// What the training took for granted, in the order of the outputs.
    priors: [f32; MAX_EMOTIONS],
    emotions: usize,
    known: u16,
}

impl Facts {
    /// Of a model.
    pub(crate) fn of(model: &Model) -> Self {
        let mut facts = Self {
            lanes: LaneMap::of(model.emotions()),
            priors: [0.0; MAX_EMOTIONS],
            emotions: model.emotions().len().min(MAX_EMOTIONS),
            known: 0,
        };
        let scores = facts.lanes.iter().flatten();
        facts.known = scores
            .chain(LANES.into_iter().skip(SCORES))
            .fold(0, |all, lane| all | 1 << lane.index());
        let priors = &model.metadata().calibration.priors;
        for (own, share) in facts.priors.iter_mut().zip(priors) {
            *own = *share;
        }
        facts
    }

    /// A bit for each lane that this model speaks of.
    pub(crate) fn known_lanes(&self) -> u16 {
        self.known
    }

    /// What the user expects, from a factor for each lane; `None` if it is what the training took for granted, or rules out everything.
    pub(crate) fn priors(&self, factors: &[f32; SCORES]) -> Option<PriorShares> {
        if factors.iter().all(|factor| (factor - 1.0).abs() < 1e-6) {
            return None;
        }
        let mut shares = self.priors;
        for (share, lane) in shares.iter_mut().zip(self.lanes.iter()) {
            let factor = lane.and_then(|lane| factors.get(lane.index()));
            *share *= factor.copied().unwrap_or(1.0);
        }
        PriorShares::new(shares.get(..self.emotions).unwrap_or_default()).ok()
    }
}
