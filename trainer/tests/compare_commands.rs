//! `compare`, `collect` and the protocols through the command: runs to results to the page, and wrong input refused by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod corpus_support;
mod run_support;

use run_support::{Place, fails, ok};
use undersong_trainer::results::{Folder, Protocol, RunResult, read_folder};

const CORPORA: [&str; 4] = ["--ravdess", "ravdess", "--cremad", "cremad"];

fn with<'a>(place: &Place, arguments: &[&'a str]) -> std::process::Command {
    let mut all: Vec<&'a str> = arguments.to_vec();
    all.extend(CORPORA);
    place.command(&all)
}

fn result(place: &Place, path: &str) -> RunResult {
    let bytes = std::fs::read(place.path(path)).unwrap();
    RunResult::from_value(serde_json::from_slice(&bytes).unwrap()).unwrap()
}

/// The answers without a profile of the speaker.
fn plain(folder: &Folder) -> &RunResult {
    let mut runs = folder.runs.iter().map(|(_, run)| run);
    runs.find(|run| run.measured_on == "one window a clip")
        .unwrap()
}

#[test]
fn a_run_is_collected_with_what_the_tables_say_and_replaced_not_doubled() {
    let place = Place::new(1);
    corpus_support::cremad_tables(&place.path("cremad"));
    std::fs::write(
        place.path("folds.csv"),
        "corpus,speaker,fold
ravdess,01,0
ravdess,02,1
cremad,1001,0
cremad,1002,1
cremad,1003,0
",
    )
    .unwrap();
    ok(&mut place.train(
        "run",
        &[
            "--protocol",
            "speakers",
            "--folds",
            "folds.csv",
            "--fold",
            "1",
        ],
    ));
    ok(&mut place.command(&["collect", "--run", "run", "--to", "results"]));
    ok(&mut place.command(&["collect", "--run", "run", "--to", "results"]));
    let folder = read_folder(&place.path("results")).unwrap();
    assert!(folder.problems.is_empty(), "{:?}", folder.problems);
    // The answers, and those with a profile of the speaker.
    assert_eq!(folder.runs.len(), 2);
    let run = plain(&folder);
    assert_eq!(run.recipe, "tiny");
    assert_eq!(run.method, "CNN + BiLSTM + attention");
    assert_eq!(run.epochs, 1);
    assert_eq!(run.model_sha256.len(), 64);
    // It was read from a file.
    assert!(
        run.command.contains("--recipe tiny.toml "),
        "{}",
        run.command
    );
    assert!(run.command.contains(
        "--protocol speakers --folds folds.csv --fold 1 --seed 0 --ravdess DIR --cremad DIR"
    ));
    let person = run
        .people
        .values()
        .find(|person| person.corpus == "CREMA-D")
        .unwrap();
    assert!(
        person.age_years.is_some() && person.race.is_some(),
        "{person:?}"
    );
}

#[test]
fn an_older_run_without_a_result_is_collected_from_what_it_left() {
    let place = Place::new(1);
    corpus_support::cremad_tables(&place.path("cremad"));
    ok(&mut place.train("run", &["--split", "speakers"]));
    let written = result(&place, "run/result.json");
    for name in ["result.json", "result_profile.json"] {
        std::fs::remove_file(place.path("run").join(name)).unwrap();
    }
    ok(&mut with(
        &place,
        &["collect", "--run", "run", "--to", "results"],
    ));
    let folder = read_folder(&place.path("results")).unwrap();
    assert_eq!(folder.runs.len(), 2);
    let collected = plain(&folder);
    assert_eq!(collected.test.rows, written.test.rows);
    assert_eq!(collected.people, written.people);
    assert_eq!(collected.command, written.command);
    let said = fails(&mut place.command(&["collect", "--run", "nowhere", "--to", "results"]));
    assert!(said.contains("nowhere"), "{said}");
}

#[test]
fn cross_learns_from_one_corpus_and_tests_the_other_on_what_both_have() {
    let place = Place::new(1);
    ok(&mut place.train("run", &["--protocol", "cross", "--learn-from", "ravdess"]));
    let run = result(&place, "run/result.json");
    assert_eq!(
        run.protocol,
        Protocol::Cross {
            learned_from: "RAVDESS".to_owned(),
            tested_on: "CREMA-D".to_owned()
        }
    );
    assert_eq!(run.test.labels.len(), 6);
    assert!(run.test.rows.iter().all(|row| row.corpus == "CREMA-D"));
    ok(&mut place.train("back", &["--protocol", "cross", "--learn-from", "cremad"]));
    let back = result(&place, "back/result.json");
    assert!(back.test.rows.iter().all(|row| row.corpus == "RAVDESS"));
    // Calm and surprised are counted as left out.
    assert_eq!(back.test.left_out.len(), 2);

    let said = fails(&mut place.train("x", &["--protocol", "cross"]));
    assert!(said.contains("--learn-from"), "{said}");
    let said = fails(&mut place.command(&[
        "train",
        "--recipe",
        "tiny.toml",
        "--ravdess",
        "ravdess",
        "--protocol",
        "cross",
        "--learn-from",
        "ravdess",
        "--out",
        "x",
    ]));
    assert!(
        said.contains("CREMA-D") && said.contains("--cremad DIR"),
        "{said}"
    );
}

#[test]
fn evaluate_gives_a_result_only_for_clips_that_were_not_learned_from() {
    let place = Place::new(1);
    ok(&mut place.train("run", &["--protocol", "speakers", "--fold", "1"]));
    let evaluate = |more: &[&str]| {
        let mut arguments = vec![
            "evaluate",
            "--model",
            "run/model.onnx",
            "--engine",
            "builtin",
            "--result",
            "scan.json",
        ];
        arguments.extend(more);
        with(&place, &arguments)
    };
    for wrong in [
        &[][..],
        &["--protocol", "speakers", "--fold", "0"],
        &["--protocol", "speakers", "--fold", "1", "--seed", "3"],
    ] {
        let said = fails(&mut evaluate(wrong));
        assert!(
            said.contains("learned from") && said.contains("fold 1"),
            "{said}"
        );
    }
    ok(&mut evaluate(&["--protocol", "speakers", "--fold", "1"]));
    let scanned = result(&place, "scan.json");
    assert!(scanned.measured_on.contains("scan"));
    assert_eq!(
        scanned.test.rows.len(),
        result(&place, "run/result.json").test.rows.len()
    );
}

#[test]
fn classic_methods_are_compared_and_what_is_there_is_not_made_again() {
    let place = Place::new(1);
    let compare = [
        "compare",
        "--only",
        "svm-chroma,knn-mfcc",
        "--results",
        "results",
        "--fold",
        "0,1",
    ];
    let said = ok(&mut with(&place, &compare));
    assert!(said.contains("knn-mfcc, speakers, fold 1"), "{said}");
    let folder = read_folder(&place.path("results")).unwrap();
    assert!(folder.problems.is_empty(), "{:?}", folder.problems);
    assert_eq!(folder.runs.len(), 4);
    let said = ok(&mut with(&place, &compare));
    assert_eq!(said.matches("is there already").count(), 4, "{said}");
    let said = ok(&mut place.command(&["compare", "--list", "--results", "results"]));
    assert!(
        said.contains("paper-log-mel") && said.contains("2 of 5"),
        "{said}"
    );
    ok(&mut place.command(&["evidence", "--results", "results", "--out", "page"]));
    let page = std::fs::read_to_string(place.path("page.md")).unwrap();
    assert!(
        page.contains("| `knn-mfcc` | KNN | MFCC | 2 × 1 |"),
        "{page}"
    );
}

#[test]
fn a_network_of_the_comparison_is_trained_in_its_own_process_and_collected() {
    let place = Place::new(1);
    let said = ok(&mut with(
        &place,
        &[
            "compare",
            "--only",
            "cnn",
            "--epochs",
            "1",
            "--results",
            "results",
            "--fold",
            "0",
        ],
    ));
    assert!(said.contains("training cnn"), "{said}");
    let folder = read_folder(&place.path("results")).unwrap();
    let run = &folder.runs[0].1;
    assert_eq!((run.method.as_str(), run.epochs), ("CNN", 1));
    assert!(
        run.command.contains("--recipe cnn --epochs 1 "),
        "{}",
        run.command
    );
}

#[test]
fn wrong_names_folds_and_corpora_are_refused_by_name() {
    let place = Place::new(1);
    let said = fails(&mut with(&place, &["compare", "--only", "svm-mfc"]));
    assert!(
        said.contains("svm-mfc") && said.contains("did you mean 'svm-mfcc'?"),
        "{said}"
    );
    let said = fails(&mut with(
        &place,
        &["compare", "--only", "knn-mfcc", "--fold", "7"],
    ));
    assert!(
        said.contains("--fold 7") && said.contains("0 to 4"),
        "{said}"
    );
    // One speaker: there are no folds; the other method is tried all the same.
    for file in std::fs::read_dir(place.path("cremad/AudioWAV")).unwrap() {
        let path = file.unwrap().path();
        if !path.to_string_lossy().contains("1001_") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let said = fails(&mut place.command(&[
        "compare",
        "--only",
        "knn-mfcc,knn-chroma",
        "--cremad",
        "cremad",
        "--results",
        "r",
        "--fold",
        "0",
    ]));
    assert!(said.contains("one speaker only (cremad-1001)"), "{said}");
    assert!(
        said.contains("1 speakers") && said.contains("knn-chroma, speakers, fold 0"),
        "{said}"
    );
}

#[test]
fn a_class_that_only_the_test_fold_has_is_named() {
    let place = Place::new(1);
    // Only actor 1001 is ever angry.
    for actor in ["1002", "1003"] {
        std::fs::remove_file(place.path(&format!("cremad/AudioWAV/{actor}_DFA_ANG_XX.wav")))
            .unwrap();
    }
    std::fs::write(
        place.path("folds.csv"),
        "corpus,speaker,fold\ncremad,1001,0\ncremad,1002,1\ncremad,1003,2\n",
    )
    .unwrap();
    let said = fails(&mut place.command(&[
        "compare",
        "--only",
        "knn-mfcc",
        "--cremad",
        "cremad",
        "--folds",
        "folds.csv",
        "--fold",
        "0",
        "--results",
        "r",
    ]));
    assert!(said.contains("no training clip is angry"), "{said}");
}
