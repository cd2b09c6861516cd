//! A library that is disturbed: two programs at once, programs that are killed, a full disk.
//! Nothing that was stored is lost, and whoever is at the terminal is told what to do.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod finding;
mod support;

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use finding::{everything, limited, short_takes, sound_database};
use serde_json::Value;
use support::{Run, speech};

#[test]
fn programs_at_work_on_the_same_takes_disturb_nothing() {
    let room = short_takes(100);
    let undisturbed = short_takes(100);
    undisturbed.library("add", ["takes"]).ends_with_code(0);
    // Together they also make the file.
    let spawn = |command: &str| {
        let mut command = room.library_command(command);
        command
            .arg("takes")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let children: Vec<_> = (0..3).map(|_| spawn("add")).collect();
    for child in children {
        Run::from(child.wait_with_output().unwrap()).ends_with_code(0);
    }
    assert_eq!(sound_database(&room), 100);
    assert_eq!(everything(&room), everything(&undisturbed));

    // An update and a question at once.
    for index in 100..110 {
        room.wav(
            format!("takes/{index}.wav"),
            &speech(0.1 * f64::from(index - 100), 1.0),
        );
    }
    let children = [
        spawn("update"),
        spawn("update"),
        spawn("find"),
        spawn("update"),
    ];
    for (index, child) in children.into_iter().enumerate() {
        let code = if index == 2 { 2 } else { 0 };
        Run::from(child.wait_with_output().unwrap()).ends_with_code(code);
    }
    assert_eq!(sound_database(&room), 110);
}

#[test]
fn a_reader_and_writers_work_at_the_same_time() {
    let room = short_takes(60);
    room.library("add", ["takes/000.wav"]).ends_with_code(0);
    let mut writer = room
        .library_command("add")
        .arg("takes")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut questions = 0;
    while writer.try_wait().unwrap().is_none() || questions == 0 {
        assert!(!everything(&room).is_empty());
        room.library(
            "mark",
            ["takes/000.wav", "--note", &format!("question {questions}")],
        )
        .ends_with_code(0);
        questions += 1;
    }
    assert!(writer.wait().unwrap().success());
    assert_eq!(
        everything(&room)[0]["note"],
        format!("question {}", questions - 1)
    );
    assert_eq!(sound_database(&room), 60);
}

#[test]
fn a_program_killed_at_any_moment_loses_nothing_that_was_stored() {
    let room = short_takes(120);
    let undisturbed = short_takes(120);
    undisturbed.library("add", ["takes"]).ends_with_code(0);
    let (mut before, mut killed) = (0, 0);
    for round in 0..14_u64 {
        let mut child = room
            .library_command("add")
            .arg("takes")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From before the file is there to after several groups.
        std::thread::sleep(Duration::from_millis(round * round * 3 + round % 3));
        child.kill().unwrap();
        killed += usize::from(!child.wait().unwrap().success());
        if !room.path("lib.db").exists() {
            continue;
        }
        let now = sound_database(&room);
        assert!(now >= before, "{before} takes were stored, {now} are left");
        before = now;
    }
    assert!(killed >= 4, "the test was too slow to kill anything");
    room.library("add", ["takes"]).ends_with_code(0);
    assert_eq!(sound_database(&room), 120);
    assert_eq!(everything(&room), everything(&undisturbed));
}

#[test]
fn where_the_file_may_not_grow_what_is_stored_stays() {
    let room = short_takes(150);
    for index in 0..10_u8 {
        let mut sound = speech(f64::from(index) * 0.9, 1.3);
        sound[0] = 0.5 + f32::from(index) / 100.0;
        room.wav(format!("first/{index}.wav"), &sound);
    }
    room.library("add", ["first"]).ends_with_code(0);
    room.library("mark", ["first/3.wav", "--as", "chosen"])
        .ends_with_code(0);
    let before = sound_database(&room);
    let size = fs::metadata(room.path("lib.db")).unwrap().len() / 1024;
    let add = [
        "library",
        "add",
        "takes",
        "--library",
        "lib.db",
        "--model",
        "model.onnx",
        "--engine",
        "builtin",
    ];
    limited(&room, size + 40, &add)
        .ends_with_code(1)
        .complains(&[
            "lib.db",
            "the disk is full",
            "what was stored before is kept",
            "run the same command again",
        ]);
    assert!(sound_database(&room) >= before);
    let marked = room
        .library("find", ["--marked", "--json", "-"])
        .ends_with_code(0)
        .json();
    assert_eq!(marked["found"].as_array().unwrap().len(), 1);
    room.library("add", ["takes"]).ends_with_code(0);
    assert_eq!(sound_database(&room), before + 150);
}

#[test]
fn a_scan_goes_on_where_the_library_cannot_grow() {
    let room = short_takes(100);
    room.library("add", ["takes/000.wav"]).ends_with_code(0);
    let size = fs::metadata(room.path("lib.db")).unwrap().len() / 1024;
    let scan = [
        "scan",
        "takes",
        "--library",
        "lib.db",
        "--json",
        "-",
        "--model",
        "model.onnx",
        "--engine",
        "builtin",
    ];
    let run = limited(&room, size + 8, &scan)
        .ends_with_code(1)
        .complains(&["the disk is full", "the scan itself is whole"]);
    let whole = room.scan(["takes", "--json", "-"]).ends_with_code(0);
    assert!(run.stdout == whole.stdout);
}

#[test]
fn a_full_disk_is_told_and_room_made_there_is_used() {
    let room = short_takes(150);
    let disk = room.path("disk");
    fs::create_dir(&disk).unwrap();
    // A small disk of its own, for this one shell; where that isn't allowed, the limit above has to do.
    let script = r#"
        mount -t tmpfs -o size=400k tmpfs disk 2>/dev/null || exit 77
        run() { "$U" library "$1" --library disk/lib.db "${@:2}"; }
        heard="--model model.onnx --engine builtin"
        run add takes/000.wav $heard >/dev/null || exit 10
        run add takes $heard 2>disk.err; [ $? -eq 1 ] || exit 11
        run find --all --json before.json || exit 12
        mount -o remount,size=40m disk || exit 13
        run add takes $heard || exit 14
        run find --all --json after.json || exit 15
    "#;
    let output: Output = Command::new("unshare")
        .args(["-m", "bash", "-c", script])
        .env("U", env!("CARGO_BIN_EXE_undersong"))
        .current_dir(room.folder())
        .output()
        .unwrap_or_else(|_| Command::new("false").output().unwrap());
    let code = output.status.code().unwrap_or(-1);
    if code == 77 || code == 1 {
        println!("skipped: this machine lets no test make a disk");
        return;
    }
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&output.stderr));
    let error = room.read("disk.err");
    assert!(
        error.contains("the disk is full") && error.contains("kept"),
        "{error}"
    );
    let count = |name: &str| {
        let answer: Value = serde_json::from_str(&room.read(name)).unwrap();
        answer["found"].as_array().unwrap().len()
    };
    assert!(
        (1..150).contains(&count("before.json")),
        "{}",
        count("before.json")
    );
    assert_eq!(count("after.json"), 150);
}
