//! A library with takes in it, and what is found there.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::fs;
use std::process::Command;
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;

use crate::support::{RATE_HZ, Room, Run, speech};

/// A library of four takes of different lengths, one of them silent, one broken.
pub fn filled() -> Room {
    let room = Room::new();
    room.wav("takes/day 1/anna_01.wav", &speech(0.0, 6.0));
    room.wav("takes/day 1/anna_02.wav", &speech(8.8, 2.0));
    room.wav("takes/day 2/ben_01.wav", &speech(4.0, 8.0));
    room.wav("takes/silent.wav", &vec![0.0; 3 * RATE_HZ as usize]);
    fs::write(room.path("takes/broken.wav"), b"no sound").unwrap();
    room.library("add", ["takes"])
        .ends_with_code(1)
        .complains(&["broken.wav"]);
    room
}

pub fn found(room: &Room, arguments: &[&str]) -> Vec<Value> {
    let all = arguments.iter().chain(&["--json", "-"]);
    let answer = room.library("find", all).ends_with_code(0).json();
    answer["found"].as_array().unwrap().clone()
}

pub fn names(found: &[Value]) -> Vec<&str> {
    found
        .iter()
        .map(|entry| {
            let path = entry["path"].as_str().unwrap();
            path.rsplit('/').next().unwrap()
        })
        .collect()
}

pub fn names_of(found: &[Value]) -> Vec<String> {
    names(found).into_iter().map(str::to_owned).collect()
}

pub fn number(entry: &Value, field: &str) -> f64 {
    entry[field]
        .as_f64()
        .unwrap_or_else(|| panic!("no {field} in {entry}"))
}

/// Takes in a room; short, so that much of the work is the library's.
pub fn short_takes(count: usize) -> Room {
    let room = Room::new();
    let voice = speech(0.0, 12.0);
    for index in 0..count {
        let start = index * 1_000;
        let mut sound = voice[start..start + 11_025].to_vec();
        // No two are alike, also where nobody speaks.
        sound[0] = (index + 1) as f32 / 1_000.0;
        room.wav(format!("takes/{index:03}.wav"), &sound);
    }
    room
}

/// All that the library tells of takes.
pub fn everything(room: &Room) -> Vec<Value> {
    let mut found = found(room, &["--all", "--sort", "path"]);
    for entry in &mut found {
        // The room's own folder differs from room to room.
        let path = entry["path"].as_str().unwrap();
        entry["path"] = path[path.rfind("takes/").unwrap()..].into();
    }
    found
}

/// The file is whole; gives the number of analyses.
#[track_caller]
pub fn sound_database(room: &Room) -> i64 {
    let database = Connection::open(room.path("lib.db")).unwrap();
    database.busy_timeout(Duration::from_secs(30)).unwrap();
    let check: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
    let broken = database
        .prepare("PRAGMA foreign_key_check")
        .unwrap()
        .exists([])
        .unwrap();
    assert!(!broken, "a row refers to one that isn't there");
    let exists: bool = database
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE name = 'analyses'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    if !exists {
        return 0;
    }
    let torn: i64 = database
        .query_row(
            "SELECT count(*) FROM analyses a WHERE NOT EXISTS (SELECT 1 FROM timelines t WHERE t.analysis = a.id)
             OR NOT EXISTS (SELECT 1 FROM files f WHERE f.sound = a.sound)",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(torn, 0, "what belongs together is stored together");
    database
        .query_row("SELECT count(*) FROM analyses", [], |row| row.get(0))
        .unwrap()
}

/// The command with files limited to so many KiB, as a full disk limits them.
pub fn limited(room: &Room, kibibytes: u64, arguments: &[&str]) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"");
    let mut command = Command::new("bash");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_undersong")])
        .args(arguments)
        .current_dir(room.folder());
    Run::of(&mut command)
}
