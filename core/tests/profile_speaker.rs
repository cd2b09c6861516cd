//! A speaker's profile: measured on what sounds, written and read whole, refused by name where it does not belong.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod synthetic;

use synthetic::{SMALL, file, metadata};
use undersong_core::features::{
    ClipFeatures, FeatureConfig, FeatureKind, LevelNormalisation, Statistics,
};
use undersong_core::model::{Model, OrdinaryVoice, Scorer};
use undersong_core::profile::{ModelAnswer, ProfileError, SpeakerMeter, SpeakerProfile};

/// Features as the shipped models have them, small.
fn config() -> FeatureConfig {
    let mut config = FeatureConfig::paper();
    config.sample_rate_hz = 16_000;
    config.fft_samples = 512;
    config.window_samples = 512;
    config.hop_samples = 320;
    config.span_samples = 16_000;
    config.mel.bands = 12;
    config.mel.high_hz = 7_600.0;
    config.kind = FeatureKind::LogMel;
    config.level = LevelNormalisation::Rms { target: 0.05 };
    config.statistics = Some(Statistics {
        mean: vec![-40.0; 12],
        deviation: vec![8.0; 12],
    });
    config
}

/// A voice-like buzz of `seconds` at this pitch and level, with silence before and after.
fn voice(hz: f32, level: f32, seconds: f32, silence_seconds: f32) -> Vec<f32> {
    let silence = vec![0.0; (16_000.0 * silence_seconds) as usize];
    let mut samples = silence.clone();
    samples.extend((0..(16_000.0 * seconds) as usize).map(|n| {
        let phase = (n as f32 * hz / 16_000.0).fract();
        level * (2.0 * phase - 1.0)
    }));
    samples.extend(silence);
    samples
}

fn profile(sounds: &[Vec<f32>]) -> SpeakerProfile {
    let mut meter = SpeakerMeter::new(&config()).unwrap();
    for sound in sounds {
        meter.add(sound).unwrap();
    }
    meter.profile().unwrap()
}

fn window(config: &FeatureConfig, sound: &[f32]) -> Vec<f32> {
    let mut features = ClipFeatures::new(config).unwrap();
    let mut out = vec![0.0; features.frames() * features.coefficients()];
    features.window(sound, 0, &mut out).unwrap();
    out
}

#[test]
fn its_mean_is_that_of_the_sounding_frames_alone() {
    let with_silence = profile(&[voice(140.0, 0.3, 0.5, 0.25)]);
    let without = profile(&[voice(140.0, 0.3, 1.0, 0.0)]);
    assert!((with_silence.sounding_seconds - 0.5).abs() < 0.07);
    assert!((without.sounding_seconds - 1.0).abs() < 0.07);
    for (a, b) in with_silence.mean.iter().zip(&without.mean) {
        // Only the frames at the edges of the sound differ.
        assert!((a - b).abs() < 3.0, "{a} {b}");
    }
    let raw = FeatureConfig {
        statistics: None,
        ..config()
    };
    let steady = window(&raw, &voice(140.0, 0.3, 1.0, 0.0));
    for (band, mean) in without.mean.iter().enumerate() {
        assert!((steady[25 * 12 + band] - mean).abs() < 2.0);
    }
}

#[test]
fn level_and_pauses_leave_it_alone() {
    let loud = profile(&[voice(140.0, 0.9, 1.0, 0.0)]);
    let quiet = profile(&[voice(140.0, 0.009, 1.0, 0.0)]);
    for (a, b) in loud.mean.iter().zip(&quiet.mean) {
        assert!((a - b).abs() < 0.01, "{a} {b}");
    }
    // A second of hiss 60 dB below between two sentences: its own window, which is a pause.
    let mut paused = voice(140.0, 0.5, 1.0, 0.0);
    paused.extend((0..16_000).map(|n| 0.0005 * ((n * 7919 % 997) as f32 / 498.5 - 1.0)));
    paused.extend(voice(140.0, 0.5, 1.0, 0.0));
    let paused = profile(&[paused]);
    assert!(paused.sounding_seconds < 2.2, "{}", paused.sounding_seconds);
    for (a, b) in loud.mean.iter().zip(&paused.mean) {
        assert!((a - b).abs() < 1.5, "{a} {b}");
    }
}

#[test]
fn applied_it_takes_the_speakers_mean_in_place_of_everybodys() {
    let profile = profile(&[voice(140.0, 0.3, 1.0, 0.1)]);
    let shifted = profile.apply(&config()).unwrap();
    let sound = voice(220.0, 0.3, 1.0, 0.0);
    let (plain, own) = (window(&config(), &sound), window(&shifted, &sound));
    for (at, (plain, own)) in plain.iter().zip(&own).enumerate() {
        let expected = plain - (profile.mean[at % 12] + 40.0) / 8.0;
        assert!((own - expected).abs() < 1e-4, "{own} {expected}");
    }
}

/// A model that knows what ordinary voices get from it, and a profile that was made with it.
fn asked() -> (Model, SpeakerProfile) {
    let mut metadata = metadata(&["neutral", "sad", "angry"]);
    metadata.features = config();
    metadata.calibration.ordinary = Some(OrdinaryVoice {
        logits: vec![1.0, 0.0, -1.0],
        correction: vec![
            vec![0.5, 0.0, 0.0],
            vec![0.0, 0.5, -0.25],
            vec![0.0, 0.0, 0.5],
        ],
    });
    let model = Model::from_bytes(file(&SMALL, &metadata), "asked.onnx").unwrap();
    let answer = ModelAnswer {
        model: model.id().to_owned(),
        logits: vec![0.0, 2.0, -1.0],
        windows: 40,
    };
    let profile = SpeakerProfile {
        answers: vec![answer],
        ..profile(&[voice(140.0, 0.3, 1.0, 0.1)])
    };
    (model, profile)
}

#[test]
fn a_model_that_was_asked_reads_the_voice_against_its_own_ordinary() {
    let (model, profile) = asked();
    let own = model.for_speaker(&profile, "anna").unwrap();
    // The features stay: the answers were given to them.
    assert_eq!(own.features(), model.features());
    let logits = [0.4_f32, 1.0, 0.3];
    // It differs by (-1, 2, 0), with its mean taken off (-4, 5, -1) / 3; times the correction, (-8, 11, -2) / 12 is taken off.
    let by_hand = [0.4 + 8.0 / 12.0, 1.0 - 11.0 / 12.0, 0.3 + 2.0 / 12.0];
    let by_hand = Scorer::new(&model, None).unwrap().reading(&by_hand);
    let read = Scorer::new(&own, None).unwrap().reading(&logits);
    let (by_hand, read) = (by_hand.unwrap(), read.unwrap());
    for (a, b) in by_hand.scores.0.iter().zip(&read.scores.0) {
        assert!((a - b).abs() < 1e-6, "{a} {b}");
    }
}

#[test]
fn a_file_of_version_3_has_one_share_for_all_emotions() {
    let older = r#"{"logits": [1.0, 0.0, -1.0], "share": 0.5}"#;
    let read: OrdinaryVoice = serde_json::from_str(older).unwrap();
    assert_eq!(read, OrdinaryVoice::even(vec![1.0, 0.0, -1.0], 0.5));
    let neither = serde_json::from_str::<OrdinaryVoice>(r#"{"logits": [1.0]}"#).unwrap_err();
    assert!(neither.to_string().contains("correction"), "{neither}");
    let both = r#"{"logits": [1.0], "correction": [[0.5]], "share": 0.5}"#;
    let both = serde_json::from_str::<OrdinaryVoice>(both).unwrap_err();
    assert!(both.to_string().contains("leave `share` out"), "{both}");
    let mut metadata = asked().0.metadata().clone();
    metadata
        .calibration
        .ordinary
        .as_mut()
        .unwrap()
        .correction
        .pop();
    let error = Model::from_bytes(file(&SMALL, &metadata), "short.onnx").unwrap_err();
    assert!(error.to_string().contains("not 3 rows of 3"), "{error}");
}

#[test]
fn another_models_profile_is_refused_with_what_to_do() {
    let (model, mut profile) = asked();
    profile.answers[0].model = "another".to_owned();
    let error = model.for_speaker(&profile, "anna").unwrap_err().to_string();
    assert!(
        error.contains("synthetic") && error.contains("calibrate again"),
        "{error}"
    );
}

#[test]
fn a_model_that_knows_no_ordinary_voices_takes_the_mean_of_this_one() {
    let (model, profile) = asked();
    let mut metadata = model.metadata().clone();
    metadata.calibration.ordinary = None;
    let model = Model::from_bytes(file(&SMALL, &metadata), "older.onnx").unwrap();
    let own = model.for_speaker(&profile, "anna").unwrap();
    assert_eq!(
        own.features().statistics.as_ref().unwrap().mean,
        profile.mean
    );
    assert!(own.metadata().calibration.speaker_shift.is_empty());
}

#[test]
fn a_profile_with_a_logit_that_is_none_is_refused() {
    let (_, profile) = asked();
    let json = serde_json::to_string(&profile).unwrap();
    let broken = json.replacen("\"logits\":[0.0,2.0", "\"logits\":[0.0,2e300", 1);
    assert_ne!(json, broken);
    let error = SpeakerProfile::from_json(broken.as_bytes(), "anna.json").unwrap_err();
    assert!(error.to_string().contains("anna.json"), "{error}");
}

#[test]
fn a_file_gives_back_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("anna.json");
    let profile = profile(&[voice(140.0, 0.3, 1.0, 0.1)]);
    profile.write(&path).unwrap();
    assert_eq!(SpeakerProfile::open(&path).unwrap(), profile);
}

#[test]
fn what_is_no_profile_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let good = profile(&[voice(140.0, 0.3, 1.0, 0.1)]);
    let good = serde_json::to_string(&good).unwrap();
    let cut = &good[..good.len() / 2];
    let cases = [
        ("empty.json", ""),
        ("text.json", "a voice"),
        ("cut.json", cut),
        ("other.json", "{\"profile_version\": 1}"),
        (
            "short.json",
            &good.replacen("\"mean\":[", "\"mean\":[1.0,", 1),
        ),
        (
            "newer.json",
            &good.replacen("\"profile_version\":2", "\"profile_version\":3", 1),
        ),
    ];
    for (name, text) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let error = SpeakerProfile::open(&path).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        assert!(error.contains("calibrate"), "{error}");
    }
    let absent = SpeakerProfile::open(&folder.path().join("absent.json")).unwrap_err();
    assert!(absent.to_string().contains("absent.json"), "{absent}");
}

#[test]
fn other_features_are_named_with_both_values() {
    let profile = profile(&[voice(140.0, 0.3, 1.0, 0.1)]);
    let other = FeatureConfig {
        hop_samples: 160,
        ..config()
    };
    let error = profile.apply(&other).unwrap_err().to_string();
    for part in ["hop_samples", "320", "160"] {
        assert!(error.contains(part), "{error}");
    }
    let plain = FeatureConfig {
        statistics: None,
        ..config()
    };
    assert!(matches!(
        profile.apply(&plain),
        Err(ProfileError::NotStandardised)
    ));
}

#[test]
fn silence_makes_no_profile() {
    let mut meter = SpeakerMeter::new(&config()).unwrap();
    meter.add(&[0.0; 48_000]).unwrap();
    meter.add(&[]).unwrap();
    assert!(matches!(meter.profile(), Err(ProfileError::Silent)));
    assert_eq!(meter.sounding_seconds(), 0.0);
}
