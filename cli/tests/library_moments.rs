//! `undersong library find --moments`: the stretches of takes that a question asks for, and their order.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod finding;
mod support;

use finding::{filled, found, names_of, number};
use rusqlite::Connection;
use serde_json::Value;

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
