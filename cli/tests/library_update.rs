//! `undersong library add` and `update`: what changed is read, what didn't isn't, and what cannot be read is told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod finding;
mod support;
mod updating;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{RATE_HZ, Room, Run, speech};
use updating::{all, database, filled, names, settle, update};

#[test]
fn nothing_new_is_nothing_to_do() {
    let room = filled();
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
    settle(&room);
    let before = all(&room);
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
    assert_eq!(all(&room), before);
}

#[test]
fn new_takes_in_a_folder_are_found_by_the_next_update() {
    let room = filled();
    room.wav("takes/more/d.wav", &speech(7.0, 2.0));
    update(&room)
        .ends_with_code(0)
        .says("1 new, 3 unchanged; 1 analysed");
    assert_eq!(
        names(&room),
        [
            "takes/a.wav",
            "takes/b.wav",
            "takes/c.wav",
            "takes/more/d.wav"
        ]
    );
}

#[test]
fn a_folder_that_is_gone_as_a_whole_takes_nothing_with_it() {
    let room = filled();
    fs::rename(room.path("takes"), room.path("elsewhere")).unwrap();
    update(&room)
        .ends_with_code(1)
        .complains(&["takes: this folder is not there", "kept as they are"]);
    assert!(
        all(&room)
            .iter()
            .all(|(_, entry)| entry["missing"] == false)
    );
    room.library("forget", ["--missing"]).ends_with_code(0);
    assert_eq!(
        names(&room).len(),
        3,
        "a disk that isn't there is not forgotten"
    );
    fs::rename(room.path("elsewhere"), room.path("takes")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
}

#[test]
fn an_update_of_a_part_leaves_the_rest_alone() {
    let room = filled();
    room.wav("takes/more/d.wav", &speech(9.0, 2.0));
    room.wav("takes/e.wav", &speech(1.0, 2.0));
    fs::remove_file(room.path("takes/a.wav")).unwrap();
    room.library("update", ["takes/more"])
        .ends_with_code(0)
        .says("1 new; 1 analysed");
    room.library("update", ["takes/a.wav"])
        .ends_with_code(0)
        .says("1 missing; 0 analysed");
    update(&room)
        .ends_with_code(0)
        .says("1 new, 3 unchanged; 1 analysed");
    room.library("update", ["model.onnx"])
        .ends_with_code(1)
        .complains(&["model.onnx: the library doesn't know this", "library add"]);
}

#[test]
fn single_files_are_looked_at_again_though_their_folder_is_not() {
    let room = Room::new();
    room.wav("takes/a.wav", &speech(0.0, 2.0));
    room.wav("takes/b.wav", &speech(2.0, 2.0));
    room.library("add", ["takes/a.wav"])
        .ends_with_code(0)
        .says("1 new; 1 analysed");
    room.wav("takes/a.wav", &speech(4.0, 2.0));
    update(&room)
        .ends_with_code(0)
        .says("1 replaced; 1 analysed");
    fs::remove_file(room.path("takes/a.wav")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 missing; 0 analysed");
}

#[test]
fn what_cannot_be_read_is_named_each_time_and_the_rest_is_brought_in() {
    let room = filled();
    fs::write(room.path("takes/d.wav"), b"no sound at all").unwrap();
    room.wav("takes/e.wav", &speech(5.0, 2.0));
    room.wav("takes/short.wav", &speech(5.0, 0.05));
    update(&room)
        .ends_with_code(1)
        .complains(&["d.wav", "short.wav: only 50 ms"])
        .says("1 new, 2 not read, 3 unchanged; 1 analysed");
    update(&room)
        .ends_with_code(1)
        .complains(&["d.wav", "short.wav"])
        .says("2 not read, 4 unchanged; 0 analysed");
    room.wav("takes/d.wav", &speech(6.0, 2.0));
    fs::remove_file(room.path("takes/short.wav")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 new, 1 missing, 4 unchanged; 1 analysed");
}

#[test]
fn a_file_changed_in_the_same_tick_of_the_clock_is_not_overlooked() {
    let room = filled();
    // As a file system with a coarse clock would have it: another sound of the same size, and every time as it was.
    room.wav("takes/a.wav", &speech(8.5, 2.0));
    let look_as_now = |settled: bool| {
        use std::os::unix::fs::MetadataExt;
        let metadata = fs::metadata(room.path("takes/a.wav")).unwrap();
        let stamp = |seconds: i64, nanoseconds: i64| seconds * 1_000_000_000 + nanoseconds;
        database(&room)
            .execute(
                "UPDATE files SET size = ?1, modified_ns = ?2, changed_ns = ?3, inode = ?4, settled = ?5 WHERE path LIKE '%/a.wav'",
                (
                    metadata.size() as i64,
                    stamp(metadata.mtime(), metadata.mtime_nsec()),
                    stamp(metadata.ctime(), metadata.ctime_nsec()),
                    metadata.ino() as i64,
                    settled,
                ),
            )
            .unwrap();
    };
    // Where its times are trusted it isn't read, which is what makes an update quick.
    look_as_now(true);
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
    // They are trusted only if they were long past when the file was read; these takes were just made.
    let settled: i64 = database(&room)
        .query_row(
            "SELECT count(*) FROM files WHERE settled = 1 AND path NOT LIKE '%/a.wav'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(settled, 0);
    look_as_now(false);
    update(&room)
        .ends_with_code(0)
        .says("1 replaced, 2 unchanged; 1 analysed");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_replaced_while_it_is_read_is_named_and_not_kept() {
    let room = filled();
    room.wav("takes/d.wav", &speech(6.0, 2.0));
    // All files are looked at before any is read, and this one takes a while; it has no sound and no blocks on the disk.
    let big = room.path("big.wav");
    fs::File::create(&big).unwrap().set_len(600 << 20).unwrap();
    let child = room
        .library_command("add")
        .args(["takes/d.wav", "big.wav"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let opened = || {
        let files = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
        files
            .flatten()
            .any(|file| fs::read_link(file.path()).is_ok_and(|it| it.ends_with("big.wav")))
    };
    while !opened() {
        std::thread::sleep(Duration::from_millis(2));
    }
    room.wav("new.wav", &speech(7.0, 2.0));
    fs::rename(room.path("new.wav"), room.path("takes/d.wav")).unwrap();
    Run::from(child.wait_with_output().unwrap())
        .ends_with_code(1)
        .complains(&[
            "big.wav",
            "d.wav: it was changed or replaced while it was read",
            "update again",
        ]);
    assert_eq!(names(&room), ["takes/a.wav", "takes/b.wav", "takes/c.wav"]);
    fs::remove_file(big).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 new, 1 missing, 3 unchanged; 1 analysed");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_and_waited_for_by_nobody() {
    let room = filled();
    assert!(
        Command::new("mkfifo")
            .arg(room.path("pipe.wav"))
            .status()
            .unwrap()
            .success()
    );
    room.library("add", ["pipe.wav"])
        .ends_with_code(1)
        .complains(&["pipe.wav", "no regular file"]);
}

#[test]
fn takes_are_analysed_anew_with_other_settings_and_both_are_kept() {
    let room = filled();
    room.library("update", ["--hop", "0.5"])
        .ends_with_code(0)
        .complains(&["analysed with test", "hop 0.25 s", "anew", "hop 0.5 s"])
        .says("3 unchanged; 3 analysed");
    let stats = room.library("stats", ["--json"]).json();
    let hops: Vec<f64> = stats["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| model["hop_seconds"].as_f64().unwrap())
        .collect();
    assert_eq!(hops, [0.5, 0.25], "the last used first");
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
    room.library("update", ["--priors", "happy=2"])
        .ends_with_code(0)
        .says("3 unchanged; 3 analysed");
    assert_eq!(names(&room).len(), 3, "a take is found once, as heard last");
}

#[test]
fn an_analysis_of_an_older_revision_is_made_again() {
    let room = filled();
    settle(&room);
    database(&room)
        .execute(
            "UPDATE analyses SET revision = 0 WHERE id = (SELECT min(id) FROM analyses)",
            [],
        )
        .unwrap();
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 1 analysed");
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_text_is_a_name() {
    use std::os::unix::ffi::OsStrExt;
    let room = filled();
    let name = std::ffi::OsStr::from_bytes(b"takes/caf\xe9.wav");
    let take = room.wav(name, &speech(6.0, 2.0));
    update(&room)
        .ends_with_code(0)
        .says("1 new, 3 unchanged; 1 analysed");
    room.library("mark", [name]).ends_with_code(2);
    room.library(
        "mark",
        [
            name,
            std::ffi::OsStr::new("--stars"),
            std::ffi::OsStr::new("2"),
        ],
    )
    .ends_with_code(0);
    room.library("find", ["--stars", "2", "--m3u", "list.m3u8"])
        .ends_with_code(0);
    let list = fs::read(room.path("list.m3u8")).unwrap();
    let path = list
        .split(|&byte| byte == b'\n')
        .find(|line| line.starts_with(b"/"))
        .unwrap();
    let path = PathBuf::from(std::ffi::OsStr::from_bytes(path));
    assert_eq!(path, take.canonicalize().unwrap());
    fs::remove_file(take).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 missing, 3 unchanged; 0 analysed");
}

#[test]
fn the_users_own_library_lies_among_their_data() {
    let room = Room::new();
    room.wav("takes/a.wav", &speech(0.0, 2.0));
    let run = |arguments: &[&str]| {
        let mut command = room.command();
        command
            .env("XDG_DATA_HOME", room.path("data"))
            .arg("library")
            .args(arguments);
        Run::of(&mut command)
    };
    run(&["find"]).ends_with_code(2).complains(&[
        "data/undersong/library.db",
        "there is none yet",
        "library add",
    ]);
    run(&[
        "add",
        "takes",
        "--model",
        "model.onnx",
        "--engine",
        "builtin",
    ])
    .ends_with_code(0);
    assert!(room.path("data/undersong/library.db").is_file());
    assert_eq!(
        run(&["find", "--json", "-"]).json()["found"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let silent = vec![0.0; RATE_HZ as usize];
    room.wav("takes/b.wav", &silent);
    run(&["update", "--model", "model.onnx", "--engine", "builtin"]).ends_with_code(0);
}

#[test]
fn an_emptied_folder_is_a_disk_that_is_not_there() {
    let room = filled();
    fs::create_dir(room.path("disk")).unwrap();
    for name in ["a", "b", "c"] {
        let file = format!("{name}.wav");
        fs::rename(
            room.path("takes").join(&file),
            room.path("disk").join(&file),
        )
        .unwrap();
    }
    update(&room)
        .ends_with_code(1)
        .complains(&["takes: this folder is empty", "kept as they are"]);
    assert!(all(&room).iter().all(|(_, take)| take["missing"] == false));
    fs::remove_dir(room.path("takes")).unwrap();
    fs::rename(room.path("disk"), room.path("takes")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
}

#[cfg(unix)]
#[test]
fn a_folder_is_known_by_a_link_to_it() {
    let room = filled();
    std::os::unix::fs::symlink(room.path("takes"), room.path("link")).unwrap();
    room.library("update", ["link"])
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
    room.library("forget", ["link"]).ends_with_code(0);
    assert!(names(&room).is_empty());
}
