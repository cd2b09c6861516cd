//! Takes that are moved, copied, renamed, tagged, packed, taken away and brought back: which of them is the same take as before.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod finding;
mod support;
mod updating;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Room, sample_take, speech};
use updating::{all, filled, names, update};

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
