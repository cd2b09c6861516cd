//! `undersong library find`, `mark`, `stats` and `forget`: questions to a library, and what is thought of takes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;

use rusqlite::Connection;
use serde_json::Value;
use support::{RATE_HZ, Room, speech};

/// No arguments.
const NONE: [&str; 0] = [];

/// A library of four takes of different lengths, one of them silent, one broken.
fn filled() -> Room {
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

fn found(room: &Room, arguments: &[&str]) -> Vec<Value> {
    let all = arguments.iter().chain(&["--json", "-"]);
    let answer = room.library("find", all).ends_with_code(0).json();
    answer["found"].as_array().unwrap().clone()
}

fn names(found: &[Value]) -> Vec<&str> {
    found
        .iter()
        .map(|entry| {
            let path = entry["path"].as_str().unwrap();
            path.rsplit('/').next().unwrap()
        })
        .collect()
}

fn names_of(found: &[Value]) -> Vec<String> {
    names(found).into_iter().map(str::to_owned).collect()
}

fn number(entry: &Value, field: &str) -> f64 {
    entry[field]
        .as_f64()
        .unwrap_or_else(|| panic!("no {field} in {entry}"))
}

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
fn the_first_few_are_found_behind_any_number_of_missing_ones() {
    let room = filled();
    let there = names_of(&found(&room, &["--sort", "length"]));
    Connection::open(room.path("lib.db"))
        .unwrap()
        .execute_batch(
            "CREATE TEMP TABLE more AS WITH RECURSIVE counter (n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM counter WHERE n < 4000) SELECT n FROM counter;
             INSERT INTO sounds (id, hash) SELECT n, randomblob(32) FROM more;
             INSERT INTO files (path, sound, size, modified_ns, changed_ns, inode, settled, missing_ms)
               SELECT '/gone/' || n || '.wav', n, 1, 1, 1, 1, 1, 1 FROM more;
             INSERT INTO analyses (id, sound, setting, seconds, voiced_seconds, unsure, engine, revision, analysed_ms, valence, arousal)
               SELECT n, n, (SELECT setting FROM analyses), 100.0 + n, 1.0, 0, 'x', 1, 1, 0.5, 0.5 FROM more;",
        )
        .unwrap();
    for limit in [1, 3, 100] {
        let some = found(&room, &["--sort", "length", "--limit", &limit.to_string()]);
        let expected: Vec<String> = there.iter().take(limit).cloned().collect();
        assert_eq!(names_of(&some), expected, "the first {limit}");
    }
    let gone = ["--missing", "--arousal", ">0.4", "--sort", "length"];
    let first = found(&room, &[&gone[..], &["--limit", "3"]].concat());
    assert_eq!(names_of(&first), ["4000.wav", "3999.wav", "3998.wav"]);
    let last = found(&room, &[&gone[..], &["--reverse", "--limit", "2"]].concat());
    assert_eq!(names_of(&last), ["1000.wav", "1001.wav"]);
    assert_eq!(found(&room, &gone).len(), 3001);
}

#[test]
fn a_moment_is_as_long_as_everything_holds() {
    let room = filled();
    let scan = room.scan(["takes/day 2", "--json", "-"]).json();
    let take = &scan["takes"][0];
    let windows = take["windows"].as_array().unwrap();
    let name = take["summary"]["emotion"].as_str().unwrap();
    let score = |window: &Value| window["scores"][name].as_f64();
    let mut scores: Vec<f64> = windows.iter().filter_map(score).collect();
    scores.sort_by(f64::total_cmp);
    let min = scores[scores.len() / 2];
    // By hand: runs of windows whose score is high enough; each stands for the hop around its centre.
    let centre = |window: &Value| {
        f64::midpoint(
            number(window, "start_seconds"),
            number(window, "end_seconds"),
        )
    };
    let mut expected: Vec<(f64, f64)> = Vec::new();
    let mut open = false;
    for (index, window) in windows.iter().enumerate() {
        let holds = score(window).is_some_and(|score| score >= min);
        let start = if index == 0 {
            0.0
        } else {
            f64::midpoint(centre(&windows[index - 1]), centre(window))
        };
        let end = windows
            .get(index + 1)
            .map_or(number(take, "seconds"), |next| {
                f64::midpoint(centre(window), centre(next))
            });
        match expected.last_mut() {
            Some(last) if open && holds => last.1 = end,
            _ if holds => expected.push((start, end)),
            _ => {}
        }
        open = holds;
    }
    assert!(!expected.is_empty());
    let min = (min - 1e-7).to_string();
    let moments = found(
        &room,
        &[
            "--moments",
            "--emotion",
            name,
            "--min",
            &min,
            "--path",
            "ben",
            "--sort",
            "path",
        ],
    );
    assert_eq!(moments.len(), expected.len());
    for (moment, (start, end)) in moments.iter().zip(&expected) {
        assert!(
            (number(moment, "start_seconds") - start).abs() < 1e-5,
            "{moment} {start}"
        );
        assert!(
            (number(moment, "end_seconds") - end).abs() < 1e-5,
            "{moment} {end}"
        );
        assert!(number(moment, "peak") >= number(moment, "score"));
        assert_eq!(moment["emotion"], name);
    }
    let longest = expected
        .iter()
        .map(|(start, end)| end - start)
        .fold(0.0, f64::max);
    let with = |option: &str, seconds: f64| {
        found(
            &room,
            &[
                "--moments",
                "--emotion",
                name,
                "--min",
                &min,
                "--path",
                "ben",
                option,
                &format!("{seconds}s"),
            ],
        )
        .len()
    };
    assert_eq!(with("--longer", longest + 0.01), 0);
    assert!(with("--longer", longest - 0.01) >= 1);
    assert_eq!(with("--shorter", longest + 0.01), expected.len());

    // The first few are the first of all, though not every take was looked into for them.
    for emotion in ["neutral", "happy", "sad", "angry"] {
        let all = found(&room, &["--moments", "--emotion", emotion, "--min", "0.1"]);
        for limit in 1..=all.len().min(4) {
            let first = found(
                &room,
                &[
                    "--moments",
                    "--emotion",
                    emotion,
                    "--min",
                    "0.1",
                    "--limit",
                    &limit.to_string(),
                ],
            );
            assert_eq!(first, all[..limit], "{emotion}");
        }
        // Above a half, an emotion leads: both ways of asking find the same.
        let (half, more) = (
            found(&room, &["--emotion", emotion, "--min", "0.5"]),
            found(&room, &["--emotion", emotion, "--min", "0.500001"]),
        );
        assert!(half.len() >= more.len() && more.iter().all(|take| half.contains(take)));
    }

    // Without an emotion: the leading one, as a scan's spans; with a comparison that never holds, nothing.
    let led = found(&room, &["--moments", "--path", "ben"]);
    assert!(!led.is_empty());
    let arousal = ["--moments", "--path", "ben", "--arousal", ">0.99"];
    assert!(found(&room, &arousal).is_empty());

    // The windows' own loudness, and not the take's.
    let loudness = |window: &Value| window["delivery"]["loudness_lufs"].as_f64();
    let mut levels: Vec<f64> = windows.iter().filter_map(loudness).collect();
    levels.sort_by(f64::total_cmp);
    let loud = format!(">{}", levels[levels.len() - 2] + 0.001);
    let loudest = found(&room, &["--moments", "--path", "ben", "--loudness", &loud]);
    assert_eq!(
        loudest.len(),
        1,
        "one window is louder than all others: {loudest:?}"
    );
    assert!(number(&loudest[0], "end_seconds") - number(&loudest[0], "start_seconds") < 3.0);
}

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
fn marks_stars_and_notes_are_kept_and_found() {
    let room = filled();
    let anna = "takes/day 1/anna_01.wav";
    room.library(
        "mark",
        [
            anna,
            "--as",
            "chosen",
            "--stars",
            "4",
            "--note",
            "the laugh, \"dry\"",
        ],
    )
    .ends_with_code(0);
    room.library("mark", ["takes/day 2/ben_01.wav", "--as", "rejected"])
        .ends_with_code(0);
    let marked = found(&room, &["--marked", "--sort", "stars"]);
    assert_eq!(names(&marked), ["anna_01.wav", "ben_01.wav"]);
    assert_eq!(marked[0]["mark"], "chosen");
    assert_eq!(marked[0]["stars"], 4);
    assert_eq!(marked[0]["note"], "the laugh, \"dry\"");
    assert_eq!(
        names(&found(&room, &["--marked", "rejected"])),
        ["ben_01.wav"]
    );
    assert_eq!(names(&found(&room, &["--stars", "4"])), ["anna_01.wav"]);
    assert!(found(&room, &["--stars", "5"]).is_empty());
    assert_eq!(names(&found(&room, &["--text", "LAUGH"])), ["anna_01.wav"]);
    assert_eq!(found(&room, &["--marked", "not-rejected"]).len(), 3);
    let table = room.library("find", ["--marked", "chosen"]).stdout;
    assert!(table.contains("chosen ★★★★ the laugh"), "{table}");

    // What isn't said stays.
    room.library("mark", [anna, "--as", "none"])
        .ends_with_code(0);
    let now = &found(&room, &["--marked"])[0];
    assert!(now["mark"].is_null() || now["mark"] == "rejected");
    let anna_now = &found(&room, &["--path", "anna_01"])[0];
    assert!(anna_now["mark"].is_null());
    assert_eq!(
        (&anna_now["stars"], &anna_now["note"]),
        (&4.into(), &"the laugh, \"dry\"".into())
    );

    room.library("mark", ["takes/nobody.wav", "--stars", "1"])
        .ends_with_code(1)
        .complains(&["takes/nobody.wav", "doesn't know this file", "library add"]);
    room.library("mark", [anna, "--stars", "6"])
        .ends_with_code(2)
        .complains(&["6 stars", "0 to 5"]);
    room.library("mark", [anna])
        .ends_with_code(2)
        .complains(&["--as, --stars or --note"]);
}

#[test]
fn stats_count_what_is_there() {
    let room = filled();
    room.library("mark", ["takes/silent.wav", "--as", "rejected"])
        .ends_with_code(0);
    let stats = room.library("stats", ["--json"]).ends_with_code(0).json();
    assert_eq!(stats["takes"], 4);
    assert_eq!(stats["files"], 5);
    assert_eq!(stats["files_not_read"], 1);
    assert_eq!(stats["rejected"], 1);
    let model = &stats["models"][0];
    assert_eq!(
        (&model["name"], &model["takes"]),
        (&"test".into(), &4.into())
    );
    assert_eq!(model["without_voice"], 1);
    assert!((number(model, "hours") * 3600.0 - 19.0).abs() < 0.02);
    let led: i64 = model["emotions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|emotion| emotion["takes"].as_i64().unwrap())
        .sum();
    assert_eq!(led, 3);
    let text = room.library("stats", NONE).ends_with_code(0).stdout;
    for part in [
        "files there: 5 (1 of them not read), missing: 0",
        "chosen: 0, rejected: 1",
        "hop 0.25 s",
        "takes: 4, in all 0:19.0",
        "without voice: 1",
        "confidence",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
}

#[test]
fn what_is_forgotten_is_gone_but_marked_takes_are_not_forgotten_by_the_way() {
    let room = filled();
    room.library("mark", ["takes/day 1/anna_01.wav", "--stars", "1"])
        .ends_with_code(0);
    for name in ["takes/day 1/anna_01.wav", "takes/day 1/anna_02.wav"] {
        fs::remove_file(room.path(name)).unwrap();
    }
    room.library("update", NONE).ends_with_code(1);
    assert_eq!(
        names(&found(&room, &["--missing", "--sort", "path"])),
        ["anna_01.wav", "anna_02.wav"]
    );
    assert_eq!(found(&room, &[]).len(), 2);
    room.library("forget", ["--missing"])
        .ends_with_code(0)
        .complains(&["or a note: 1;", "--marked-too"]);
    assert_eq!(names(&found(&room, &["--missing"])), ["anna_01.wav"]);
    let run = room
        .library("forget", ["--missing", "--marked-too"])
        .ends_with_code(0);
    assert!(
        run.stdout
            .contains("files forgotten: 1, takes with them: 1"),
        "{}",
        run.stdout
    );
    assert!(found(&room, &["--missing"]).is_empty());

    room.library("forget", ["takes/day 2"])
        .ends_with_code(0)
        .complains(&["takes is still looked through"]);
    assert_eq!(names(&found(&room, &[])), ["silent.wav"]);
    room.library("forget", ["no such"])
        .ends_with_code(1)
        .complains(&["no such", "doesn't know"]);
    room.library("forget", ["--model", "nobody"])
        .ends_with_code(2)
        .complains(&["nobody", "test ("]);
    room.library("forget", ["--model", "test"])
        .ends_with_code(0);
    room.library("find", NONE)
        .ends_with_code(2)
        .complains(&["none of its takes is analysed any more", "library update"]);
    assert!(
        room.path("takes/day 2/ben_01.wav").is_file(),
        "no sound file is touched"
    );
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

#[test]
fn moments_of_takes_without_the_number_stand_last_either_way_round() {
    let room = filled();
    // One take without voice enough for a pitch.
    Connection::open(room.path("lib.db"))
        .unwrap()
        .execute_batch("UPDATE analyses SET pitch = NULL WHERE seconds BETWEEN 5.0 AND 7.0")
        .unwrap();
    let all = ["--moments", "--min", "0.1", "--sort", "pitch"];
    for arguments in [&all[..], &[&all[..], &["--reverse"]].concat()] {
        let moments = found(&room, arguments);
        let known: Vec<bool> = moments.iter().map(|it| it["pitch_hz"].is_f64()).collect();
        assert!(known.contains(&true) && known.contains(&false), "{known:?}");
        assert!(
            known.is_sorted_by(|a, b| a >= b),
            "{arguments:?}: {known:?}"
        );
    }
}
