//! Wrong use: exit status 2, the argument named, what was expected, nothing done.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;

use support::{Room, speech};

fn room_with_take() -> Room {
    let room = Room::new();
    room.wav("take.wav", &speech(0.0, 3.0));
    room
}

#[test]
fn priors_name_emotions_of_the_model() {
    let room = room_with_take();
    room.scan(["take.wav", "--priors", "hungry=2"])
        .ends_with_code(2)
        .complains(&["--priors", "hungry", "neutral, happy, sad, angry"]);
    for (priors, part) in [
        ("happy", "happy"),
        ("happy=-1", "-1"),
        ("happy=lots", "lots"),
        ("happy=NaN", "NaN"),
    ] {
        room.scan(["take.wav", "--priors", priors])
            .ends_with_code(2)
            .complains(&["--priors", part, "expected"]);
    }
}

#[test]
fn a_hop_that_makes_no_sense_is_refused() {
    let room = room_with_take();
    for hop in ["0", "NaN", "-1", "-0.25", "1e9", "inf", "fast", ""] {
        let run = room.scan(["take.wav", "--hop", hop]).ends_with_code(2);
        run.complains(&["--hop", hop, "expected seconds from"]);
    }
    room.scan(["take.wav", "--hop=-1"])
        .ends_with_code(2)
        .complains(&["--hop", "-1"]);
}

#[test]
fn a_loudness_target_that_makes_no_sense_is_refused() {
    let room = room_with_take();
    for target in ["16", "-99", "loud", "NaN", ""] {
        let run = room
            .scan(["take.wav", "--loudness-target", target])
            .ends_with_code(2);
        run.complains(&["--loudness-target", target, "-60 to 0", "-23 (broadcast)"]);
    }
}

#[test]
fn jobs_are_at_least_one() {
    let room = room_with_take();
    for jobs in ["0", "-1", "1000000", "many"] {
        room.scan(["take.wav".to_owned(), format!("--jobs={jobs}")])
            .ends_with_code(2)
            .complains(&["--jobs", jobs]);
    }
}

#[test]
fn an_unknown_engine_is_answered_with_the_known_ones() {
    let room = room_with_take();
    room.run(["scan", "take.wav", "--engine", "tpu"])
        .ends_with_code(2)
        .complains(&["tpu", "auto", "cuda", "cpu", "builtin"]);
}

#[test]
fn takes_that_are_not_there_are_named() {
    let room = room_with_take();
    room.scan(["missing.wav"]).ends_with_code(2).complains(&[
        "missing.wav",
        "no such file or folder",
        "check the name",
    ]);
    room.scan(["*.flac"])
        .ends_with_code(2)
        .complains(&["*.flac", "nothing matches"]);
    room.scan(["take[.wav"])
        .ends_with_code(2)
        .complains(&["take[.wav", "as a pattern it is wrong"]);
    let run = room
        .scan(["missing.wav", "take.wav"])
        .ends_with_code(1)
        .complains(&["missing.wav"]);
    assert!(run.stdout.contains("take.wav"));
    room.run(["scan"]).ends_with_code(2).complains(&["<PATH>"]);
}

#[test]
fn a_report_is_refused_before_the_scan_where_it_could_not_be_written() {
    let room = room_with_take();
    fs::create_dir(room.path("folder")).unwrap();
    for option in ["--json", "--csv", "--html"] {
        room.scan(["take.wav", option, "nowhere/report"])
            .ends_with_code(2)
            .complains(&[option, "nowhere/report", "folder does not exist"]);
        room.scan(["take.wav", option, "folder"])
            .ends_with_code(2)
            .complains(&[option, "folder", "give the name of a file in it"]);
    }
}

#[test]
fn a_report_never_replaces_a_take_or_another_report() {
    let room = room_with_take();
    let before = fs::read(room.path("take.wav")).unwrap();
    for option in ["--json", "--csv", "--html", "--labels", "--markers"] {
        room.scan([".", option, "./take.wav"])
            .ends_with_code(2)
            .complains(&[option, "take.wav", "one of the takes"]);
    }
    assert_eq!(fs::read(room.path("take.wav")).unwrap(), before);
    room.scan(["take.wav", "--json", "x", "--csv", "./x"])
        .ends_with_code(2)
        .complains(&["--csv", "another report"]);
    room.scan(["take.wav", "--json", "-", "--csv", "-"])
        .ends_with_code(2)
        .complains(&["--csv", "one report only"]);
}

#[test]
fn several_takes_need_a_folder_for_their_labels() {
    let room = room_with_take();
    room.wav("other.wav", &speech(1.0, 3.0));
    for option in ["--labels", "--markers"] {
        room.scan(["take.wav", "other.wav", option, "all.txt"])
            .ends_with_code(2)
            .complains(&[option, "all.txt", "2 takes", "name a folder"]);
    }
}

#[test]
fn reverse_needs_something_to_reverse() {
    let room = room_with_take();
    room.scan(["take.wav", "--reverse"])
        .ends_with_code(2)
        .complains(&["--sort"]);
    room.scan(["take.wav", "--sort", "mood"])
        .ends_with_code(2)
        .complains(&["mood", "valence", "arousal"]);
}

#[test]
fn a_runtime_that_is_not_there_is_named() {
    let room = room_with_take();
    room.run([
        "scan",
        "take.wav",
        "--model",
        "model.onnx",
        "--engine",
        "cpu",
        "--runtime",
        "no/such/libonnxruntime.so",
    ])
    .ends_with_code(2)
    .complains(&["no/such/libonnxruntime.so"]);
}

#[test]
fn features_need_a_known_ending_and_one_source_of_settings() {
    let room = room_with_take();
    room.run(["features", "take.wav", "--out", "x.mat"])
        .ends_with_code(2)
        .complains(&["x.mat", ".npy or .csv"]);
    room.run([
        "features",
        "take.wav",
        "--out",
        "x.npy",
        "--config",
        "paper",
        "--model",
        "model.onnx",
    ])
    .ends_with_code(2)
    .complains(&["--config paper", "--model"]);
    room.run(["features", "missing.wav", "--out", "x.npy"])
        .ends_with_code(1)
        .complains(&["missing.wav", "no such file"]);
    room.run(["features", "take.wav", "--out", "nowhere/x.npy"])
        .ends_with_code(1)
        .complains(&["nowhere/x.npy", "folder does not exist"]);
}
