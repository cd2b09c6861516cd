//! Which files count as takes, and in which order.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;

use support::{Room, speech};

/// The paths of a scan's takes, in order.
fn paths(room: &Room, arguments: &[&str]) -> Vec<String> {
    let run = room
        .scan(arguments.iter().chain(&["--json", "-", "--hop", "1"]))
        .ends_with_code(0);
    let scan = run.json();
    let takes = scan["takes"].as_array().unwrap();
    takes
        .iter()
        .map(|take| take["path"].as_str().unwrap().to_owned())
        .collect()
}

fn room() -> Room {
    let room = Room::new();
    let sound = speech(0.0, 1.0);
    for name in [
        "takes/b.wav",
        "takes/a.WAV",
        "takes/c/deep.wav",
        "takes/é.wav",
        "other.wav",
    ] {
        room.wav(name, &sound);
    }
    // macOS leaves these beside every file on foreign disks; a folder's own settings are hidden too.
    fs::write(room.path("takes/._b.wav"), b"\x00\x05\x16\x07").unwrap();
    room.wav("takes/.trash/old.wav", &sound);
    fs::write(room.path("takes/notes.txt"), "not a take").unwrap();
    room
}

#[test]
fn a_folder_gives_all_takes_below_it_by_name() {
    let in_takes = [
        "takes/a.WAV",
        "takes/b.wav",
        "takes/c/deep.wav",
        "takes/é.wav",
    ];
    assert_eq!(paths(&room(), &["takes"]), in_takes);
}

#[test]
fn arguments_keep_their_order_and_a_take_is_scanned_once() {
    let room = room();
    assert_eq!(
        paths(&room, &["other.wav", "takes/c", "takes/b.wav"]),
        ["other.wav", "takes/c/deep.wav", "takes/b.wav"]
    );
    assert_eq!(
        paths(
            &room,
            &["takes/b.wav", "./takes/b.wav", "takes", "takes/c/../b.wav"]
        ),
        [
            "takes/b.wav",
            "takes/a.WAV",
            "takes/c/deep.wav",
            "takes/é.wav"
        ]
    );
}

#[test]
fn a_pattern_that_the_shell_left_alone_is_expanded() {
    let room = room();
    assert_eq!(
        paths(&room, &["takes/*.wav"]),
        ["takes/b.wav", "takes/é.wav"]
    );
    assert_eq!(paths(&room, &["*.wav"]), ["other.wav"]);
    assert_eq!(
        paths(&room, &["takes/**/*.wav"]),
        ["takes/b.wav", "takes/c/deep.wav", "takes/é.wav"]
    );
    assert_eq!(
        paths(&room, &["takes/{a,b}.{wav,WAV}"]),
        ["takes/a.WAV", "takes/b.wav"]
    );
    assert_eq!(paths(&room, &["take?/[c]"]), ["takes/c/deep.wav"]);
    let absolute = room.path("takes/*.wav");
    assert_eq!(paths(&room, &[absolute.to_str().unwrap()]).len(), 2);
}

#[test]
fn a_name_with_pattern_characters_that_exists_is_that_file() {
    let room = room();
    room.wav("take [1]*.wav", &speech(0.0, 1.0));
    assert_eq!(paths(&room, &["take [1]*.wav"]), ["take [1]*.wav"]);
}

#[test]
fn a_file_given_by_name_is_tried_whatever_it_is_called() {
    let room = room();
    fs::rename(room.path("other.wav"), room.path("other.dat")).unwrap();
    assert_eq!(paths(&room, &["other.dat"]), ["other.dat"]);
}

#[cfg(unix)]
#[test]
fn a_link_in_a_circle_is_named_and_does_not_hang() {
    let room = room();
    std::os::unix::fs::symlink(room.path("takes"), room.path("takes/c/up")).unwrap();
    let run = room.scan(["takes"]).ends_with_code(1);
    run.complains(&["takes/c/up", "leads back"]);
}

#[test]
fn control_characters_in_a_name_do_not_reach_the_terminal() {
    let room = Room::new();
    let name = "evil\x1b[2Jname.wav";
    if fs::write(room.path(name), b"").is_err() {
        println!("skipped: this file system refuses control characters in names");
        return;
    }
    let run = room
        .scan(["."])
        .ends_with_code(1)
        .complains(&["evil\u{FFFD}[2Jname.wav"]);
    assert!(!run.stderr.contains('\x1b'));
}
