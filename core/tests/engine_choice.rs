//! Choosing an engine where ONNX Runtime cannot be used: never a panic, always a reason.
//!
//! Nothing here may load a real ONNX Runtime: a process can load one only, and these tests need it not loaded.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod synthetic;

use std::path::{Path, PathBuf};

use synthetic::{SMALL, model, windows};
use undersong_core::engine::{EngineChoice, EngineError, EngineKind, EngineOptions, open};

const NAMES: [&str; 3] = ["neutral", "happy", "sad"];

fn options(runtime: impl AsRef<Path>) -> EngineOptions {
    EngineOptions {
        runtime_path: Some(runtime.as_ref().to_owned()),
        ..EngineOptions::default()
    }
}

/// Files that are not ONNX Runtime, each with the words its refusal must hold.
fn wrong_runtimes(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let empty_folder = folder.join("empty");
    std::fs::create_dir(&empty_folder).unwrap();
    let mut wrong = vec![
        (folder.join("absent.so"), "does not exist"),
        (empty_folder, "holds no ONNX Runtime"),
        (
            write("libonnxruntime.so", b"just a text"),
            "is not a shared library",
        ),
        (write("empty.so", b""), "cannot be read as a shared library"),
        (
            write("broken.so", b"\x7fELF and then nothing of the kind"),
            "cannot be loaded",
        ),
    ];
    // A true shared library that is another one.
    if let Some(other) = [
        "/lib/x86_64-linux-gnu/libm.so.6",
        "/lib/aarch64-linux-gnu/libm.so.6",
        "/lib64/libm.so.6",
    ]
    .iter()
    .map(Path::new)
    .find(|library| library.is_file())
    {
        wrong.push((other.to_owned(), "not ONNX Runtime"));
    }
    wrong
}

#[test]
fn a_file_that_is_no_onnx_runtime_is_an_error_when_cpu_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let model = model(&SMALL, &NAMES);
    for (runtime, words) in wrong_runtimes(folder.path()) {
        let error = open(&model, EngineChoice::Cpu, &options(&runtime)).unwrap_err();
        assert!(
            matches!(&error, EngineError::Unusable { kind: EngineKind::Cpu, reason } if reason.contains(words)),
            "{error}\nshould contain {words:?}"
        );
    }
}

#[test]
fn auto_and_cuda_fall_back_to_the_built_in_engine_and_warn() {
    let folder = tempfile::tempdir().unwrap();
    let model = model(&SMALL, &NAMES);
    for choice in [EngineChoice::Auto, EngineChoice::Cuda] {
        for (runtime, words) in wrong_runtimes(&tempfile::tempdir_in(&folder).unwrap().keep()) {
            let mut opened = open(&model, choice, &options(&runtime)).unwrap();
            let report = &opened.report;
            assert_eq!(report.kind, EngineKind::Builtin);
            assert!(
                report.warning.as_ref().unwrap().contains(words),
                "{report:?}"
            );
            assert!(report.to_string().contains("not cpu: "), "{report}");
            assert!(report.to_string().contains("not cuda: "), "{report}");
            let mut logits = Vec::new();
            opened
                .engine
                .run(&windows(&model, 2, 1), 2, &mut logits)
                .unwrap();
            assert_eq!(logits.len(), 2 * NAMES.len());
        }
    }
}

#[test]
fn the_built_in_engine_needs_nothing_and_says_what_it_is() {
    let opened = open(
        &model(&SMALL, &NAMES),
        EngineChoice::Builtin,
        &EngineOptions::default(),
    )
    .unwrap();
    assert_eq!(opened.engine.kind(), EngineKind::Builtin);
    assert_eq!(opened.report.description, "built in (tract)");
    assert_eq!(opened.report.warning, None);
}

#[test]
fn choices_are_read_and_written_by_name() {
    for name in ["auto", "cuda", "cpu", "builtin"] {
        assert_eq!(name.parse::<EngineChoice>().unwrap().to_string(), name);
    }
    let error = "gpu".parse::<EngineChoice>().unwrap_err();
    assert!(
        error.to_string().contains("auto, cuda, cpu, builtin"),
        "{error}"
    );
}

#[test]
fn batch_sizes_that_are_none_are_refused() {
    for sizes in [vec![], vec![0], vec![1 << 20]] {
        let options = EngineOptions {
            batch_sizes: sizes,
            ..EngineOptions::default()
        };
        assert!(matches!(
            open(&model(&SMALL, &NAMES), EngineChoice::Builtin, &options),
            Err(EngineError::BatchSizes { .. })
        ));
    }
}

#[test]
fn a_network_that_the_engine_does_not_know_is_refused_with_a_reason() {
    use undersong_core::model::Model;
    use undersong_core::model::onnx::{Message, ModelProto};
    let bytes = synthetic::file(&SMALL, &synthetic::metadata(&NAMES));
    let mut proto = ModelProto::decode(bytes.as_slice()).unwrap();
    proto.graph.as_mut().unwrap().node[1].op_type = "Divination".to_owned();
    let model = Model::from_bytes(proto.encode_to_vec(), "odd.onnx").unwrap();
    let error = open(&model, EngineChoice::Builtin, &EngineOptions::default()).unwrap_err();
    assert!(error.to_string().contains("Divination"), "{error}");
}
