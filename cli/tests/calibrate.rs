//! `undersong calibrate` and `--profile`: a speaker's own voice as the measure.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;

use serde_json::Value;
use support::{RATE_HZ, Room, Run, sample_take};
use undersong_core::profile::SpeakerProfile;

/// A room in which the sample take is three times as long, a voice of some 20 s.
fn room_with_voice() -> Room {
    let room = Room::new();
    let sound = support::speech(0.0, 7.0);
    room.wav("voice.wav", &sound.repeat(3));
    fs::copy(sample_take(), room.path("take.flac")).unwrap();
    room
}

fn calibrated() -> Room {
    let room = room_with_voice();
    room.run(["calibrate", "voice.wav", "--out", "voice.json"])
        .ends_with_code(0);
    room
}

/// `undersong COMMAND take.flac --engine builtin …` with the built-in model.
fn with_profile(room: &Room, command: &str, arguments: &[&str]) -> Run {
    let all = [command, "take.flac", "--engine", "builtin", "--hop", "1"];
    room.run(all.iter().chain(arguments))
}

#[test]
fn a_voice_becomes_a_profile_that_says_how_it_usually_is() {
    let room = room_with_voice();
    let run = room
        .run(["calibrate", "voice.wav", "--out", "voice.json"])
        .ends_with_code(0);
    for part in [
        "voice.json: the usual voice over",
        "pitch",
        "Hz, scatter",
        "pace",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    run.complains(&["a minute or more makes a steadier profile"]);
    let profile = SpeakerProfile::open(&room.path("voice.json")).unwrap();
    assert!(profile.sounding_seconds > 10.0);
    assert_eq!(profile.mean.len(), profile.features.coefficients());
    assert_eq!(profile.delivery.habits().len(), 5);
    // Several recordings are one voice.
    room.run(["calibrate", "voice.wav", "take.flac", "--out", "both.json"])
        .ends_with_code(0);
    let both = SpeakerProfile::open(&room.path("both.json")).unwrap();
    assert!(both.sounding_seconds > profile.sounding_seconds + 5.0);
}

#[test]
fn a_scan_with_a_profile_is_another_and_says_so() {
    let room = calibrated();
    let plain = with_profile(&room, "scan", &["--json", "-"])
        .ends_with_code(0)
        .json();
    let run = with_profile(
        &room,
        "scan",
        &[
            "--json",
            "-",
            "--profile",
            "voice.json",
            "--html",
            "report.html",
        ],
    );
    let shifted = run.ends_with_code(0).json();
    assert_eq!(plain["profile"], Value::Null);
    assert!(
        shifted["profile"]
            .as_str()
            .unwrap()
            .starts_with("voice.json ("),
        "{}",
        shifted["profile"]
    );
    let scores = |scan: &Value| {
        scan["takes"][0]["windows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|window| window["scores"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(scores(&plain).len(), scores(&shifted).len());
    assert_ne!(scores(&plain), scores(&shifted));
    assert!(room.read("report.html").contains("voice.json ("));
}

#[test]
fn an_explanation_with_a_profile_is_held_against_that_voice() {
    let room = calibrated();
    let run = with_profile(
        &room,
        "explain",
        &["--pairs", "1", "--profile", "voice.json"],
    )
    .ends_with_code(0);
    for part in [
        "this speaker’s mean spectrum",
        "The sound, against this voice’s profile:",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    let json = with_profile(
        &room,
        "explain",
        &["--pairs", "1", "--profile", "voice.json", "--json", "-"],
    )
    .ends_with_code(0)
    .json();
    assert_eq!(json["against"], "profile");
    // Against the profile even a take of one window can be told in words.
    assert!(json["windows"][0]["differences"].as_array().unwrap().len() >= 3);
}

#[test]
fn features_with_a_profile_are_those_of_which_that_voice_has_zero_mean() {
    let room = calibrated();
    let run = room.run([
        "features",
        "voice.wav",
        "--profile",
        "voice.json",
        "--out",
        "voice.csv",
    ]);
    run.ends_with_code(0);
    let text = room.read("voice.csv");
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').map(|x| x.parse().unwrap()).collect())
        .collect();
    let loud: Vec<&Vec<f64>> = rows
        .iter()
        .filter(|row| row.iter().sum::<f64>() / row.len() as f64 > -2.0)
        .collect();
    let mean =
        loud.iter().flat_map(|row| row.iter()).sum::<f64>() / (loud.len() * rows[0].len()) as f64;
    assert!(mean.abs() < 0.5, "mean {mean}");
    room.run([
        "features",
        "voice.wav",
        "--profile",
        "voice.json",
        "--config",
        "paper",
        "--out",
        "x.csv",
    ])
    .ends_with_code(2)
    .complains(&["--config paper", "--profile"]);
}

#[test]
fn too_little_voice_is_refused_with_how_much_was_found() {
    let room = Room::new();
    room.wav("short.wav", &support::speech(0.0, 4.0));
    room.wav("silent.wav", &vec![0.0; 60 * RATE_HZ as usize]);
    room.run(["calibrate", "short.wav", "--out", "p.json"])
        .ends_with_code(1)
        .complains(&[
            "only ",
            " s of voice were found in 1 recording;",
            "at least 10 s",
        ]);
    room.run(["calibrate", "short.wav", "silent.wav", "--out", "p.json"])
        .ends_with_code(1)
        .complains(&["in 2 recordings"]);
    assert!(!room.path("p.json").exists());
}

#[test]
fn broken_and_foreign_profiles_and_recordings_are_named() {
    let room = calibrated();
    fs::write(
        room.path("broken.json"),
        "{\"profile_version\": 1, \"mean\"",
    )
    .unwrap();
    fs::write(room.path("newer.json"), "{\"profile_version\": 99}").unwrap();
    for (profile, part) in [
        ("broken.json", "not a speaker's profile"),
        ("newer.json", "a profile of version 99"),
        ("gone.json", "cannot be read"),
        ("take.flac", "not a speaker's profile"),
    ] {
        with_profile(&room, "scan", &["--profile", profile])
            .ends_with_code(2)
            .complains(&[profile, part]);
    }
    // The test's model has other features, and no mean at all.
    room.run([
        "scan",
        "take.flac",
        "--model",
        "model.onnx",
        "--profile",
        "voice.json",
    ])
    .ends_with_code(2)
    .complains(&["--profile voice.json", "other features"]);
    room.run([
        "calibrate",
        "voice.wav",
        "--model",
        "model.onnx",
        "--out",
        "p.json",
    ])
    .ends_with_code(2)
    .complains(&["does not standardise"]);
    room.run(["calibrate", "voice.wav", "gone.wav", "--out", "p.json"])
        .ends_with_code(1)
        .complains(&["gone.wav"]);
    room.run(["calibrate", "voice.wav", "--out", "voice.wav"])
        .ends_with_code(2)
        .complains(&["--out voice.wav", "replace"]);
    assert!(!room.path("p.json").exists());
}
