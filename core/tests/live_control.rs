//! What the main thread can change while sound runs, and what it is told.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod live_support;
mod synthetic;

use std::sync::Arc;

use analyzer_support::{log_mel, speech};
use live_support::{bounce, live, offline, pool, until, updates};
use synthetic::{SMALL, file, metadata, model};
use undersong_core::analyzer::Hop;
use undersong_core::live::{
    self, LiveError, LiveEvent, LiveModel, LiveSettings, LiveUpdate, PriorShares, Silence,
};
use undersong_core::model::{Emotion, EmotionSet, Model, Priors};

const NAMES: [&str; 4] = ["neutral", "happy", "sad", "angry"];
const RATE_HZ: u32 = 16_000;

fn seconds(update: &LiveUpdate) -> f64 {
    update.end_sample as f64 / f64::from(RATE_HZ)
}

fn with(change: impl FnOnce(&mut LiveSettings)) -> LiveSettings {
    let mut settings = LiveSettings::default();
    change(&mut settings);
    settings
}

#[test]
fn the_first_windows_come_a_hop_after_the_start_and_are_flagged() {
    let (pool, model) = (pool(1), live(&model(&SMALL, &NAMES)));
    let (mut input, _control) = offline(&pool, &model, RATE_HZ, LiveSettings::default());
    let updates = updates(&bounce(&mut input, &speech(RATE_HZ, 5.0), &[160]));
    for (index, update) in updates.iter().enumerate() {
        assert_eq!(update.sequence, index as u64);
        assert!((seconds(update) - 0.25 * (index + 1) as f64).abs() < 1e-9);
        assert_eq!(update.whole, index >= 11, "{update:?}");
        if !update.whole {
            assert_eq!(update.start_sample, 0);
        }
    }
    // Half a second of voice is enough to say something.
    assert!(updates.iter().skip(3).all(|update| update.voiced));
}

#[test]
fn a_new_hop_counts_from_the_last_window_and_loses_no_sound() {
    let (pool, model) = (pool(1), live(&model(&SMALL, &NAMES)));
    let (mut input, control) = offline(&pool, &model, RATE_HZ, LiveSettings::default());
    let sound = speech(RATE_HZ, 9.0);
    let (start, rest) = sound.split_at(RATE_HZ as usize * 5);
    let mut told = updates(&bounce(&mut input, start, &[160]));
    let hop = Hop::from_seconds(0.1).unwrap();
    control.set_settings(&with(|s| s.hop = hop)).unwrap();
    let (middle, rest) = rest.split_at(RATE_HZ as usize * 2);
    told.extend(updates(&bounce(&mut input, middle, &[160])));
    let hop = Hop::from_seconds(0.5).unwrap();
    input.set_settings(&with(|s| s.hop = hop)).unwrap();
    told.extend(updates(&bounce(&mut input, rest, &[160])));
    let steps = told
        .windows(2)
        .map(|pair| ((seconds(&pair[1]) - seconds(&pair[0])) * 1e6).round() / 1e6)
        .collect::<Vec<_>>();
    // A window that was about to come may be left out, but the sound is there: every one is whole.
    let allowed = [0.25, 0.3, 0.35, 0.1, 0.5, 0.6];
    assert!(steps.iter().all(|step| allowed.contains(step)), "{steps:?}");
    assert!(told.iter().skip(11).all(|update| update.whole));
    assert!(steps.iter().filter(|&&step| step == 0.1).count() > 15);
    assert!(steps.iter().filter(|&&step| step == 0.5).count() > 1);
}

#[test]
fn settings_from_the_audio_thread_hold_from_their_place_in_the_sound() {
    let (pool, model) = (pool(2), live(&model(&SMALL, &NAMES)));
    let sound = speech(RATE_HZ, 6.0);
    let hear = |blocks: &[usize]| {
        let (mut input, _control) = offline(&pool, &model, RATE_HZ, LiveSettings::default());
        let mut events = Vec::new();
        // Where they are set does not depend on the blocks.
        for (part, sensitivity) in sound.chunks(20_011).zip([1.0, 4.0, 0.5, 2.0, 1.0]) {
            let settings = with(|s| {
                s.sensitivity = sensitivity;
                s.smoothing_seconds = 0.2;
            });
            input.set_settings(&settings).unwrap();
            events.extend(bounce(&mut input, part, blocks));
        }
        events
    };
    let whole = hear(&[20_011]);
    assert_eq!(hear(&[64]), whole);
    assert_eq!(hear(&[1, 5_000, 33]), whole);
}

#[test]
fn sensitivity_and_priors_do_what_a_scorer_would() {
    let (pool, small) = (pool(1), model(&SMALL, &NAMES));
    let model = live(&small);
    let sound = speech(RATE_HZ, 3.6);
    let last = |settings: LiveSettings| {
        let (mut input, control) = offline(&pool, &model, RATE_HZ, settings);
        let last = updates(&bounce(&mut input, &sound, &[160])).pop().unwrap();
        assert_eq!(control.meters().update, Some(last));
        last
    };
    let plain = last(LiveSettings::default());
    assert_eq!(plain.scores, plain.raw);
    let sharp = last(with(|s| s.sensitivity = 3.0));
    let cubes = plain.raw.iter().map(|p| p.powi(3)).collect::<Vec<_>>();
    let sum: f32 = cubes.iter().sum();
    for (found, cube) in sharp.raw.iter().zip(cubes) {
        assert!((found - cube / sum).abs() < 1e-5);
    }
    let priors = Priors::parse("happy=3,sad=0", small.metadata()).unwrap();
    let priors = PriorShares::from_priors(&priors).unwrap();
    let shifted = last(with(|s| s.priors = Some(priors)));
    let weights = [1.0, 3.0, 0.0, 1.0];
    let sum: f32 = plain.raw.iter().zip(weights).map(|(p, w)| p * w).sum();
    for ((found, p), weight) in shifted.raw.iter().zip(plain.raw.iter()).zip(weights) {
        assert!((found - p * weight / sum).abs() < 1e-5);
    }
}

#[test]
fn in_silence_scores_hold_or_fall_and_a_pause_in_listening_forgets() {
    let (pool, model) = (pool(1), live(&model(&SMALL, &NAMES)));
    let mut sound = speech(RATE_HZ, 4.0);
    sound.resize(RATE_HZ as usize * 12, 0.0);
    for silence in [Silence::Hold, Silence::Decay { seconds: 0.5 }] {
        let (mut input, _control) = offline(&pool, &model, RATE_HZ, with(|s| s.silence = silence));
        let events = bounce(&mut input, &sound, &[160]);
        let told = updates(&events);
        let voice = told.iter().rposition(|update| update.voiced).unwrap();
        let (voice, last) = (told[voice], told[told.len() - 1]);
        assert!(!last.voiced && last.raw.iter().all(|&score| score == 0.0));
        if silence == Silence::Hold {
            assert_eq!(last.scores, voice.scores);
            assert_eq!(last.leading, voice.leading);
        } else {
            assert!(last.scores.iter().all(|&score| score == 0.0));
            assert_eq!((last.leading, last.confidence), (None, 0.0));
            assert!(last.unsure);
        }
        let speaking = events
            .iter()
            .filter_map(|event| match event {
                LiveEvent::Speech { speaking, .. } => Some(*speaking),
                LiveEvent::Update(_) => None,
            })
            .collect::<Vec<_>>();
        // By turns, from silence to silence.
        assert!(speaking.len() >= 2 && speaking.len() % 2 == 0);
        assert!(speaking.iter().enumerate().all(|(i, &s)| s == (i % 2 == 0)));
    }

    let (mut input, control) = offline(&pool, &model, RATE_HZ, LiveSettings::default());
    let speech = speech(RATE_HZ, 4.0);
    let first = bounce(&mut input, &speech, &[160]);
    let deaf = with(|s| s.listening = false);
    control.set_settings(&deaf).unwrap();
    let told = updates(&bounce(&mut input, &speech, &[160]));
    assert_eq!(told, []);
    assert_eq!(input.position(), 8 * u64::from(RATE_HZ));
    control.set_settings(&LiveSettings::default()).unwrap();
    let after = updates(&bounce(&mut input, &speech, &[160]));
    assert_eq!(input.dropped_samples(), 0);
    assert_eq!(after.len(), updates(&first).len());
    for (again, before) in after.iter().zip(updates(&first)) {
        assert_eq!(again.raw, before.raw);
        assert_eq!(again.end_sample, before.end_sample + 8 * u64::from(RATE_HZ));
    }
}

/// A model with other features and other labels.
fn other_model() -> Model {
    let mut metadata = metadata(&["calm", "fearful", "disgust"]);
    metadata.features = log_mel();
    Model::from_bytes(file(&SMALL, &metadata), "other.onnx").unwrap()
}

#[test]
fn another_model_takes_over_without_a_gap() {
    let pool = pool(2);
    let (first, second) = (live(&model(&SMALL, &NAMES)), live(&other_model()));
    let sound = speech(RATE_HZ, 12.0);
    let (start, rest) = sound.split_at(RATE_HZ as usize * 5);
    let (mut input, control) = offline(&pool, &first, RATE_HZ, LiveSettings::default());
    let mut told = updates(&bounce(&mut input, start, &[160]));
    control.swap_model(Arc::clone(&second)).unwrap();
    let meters = control.meters();
    assert!(meters.swapping && Arc::ptr_eq(&meters.model, &first));
    told.extend(updates(&bounce(&mut input, rest, &[160])));
    let meters = control.meters();
    assert!(!meters.swapping && Arc::ptr_eq(&meters.model, &second));
    assert_eq!(meters.error, None);

    for pair in told.windows(2) {
        let step = seconds(&pair[1]) - seconds(&pair[0]);
        assert!(step <= 0.2501, "a gap of {step} s");
        assert!(pair[1].voiced && pair[1].whole || seconds(&pair[1]) < 3.0);
    }
    let (old, new): (Vec<&LiveUpdate>, Vec<&LiveUpdate>) =
        told.iter().partition(|update| update.model_number == 0);
    assert!(old.iter().all(|update| update.scores.len() == 4));
    assert!(
        new.iter()
            .all(|update| update.scores.len() == 3 && update.model_number == 1)
    );
    // It took over with its first whole window, and reads like one that listened from there on.
    assert!((seconds(new[0]) - 8.0).abs() < 0.01, "{}", seconds(new[0]));
    let (mut input, _control) = offline(&pool, &second, RATE_HZ, LiveSettings::default());
    let from = new[0].start_sample;
    let alone = updates(&bounce(&mut input, &sound[from as usize..], &[160]));
    let alone = alone.iter().filter(|update| update.whole);
    for (update, alone) in new.iter().zip(alone) {
        assert_eq!(update.raw, alone.raw);
    }

    // At a reset, at once.
    control.swap_model(Arc::clone(&first)).unwrap();
    input.reset();
    let (mut input, control) = offline(&pool, &first, RATE_HZ, LiveSettings::default());
    control.swap_model(second).unwrap();
    let told = updates(&bounce(&mut input, start, &[160]));
    assert!(told.iter().all(|update| update.scores.len() == 3));
}

#[test]
fn priors_of_another_model_are_refused_or_left_out_and_named() {
    let pool = pool(1);
    let model = live(&model(&SMALL, &NAMES));
    let (mut input, control) = offline(&pool, &model, RATE_HZ, LiveSettings::default());
    let three = PriorShares::new(&[1.0, 1.0, 1.0]).unwrap();
    let wrong = with(|s| s.priors = Some(three));
    let error = control.set_settings(&wrong).unwrap_err();
    assert!(matches!(
        error,
        LiveError::Priors {
            given: 3,
            expected: 4
        }
    ));
    // The audio thread cannot know which model is in use by the time its settings are.
    input.set_settings(&wrong).unwrap();
    let told = updates(&bounce(&mut input, &speech(RATE_HZ, 3.6), &[160]));
    assert!(told.iter().any(|update| update.voiced));
    let error = control.meters().error.unwrap();
    assert!(error.contains("3 shares; the model has 4"), "{error}");
    input.set_settings(&LiveSettings::default()).unwrap();
    bounce(&mut input, &[0.0; 160], &[160]);
    assert_eq!(control.meters().error, None);
}

#[test]
fn what_is_out_of_range_is_refused_by_name() {
    let (pool, model) = (pool(1), live(&model(&SMALL, &NAMES)));
    let refusal = |rate_hz, settings| {
        live::open(&pool, Arc::clone(&model), rate_hz, settings)
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    for (rate_hz, settings, named) in [
        (7_999, LiveSettings::default(), "7999 Hz"),
        (384_001, LiveSettings::default(), "384001 Hz"),
        (0, LiveSettings::default(), "0 Hz"),
        (
            48_000,
            with(|s| s.smoothing_seconds = 2.1),
            "smoothing is 2.1 s",
        ),
        (
            48_000,
            with(|s| s.smoothing_seconds = f64::NAN),
            "smoothing is NaN",
        ),
        (48_000, with(|s| s.sensitivity = 11.0), "sensitivity is 11"),
        (
            48_000,
            with(|s| s.silence = Silence::Decay { seconds: -1.0 }),
            "decay in silence is -1 s",
        ),
    ] {
        let refusal = refusal(rate_hz, settings);
        assert!(refusal.contains(named), "{refusal}");
    }
    let many = (0..17)
        .map(|index| Emotion {
            name: format!("feeling {index}"),
            valence: 0.0,
            arousal: 0.0,
        })
        .collect();
    let mut metadata = metadata(&NAMES);
    metadata.emotions = EmotionSet::new(many);
    metadata.calibration.priors = vec![1.0 / 17.0; 17];
    let many = live(&Model::from_bytes(file(&SMALL, &metadata), "many.onnx").unwrap());
    let error = live::open(&pool, many, 48_000, LiveSettings::default())
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, LiveError::TooManyEmotions { given: 17 }));
}

#[test]
fn the_meters_show_level_and_lag() {
    let (pool, model) = (pool(1), live(&model(&SMALL, &NAMES)));
    let (mut input, control) = live::open(&pool, model, RATE_HZ, LiveSettings::default()).unwrap();
    assert_eq!(control.meters().level_db, -120.0);
    let tone = (0..32_000)
        .map(|n| (n as f32 * 0.3).sin())
        .collect::<Vec<_>>();
    input.push_mono(&tone);
    // A full sine lies 3 dB below full scale.
    until("the level of the tone", || {
        (control.meters().level_db + 3.01).abs() < 0.1
    });
    until("an update", || control.meters().update.is_some());
    assert!(control.meters().lag_ms > 0.0);
    assert_eq!(control.meters().engine.description, "built in (tract)");
    assert_eq!(control.sample_rate_hz(), RATE_HZ);
}

#[test]
fn a_model_is_shared_and_its_engines_do_not_grow_with_streams() {
    let pool = pool(2);
    let model: Arc<LiveModel> = live(&model(&SMALL, &NAMES));
    let mut streams = (0..32)
        .map(|_| offline(&pool, &model, RATE_HZ, LiveSettings::default()))
        .collect::<Vec<_>>();
    let sound = speech(RATE_HZ, 3.4);
    let first = bounce(&mut streams[0].0, &sound, &[160]);
    for (input, _) in &mut streams[1..] {
        assert_eq!(bounce(input, &sound, &[1_600]), first);
    }
}
