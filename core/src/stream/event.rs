//! `StreamEvent`: what is told of a stream, and how it is written as JSON.

use std::sync::Arc;

use serde::ser::{Error as _, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::live::LiveUpdate;
use crate::model::{EmotionSet, Model};
use crate::timeline::json::{name, reading_fields};
use crate::timeline::{Reading, Scores};

/// The model whose emotions a stream's events tell of.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamModel {
    id: String,
    emotions: EmotionSet,
}

impl StreamModel {
    /// Of a model.
    pub fn of(model: &Model) -> Arc<Self> {
        Arc::new(Self {
            id: model.id().to_owned(),
            emotions: model.emotions().clone(),
        })
    }

    /// Start of the SHA-256 of the model file, in hexadecimal: the same id, the same model.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The emotions, in the order of the scores.
    pub fn emotions(&self) -> &EmotionSet {
        &self.emotions
    }
}

/// Something that happened in a stream. As JSON it is one object, which `core/schema/stream.schema.json` defines: fields may be added,
/// none changes its meaning or goes.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamEvent {
    /// Number of this event in its stream, from 0; numbers of events that were left out are missing.
    pub sequence: u64,
    /// Where the sound that it tells of starts, in ms of sound since the stream's start.
    pub audio_start_ms: u64,
    /// Where that ends, in ms; never past the sound's end.
    pub audio_end_ms: u64,
    /// The model.
    pub model: Arc<StreamModel>,
    /// What happened.
    pub kind: StreamEventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum StreamEventKind {
    /// Somebody began to speak. The event starts [`PRE_ROLL_MS`](super::PRE_ROLL_MS) before the first speech, so that whoever cuts the sound there
    /// loses no soft beginning (but not before the end of the speech before), and ends where it was sure: 0.2 s after the first speech.
    SpeechStart,
    /// The next window's scores, one hop after the last.
    EmotionUpdate {
        /// What was heard. Without voice, its scores are the last voice's; [`StreamEvent::reading`] has none then.
        update: LiveUpdate,
        /// Whether somebody is speaking.
        speaking: bool,
    },
    /// Somebody stopped speaking: what all of it felt like. The event starts with its [`SpeechStart`](Self::SpeechStart) and ends with the last speech; it
    /// comes 0.2 s later, when it is sure that no more follows.
    EmotionFinal {
        /// Mean of the windows' own scores, each weighted by how much of the speech it holds; `None` if no window could be read.
        reading: Option<Reading>,
    },
    /// Something is not as it should be; the rest goes on.
    Warning {
        /// What, for programs.
        code: WarningCode,
        /// How many; of what, the code says.
        count: u64,
        /// What, for a person, and what to do.
        message: String,
    },
}

/// What a warning is of. Codes may be added; a reader passes over those that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningCode {
    /// The sound ended within a frame; `count` bytes were left out.
    OddBytes,
    /// `count` samples were not numbers, infinite or absurdly loud, and taken for silence.
    NotFinite,
    /// `count` samples were not analysed, because sound came faster than it could be.
    DroppedSound,
    /// `count` updates were left out, because they were not read.
    DroppedUpdates,
    /// The model could not be run; `count` is 1. There are no updates until it can be.
    AnalysisFailed,
}

impl WarningCode {
    /// As events have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OddBytes => "odd_bytes",
            Self::NotFinite => "not_finite",
            Self::DroppedSound => "dropped_sound",
            Self::DroppedUpdates => "dropped_updates",
            Self::AnalysisFailed => "analysis_failed",
        }
    }
}

impl StreamEvent {
    /// The kind's name, the event's `type`: `speech.start`, `emotion.update`, `emotion.final` or `warning`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            StreamEventKind::SpeechStart => "speech.start",
            StreamEventKind::EmotionUpdate { .. } => "emotion.update",
            StreamEventKind::EmotionFinal { .. } => "emotion.final",
            StreamEventKind::Warning { .. } => "warning",
        }
    }

    /// What the sound feels like; `None` where there is no voice, where that is not known yet, and for a warning.
    pub fn reading(&self) -> Option<Reading> {
        match &self.kind {
            StreamEventKind::EmotionUpdate { update, .. } if update.voiced => Some(Reading {
                scores: Scores(update.scores.to_vec()),
                valence: update.valence,
                arousal: update.arousal,
                confidence: update.confidence,
                unsure: update.unsure,
            }),
            StreamEventKind::EmotionFinal { reading } => reading.clone(),
            _ => None,
        }
    }

    /// The leading emotion's name, if there is a reading; also where that is unsure.
    pub fn label(&self) -> Option<&str> {
        let leading = self.reading()?.scores.leading()?;
        name(&self.model.emotions, leading)
    }

    /// As one line of JSON, without a line break.
    ///
    /// # Errors
    /// If a score is not a number, which JSON can't hold; no event of a stream has such.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

impl Serialize for StreamEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("StreamEvent", 13)?;
        object.serialize_field("type", self.type_name())?;
        object.serialize_field("sequence", &self.sequence)?;
        object.serialize_field("audio_start_ms", &self.audio_start_ms)?;
        object.serialize_field("audio_end_ms", &self.audio_end_ms)?;
        if let StreamEventKind::Warning {
            code,
            count,
            message,
        } = &self.kind
        {
            object.serialize_field("code", code.name())?;
            object.serialize_field("count", count)?;
            object.serialize_field("message", message)?;
        } else {
            let reading = self.reading();
            if let Some(reading) = &reading
                && reading.scores.0.len() != self.model.emotions.len()
            {
                return Err(S::Error::custom("scores of another model's emotions"));
            }
            if let StreamEventKind::EmotionUpdate { update, speaking } = &self.kind {
                object.serialize_field("speaking", speaking)?;
                object.serialize_field("voiced", &update.voiced)?;
            }
            let leading = reading.as_ref().and_then(|it| it.scores.leading());
            let label = leading.and_then(|index| name(&self.model.emotions, index));
            object.serialize_field("label", &label)?;
            reading_fields(&mut object, reading.as_ref(), &self.model.emotions)?;
        }
        object.serialize_field("model_id", &self.model.id)?;
        object.end()
    }
}
