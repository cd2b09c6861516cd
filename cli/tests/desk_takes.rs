//! What `undersong desk` does with takes: they come, wait until they are whole, go, come back; what is thought of them is kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod desking;
mod support;

use std::fs::{self, OpenOptions};
use std::io::Write;

use desking::{Desk, drop_in, id, refused, room};
use serde_json::{Value, json};
use support::{Room, speech};

#[test]
fn takes_are_scanned_and_what_is_thought_of_them_survives_a_restart() {
    let room = room();
    let desk = Desk::start(&room, &["takes"]);
    let one = desk.ready("one.wav");
    let two = desk.ready("two.wav");
    assert_eq!(two["folder"], "scene");
    assert_eq!(one["seconds"], 1.5);
    let scores = one["scores"].as_array().unwrap();
    assert_eq!(scores.len(), 4);
    assert!((scores.iter().map(|it| it.as_f64().unwrap()).sum::<f64>() - 1.0).abs() < 0.01);
    let thought = json!({ "mark": "chosen", "stars": 4, "note": "the laugh is real" });
    assert_eq!(
        desk.change("PATCH", &format!("/takes/{}", id(&two)), &thought)
            .status,
        204
    );
    let (code, said) = desk.end();
    assert_eq!((code, said.as_str()), (0, ""));

    // Moved and renamed meanwhile: marks are the sound's.
    fs::rename(
        room.path("takes/scene/two.wav"),
        room.path("takes/final.wav"),
    )
    .unwrap();
    let desk = Desk::start(&room, &["takes"]);
    let kept = desk.ready("final.wav");
    assert_eq!(kept["mark"], "chosen");
    assert_eq!(kept["stars"], 4);
    assert_eq!(kept["note"], "the laugh is real");
    assert_eq!(desk.ready("one.wav")["scores"], one["scores"]);
    // Over the library as a whole, too, and through its own command.
    drop(desk);
    let desk = Desk::start(&room, &[]);
    assert_eq!(desk.ready("final.wav")["note"], "the laugh is real");
    assert_eq!(desk.everything()["about"]["watching"], false);
}

#[test]
fn a_take_that_is_being_written_waits_until_it_is_whole() {
    let room = room();
    let whole = fs::read(room.wav("elsewhere/new.wav", &speech(0.5, 3.0))).unwrap();
    let desk = Desk::start(&room, &["takes"]);
    desk.ready("one.wav");
    // As a recorder writes: its header promises more than there is, or nothing yet.
    let path = room.path("takes/new.wav");
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .unwrap();
    file.write_all(&whole[..40_000]).unwrap();
    file.flush().unwrap();
    desk.wait_for("new.wav", |take| take["state"] == "growing");
    // Longer than a file must keep still: what is missing is missing.
    std::thread::sleep(std::time::Duration::from_millis(2_000));
    assert_eq!(desk.find("new.wav").unwrap()["state"], "growing");
    file.write_all(&whole[40_000..]).unwrap();
    drop(file);
    assert_eq!(desk.ready("new.wav")["seconds"], 3.0);
    // Recorded again over it: scanned again.
    fs::copy(room.wav("elsewhere/again.wav", &speech(3.0, 2.5)), &path).unwrap();
    desk.wait_for("new.wav", |take| {
        take["state"] == "ready" && take["seconds"] == 2.5
    });
}

#[test]
fn takes_that_come_go_and_come_back_are_told() {
    let room = room();
    let new = room.wav("elsewhere/new.wav", &speech(1.0, 2.0));
    // As the system tells, and as looking finds it.
    for (name, arguments) in [
        ("told", ["takes"].as_slice()),
        ("looked for", &["takes", "--poll", "0.1"]),
    ] {
        let desk = Desk::start(&room, arguments);
        desk.ready("one.wav");
        desk.wait_for_notice("New takes are looked for", name == "looked for");
        let path = room.path(format!("takes/{name}.wav"));
        let file = format!("{name}.wav");
        drop_in(&new, &path);
        let take = desk.ready(&file);
        assert_eq!(take["seconds"], 2.0);
        fs::remove_file(&path).unwrap();
        desk.wait_for(&file, |take| take["missing"] == true);
        assert_eq!(desk.get(&format!("/takes/{}/sound", id(&take))).status, 404);
        // A folder that is made later is watched, too.
        fs::create_dir_all(room.path(format!("takes/{name}/deep"))).unwrap();
        let inner = format!("{name} inside.wav");
        drop_in(&new, &room.path(format!("takes/{name}/deep/{inner}")));
        assert_eq!(desk.ready(&inner)["folder"], format!("{name}/deep"));
        fs::remove_dir_all(room.path(format!("takes/{name}"))).unwrap();
        desk.wait_for(&inner, |take| take["missing"] == true);
        drop_in(&new, &path);
        assert_eq!(
            id(&desk.ready(&file)),
            id(&take),
            "it is the same take, back"
        );
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_folder_that_vanishes_is_said_and_taken_up_again() {
    let room = room();
    let desk = Desk::start(&room, &["takes"]);
    desk.ready("one.wav");
    fs::rename(room.path("takes"), room.path("away")).unwrap();
    desk.wait_for_notice("the folder is gone", true);
    desk.wait_for("one.wav", |take| take["missing"] == true);
    fs::rename(room.path("away"), room.path("takes")).unwrap();
    desk.ready("one.wav");
    desk.wait_for_notice("the folder is gone", false);
    drop_in(
        &room.wav("elsewhere/new.wav", &speech(1.0, 2.0)),
        &room.path("takes/new.wav"),
    );
    desk.ready("new.wav");
}

#[test]
fn a_file_that_cannot_be_read_is_named_and_the_rest_goes_on() {
    let room = room();
    fs::write(room.path("takes/broken.wav"), "this is no sound").unwrap();
    fs::write(room.path("takes/empty.flac"), "").unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(600);
    for name in ["takes/broken.wav", "takes/empty.flac"] {
        OpenOptions::new()
            .append(true)
            .open(room.path(name))
            .unwrap()
            .set_modified(old)
            .unwrap();
    }
    let desk = Desk::start(&room, &["takes"]);
    desk.ready("one.wav");
    desk.ready("two.wav");
    let broken = desk.wait_for("broken.wav", |take| take["state"] == "failed");
    assert!(
        broken["error"].as_str().unwrap().contains("text"),
        "{broken}"
    );
    let empty = desk.wait_for("empty.flac", |take| take["state"] == "failed");
    assert!(
        empty["error"].as_str().unwrap().contains("empty"),
        "{empty}"
    );
    let answer = desk.change(
        "PATCH",
        &format!("/takes/{}", id(&broken)),
        &json!({ "stars": 3 }),
    );
    assert_eq!(answer.status, 409);
    // An empty folder is a desk that waits for takes.
    fs::create_dir(room.path("none")).unwrap();
    let desk = Desk::start(&room, &["none"]);
    assert_eq!(desk.everything()["takes"], json!([]));
    drop_in(&room.path("takes/one.wav"), &room.path("none/first.wav"));
    desk.ready("first.wav");
}

#[test]
fn a_library_that_cannot_be_written_shows_takes_and_says_so() {
    let room = room();
    drop(Desk::start(&room, &["takes", "--library", "kept.db"]).ready("two.wav"));
    let mut permissions = fs::metadata(room.path("kept.db")).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(room.path("kept.db"), permissions).unwrap();
    room.wav("takes/new.wav", &speech(0.2, 2.2));
    let desk = Desk::start(&room, &["takes", "--library", "kept.db"]);
    desk.wait_for_notice("it is read-only", true);
    assert_eq!(desk.everything()["about"]["writable"], false);
    desk.ready("two.wav");
    // What is new is scanned, shown and exported, and only not kept.
    let new = desk.ready("new.wav");
    assert!(new["scores"].is_array());
    let windows = desk.get(&format!("/takes/{}/windows", id(&new)));
    assert_eq!(windows.status, 200);
    let answer = desk.change(
        "PATCH",
        &format!("/takes/{}", id(&new)),
        &json!({ "mark": "chosen" }),
    );
    assert_eq!(answer.status, 409);
    assert!(answer.message().contains("library"), "{}", answer.message());
    assert_eq!(desk.find("new.wav").unwrap()["mark"], Value::Null);
}

#[test]
fn what_happens_is_told_to_the_page() {
    use std::io::{BufRead, BufReader};
    use std::net::TcpStream;

    let room = room();
    let desk = Desk::start(&room, &["takes"]);
    let one = id(&desk.ready("one.wav"));
    desk.ready("two.wav");
    let mut stream = TcpStream::connect(desk.address).unwrap();
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(60)))
        .unwrap();
    write!(
        stream,
        "GET /events HTTP/1.1\r\nHost: {}\r\n\r\n",
        desk.address
    )
    .unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.next().unwrap().contains("200"));
    assert!(lines.any(|line| line.is_empty()), "the head ends");
    let mut next = move |wanted: &dyn Fn(&Value) -> bool| {
        let events = lines.by_ref().filter_map(|line| {
            let data = line.strip_prefix("data: ")?.to_owned();
            Some(serde_json::from_str::<Value>(&data).unwrap())
        });
        events.into_iter().find(|event| wanted(event)).unwrap()
    };
    desk.change("PATCH", &format!("/takes/{one}"), &json!({ "stars": 2 }));
    let told = next(&|event| event["type"] == "take" && event["take"]["id"] == one);
    assert_eq!(told["take"]["stars"], 2);
    drop_in(
        &room.wav("elsewhere/new.wav", &speech(1.0, 2.0)),
        &room.path("takes/new.wav"),
    );
    let told = next(&|event| {
        event["type"] == "take"
            && event["take"]["state"] == "ready"
            && event["take"]["name"] == "new.wav"
    });
    assert_eq!(told["take"]["seconds"], 2.0);
    let (code, said) = desk.end();
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_library_without_takes_is_said() {
    let room = Room::new();
    refused(&room, &[]).ends_with_code(2).complains(&[
        "library",
        "there is none yet",
        "library add",
    ]);
}

/// What another program does to the library is on the page, and numbers that it gives anew mislead nobody.
#[test]
fn a_library_that_another_program_changes_is_followed() {
    let room = room();
    room.wav("elsewhere/three.wav", &speech(5.0, 2.0));
    room.library("add", ["takes"]).ends_with_code(0);
    let desk = Desk::start(&room, &["--library", "lib.db"]);
    let two = desk.ready("two.wav");
    assert!(two["mark"].is_null());
    room.library(
        "mark",
        [
            "takes/scene/two.wav",
            "--as",
            "chosen",
            "--note",
            "by shell",
        ],
    )
    .ends_with_code(0);
    let marked = desk.wait_for("two.wav", |take| take["note"] == "by shell");
    assert_eq!(marked["mark"], "chosen");

    // The take that was last added is forgotten, and another gets its number in the library.
    room.library("forget", ["takes/scene/two.wav", "--marked-too"])
        .ends_with_code(0);
    room.library("add", ["elsewhere/three.wav"])
        .ends_with_code(0);
    desk.ready("three.wav");
    desk.wait_for("two.wav", |take| take["state"] == "failed");
    let answer = desk.change(
        "PATCH",
        &format!("/takes/{}", id(&two)),
        &json!({ "mark": "rejected" }),
    );
    assert_eq!(answer.status, 409);
    assert!(desk.ready("three.wav")["mark"].is_null());
    let marked = room.library("find", ["--marked", "--json", "-"]).json();
    assert_eq!(marked["found"], json!([]));
}

#[test]
fn two_files_with_one_sound_both_have_its_windows() {
    let room = Room::new();
    for name in ["a", "b", "c"] {
        room.wav(format!("takes/{name}.wav"), &speech(1.0, 2.0));
    }
    let desk = Desk::start(&room, &["takes"]);
    for name in ["a.wav", "b.wav", "c.wav"] {
        let take = desk.ready(name);
        let windows = desk.get(&format!("/takes/{}/windows", id(&take)));
        assert_eq!(windows.status, 200, "{name}");
    }
}

#[test]
fn a_folder_put_in_the_place_of_the_watched_one_is_watched() {
    let room = room();
    let desk = Desk::start(&room, &["takes"]);
    desk.ready("one.wav");
    fs::rename(room.path("takes"), room.path("takes.old")).unwrap();
    fs::create_dir(room.path("takes")).unwrap();
    room.wav("next.wav", &speech(4.0, 2.0));
    std::thread::sleep(std::time::Duration::from_millis(600));
    fs::rename(room.path("next.wav"), room.path("takes/next.wav")).unwrap();
    // The seldom look through the whole folder would come after twenty seconds.
    let since = std::time::Instant::now();
    desk.ready("next.wav");
    assert!(since.elapsed().as_secs() < 15);
}
