//! Which takes are of one line: by their names, by folders, by a cue sheet.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;
mod taking;

use support::{Room, speech};
use taking::{cues, failures, files, json, line, names, session, takes};

/// A room with these files, each a second of speech.
fn room(files: &[&str]) -> Room {
    let room = Room::new();
    let sound = speech(0.2, 1.0);
    for file in files {
        room.wav(file, &sound);
    }
    room
}

#[test]
fn names_are_read_as_line_and_take_and_counted_as_people_count() {
    let run = json(&session(), 0, ["takes"]);
    assert_eq!(names(&run), ["door", "rain"]);
    assert_eq!(
        files(line(&run, "door")),
        ["door_1.wav", "door_2.wav", "door_3.wav", "door_10.wav"]
    );
    assert_eq!(run["version"], 1);
    assert!(line(&run, "door")["wanted"].is_null());
}

#[test]
fn a_pattern_reads_other_names_and_its_fields_tell_lines_apart() {
    let room = room(&[
        "a/anna_door_t1.wav",
        "a/anna_door_t2.wav",
        "a/ben_door_t1.wav",
        "a/odd.wav",
    ]);
    let pattern = ["a", "--pattern", "{character}_{line}_t{take}"];
    let run = json(&room, 1, pattern);
    assert_eq!(names(&run), ["anna / door", "ben / door"]);
    assert_eq!(files(line(&run, "anna / door")).len(), 2);
    assert_eq!(run["failed"][0]["path"], "a/odd.wav");
    assert!(failures(&run).contains("does not fit the pattern {character}_{line}_t{take}"));

    // Of no account, the character is not looked at.
    let run = json(&room, 1, ["a", "--pattern", "{_}_{line}_t{take}"]);
    assert_eq!(names(&run), ["door"]);
    assert_eq!(files(line(&run, "door")).len(), 3);
}

#[test]
fn a_folder_is_a_line_where_that_is_asked_for() {
    let room = room(&["s/1/door/x.wav", "s/1/door/y.wav", "s/2/door/x.wav"]);
    let run = json(&room, 0, ["s", "--by", "folder"]);
    assert_eq!(names(&run), ["1/door", "2/door"]);
    assert_eq!(files(line(&run, "1/door")), ["x.wav", "y.wav"]);
    // All in one folder: its name.
    let run = json(&room, 0, ["s/1/door", "--by", "folder"]);
    assert_eq!(names(&run), ["door"]);
}

#[test]
fn a_folder_in_the_pattern_is_a_folder() {
    let room = room(&["s/anna/door_1.wav", "s/ben/door_1.wav"]);
    let run = json(&room, 0, ["s", "--pattern", "{character}/{line}_{take}"]);
    assert_eq!(names(&run), ["anna / door", "ben / door"]);
}

#[test]
fn a_cue_sheet_knows_its_lines_in_names_of_any_form() {
    // The sheet lost its zeros, as spreadsheets have it; 1 is not the beginning of 12.
    let room = room(&[
        "t/001 angry best.wav",
        "t/001-2.wav",
        "t/012.wav",
        "t/l3a (4).wav",
    ]);
    cues(&room, "line,emotion\n12,sad\n1,angry\nL3A,happy\n");
    let run = json(&room, 0, ["t", "--cues", "cues.csv"]);
    assert_eq!(names(&run), ["12", "1", "L3A"], "in the sheet's order");
    assert_eq!(files(line(&run, "1")), ["001 angry best.wav", "001-2.wav"]);
    assert_eq!(line(&run, "12")["wanted"]["emotion"], "sad");
}

#[test]
fn a_cue_holds_for_the_character_it_names_or_for_all() {
    let room = room(&["t/anna_door_1.wav", "t/ben_door_1.wav", "t/ben_rain_1.wav"]);
    let arguments = [
        "t",
        "--cues",
        "cues.csv",
        "--pattern",
        "{character}_{line}_{take}",
    ];
    cues(
        &room,
        "character,line,emotion\nAnna,door,angry\nBen,door,sad\nBen,rain,happy\n",
    );
    let run = json(&room, 0, arguments);
    assert_eq!(line(&run, "anna / door")["wanted"]["emotion"], "angry");
    assert_eq!(line(&run, "ben / door")["wanted"]["emotion"], "sad");

    cues(&room, "line,emotion\ndoor,angry\nrain,happy\n");
    let run = json(&room, 0, arguments);
    assert_eq!(names(&run), ["anna / door", "ben / door", "ben / rain"]);
    assert_eq!(line(&run, "ben / door")["wanted"]["emotion"], "angry");
}

#[test]
fn a_wrong_pattern_or_way_is_refused_before_anything_is_scanned() {
    let room = session();
    for (arguments, part) in [
        (&["takes", "--pattern", "{take}"][..], "no {line}"),
        (&["takes", "--pattern", "{line}_{line}"], "twice"),
        (&["takes", "--by", "cues"], "--cues"),
        (&["takes", "--cues", "missing.csv"], "missing.csv"),
        (
            &["takes", "--wanted", "furious"],
            "neutral, happy, sad, angry",
        ),
        (
            &["takes", "--wanted", "angry", "--intensity", "loud"],
            "low, medium or high",
        ),
        (&["takes", "--html", "-"], "give its name"),
        (&["takes", "--json", "-", "--csv", "-"], "one report only"),
        (&["takes", "--json", "takes/door_1.wav"], "one of the takes"),
        (&["nothing-here"], "no such file"),
    ] {
        let run = takes(&room, arguments).ends_with_code(2).complains(&[part]);
        assert_eq!(run.stdout, "");
    }
    cues(&room, "line\ndoor\n");
    takes(&room, ["takes", "--cues", "cues.csv", "--json", "cues.csv"]).ends_with_code(2);
    assert_eq!(
        room.read("cues.csv"),
        "line\ndoor\n",
        "the sheet is as it was"
    );
}

#[test]
fn a_field_by_another_name_than_meant_is_said_to_make_every_take_a_line() {
    let session = session();
    let wrong = ["takes", "--pattern", "{line}_{tak}"];
    taking::takes(&session, wrong)
        .ends_with_code(0)
        .complains(&["{line}_{tak}", "there is no {take} in it"]);
    let right = taking::takes(&session, ["takes", "--pattern", "{line}_{_}"]).ends_with_code(0);
    assert_eq!(right.stderr, "");
}

#[test]
fn letters_that_macos_writes_apart_are_one_name() {
    let room = room(&["s/T\u{fc}re_1.wav", "s/Tu\u{308}re_2.wav"]);
    let run = json(&room, 0, ["s"]);
    assert_eq!(names(&run).len(), 1, "{:?}", names(&run));
}
