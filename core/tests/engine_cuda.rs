//! CUDA asked for on a machine where it cannot work: each missing piece is named, and the CPU takes over.
//!
//! One test in a process of its own: it loads a copy of ONNX Runtime and puts false libraries beside it.
#![cfg(all(unix, not(target_os = "macos")))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod synthetic;

use synthetic::{SMALL, model, onnx_runtime, windows};
use undersong_core::engine::{EngineChoice, EngineKind, EngineOptions, open};

const CUDNN: [&str; 8] = [
    "libcudnn.so.9",
    "libcudnn_graph.so.9",
    "libcudnn_ops.so.9",
    "libcudnn_heuristic.so.9",
    "libcudnn_adv.so.9",
    "libcudnn_cnn.so.9",
    "libcudnn_engines_precompiled.so.9",
    "libcudnn_engines_runtime_compiled.so.9",
];

#[test]
fn each_missing_piece_of_cuda_is_named_and_the_cpu_takes_over() {
    let Some(runtime) = onnx_runtime() else {
        eprintln!("skipped: no ONNX Runtime here; set UNDERSONG_ORT");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("libonnxruntime.so");
    std::fs::copy(&runtime, &copy).unwrap();
    let put = |name: &str| std::fs::write(folder.path().join(name), "not a library").unwrap();
    let model = model(&SMALL, &["neutral", "happy", "sad"]);
    let options = EngineOptions {
        runtime_path: Some(folder.path().to_owned()),
        ..EngineOptions::default()
    };
    // What was wrong with CUDA; the CPU must have taken over and must run.
    let reason = || {
        let mut opened = open(&model, EngineChoice::Cuda, &options).unwrap();
        assert_eq!(opened.engine.kind(), EngineKind::Cpu, "{}", opened.report);
        let mut logits = Vec::new();
        opened
            .engine
            .run(&windows(&model, 3, 1), 3, &mut logits)
            .unwrap();
        assert_eq!(logits.len(), 9);
        opened.report.warning.unwrap()
    };

    let without_providers = reason();
    assert!(
        without_providers.contains("libonnxruntime_providers_shared.so is not beside it"),
        "{without_providers}"
    );
    put("libonnxruntime_providers_shared.so");
    let without_cuda_provider = reason();
    assert!(
        without_cuda_provider.contains("libonnxruntime_providers_cuda.so is not beside it"),
        "{without_cuda_provider}"
    );
    put("libonnxruntime_providers_cuda.so");
    // The folder of the runtime is searched first, so this holds on a machine with a whole cuDNN too.
    put(CUDNN[0]);
    let part_of_cudnn = reason();
    assert!(
        part_of_cudnn.contains("not whole") && part_of_cudnn.contains(CUDNN[7]),
        "{part_of_cudnn}"
    );
    CUDNN.iter().for_each(|name| put(name));
    put("libcudart.so.13");
    let false_libraries = reason();
    assert!(
        false_libraries.contains("libcudart.so.13 cannot be loaded"),
        "{false_libraries}"
    );
}
