//! Reports and cards say what was measured, the same way every time, and stand on their own.

#![allow(clippy::unwrap_used)] // A test's helpers may stop the test.

use undersong_core::features::FeatureConfig;
use undersong_core::model::{
    Calibration, EmotionSet, FORMAT_VERSION, ModelMetadata, Training, TrainingData,
};
use undersong_trainer::corpus::EMOTIONS;
use undersong_trainer::evaluate::{
    About, Card, EpochRecord, History, Predictions, Report, Row, write_card,
};

fn predictions() -> Predictions {
    #[derive(serde::Deserialize)]
    struct Golden {
        predictions: Predictions,
    }
    let golden: Golden = serde_json::from_str(include_str!("golden/evaluate.json")).unwrap();
    golden.predictions
}

fn calibration() -> Calibration {
    Calibration {
        temperature: 1.76,
        by_voice: Vec::new(),
        unsure_below: 0.35,
        priors: vec![0.125; 8],
        ordinary: None,
        speaker_shift: Vec::new(),
        measured_on: "validation part".to_owned(),
    }
}

fn about(split: &str) -> About {
    About {
        model: "undersong-8".to_owned(),
        recipe: "undersong".to_owned(),
        seed: 3,
        split: split.to_owned(),
        measured_on: "test part".to_owned(),
    }
}

fn history() -> History {
    let epochs = (1..=12)
        .map(|epoch| EpochRecord {
            epoch,
            train_loss: 2.0 / f64::from(epoch),
            validation_loss: Some(2.1 / f64::from(epoch)),
            validation_accuracy: Some(0.05 * f64::from(epoch)),
            validation_uar: Some(0.04 * f64::from(epoch)),
            learning_rate: 1e-3,
            seconds: 61.0,
        })
        .collect();
    History { epochs }
}

fn report() -> Report {
    Report::new(
        about("speakers, fold 0"),
        &predictions(),
        calibration(),
        Some(history()),
    )
    .unwrap()
}

fn model() -> ModelMetadata {
    ModelMetadata {
        format_version: FORMAT_VERSION,
        name: "undersong-8".to_owned(),
        description: "Eight emotions of acted speech.".to_owned(),
        emotions: EmotionSet::from_names(&EMOTIONS).unwrap(),
        features: FeatureConfig::paper(),
        calibration: calibration(),
        training: Training {
            recipe: "undersong".to_owned(),
            recipe_toml: "epochs = 12\n".to_owned(),
            seed: 3,
            split: "all".to_owned(),
            epochs: 12,
            data: vec![
                TrainingData {
                    corpus: "RAVDESS".to_owned(),
                    clips: 1198,
                    speakers: 20,
                },
                TrainingData {
                    corpus: "CREMA-D".to_owned(),
                    clips: 6205,
                    speakers: 76,
                },
            ],
            licence: "non-commercial, by RAVDESS's licence".to_owned(),
            trainer_version: "0.1.0".to_owned(),
        },
        quality: Vec::new(),
    }
}

#[test]
fn a_report_measures_every_part_of_the_clips() {
    let report = report();
    assert_eq!(
        report
            .by_corpus
            .iter()
            .map(|group| group.metrics.clips)
            .sum::<usize>(),
        report.overall.clips
    );
    assert_eq!(
        report
            .by_sex
            .iter()
            .map(|group| group.metrics.clips)
            .sum::<usize>(),
        report.overall.clips
    );
    assert_eq!(report.by_corpus_and_sex.len(), 4);
    assert!(report.after_calibration.ece < report.before_calibration.ece);
    assert!(report.answered_accuracy.unwrap() > report.overall.accuracy);
    let quality = report.quality();
    assert_eq!(
        quality
            .iter()
            .map(|entry| entry.corpus.as_str())
            .collect::<Vec<_>>(),
        ["both", "CREMA-D", "RAVDESS"]
    );
    assert_eq!(quality[0].accuracy, report.overall.accuracy);
}

#[test]
fn a_report_reads_back_from_its_json_to_the_bit() {
    let report = report();
    let json = report.to_json().unwrap();
    assert_eq!(Report::from_json(&json).unwrap(), report);
    assert_eq!(Report::from_json(&json).unwrap().to_json().unwrap(), json);
}

#[test]
fn a_report_of_another_version_or_kind_is_refused_in_words() {
    let json = report().to_json().unwrap();
    let newer =
        Report::from_json(&json.replacen("\"version\": 2", "\"version\": 3", 1)).unwrap_err();
    assert!(
        newer.to_string().contains("version is 3, expected 1 to 2"),
        "{newer}"
    );
    for wrong in ["", "{}", "[1]", "{\"version\": 1}", &json[..json.len() / 2]] {
        assert!(
            Report::from_json(wrong)
                .unwrap_err()
                .to_string()
                .contains("undersong-trainer evaluate")
        );
    }
}

#[test]
fn the_json_keys_are_those_others_build_on() {
    let json: serde_json::Value = serde_json::from_str(&report().to_json().unwrap()).unwrap();
    for pointer in [
        "/overall/accuracy",
        "/overall/uar",
        "/overall/macro_f1",
        "/overall/weighted_f1",
        "/overall/confusion/0/0",
        "/overall/per_class/0/recall",
        "/by_corpus/0/metrics/uar",
        "/by_sex/0/name",
        "/after_calibration/ece",
        "/before_calibration/bins/14/clips",
        "/risk_coverage/accuracy_at_60",
        "/history/epochs/0/train_loss",
    ] {
        assert!(
            json.pointer(pointer).is_some_and(|value| !value.is_null()),
            "{pointer}"
        );
    }
}

#[test]
fn the_page_stands_on_its_own_and_is_the_same_every_time() {
    let page = report().to_html();
    assert_eq!(page, report().to_html());
    for reference in [
        "http://", "https://", "<script", "<link", "src=", "@import", "NaN", "inf",
    ] {
        assert!(!page.contains(reference), "{reference}");
    }
    for tag in [
        "svg", "table", "figure", "section", "details", "ul", "dl", "div", "g", "text", "title",
    ] {
        let opened =
            page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    assert_eq!(
        page.matches("role=\"img\" aria-label=\"").count(),
        page.matches("<svg viewBox").count()
    );
}

#[test]
fn names_cannot_become_markup() {
    let mut about = about("<b>&");
    about.model = "<script>alert(1)</script>".to_owned();
    let page = Report::new(about, &predictions(), calibration(), None)
        .unwrap()
        .to_html();
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
}

#[test]
fn text_and_page_and_card_say_the_headline_figures() {
    let report = report();
    let accuracy = format!("{:.1}\u{a0}%", report.overall.accuracy * 100.0);
    let uar = format!("{:.1}\u{a0}%", report.overall.uar * 100.0);
    let model = model();
    let card = write_card(&Card {
        live: None,
        model: &model,
        paper: None,
        speakers: Some(&report),
        commands: &[],
        limits: &[],
    });
    for document in [report.to_text(), report.to_html(), card] {
        assert!(
            document.contains(&accuracy) && document.contains(&uar),
            "{document}"
        );
    }
}

#[test]
fn clips_the_model_cannot_answer_are_counted_everywhere() {
    let mut predictions = predictions();
    for _ in 0..12 {
        predictions.leave_out("RAVDESS", "calm");
    }
    let report = Report::new(about("speakers, fold 0"), &predictions, calibration(), None).unwrap();
    let model = model();
    let card = write_card(&Card {
        live: None,
        model: &model,
        paper: Some(&report),
        speakers: None,
        commands: &[],
        limits: &[],
    });
    for document in [report.to_text(), report.to_html(), card] {
        assert!(
            document.contains("12 clips of RAVDESS (calm)"),
            "{document}"
        );
    }
}

#[test]
fn odd_inputs_still_give_a_page() {
    let mut one = Predictions::new(["a", "b"]);
    one.rows.push(Row {
        name: "x".to_owned(),
        corpus: "C".to_owned(),
        speaker: "s".to_owned(),
        sex: None,
        age_years: None,
        race: None,
        ethnicity: None,
        voiced_seconds: None,
        truth: 0,
        logits: vec![0.0, 0.0],
    });
    let mut first = history();
    first.epochs.truncate(1);
    first.epochs[0].train_loss = f64::NAN;
    first.epochs[0].validation_loss = None;
    let sure = Calibration {
        unsure_below: 0.9,
        ..calibration()
    };
    for history in [None, Some(History::default()), Some(first)] {
        let report = Report::new(about("x"), &one, sure.clone(), history).unwrap();
        assert_eq!(report.answered_accuracy, None);
        let page = report.to_html();
        assert!(!page.contains("NaN") && !page.contains("inf"), "{page}");
        assert!(!report.to_text().contains("NaN"));
    }
}

#[test]
fn a_temperature_that_cannot_be_is_refused() {
    for temperature in [0.0, -1.0, f32::NAN] {
        let wrong = Calibration {
            temperature,
            ..calibration()
        };
        let error = Report::new(about("x"), &predictions(), wrong, None).unwrap_err();
        assert!(error.to_string().contains("the temperature"), "{error}");
    }
}

#[test]
fn a_card_sets_both_splits_side_by_side_and_invents_nothing() {
    let report = report();
    let model = model();
    let commands = ["undersong-trainer train --recipe undersong --seed 3".to_owned()];
    let both = write_card(&Card {
        live: None,
        model: &model,
        paper: Some(&report),
        speakers: Some(&report),
        commands: &commands,
        limits: &[],
    });
    for needed in [
        "82.4",
        "62.0",
        "40.9",
        "Art. 5(1)(f)",
        "CC BY-NC-SA 4.0",
        "Open Database License 1.0",
        "epochs = 12",
        "undersong-trainer train --recipe undersong --seed 3",
        "| fearful |",
        "| CREMA-D, female |",
        "acted speech is not felt",
    ] {
        assert!(both.contains(needed), "{needed}");
    }
    assert!(!both.contains("not measured |"));
    let none = write_card(&Card {
        live: None,
        model: &model,
        paper: None,
        speakers: None,
        commands: &[],
        limits: &[],
    });
    assert!(none.contains("not measured | not measured") && none.contains("were not recorded"));
}
