//! `undersong library find`: questions to a library, and where the answers go.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod finding;
mod support;

use std::fs;

use finding::{filled, found, names, number};
use serde_json::Value;
use support::{Room, speech};

/// No arguments.
const NONE: [&str; 0] = [];

#[test]
fn a_take_is_found_by_what_a_scan_tells_of_it() {
    let room = filled();
    let scan = room.scan(["takes", "--json", "-"]).json();
    let takes = scan["takes"].as_array().unwrap();
    let all = found(&room, &["--sort", "path"]);
    assert_eq!(all.len(), takes.len());
    for (entry, take) in all.iter().zip(takes) {
        let summary = &take["summary"];
        assert!(
            entry["path"]
                .as_str()
                .unwrap()
                .ends_with(take["path"].as_str().unwrap())
        );
        for field in ["emotion", "valence", "arousal", "confidence", "unsure"] {
            assert_eq!(entry[field], summary[field], "{field}");
        }
        assert_eq!(entry["seconds"], take["seconds"]);
        let delivery = &summary["delivery"];
        assert_eq!(
            entry["loudness_lufs"],
            delivery["loudness"]["integrated_lufs"]
        );
        assert_eq!(entry["pitch_hz"], delivery["pitch_hz"]);
        assert_eq!(
            entry["syllables_per_second"],
            delivery["syllables_per_second"]
        );
    }
    for take in takes
        .iter()
        .filter(|take| !take["summary"]["emotion"].is_null())
    {
        let name = take["summary"]["emotion"].as_str().unwrap();
        let with = |field: &str| take["summary"][field].as_f64().unwrap();
        let path = take["path"].as_str().unwrap();
        let has = |arguments: &[&str]| {
            found(&room, arguments)
                .iter()
                .any(|entry| entry["path"].as_str().unwrap().ends_with(path))
        };
        assert!(has(&["--emotion", name]));
        let (below, above) = (with("confidence") - 0.001, with("confidence") + 0.001);
        assert!(has(&["--emotion", name, "--min", &below.to_string()]));
        assert!(!has(&["--emotion", name, "--min", &above.to_string()]));
        let delivery = &take["summary"]["delivery"];
        let numbers = [
            ("valence", with("valence")),
            ("arousal", with("arousal")),
            ("confidence", with("confidence")),
            (
                "loudness",
                delivery["loudness"]["integrated_lufs"].as_f64().unwrap(),
            ),
            ("pitch", delivery["pitch_hz"].as_f64().unwrap()),
            ("rate", delivery["syllables_per_second"].as_f64().unwrap()),
        ];
        for (field, value) in numbers {
            let option = format!("--{field}");
            let (low, high) = (value - 0.001, value + 0.001);
            assert!(has(&[&option, &format!(">{low}")]));
            assert!(!has(&[&option, &format!("<{low}")]));
            assert!(has(&[&option, &format!("{low}..{high}")]));
        }
        // An emotion that doesn't lead is found by its score.
        let scores = take["summary"]["scores"].as_object().unwrap();
        let (other, score) = scores.iter().find(|(other, _)| *other != name).unwrap();
        let score = score.as_f64().unwrap();
        assert!(!has(&["--emotion", other]));
        assert!(has(&[
            "--emotion",
            other,
            "--min",
            &(score - 1e-4).to_string()
        ]));
        assert!(!has(&[
            "--emotion",
            other,
            "--min",
            &(score + 1e-4).to_string()
        ]));
    }
}

#[test]
fn length_path_text_order_and_limit_narrow_it_down() {
    let room = filled();
    let of = |arguments: &[&str]| {
        let found = found(&room, arguments);
        names(&found)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(&["--sort", "length"]),
        ["ben_01.wav", "anna_01.wav", "silent.wav", "anna_02.wav"]
    );
    assert_eq!(
        of(&["--sort", "length", "--reverse", "--limit", "1"]),
        ["anna_02.wav"]
    );
    assert_eq!(
        of(&["--longer", "2.5s", "--shorter", "7", "--sort", "path"]),
        ["anna_01.wav", "silent.wav"]
    );
    assert_eq!(of(&["--path", "*/day 1/*_02.wav"]), ["anna_02.wav"]);
    assert_eq!(of(&["--path", "day 2"]), ["ben_01.wav"]);
    assert_eq!(
        of(&["--text", "ANNA_0", "--sort", "path"]),
        ["anna_01.wav", "anna_02.wav"]
    );
    assert!(of(&["--text", "100%"]).is_empty(), "% stands for itself");
    for key in [
        "confidence",
        "valence",
        "arousal",
        "loudness",
        "pitch",
        "rate",
    ] {
        let found = found(&room, &["--sort", key]);
        assert_eq!(names(&found)[3], "silent.wav", "without voice stands last");
        let field = match key {
            "loudness" => "loudness_lufs",
            "pitch" => "pitch_hz",
            "rate" => "syllables_per_second",
            _ => key,
        };
        assert!(number(&found[0], field) >= number(&found[1], field));
    }
}

/// Thousands of takes that stand before those asked for, and aren't asked for, hide none of these.
#[test]
fn answers_go_to_json_csv_a_playlist_and_a_table() {
    let room = filled();
    let schema = fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/library-find.schema.json"),
    )
    .unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for level in [&NONE[..], &["--moments"]] {
        let arguments = [
            level,
            &["--json", "a.json", "--csv", "a.csv", "--m3u", "a.m3u8"],
        ]
        .concat();
        let run = room.library("find", &arguments).ends_with_code(0);
        assert!(
            run.stdout.contains("anna_01.wav"),
            "a table as well: {}",
            run.stdout
        );
        let answer: Value = serde_json::from_str(&room.read("a.json")).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&answer)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let entries = answer["found"].as_array().unwrap();
        assert!(!entries.is_empty());

        let text = room.read("a.csv");
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        let header = rows.headers().unwrap().clone();
        let rows: Vec<_> = rows.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), entries.len());
        for (row, entry) in rows.iter().zip(entries) {
            let field = |name: &str| {
                row.get(header.iter().position(|it| it == name).unwrap())
                    .unwrap()
            };
            assert_eq!(field("path"), entry["path"].as_str().unwrap());
            assert_eq!(field("emotion"), entry["emotion"].as_str().unwrap_or(""));
            if let Some(score) = entry["score"].as_f64() {
                assert_eq!(field("score").parse::<f64>().unwrap(), score);
            }
        }

        let playlist = room.read("a.m3u8");
        let lines: Vec<&str> = playlist.lines().collect();
        assert_eq!(lines[0], "#EXTM3U");
        let paths: Vec<&str> = lines
            .iter()
            .filter(|line| !line.starts_with('#'))
            .copied()
            .collect();
        let expected: Vec<&str> = entries
            .iter()
            .map(|entry| entry["path"].as_str().unwrap())
            .collect();
        assert_eq!(paths, expected);
        assert!(
            paths
                .iter()
                .all(|path| std::path::Path::new(path).is_file())
        );
        let starts = lines
            .iter()
            .filter(|line| line.starts_with("#EXTVLCOPT:start-time="))
            .count();
        assert_eq!(starts, if level.is_empty() { 0 } else { entries.len() });
    }
    let nothing = room
        .library("find", ["--min", "0.999999"])
        .ends_with_code(0);
    assert!(
        nothing.stdout.contains("No take is like that"),
        "{}",
        nothing.stdout
    );
}

#[test]
fn a_table_stops_at_a_hundred_and_says_so() {
    let room = Room::new();
    let voice = speech(0.0, 6.0);
    for index in 0..103 {
        room.wav(
            format!("takes/{index:03}.wav"),
            &voice[index * 200..index * 200 + 4_410],
        );
    }
    room.library("add", ["takes"]).ends_with_code(0);
    let rows = |arguments: &[&str]| {
        let run = room.library("find", arguments).ends_with_code(0);
        let rows = run
            .stdout
            .lines()
            .filter(|line| line.contains(".wav"))
            .count();
        (rows, run.stdout.contains("--limit 0"))
    };
    assert_eq!(rows(&[]), (100, true));
    assert_eq!(rows(&["--limit", "0"]), (103, false));
    assert_eq!(rows(&["--limit", "7"]), (7, false));
    assert_eq!(found(&room, &[]).len(), 103);
}

#[test]
fn wrong_questions_are_told_what_was_expected() {
    let room = filled();
    let wrong: [(&[&str], &[&str]); 9] = [
        (
            &["--emotion", "furious"],
            &["furious", "neutral, happy, sad, angry"],
        ),
        (&["--min", "70"], &["--min 70", "0 to 1"]),
        (&["--arousal", "0.5"], &["--arousal 0.5", "'>0.5'"]),
        (&["--valence", ">much"], &["--valence >much"]),
        (&["--longer", "2 apples"], &["--longer 2 apples", "2s"]),
        (&["--stars", "9"], &["--stars 9", "1 to 5"]),
        (&["--model", "other"], &["--model other", "test ("]),
        (
            &["--json", "-", "--csv", "-"],
            &["standard output carries one answer only"],
        ),
        (&["--json", "nowhere/a.json"], &[]),
    ];
    for (arguments, parts) in wrong {
        let run = room.library("find", arguments);
        assert_ne!(run.code, 0, "{arguments:?}");
        run.complains(parts);
    }
}

#[test]
fn no_answer_takes_the_place_of_the_library_or_of_a_take() {
    let room = filled();
    for option in ["--json", "--csv", "--m3u"] {
        room.library("find", ["--quiet", option, "lib.db"])
            .ends_with_code(2)
            .complains(&[option, "this is the library"]);
        room.library("find", ["--quiet", option, "takes/silent.wav"])
            .ends_with_code(2)
            .complains(&[option, "this is one of the takes"]);
    }
    room.library("find", ["--quiet", "--json", "o.x", "--csv", "./o.x"])
        .ends_with_code(2)
        .complains(&["another report goes to the same file"]);
    room.scan(["takes", "--library", "lib.db", "--json", "lib.db"])
        .ends_with_code(2)
        .complains(&["this is the library"]);
    assert_eq!(found(&room, &[]).len(), 4);
    assert!(!room.path("o.x").exists());
}

#[test]
fn text_is_found_in_small_and_capital_letters_of_any_language() {
    let room = filled();
    room.wav("takes/Łódź [1].wav", &speech(10.0, 2.0));
    room.library("update", NONE).ends_with_code(1);
    room.library("mark", ["takes/silent.wav", "--note", "Über alles, 100 %"])
        .ends_with_code(0);
    for (text, name) in [
        ("łÓDŹ", "Łódź [1].wav"),
        ("ź [1", "Łódź [1].wav"),
        ("ÜBER", "silent.wav"),
        ("SILENT", "silent.wav"),
        ("0 %", "silent.wav"),
    ] {
        assert_eq!(names(&found(&room, &["--text", text])), [name], "{text}");
    }
    assert!(found(&room, &["--text", "łódz"]).is_empty());
    let long = "x".repeat(60_000);
    room.library("find", ["--text", long.as_str()])
        .ends_with_code(2)
        .complains(&["--text", "at most"]);
}

#[test]
fn an_emotion_is_what_a_person_means_by_it() {
    let room = filled();
    for [meant, name] in [["Anger", "angry"], ["sadness", "sad"]] {
        assert_eq!(
            found(&room, &["--emotion", meant]),
            found(&room, &["--emotion", name])
        );
    }
    room.library("find", ["--emotion", "hungry"])
        .ends_with_code(2)
        .complains(&["hungry", "neutral, happy, sad, angry"]);
}
