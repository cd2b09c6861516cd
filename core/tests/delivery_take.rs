//! A scan measures a take's delivery: the same as the explanation's track, pauses and faults that were put there, whatever the number of jobs.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

mod analyzer_support;
mod synthetic;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use analyzer_support::{samples, wav};
use synthetic::{SMALL, model};
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::delivery::{Delivery, DeliveryTracker, FlagKind, TakeDelivery};
use undersong_core::engine::EngineChoice;
use undersong_core::scan::{Samples, ScanOptions, Scanner, Sound};
use undersong_core::timeline::Scan;

const RATE_HZ: u32 = 24_000;

fn scan(paths: &[PathBuf], jobs: usize) -> Scan {
    let options = ScanOptions {
        engine: EngineChoice::Builtin,
        jobs,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&model(&SMALL, &["neutral", "happy", "sad"]), options).unwrap();
    let scan = scanner.scan(paths, &|_| {}).unwrap();
    assert!(scan.failed.is_empty(), "{:?}", scan.failed);
    scan
}

fn delivery(path: &Path) -> TakeDelivery {
    let mut scan = scan(&[path.to_owned()], 1);
    scan.takes.remove(0).summary.delivery.unwrap()
}

/// What is wrong with a sound.
fn flags(name: &str, sound: &[f32]) -> Vec<(FlagKind, String)> {
    let folder = tempfile::tempdir().unwrap();
    let take = delivery(&wav(folder.path(), name, RATE_HZ, sound));
    let flags = take.flags().into_iter();
    flags.map(|flag| (flag.kind, flag.reason)).collect()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// A sentence of a synthesiser, from its first sound to its last.
fn sentence() -> Vec<f32> {
    let path = fixture("tests/fixtures/audio/spoken.ogg");
    let sound = load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap();
    let loud = |x: &f32| x.abs() > 0.02;
    let first = sound.iter().position(loud).unwrap();
    let last = sound.iter().rposition(loud).unwrap();
    sound[first..=last].to_vec()
}

/// Silence with a quiet hiss, as a room has it.
fn room(seconds: f64, level: f32) -> Vec<f32> {
    let mut state = 7_u32;
    (0..samples(RATE_HZ, seconds))
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / (1_u32 << 23) as f32 - 1.0) * level
        })
        .collect()
}

/// A clean take: a sentence with room around it.
fn clean() -> Vec<f32> {
    [room(0.5, 1e-4), sentence(), room(0.6, 1e-4)].concat()
}

#[test]
fn windows_and_take_are_what_the_track_of_an_explanation_says() {
    let path = fixture("../cli/samples/take.flac");
    let scan = scan(std::slice::from_ref(&path), 1);
    let take = &scan.takes[0];
    let mut tracker = DeliveryTracker::new(22_050).unwrap();
    tracker.push(&load_mono(&path, 22_050, NoiseReduction::Off).unwrap());
    let track = tracker.finish();
    let alike = |ours: &Delivery, theirs: &Delivery, within: f64| {
        let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() <= within * a.abs().max(1.0),
            (None, None) => true,
            _ => false,
        };
        near(Some(ours.voiced_seconds), Some(theirs.voiced_seconds))
            && near(ours.level_db, theirs.level_db)
            && near(ours.pitch_hz, theirs.pitch_hz)
            && near(ours.melody_semitones, theirs.melody_semitones)
            && near(ours.syllables_per_second, theirs.syllables_per_second)
            && near(ours.brightness_db, theirs.brightness_db)
    };
    // The model hears at another rate than the file's, so the voice was resampled once more.
    let mut same = 0;
    for window in &take.windows {
        let ours = window.delivery.unwrap();
        let theirs = track.measure(window.start_seconds, window.end_seconds);
        same += usize::from(alike(&ours, &theirs, 0.02));
        assert!(ours.loudness_lufs.is_some());
    }
    let count = take.windows.len();
    println!("{same} of {count} windows");
    assert!(same * 20 >= count * 19, "{same} of {count} windows");
    let ours = take.summary.delivery.as_ref().unwrap();
    let theirs = track.measure(0.0, 1e9);
    assert!(
        alike(&ours.voice, &theirs, 0.02),
        "{:?} against {theirs:?}",
        ours.voice
    );
    assert_eq!(ours.voice.loudness_lufs, ours.loudness.integrated_lufs);
}

#[test]
fn pitch_looked_for_in_the_voice_alone_is_the_pitch_looked_for_everywhere() {
    for name in ["tests/golden/speech_man.wav", "../cli/samples/take.flac"] {
        let sound = load_mono(&fixture(name), 16_000, NoiseReduction::Off).unwrap();
        let [voice, everywhere] = [
            DeliveryTracker::new(16_000),
            DeliveryTracker::everywhere(16_000),
        ]
        .map(|tracker| {
            let mut tracker = tracker.unwrap();
            tracker.push(&sound);
            tracker.finish().measure(0.0, 1e9)
        });
        println!("{name}: {voice:?} {everywhere:?}");
        let (a, b) = (voice.pitch_hz.unwrap(), everywhere.pitch_hz.unwrap());
        assert!((12.0 * (a / b).log2()).abs() < 0.1, "{a} {b}");
        let (a, b) = (
            voice.melody_semitones.unwrap(),
            everywhere.melody_semitones.unwrap(),
        );
        assert!((a - b).abs() < 0.2, "{a} {b}");
    }
}

#[test]
fn pauses_are_those_that_were_put_there() {
    let folder = tempfile::tempdir().unwrap();
    let sentence = sentence();
    let alone = delivery(&wav(folder.path(), "alone.wav", RATE_HZ, &clean()));
    let own = alone.pauses.unwrap().count;
    for level in [0.0, 1e-4, 2e-3] {
        let gap = |seconds: f64| room(seconds, level);
        let sound = [
            &gap(0.8)[..],
            &sentence,
            &gap(0.4),
            &sentence,
            &gap(1.3),
            &sentence,
            &gap(0.7),
            &sentence,
            &gap(0.9),
        ]
        .concat();
        let take = delivery(&wav(folder.path(), "pauses.wav", RATE_HZ, &sound));
        let pauses = take.pauses.unwrap();
        println!(
            "{level}: {pauses:?}, {own} in the sentence itself, {:?}",
            take.technical
        );
        assert_eq!(pauses.count, 3 + 4 * own, "{level}");
        // The detector tells an onset some steps late, and hears the last sound fade.
        assert!((pauses.longest_seconds - 1.3).abs() < 0.12, "{level}");
        let span = (sound.len() as f64) / f64::from(RATE_HZ) - 1.7;
        assert!((pauses.span_seconds - span).abs() < 0.15, "{level}");
        assert!(
            (take.technical.lead_in_seconds.unwrap() - 0.8).abs() < 0.1,
            "{level}"
        );
        assert!(
            (take.technical.tail_seconds.unwrap() - 0.9).abs() < 0.1,
            "{level}"
        );
    }
}

#[test]
fn a_clean_take_has_no_flags() {
    assert_eq!(flags("clean.wav", &clean()), []);
}

#[test]
fn each_fault_gets_its_flag_and_no_other() {
    let kinds = |flags: &[(FlagKind, String)]| flags.iter().map(|it| it.0).collect::<Vec<_>>();
    let clean = clean();
    let louder: Vec<f32> = clean.iter().map(|x| (x * 6.0).clamp(-1.0, 1.0)).collect();
    let clipped = flags("clipped.wav", &louder);
    assert_eq!(kinds(&clipped), [FlagKind::Clipped]);
    assert!(clipped[0].1.contains("at full scale"), "{clipped:?}");

    // Clipped before a fader, so that nothing reaches full scale.
    let faded: Vec<f32> = louder.iter().map(|x| x * 0.6).collect();
    let faded = flags("clipped and faded.wav", &faded);
    assert_eq!(kinds(&faded), [FlagKind::Clipped]);
    assert!(faded[0].1.contains("−4.4 dB"), "{faded:?}");

    // In the middle of a vowel.
    let start = samples(RATE_HZ, 0.5) + samples(RATE_HZ, 0.55);
    let cut = flags("cut start.wav", &clean[start..]);
    assert_eq!(kinds(&cut), [FlagKind::CutOff]);
    assert!(cut[0].1.contains("starts"), "{cut:?}");
    let cut = flags("cut end.wav", &clean[..start]);
    assert_eq!(kinds(&cut), [FlagKind::CutOff]);
    assert!(cut[0].1.contains("ends"), "{cut:?}");

    let noise = room(clean.len() as f64 / f64::from(RATE_HZ), 0.04);
    let noisy: Vec<f32> = clean.iter().zip(&noise).map(|(a, b)| a + b).collect();
    assert_eq!(kinds(&flags("noisy.wav", &noisy)), [FlagKind::Noisy]);

    let quiet: Vec<f32> = clean.iter().map(|x| x * 0.03).collect();
    let quiet = flags("quiet.wav", &quiet);
    assert_eq!(kinds(&quiet), [FlagKind::TooQuiet]);
    assert!(
        quiet[0].1.contains("below the target of −16 LUFS"),
        "{quiet:?}"
    );

    for sound in [vec![0.0; 72_000], room(3.0, 0.01)] {
        assert_eq!(kinds(&flags("silent.wav", &sound)), [FlagKind::Silent]);
    }
}

#[test]
fn what_only_looks_like_clipping_is_none() {
    let tone = |hz: f32, level: f32| -> Vec<f32> {
        let phase = |n: usize| std::f32::consts::TAU * hz * n as f32 / RATE_HZ as f32;
        (0..72_000).map(|n| level * phase(n).sin()).collect()
    };
    let coarse = |sound: &[f32], steps: f32| -> Vec<f32> {
        sound.iter().map(|x| (x * steps).round() / steps).collect()
    };
    let over: Vec<f32> = clean().iter().map(|x| x * 6.0).collect();
    for (name, sound) in [
        ("full scale.wav", tone(80.0, 1.0)),
        ("over full scale, as floats go.wav", over),
        ("16 bits.wav", coarse(&tone(60.0, 0.4), 32_768.0)),
        ("8 bits.wav", coarse(&clean(), 128.0)),
    ] {
        let flags = flags(name, &sound);
        let clipped = flags.iter().any(|it| it.0 == FlagKind::Clipped);
        assert!(!clipped, "{name}: {flags:?}");
    }
}

#[test]
fn delivery_is_the_same_for_any_number_of_jobs_from_a_file_and_from_memory_and_when_not_asked_for_it_is_not_there()
 {
    let folder = tempfile::tempdir().unwrap();
    let sounds = [
        clean(),
        sentence(),
        [clean(), room(4.0, 1e-3), clean(), clean()].concat(),
        vec![0.0; 30_000],
    ];
    let paths: Vec<PathBuf> = sounds
        .iter()
        .enumerate()
        .map(|(index, sound)| wav(folder.path(), &format!("{index}.wav"), RATE_HZ, sound))
        .collect();
    let one = scan(&paths, 1);
    assert!(one == scan(&paths, 3));
    for (take, sound) in one.takes.iter().zip(&sounds) {
        assert!(take.windows.iter().all(|window| window.delivery.is_some()));
        let options = ScanOptions {
            engine: EngineChoice::Builtin,
            ..ScanOptions::default()
        };
        let model = model(&SMALL, &["neutral", "happy", "sad"]);
        let scanner = Scanner::new(&model, options.clone()).unwrap();
        let samples = Samples::new(&take.path, RATE_HZ, 1, sound).unwrap();
        let stop = std::sync::atomic::AtomicBool::new(false);
        let memory = scanner
            .scan_sounds(&[Sound::Samples(samples)], &stop, &|_| {})
            .unwrap();
        assert!(memory.takes[0] == *take);
        let options = ScanOptions {
            delivery: false,
            ..options
        };
        let bare = Scanner::new(&model, options).unwrap();
        let bare = bare
            .scan(std::slice::from_ref(&take.path), &|_| {})
            .unwrap();
        let mut expected = take.clone();
        expected.summary.delivery = None;
        for window in &mut expected.windows {
            window.delivery = None;
        }
        assert!(bare.takes[0] == expected);
    }
}

#[test]
fn a_scan_of_emotion_alone_gives_the_same_scores_and_measures_nothing() {
    let model = model(&SMALL, &["neutral", "happy", "sad", "angry"]);
    let options = ScanOptions {
        engine: EngineChoice::Builtin,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&model, options).unwrap();
    let path = fixture("../cli/samples/take.flac");
    let (sounds, stop) = ([Sound::File(&path)], AtomicBool::new(false));
    let mut whole = scanner.scan_sounds(&sounds, &stop, &|_| {}).unwrap();
    let emotion = scanner.scan_emotion(&sounds, &stop, &|_| {}).unwrap();
    let take = &mut whole.takes[0];
    assert!(take.summary.delivery.take().is_some());
    for window in &mut take.windows {
        assert!(window.delivery.take().is_some());
    }
    assert_eq!(whole, emotion);
}
