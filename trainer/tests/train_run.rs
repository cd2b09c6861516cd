//! Training through the command: it learns, stops and goes on as if it had not, and splits without a leak.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod corpus_support;
mod run_support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use run_support::{Place, fails, ok};
use undersong_core::engine::{EngineChoice, EngineOptions, open};
use undersong_core::model::Model;

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
fn a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_good_checkpoint() {
    let place = Place::new(40);
    let recipe = std::fs::read_to_string(place.path("tiny.toml")).unwrap();
    let wild = recipe
        .replace("learning_rate = 0.003", "learning_rate = 10.0")
        .replace("weight_decay = 0.01", "weight_decay = 10.0")
        .replace("gradient_norm = 5.0\n", "");
    std::fs::write(place.path("tiny.toml"), wild).unwrap();
    let said = fails(&mut place.train("run", &["--split", "all"]));
    for part in ["no longer a number", "epoch", "learning_rate"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(place.path("run/checkpoint").exists(), "{said}");
    assert!(!place.path("run/model.onnx").exists());
    // Nothing is lost, and the same command says the same again instead of going on from broken weights.
    let again = fails(&mut place.train("run", &["--split", "all"]));
    assert!(again.contains("going on after epoch"), "{again}");
    assert!(again.contains("no longer a number"), "{again}");
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

/// Four epochs more, without music and with other noise.
const THEN: &str = "
[then]
epochs = 4
learning_rate = 0.001
[then.augment_sound.noise]
probability = 1.0
snr_db = [0.0, 5.0]
";

/// The training loss of every epoch of a run.
fn losses(place: &Place, run: &str) -> Vec<f64> {
    let history = std::fs::read(place.path(run).join("history.json")).unwrap();
    let history: serde_json::Value = serde_json::from_slice(&history).unwrap();
    let epochs = history["epochs"].as_array().unwrap().iter();
    epochs
        .map(|epoch| epoch["train_loss"].as_f64().unwrap())
        .collect()
}

#[test]
fn a_second_training_goes_on_where_the_first_ends() {
    let place = Place::new(3);
    ok(&mut place.train("first", &["--split", "all"]));
    place.then(THEN);
    let said = ok(&mut place.train("both", &["--split", "all"]));
    assert!(said.contains("epoch 7 of at most 7"), "{said}");
    let (first, both) = (losses(&place, "first"), losses(&place, "both"));
    assert_eq!(first, both[..3]);
    assert_eq!(both.len(), 7);
    let trained = Model::open(place.path("both/model.onnx")).unwrap();
    let training = &trained.metadata().training;
    assert_eq!(training.epochs, 7);
    assert!(training.recipe_toml.contains("[then.augment_sound.noise]"));

    place.then("[then]\nepochs = 0\nlearning_rate = 0.001\n");
    let said = fails(&mut place.train("never", &["--split", "all"]));
    assert!(said.contains("then.epochs = 0"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_run_stopped_by_ctrl_c_ends_like_an_unbroken_one() {
    let place = Place::new(8);
    place.then(THEN);
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
