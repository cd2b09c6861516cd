//! Streams for tests: a session's events, and what holds of all of them.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::expect_used)] // each test file uses its own part

use std::sync::Arc;

use serde_json::Value;
use undersong_core::live::{LiveModel, WorkerPool};
use undersong_core::stream::{
    SampleFormat, StreamEvent, StreamEventKind, StreamOptions, StreamSession,
};

use crate::analyzer_support::speech;

pub const NAMES: [&str; 4] = ["neutral", "happy", "sad", "angry"];
pub const RATE_HZ: u32 = 16_000;

pub fn open(model: &Arc<LiveModel>, pool: &WorkerPool, options: &StreamOptions) -> StreamSession {
    StreamSession::open(pool, Arc::clone(model), options).unwrap()
}

pub fn floats(rate_hz: u32) -> StreamOptions {
    StreamOptions {
        rate_hz,
        format: SampleFormat::F32Le,
        ..StreamOptions::default()
    }
}

pub fn bytes(sound: &[f32]) -> Vec<u8> {
    sound
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

/// All events of a sound, pushed in pieces of so many bytes.
pub fn events(mut session: StreamSession, bytes: &[u8], piece: usize) -> Vec<StreamEvent> {
    let mut events = Vec::new();
    for piece in bytes.chunks(piece) {
        session.push_bytes(piece, &mut events).unwrap();
    }
    session.finish(&mut events).unwrap();
    hold_to_the_contract(&events);
    events
}

/// What holds of every stream's events.
pub fn hold_to_the_contract(events: &[StreamEvent]) {
    let schema: Value =
        serde_json::from_str(include_str!("../../schema/stream.schema.json")).unwrap();
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of draft 2020-12");
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    let mut started = None;
    for (sequence, event) in (0..).zip(events) {
        let line = event.to_json().unwrap();
        assert!(!line.contains('\n'));
        let value: Value = serde_json::from_str(&line).unwrap();
        let errors = schema
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect::<Vec<_>>();
        assert!(errors.is_empty(), "{line}: {errors:?}");
        assert_eq!(event.sequence, sequence);
        assert!(event.audio_start_ms <= event.audio_end_ms, "{line}");
        match &event.kind {
            StreamEventKind::SpeechStart => {
                assert_eq!(started.replace(event.audio_start_ms), None, "{line}");
            }
            StreamEventKind::EmotionFinal { .. } => {
                assert_eq!(started.take(), Some(event.audio_start_ms), "{line}");
            }
            _ => {}
        }
    }
    assert_eq!(started, None, "speech without an end");
}

pub fn of_kind<'a>(events: &'a [StreamEvent], name: &str) -> Vec<&'a StreamEvent> {
    events
        .iter()
        .filter(|event| event.type_name() == name)
        .collect()
}

/// Speech of so many seconds between pauses.
pub fn spoken(rate_hz: u32, pauses_and_speech: &[f64]) -> Vec<f32> {
    let mut sound = Vec::new();
    for (index, &seconds) in pauses_and_speech.iter().enumerate() {
        if index % 2 == 0 {
            sound.resize(sound.len() + (seconds * f64::from(rate_hz)) as usize, 0.0);
        } else {
            sound.extend(speech(rate_hz, seconds));
        }
    }
    sound
}
