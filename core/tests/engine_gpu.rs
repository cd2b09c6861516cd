//! CUDA on a real GPU: the network runs there, and its scores are the CPU's.
//!
//! Needs an NVIDIA GPU and an ONNX Runtime with CUDA, named by `UNDERSONG_ORT` or active; without them the tests say that they were
//! skipped, or fail where `UNDERSONG_REQUIRE_GPU` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod synthetic;

use std::path::{Path, PathBuf};

use synthetic::{EIGHT, PAPER, SMALL, model, onnx_runtime, scanner, windows};
use undersong_core::engine::{EngineChoice, EngineKind, EngineOptions, Opened, open};
use undersong_core::model::{Model, Scorer};
use undersong_core::timeline::Scan;

/// As `engine_agreement` asks of the engines of the processor.
const TOLERANCE: f32 = 1e-5;

fn opened(model: &Model, choice: EngineChoice) -> Opened {
    let options = EngineOptions {
        batch_sizes: vec![1, 8, 32],
        runtime_path: onnx_runtime(),
        ..EngineOptions::default()
    };
    open(model, choice, &options).unwrap()
}

/// The engine on the GPU; `None`, with the reason printed, where there is none.
fn gpu(model: &Model) -> Option<Opened> {
    let reason = if onnx_runtime().is_none() {
        "no ONNX Runtime here; set UNDERSONG_ORT".to_owned()
    } else {
        let opened = opened(model, EngineChoice::Cuda);
        if opened.engine.kind() == EngineKind::Cuda {
            assert_eq!(opened.report.warning, None);
            return Some(opened);
        }
        opened.report.to_string()
    };
    assert!(
        std::env::var_os("UNDERSONG_REQUIRE_GPU").is_none(),
        "{reason}"
    );
    eprintln!("skipped: {reason}");
    None
}

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../models")
        .join(name)
}

fn run(opened: &mut Opened, input: &[f32], batch: usize) -> Vec<f32> {
    let mut logits = Vec::new();
    opened.engine.run(input, batch, &mut logits).unwrap();
    logits
}

#[test]
fn every_shipped_model_scores_on_the_gpu_as_on_the_processor() {
    let mut models = vec![model(&PAPER, &EIGHT)];
    for name in ["undersong-8.onnx", "undersong-6.onnx", "paper-8.onnx"] {
        models.push(Model::open(shipped(name)).unwrap());
    }
    for model in models {
        let Some(mut gpu) = gpu(&model) else { return };
        let mut cpu = opened(&model, EngineChoice::Cpu);
        let scorer = Scorer::new(&model, None).unwrap();
        let classes = model.emotions().len();
        for batch in [1, 5, 32, 75] {
            let input = windows(&model, batch, 3);
            let (a, b) = (run(&mut gpu, &input, batch), run(&mut cpu, &input, batch));
            assert_eq!(a.len(), batch * classes);
            for (a, b) in a.chunks(classes).zip(b.chunks(classes)) {
                let (a, b) = (scorer.reading(a).unwrap(), scorer.reading(b).unwrap());
                for (a, b) in a.scores.0.iter().zip(&b.scores.0) {
                    assert!((a - b).abs() <= TOLERANCE, "batch {batch}: {a} and {b}");
                }
            }
        }
    }
}

#[test]
fn the_gpu_gives_the_same_logits_again_and_from_several_threads_at_once() {
    let model = model(&SMALL, &EIGHT);
    let Some(mut gpu) = gpu(&model) else { return };
    let input = windows(&model, 6, 4);
    let first = run(&mut gpu, &input, 6);
    run(&mut gpu, &windows(&model, 3, 9), 3);
    assert_eq!(run(&mut gpu, &input, 6), first);
    let factory = gpu.factory();
    let threads = (0..4)
        .map(|_| {
            let (factory, input) = (factory.clone(), input.clone());
            std::thread::spawn(move || {
                let mut engine = factory.make().unwrap();
                assert_eq!(engine.kind(), EngineKind::Cuda);
                let mut logits = Vec::new();
                for _ in 0..20 {
                    engine.run(&input, 6, &mut logits).unwrap();
                }
                logits
            })
        })
        .collect::<Vec<_>>();
    for thread in threads {
        for (a, b) in thread.join().unwrap().iter().zip(&first) {
            assert!((a - b).abs() <= TOLERANCE, "{a} and {b}");
        }
    }
}

#[test]
fn a_scan_on_the_gpu_gives_the_scores_of_one_on_the_processor() {
    let model = Model::open(shipped("undersong-8.onnx")).unwrap();
    if gpu(&model).is_none() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio");
    let takes = ["spoken.ogg", "whispered.ogg"].map(|name| folder.join(name));
    let scan = |choice| scanner(&model, choice, 2).scan(&takes, &|_| {}).unwrap();
    let (gpu, cpu) = (scan(EngineChoice::Cuda), scan(EngineChoice::Cpu));
    let (gpu, cpu) = (scores(&gpu), scores(&cpu));
    assert!(!gpu.is_empty());
    assert_eq!(gpu.len(), cpu.len());
    for (a, b) in gpu.iter().zip(&cpu) {
        assert!((a - b).abs() <= TOLERANCE, "{a} and {b}");
    }
}

/// The scores of all windows with voice, one after another.
fn scores(scan: &Scan) -> Vec<f32> {
    let windows = scan.takes.iter().flat_map(|take| &take.windows);
    windows
        .filter_map(|window| window.reading.as_ref())
        .flat_map(|reading| reading.scores.0.iter().copied())
        .collect()
}
