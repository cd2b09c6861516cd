//! The lanes on which what is heard goes to other programs: the eight known emotions, valence, arousal, confidence, speech, the leading emotion.
//!
//! The plugin's automation, MIDI and OSC all have these, in this order, whatever the model: an emotion that it does not know stays at 0, and one
//! that has no lane is not sent. So whoever receives them need not know the model.

use crate::live::{LiveUpdate, MAX_EMOTIONS};
use crate::model::EmotionSet;

/// Emotions that have a lane.
pub const SCORES: usize = 8;

/// Lanes in all.
pub const LANE_COUNT: usize = 13;

/// A thing that is heard, and may be written as automation or sent as MIDI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs)] // the names say it
pub enum Lane {
    Neutral,
    Calm,
    Happy,
    Sad,
    Angry,
    Fearful,
    Disgust,
    Surprised,
    Valence,
    Arousal,
    Confidence,
    Speech,
    Leading,
}

/// Every lane, in the order in which hosts list them; the first [`SCORES`] are the emotions.
pub const LANES: [Lane; LANE_COUNT] = [
    Lane::Neutral,
    Lane::Calm,
    Lane::Happy,
    Lane::Sad,
    Lane::Angry,
    Lane::Fearful,
    Lane::Disgust,
    Lane::Surprised,
    Lane::Valence,
    Lane::Arousal,
    Lane::Confidence,
    Lane::Speech,
    Lane::Leading,
];

impl Lane {
    /// Its place in [`LANES`]. Real-time safe: yes.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its name for programs; an emotion's is the name that models use. Real-time safe: yes.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Calm => "calm",
            Self::Happy => "happy",
            Self::Sad => "sad",
            Self::Angry => "angry",
            Self::Fearful => "fearful",
            Self::Disgust => "disgust",
            Self::Surprised => "surprised",
            Self::Valence => "valence",
            Self::Arousal => "arousal",
            Self::Confidence => "confidence",
            Self::Speech => "speech",
            Self::Leading => "leading",
        }
    }

    /// Steps of its range: a stepped one runs from 0 to this, others from 0 to 1. Real-time safe: yes.
    pub const fn steps(self) -> u32 {
        match self {
            Self::Leading => SCORES as u32,
            _ => 1,
        }
    }

    /// The lane of the emotion of this name.
    pub fn of_emotion(name: &str) -> Option<Self> {
        LANES
            .into_iter()
            .take(SCORES)
            .find(|lane| lane.id() == name)
    }
}

/// How a model's outputs lie among the lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneMap([Option<Lane>; MAX_EMOTIONS]);

impl LaneMap {
    /// Of a model's emotions.
    pub fn of(emotions: &EmotionSet) -> Self {
        let mut lanes = [None; MAX_EMOTIONS];
        for (lane, name) in lanes.iter_mut().zip(emotions.names()) {
            *lane = Lane::of_emotion(name);
        }
        Self(lanes)
    }

    /// The lane of an output; an emotion without one is heard and not shown. Real-time safe: yes.
    pub fn lane(&self, output: usize) -> Option<Lane> {
        self.0.get(output).copied().flatten()
    }

    /// The lane of each output, those of outputs that the model has not being `None`. Real-time safe: yes.
    pub fn iter(&self) -> impl Iterator<Item = Option<Lane>> + '_ {
        self.0.iter().copied()
    }
}

/// What each lane stands at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaneValues {
    lanes: [f32; LANE_COUNT],
    leading: Option<Lane>,
}

impl Default for LaneValues {
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

impl LaneValues {
    /// As the update says; whether somebody speaks stays. Real-time safe: yes.
    pub fn after(&self, update: &LiveUpdate, map: &LaneMap) -> Self {
        let mut next = Self {
            leading: match update.leading {
                Some(output) if !update.unsure => map.lane(usize::from(output)),
                _ => None,
            },
            ..Self::default()
        };
        for (output, &score) in update.scores.as_slice().iter().enumerate() {
            if let Some(lane) = map.lane(output) {
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

    /// The same, with somebody speaking or not. Real-time safe: yes.
    #[must_use]
    pub fn with_speech(mut self, speaking: bool) -> Self {
        self.put(Lane::Speech, if speaking { 1.0 } else { 0.0 });
        self
    }

    /// A lane's value, 0 to 1 over its range: valence and arousal stand at 0.5 in the middle, the leading emotion at its place from 1 on
    /// over [`SCORES`], 0 being none. Real-time safe: yes.
    pub fn lane(&self, lane: Lane) -> f32 {
        self.lanes.get(lane.index()).copied().unwrap_or(0.0)
    }

    /// All of them, in the order of [`LANES`]. Real-time safe: yes.
    pub fn all(&self) -> &[f32; LANE_COUNT] {
        &self.lanes
    }

    /// The emotions' scores. Real-time safe: yes.
    pub fn scores(&self) -> [f32; SCORES] {
        std::array::from_fn(|index| self.lanes.get(index).copied().unwrap_or(0.0))
    }

    /// −1 unpleasant … 1 pleasant. Real-time safe: yes.
    pub fn valence(&self) -> f32 {
        self.lane(Lane::Valence) * 2.0 - 1.0
    }

    /// −1 calm … 1 excited. Real-time safe: yes.
    pub fn arousal(&self) -> f32 {
        self.lane(Lane::Arousal) * 2.0 - 1.0
    }

    /// Whether somebody speaks. Real-time safe: yes.
    pub fn speaking(&self) -> bool {
        self.lane(Lane::Speech) > 0.5
    }

    /// The emotion that leads; none while unsure. Real-time safe: yes.
    pub fn leading(&self) -> Option<Lane> {
        self.leading
    }

    fn put(&mut self, lane: Lane, value: f32) {
        if let Some(slot) = self.lanes.get_mut(lane.index()) {
            *slot = if value.is_finite() {
                value.clamp(0.0, 1.0)
            } else {
                0.0
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::LiveScores;

    fn update(names: &[&str], scores: &[f32]) -> (LiveUpdate, LaneMap) {
        let scores = LiveScores::new(scores);
        let update = LiveUpdate {
            voiced: true,
            scores,
            leading: scores.leading(),
            valence: -0.5,
            arousal: 1.0,
            confidence: 0.75,
            unsure: false,
            ..LiveUpdate::nothing(names.len())
        };
        (update, LaneMap::of(&EmotionSet::from_names(names).unwrap()))
    }

    #[test]
    fn a_models_outputs_lie_on_the_lanes_of_their_names_and_the_others_stay_at_0() {
        let (update, map) = update(&["sad", "happy"], &[0.25, 0.75]);
        let values = LaneValues::default().with_speech(true).after(&update, &map);
        assert_eq!(values.scores(), [0.0, 0.0, 0.75, 0.25, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(values.leading(), Some(Lane::Happy));
        assert_eq!(values.lane(Lane::Leading), 3.0 / 8.0);
        assert_eq!((values.valence(), values.arousal()), (-0.5, 1.0));
        assert!(values.speaking());
    }

    #[test]
    fn nothing_leads_while_the_model_is_unsure() {
        let (mut update, map) = update(&["sad", "happy"], &[0.45, 0.55]);
        update.unsure = true;
        let values = LaneValues::default().after(&update, &map);
        assert_eq!(values.leading(), None);
        assert_eq!(values.lane(Lane::Leading), 0.0);
        assert_eq!(values.lane(Lane::Happy), 0.55);
    }
}
