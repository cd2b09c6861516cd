//! Training through the command: it learns, stops and goes on as if it had not, splits without a leak, and refuses wrong input by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod corpus_support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use undersong_core::engine::{EngineChoice, EngineOptions, open};
use undersong_core::model::Model;

/// A network that trains in seconds: the shape of the shipped one, everything small, with augmentation.
const RECIPE: &str = r#"
name = "tiny"
description = "For tests"
[preparation]
placement = "random"
blank_probability = 0.5
standardise = true
[features]
sample_rate_hz = 16000
fft_samples = 512
window_samples = 512
hop_samples = 320
span_samples = 8000
[features.mel]
bands = 16
low_hz = 50.0
high_hz = 7600.0
[features.kind]
type = "log_mel"
[features.level]
type = "rms"
target = 0.05
[augment_sound]
speed = [0.9, 1.1]
[augment_sound.noise]
probability = 0.5
snr_db = [5.0, 35.0]
[augment_features]
band_masks = 1
band_mask_width = 3
[mixup]
probability = 0.3
alpha = 0.3
[network]
dropout = 0.2
dense = [8]
[[network.conv]]
channels = 4
pool = [2, 2]
dropout = 0.1
[[network.conv]]
channels = 4
pool = [2, 2]
[network.lstm]
hidden = 8
[network.pooling]
type = "attentive_statistics"
hidden = 8
[training]
epochs = EPOCHS
batch = 8
learning_rate = 0.003
schedule = "cosine"
warm_up = 0.1
weight_decay = 0.01
gradient_norm = 5.0
label_smoothing = 0.1
average_decay = 0.9
class_weights = true
[training.repeat]
ravdess = 2
"#;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(epochs: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        corpus_support::ravdess(&folder.path().join("ravdess"));
        corpus_support::cremad(&folder.path().join("cremad"));
        let recipe = RECIPE.replace("EPOCHS", &epochs.to_string());
        std::fs::write(folder.path().join("tiny.toml"), recipe).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_undersong-trainer"));
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    fn train(&self, out: &str, more: &[&str]) -> Command {
        let mut command = self.command(&[
            "train",
            "--recipe",
            "tiny.toml",
            "--ravdess",
            "ravdess",
            "--cremad",
            "cremad",
            "--out",
            out,
        ]);
        command.args(more);
        command
    }
}

fn text(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("panicked"), "{text}");
    text
}

fn ok(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    text
}

fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = text(&output);
    assert!(!output.status.success(), "{text}");
    text
}

fn wait_for(path: &Path, child: &mut Child) {
    let started = Instant::now();
    while !path.exists() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the run ended before {}",
            path.display()
        );
        assert!(
            started.elapsed() < Duration::from_secs(120),
            "no {}",
            path.display()
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_gives_a_model_that_an_engine_runs() {
    let place = Place::new(2);
    let said = ok(&mut place.train("run", &["--split", "all"]));
    assert!(said.contains("epoch 2 of at most 2"), "{said}");
    let model = Model::open(place.path("run/model.onnx")).unwrap();
    assert_eq!(model.emotions().len(), 8);
    assert_eq!(model.metadata().training.recipe, "tiny");
    assert_eq!(model.metadata().training.epochs, 2);
    let mut opened = open(&model, EngineChoice::Builtin, &EngineOptions::default()).unwrap();
    let mut logits = Vec::new();
    opened
        .engine
        .run(&vec![0.1; model.window_len()], 1, &mut logits)
        .unwrap();
    assert_eq!(logits.len(), 8);
    assert!(logits.iter().all(|z| z.is_finite()));
}

#[test]
fn the_same_seed_gives_the_same_file_and_another_seed_another() {
    let place = Place::new(1);
    for (out, seed) in [("a", "3"), ("b", "3"), ("c", "4")] {
        ok(&mut place.train(out, &["--split", "all", "--seed", seed]));
    }
    let file = |out: &str| std::fs::read(place.path(out).join("model.onnx")).unwrap();
    assert_eq!(file("a"), file("b"));
    assert_ne!(file("a"), file("c"));
}

#[cfg(unix)]
#[test]
fn a_run_stopped_by_ctrl_c_ends_like_an_unbroken_one() {
    let place = Place::new(12);
    ok(&mut place.train("unbroken", &["--split", "all"]));
    let mut child = place
        .train("broken", &["--split", "all"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(&place.path("broken/checkpoint"), &mut child);
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let status = child.wait().unwrap();
    if status.success() {
        corpus_note("the run was over before it could be stopped");
    } else {
        assert!(
            !place.path("broken/model.onnx").exists(),
            "half a run left a model"
        );
        let said = ok(&mut place.train("broken", &["--split", "all"]));
        assert!(said.contains("going on after epoch"), "{said}");
    }
    assert_eq!(
        std::fs::read(place.path("unbroken/model.onnx")).unwrap(),
        std::fs::read(place.path("broken/model.onnx")).unwrap()
    );
}

#[allow(clippy::print_stdout)]
fn corpus_note(text: &str) {
    println!("note: {text}");
}

#[test]
fn a_folder_of_another_run_is_refused_and_left_alone() {
    let place = Place::new(1);
    ok(&mut place.train("run", &["--split", "all", "--seed", "1"]));
    let before = std::fs::read(place.path("run/model.onnx")).unwrap();
    let said = fails(&mut place.train("run", &["--split", "all", "--seed", "2"]));
    assert!(said.contains("seed is 1, not 2"), "{said}");
    assert!(said.contains("checkpoint"), "{said}");
    assert_eq!(before, std::fs::read(place.path("run/model.onnx")).unwrap());
}

#[test]
fn a_damaged_checkpoint_is_named() {
    let place = Place::new(1);
    ok(&mut place.train("run", &["--split", "all"]));
    let checkpoint = place.path("run/checkpoint");
    let bytes = std::fs::read(&checkpoint).unwrap();
    std::fs::write(&checkpoint, &bytes[..bytes.len() / 2]).unwrap();
    let said = fails(&mut place.train("run", &["--split", "all"]));
    assert!(
        said.contains("checkpoint") && said.contains("cut off"),
        "{said}"
    );
}

#[test]
fn unseen_speakers_are_measured_and_reported() {
    let place = Place::new(1);
    std::fs::write(
        place.path("folds.csv"),
        "corpus,speaker,fold\nravdess,01,0\nravdess,02,1\ncremad,1001,0\ncremad,1002,1\ncremad,1003,1\n",
    )
    .unwrap();
    let said = ok(&mut place.train(
        "run",
        &["--split", "speakers", "--folds", "folds.csv", "--fold", "0"],
    ));
    assert!(said.contains("UAR"), "{said}");
    let predictions: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.path("run/predictions.json")).unwrap())
            .unwrap();
    let speakers: std::collections::BTreeSet<&str> = predictions["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["speaker"].as_str().unwrap())
        .collect();
    assert_eq!(
        speakers.into_iter().collect::<Vec<_>>(),
        ["cremad-1001", "ravdess-01"]
    );
    let model = Model::open(place.path("run/model.onnx")).unwrap();
    let learned: Vec<_> = model
        .metadata()
        .training
        .data
        .iter()
        .map(|d| d.speakers)
        .collect();
    assert_eq!(learned, [1, 2], "speakers learned from");
    assert!(place.path("run/report.html").exists());
}

#[test]
fn export_names_calibrates_and_writes_a_card() {
    let place = Place::new(1);
    ok(&mut place.train("all", &["--split", "all"]));
    ok(&mut place.train("held", &["--split", "speakers"]));
    let said = ok(&mut place.command(&[
        "export",
        "--run",
        "all",
        "--name",
        "tiny-8",
        "--speakers",
        "held",
        "--paper",
        "held",
        "--out",
        "tiny-8.onnx",
        "--card",
        "tiny-8.md",
        "--command",
        "make it again",
    ]));
    assert!(said.contains("tiny-8.onnx"), "{said}");
    let model = Model::open(place.path("tiny-8.onnx")).unwrap();
    assert_eq!(model.metadata().name, "tiny-8");
    assert!(!model.metadata().quality.is_empty());
    assert!(model.metadata().calibration.temperature > 0.0);
    let card = std::fs::read_to_string(place.path("tiny-8.md")).unwrap();
    for part in [
        "tiny-8",
        "make it again",
        "RAVDESS",
        "CREMA-D",
        "lie detector",
    ] {
        assert!(card.contains(part), "no {part} in the card");
    }
}

#[test]
fn figures_of_another_recipe_are_refused() {
    let place = Place::new(1);
    ok(&mut place.train("all", &["--split", "all"]));
    let recipe = RECIPE.replace("EPOCHS", "2");
    std::fs::write(place.path("tiny.toml"), recipe).unwrap();
    ok(&mut place.train("other", &["--split", "paper"]));
    let said = fails(&mut place.command(&[
        "export", "--run", "all", "--name", "x", "--paper", "other", "--out", "x.onnx",
    ]));
    assert!(said.contains("another recipe"), "{said}");
    assert!(!place.path("x.onnx").exists());
}

#[test]
fn evaluate_measures_a_model_file_as_a_scan_answers() {
    let place = Place::new(1);
    ok(&mut place.train("run", &["--split", "all"]));
    let said = ok(&mut place.command(&[
        "evaluate",
        "--model",
        "run/model.onnx",
        "--ravdess",
        "ravdess",
        "--engine",
        "builtin",
        "--json",
        "figures.json",
        "--html",
        "figures.html",
    ]));
    assert!(said.contains("built in"), "{said}");
    let figures: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.path("figures.json")).unwrap()).unwrap();
    assert_eq!(figures["overall"]["clips"], 32);
    assert!(place.path("figures.html").exists());
}

#[test]
fn wrong_input_is_named() {
    let place = Place::new(1);
    let said = fails(&mut place.command(&[
        "train",
        "--recipe",
        "papper",
        "--ravdess",
        "ravdess",
        "--out",
        "x",
    ]));
    assert!(
        said.contains("papper") && said.contains("paper, undersong"),
        "{said}"
    );
    let said = fails(&mut place.command(&[
        "train",
        "--recipe",
        "tiny.toml",
        "--ravdess",
        "nowhere",
        "--out",
        "x",
    ]));
    assert!(said.contains("nowhere"), "{said}");
    let said = fails(&mut place.command(&["train", "--recipe", "tiny.toml", "--out", "x"]));
    assert!(
        said.contains("--ravdess") || said.contains("--cremad"),
        "{said}"
    );
    std::fs::write(
        place.path("typo.toml"),
        RECIPE
            .replace("EPOCHS", "1")
            .replace("standardise", "standardize"),
    )
    .unwrap();
    let said = fails(&mut place.command(&[
        "train",
        "--recipe",
        "typo.toml",
        "--ravdess",
        "ravdess",
        "--out",
        "x",
    ]));
    assert!(
        said.contains("standardize") && said.contains("standardise"),
        "{said}"
    );
}
