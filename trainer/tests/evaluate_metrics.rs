//! Metrics, calibration and intervals: numbers worked out by hand, and promises that hold for any predictions.

#![allow(clippy::unwrap_used)] // A test's helpers may stop the test.

use proptest::prelude::*;
use undersong_trainer::evaluate::{
    EpochRecord, EvaluateError, History, Metrics, Predictions, Row, TEMPERATURE_RANGE, UnsureRule,
    calibrate, fit_temperature, reliability, risk_coverage, unsure_threshold,
};

fn row(speaker: &str, truth: usize, logits: &[f32]) -> Row {
    Row {
        name: format!("{speaker}-{truth}"),
        corpus: "A".to_owned(),
        speaker: speaker.to_owned(),
        sex: None,
        age_years: None,
        race: None,
        ethnicity: None,
        voiced_seconds: None,
        truth,
        logits: logits.to_vec(),
    }
}

fn answers(labels: usize, pairs: &[(usize, usize)]) -> Predictions {
    let mut predictions = Predictions::new((0..labels).map(|label| format!("e{label}")));
    predictions.rows = pairs
        .iter()
        .enumerate()
        .map(|(index, &(truth, answer))| {
            let logits: Vec<f32> = (0..labels)
                .map(|label| f32::from(u8::from(label == answer)))
                .collect();
            row(&format!("s{}", index % 3), truth, &logits)
        })
        .collect();
    predictions
}

fn metrics(predictions: &Predictions) -> Metrics {
    let rows: Vec<&Row> = predictions.rows.iter().collect();
    Metrics::of(&predictions.labels, &rows)
}

/// Rows with the true emotion's probability at temperature 1, over two labels.
fn sure(pairs: &[(f64, bool)]) -> Predictions {
    let mut predictions = Predictions::new(["a", "b"]);
    for &(confidence, right) in pairs {
        let logit = (confidence / (1.0 - confidence)).ln() as f32;
        predictions
            .rows
            .push(row("s", usize::from(!right), &[logit, 0.0]));
    }
    predictions
}

#[test]
fn three_classes_by_hand() {
    // truth 0: answered 0 0 1; truth 1: answered 1 0; truth 2: answered 2.
    let metrics = metrics(&answers(
        3,
        &[(0, 0), (0, 0), (0, 1), (1, 1), (1, 0), (2, 2)],
    ));
    let close = |ours: f64, theirs: f64| assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
    close(metrics.accuracy, 4.0 / 6.0);
    close(metrics.uar, (2.0 / 3.0 + 0.5 + 1.0) / 3.0);
    close(metrics.macro_precision, (2.0 / 3.0 + 0.5 + 1.0) / 3.0);
    close(metrics.macro_f1, (2.0 / 3.0 + 0.5 + 1.0) / 3.0);
    close(
        metrics.weighted_f1,
        (3.0 * 2.0 / 3.0 + 2.0 * 0.5 + 1.0) / 6.0,
    );
    assert_eq!(
        metrics.confusion.lines(),
        [vec![2, 1, 0], vec![1, 1, 0], vec![0, 0, 1]]
    );
    assert_eq!(metrics.speakers, 3);
}

#[test]
fn an_emotion_without_clips_is_no_part_of_uar_but_answering_it_is_wrong() {
    // Label 1 has no clips; one clip of label 0 is taken for it.
    let metrics = metrics(&answers(3, &[(0, 0), (0, 1), (2, 2), (2, 2)]));
    assert_eq!(metrics.uar, 0.75);
    assert_eq!(metrics.accuracy, 0.75);
    assert_eq!(metrics.per_class[1].recall, None);
    assert_eq!(metrics.per_class[1].precision, Some(0.0));
    assert_eq!(metrics.per_class[1].answered, 1);
}

#[test]
fn an_emotion_never_answered_has_no_precision_and_counts_zero_in_the_mean() {
    let metrics = metrics(&answers(2, &[(0, 0), (1, 0)]));
    assert_eq!(metrics.per_class[1].precision, None);
    assert_eq!(metrics.macro_precision, 0.25);
}

#[test]
fn on_a_tie_the_first_emotion_is_the_answer() {
    assert_eq!(row("s", 0, &[1.0, 1.0, 0.0]).answer(), 0);
}

#[test]
fn calibration_error_by_hand() {
    // Bin (12/15, 13/15]: four clips of confidence 0.85, two right. Bin (8/15, 9/15]: one of 0.55, right.
    let predictions = sure(&[
        (0.85, true),
        (0.85, true),
        (0.85, false),
        (0.85, false),
        (0.55, true),
    ]);
    let rows: Vec<&Row> = predictions.rows.iter().collect();
    let measured = reliability(&rows, 1.0);
    assert!((measured.ece - (0.8 * 0.35 + 0.2 * 0.45)).abs() < 1e-6);
    let nll = -(2.0 * 0.85_f64.ln() + 2.0 * 0.15_f64.ln() + 0.55_f64.ln()) / 5.0;
    assert!((measured.nll - nll).abs() < 1e-6);
    assert_eq!(measured.bins.iter().map(|bin| bin.clips).sum::<usize>(), 5);
    assert_eq!(measured.bins[12].clips, 4);
}

#[test]
fn an_overconfident_model_gets_the_temperature_that_makes_it_honest() {
    // Says 0.9, is right in 3 of 4: the logit ln 9 must become ln 3, so T = 2.
    let fitted = fit_temperature(&sure(&[
        (0.9, true),
        (0.9, true),
        (0.9, true),
        (0.9, false),
    ]))
    .unwrap();
    assert!((fitted.temperature - 2.0).abs() < 1e-4, "{fitted:?}");
    assert!(fitted.nll_after < fitted.nll_before && !fitted.at_limit);
}

#[test]
fn a_model_that_is_always_right_or_always_wrong_ends_at_a_limit_that_is_said() {
    let right = fit_temperature(&sure(&[(0.9, true), (0.8, true)])).unwrap();
    assert!(right.at_limit && right.temperature < TEMPERATURE_RANGE.0 * 1.01);
    let wrong = fit_temperature(&sure(&[(0.9, false), (0.8, false)])).unwrap();
    assert!(wrong.at_limit && wrong.temperature > TEMPERATURE_RANGE.1 * 0.99);
}

#[test]
fn equal_logits_keep_temperature_one() {
    let fitted = fit_temperature(&sure(&[(0.5, true), (0.5, false)])).unwrap();
    assert_eq!((fitted.temperature, fitted.at_limit), (1.0, false));
}

/// Confidence of five answers, and whether they are right.
const FIVE: [(f64, bool); 5] = [
    (0.95, true),
    (0.9, true),
    (0.8, true),
    (0.7, false),
    (0.6, false),
];

#[test]
fn the_least_confident_fifth_is_unsure() {
    let predictions = sure(&FIVE);
    let threshold = unsure_threshold(&predictions, 1.0, UnsureRule::LeastConfident(0.2)).unwrap();
    assert!((threshold - 0.7).abs() < 1e-6);
    let none = unsure_threshold(&predictions, 1.0, UnsureRule::LeastConfident(0.0)).unwrap();
    assert!(
        predictions
            .rows
            .iter()
            .all(|row| row.confidence(1.0) >= none)
    );
}

#[test]
fn the_threshold_for_an_accuracy_is_the_lowest_that_reaches_it() {
    let predictions = sure(&FIVE);
    let threshold =
        unsure_threshold(&predictions, 1.0, UnsureRule::AnsweredAccuracy(0.75)).unwrap();
    assert!((threshold - 0.7).abs() < 1e-6);
    let never = sure(&[(0.9, false), (0.8, true)]);
    assert!(matches!(
        unsure_threshold(&never, 1.0, UnsureRule::AnsweredAccuracy(0.9)),
        Err(EvaluateError::Unreachable { best, .. }) if best == 0.5
    ));
}

#[test]
fn coverage_does_not_depend_on_the_order_of_equally_confident_clips() {
    let curve = |pairs: &[(f64, bool)]| {
        let predictions = sure(pairs);
        let rows: Vec<&Row> = predictions.rows.iter().collect();
        risk_coverage(&rows, 1.0).unwrap()
    };
    let one = curve(&[(0.9, true), (0.7, true), (0.7, false), (0.7, true)]);
    let other = curve(&[(0.7, false), (0.7, true), (0.7, true), (0.9, true)]);
    assert_eq!(one, other);
    assert_eq!(one.points.last().unwrap().accuracy, 0.75);
    assert_eq!(one.points.len(), 100);
}

#[test]
fn calibration_carries_the_numbers_a_model_file_needs() {
    let predictions = sure(&[
        (0.9, true),
        (0.9, true),
        (0.9, true),
        (0.9, false),
        (0.6, true),
    ]);
    let calibration = calibrate(
        &predictions,
        UnsureRule::default(),
        vec![0.5, 0.5],
        "fold 4",
    )
    .unwrap();
    assert!(calibration.temperature > 1.0 && calibration.unsure_below > 0.5);
    assert_eq!(calibration.measured_on, "fold 4");
}

#[test]
fn intervals_widen_with_speakers_that_differ_and_need_two_of_them() {
    let one = metrics(&sure(&[(0.9, true), (0.9, false)]));
    assert_eq!(one.intervals, None);
    let mut alike = Predictions::new(["a", "b"]);
    let mut apart = alike.clone();
    for speaker in 0..10 {
        for clip in 0..10 {
            let name = format!("s{speaker}");
            alike
                .rows
                .push(row(&name, usize::from(clip >= 5), &[1.0, 0.0]));
            apart
                .rows
                .push(row(&name, usize::from(speaker >= 5), &[1.0, 0.0]));
        }
    }
    let width = |predictions: &Predictions| {
        let all = metrics(predictions).intervals.unwrap().accuracy;
        all.high - all.low
    };
    assert!(width(&alike) < 1e-12);
    assert!(width(&apart) > 0.4);
    assert_eq!(metrics(&apart), metrics(&apart), "the draws are seeded");
}

#[test]
fn wrong_predictions_are_refused_by_name() {
    let empty = Predictions::new(["a", "b"]);
    assert!(empty.check().unwrap_err().to_string().contains("no clips"));
    let mut left = empty.clone();
    left.leave_out("RAVDESS", "calm");
    left.leave_out("RAVDESS", "calm");
    assert_eq!(left.left_out[0].clips, 2);
    assert!(
        left.check()
            .unwrap_err()
            .to_string()
            .contains("2 clips have an emotion")
    );

    let with = |row: Row| {
        let mut predictions = empty.clone();
        predictions.rows.push(row);
        predictions.check().unwrap_err().to_string()
    };
    assert!(with(row("s", 0, &[1.0])).contains("1 logits for 2 labels"));
    assert!(with(row("s", 2, &[1.0, 0.0])).contains("true label number 2"));
    let diverged = with(row("s", 0, &[1.0, f32::NAN]));
    assert!(
        diverged.contains("s-0") && diverged.contains("logit of b is NaN"),
        "{diverged}"
    );
    assert!(
        Predictions::new(["a", "a"])
            .check()
            .unwrap_err()
            .to_string()
            .contains("each once")
    );
    assert!(risk_coverage(&[], 1.0).is_err());
    let fine = sure(&[(0.9, true)]);
    assert!(unsure_threshold(&fine, 0.0, UnsureRule::default()).is_err());
    assert!(unsure_threshold(&fine, 1.0, UnsureRule::LeastConfident(f64::NAN)).is_err());
}

#[test]
fn folds_join_only_with_the_same_labels() {
    let mut one = sure(&[(0.9, true)]);
    let mut two = sure(&[(0.8, true), (0.7, false)]);
    two.leave_out("RAVDESS", "calm");
    one.append(two).unwrap();
    assert_eq!((one.rows.len(), one.left_out[0].clips), (3, 1));
    assert!(one.append(Predictions::new(["b", "a"])).is_err());
}

#[test]
fn the_best_epoch_is_the_first_of_the_highest_accuracy() {
    let record = |epoch, validation_accuracy| EpochRecord {
        epoch,
        train_loss: 1.0,
        validation_loss: None,
        validation_accuracy,
        validation_uar: None,
        learning_rate: 1e-3,
        seconds: 2.0,
    };
    let history = History {
        epochs: vec![
            record(1, None),
            record(2, Some(0.5)),
            record(3, Some(0.6)),
            record(4, Some(0.6)),
        ],
    };
    assert_eq!(history.best_epoch().unwrap().epoch, 3);
    assert_eq!(history.seconds(), 8.0);
    assert_eq!(History::default().best_epoch(), None);
}

prop_compose! {
    fn predictions()(labels in 2_usize..9)(
        labels in Just(labels),
        rows in prop::collection::vec((0..labels, 0_usize..5, prop::collection::vec(-30.0_f32..30.0, labels)), 1..60),
    ) -> Predictions {
        let mut predictions = Predictions::new((0..labels).map(|label| format!("e{label}")));
        predictions.rows = rows
            .into_iter()
            .map(|(truth, speaker, logits)| row(&format!("s{speaker}"), truth, &logits))
            .collect();
        predictions
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_share_lies_between_none_and_all(predictions in predictions()) {
        let metrics = metrics(&predictions);
        let rows: Vec<&Row> = predictions.rows.iter().collect();
        let measured = reliability(&rows, 1.0);
        for share in [
            metrics.accuracy, metrics.uar, metrics.macro_precision, metrics.macro_f1,
            metrics.weighted_precision, metrics.weighted_f1, measured.ece, measured.mean_confidence,
        ] {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&share));
        }
        if let Some(all) = metrics.intervals {
            prop_assert!(0.0 <= all.uar.low && all.uar.low <= all.uar.high && all.uar.high <= 1.0 + 1e-12);
        }
        prop_assert!(measured.nll >= 0.0 && measured.nll.is_finite());
    }

    #[test]
    fn the_confusion_matrix_counts_every_clip_once(predictions in predictions()) {
        let confusion = metrics(&predictions).confusion;
        prop_assert_eq!(confusion.clips(), predictions.rows.len());
        prop_assert_eq!(confusion.support().iter().sum::<usize>(), predictions.rows.len());
        prop_assert_eq!(confusion.answered().iter().sum::<usize>(), predictions.rows.len());
    }

    #[test]
    fn recall_weighted_by_clips_is_the_accuracy(predictions in predictions()) {
        let metrics = metrics(&predictions);
        let sum: f64 = metrics.per_class.iter().filter_map(|class| Some(class.recall? * class.clips as f64)).sum();
        prop_assert!((sum / metrics.clips as f64 - metrics.accuracy).abs() < 1e-9);
    }

    #[test]
    fn calibration_never_raises_the_likelihoods_loss_nor_changes_an_answer(predictions in predictions()) {
        let fitted = fit_temperature(&predictions).unwrap();
        prop_assert!(fitted.nll_after <= fitted.nll_before);
        for temperature in [0.3, 0.9, 1.1, 4.0] {
            let rows: Vec<&Row> = predictions.rows.iter().collect();
            prop_assert!(fitted.nll_after <= reliability(&rows, temperature).nll + 1e-9);
        }
    }

    #[test]
    fn no_more_clips_are_unsure_than_asked_for(predictions in predictions(), share in 0.0_f64..1.0) {
        let threshold = unsure_threshold(&predictions, 1.3, UnsureRule::LeastConfident(share)).unwrap();
        let unsure = predictions.rows.iter().filter(|row| row.confidence(1.3) < threshold).count();
        prop_assert!(unsure as f64 <= share * predictions.rows.len() as f64);
    }
}
