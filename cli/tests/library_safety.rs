//! A library that is disturbed: two programs at once, programs that are killed, a full disk, files that are no library or may not be written.
//! Nothing that was stored is lost, and whoever is at the terminal is told what to do.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::{Room, Run, speech};

/// No arguments.
const NONE: [&str; 0] = [];

/// Takes in a room; short, so that much of the work is the library's.
fn takes(count: usize) -> Room {
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
fn answer(room: &Room) -> Vec<Value> {
    let answer = room
        .library("find", ["--all", "--sort", "path", "--json", "-"])
        .ends_with_code(0)
        .json();
    let mut found = answer["found"].as_array().unwrap().clone();
    for entry in &mut found {
        // The room's own folder differs from room to room.
        let path = entry["path"].as_str().unwrap();
        entry["path"] = path[path.rfind("takes/").unwrap()..].into();
    }
    found
}

/// The file is whole; gives the number of analyses.
#[track_caller]
fn sound_database(room: &Room) -> i64 {
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

#[test]
fn programs_at_work_on_the_same_takes_disturb_nothing() {
    let room = takes(100);
    let undisturbed = takes(100);
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
    assert_eq!(answer(&room), answer(&undisturbed));

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
    let room = takes(60);
    room.library("add", ["takes/000.wav"]).ends_with_code(0);
    let mut writer = room
        .library_command("add")
        .arg("takes")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut questions = 0;
    while writer.try_wait().unwrap().is_none() || questions == 0 {
        assert!(!answer(&room).is_empty());
        room.library(
            "mark",
            ["takes/000.wav", "--note", &format!("question {questions}")],
        )
        .ends_with_code(0);
        questions += 1;
    }
    assert!(writer.wait().unwrap().success());
    assert_eq!(
        answer(&room)[0]["note"],
        format!("question {}", questions - 1)
    );
    assert_eq!(sound_database(&room), 60);
}

#[test]
fn a_program_killed_at_any_moment_loses_nothing_that_was_stored() {
    let room = takes(120);
    let undisturbed = takes(120);
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
    assert_eq!(answer(&room), answer(&undisturbed));
}

/// The command with files limited to so many KiB, as a full disk limits them.
fn limited(room: &Room, kibibytes: u64, arguments: &[&str]) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"");
    let mut command = Command::new("bash");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_undersong")])
        .args(arguments)
        .current_dir(room.folder());
    Run::of(&mut command)
}

#[test]
fn where_the_file_may_not_grow_what_is_stored_stays() {
    let room = takes(150);
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
    let room = takes(100);
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
    let room = takes(150);
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

#[test]
fn what_is_no_library_is_refused_and_left_as_it_is() {
    let room = takes(1);
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
    let room = takes(60);
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
    let room = takes(2);
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
    let room = takes(3);
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
    let old = &answer(&room)[1];
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
    let room = takes(3);
    room.library("add", ["takes"]).ends_with_code(0);
    let before = answer(&room);
    fs::set_permissions(room.path("lib.db"), fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(answer(&room), before);
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
    let room = takes(3);
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
