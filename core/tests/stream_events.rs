//! A stream's events: a scan's windows, every speech with its start and its end, whatever the pieces; every one holds to the schema.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod live_support;
mod stream_support;
mod synthetic;

use analyzer_support::{speech, wav};
use live_support::{live, pool};
use proptest::prelude::*;
use stream_support::{NAMES, RATE_HZ, bytes, events, floats, of_kind, open, spoken};
use synthetic::{SMALL, model};
use undersong_core::analyzer::Hop;
use undersong_core::engine::EngineChoice;
use undersong_core::model::{Model, Priors};
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::stream::{PRE_ROLL_MS, StreamEventKind, StreamOptions};

#[test]
fn updates_are_the_windows_of_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    let (small, pool) = (model(&SMALL, &NAMES), pool(2));
    let live = live(&small);
    for (rate_hz, hop, priors) in [
        (16_000, 0.25, None),
        (8_000, 0.1, None),
        (44_100, 0.7, Some("happy=3,sad=0.2")),
        (48_000, 1.0, None),
        (16_000, 4.0, None),
    ] {
        let sound = spoken(rate_hz, &[0.0, 5.3, 4.0, 2.0]);
        let path = wav(folder.path(), "take.wav", rate_hz, &sound);
        let hop = Hop::from_seconds(hop).unwrap();
        let priors = priors.map(|text| Priors::parse(text, small.metadata()).unwrap());
        let scan = ScanOptions {
            engine: EngineChoice::Builtin,
            hop,
            priors: priors.clone(),
            ..ScanOptions::default()
        };
        let scanner = Scanner::new(&small, scan).unwrap();
        let windows = scanner
            .scan(&[path], &|_| {})
            .unwrap()
            .takes
            .remove(0)
            .windows;
        let options = StreamOptions {
            hop,
            priors,
            ..floats(rate_hz)
        };
        let events = events(open(&live, &pool, &options), &bytes(&sound), 1_280);
        let span = small.features().span_seconds();
        let updates = of_kind(&events, "emotion.update");
        let whole = updates
            .iter()
            .filter(|event| matches!(&event.kind, StreamEventKind::EmotionUpdate { update, .. } if update.whole))
            .collect::<Vec<_>>();
        // A scan's last window ends with the take; all others are on the grid.
        let on_grid = windows
            .iter()
            .enumerate()
            .filter(|(index, window)| {
                (window.start_seconds - *index as f64 * hop.seconds()).abs() < 1e-9
            })
            .collect::<Vec<_>>();
        assert_eq!(whole.len(), on_grid.len(), "{rate_hz} Hz, {hop}");
        let ms = |seconds: f64| (seconds * 1000.0).round() as u64;
        for (event, (_, window)) in whole.iter().zip(&on_grid) {
            assert!(event.audio_start_ms.abs_diff(ms(window.start_seconds)) <= 1);
            assert!(event.audio_end_ms.abs_diff(ms(window.end_seconds)) <= 1);
            match (event.reading(), &window.reading) {
                (Some(live), Some(scan)) => {
                    // A sound of whole windows ends for a scan with nothing, for a stream with silence: its last frame may hear that.
                    let at_the_end = sound.len() as f64 / f64::from(rate_hz) - window.end_seconds;
                    let most = if at_the_end < 0.1 { 1e-4 } else { 1e-5 };
                    for (live, scan) in live.scores.0.iter().zip(&scan.scores.0) {
                        assert!(
                            (live - scan).abs() <= most,
                            "{live} and {scan} at {rate_hz} Hz, {} s",
                            window.end_seconds
                        );
                    }
                    assert_eq!(live.unsure, scan.unsure);
                }
                (None, None) => {}
                (live, scan) => panic!("{live:?} and {scan:?}"),
            }
        }
        // Before the first whole window one update a hop, each of all that was heard so far.
        let early = updates.len() - whole.len();
        assert_eq!(early, ((span - 1e-6) / hop.seconds()).floor() as usize);
        for (index, event) in updates.iter().take(early).enumerate() {
            assert_eq!(event.audio_start_ms, 0);
            let end = ms((index + 1) as f64 * hop.seconds());
            assert!(event.audio_end_ms.abs_diff(end) <= 1);
        }
    }
}

#[test]
fn every_speech_has_its_start_with_pre_roll_and_its_end_with_what_it_felt_like() {
    let (pool, live) = (pool(2), live(&Model::builtin().unwrap()));
    // A sentence of 3.5 s, a pause, the sentence again.
    let sound = spoken(RATE_HZ, &[2.0, 3.5, 2.0, 3.5, 2.0]);
    let events = events(open(&live, &pool, &floats(RATE_HZ)), &bytes(&sound), 640);
    let (starts, finals) = (
        of_kind(&events, "speech.start"),
        of_kind(&events, "emotion.final"),
    );
    assert!(starts.len() >= 2, "{starts:?}");
    let (first, last) = (starts[0], finals[finals.len() - 1]);
    // Speech begins a little after 2 s, as the detector hears it; the event starts before it, and ends where it was sure.
    let sure = first.audio_end_ms;
    assert!((2_150..3_300).contains(&sure), "{first:?}");
    assert_eq!(first.audio_start_ms + PRE_ROLL_MS + 208, sure);
    assert!((10_000..=11_100).contains(&last.audio_end_ms), "{last:?}");
    for (start, end) in starts.iter().zip(&finals) {
        assert_eq!(start.reading(), None);
        let reading = end.reading().expect("a voice was heard");
        assert!((reading.scores.0.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert!(start.sequence < end.sequence);
        // The updates between say that somebody speaks, the others that nobody does.
        for event in &events {
            if let StreamEventKind::EmotionUpdate { speaking, .. } = event.kind
                && (start.sequence..end.sequence).contains(&event.sequence)
            {
                assert!(speaking);
            }
        }
    }
    for pair in finals.windows(2) {
        assert!(pair[0].audio_end_ms <= pair[1].audio_start_ms, "{pair:?}");
    }
}

#[test]
fn the_end_of_speech_comes_as_soon_as_it_is_sure() {
    let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
    let mut session = open(&live, &pool, &floats(RATE_HZ));
    let sound = spoken(RATE_HZ, &[0.5, 3.5, 3.0]);
    let mut seen = 0;
    for (index, piece) in bytes(&sound).chunks(RATE_HZ as usize / 50 * 4).enumerate() {
        let mut events = Vec::new();
        session.push_bytes(piece, &mut events).unwrap();
        for event in of_kind(&events, "emotion.final") {
            // 13 steps of 16 ms without speech, and what the detector and the pieces of 20 ms take.
            let late = (index as u64 + 1) * 20 - event.audio_end_ms;
            assert!((208..300).contains(&late), "{late} ms");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn an_utterance_shorter_than_the_hop_has_its_end_too() {
    let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
    let options = StreamOptions {
        hop: Hop::from_seconds(10.0).unwrap(),
        ..floats(RATE_HZ)
    };
    let sound = spoken(RATE_HZ, &[1.0, 1.2, 1.5, 1.2, 1.0]);
    let events = events(open(&live, &pool, &options), &bytes(&sound), 999);
    // The first whole window alone: the next would start after 10 s.
    assert_eq!(of_kind(&events, "emotion.update").len(), 1);
    let finals = of_kind(&events, "emotion.final");
    assert!(finals.len() >= 2, "{events:?}");
    assert!(finals.iter().all(|event| event.reading().is_some()));
}

#[test]
fn a_sound_that_ends_within_a_word_ends_the_speech() {
    let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
    let whole = speech(RATE_HZ, 3.5);
    for seconds in [0.45, 0.7, 1.0, 1.31, 2.0] {
        let sound = &whole[..(seconds * f64::from(RATE_HZ)) as usize];
        let events = events(open(&live, &pool, &floats(RATE_HZ)), &bytes(sound), 4_000);
        let end = (seconds * 1000.0) as u64;
        for event in &events {
            assert!(event.audio_end_ms <= end, "{event:?} of {end} ms");
        }
        if let Some(start) = of_kind(&events, "speech.start").last() {
            let last = of_kind(&events, "emotion.final").pop().unwrap();
            assert_eq!(start.audio_start_ms, last.audio_start_ms);
            assert!(last.reading().is_some(), "{last:?} of {end} ms");
        } else {
            assert!(seconds < 1.0, "no speech in {seconds} s");
        }
    }
}

#[test]
fn silence_has_no_emotion_and_noise_is_no_speech() {
    let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
    let mut noise = 1_u32;
    let hiss = std::iter::repeat_with(move || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 8) as f32 / 8_388_608.0 * 0.02 - 0.02
    });
    let silence = vec![0.0; 5 * RATE_HZ as usize];
    let hiss = hiss.take(5 * RATE_HZ as usize).collect::<Vec<_>>();
    for sound in [silence, hiss] {
        let events = events(open(&live, &pool, &floats(RATE_HZ)), &bytes(&sound), 3_200);
        assert!(of_kind(&events, "speech.start").is_empty());
        assert!(events.len() >= 18);
        let last = events.last().unwrap();
        assert_eq!((last.label(), last.reading()), (None, None), "{last:?}");
    }
}

#[test]
fn nothing_at_all_is_no_event() {
    let (pool, live) = (pool(1), live(&model(&SMALL, &NAMES)));
    assert_eq!(events(open(&live, &pool, &floats(RATE_HZ)), &[], 1), []);
}

#[test]
fn channels_are_heard_as_their_mean() {
    let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
    let mono = speech(RATE_HZ, 3.5);
    let stereo = mono.iter().flat_map(|&sample| [sample * 1.5, sample * 0.5]);
    let stereo = stereo.collect::<Vec<_>>();
    let options = StreamOptions {
        channels: 2,
        ..floats(RATE_HZ)
    };
    let (one, two) = (
        events(open(&live, &pool, &floats(RATE_HZ)), &bytes(&mono), 3_200),
        events(open(&live, &pool, &options), &bytes(&stereo), 6_400),
    );
    assert_eq!(one.len(), two.len());
    for (one, two) in one.iter().zip(&two) {
        assert_eq!(one.audio_end_ms, two.audio_end_ms);
        assert_eq!(one.label(), two.label());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_pieces_do_not_matter(
        rate in 0..3usize,
        cuts in prop::collection::vec(1..20_000usize, 1..12),
    ) {
        let rate_hz = [8_000, 16_000, 44_100][rate];
        let (pool, live) = (pool(2), live(&model(&SMALL, &NAMES)));
        let raw = bytes(&spoken(rate_hz, &[0.4, 2.3, 0.9, 1.0]));
        let whole = events(open(&live, &pool, &floats(rate_hz)), &raw, raw.len());

        let mut session = open(&live, &pool, &floats(rate_hz));
        let (mut cut, mut rest) = (Vec::new(), raw.as_slice());
        for &size in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(size.min(rest.len()));
            session.push_bytes(now, &mut cut).unwrap();
            rest = later;
        }
        session.finish(&mut cut).unwrap();
        prop_assert_eq!(cut, whole);
    }
}
