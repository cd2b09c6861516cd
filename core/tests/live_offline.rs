//! A bounce gives a scan's readings, whatever the blocks, every time.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod live_support;
mod synthetic;

use std::path::Path;

use analyzer_support::{speech, wav};
use live_support::{bounce, live, offline, pool, updates};
use proptest::prelude::*;
use synthetic::{SMALL, file, metadata, model};
use undersong_core::analyzer::Hop;
use undersong_core::audio::Decoder;
use undersong_core::engine::{self, EngineChoice, EngineOptions};
use undersong_core::live::{LiveEvent, LiveSettings, LiveUpdate};
use undersong_core::model::{Model, VoiceTemperature};
use undersong_core::profile::measure_voice;
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::timeline::Window;

const NAMES: [&str; 4] = ["neutral", "happy", "sad", "angry"];

fn scan(model: &Model, path: &Path, hop: Hop) -> Vec<Window> {
    let options = ScanOptions {
        engine: EngineChoice::Builtin,
        hop,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(model, options).unwrap();
    let mut scan = scanner.scan(&[path.to_owned()], &|_| {}).unwrap();
    scan.takes.remove(0).windows
}

/// The model, where it is less sure of little voice.
fn by_voice() -> Model {
    let mut metadata = metadata(&NAMES);
    metadata.calibration.by_voice = [(0.5, 3.0), (2.5, 0.7)]
        .map(|(voiced_seconds, times)| VoiceTemperature {
            voiced_seconds,
            times,
        })
        .to_vec();
    Model::from_bytes(file(&SMALL, &metadata), "by voice").unwrap()
}

#[test]
fn where_the_temperature_depends_on_the_voice_a_bounce_is_still_the_scan() {
    let folder = tempfile::tempdir().unwrap();
    let mut sound = speech(16_000, 8.0);
    // Windows with much voice and with little.
    sound[16_000 * 4..16_000 * 7].fill(0.0);
    let path = wav(folder.path(), "take.wav", 16_000, &sound);
    let hop = Hop::default();
    let windows = scan(&by_voice(), &path, hop);
    let pool = pool(1);
    let (mut input, _control) = offline(&pool, &live(&by_voice()), 16_000, LiveSettings::default());
    let events = bounce(&mut input, &sound, &[512]);
    assert_equal(&updates(&events), &windows, 16_000);
    // And it is another answer than that of one temperature.
    let plain = scan(&model(&SMALL, &NAMES), &path, hop);
    let confidence = |window: &Window| window.reading.as_ref().map(|reading| reading.confidence);
    let (mut less, mut more) = (0, 0);
    for (with, without) in windows.iter().zip(&plain) {
        if let (Some(with), Some(without)) = (confidence(with), confidence(without)) {
            less += usize::from(with < without);
            more += usize::from(with > without);
        }
    }
    assert!(less > 0 && more > 0, "{less} less sure, {more} more");
}

/// The whole windows of a stream are the scan's, but for those that the take's end adds.
fn assert_equal(updates: &[LiveUpdate], windows: &[Window], rate_hz: u32) {
    let whole = updates.iter().filter(|u| u.whole).collect::<Vec<_>>();
    // The stream has no end: the last window's look-ahead may be missing, and the remainder has no window.
    assert!(
        whole.len() + 2 >= windows.len(),
        "{} of {}",
        whole.len(),
        windows.len()
    );
    let sample = |seconds: f64| (seconds * f64::from(rate_hz)).round() as u64;
    for (update, window) in whole.into_iter().zip(windows) {
        assert_eq!(update.start_sample, sample(window.start_seconds));
        assert_eq!(update.end_sample, sample(window.end_seconds));
        assert_eq!(update.voiced, window.voiced());
        let Some(reading) = &window.reading else {
            continue;
        };
        for (live, scan) in update.scores.iter().zip(&reading.scores.0) {
            assert!(
                (live - scan).abs() <= 1e-5,
                "{live} and {scan} at {rate_hz} Hz, {} s of {}",
                window.start_seconds,
                windows.len()
            );
        }
        assert!((update.valence - reading.valence).abs() <= 1e-5);
        assert!((update.arousal - reading.arousal).abs() <= 1e-5);
        assert_eq!(update.leading.map(usize::from), reading.scores.leading());
        assert_eq!(update.unsure, reading.unsure);
    }
}

#[test]
fn a_bounce_of_the_sample_take_is_its_scan() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    let model = Model::builtin().unwrap();
    let windows = scan(&model, &path, Hop::default());
    assert!(windows.iter().filter(|w| w.voiced()).count() > 10);
    let mut decoder = Decoder::open(&path).unwrap();
    let rate_hz = decoder.sample_rate_hz();
    let mut sound = Vec::new();
    while decoder.next_block(&mut sound).unwrap() {}
    let pool = pool(2);
    let (mut input, control) = offline(&pool, &live(&model), rate_hz, LiveSettings::default());
    let events = bounce(&mut input, &sound, &[512]);
    assert_equal(&updates(&events), &windows, rate_hz);
    let spoken = |speaking| move |e: &&LiveEvent| matches!(e, LiveEvent::Speech { speaking: s, .. } if *s == speaking);
    assert!(events.iter().filter(spoken(true)).count() >= 1);
    assert_eq!(input.dropped_samples(), 0);
    assert_eq!(control.meters().error, None);
}

#[test]
fn what_is_due_is_told_in_the_block_that_holds_its_sample_whatever_the_blocks() {
    let (pool, model) = (pool(2), live(&model(&SMALL, &NAMES)));
    for (rate_hz, hop) in [
        (8_000, 0.25),
        (16_000, 0.1),
        (44_056, 0.07),
        (44_100, 0.05),
        (48_000, 0.25),
        (192_000, 0.33),
    ] {
        let mut sound = speech(rate_hz, 5.0);
        sound[rate_hz as usize * 2..rate_hz as usize * 3].fill(0.0);
        let settings = LiveSettings {
            hop: Hop::from_seconds(hop).unwrap(),
            ..LiveSettings::default()
        };
        let hear = |blocks: &[usize]| {
            let (mut input, _control) = offline(&pool, &model, rate_hz, settings);
            let (mut told, mut rest) = (Vec::new(), sound.as_slice());
            for &size in blocks.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (now, later) = rest.split_at(size.min(rest.len()));
                let start = input.position();
                input.push_mono(now);
                input.wait();
                while let Some((due, event)) = input.poll_due(input.position()) {
                    assert!(due >= start, "{rate_hz} Hz: {event:?} is late");
                    if let LiveEvent::Update(update) = event {
                        let delay = due - update.end_sample;
                        // Later only behind an event that is due then.
                        assert!(delay >= input.delay_samples());
                    }
                    told.push((due, event));
                }
                rest = later;
            }
            (told, input.delay_samples())
        };
        let (whole, delay) = hear(&[1_000]);
        assert!(whole.len() > 10);
        assert!(whole.is_sorted_by(|a, b| a.0 <= b.0));
        let delay_ms = 1_000.0 * delay as f64 / f64::from(rate_hz);
        assert!(delay_ms < 80.0, "{rate_hz} Hz: {delay_ms} ms");
        for blocks in [&[1, 65_536, 37][..], &[64], &[60_000]] {
            assert!(
                hear(blocks).0 == whole,
                "{rate_hz} Hz, blocks of {blocks:?}"
            );
        }
    }
}

#[test]
fn a_bounce_with_a_speakers_profile_is_the_scan_with_it() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    let model = Model::builtin().unwrap();
    // The take's own voice is long enough only when it is heard three times.
    let recordings = [path.clone(), path.clone(), path.clone()];
    let opened = engine::open(&model, EngineChoice::Builtin, &EngineOptions::default());
    let mut engine = opened.unwrap().engine;
    let (profile, _) = measure_voice(&recordings, &model, engine.as_mut()).unwrap();
    let shifted = model.for_speaker(&profile, "the take's voice").unwrap();
    let (plain, windows) = (
        scan(&model, &path, Hop::default()),
        scan(&shifted, &path, Hop::default()),
    );
    assert_ne!(plain, windows);
    let mut decoder = Decoder::open(&path).unwrap();
    let rate_hz = decoder.sample_rate_hz();
    let mut sound = Vec::new();
    while decoder.next_block(&mut sound).unwrap() {}
    let pool = pool(2);
    let (mut input, _) = offline(&pool, &live(&shifted), rate_hz, LiveSettings::default());
    assert_equal(
        &updates(&bounce(&mut input, &sound, &[512])),
        &windows,
        rate_hz,
    );
    // A stream that runs takes the profile on as it would another model.
    let (mut input, control) = offline(&pool, &live(&model), rate_hz, LiveSettings::default());
    bounce(&mut input, &sound, &[4096]);
    control.swap_model(live(&shifted)).unwrap();
    input.reset();
    assert_equal(
        &updates(&bounce(&mut input, &sound, &[512])),
        &windows,
        rate_hz,
    );
}

#[test]
fn at_every_rate_and_hop_a_bounce_is_the_scan() {
    let model = model(&SMALL, &NAMES);
    let (pool, folder) = (pool(2), tempfile::tempdir().unwrap());
    let live = live(&model);
    for (rate_hz, hop, block) in [
        (8_000, 0.25, 65_536),
        (16_000, 0.1, 160),
        (22_050, 0.7, 1),
        (44_100, 0.05, 441),
        (96_000, 0.25, 4_096),
        (192_000, 0.25, 1_000),
    ] {
        let mut sound = speech(rate_hz, 7.3);
        let silent = rate_hz as usize * 2..rate_hz as usize * 6;
        if hop > 0.2 {
            sound[silent].fill(0.0);
        }
        let hop = Hop::from_seconds(hop).unwrap();
        let settings = LiveSettings {
            hop,
            ..LiveSettings::default()
        };
        let (mut input, _control) = offline(&pool, &live, rate_hz, settings);
        let path = wav(folder.path(), "take.wav", rate_hz, &sound);
        let events = bounce(&mut input, &sound, &[block]);
        assert_equal(&updates(&events), &scan(&model, &path, hop), rate_hz);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_blocks_do_not_matter_and_two_bounces_are_equal(
        rate in 0..4usize,
        mut blocks in prop::collection::vec(
            prop_oneof![Just(1usize), 2..200usize, 200..30_000usize, Just(65_536usize)],
            0..12,
        ),
        last in 1..5_000usize,
    ) {
        blocks.push(last);
        let rate_hz = [8_000, 44_100, 48_000, 44_056][rate];
        let model = live(&model(&SMALL, &NAMES));
        let pool = pool(2);
        let sound = speech(rate_hz, 5.1);
        let settings = LiveSettings { smoothing_seconds: 0.3, ..LiveSettings::default() };
        let hear = |blocks: &[usize]| {
            let (mut input, _control) = offline(&pool, &model, rate_hz, settings);
            let events = bounce(&mut input, &sound, blocks);
            // A second time over the same stream, after a reset.
            input.reset();
            let again = bounce(&mut input, &sound, blocks);
            (events, again)
        };
        let (whole, again) = hear(&[4_096]);
        prop_assert!(updates(&whole).len() > 18);
        prop_assert_eq!(&whole, &again);
        let (cut, again) = hear(&blocks);
        prop_assert_eq!(&cut, &again);
        prop_assert_eq!(&cut, &whole);
    }
}

#[test]
fn events_split_off_are_the_same_and_end_with_a_reset() {
    let model = live(&model(&SMALL, &["neutral", "happy", "sad", "angry"]));
    let sound = speech(16_000, 6.0);
    let pool = pool(2);
    let (mut input, _control) = offline(&pool, &model, 16_000, LiveSettings::default());
    let together = bounce(&mut input, &sound, &[1_000]);
    assert!(together.len() > 10);

    let (mut input, _other) = offline(&pool, &model, 16_000, LiveSettings::default());
    let mut events = input.take_events().unwrap();
    assert!(input.take_events().is_none());
    let mut apart = Vec::new();
    for block in sound.chunks(1_000) {
        input.push_mono(block);
        input.wait();
        assert_eq!(input.poll(), None);
        // On another thread.
        (events, apart) = std::thread::spawn(move || {
            while let Some(event) = events.poll() {
                apart.push(event);
            }
            (events, apart)
        })
        .join()
        .unwrap();
    }
    assert_eq!(apart, together);

    // What was not polled before a reset never is.
    input.push_mono(&sound);
    input.wait();
    input.reset();
    assert_eq!(events.poll(), None);
    drop(input);
    assert_eq!(events.poll(), None);
}
