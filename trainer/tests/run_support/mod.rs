//! The trainer's command in a folder of its own, with corpora and a recipe that take seconds.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use std::path::PathBuf;
use std::process::{Command, Output};

/// A network that trains in seconds: the shape of the shipped one, everything small, with augmentation.
pub const RECIPE: &str = r#"
name = "tiny"
description = "For tests"
[preparation]
placement = "random"
blank_probability = 0.5
standardise = true
[preparation.crop]
probability = 0.5
seconds = [0.1, 0.3]
[preparation.speaker_profile]
probability = 0.5
clips = [1, 2]
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
[augment_sound.babble]
probability = 0.3
snr_db = [3.0, 25.0]
[augment_sound.music]
probability = 0.3
snr_db = [3.0, 25.0]
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
votes = 0.25
average_decay = 0.9
class_weights = true
[training.repeat]
ravdess = 2
"#;

/// A folder with two small corpora and the recipe.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub fn new(epochs: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        super::corpus_support::ravdess(&folder.path().join("ravdess"));
        super::corpus_support::cremad(&folder.path().join("cremad"));
        super::corpus_support::cremad_tables(&folder.path().join("cremad"));
        let recipe = RECIPE.replace("EPOCHS", &epochs.to_string());
        std::fs::write(folder.path().join("tiny.toml"), recipe).unwrap();
        Self { folder }
    }

    /// Gives the recipe this second training, instead of one that it had.
    pub fn then(&self, then: &str) {
        let path = self.path("tiny.toml");
        let recipe = std::fs::read_to_string(&path).unwrap();
        let first = recipe.split("[then]").next().unwrap();
        std::fs::write(path, format!("{first}{then}")).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_undersong-trainer"));
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    pub fn train(&self, out: &str, more: &[&str]) -> Command {
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

pub fn ok(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    text
}

pub fn fails(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = text(&output);
    assert!(!output.status.success(), "{text}");
    text
}
