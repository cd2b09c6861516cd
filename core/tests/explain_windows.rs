//! What an explanation promises: effects that sum up to the score, that find what is there, and that are the same each time.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

mod synthetic;

use std::path::{Path, PathBuf};

use serde_json::Value;
use synthetic::{SMALL, metadata, model, onnx_file, scanner};
use undersong_core::engine::EngineChoice;
use undersong_core::explain::{
    ExplainError, ExplainSettings, Explainer, Which, report_windows, strongest_window, window_at,
};
use undersong_core::features::{FeatureConfig, FeatureKind, MelConfig, Statistics};
use undersong_core::model::Model;
use undersong_core::model::onnx::{AttributeProto, NodeProto, TensorProto, set_metadata};
use undersong_core::scan::Scanner;
use undersong_core::timeline::{Baseline, Effect, Explanation, Scan, TakeExplanation, explained};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac")
}

fn scanned(scanner: &Scanner) -> Scan {
    let scan = scanner.scan(&[sample()], &|_| {}).unwrap();
    assert!(scan.failed.is_empty(), "{:?}", scan.failed);
    scan
}

fn explain(
    scanner: &Scanner,
    which: Which,
    pairs: usize,
    emotion: Option<usize>,
) -> (Scan, TakeExplanation) {
    let scan = scanned(scanner);
    let settings = ExplainSettings {
        pairs,
        ..ExplainSettings::default()
    };
    let explanation = Explainer::new(scanner, settings)
        .unwrap()
        .take(&scan.takes[0], which, emotion)
        .unwrap();
    (scan, explanation)
}

fn sum(effects: &[Effect]) -> f64 {
    effects.iter().map(|effect| effect.value).sum()
}

#[track_caller]
fn adds_up(it: &Explanation) {
    let difference = it.score - it.baseline_score;
    for part in [&it.patches, &it.by_cell, &it.by_region] {
        assert!(
            (sum(part) - difference).abs() < 1e-9,
            "{} against {difference}",
            sum(part)
        );
    }
    let regions = it.regions.len();
    assert_eq!(it.patches.len(), it.cells() * regions);
    assert_eq!(it.borders_seconds.len(), it.cells() + 1);
    for (cell, row) in it.patches.chunks(regions).enumerate() {
        assert!((sum(row) - it.by_cell[cell].value).abs() < 1e-9);
    }
}

#[test]
fn effects_sum_up_to_the_score_in_real_windows_of_the_shipped_model() {
    let scanner = scanner(&Model::builtin().unwrap(), EngineChoice::Auto, 2);
    for (which, pairs, least) in [(Which::All, 1, 6), (Which::Strongest, 3, 1)] {
        let (scan, explanation) = explain(&scanner, which, pairs, None);
        let take = &scan.takes[0];
        assert!(explanation.explanations.len() >= least);
        for it in &explanation.explanations {
            adds_up(it);
            assert_eq!(it.baseline, Baseline::MeanVoice);
            let window = &take.windows[it.window];
            assert_eq!(window.leading(), Some(it.emotion));
            let score = f64::from(window.reading.as_ref().unwrap().confidence);
            assert!(
                (it.score - score).abs() < 1e-4,
                "{} against the scan's {score}",
                it.score
            );
            assert_eq!(it.runs, 2 + 2 * pairs * (it.patches.len() - 1));
            assert!((it.borders_seconds[0] - window.start_seconds).abs() < 1e-9);
            assert!((it.borders_seconds[it.cells()] - window.end_seconds).abs() < 1e-9);
        }
    }
}

#[test]
fn a_window_can_be_asked_about_with_any_of_its_patches() {
    let scanner = scanner(&Model::builtin().unwrap(), EngineChoice::Auto, 2);
    let (scan, explanation) = explain(&scanner, Which::Strongest, 1, None);
    let it = &explanation.explanations[0];
    let mut explainer = Explainer::new(&scanner, ExplainSettings::default()).unwrap();
    let count = it.patches.len();
    let groups = [vec![true; count], vec![false; count], Vec::new()];
    let take = &scan.takes[0];
    let scores = explainer
        .scores_with(take, it.window, it.emotion, &groups)
        .unwrap();
    assert_eq!(scores, [it.score, it.baseline_score, it.baseline_score]);
    let missing = explainer.scores_with(take, take.windows.len(), it.emotion, &groups);
    assert!(matches!(missing, Err(ExplainError::Window { .. })));
}

#[test]
fn what_speaks_for_every_emotion_together_speaks_for_nothing() {
    let scanner = scanner(&Model::builtin().unwrap(), EngineChoice::Auto, 2);
    let scan = scanned(&scanner);
    let settings = ExplainSettings {
        pairs: 1,
        ..ExplainSettings::default()
    };
    let mut explainer = Explainer::new(&scanner, settings).unwrap();
    let mut sums: Vec<f64> = Vec::new();
    for emotion in 0..scanner.model().emotions().len() {
        let explanation = explainer.take(&scan.takes[0], Which::Strongest, Some(emotion));
        let it = explanation.unwrap().explanations.remove(0);
        assert_eq!(it.emotion, emotion);
        sums.resize(it.patches.len(), 0.0);
        for (sum, patch) in sums.iter_mut().zip(&it.patches) {
            *sum += patch.value;
        }
    }
    // The scores sum up to one whatever is there, and all emotions see the same orders.
    assert!(sums.iter().all(|sum| sum.abs() < 1e-5), "{sums:?}");
}

#[test]
fn the_answer_is_the_same_each_time_and_for_any_number_of_jobs() {
    let model = model(&SMALL, &["neutral", "happy", "sad"]);
    let once = explain(
        &scanner(&model, EngineChoice::Builtin, 1),
        Which::Strongest,
        2,
        None,
    );
    for jobs in [1, 3] {
        let again = explain(
            &scanner(&model, EngineChoice::Builtin, jobs),
            Which::Strongest,
            2,
            None,
        );
        assert_eq!(again.1, once.1, "{jobs} jobs");
    }
}

/// Log-mel features with a mean, as the shipped models have.
fn log_mel() -> FeatureConfig {
    let paper = FeatureConfig::paper();
    FeatureConfig {
        sample_rate_hz: 16_000,
        fft_samples: 512,
        window_samples: 512,
        hop_samples: 400,
        mel: MelConfig {
            bands: 40,
            low_hz: 50.0,
            high_hz: 7600.0,
            ..paper.mel.clone()
        },
        kind: FeatureKind::LogMel,
        span_samples: 48_000,
        statistics: Some(Statistics {
            mean: vec![-30.0; 40],
            deviation: vec![10.0; 40],
        }),
        ..paper
    }
}

/// A model whose first logit is the mean over some frames and bands, and whose second is 0.
fn planted(frames: std::ops::Range<usize>, bands: std::ops::Range<usize>) -> Model {
    let mut metadata = metadata(&["neutral", "happy"]);
    metadata.features = log_mel();
    let (count, coefficients) = (metadata.features.frames(), metadata.features.coefficients());
    let each = 1.0 / (frames.len() * bands.len()) as f32;
    let mut weights = vec![0.0; count * coefficients * 2];
    for frame in frames {
        for band in bands.clone() {
            weights[(frame * coefficients + band) * 2] = each;
        }
    }
    let network = onnx_file(
        vec![
            NodeProto::new(
                "Flatten",
                &["features"],
                &["flat"],
                vec![AttributeProto::int("axis", 1)],
            ),
            NodeProto::new("MatMul", &["flat", "weights"], &["logits"], vec![]),
        ],
        vec![TensorProto::floats(
            "weights",
            &[(count * coefficients) as i64, 2],
            &weights,
        )],
        [count, coefficients],
        2,
    );
    Model::from_bytes(set_metadata(&network, &metadata).unwrap(), "planted.onnx").unwrap()
}

#[test]
fn what_a_model_looks_at_is_found_and_nothing_else() {
    // 120 frames in ten cells of twelve; presence begins at 2.4 kHz.
    let centres = log_mel().mel.centres_hz();
    let band = |hz: f64| centres.iter().position(|&centre| centre >= hz).unwrap();
    for (cell, region, bands) in [
        (3, "presence", band(2400.0)..band(5000.0)),
        (7, "body", band(400.0)..band(1000.0)),
    ] {
        let model = planted(cell * 12..(cell + 1) * 12, bands);
        let scanner = scanner(&model, EngineChoice::Builtin, 2);
        let (_, explanation) = explain(&scanner, Which::At(4.0), 2, Some(0));
        let it = &explanation.explanations[0];
        adds_up(it);
        let (found_cell, found_region, effect) = it.strongest()[0];
        assert_eq!((found_cell, it.regions[found_region].name), (cell, region));
        assert!(
            (effect.value - it.difference()).abs() < 1e-6 && it.difference().abs() > 0.01,
            "{it:?}"
        );
        assert!(effect.error < 1e-6);
        let rest = it
            .strongest()
            .iter()
            .skip(1)
            .map(|it| it.2.value.abs())
            .fold(0.0, f64::max);
        assert!(rest < 1e-6, "another patch has {rest}");
    }
}

#[test]
fn standard_errors_tell_how_far_the_sampling_is_off() {
    let model = model(&SMALL, &["neutral", "happy", "sad"]);
    let scanner = scanner(&model, EngineChoice::Builtin, 2);
    let of = |pairs: usize| {
        explain(&scanner, Which::Strongest, pairs, None)
            .1
            .explanations
            .remove(0)
    };
    let (few, many) = (of(6), of(36));
    assert!(many.largest_error() < 0.7 * few.largest_error());
    let apart = few.patches.iter().zip(&many.patches).filter(|(few, many)| {
        (few.value - many.value).abs() > 3.0 * few.error.hypot(many.error) + 1e-9
    });
    assert!(apart.count() <= few.patches.len() / 20);
}

#[test]
fn mfcc_without_a_mean_are_explained_against_the_windows_own() {
    let model = model(&SMALL, &["neutral", "happy", "sad"]);
    assert!(matches!(model.features().kind, FeatureKind::Mfcc { .. }));
    let (_, explanation) = explain(
        &scanner(&model, EngineChoice::Builtin, 2),
        Which::Strongest,
        1,
        None,
    );
    let it = &explanation.explanations[0];
    assert_eq!(it.baseline, Baseline::WindowMean);
    adds_up(it);
}

#[test]
fn a_report_explains_windows_a_second_apart_and_the_strongest() {
    let scanner = scanner(
        &model(&SMALL, &["neutral", "happy"]),
        EngineChoice::Builtin,
        2,
    );
    let scan = scanned(&scanner);
    let take = &scan.takes[0];
    let chosen = report_windows(take);
    let strongest = strongest_window(take).unwrap();
    assert!(chosen.contains(&strongest) && chosen.len() <= 61);
    let starts: Vec<f64> = chosen
        .iter()
        .filter(|&&index| index != strongest)
        .map(|&index| take.windows[index].start_seconds)
        .collect();
    assert!(
        starts.windows(2).all(|pair| pair[1] - pair[0] > 0.99),
        "{starts:?}"
    );
    assert!(chosen.iter().all(|&index| take.windows[index].voiced()));
    assert_eq!(window_at(take, 0.0), Some(0));
    assert_eq!(window_at(take, take.seconds), Some(take.windows.len() - 1));
    assert_eq!(window_at(take, take.seconds + 0.1), None);
    assert_eq!(window_at(take, f64::NAN), None);
}

#[test]
fn what_cannot_be_explained_is_named() {
    let scanner = scanner(
        &model(&SMALL, &["neutral", "happy"]),
        EngineChoice::Builtin,
        1,
    );
    let mut scan = scanned(&scanner);
    let mut explainer = Explainer::new(&scanner, ExplainSettings { pairs: 1, seed: 1 }).unwrap();
    let silent = scan.takes[0]
        .windows
        .iter()
        .position(|window| !window.voiced())
        .expect("the take has a pause");
    let take = &scan.takes[0];
    assert!(
        matches!(explainer.take(take, Which::Window(silent), None), Err(ExplainError::Silent { number, .. }) if number == silent + 1)
    );
    assert!(matches!(
        explainer.take(take, Which::Window(999), None),
        Err(ExplainError::Window { given: 1000, .. })
    ));
    for seconds in [-1.0, 99.0, f64::NAN] {
        assert!(matches!(
            explainer.take(take, Which::At(seconds), None),
            Err(ExplainError::Time { .. })
        ));
    }
    scan.takes[0].windows.pop();
    assert!(matches!(
        explainer.take(&scan.takes[0], Which::Strongest, None),
        Err(ExplainError::Changed { .. })
    ));
    scan.takes[0].path = "gone.wav".into();
    let error = explainer
        .take(&scan.takes[0], Which::Strongest, None)
        .unwrap_err();
    assert!(error.to_string().contains("gone.wav"), "{error}");
}

#[test]
fn the_json_holds_to_its_schema_and_sums_up() {
    let schema: Value =
        serde_json::from_str(include_str!("../schema/explain.schema.json")).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of draft 2020-12");
    let schema = jsonschema::draft202012::new(&schema).expect("a schema that compiles");
    let scanner = scanner(
        &model(&SMALL, &["neutral", "happy", "sad"]),
        EngineChoice::Builtin,
        2,
    );
    for which in [Which::Strongest, Which::All] {
        let (scan, explanation) = explain(&scanner, which, 1, None);
        let mut bytes = Vec::new();
        explained::write(&scan, &scan.takes[0], &explanation, &mut bytes).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert_eq!(
            value["windows"].as_array().unwrap().len(),
            scan.takes[0].windows.len()
        );
        for it in value["explanations"].as_array().unwrap() {
            let difference = it["difference"].as_f64().unwrap();
            let mut whole = 0.0;
            for cell in it["cells"].as_array().unwrap() {
                assert_eq!(
                    cell["patches"].as_array().unwrap().len(),
                    it["regions"].as_array().unwrap().len()
                );
                whole += cell["patches"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|patch| patch["effect"].as_f64().unwrap())
                    .sum::<f64>();
            }
            assert!(
                (whole - difference).abs() < 1e-4,
                "{whole} against {difference}"
            );
        }
        for (pointer, wrong) in [
            ("/version", serde_json::json!(2)),
            ("/explanations/0/baseline", serde_json::json!("zero")),
            ("/explanations/0/cells/0/error", serde_json::json!(-1)),
            ("/windows/0/window", serde_json::json!(0)),
        ] {
            let mut changed = value.clone();
            *changed.pointer_mut(pointer).expect(pointer) = wrong;
            assert!(!schema.is_valid(&changed), "{pointer} was let through");
        }
    }
}
