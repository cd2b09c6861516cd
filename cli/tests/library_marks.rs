//! `undersong library mark`, `stats` and `forget`: what is thought of takes, how many there are, and which are let go.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod finding;
mod support;

use std::fs;

use finding::{filled, found, names, number};

/// No arguments.
const NONE: [&str; 0] = [];

#[test]
fn marks_stars_and_notes_are_kept_and_found() {
    let room = filled();
    let anna = "takes/day 1/anna_01.wav";
    room.library(
        "mark",
        [
            anna,
            "--as",
            "chosen",
            "--stars",
            "4",
            "--note",
            "the laugh, \"dry\"",
        ],
    )
    .ends_with_code(0);
    room.library("mark", ["takes/day 2/ben_01.wav", "--as", "rejected"])
        .ends_with_code(0);
    let marked = found(&room, &["--marked", "--sort", "stars"]);
    assert_eq!(names(&marked), ["anna_01.wav", "ben_01.wav"]);
    assert_eq!(marked[0]["mark"], "chosen");
    assert_eq!(marked[0]["stars"], 4);
    assert_eq!(marked[0]["note"], "the laugh, \"dry\"");
    assert_eq!(
        names(&found(&room, &["--marked", "rejected"])),
        ["ben_01.wav"]
    );
    assert_eq!(names(&found(&room, &["--stars", "4"])), ["anna_01.wav"]);
    assert!(found(&room, &["--stars", "5"]).is_empty());
    assert_eq!(names(&found(&room, &["--text", "LAUGH"])), ["anna_01.wav"]);
    assert_eq!(found(&room, &["--marked", "not-rejected"]).len(), 3);
    let table = room.library("find", ["--marked", "chosen"]).stdout;
    assert!(table.contains("chosen ★★★★ the laugh"), "{table}");

    // What isn't said stays.
    room.library("mark", [anna, "--as", "none"])
        .ends_with_code(0);
    let now = &found(&room, &["--marked"])[0];
    assert!(now["mark"].is_null() || now["mark"] == "rejected");
    let anna_now = &found(&room, &["--path", "anna_01"])[0];
    assert!(anna_now["mark"].is_null());
    assert_eq!(
        (&anna_now["stars"], &anna_now["note"]),
        (&4.into(), &"the laugh, \"dry\"".into())
    );

    room.library("mark", ["takes/nobody.wav", "--stars", "1"])
        .ends_with_code(1)
        .complains(&["takes/nobody.wav", "doesn't know this file", "library add"]);
    room.library("mark", [anna, "--stars", "6"])
        .ends_with_code(2)
        .complains(&["6 stars", "0 to 5"]);
    room.library("mark", [anna])
        .ends_with_code(2)
        .complains(&["--as, --stars or --note"]);
}

#[test]
fn stats_count_what_is_there() {
    let room = filled();
    room.library("mark", ["takes/silent.wav", "--as", "rejected"])
        .ends_with_code(0);
    let stats = room.library("stats", ["--json"]).ends_with_code(0).json();
    assert_eq!(stats["takes"], 4);
    assert_eq!(stats["files"], 5);
    assert_eq!(stats["files_not_read"], 1);
    assert_eq!(stats["rejected"], 1);
    let model = &stats["models"][0];
    assert_eq!(
        (&model["name"], &model["takes"]),
        (&"test".into(), &4.into())
    );
    assert_eq!(model["without_voice"], 1);
    assert!((number(model, "hours") * 3600.0 - 19.0).abs() < 0.02);
    let led: i64 = model["emotions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|emotion| emotion["takes"].as_i64().unwrap())
        .sum();
    assert_eq!(led, 3);
    let text = room.library("stats", NONE).ends_with_code(0).stdout;
    for part in [
        "files there: 5 (1 of them not read), missing: 0",
        "chosen: 0, rejected: 1",
        "hop 0.25 s",
        "takes: 4, in all 0:19.0",
        "without voice: 1",
        "confidence",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

#[test]
fn what_is_forgotten_is_gone_but_marked_takes_are_not_forgotten_by_the_way() {
    let room = filled();
    room.library("mark", ["takes/day 1/anna_01.wav", "--stars", "1"])
        .ends_with_code(0);
    for name in ["takes/day 1/anna_01.wav", "takes/day 1/anna_02.wav"] {
        fs::remove_file(room.path(name)).unwrap();
    }
    room.library("update", NONE).ends_with_code(1);
    assert_eq!(
        names(&found(&room, &["--missing", "--sort", "path"])),
        ["anna_01.wav", "anna_02.wav"]
    );
    assert_eq!(found(&room, &[]).len(), 2);
    room.library("forget", ["--missing"])
        .ends_with_code(0)
        .complains(&["or a note: 1;", "--marked-too"]);
    assert_eq!(names(&found(&room, &["--missing"])), ["anna_01.wav"]);
    let run = room
        .library("forget", ["--missing", "--marked-too"])
        .ends_with_code(0);
    assert!(
        run.stdout
            .contains("files forgotten: 1, takes with them: 1"),
        "{}",
        run.stdout
    );
    assert!(found(&room, &["--missing"]).is_empty());

    room.library("forget", ["takes/day 2"])
        .ends_with_code(0)
        .complains(&["takes is still looked through"]);
    assert_eq!(names(&found(&room, &[])), ["silent.wav"]);
    room.library("forget", ["no such"])
        .ends_with_code(1)
        .complains(&["no such", "doesn't know"]);
    room.library("forget", ["--model", "nobody"])
        .ends_with_code(2)
        .complains(&["nobody", "test ("]);
    room.library("forget", ["--model", "test"])
        .ends_with_code(0);
    room.library("find", NONE)
        .ends_with_code(2)
        .complains(&["none of its takes is analysed any more", "library update"]);
    assert!(
        room.path("takes/day 2/ben_01.wav").is_file(),
        "no sound file is touched"
    );
}
