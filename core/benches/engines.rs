//! Cost of a window on each engine, by batch size: a network of the paper's sizes with made-up weights, 150 frames, one thread.
//!
//! `cargo bench -p undersong-core --bench engines`. ONNX Runtime is measured where the tests would find it, and on a GPU where one
//! answers. Engines take turns, run by run, so that a busy machine disturbs all alike; the median is printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use std::time::Instant;

use synthetic::{EIGHT, PAPER, engines, file, metadata, onnx_runtime, windows};
use undersong_core::engine::{EngineChoice, EngineKind, EngineOptions, open};
use undersong_core::model::Model;

/// Windows of one turn at least, so that every batch size is measured over about the same time.
const WINDOWS: usize = 32;

fn main() {
    let mut metadata = metadata(&EIGHT);
    metadata.features.span_samples = 150 * metadata.features.hop_samples;
    let model = Model::from_bytes(file(&PAPER, &metadata), "synthetic.onnx").unwrap();
    // `cargo test --benches` runs this too: then one turn is enough.
    let turns = if std::env::args().any(|argument| argument == "--bench") {
        15
    } else {
        1
    };
    let mut choices = engines();
    let gpu = EngineOptions {
        runtime_path: onnx_runtime(),
        ..EngineOptions::default()
    };
    if open(&model, EngineChoice::Cuda, &gpu).unwrap().report.kind == EngineKind::Cuda {
        choices.push(EngineChoice::Cuda);
    }
    println!("ms per window (median of {turns} turns), 1 thread");
    for size in [1, 4, 8, 16, 32, 128] {
        let options = EngineOptions {
            batch_sizes: vec![size],
            runtime_path: onnx_runtime(),
            ..EngineOptions::default()
        };
        let mut engines = choices
            .iter()
            .map(|&choice| open(&model, choice, &options).unwrap())
            .collect::<Vec<_>>();
        let mut times = vec![Vec::new(); engines.len()];
        let input = windows(&model, size, 1);
        let mut logits = Vec::new();
        for _ in 0..turns {
            for (opened, times) in engines.iter_mut().zip(&mut times) {
                let start = Instant::now();
                let runs = WINDOWS.div_ceil(size);
                for _ in 0..runs {
                    opened.engine.run(&input, size, &mut logits).unwrap();
                }
                times.push(start.elapsed().as_secs_f64() * 1e3 / (runs * size) as f64);
            }
        }
        for (opened, times) in engines.iter().zip(&mut times) {
            times.sort_by(f64::total_cmp);
            println!(
                "batch {size:>3}  {:7.3}  (fastest turn {:7.3})  {}",
                times[times.len() / 2],
                times[0],
                opened.report.description
            );
        }
    }
}
