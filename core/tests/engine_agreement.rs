//! The same model file gives the same scores on every engine, in any batch, on any thread.
//!
//! With a real ONNX Runtime: in a Python environment (`pip install onnxruntime`), named by `UNDERSONG_ORT` or active or in `.venv`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod synthetic;

use synthetic::{PAPER, SMALL, engines, model, onnx_runtime, windows};
use undersong_core::engine::{EngineChoice, EngineKind, EngineOptions, Opened, open};
use undersong_core::model::{Model, Scorer};

const NAMES: [&str; 5] = ["neutral", "happy", "sad", "angry", "surprised"];

fn opened(model: &Model, choice: EngineChoice) -> Opened {
    let options = EngineOptions {
        batch_sizes: vec![1, 4, 8],
        runtime_path: onnx_runtime(),
        ..EngineOptions::default()
    };
    open(model, choice, &options).unwrap()
}

fn run(opened: &mut Opened, input: &[f32], batch: usize) -> Vec<f32> {
    let mut logits = vec![f32::NAN];
    opened.engine.run(input, batch, &mut logits).unwrap();
    logits
}

#[test]
fn onnx_runtime_and_the_built_in_engine_give_the_same_scores() {
    if onnx_runtime().is_none() {
        eprintln!("skipped: no ONNX Runtime here; set UNDERSONG_ORT");
        return;
    }
    let model = model(&PAPER, &NAMES);
    let scorer = Scorer::new(&model, None).unwrap();
    let mut both = engines().into_iter().map(|choice| opened(&model, choice));
    let (mut builtin, mut cpu) = (both.next().unwrap(), both.next().unwrap());
    assert_eq!(cpu.engine.kind(), EngineKind::Cpu);
    assert!(
        cpu.report.description.starts_with("ONNX Runtime 1."),
        "{}",
        cpu.report
    );
    let input = windows(&model, 11, 3);
    let (a, b) = (run(&mut builtin, &input, 11), run(&mut cpu, &input, 11));
    for (a, b) in a.chunks(NAMES.len()).zip(b.chunks(NAMES.len())) {
        let (a, b) = (scorer.reading(a).unwrap(), scorer.reading(b).unwrap());
        for (a, b) in a.scores.0.iter().zip(&b.scores.0) {
            assert!((a - b).abs() <= 1e-5, "{a} and {b}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bits_again_and_on_a_forked_engine() {
    let model = model(&SMALL, &NAMES);
    for choice in engines() {
        let mut opened = opened(&model, choice);
        let input = windows(&model, 6, 4);
        let first = run(&mut opened, &input, 6);
        run(&mut opened, &windows(&model, 3, 9), 3);
        assert_eq!(run(&mut opened, &input, 6), first, "{choice}");

        let factory = opened.factory();
        let threads = (0..3)
            .map(|_| {
                let (factory, input) = (factory.clone(), input.clone());
                std::thread::spawn(move || {
                    let mut logits = Vec::new();
                    factory.make().unwrap().run(&input, 6, &mut logits).unwrap();
                    logits
                })
            })
            .collect::<Vec<_>>();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), first, "{choice}");
        }
    }
}

#[test]
fn a_window_scores_the_same_wherever_it_stands_in_a_batch_and_whatever_stands_beside_it() {
    let model = model(&SMALL, &NAMES);
    for choice in engines() {
        let mut opened = opened(&model, choice);
        let input = windows(&model, 13, 5);
        let together = run(&mut opened, &input, 13);
        assert_eq!(together.len(), 13 * NAMES.len());
        for (window, logits) in input
            .chunks(model.window_len())
            .zip(together.chunks(NAMES.len()))
        {
            // Alone it runs in another batch size, whose last bits may differ.
            for (a, b) in run(&mut opened, window, 1).iter().zip(logits) {
                assert!((a - b).abs() <= 1e-5, "{choice}: {a} and {b}");
            }
            // In the same batch size, at another place, with zeros beside it: to the bit.
            let eight = [window, &windows(&model, 4, 8)].concat();
            assert_eq!(
                run(&mut opened, &eight, 5)[..NAMES.len()],
                logits_in_eight(&mut opened, window, &model),
                "{choice}"
            );
        }
    }
}

/// The logits of a window as the fourth of five.
fn logits_in_eight(opened: &mut Opened, window: &[f32], model: &Model) -> Vec<f32> {
    let input = [&windows(model, 3, 77), window, &windows(model, 1, 78)].concat();
    run(opened, &input, 5)[3 * NAMES.len()..4 * NAMES.len()].to_vec()
}

#[test]
fn no_windows_give_no_logits_and_a_wrong_length_is_refused() {
    let model = model(&SMALL, &NAMES);
    for choice in engines() {
        let mut opened = opened(&model, choice);
        assert!(run(&mut opened, &[], 0).is_empty());
        let mut logits = vec![1.0];
        let short = vec![0.0; model.window_len() - 1];
        assert!(opened.engine.run(&short, 1, &mut logits).is_err());
        assert!(logits.is_empty());
    }
}

#[test]
fn cuda_without_a_gpu_falls_back_and_says_why() {
    let Some(runtime) = onnx_runtime() else {
        eprintln!("skipped: no ONNX Runtime here; set UNDERSONG_ORT");
        return;
    };
    let provider = runtime.with_file_name("libonnxruntime_providers_cuda.so");
    if provider.is_file() {
        eprintln!("skipped: this ONNX Runtime has CUDA, so what happens without is not seen here");
        return;
    }
    let opened = opened(&model(&SMALL, &NAMES), EngineChoice::Cuda);
    assert_eq!(opened.report.kind, EngineKind::Cpu);
    let warning = opened.report.warning.unwrap();
    assert!(
        warning.contains("without CUDA") && warning.contains("onnxruntime-gpu"),
        "{warning}"
    );
}

#[test]
fn once_a_runtime_is_loaded_another_path_is_reported_as_unused() {
    let Some(runtime) = onnx_runtime() else {
        eprintln!("skipped: no ONNX Runtime here; set UNDERSONG_ORT");
        return;
    };
    let model = model(&SMALL, &NAMES);
    drop(opened(&model, EngineChoice::Cpu));
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("libonnxruntime.so");
    std::fs::copy(&runtime, &other).unwrap();
    let options = EngineOptions {
        runtime_path: Some(other),
        ..EngineOptions::default()
    };
    let opened = open(&model, EngineChoice::Cpu, &options).unwrap();
    assert!(
        opened.report.to_string().contains("is not used"),
        "{}",
        opened.report
    );
}
