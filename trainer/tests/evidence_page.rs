//! The page of evidence: figures that can be worked out by hand, what is missing said so, and nothing of it entered by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod results_support;

use std::path::Path;
use std::process::Command;

use results_support::{put, run};
use undersong_trainer::evidence::{Options, evidence};
use undersong_trainer::results::read_folder;

fn page(folder: &Path) -> (String, String) {
    let folder = read_folder(folder).unwrap();
    let page = evidence(
        &folder,
        &Options {
            recipe: "undersong".to_owned(),
            paper: "paper".to_owned(),
            command: "undersong-trainer evidence".to_owned(),
        },
    );
    (page.to_markdown(), page.to_html())
}

/// Three folds with 2, 3 and 1 wrong of each actor's nine clips: accuracy 77.8, 66.7, 88.9.
fn three_folds() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (fold, wrong) in [(0, 2), (1, 3), (2, 1)] {
        put(folder.path(), &run("undersong", fold, wrong));
    }
    folder
}

fn line<'a>(page: &'a str, start: &str) -> &'a str {
    page.lines()
        .find(|line| line.starts_with(start))
        .unwrap_or_else(|| panic!("no line starts with {start}"))
}

#[test]
fn figures_are_means_over_folds_with_their_deviation_and_command() {
    let (markdown, _) = page(three_folds().path());
    let both = line(&markdown, "| both, accuracy |");
    assert!(
        both.contains("| 77.8 | 66.7 | 88.9 | 77.8 ± 11.1 | 77.8 |"),
        "{both}"
    );
    let uar = line(&markdown, "| CREMA-D, UAR |");
    assert!(uar.contains("77.8 ± 11.1"), "{uar}");
    // neutral: fold 0 two of three right, fold 1 two of three, fold 2 two of three.
    let neutral = line(&markdown, "| neutral |");
    assert!(neutral.contains("| 18 | 66.7 |"), "{neutral}");
    assert!(
        markdown.contains(
            "for K in 0 1 2; do undersong-trainer train --recipe undersong --protocol speakers --folds folds.csv --fold $K --seed 0 --out runs/undersong-fold$K-seed0 && undersong-trainer collect --run runs/undersong-fold$K-seed0; done"
        ),
        "one command for the folds"
    );
}

#[test]
fn whether_a_goal_is_reached_is_computed() {
    let (markdown, _) = page(three_folds().path());
    let ravdess = line(&markdown, "| unseen speakers, RAVDESS");
    assert!(
        ravdess.contains("| 77.8 | **reached, and beyond**, 3 of 5 folds |"),
        "{ravdess}"
    );
    let random = line(&markdown, "| random split (the paper's), accuracy");
    assert!(random.contains("| not measured |  | 76.0 |"), "{random}");
    assert!(
        markdown.contains("Only 3 of five folds"),
        "too few folds are said so"
    );

    // 5 of 9 wrong: far below.
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), &run("undersong", 0, 5));
    let (markdown, _) = page(folder.path());
    let ravdess = line(&markdown, "| unseen speakers, RAVDESS");
    assert!(
        ravdess.contains("| 44.4 | not reached, 1 of 5 folds |"),
        "{ravdess}"
    );
}

#[test]
fn figures_of_a_table_file_reach_the_goals_and_its_section() {
    let folder = three_folds();
    let table = r#"{"kind": "table", "version": 1, "section": "robust", "title": "Under noise", "note": "White noise.", "command": "trainer conditions",
        "columns": ["condition", "UAR"], "rows": [["10 dB SNR", 61.84], ["5 dB SNR", null]], "figures": {"uar_lost_noise_10db_ravdess_points": 2.9}}"#;
    std::fs::write(folder.path().join("noise.json"), table).unwrap();
    let (markdown, html) = page(folder.path());
    assert!(markdown.contains("### Under noise"));
    assert!(markdown.contains("| 10 dB SNR | 61.8 |"));
    assert!(markdown.contains("| 5 dB SNR | not measured |"));
    assert!(markdown.contains("trainer conditions"));
    assert!(html.contains("Under noise") && html.contains("White noise."));
    let goal = line(&markdown, "| UAR lost at 10 dB SNR noise, RAVDESS");
    assert!(goal.contains("| 2.9 | **reached** |"), "{goal}");
}

/// What decides on a fold must not be that fold: changing its own answers leaves its temperature as it was.
#[test]
fn no_fold_has_a_hand_in_its_own_calibration() {
    let folder = three_folds();
    let decision = |page: &str, fold: &str| line(page, &format!("| {fold} | 0 |")).to_owned();
    let (before, _) = page(folder.path());
    let mut changed = run("undersong", 1, 8);
    for row in &mut changed.test.rows {
        for logit in &mut row.logits {
            *logit *= 7.0;
        }
    }
    put(folder.path(), &changed);
    let (after, _) = page(folder.path());
    assert_eq!(
        decision(&before, "1"),
        decision(&after, "1"),
        "fold 1 decides on itself"
    );
    assert_ne!(
        decision(&before, "0"),
        decision(&after, "0"),
        "the others do not look at fold 1"
    );
}

#[test]
fn one_fold_alone_is_not_calibrated_on_itself() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), &run("undersong", 0, 2));
    let (markdown, _) = page(folder.path());
    assert!(
        markdown.contains("has no other fold beside it"),
        "{markdown}"
    );
    let goal = line(&markdown, "| ECE after calibration");
    assert!(goal.contains("| not measured |  |"), "{goal}");
}

#[test]
fn groups_listeners_and_differences_are_shown() {
    let (markdown, html) = page(three_folds().path());
    // Every actor of a fold is wrong equally often.
    let both = line(&markdown, "| both | 77.8 | 77.8 |");
    assert!(both.contains("+0.0"), "{both}");
    // Of each sex six CREMA-D actors; the ages are 44 to 80.
    assert!(line(&markdown, "| female | 6 |").contains("+0.0"));
    assert!(markdown.contains("| 40–49 years * | 3 |"), "ages");
    assert!(markdown.contains("| Asian | 6 |"), "race");
    // Of nine clips of a CREMA-D actor one has two leading votes: 12 answers, all of them right.
    assert!(
        markdown.contains("12 answers had several leading emotions"),
        "ties are named"
    );
    let heard = line(&markdown, "| the listeners' leading vote");
    assert!(heard.contains("| 96 | 100.0 |"), "{heard}");
    assert!(html.contains("<svg") && !html.contains("NaN"));
    assert!(!html.contains("http"), "the page stands alone");
}

#[test]
fn another_recipe_is_compared_and_what_is_missing_says_so() {
    let folder = three_folds();
    for fold in 0..3 {
        put(folder.path(), &run("cnn", fold, 4));
    }
    let (markdown, _) = page(folder.path());
    let cnn = line(&markdown, "| `cnn`");
    assert!(
        cnn.contains("CNN | MFCC | 3 × 1 | 30 | 55.6 ± 0.0"),
        "{cnn}"
    );
    let svm = line(&markdown, "| `svm-mfcc`");
    assert!(svm.contains("not measured"), "{svm}");
    assert!(
        markdown.contains("compare --only svm-mfcc"),
        "how to measure it"
    );
}

#[test]
fn what_was_tried_is_set_against_what_ships_on_the_same_folds() {
    let folder = three_folds();
    put(folder.path(), &run("smaller", 1, 4));
    put(folder.path(), &run("elsewhere", 7, 4));
    let (markdown, _) = page(folder.path());
    // Fold 1 of what ships is 66.7.
    let smaller = line(&markdown, "| `smaller`");
    assert!(
        smaller.contains("| 30 | fold 1 | 55.6 | −11.1 | 55.6 | −11.1 |"),
        "{smaller}"
    );
    let elsewhere = line(&markdown, "| `elsewhere`");
    assert!(
        elsewhere.contains("| fold 7 | 55.6 | – | 55.6 | – |"),
        "{elsewhere}"
    );
    let (_, tried) = markdown.split_once("## What was tried?").unwrap();
    assert!(!tried.contains("| `undersong`"));
}

#[test]
fn the_command_writes_both_pages_and_names_what_it_left_out() {
    let folder = three_folds();
    std::fs::write(folder.path().join("broken.json"), "{").unwrap();
    let place = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_undersong-trainer"))
        .current_dir(place.path())
        .arg("evidence")
        .arg("--results")
        .arg(folder.path())
        .args(["--out", "docs/evidence"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("broken.json") && said.contains("1 of 4 files"),
        "{said}"
    );
    let markdown = std::fs::read_to_string(place.path().join("docs/evidence.md")).unwrap();
    assert!(markdown.contains("77.8 ± 11.1") && markdown.contains("`broken.json`"));
    assert!(place.path().join("docs/evidence.html").exists());
}
