//! An analyser's readings are a scan's, and an engine that fails says so.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod synthetic;

use analyzer_support::{speech, wav};
use synthetic::{SMALL, model};
use undersong_core::analyzer::{Analyzer, AnalyzerError, Hop, Listener};
use undersong_core::engine::{
    EngineChoice, EngineError, EngineKind, EngineOptions, InferenceEngine, open,
};
use undersong_core::model::{Model, Scorer};
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::timeline::Window;

const NAMES: [&str; 4] = ["neutral", "happy", "sad", "angry"];

fn analyzer(model: &Model, engine: Box<dyn InferenceEngine>, rate_hz: u32) -> Analyzer {
    let listener = Listener::new(model.features(), rate_hz, Hop::default()).unwrap();
    Analyzer::new(listener, engine, Scorer::new(model, None).unwrap())
}

fn built_in(model: &Model) -> Box<dyn InferenceEngine> {
    open(model, EngineChoice::Builtin, &EngineOptions::default())
        .unwrap()
        .engine
}

fn analyse(analyzer: &mut Analyzer, sound: &[f32]) -> Vec<Window> {
    let mut windows = Vec::new();
    for block in sound.chunks(777) {
        analyzer.push(block, &mut windows).unwrap();
    }
    analyzer.finish(&mut windows).unwrap();
    windows
}

#[test]
fn an_analyser_and_a_scan_of_the_same_sound_give_the_same_windows() {
    let model = model(&SMALL, &NAMES);
    let folder = tempfile::tempdir().unwrap();
    for (rate_hz, seconds) in [(16_000, 1.2), (44_100, 8.4), (48_000, 3.0)] {
        let mut sound = speech(rate_hz, seconds);
        if seconds > 5.0 {
            sound[rate_hz as usize * 4..].fill(0.0);
        }
        let windows = analyse(&mut analyzer(&model, built_in(&model), rate_hz), &sound);

        let scanner = Scanner::new(
            &model,
            ScanOptions {
                engine: EngineChoice::Builtin,
                ..ScanOptions::default()
            },
        )
        .unwrap();
        let path = wav(folder.path(), "take.wav", rate_hz, &sound);
        let scan = scanner.scan(&[path], &|_| {}).unwrap();
        let take = &scan.takes[0];
        assert_eq!(take.seconds, sound.len() as f64 / f64::from(rate_hz));
        assert_eq!(take.windows.len(), windows.len());
        for (a, b) in take.windows.iter().zip(&windows) {
            let places = |w: &Window| (w.start_seconds, w.end_seconds, w.voiced_seconds);
            assert_eq!(places(a), places(b));
            assert_eq!(a.voiced(), b.voiced());
            // One runs windows by the batch, the other one at a time: the last bits of the network's sums may differ.
            let (Some(a), Some(b)) = (&a.reading, &b.reading) else {
                continue;
            };
            for (x, y) in a.scores.0.iter().zip(&b.scores.0) {
                assert!((x - y).abs() <= 1e-5, "{x} and {y}");
            }
        }
    }
}

#[test]
fn after_a_reset_the_next_sound_reads_like_the_first() {
    let model = model(&SMALL, &NAMES);
    let mut analyzer = analyzer(&model, built_in(&model), 16_000);
    let sound = speech(16_000, 3.6);
    let first = analyse(&mut analyzer, &sound);
    assert!(first.iter().all(Window::voiced));
    analyzer
        .push(&sound[1_000..20_000], &mut Vec::new())
        .unwrap();
    analyzer.reset();
    assert_eq!(analyse(&mut analyzer, &sound), first);
}

/// Works so many times.
struct Failing(usize);

impl InferenceEngine for Failing {
    fn run(
        &mut self,
        _input: &[f32],
        batch: usize,
        logits: &mut Vec<f32>,
    ) -> Result<(), EngineError> {
        logits.clear();
        self.0 = self.0.checked_sub(1).ok_or_else(|| EngineError::Run {
            engine: "failing".to_owned(),
            reason: "worn out".to_owned(),
        })?;
        logits.resize(batch * NAMES.len(), 0.0);
        Ok(())
    }

    fn description(&self) -> &str {
        "failing"
    }

    fn kind(&self) -> EngineKind {
        EngineKind::Builtin
    }
}

#[test]
fn an_engine_that_fails_is_named_and_the_windows_before_are_kept() {
    let model = model(&SMALL, &NAMES);
    let mut analyzer = analyzer(&model, Box::new(Failing(3)), 16_000);
    let mut windows = Vec::new();
    let error = analyzer
        .push(&speech(16_000, 9.0), &mut windows)
        .unwrap_err();
    assert!(matches!(error, AnalyzerError::Engine(_)));
    assert!(error.to_string().contains("worn out"), "{error}");
    assert_eq!(windows.len(), 3);
}
