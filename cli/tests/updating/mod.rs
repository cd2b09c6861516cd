//! A library of three takes, updates of it, and what is in it then.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::finding::found;
use crate::support::{Room, Run, speech};

/// No arguments.
pub const NONE: [&str; 0] = [];

pub fn filled() -> Room {
    let room = Room::new();
    for (index, name) in ["a", "b", "c"].into_iter().enumerate() {
        room.wav(
            format!("takes/{name}.wav"),
            &speech(2.0 * index as f64, 2.0),
        );
    }
    room.library("add", ["takes"])
        .ends_with_code(0)
        .says("3 new; 3 analysed");
    room
}

impl Run {
    /// The line of an update ends so.
    #[track_caller]
    pub fn says(self, counts: &str) -> Self {
        assert!(
            self.stdout.trim_end().ends_with(counts),
            "{}\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

pub fn update(room: &Room) -> Run {
    room.library("update", NONE)
}

/// Files by name, with all that `find` tells of them.
pub fn all(room: &Room) -> Vec<(String, Value)> {
    found(room, &["--all", "--sort", "path"])
        .into_iter()
        .map(|entry| {
            let path = Path::new(entry["path"].as_str().unwrap());
            let place = path
                .strip_prefix(room.folder().canonicalize().unwrap())
                .unwrap();
            (place.to_str().unwrap().to_owned(), entry)
        })
        .collect()
}

pub fn names(room: &Room) -> Vec<String> {
    all(room).into_iter().map(|(name, _)| name).collect()
}

pub fn database(room: &Room) -> Connection {
    Connection::open(room.path("lib.db")).unwrap()
}

/// Has the library believe that all files' times are long past.
pub fn settle(room: &Room) {
    database(room)
        .execute("UPDATE files SET settled = 1", [])
        .unwrap();
}
