//! A folder of results: what is written is read back, what is broken is named and the rest counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod results_support;

use results_support::{put, run};
use undersong_trainer::results::{Cell, Protocol, RunResult, read_folder, votes_of};

#[test]
fn a_result_is_read_back_as_it_was_written_and_is_small() {
    let written = run("undersong", 1, 2);
    let text = written.to_json().unwrap();
    assert_eq!(text, written.to_json().unwrap());
    let read = RunResult::from_value(serde_json::from_str(&text).unwrap()).unwrap();
    assert_eq!(read.people, written.people);
    assert_eq!(read.votes, written.votes);
    for (read, written) in read.test.rows.iter().zip(&written.test.rows) {
        assert_eq!((&read.name, read.truth), (&written.name, written.truth));
        for (a, b) in read.logits.iter().zip(&written.logits) {
            assert!((a - b).abs() <= 0.0006, "{a} and {b}");
        }
    }
    assert_eq!(read.test.rows.len(), 54);
    // One line a clip.
    let line = text
        .lines()
        .find(|line| line.contains("ravdess-03-4"))
        .unwrap();
    assert!(line.len() < 80, "{line}");
}

#[test]
fn what_cannot_be_used_is_named_and_the_rest_counts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for fold in 0..3 {
        put(path, &run("undersong", fold, 2));
    }
    let good = run("undersong", 0, 2).to_json().unwrap();
    let wrong = |name: &str, text: &str| std::fs::write(path.join(name), text).unwrap();
    wrong("a-cut.json", &good[..good.len() / 2]);
    wrong("b-foreign.json", "{\"name\": \"package\"}");
    wrong("c-kind.json", "{\"kind\": \"tabel\", \"version\": 1}");
    wrong(
        "d-newer.json",
        &good.replacen("\"version\": 1", "\"version\": 9", 1),
    );
    wrong(
        "e-no-version.json",
        &good.replacen("\"version\": 1,", "", 1),
    );
    wrong("f-key.json", &good.replacen("\"seed\"", "\"sead\"", 1));
    wrong(
        "g-speaker.json",
        &good.replacen("\"ravdess-01-4\",", "\"ravdess-01-4\",9", 1),
    );
    // The same run again, under a name that comes later.
    wrong("x-again.json", &good);
    // Another label for a clip that was seen before, as another recipe's.
    let mut other = run("other", 0, 2);
    other.test.rows[0].truth = 2;
    wrong("y-label.json", &other.to_json().unwrap());
    // A speaker of fold 0 in fold 4.
    let mut overlap = run("undersong", 0, 2);
    overlap.protocol = Protocol::Speakers {
        folds: "folds.csv".to_owned(),
        fold: 4,
    };
    wrong("z-overlap.json", &overlap.to_json().unwrap());
    let read = read_folder(path).unwrap();
    assert_eq!(read.runs.len(), 3);
    let problem = |file: &str| {
        let found = read.problems.iter().find(|problem| problem.file == file);
        found
            .unwrap_or_else(|| panic!("nothing on {file}"))
            .problem
            .clone()
    };
    for (file, parts) in [
        ("a-cut.json", &["cut off"][..]),
        ("b-foreign.json", &["no \"kind\""]),
        ("c-kind.json", &["tabel", "did you mean 'table'?"]),
        ("d-newer.json", &["version 9", "update the trainer"]),
        ("e-no-version.json", &["no \"version\""]),
        ("f-key.json", &["sead", "seed"]),
        ("g-speaker.json", &["ravdess-01-4", "speaker number"]),
        (
            "x-again.json",
            &["the same run as undersong-speakers-fold0-seed0.json"],
        ),
        (
            "y-label.json",
            &["ravdess-01-0", "angry here", "neutral in"],
        ),
        (
            "z-overlap.json",
            &["ravdess-01", "fold 4 here and in fold 0"],
        ),
    ] {
        let problem = problem(file);
        for part in parts {
            assert!(problem.contains(part), "{file}: {problem}");
        }
    }
    assert_eq!(read.problems.len(), 10);
}

#[test]
fn a_table_is_read_and_its_mistakes_come_with_the_nearest_right_name() {
    let folder = tempfile::tempdir().unwrap();
    let good = r#"{"kind": "table", "version": 1, "section": "robust", "title": "Noise", "command": "x", "columns": ["condition", "UAR"],
        "rows": [["10 dB", 61.8], ["5 dB", null], ["a", "b"]], "figures": {"uar_lost_noise_10db_ravdess_points": 3.3}}"#;
    let wrong = |name: &str, from: &str, to: &str| {
        assert!(good.contains(from));
        std::fs::write(folder.path().join(name), good.replacen(from, to, 1)).unwrap();
    };
    wrong("good.json", "Noise", "Noise");
    wrong("section.json", "\"robust\"", "\"robustness\"");
    wrong("row.json", ", null]", "]");
    wrong("figure.json", "noise_10db_ravdess", "noise_10dB_ravdes");
    let read = read_folder(folder.path()).unwrap();
    assert_eq!(read.tables.len(), 1);
    let table = &read.tables[0].1;
    assert_eq!(table.rows[0][1], Cell::Number(61.8));
    assert_eq!(table.rows[1][1], Cell::Nothing);
    let all: Vec<&str> = read
        .problems
        .iter()
        .map(|one| one.problem.as_str())
        .collect();
    assert!(
        all[0].contains("did you mean 'uar_lost_noise_10db_ravdess_points'?"),
        "{all:?}"
    );
    assert!(all[1].contains("row 2 has 1 cells, expected 2"), "{all:?}");
    assert!(all[2].contains("did you mean 'robust'?"), "{all:?}");
}

#[test]
fn an_empty_folder_and_none_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let message = read_folder(folder.path()).unwrap_err().to_string();
    assert!(message.contains("collect"), "{message}");
    let message = read_folder(&folder.path().join("none"))
        .unwrap_err()
        .to_string();
    assert!(message.contains("none"), "{message}");
}

#[test]
fn the_leading_vote_is_one_several_or_none() {
    let labels: Vec<String> = ["neutral", "happy", "angry"].map(str::to_owned).to_vec();
    // angry, disgust, fearful, happy, neutral, sad
    assert_eq!(votes_of(&labels, &[1, 0, 0, 5, 2, 0]), [1]);
    assert_eq!(votes_of(&labels, &[4, 0, 0, 4, 0, 0]), [2, 1]);
    assert!(votes_of(&labels, &[0, 0, 0, 0, 0, 0]).is_empty());
    // What most heard is nothing that the model can answer.
    assert!(votes_of(&labels, &[1, 0, 0, 0, 0, 7]).is_empty());
}
