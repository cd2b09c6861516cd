//! What voice activity promises: speech is heard at any level, silence and noise are not, the same for every block size.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use std::f32::consts::TAU;
use std::path::Path;

use proptest::prelude::*;
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::voice::{GateSettings, VoiceDetector, VoiceGate};

const RATE_HZ: u32 = 22_050;

fn fixture(name: &str) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/audio")
        .join(name);
    load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap()
}

fn probabilities(sound: &[f32], rate_hz: u32) -> Vec<f32> {
    let mut detector = VoiceDetector::new(rate_hz).unwrap();
    let mut out = Vec::new();
    detector.push(sound, &mut out);
    detector.finish(&mut out);
    out
}

/// Share of steps in which the gate is open.
fn voiced_share(sound: &[f32], settings: GateSettings) -> f64 {
    let probabilities = probabilities(sound, RATE_HZ);
    let mut gate = VoiceGate::new(settings, 0.016);
    let open = probabilities
        .iter()
        .filter(|&&probability| gate.push(probability))
        .count();
    open as f64 / probabilities.len() as f64
}

fn at_db(sound: &[f32], db: f32) -> Vec<f32> {
    let gain = 10_f32.powf(db / 20.0);
    sound
        .iter()
        .map(|sample| (sample * gain).clamp(-1.0, 1.0))
        .collect()
}

fn white_noise(samples: usize) -> Vec<f32> {
    let mut state = 0x1234_5678_u32;
    (0..samples)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0) as f32
        })
        .collect()
}

fn pink_noise(samples: usize) -> Vec<f32> {
    let (mut a, mut b, mut c) = (0.0_f32, 0.0_f32, 0.0_f32);
    white_noise(samples)
        .into_iter()
        .map(|white| {
            a = 0.997_65 * a + 0.099_046 * white;
            b = 0.963 * b + 0.296_516_4 * white;
            c = 0.57 * c + 1.052_691_3 * white;
            0.1 * (a + b + c + 0.184_8 * white)
        })
        .collect()
}

#[test]
fn speech_is_heard_from_minus_40_db_to_a_clipped_shout() {
    let spoken = fixture("spoken.ogg");
    for db in [0.0, -20.0, -40.0, 20.0] {
        let share = voiced_share(&at_db(&spoken, db), GateSettings::SCAN);
        assert!(
            share > 0.7,
            "at {db} dB the gate is open for {share:.2} of the sentence"
        );
        let share = voiced_share(&at_db(&spoken, db), GateSettings::LIVE);
        assert!(
            share > 0.5,
            "at {db} dB the live gate is open for {share:.2} of the sentence"
        );
    }
}

#[test]
fn a_whisper_is_heard_however_quiet() {
    let whispered = fixture("whispered.ogg");
    for db in [0.0, -20.0, -40.0] {
        let share = voiced_share(&at_db(&whispered, db), GateSettings::SCAN);
        assert!(
            share > 0.3,
            "at {db} dB the gate is open for {share:.2} of the whisper"
        );
    }
}

#[test]
fn silence_noise_tones_and_clicks_have_no_voice() {
    let samples = RATE_HZ as usize * 10;
    let tone = |hz: f32| {
        (0..samples)
            .map(|n| (TAU * hz * n as f32 / RATE_HZ as f32).sin())
            .collect::<Vec<f32>>()
    };
    let hum: Vec<f32> = (0..samples)
        .map(|n| {
            (1..6)
                .map(|k| (TAU * 50.0 * k as f32 * n as f32 / RATE_HZ as f32).sin() / k as f32)
                .sum::<f32>()
                / 2.0
        })
        .collect();
    let clicks = (0..samples)
        .map(|n| if n % 5_000 == 0 { 1.0 } else { 0.0 })
        .collect();
    let sounds = [
        ("zeros", vec![0.0; samples]),
        ("white noise", white_noise(samples)),
        ("pink noise", pink_noise(samples)),
        ("1 kHz", tone(1_000.0)),
        ("200 Hz", tone(200.0)),
        ("hum", hum),
        ("clicks", clicks),
    ];
    for (name, sound) in &sounds {
        for db in [-66.0, -46.0, -26.0, -6.0] {
            let share = voiced_share(&at_db(sound, db), GateSettings::SCAN);
            assert!(share < 0.04, "{name} at {db} dB: {share:.3}");
            let live = voiced_share(&at_db(sound, db), GateSettings::LIVE);
            assert!(live == 0.0, "{name} at {db} dB, live: {live:.3}");
        }
    }
}

#[test]
fn there_is_one_probability_for_each_16_ms_begun() {
    for (rate_hz, samples, steps) in [
        (16_000, 0, 0),
        (16_000, 1, 1),
        (16_000, 256, 1),
        (16_000, 257, 2),
        (48_000, 768, 1),
        (48_000, 480_000, 625),
    ] {
        assert_eq!(
            probabilities(&vec![0.1; samples], rate_hz).len(),
            steps,
            "{samples} at {rate_hz}"
        );
    }
    assert_eq!(VoiceDetector::new(44_100).unwrap().step_seconds(), 0.016);
}

#[test]
fn nothing_that_comes_later_changes_a_probability() {
    let spoken = fixture("spoken.ogg");
    let half = &spoken[..spoken.len() / 2];
    let mut detector = VoiceDetector::new(RATE_HZ).unwrap();
    let mut early = Vec::new();
    detector.push(half, &mut early);
    assert!(early.len() > 50);
    assert_eq!(early, probabilities(&spoken, RATE_HZ)[..early.len()]);
}

#[test]
fn wild_samples_give_probabilities_all_the_same() {
    let mut sound = white_noise(44_100);
    for (at, wild) in [
        (100, f32::NAN),
        (5_000, f32::INFINITY),
        (9_000, f32::MAX),
        (9_001, f32::MIN),
        (20_000, 1e30),
    ] {
        sound[at] = wild;
    }
    let probabilities = probabilities(&sound, 44_100);
    assert!(
        probabilities
            .iter()
            .all(|probability| (0.0..=1.0).contains(probability))
    );
}

#[test]
fn the_gate_waits_to_open_and_to_close_as_long_as_it_is_told() {
    let settings = GateSettings {
        threshold: 0.5,
        start_seconds: 0.05,
        stop_seconds: 0.03,
    };
    let mut gate = VoiceGate::new(settings, 0.01);
    let fed: [f32; 16] = [
        0.9, 0.9, 0.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.9, 0.0,
    ];
    let open: Vec<u8> = fed
        .iter()
        .map(|&probability| u8::from(gate.push(probability)))
        .collect();
    assert_eq!(open, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0]);
    let mut at_once = VoiceGate::new(
        GateSettings {
            start_seconds: 0.0,
            ..settings
        },
        0.01,
    );
    assert!(at_once.push(0.5) && at_once.is_open());
    at_once.reset();
    assert!(!at_once.is_open());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_probabilities_are_the_same_to_the_bit_for_every_cutting(
        rate_hz in prop::sample::select(vec![16_000_u32, 22_050, 48_000]),
        cuts in prop::collection::vec(1_usize..3_000, 1..10),
    ) {
        let spoken = fixture("spoken.ogg");
        let whole = probabilities(&spoken, rate_hz);
        let mut detector = VoiceDetector::new(rate_hz).unwrap();
        let (mut rest, mut out) = (spoken.as_slice(), Vec::new());
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            detector.push(now, &mut out);
            rest = later;
        }
        detector.finish(&mut out);
        prop_assert!(out == whole);
    }
}
