//! What logits mean: probabilities, affect, confidence, with the user's priors.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod synthetic;

use proptest::prelude::*;
use undersong_core::model::{
    ModelMetadata, Priors, PriorsError, ScoreError, Scorer, VoiceTemperature,
};

const NAMES: [&str; 4] = ["neutral", "happy", "sad", "angry"];

fn metadata(temperature: f32) -> ModelMetadata {
    let mut metadata = synthetic::metadata(&NAMES);
    metadata.calibration.temperature = temperature;
    metadata.calibration.priors = vec![0.4, 0.3, 0.2, 0.1];
    metadata
}

fn scorer(temperature: f32, priors: Option<&str>) -> Scorer {
    let metadata = metadata(temperature);
    let priors = priors.map(|text| Priors::parse(text, &metadata).unwrap());
    Scorer::from_metadata(&metadata, priors.as_ref()).unwrap()
}

#[test]
fn scores_are_the_softmax_of_the_logits_over_the_temperature() {
    let reading = scorer(2.0, None).reading(&[2.0, 0.0, -2.0, 4.0]).unwrap();
    let weights = [1.0f64, 0.0, -1.0, 2.0].map(f64::exp);
    let sum: f64 = weights.iter().sum();
    for (score, weight) in reading.scores.0.iter().zip(weights) {
        assert!((f64::from(*score) - weight / sum).abs() < 1e-7);
    }
    assert_eq!(reading.confidence, reading.scores.0[3]);
    assert!(!reading.unsure);
}

#[test]
fn valence_and_arousal_are_the_expectation_over_the_emotions_coordinates() {
    let sure_of_happy = scorer(1.0, None).reading(&[0.0, 100.0, 0.0, 0.0]).unwrap();
    let happy = metadata(1.0).emotions.get(1).unwrap().clone();
    assert_eq!(
        (sure_of_happy.valence, sure_of_happy.arousal),
        (happy.valence, happy.arousal)
    );
    let even = scorer(1.0, None).reading(&[0.0; 4]).unwrap();
    let mean = metadata(1.0)
        .emotions
        .iter()
        .map(|e| e.valence)
        .sum::<f32>()
        / 4.0;
    assert!((even.valence - mean).abs() < 1e-6);
    assert!(even.unsure, "a quarter each is below 0.4");
}

#[test]
fn priors_equal_to_the_models_change_nothing() {
    let logits = [0.3, -1.0, 2.0, 0.7];
    let without = scorer(1.3, None).reading(&logits).unwrap();
    let metadata = metadata(1.3);
    let same = Priors::from_shares(&metadata.calibration.priors, &metadata.emotions).unwrap();
    let with = Scorer::from_metadata(&metadata, Some(&same))
        .unwrap()
        .reading(&logits)
        .unwrap();
    for (a, b) in without.scores.0.iter().zip(&with.scores.0) {
        assert!((a - b).abs() < 1e-6);
    }
}

#[test]
fn a_factor_multiplies_an_emotions_odds() {
    let logits = [0.3, -1.0, 2.0, 0.7];
    let odds = |scorer: Scorer| {
        let scores = scorer.reading(&logits).unwrap().scores.0;
        scores[1] / (1.0 - scores[1])
    };
    let ratio = odds(scorer(1.0, Some("happy=2"))) / odds(scorer(1.0, None));
    assert!((ratio - 2.0).abs() < 1e-4, "{ratio}");
}

#[test]
fn even_priors_take_the_trainings_shares_out() {
    let reading = scorer(1.0, Some("even")).reading(&[0.0; 4]).unwrap();
    // softmax is even, so what is left is u / m.
    let wanted = [0.25 / 0.4, 0.25 / 0.3, 0.25 / 0.2, 0.25 / 0.1f32];
    let sum: f32 = wanted.iter().sum();
    for (score, wanted) in reading.scores.0.iter().zip(wanted) {
        assert!((score - wanted / sum).abs() < 1e-6);
    }
}

#[test]
fn a_factor_of_zero_rules_an_emotion_out() {
    let reading = scorer(1.0, Some("sad=0"))
        .reading(&[0.0, 0.0, 1e6, 0.0])
        .unwrap();
    assert_eq!(reading.scores.0[2], 0.0);
    assert!((reading.scores.0.iter().sum::<f32>() - 1.0).abs() < 1e-6);
}

#[test]
fn wrong_priors_are_named_with_the_models_emotions() {
    let metadata = metadata(1.0);
    let refusal = |text: &str| Priors::parse(text, &metadata).unwrap_err();
    let unknown = refusal("happy=2,bored=1");
    assert!(matches!(&unknown, PriorsError::Name { name, .. } if name == "bored"));
    assert!(unknown.to_string().contains("neutral, happy, sad, angry"));
    for text in ["", "happy", "happy=2,,sad=1", "2=happy=3,"] {
        assert!(
            matches!(
                refusal(text),
                PriorsError::Part { .. } | PriorsError::Name { .. }
            ),
            "{text}"
        );
    }
    for text in ["happy=-1", "happy=NaN", "happy=inf", "happy=x", "happy="] {
        assert!(
            matches!(refusal(text), PriorsError::Factor { .. }),
            "{text}"
        );
    }
    assert!(matches!(refusal("sad=1,sad=2"), PriorsError::Twice { .. }));
    assert!(matches!(
        refusal("neutral=0,happy=0,sad=0,angry=0"),
        PriorsError::AllZero
    ));
    assert!(matches!(
        Priors::from_shares(&[0.5, 0.5], &metadata.emotions),
        Err(PriorsError::Count { .. })
    ));
}

#[test]
fn priors_of_another_model_are_refused() {
    let other = synthetic::metadata(&["happy", "sad"]);
    let priors = Priors::parse("happy=2", &other).unwrap();
    assert!(matches!(
        Scorer::from_metadata(&metadata(1.0), Some(&priors)),
        Err(ScoreError::Priors { .. })
    ));
}

#[test]
fn logits_that_are_no_numbers_never_become_scores() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let refused = scorer(1.0, None)
            .reading(&[0.0, bad, 0.0, 0.0])
            .unwrap_err();
        assert!(refused.to_string().contains("happy"), "{refused}");
    }
    assert!(matches!(
        scorer(1.0, None).reading(&[0.0; 3]),
        Err(ScoreError::Count {
            given: 3,
            expected: 4
        })
    ));
}

/// Any finite number, huge ones too.
fn logits() -> impl Strategy<Value = Vec<f32>> {
    let number = prop_oneof![
        -20.0f32..20.0,
        prop::num::f32::NORMAL | prop::num::f32::ZERO
    ];
    prop::collection::vec(number, 4)
}

proptest! {
    #[test]
    fn scores_are_probabilities_for_any_logits_temperature_and_priors(
        logits in logits(), temperature in 1e-6f32..1e6, factor in 0.0f64..1e30,
    ) {
        let reading = scorer(temperature, Some(&format!("happy={factor}"))).reading(&logits).unwrap();
        let sum: f32 = reading.scores.0.iter().sum();
        prop_assert!((sum - 1.0).abs() < 1e-5, "{sum}");
        prop_assert!(reading.scores.0.iter().all(|score| (0.0..=1.0).contains(score)));
        prop_assert!((-1.0..=1.0).contains(&reading.valence) && (-1.0..=1.0).contains(&reading.arousal));
        prop_assert!(reading.confidence >= 0.25 - 1e-6 && reading.confidence <= 1.0);
    }

    #[test]
    fn a_larger_prior_never_lowers_an_emotions_score(
        logits in prop::collection::vec(-10.0f32..10.0, 4), small in 0.0f64..10.0, more in 0.01f64..10.0,
    ) {
        let score = |factor: f64| scorer(1.0, Some(&format!("sad={factor}"))).reading(&logits).unwrap().scores.0[2];
        prop_assert!(score(small + more) >= score(small));
    }

    #[test]
    fn a_higher_temperature_keeps_the_leader_and_lowers_its_confidence(
        logits in prop::collection::vec(-10.0f32..10.0, 4), temperature in 0.2f32..5.0, times in 1.1f32..5.0,
    ) {
        let sharp = scorer(temperature, None).reading(&logits).unwrap();
        let flat = scorer(temperature * times, None).reading(&logits).unwrap();
        prop_assert!(flat.confidence <= sharp.confidence);
        if let (Some(a), Some(b)) = (sharp.scores.leading(), flat.scores.leading()) {
            prop_assert!(a == b || (logits[a] - logits[b]).abs() < 1e-4);
        }
    }
}

#[test]
fn little_voice_makes_a_model_less_sure_by_as_much_as_its_file_says() {
    let mut metadata = metadata(1.5);
    let entry = |voiced_seconds: f32, times: f32| VoiceTemperature {
        voiced_seconds,
        times,
    };
    metadata.calibration.by_voice = vec![entry(0.5, 2.0), entry(1.5, 1.0), entry(2.5, 0.8)];
    for (seconds, times) in [
        (0.0, 2.0),
        (0.5, 2.0),
        (1.0, 1.5),
        (1.5, 1.0),
        (2.0, 0.9),
        (9.0, 0.8),
        (f64::INFINITY, 0.8),
    ] {
        let found = metadata.calibration.temperature_at(seconds);
        assert!((found - 1.5 * times).abs() < 1e-6, "{seconds} s: {found}");
    }
    let scorer = Scorer::from_metadata(&metadata, None).unwrap();
    let logits = [2.0, 0.0, 0.0, 0.0];
    let sure = scorer.window_reading(&logits, 1.5).unwrap();
    let less = scorer.window_reading(&logits, 0.4).unwrap();
    assert!(less.confidence < sure.confidence);
    let at_three = self::scorer(3.0, None).reading(&logits).unwrap();
    assert!((less.confidence - at_three.confidence).abs() < 1e-6);
    assert_eq!(less.scores.leading(), sure.scores.leading());
    // Where nobody knows how much voice there is, as of a window full of it.
    assert_eq!(
        scorer.reading(&logits).unwrap(),
        scorer.window_reading(&logits, 3.0).unwrap()
    );
    // Without entries the voice changes nothing.
    let plain = self::scorer(1.5, None);
    assert_eq!(
        plain.window_reading(&logits, 0.1).unwrap(),
        plain.reading(&logits).unwrap()
    );
}
