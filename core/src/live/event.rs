//! What a live stream tells: plain numbers that an audio thread can take.

use super::MAX_EMOTIONS;

/// Something heard. Positions are samples at the input's rate, counted since the last reset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LiveEvent {
    /// Somebody began or stopped speaking (see [`GateSettings::LIVE`](crate::voice::GateSettings::LIVE)).
    Speech {
        /// The sample at which that was decided: 0.2 s after it began or ended.
        at_sample: u64,
        /// Speaking from now on, or silent.
        speaking: bool,
    },
    /// The next window's scores, one hop after the last.
    Update(LiveUpdate),
}

/// What a window of sound feels like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiveUpdate {
    /// Number of this update since the last reset, from 0.
    pub sequence: u64,
    /// First sample of the window.
    pub start_sample: u64,
    /// The sample after its last.
    pub end_sample: u64,
    /// Whether the window is as long as the model's. The first ones after a start, reset or gap are not: they hold all that was heard
    /// since, as a scan reads a sound that is shorter than a window.
    pub whole: bool,
    /// Whether there is voice in the window. Without, `scores` are the last voice's, held or fallen.
    pub voiced: bool,
    /// Smoothed scores, in the order of the model's outputs. They sum to 1, or to less after silence with
    /// [`Silence::Decay`](super::Silence::Decay); all 0 before the first voice.
    pub scores: LiveScores,
    /// The window's own scores, unsmoothed; all 0 without voice.
    pub raw: LiveScores,
    /// Expected valence of `scores`, −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// Expected arousal of `scores`, −1 calm … 1 excited.
    pub arousal: f32,
    /// The leading one of `scores`.
    pub confidence: f32,
    /// The confidence is below the model's threshold.
    pub unsure: bool,
    /// Output of the leading emotion; `None` if all scores are 0.
    pub leading: Option<u8>,
    /// Models that have taken over since the stream was opened: 0 for the first, see
    /// [`LiveControl::swap_model`](super::LiveControl::swap_model). Scores of another number are those of other emotions.
    pub model_number: u32,
}

/// Scores of a model's emotions, in the order of its outputs; a slice of as many as it has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiveScores {
    values: [f32; MAX_EMOTIONS],
    len: u8,
}

impl LiveScores {
    /// Scores; what is beyond [`MAX_EMOTIONS`] is left out.
    pub fn new(scores: &[f32]) -> Self {
        let len = scores.len().min(MAX_EMOTIONS);
        let mut values = [0.0; MAX_EMOTIONS];
        for (value, &score) in values.iter_mut().zip(scores) {
            *value = score;
        }
        Self {
            values,
            len: len as u8,
        }
    }

    /// So many scores of 0.
    pub fn zeros(emotions: usize) -> Self {
        Self {
            values: [0.0; MAX_EMOTIONS],
            len: emotions.min(MAX_EMOTIONS) as u8,
        }
    }

    /// The scores.
    pub fn as_slice(&self) -> &[f32] {
        self.values.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// Output of the greatest; the first of equals. `None` if none is above 0.
    pub fn leading(&self) -> Option<u8> {
        let mut best: Option<(u8, f32)> = None;
        for (index, &score) in (0u8..).zip(self.as_slice()) {
            if score > best.map_or(0.0, |(_, value)| value) {
                best = Some((index, score));
            }
        }
        best.map(|(index, _)| index)
    }
}

impl std::ops::Deref for LiveScores {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        self.as_slice()
    }
}

impl LiveUpdate {
    /// Of a stream that has heard nothing.
    pub(crate) fn nothing(emotions: usize) -> Self {
        Self {
            sequence: 0,
            start_sample: 0,
            end_sample: 0,
            whole: false,
            voiced: false,
            scores: LiveScores::zeros(emotions),
            raw: LiveScores::zeros(emotions),
            valence: 0.0,
            arousal: 0.0,
            confidence: 0.0,
            unsure: true,
            leading: None,
            model_number: 0,
        }
    }
}

/// An event, the reset that it comes after, and when it is due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamped {
    /// Index, among all samples ever written to the ring, of the first after that reset.
    pub(super) epoch: u64,
    /// See [`LiveInput::poll_due`](super::LiveInput::poll_due).
    pub(super) due_sample: u64,
    pub(super) event: LiveEvent,
}
