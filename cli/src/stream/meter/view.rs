//! `View`: what the meter shows, as plain values.

use undersong_core::live::Meters;
use undersong_core::model::Model;
use undersong_core::stream::{StreamEvent, StreamEventKind};
use undersong_core::timeline::Reading;
use undersong_core::timeline::colours::{Colour, palette};

/// What the last window told.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Heard {
    /// Nothing yet.
    Nothing,
    /// There was no voice in it: silence has no emotion.
    NoVoice,
    /// A voice.
    Voice(Reading),
}

/// What the meter shows.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub(super) model: String,
    pub(super) engine: String,
    pub(super) emotions: Vec<(String, Colour)>,
    /// Whether colours may be used.
    pub(super) colour: bool,
    pub(super) speaking: bool,
    pub(super) heard: Heard,
    pub(super) position_ms: u64,
    pub(super) level_db: f32,
    pub(super) lag_ms: f32,
    pub(super) dropped_updates: u64,
    pub(super) dropped_samples: u64,
    /// The last warning.
    pub(super) warning: Option<String>,
}

impl View {
    pub(super) fn new(model: &Model, engine: &str, colour: bool) -> Self {
        let names = model.emotions().names().map(str::to_owned);
        Self {
            model: model.metadata().name.clone(),
            engine: engine.to_owned(),
            emotions: names.zip(palette(model.emotions())).collect(),
            colour,
            speaking: false,
            heard: Heard::Nothing,
            position_ms: 0,
            level_db: -120.0,
            lag_ms: 0.0,
            dropped_updates: 0,
            dropped_samples: 0,
            warning: None,
        }
    }

    /// Something happened.
    pub(super) fn tell(&mut self, event: &StreamEvent) {
        match &event.kind {
            StreamEventKind::SpeechStart => self.speaking = true,
            StreamEventKind::EmotionFinal { .. } => self.speaking = false,
            StreamEventKind::EmotionUpdate { .. } => {
                self.heard = event.reading().map_or(Heard::NoVoice, Heard::Voice);
            }
            StreamEventKind::Warning { message, .. } => self.warning = Some(message.clone()),
            _ => {}
        }
    }

    /// How the stream is doing.
    pub(super) fn show(&mut self, meters: Meters, position_ms: u64, dropped_updates: u64) {
        self.level_db = meters.level_db;
        self.lag_ms = meters.lag_ms;
        self.dropped_samples = meters.dropped_samples;
        self.dropped_updates = dropped_updates;
        self.position_ms = position_ms;
    }
}
