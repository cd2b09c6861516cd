//! Tests with engines that fail, which no door lets in.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{LiveEvent, LiveInput, LiveModel, LiveSettings, Pace, WorkerPool, open};
use crate::audio::{NoiseReduction, load_mono};
use crate::engine::{EngineChoice, EngineError, EngineKind, EngineOptions, InferenceEngine};
use crate::model::Model;

const RATE_HZ: u32 = 16_000;

/// Fails, or panics, each time.
struct Failing {
    panics: bool,
    runs: Arc<AtomicUsize>,
}

impl InferenceEngine for Failing {
    fn run(&mut self, _: &[f32], _: usize, _: &mut Vec<f32>) -> Result<(), EngineError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics, "an engine that panics, as wanted");
        Err(EngineError::Run {
            engine: "failing".to_owned(),
            reason: "the GPU is gone".to_owned(),
        })
    }

    fn description(&self) -> &str {
        "failing"
    }

    fn kind(&self) -> EngineKind {
        EngineKind::Builtin
    }
}

/// The built-in model with so many engines that fail before one is made that works.
fn model(kind: EngineKind, count: usize, panics: bool) -> (Arc<LiveModel>, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let options = EngineOptions::default();
    let model =
        LiveModel::open(&Model::builtin().unwrap(), EngineChoice::Builtin, &options).unwrap();
    let mut model = Arc::into_inner(model).unwrap();
    let engines = (0..count).map(|_| {
        Box::new(Failing {
            panics,
            runs: Arc::clone(&runs),
        }) as Box<dyn InferenceEngine>
    });
    model.break_engines(kind, engines.collect());
    (Arc::new(model), runs)
}

fn sentence() -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/spoken.ogg");
    load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap()
}

fn pool() -> WorkerPool {
    WorkerPool::new(NonZeroUsize::new(1).unwrap()).unwrap()
}

fn bounce(input: &mut LiveInput, sound: &[f32]) -> Vec<LiveEvent> {
    input.set_pace(Pace::Offline);
    let mut events = Vec::new();
    for block in sound.chunks(160) {
        input.push_mono(block);
        input.wait();
        events.extend(std::iter::from_fn(|| input.poll()));
    }
    events
}

#[test]
fn an_engine_that_fails_once_is_replaced_and_nothing_is_lost() {
    let sound = sentence();
    for panics in [false, true] {
        let (good, _) = model(EngineKind::Builtin, 0, false);
        let (bad, runs) = model(EngineKind::Builtin, 1, panics);
        let [good, bad] = [good, bad].map(|model| {
            let settings = LiveSettings::default();
            let (mut input, control) = open(&pool(), model, RATE_HZ, settings).unwrap();
            let events = bounce(&mut input, &sound);
            assert_eq!(control.meters().error, None);
            events
        });
        assert_eq!(runs.load(Ordering::Relaxed), 1);
        assert_eq!(good, bad);
    }
}

#[test]
fn an_engine_that_keeps_failing_gives_way_to_the_next_kind() {
    // As ONNX Runtime, whose memory is gone: the engine that is compiled in takes over.
    let (model, runs) = model(EngineKind::Cpu, 2, false);
    let (mut input, control) = open(
        &pool(),
        Arc::clone(&model),
        RATE_HZ,
        LiveSettings::default(),
    )
    .unwrap();
    let events = bounce(&mut input, &sentence());
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert!(events.len() > 10);
    let meters = control.meters();
    assert_eq!(meters.error, None);
    assert_eq!(meters.engine.kind, EngineKind::Builtin);
    let warning = meters.engine.warning.unwrap();
    assert!(warning.contains("the GPU is gone"), "{warning}");
    assert!(warning.contains("Using built in (tract) now"), "{warning}");
}

#[test]
fn without_any_engine_the_error_is_told_the_sound_goes_on_and_scores_come_back() {
    let sound = sentence();
    let (good, _) = model(EngineKind::Builtin, 0, false);
    let settings = LiveSettings::default();
    let (mut input, _control) = open(&pool(), good, RATE_HZ, settings).unwrap();
    let expected = bounce(&mut input, &sound);

    // Two engines fail for each window: the one there was and the one tried after it.
    let (model, _) = model(EngineKind::Builtin, 6, true);
    let (mut input, control) = open(&pool(), model, RATE_HZ, settings).unwrap();
    let mut told = Vec::new();
    let mut errors = Vec::new();
    input.set_pace(Pace::Offline);
    for block in sound.chunks(160) {
        told.extend(bounce(&mut input, block));
        errors.extend(control.meters().error);
    }
    assert!(errors.iter().all(|error| error.contains("it broke down")));
    assert!(!errors.is_empty());
    assert_eq!(control.meters().error, None);
    assert_eq!(input.position(), sound.len() as u64);
    // Three windows have no scores; the others have those that they would have had.
    let ends = |events: &[LiveEvent]| {
        let updates = events.iter().filter_map(|event| match event {
            LiveEvent::Update(update) => Some((update.end_sample, update.scores)),
            LiveEvent::Speech { .. } => None,
        });
        updates.collect::<Vec<_>>()
    };
    let (told, expected) = (ends(&told), ends(&expected));
    assert_eq!(told.len() + 3, expected.len());
    assert!(told.iter().all(|update| expected.contains(update)));
}

#[test]
fn a_worker_that_panics_says_so_and_goes_on() {
    let sound = sentence();
    let (model, _) = model(EngineKind::Builtin, 0, false);
    let settings = LiveSettings::default();
    let (mut input, control) = open(&pool(), Arc::clone(&model), RATE_HZ, settings).unwrap();
    let (start, rest) = sound.split_at(20_000);
    bounce(&mut input, start);
    control.break_down();
    let after = bounce(&mut input, &rest[..1_600]);
    assert!(after.is_empty() || control.meters().error.is_some());
    let error = control.meters().error.unwrap();
    assert!(error.contains("broke down and was started anew"), "{error}");
    let mut after = bounce(&mut input, &rest[1_600..]);
    assert_eq!(control.meters().error, None);
    // It began anew where it broke down.
    after.retain(|event| matches!(event, LiveEvent::Update(_)));
    let LiveEvent::Update(first) = after[0] else {
        panic!("only updates are left");
    };
    assert!((20_000..20_400).contains(&first.start_sample), "{first:?}");
    assert!(!first.whole);
}
