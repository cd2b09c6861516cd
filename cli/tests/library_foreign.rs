//! Files that are no library, a newer or an older one, damaged, or may not be written: each is told of and left as it is.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod finding;
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use finding::{everything, limited, short_takes, sound_database};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use support::{Room, Run};

/// No arguments.
const NONE: [&str; 0] = [];

#[test]
fn what_is_no_library_is_refused_and_left_as_it_is() {
    let room = short_takes(1);
    fs::write(room.path("text.db"), "Dear diary, ".repeat(200)).unwrap();
    let other = Connection::open(room.path("other.db")).unwrap();
    other
        .execute_batch("CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES ('Yesterday');")
        .unwrap();
    drop(other);
    fs::create_dir(room.path("folder.db")).unwrap();
    let cases = [
        ("text.db", "no SQLite database"),
        ("other.db", "another program's database"),
        ("folder.db", "this is a folder"),
    ];
    for (name, reason) in cases {
        let bytes = fs::read(room.path(name)).ok();
        let commands: [&[&str]; 5] = [
            &["library", "add", "takes", "--engine", "builtin"],
            &["library", "update", "--engine", "builtin"],
            &["library", "find"],
            &["library", "forget", "--missing"],
            &[
                "scan",
                "takes",
                "--model",
                "model.onnx",
                "--engine",
                "builtin",
            ],
        ];
        for command in commands {
            room.run(command.iter().copied().chain(["--library", name]))
                .ends_with_code(2)
                .complains(&[name, reason]);
        }
        assert_eq!(fs::read(room.path(name)).ok(), bytes, "{name} is as it was");
        assert!(!room.path(format!("{name}-wal")).exists(), "{name}");
    }
    let absent: [(&[&str], &str); 3] = [
        (
            &["library", "find", "--library", "none.db"],
            "there is none yet",
        ),
        (
            &[
                "library",
                "update",
                "--engine",
                "builtin",
                "--library",
                "none.db",
            ],
            "library add",
        ),
        (
            &[
                "library",
                "add",
                "takes",
                "--engine",
                "builtin",
                "--library",
                "no/lib.db",
            ],
            "its folder does not exist",
        ),
    ];
    for (command, reason) in absent {
        room.run(command).ends_with_code(2).complains(&[reason]);
    }
    assert!(!room.path("none.db").exists());
}

#[test]
fn a_damaged_library_is_told_of() {
    let room = short_takes(60);
    room.library("add", ["takes"]).ends_with_code(0);
    let mut bytes = fs::read(room.path("lib.db")).unwrap();
    for byte in bytes.iter_mut().skip(4_096).step_by(3) {
        *byte ^= 0x5a;
    }
    fs::write(room.path("lib.db"), bytes).unwrap();
    room.library("find", NONE)
        .ends_with_code(1)
        .complains(&["lib.db", "damaged", "copy"]);
}

#[test]
fn a_newer_library_is_refused_and_left_as_it_is() {
    let room = short_takes(2);
    room.library("add", ["takes"]).ends_with_code(0);
    Connection::open(room.path("lib.db"))
        .unwrap()
        .execute_batch("PRAGMA user_version = 999")
        .unwrap();
    let bytes = fs::read(room.path("lib.db")).unwrap();
    for command in ["find", "stats", "update", "add"] {
        let arguments: &[&str] = if command == "add" { &["takes"] } else { &[] };
        room.library(command, arguments)
            .ends_with_code(2)
            .complains(&[
                "a newer Undersong wrote it",
                "schema 999",
                "update Undersong",
            ]);
    }
    assert_eq!(fs::read(room.path("lib.db")).unwrap(), bytes);
}

/// A library as version 1 of the schema had it, with one marked take.
fn of_version_1() -> Room {
    let room = short_takes(3);
    let database = Connection::open(room.path("lib.db")).unwrap();
    database
        .execute_batch(include_str!("../src/library/schema/1.sql"))
        .unwrap();
    database
        .execute_batch("PRAGMA application_id = 1433298035; PRAGMA user_version = 1;")
        .unwrap();
    let content: [u8; 32] = Sha256::digest(fs::read(room.path("takes/001.wav")).unwrap()).into();
    let path = room.path("takes/001.wav").canonicalize().unwrap();
    database
        .execute(
            "INSERT INTO sounds (id, hash, mark, stars, note) VALUES (7, ?1, 'chosen', 4, 'old')",
            [[9_u8; 32]],
        )
        .unwrap();
    database
        .execute(
            "INSERT INTO files (path, sound, content, size, modified_ns, changed_ns, inode, settled) VALUES (?1, 7, ?2, 1, 1, 1, 1, 1)",
            (path.to_str().unwrap(), content),
        )
        .unwrap();
    room
}

fn version(room: &Room) -> i64 {
    let database = Connection::open(room.path("lib.db")).unwrap();
    database
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn an_older_library_is_brought_up_to_date_with_all_that_is_in_it() {
    let room = of_version_1();
    let run = room.library("add", ["takes"]).ends_with_code(0);
    assert!(
        run.stdout.contains("2 new, 1 unchanged; 3 analysed"),
        "{}",
        run.stdout
    );
    assert_eq!(version(&room), 3);
    let old = &everything(&room)[1];
    assert_eq!(
        (&old["mark"], &old["stars"], &old["note"]),
        (&"chosen".into(), &4.into(), &"old".into())
    );
    assert!(old["loudness_lufs"].is_f64(), "{old}");
    assert_eq!(sound_database(&room), 3);
}

#[test]
fn a_step_that_fails_leaves_an_older_library_as_it_was() {
    let room = of_version_1();
    let database = Connection::open(room.path("lib.db")).unwrap();
    // What the last version adds is there already, so that the steps before it succeed and it breaks.
    database
        .execute_batch("CREATE INDEX analyses_numbers ON analyses (seconds)")
        .unwrap();
    drop(database);
    room.library("add", ["takes"])
        .ends_with_code(1)
        .complains(&["lib.db", "analyses_numbers"]);
    assert_eq!(version(&room), 1);
    let database = Connection::open(room.path("lib.db")).unwrap();
    let added: i64 = database
        .query_row(
            "SELECT count(*) FROM pragma_table_info('analyses') WHERE name = 'delivered'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(added, 0);
    let note: String = database
        .query_row("SELECT note FROM sounds", [], |row| row.get(0))
        .unwrap();
    assert_eq!(note, "old");
    drop(database);

    // Nor does a full disk, and it can be tried again.
    let room = of_version_1();
    let size = fs::metadata(room.path("lib.db")).unwrap().len() / 1024;
    let find = ["library", "find", "--library", "lib.db"];
    limited(&room, 1.max(size / 16), &find)
        .ends_with_code(1)
        .complains(&["the disk is full"]);
    assert_eq!(version(&room), 1);
    room.library("add", ["takes"]).ends_with_code(0);
    assert_eq!(version(&room), 3);

    let room = of_version_1();
    fs::set_permissions(room.path("lib.db"), fs::Permissions::from_mode(0o444)).unwrap();
    room.library("find", NONE).ends_with_code(1).complains(&[
        "an older Undersong wrote it",
        "schema 1 of 3",
        "read-only",
    ]);
}

#[test]
fn a_read_only_library_answers_and_says_why_it_cannot_learn() {
    let room = short_takes(3);
    room.library("add", ["takes"]).ends_with_code(0);
    let before = everything(&room);
    fs::set_permissions(room.path("lib.db"), fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(everything(&room), before);
    let stats = room.library("stats", NONE).ends_with_code(0);
    assert!(stats.stdout.contains("read-only"), "{}", stats.stdout);
    room.library("export", ["takes.csv"]).ends_with_code(0);
    for (command, arguments) in [
        ("update", &NONE[..]),
        ("add", &["takes"]),
        ("mark", &["takes/000.wav", "--stars", "1"]),
        ("forget", &["--missing"]),
    ] {
        room.library(command, arguments)
            .ends_with_code(1)
            .complains(&["lib.db", "read-only", "find, stats and export work"]);
    }
}

#[test]
fn a_library_on_a_disk_that_nobody_may_write_answers() {
    use std::os::unix::process::CommandExt;
    let room = short_takes(3);
    fs::create_dir(room.path("shelf")).unwrap();
    room.run([
        "library",
        "add",
        "takes",
        "--library",
        "shelf/lib.db",
        "--model",
        "model.onnx",
        "--engine",
        "builtin",
    ])
    .ends_with_code(0);
    let only_read = |path: &str, mode| {
        fs::set_permissions(room.path(path), fs::Permissions::from_mode(mode)).unwrap()
    };
    only_read("shelf/lib.db", 0o444);
    only_read("shelf", 0o555);
    only_read("", 0o755);
    let mut command = room.command();
    command.args([
        "library",
        "find",
        "--library",
        "shelf/lib.db",
        "--json",
        "-",
    ]);
    // Root may write everywhere: somebody else has to ask.
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if root {
        command.uid(65_534).gid(65_534);
    }
    let output = command.output();
    only_read("shelf", 0o755);
    match output {
        Err(error) if root => {
            println!("skipped: this program can't be run by another user ({error})")
        }
        output => {
            let answer = Run::from(output.unwrap()).ends_with_code(0).json();
            assert_eq!(answer["found"].as_array().unwrap().len(), 3);
        }
    }
}
