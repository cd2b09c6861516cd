//! What goes wrong with a stream's sound is told, costs that sound alone, and never another stream.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod live_support;
mod stream_support;
mod synthetic;

use std::sync::Arc;

use analyzer_support::speech;
use live_support::{live, pool};
use stream_support::{
    NAMES, RATE_HZ, bytes, events, floats, hold_to_the_contract, of_kind, open, spoken,
};
use synthetic::{SMALL, model};
use undersong_core::live::Pace;
use undersong_core::model::Priors;
use undersong_core::stream::{
    StreamError, StreamEventKind, StreamOptions, StreamSession, WarningCode,
};

#[test]
fn what_is_wrong_with_the_sound_is_told_and_the_rest_goes_on() {
    let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
    let clean = speech(RATE_HZ, 5.0);
    let mut sound = clean.clone();
    for (index, wrong) in [f32::NAN, f32::INFINITY, -3e9, f32::NAN]
        .into_iter()
        .enumerate()
    {
        sound[16_000 + index * 400] = wrong;
    }
    let mut raw = bytes(&sound);
    raw.extend([1, 2, 3]);
    let events = events(open(&live, &pool, &floats(RATE_HZ)), &raw, 1_000);
    let warnings = events
        .iter()
        .filter_map(|event| match &event.kind {
            StreamEventKind::Warning { code, count, .. } => {
                Some((*code, *count, event.audio_start_ms, event.audio_end_ms))
            }
            _ => None,
        })
        .collect::<Vec<_>>();
    // The first at once, the others together.
    assert_eq!(
        warnings,
        [
            (WarningCode::NotFinite, 1, 1_000, 1_000),
            (WarningCode::OddBytes, 3, 5_000, 5_000),
            (WarningCode::NotFinite, 3, 1_025, 1_075),
        ]
    );
    let updates = of_kind(&events, "emotion.update");
    assert!(updates.len() >= 19 && updates.iter().all(|event| event.to_json().is_ok()));
}

#[test]
fn too_much_live_sound_is_dropped_and_told() {
    let (pool, live) = (pool(1), live(&model(&SMALL, &NAMES)));
    let options = StreamOptions {
        pace: Pace::Live,
        ..floats(RATE_HZ)
    };
    let mut session = open(&live, &pool, &options);
    let mut events = Vec::new();
    // A minute at once, where there is room for 8 s.
    session
        .push_frames(&speech(RATE_HZ, 60.0), &mut events)
        .unwrap();
    session.finish(&mut events).unwrap();
    hold_to_the_contract(&events);
    let dropped = events.iter().find_map(|event| match event.kind {
        StreamEventKind::Warning {
            code: WarningCode::DroppedSound,
            count,
            ..
        } => Some(count),
        _ => None,
    });
    assert!(dropped.is_some_and(|count| count > 0), "{events:?}");
    assert!(!of_kind(&events, "emotion.update").is_empty());
}

#[test]
fn what_cannot_be_opened_or_pushed_is_named() {
    let (pool, small) = (pool(1), model(&SMALL, &NAMES));
    let live = live(&small);
    let error = |options: StreamOptions| {
        StreamSession::open(&pool, Arc::clone(&live), &options)
            .unwrap_err()
            .to_string()
    };
    let usual = StreamOptions::default;
    assert!(
        error(StreamOptions {
            rate_hz: 0,
            ..usual()
        })
        .contains("0 Hz; expected 8000")
    );
    assert!(
        error(StreamOptions {
            channels: 9,
            ..usual()
        })
        .contains("9 channels; expected 1 to 8")
    );
    assert!(
        error(StreamOptions {
            channels: 0,
            ..usual()
        })
        .contains("0 channels")
    );
    let smoothing = StreamOptions {
        smoothing_seconds: -1.0,
        ..usual()
    };
    assert!(error(smoothing).contains("smoothing is -1 s"));
    let other = model(&SMALL, &["happy", "sad"]);
    let priors = Priors::parse("happy=2", other.metadata()).unwrap();
    let priors = StreamOptions {
        priors: Some(priors),
        ..usual()
    };
    assert!(error(priors).contains("the model has 4 emotions"));

    let stereo = StreamOptions {
        channels: 2,
        ..usual()
    };
    let mut session = open(&live, &pool, &stereo);
    let mut events = Vec::new();
    let error = session.push_frames(&[0.0; 3], &mut events).unwrap_err();
    assert!(matches!(
        error,
        StreamError::Frames {
            given: 3,
            channels: 2
        }
    ));
    session.push_frames(&[0.0; 4], &mut events).unwrap();
    session.finish(&mut events).unwrap();
    assert!(matches!(
        session.finish(&mut events),
        Err(StreamError::Finished)
    ));
    assert!(matches!(
        session.push_bytes(&[0; 4], &mut events),
        Err(StreamError::Finished)
    ));
    assert!(matches!(
        session.push_frames(&[0.0; 4], &mut events),
        Err(StreamError::Finished)
    ));
}

#[test]
fn many_streams_share_a_model_and_do_not_hear_each_other() {
    let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
    let sounds = [0.6, 1.0, 1.4].map(|pause| spoken(RATE_HZ, &[pause, 3.0, 1.0]));
    let alone = sounds
        .each_ref()
        .map(|sound| events(open(&live, &pool, &floats(RATE_HZ)), &bytes(sound), 640));
    let mut sessions = [(); 3].map(|()| (open(&live, &pool, &floats(RATE_HZ)), Vec::new()));
    for piece in 0..700 {
        for ((session, events), sound) in sessions.iter_mut().zip(&sounds) {
            let piece = sound.chunks(160).nth(piece).unwrap_or_default();
            session.push_frames(piece, events).unwrap();
        }
    }
    for ((mut session, mut events), alone) in sessions.into_iter().zip(alone) {
        session.finish(&mut events).unwrap();
        assert_eq!(events, alone);
    }
}
