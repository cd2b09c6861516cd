//! The figures are scikit-learn's: predictions and expected values come from `golden/evaluate.py`.

#![allow(clippy::unwrap_used)] // A test's helpers may stop the test.

use serde::Deserialize;
use undersong_trainer::evaluate::{
    Metrics, Predictions, Row, fit_temperature, reliability, risk_coverage,
};

#[derive(Deserialize)]
struct Golden {
    predictions: Predictions,
    overall: Figures,
    #[serde(rename = "RAVDESS")]
    ravdess: Figures,
    #[serde(rename = "CREMA-D")]
    cremad: Figures,
}

#[derive(Deserialize)]
struct Figures {
    accuracy: f64,
    uar: f64,
    macro_precision: f64,
    macro_f1: f64,
    weighted_precision: f64,
    weighted_f1: f64,
    precision: Vec<f64>,
    recall: Vec<f64>,
    f1: Vec<f64>,
    confusion: Vec<Vec<usize>>,
    nll: f64,
    ece: f64,
    mean_confidence: f64,
    temperature: f64,
    nll_calibrated: f64,
    accuracy_at_60: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/evaluate.json")).unwrap()
}

fn part(predictions: &Predictions, corpus: &str) -> Predictions {
    let mut part = predictions.clone();
    part.rows
        .retain(|row| corpus.is_empty() || row.corpus == corpus);
    part
}

fn near(name: &str, ours: f64, theirs: f64) {
    assert!(
        (ours - theirs).abs() < 1e-9,
        "{name}: {ours}, expected {theirs}"
    );
}

fn compare(predictions: &Predictions, expected: &Figures) {
    let rows: Vec<&Row> = predictions.rows.iter().collect();
    let metrics = Metrics::of(&predictions.labels, &rows);
    near("accuracy", metrics.accuracy, expected.accuracy);
    near("UAR", metrics.uar, expected.uar);
    near(
        "macro precision",
        metrics.macro_precision,
        expected.macro_precision,
    );
    near("macro F1", metrics.macro_f1, expected.macro_f1);
    near(
        "weighted precision",
        metrics.weighted_precision,
        expected.weighted_precision,
    );
    near("weighted F1", metrics.weighted_f1, expected.weighted_f1);
    assert_eq!(metrics.confusion.lines(), expected.confusion);
    for (index, class) in metrics.per_class.iter().enumerate() {
        // Scikit-learn says 0 where ours says that there is nothing to say.
        near(
            "precision",
            class.precision.unwrap_or(0.0),
            expected.precision[index],
        );
        near(
            "recall",
            class.recall.unwrap_or(0.0),
            expected.recall[index],
        );
        near("F1", class.f1.unwrap_or(0.0), expected.f1[index]);
    }
    let bare = reliability(&rows, 1.0);
    near("NLL", bare.nll, expected.nll);
    near("ECE", bare.ece, expected.ece);
    near(
        "mean confidence",
        bare.mean_confidence,
        expected.mean_confidence,
    );
    let fitted = fit_temperature(predictions).unwrap();
    assert!((fitted.temperature - expected.temperature).abs() < 1e-4);
    near("calibrated NLL", fitted.nll_after, expected.nll_calibrated);
    let risk = risk_coverage(&rows, 1.0).unwrap();
    near(
        "accuracy at 60 %",
        risk.accuracy_at_60,
        expected.accuracy_at_60,
    );
}

#[test]
fn figures_of_all_clips_are_scikit_learns() {
    let golden = golden();
    compare(&golden.predictions, &golden.overall);
}

#[test]
fn figures_of_a_corpus_with_all_emotions_are_scikit_learns() {
    let golden = golden();
    compare(&part(&golden.predictions, "RAVDESS"), &golden.ravdess);
}

#[test]
fn figures_of_a_corpus_without_calm_and_surprised_are_scikit_learns() {
    let golden = golden();
    compare(&part(&golden.predictions, "CREMA-D"), &golden.cremad);
}
