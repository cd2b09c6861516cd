//! `undersong scan --library`: the answer of a scan, to the byte, with only new takes computed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;

use rusqlite::Connection;
use support::{RATE_HZ, Room, Run, sample_take, speech};

/// A room with takes of every kind, and one that is broken.
fn mixed() -> Room {
    let room = Room::new();
    for index in 0..5 {
        room.wav(
            format!("takes/{index}.wav"),
            &speech(1.7 * f64::from(index), 1.0 + 0.9 * f64::from(index)),
        );
    }
    room.wav("takes/silent.wav", &vec![0.0; 3 * RATE_HZ as usize]);
    room.wav("takes/short.wav", &speech(5.0, 0.05));
    fs::write(room.path("takes/broken.wav"), b"no sound").unwrap();
    room
}

fn remembered(room: &Room, arguments: &[&str]) -> Run {
    room.scan(arguments.iter().chain(&["--library", "lib.db"]))
}

#[test]
fn the_answer_is_that_of_a_scan_to_the_byte() {
    let room = mixed();
    let reports = [
        "--quiet",
        "--json",
        "o.json",
        "--csv",
        "o.csv",
        "--html",
        "o.html",
        "--labels",
        "labels",
        "--markers",
        "markers",
    ];
    let outputs = |library: bool| {
        let scan = |arguments: &[&str]| {
            let run = if library {
                remembered(&room, arguments)
            } else {
                room.scan(arguments)
            };
            let run = run.ends_with_code(1);
            (run.stdout, run.stderr)
        };
        let shown = [
            scan(&["takes"]),
            scan(&["takes", "takes/2.wav", "nothing.wav"]),
            scan(&["takes/3.wav", "takes/broken.wav", "--json", "-"]),
            scan(&["takes", "--sort", "arousal", "--reverse", "--json", "-"]),
            scan(&["takes", "--hop", "0.4", "--priors", "happy=3", "--csv", "-"]),
            scan(&["takes", "--loudness-target", "-23", "--json", "-"]),
            scan(&["takes", "--no-delivery", "--json", "-"]),
        ];
        scan(&[&["takes"], &reports[..]].concat());
        let files = [
            "o.json",
            "o.csv",
            "o.html",
            "labels/3.labels.txt",
            "markers/3.markers.csv",
        ]
        .map(|name| room.read(name));
        (shown, files)
    };
    let fresh = outputs(false);
    assert_eq!(outputs(true), fresh, "with an empty library");
    assert_eq!(outputs(true), fresh, "with a filled one");
    let one = room.scan(["takes/4.wav"]).ends_with_code(0);
    assert_eq!(
        remembered(&room, &["takes/4.wav"]).ends_with_code(0).stdout,
        one.stdout
    );
}

#[test]
fn the_shipped_model_is_remembered_to_the_byte() {
    let room = Room::new();
    fs::create_dir(room.path("takes")).unwrap();
    fs::copy(sample_take(), room.path("takes/take.flac")).unwrap();
    room.wav("takes/a.wav", &speech(1.0, 4.0));
    let scan = |arguments: &[&str]| {
        let arguments = [
            &["scan", "takes", "--json", "-", "--engine", "builtin"],
            arguments,
        ]
        .concat();
        room.run(arguments).ends_with_code(0).stdout
    };
    let fresh = scan(&[]);
    // One alone first, so that the other stands in other batches than in the fresh scan.
    room.run([
        "scan",
        "takes/take.flac",
        "--engine",
        "builtin",
        "--library",
        "lib.db",
        "--quiet",
    ])
    .ends_with_code(0);
    assert_eq!(scan(&["--library", "lib.db"]), fresh);
    assert_eq!(scan(&["--library", "lib.db"]), fresh);
}

#[test]
fn what_is_remembered_is_not_computed_again() {
    let room = mixed();
    remembered(&room, &["takes"]).ends_with_code(1);
    let database = Connection::open(room.path("lib.db")).unwrap();
    let id = |name: &str| -> i64 {
        database
            .query_row(
                "SELECT a.id FROM analyses a JOIN files f ON f.sound = a.sound WHERE f.path LIKE ?1",
                [format!("%/{name}")],
                |row| row.get(0),
            )
            .unwrap()
    };
    // Should it compute the take, it would not have another's windows.
    database
        .execute("UPDATE timelines SET packed = (SELECT packed FROM timelines WHERE analysis = ?2) WHERE analysis = ?1", [id("1.wav"), id("4.wav")])
        .unwrap();
    let seconds = |room: &Room, path: &str| {
        remembered(room, &[path, "--json", "-"]).json()["takes"][0]["seconds"]
            .as_f64()
            .unwrap()
    };
    assert!((seconds(&room, "takes/1.wav") - 4.6).abs() < 0.01);
    // Wherever it lies.
    fs::rename(room.path("takes/1.wav"), room.path("one.wav")).unwrap();
    assert!((seconds(&room, "one.wav") - 4.6).abs() < 0.01);
    // Another engine or other settings are another scan.
    database
        .execute("UPDATE analyses SET engine = 'another'", [])
        .unwrap();
    assert!((seconds(&room, "one.wav") - 1.9).abs() < 0.01);
}

#[test]
fn takes_that_were_not_measured_are_measured_once_that_is_asked_for() {
    let room = mixed();
    let fresh = room.scan(["takes", "--json", "-"]).ends_with_code(1).stdout;
    remembered(&room, &["takes", "--no-delivery"]).ends_with_code(1);
    assert!(
        remembered(&room, &["takes", "--json", "-"])
            .ends_with_code(1)
            .stdout
            == fresh
    );
    let run = room.library("add", ["takes"]).ends_with_code(1);
    assert!(
        run.stdout.trim_end().ends_with("; 0 analysed"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_scan_adds_no_folder_and_changes_no_question() {
    let room = mixed();
    room.library("add", ["takes/0.wav"]).ends_with_code(0);
    remembered(&room, &["takes", "--hop", "0.5"]).ends_with_code(1);
    let stats = room.library("stats", ["--json"]).json();
    assert!(stats["folders"].as_array().unwrap().is_empty());
    assert_eq!(stats["models"][0]["hop_seconds"], 0.25);
    let found = room.library("find", ["--json", "-"]).json();
    assert_eq!(found["found"].as_array().unwrap().len(), 1);
    // What a scan remembered, an update needs not listen to.
    let run = room
        .library("add", ["takes", "--hop", "0.5"])
        .ends_with_code(1);
    assert!(
        run.stdout.trim_end().ends_with("; 0 analysed"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_scan_without_delivery_takes_none_away() {
    let room = mixed();
    room.library("add", ["takes"]).ends_with_code(1);
    let exported = || room.library("export", ["-.csv"]).ends_with_code(0).stdout;
    let before = exported();
    // As if all files had been touched: each is read again.
    Connection::open(room.path("lib.db"))
        .unwrap()
        .execute("UPDATE files SET settled = 0", [])
        .unwrap();
    remembered(&room, &["takes", "--no-delivery"]).ends_with_code(1);
    assert!(exported() == before);
}
