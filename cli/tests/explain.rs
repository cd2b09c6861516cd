//! `undersong explain` and `scan --explain`: why a score, through the door that a user takes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::ffi::OsStr;

use support::{RATE_HZ, Room, Run, sample_take, speech};

fn explain<S: AsRef<OsStr>>(room: &Room, arguments: impl IntoIterator<Item = S>) -> Run {
    let mut command = room.command();
    command.args([
        "explain",
        "--model",
        "model.onnx",
        "--engine",
        "builtin",
        "--pairs",
        "1",
    ]);
    Run::of(command.args(arguments))
}

fn room_with_take() -> Room {
    let room = Room::new();
    std::fs::copy(sample_take(), room.path("take.flac")).unwrap();
    room
}

#[test]
fn the_most_confident_window_is_explained_and_the_whole_take_told_in_words() {
    let run = explain(&room_with_take(), ["take.flac"]).ends_with_code(0);
    for part in [
        "take.flac, window ",
        "What moved it, in points of a hundred",
        "ground tone and lower harmonics",
        "air and sibilance",
        "Most of all:",
        "The sound, against the rest of the take:",
        "The whole take:",
        "They describe the model, not a person.",
        "not what somebody feels",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
}

#[test]
fn any_window_and_any_emotion_can_be_asked_for() {
    let room = room_with_take();
    let json = |arguments: &[&str]| {
        let arguments = ["take.flac", "--json", "-"].iter().chain(arguments);
        explain(&room, arguments).ends_with_code(0).json()
    };
    let third = json(&["--window", "3"]);
    assert_eq!(third["explanations"][0]["window"], 3);
    assert_eq!(third["explanations"][0]["start_seconds"], 0.5);
    let at = json(&["--at", "5"]);
    let start = at["explanations"][0]["start_seconds"].as_f64().unwrap();
    assert!((start + 1.5 - 5.0).abs() <= 0.126, "{start}");
    let sad = json(&["--emotion", "Sad"]);
    assert_eq!(sad["explanations"][0]["emotion"], "sad");
    assert_eq!(json(&["--emotion", "sad"]), sad);
}

#[test]
fn wrong_windows_times_and_emotions_are_named() {
    let room = room_with_take();
    for (arguments, parts) in [
        (["--window", "0"], ["--window 0", "counted from 1"]),
        (["--window", "500"], ["no window 500", "numbered from 1"]),
        (["--at", "-2"], ["-2 s lies outside", "take.flac"]),
        (["--at", "900"], ["900 s lies outside", "s long"]),
        (
            ["--emotion", "hungry"],
            ["--emotion hungry", "neutral, happy, sad, angry"],
        ),
    ] {
        let arguments = ["take.flac"].iter().chain(&arguments);
        explain(&room, arguments)
            .ends_with_code(2)
            .complains(&parts);
    }
    room.run(["explain", "take.flac", "--pairs", "0"])
        .ends_with_code(2)
        .complains(&["--pairs", "0"]);
    room.wav("silent.wav", &vec![0.0; 3 * RATE_HZ as usize]);
    explain(&room, ["silent.wav"])
        .ends_with_code(1)
        .complains(&["silent.wav", "no voice"]);
    explain(&room, ["silent.wav", "--window", "1"])
        .ends_with_code(2)
        .complains(&["silent.wav", "window 1 has no voice"]);
    explain(&room, ["gone.wav"])
        .ends_with_code(1)
        .complains(&["gone.wav"]);
    explain(&room, ["take.flac", "--json", "take.flac"])
        .ends_with_code(2)
        .complains(&["--json take.flac", "replace"]);
}

#[test]
fn a_take_of_one_window_has_nothing_to_be_compared_with() {
    let room = Room::new();
    room.wav("short.wav", &speech(3.0, 1.5));
    let run = explain(&room, ["short.wav"]).ends_with_code(0);
    assert!(
        run.stdout.contains("holds no other voice to compare"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_page_shows_the_window_asked_for_and_others_along_the_take() {
    let room = room_with_take();
    explain(&room, ["take.flac", "--at", "5", "--html", "why.html"]).ends_with_code(0);
    let page = room.read("why.html");
    for part in ["\"why\":{", "vowel colour", "the rest of the take"] {
        assert!(page.contains(part), "no {part:?}");
    }
    // A scan's report has it only when asked for.
    room.scan(["take.flac", "--html", "plain.html"])
        .ends_with_code(0);
    assert!(!room.read("plain.html").contains("\"why\":{"));
    room.wav("silent.wav", &vec![0.0; 2 * RATE_HZ as usize]);
    room.scan([
        "take.flac",
        "silent.wav",
        "--html",
        "report.html",
        "--explain",
    ])
    .ends_with_code(0);
    assert_eq!(room.read("report.html").matches("\"why\":{").count(), 1);
    room.scan(["take.flac", "--explain"])
        .ends_with_code(2)
        .complains(&["--html"]);
}
