//! `undersong library add` and `update`: what changed is read, what didn't isn't, and no take is lost track of.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::Value;
use support::{RATE_HZ, Room, Run, sample_take, speech};

/// No arguments.
const NONE: [&str; 0] = [];

fn filled() -> Room {
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
    fn says(self, counts: &str) -> Self {
        assert!(
            self.stdout.trim_end().ends_with(counts),
            "{}\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

fn update(room: &Room) -> Run {
    room.library("update", NONE)
}

/// Files by name, with all that `find` tells of them.
fn all(room: &Room) -> Vec<(String, Value)> {
    let answer = room
        .library("find", ["--all", "--sort", "path", "--json", "-"])
        .ends_with_code(0)
        .json();
    let entries = answer["found"].as_array().unwrap().iter();
    entries
        .map(|entry| {
            let path = Path::new(entry["path"].as_str().unwrap());
            let place = path
                .strip_prefix(room.folder().canonicalize().unwrap())
                .unwrap();
            (place.to_str().unwrap().to_owned(), entry.clone())
        })
        .collect()
}

fn names(room: &Room) -> Vec<String> {
    all(room).into_iter().map(|(name, _)| name).collect()
}

fn database(room: &Room) -> Connection {
    Connection::open(room.path("lib.db")).unwrap()
}

/// Has the library believe that all files' times are long past.
fn settle(room: &Room) {
    database(room)
        .execute("UPDATE files SET settled = 1", [])
        .unwrap();
}

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
fn a_moved_take_keeps_its_scores_and_marks_unheard() {
    let room = filled();
    room.library("mark", ["takes/a.wav", "--stars", "5", "--note", "this"])
        .ends_with_code(0);
    let before = all(&room)[0].1.clone();
    fs::create_dir(room.path("takes/best")).unwrap();
    fs::rename(room.path("takes/a.wav"), room.path("takes/best/one.wav")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 moved, 2 unchanged; 0 analysed");
    let after = all(&room);
    assert_eq!(
        names(&room),
        ["takes/b.wav", "takes/best/one.wav", "takes/c.wav"]
    );
    let moved = &after[1].1;
    for field in ["score", "valence", "arousal", "stars", "note", "seconds"] {
        assert_eq!(moved[field], before[field], "{field}");
    }
    assert_eq!(moved["missing"], false);
}

#[test]
fn a_copy_has_the_scores_and_marks_of_the_sound() {
    let room = filled();
    fs::copy(room.path("takes/a.wav"), room.path("takes/copy.wav")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 new, 3 unchanged; 0 analysed");
    room.library("mark", ["takes/copy.wav", "--as", "chosen"])
        .ends_with_code(0);
    let all = all(&room);
    assert_eq!(all[0].1["mark"], "chosen");
    assert_eq!(all[0].1["score"], all[3].1["score"]);
}

/// Puts a chunk with a title behind a WAV file's sound.
fn tag(path: &Path, title: &str) {
    let mut bytes = fs::read(path).unwrap();
    let text = title.as_bytes();
    bytes.extend(b"LIST");
    bytes.extend((12 + text.len() as u32).to_le_bytes());
    bytes.extend(b"INFOINAM");
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text);
    let length = (bytes.len() - 8) as u32;
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_take_whose_tags_are_edited_is_the_same_take() {
    let room = filled();
    room.library("mark", ["takes/b.wav", "--as", "chosen"])
        .ends_with_code(0);
    tag(&room.path("takes/b.wav"), "The Quiet Line");
    update(&room)
        .ends_with_code(0)
        .says("3 unchanged; 0 analysed");
    assert_eq!(all(&room)[1].1["mark"], "chosen");

    // Moved and edited at once.
    tag(&room.path("takes/b.wav"), "Another Line");
    fs::rename(room.path("takes/b.wav"), room.path("takes/z.wav")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 moved, 2 unchanged; 0 analysed");
    assert_eq!(names(&room), ["takes/a.wav", "takes/c.wav", "takes/z.wav"]);
    assert_eq!(all(&room)[2].1["mark"], "chosen");
}

#[test]
fn a_take_packed_into_another_lossless_format_is_the_same_take() {
    let room = Room::new();
    fs::create_dir(room.path("takes")).unwrap();
    fs::copy(sample_take(), room.path("takes/take.flac")).unwrap();
    room.library("add", ["takes"])
        .ends_with_code(0)
        .says("1 new; 1 analysed");
    let unpacked = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-i", "take.flac", "take.wav"])
        .current_dir(room.path("takes"))
        .status();
    if !unpacked.is_ok_and(|status| status.success()) {
        println!("skipped: no ffmpeg");
        return;
    }
    fs::remove_file(room.path("takes/take.flac")).unwrap();
    update(&room).ends_with_code(0).says("1 moved; 0 analysed");
    assert_eq!(names(&room), ["takes/take.wav"]);
}

#[test]
fn a_deleted_take_is_kept_as_missing_and_welcomed_back() {
    let room = filled();
    room.library("mark", ["takes/c.wav", "--note", "keep"])
        .ends_with_code(0);
    fs::rename(room.path("takes/c.wav"), room.path("aside.wav")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 missing, 2 unchanged; 0 analysed");
    update(&room)
        .ends_with_code(0)
        .says("2 unchanged; 0 analysed");
    let c = all(&room)[2].1.clone();
    assert_eq!((&c["missing"], &c["note"]), (&true.into(), &"keep".into()));
    let present = room.library("find", ["--json", "-"]).json();
    assert_eq!(present["found"].as_array().unwrap().len(), 2);

    fs::rename(room.path("aside.wav"), room.path("takes/c.wav")).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 back again, 2 unchanged; 0 analysed");
    let c = all(&room)[2].1.clone();
    assert_eq!((&c["missing"], &c["note"]), (&false.into(), &"keep".into()));
}

#[test]
fn another_sound_under_the_same_name_is_another_take() {
    let room = filled();
    room.library("mark", ["takes/a.wav", "--as", "chosen"])
        .ends_with_code(0);
    let old = fs::read(room.path("takes/a.wav")).unwrap();
    room.wav("takes/a.wav", &speech(8.0, 3.0));
    update(&room)
        .ends_with_code(0)
        .says("1 replaced, 2 unchanged; 1 analysed");
    let of_a = |missing: bool| {
        let all = all(&room);
        let found = all
            .iter()
            .find(|(name, entry)| name == "takes/a.wav" && entry["missing"] == missing);
        found.map(|(_, entry)| entry.clone()).unwrap()
    };
    assert!(of_a(false)["mark"].is_null());
    assert_eq!(
        of_a(true)["mark"],
        "chosen",
        "the old take is remembered as missing"
    );

    // And back again, with nothing to listen to.
    fs::write(room.path("takes/a.wav"), old).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 replaced, 2 unchanged; 0 analysed");
    assert_eq!(of_a(false)["mark"], "chosen");
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
fn takes_whose_names_are_changed_about_are_missed_nowhere() {
    let room = filled();
    for name in ["a", "b"] {
        room.library(
            "mark",
            [format!("takes/{name}.wav").as_str(), "--note", name],
        )
        .ends_with_code(0);
    }
    let notes = |room: &Room| -> Vec<(String, String, bool)> {
        let told = |(name, entry): (String, Value)| {
            let note = entry["note"].as_str().unwrap().to_owned();
            (name, note, entry["missing"] == true)
        };
        all(room).into_iter().map(told).collect()
    };
    let is = |name: &str, note: &str| (format!("takes/{name}.wav"), note.to_owned(), false);
    // Two change names.
    fs::rename(room.path("takes/a.wav"), room.path("takes/x.wav")).unwrap();
    fs::rename(room.path("takes/b.wav"), room.path("takes/a.wav")).unwrap();
    fs::rename(room.path("takes/x.wav"), room.path("takes/b.wav")).unwrap();
    update(&room).ends_with_code(0).says("0 analysed");
    assert_eq!(notes(&room), [is("a", "b"), is("b", "a"), is("c", "")]);
    // One is renamed, and another sound gets its name.
    fs::rename(room.path("takes/a.wav"), room.path("takes/z.wav")).unwrap();
    room.wav("takes/a.wav", &speech(9.0, 2.0));
    update(&room).ends_with_code(0).says("1 analysed");
    let expected = [is("a", ""), is("b", "a"), is("c", ""), is("z", "b")];
    assert_eq!(notes(&room), expected);
}

#[test]
fn a_take_that_could_not_be_read_for_a_while_is_itself_again() {
    let room = filled();
    room.library("mark", ["takes/b.wav", "--as", "chosen"])
        .ends_with_code(0);
    let whole = fs::read(room.path("takes/b.wav")).unwrap();
    fs::write(room.path("takes/b.wav"), &whole[..100]).unwrap();
    room.library("mark", ["takes/b.wav", "--stars", "2"])
        .ends_with_code(1)
        .complains(&["b.wav", "it was changed", "library update"]);
    update(&room).ends_with_code(1);
    room.library("mark", ["takes/b.wav", "--stars", "2"])
        .ends_with_code(1)
        .complains(&["b.wav", "there is no sound to mark"]);
    fs::write(room.path("takes/b.wav"), &whole).unwrap();
    update(&room)
        .ends_with_code(0)
        .says("1 back again, 2 unchanged; 0 analysed");
    assert_eq!(names(&room).len(), 3, "and no other of its name is missed");
    let b = all(&room)[1].1.clone();
    assert_eq!((&b["mark"], &b["stars"]), (&"chosen".into(), &0.into()));
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
