//! What an analysis gives: scores per window, a take's timeline, its summary.

use std::path::PathBuf;

use crate::delivery::{Delivery, TakeDelivery};
use crate::model::EmotionSet;

/// Probabilities of a model's emotions, in the order of its outputs; they sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores(pub Vec<f32>);

impl Scores {
    /// Output of the leading emotion; the first of equals. `None` without scores.
    pub fn leading(&self) -> Option<usize> {
        let mut best: Option<(usize, f32)> = None;
        for (index, &score) in self.0.iter().enumerate() {
            if best.is_none_or(|(_, value)| score > value) {
                best = Some((index, score));
            }
        }
        best.map(|(index, _)| index)
    }
}

/// What a stretch of voice feels like.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Probability per emotion.
    pub scores: Scores,
    /// Expected valence, −1 unpleasant … 1 pleasant.
    pub valence: f32,
    /// Expected arousal, −1 calm … 1 excited.
    pub arousal: f32,
    /// Probability of the leading emotion: how often such an answer was right on unseen speakers.
    pub confidence: f32,
    /// The confidence is below the model's threshold: better no answer than this one.
    pub unsure: bool,
}

impl Reading {
    /// What follows from scores: valence and arousal are the expectation over the emotions' coordinates, the confidence is the
    /// leading score, and it is unsure where that is below `unsure_below`.
    ///
    /// The one place where this is defined: a window, a take's summary and a live update are all read this way.
    pub fn from_scores(scores: Scores, emotions: &EmotionSet, unsure_below: f32) -> Self {
        let (mut valence, mut arousal) = (0.0_f64, 0.0_f64);
        for (emotion, &score) in emotions.iter().zip(&scores.0) {
            valence += f64::from(emotion.valence) * f64::from(score);
            arousal += f64::from(emotion.arousal) * f64::from(score);
        }
        let confidence = scores.0.iter().copied().fold(0.0, f32::max);
        Self {
            scores,
            valence: valence as f32,
            arousal: arousal as f32,
            confidence,
            unsure: confidence < unsure_below,
        }
    }
}

/// One window of a take.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Start, in seconds from the start of the take.
    pub start_seconds: f64,
    /// End, in seconds; never past the take's end.
    pub end_seconds: f64,
    /// Seconds of voice within.
    pub voiced_seconds: f64,
    /// What it feels like; `None` where there is no voice: silence has no emotion.
    pub reading: Option<Reading>,
    /// How it is delivered; `None` where that was not measured.
    pub delivery: Option<Delivery>,
}

impl Window {
    /// Whether there is voice within.
    pub fn voiced(&self) -> bool {
        self.reading.is_some()
    }

    /// Output of its leading emotion; `None` without voice.
    pub fn leading(&self) -> Option<usize> {
        self.reading.as_ref()?.scores.leading()
    }

    /// Share of the window that is voice, 0 … 1.
    pub fn voiced_share(&self) -> f64 {
        let length = self.end_seconds - self.start_seconds;
        if length > 0.0 {
            (self.voiced_seconds / length).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

/// A take, analysed.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The file.
    pub path: PathBuf,
    /// Length of the take, in seconds.
    pub seconds: f64,
    /// The emotions, in the order of the scores.
    pub emotions: EmotionSet,
    /// Its windows, in time order; they overlap.
    pub windows: Vec<Window>,
    /// The take as a whole.
    pub summary: Summary,
}

impl Timeline {
    /// A take's windows with the summary that follows from them; see [`summarise`](super::summarise).
    pub fn new(
        path: PathBuf,
        seconds: f64,
        emotions: EmotionSet,
        windows: Vec<Window>,
        unsure_below: f32,
    ) -> Self {
        let summary = super::summarise(&windows, &emotions, seconds, unsure_below);
        Self {
            path,
            seconds,
            emotions,
            windows,
            summary,
        }
    }

    /// Name of an emotion by its output; `"?"` for an output that the model hasn't.
    pub fn emotion_name(&self, index: usize) -> &str {
        self.emotions
            .get(index)
            .map_or("?", |emotion| emotion.name.as_str())
    }
}

/// A take as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Scores weighted by the voiced time that each window stands for; `None` without voice.
    pub reading: Option<Reading>,
    /// Seconds of voice in the take: the sum over what its windows stand for.
    pub voiced_seconds: f64,
    /// Share of voiced time in which each emotion leads, in the order of the scores; sums to 1, or all 0 without voice.
    pub shares: Vec<f64>,
    /// Per emotion that leads somewhere: of the windows it leads, the one in which it scored highest. Strongest first.
    pub moments: Vec<Moment>,
    /// Where the leading emotion changes.
    pub transitions: Vec<Transition>,
    /// How the take is delivered, and what is technically wrong with it; `None` where that was not measured.
    pub delivery: Option<TakeDelivery>,
}

/// A strong moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    /// Output of the emotion.
    pub emotion: usize,
    /// Start of the window, in seconds.
    pub start_seconds: f64,
    /// End of the window, in seconds.
    pub end_seconds: f64,
    /// Its score there.
    pub score: f32,
}

/// A change of the leading emotion, from one voiced window to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// When: the middle of the first window that the new emotion leads, in seconds.
    pub at_seconds: f64,
    /// Output of the emotion before.
    pub from: usize,
    /// Output of the emotion after.
    pub to: usize,
}

/// A take that could not be scanned.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The file.
    pub path: PathBuf,
    /// What was wrong and what to do.
    pub error: String,
}

/// What a scan gives: every take in the order asked for, and what failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// What the model file says of itself.
    pub model: crate::model::ModelMetadata,
    /// First 12 hexadecimal digits of the SHA-256 of the model file.
    pub model_id: String,
    /// The engine that ran it, such as `ONNX Runtime 1.31.1, CPU` or `built in (tract)`.
    pub engine: String,
    /// The speaker's profile that the model was calibrated with, in words; `None` without one.
    pub profile: Option<String>,
    /// Distance from one window to the next, in seconds.
    pub hop_seconds: f64,
    /// Takes, analysed.
    pub takes: Vec<Timeline>,
    /// Takes that could not be.
    pub failed: Vec<Failure>,
}
