//! Windows, takes and scans for the tests of `timeline`.
// Each test uses some of it; in tests a panic is the message.
#![allow(dead_code, unreachable_pub, clippy::expect_used)]

use std::path::PathBuf;

use undersong_core::features::FeatureConfig;
use undersong_core::model::{
    Calibration, EmotionSet, FORMAT_VERSION, ModelMetadata, Training, TrainingData,
};
use undersong_core::timeline::{Failure, Reading, Scan, Scores, Timeline, Window};

pub const UNSURE_BELOW: f32 = 0.5;

pub fn emotions(names: &[&str]) -> EmotionSet {
    EmotionSet::from_names(names).expect("known names")
}

pub fn voice(start: f64, end: f64, voiced: f64, scores: &[f32], emotions: &EmotionSet) -> Window {
    Window {
        start_seconds: start,
        end_seconds: end,
        voiced_seconds: voiced,
        reading: Some(Reading::from_scores(
            Scores(scores.to_vec()),
            emotions,
            UNSURE_BELOW,
        )),
        delivery: None,
    }
}

pub fn silence(start: f64, end: f64) -> Window {
    Window {
        start_seconds: start,
        end_seconds: end,
        voiced_seconds: 0.0,
        reading: None,
        delivery: None,
    }
}

/// A take of 1 s windows side by side, one per row of scores; no scores is silence.
pub fn take(path: impl Into<PathBuf>, rows: &[&[f32]], emotions: &EmotionSet) -> Timeline {
    let windows = rows
        .iter()
        .enumerate()
        .map(|(index, scores)| {
            let start = index as f64;
            if scores.is_empty() {
                silence(start, start + 1.0)
            } else {
                voice(start, start + 1.0, 0.5, scores, emotions)
            }
        })
        .collect();
    Timeline::new(
        path.into(),
        rows.len() as f64,
        emotions.clone(),
        windows,
        UNSURE_BELOW,
    )
}

pub fn scan(emotions: &EmotionSet, takes: Vec<Timeline>, failed: Vec<Failure>) -> Scan {
    Scan {
        model: ModelMetadata {
            format_version: FORMAT_VERSION,
            name: "test".to_owned(),
            description: "For tests.".to_owned(),
            emotions: emotions.clone(),
            features: FeatureConfig::paper(),
            calibration: Calibration {
                temperature: 1.0,
                by_voice: Vec::new(),
                unsure_below: UNSURE_BELOW,
                priors: vec![1.0 / emotions.len() as f32; emotions.len()],
                ordinary: None,
                speaker_shift: Vec::new(),
                measured_on: "nothing".to_owned(),
            },
            training: Training {
                recipe: "none".to_owned(),
                recipe_toml: String::new(),
                seed: 0,
                split: "none".to_owned(),
                epochs: 0,
                data: vec![TrainingData {
                    corpus: "none".to_owned(),
                    clips: 0,
                    speakers: 1,
                }],
                licence: "none".to_owned(),
                trainer_version: "0".to_owned(),
            },
            quality: Vec::new(),
        },
        model_id: "0123456789ab".to_owned(),
        engine: "none".to_owned(),
        profile: None,
        hop_seconds: 1.0,
        takes,
        failed,
    }
}

/// What a writer wrote, as text.
pub fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("memory holds it");
    String::from_utf8(bytes).expect("UTF-8")
}
