//! `undersong features`, `undersong model`, and the texts that help a person.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;

use support::{Room, speech};

#[test]
fn features_are_written_as_numpy_reads_them() {
    let room = Room::new();
    room.wav("take.wav", &speech(0.0, 2.0));
    let run = room
        .run(["features", "take.wav", "--out", "take.npy"])
        .ends_with_code(0);
    assert!(
        run.stdout.contains("87 frames × 40 coefficients"),
        "{}",
        run.stdout
    );
    let npy = fs::read(room.path("take.npy")).unwrap();
    assert_eq!(&npy[..8], b"\x93NUMPY\x01\x00");
    let header = String::from_utf8_lossy(&npy[10..128]);
    assert!(
        header.contains("'<f4'") && header.contains("(87, 40)"),
        "{header}"
    );
    assert_eq!(npy.len(), 128 + 87 * 40 * 4);

    // The same numbers as CSV, with a name per column.
    room.run(["features", "take.wav", "--out", "take.CSV"])
        .ends_with_code(0);
    let csv = room.read("take.CSV");
    assert!(csv.starts_with("mfcc_0,mfcc_1,"), "{}", &csv[..40]);
    let numbers: Vec<f32> = csv
        .lines()
        .skip(1)
        .flat_map(|line| line.split(','))
        .map(|x| x.parse().unwrap())
        .collect();
    let binary: Vec<f32> = npy[128..]
        .chunks_exact(4)
        .map(|x| f32::from_le_bytes(x.try_into().unwrap()))
        .collect();
    assert_eq!(numbers, binary);
}

#[test]
fn features_with_a_models_settings_are_that_models() {
    let room = Room::new();
    room.wav("take.wav", &speech(0.0, 2.0));
    room.run(["features", "take.wav", "--out", "paper.npy"])
        .ends_with_code(0);
    room.run([
        "features",
        "take.wav",
        "--out",
        "model.npy",
        "--model",
        "model.onnx",
    ])
    .ends_with_code(0);
    // The test's model has the paper's features.
    assert_eq!(
        fs::read(room.path("paper.npy")).unwrap(),
        fs::read(room.path("model.npy")).unwrap()
    );
}

#[test]
fn a_model_tells_what_it_is() {
    let room = Room::new();
    let run = room.run(["model", "model.onnx"]).ends_with_code(0);
    for part in [
        "test (model.onnx)",
        "neutral 25 %, happy 25 %",
        "3.00 s at 22050 Hz",
        "MFCC of 130 frames × 40 coefficients",
        "seed 7",
        "a corpus: 12 clips of 3 speakers",
        "CC0",
        "speakers, fold 0",
        "25.0 %",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    let described = room
        .run(["model", "model.onnx", "--json"])
        .ends_with_code(0)
        .json();
    assert_eq!(described["metadata"]["training"]["seed"], 7);
    assert_eq!(described["metadata"]["emotions"][1]["name"], "happy");
    assert_eq!(described["id"].as_str().unwrap().len(), 12);
}

#[test]
fn the_built_in_model_is_used_when_none_is_named() {
    let room = Room::new();
    room.wav("take.wav", &speech(0.0, 3.0));
    let model = room.run(["model", "--json"]).ends_with_code(0).json();
    let scan = room
        .run(["scan", "take.wav", "--engine", "builtin", "--json", "-"])
        .ends_with_code(0)
        .json();
    assert_eq!(scan["model"]["id"], model["id"]);
    assert!(
        !model["metadata"]["training"]["licence"]
            .as_str()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn help_is_written_for_a_person_with_examples() {
    let room = Room::new();
    let run = room.run(["--help"]).ends_with_code(0);
    for part in [
        "Examples:",
        "undersong scan take.wav",
        "Exit status",
        "scan",
        "features",
        "model",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    for command in ["scan", "features", "model"] {
        let run = room.run([command, "--help"]).ends_with_code(0);
        assert!(run.stdout.contains("Examples:"), "{}", run.stdout);
    }
    let version = room.run(["--version"]).ends_with_code(0);
    assert_eq!(
        version.stdout,
        format!("undersong {}\n", env!("CARGO_PKG_VERSION"))
    );
}
