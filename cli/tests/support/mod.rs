//! The binary as a user runs it, a small model, and sounds to give to it.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::features::FeatureConfig;
use undersong_core::model::onnx::{
    AttributeProto, Dimension, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, ValueInfoProto,
};
use undersong_core::model::{
    Calibration, EmotionSet, FORMAT_VERSION, METADATA_KEY, ModelMetadata, Quality, Training,
    TrainingData,
};

/// Rate of the sounds made here, in Hz.
pub const RATE_HZ: u32 = 22_050;

/// A folder of its own for a test, with a model in it.
pub struct Room {
    folder: tempfile::TempDir,
}

/// What a run of the binary gave.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Room {
    pub fn new() -> Self {
        let room = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::write(
            room.path("model.onnx"),
            model_bytes(&["neutral", "happy", "sad", "angry"]),
        )
        .unwrap();
        room
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.folder.path().join(Path::new(name.as_ref()))
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_undersong"));
        command.current_dir(self.folder()).env_remove("NO_COLOR");
        command
    }

    /// `undersong scan --model model.onnx --engine builtin …` in the room.
    pub fn scan<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        let mut command = self.command();
        command.args(["scan", "--model", "model.onnx", "--engine", "builtin"]);
        Run::of(command.args(arguments))
    }

    /// `undersong …` in the room.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        Run::of(self.command().args(arguments))
    }

    /// `undersong library COMMAND --library lib.db …` in the room, with its model where one listens.
    pub fn library<S: AsRef<OsStr>>(
        &self,
        command: &str,
        arguments: impl IntoIterator<Item = S>,
    ) -> Run {
        Run::of(self.library_command(command).args(arguments))
    }

    /// See [`library`](Self::library).
    pub fn library_command(&self, name: &str) -> Command {
        let mut command = self.command();
        command.args(["library", name, "--library", "lib.db"]);
        if ["add", "update"].contains(&name) {
            command.args(["--model", "model.onnx", "--engine", "builtin"]);
        }
        command
    }

    /// A mono 16-bit WAV file.
    pub fn wav(&self, name: impl AsRef<OsStr>, samples: &[f32]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        for sample in samples {
            writer.write_sample((sample * 32_767.0) as i16).unwrap();
        }
        writer.finalize().unwrap();
        path
    }
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    /// The output; a panic is a failure wherever it happens.
    pub fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
        let run = Self {
            code: output.status.code().expect("ended by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        };
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        run
    }

    #[track_caller]
    pub fn ends_with_code(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }

    /// Standard error has all these parts.
    #[track_caller]
    pub fn complains(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(
                self.stderr.contains(part),
                "no {part:?} in stderr: {}",
                self.stderr
            );
        }
        self
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// The repository's sample take.
pub fn sample_take() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/take.flac")
}

/// Speech: part of the sample take, at [`RATE_HZ`].
pub fn speech(start_seconds: f64, seconds: f64) -> Vec<f32> {
    let take = load_mono(&sample_take(), RATE_HZ, NoiseReduction::Off).unwrap();
    let at = |seconds: f64| (seconds * f64::from(RATE_HZ)) as usize;
    take[at(start_seconds)..at(start_seconds + seconds)].to_vec()
}

/// A small network with metadata: means over time of the paper's features, then a matrix, so that scores follow the sound.
pub fn model_bytes(names: &[&str]) -> Vec<u8> {
    let metadata = ModelMetadata {
        format_version: FORMAT_VERSION,
        name: "test".to_owned(),
        description: "A network that learned nothing, for tests.".to_owned(),
        emotions: EmotionSet::from_names(names).unwrap(),
        features: FeatureConfig::paper(),
        calibration: Calibration {
            temperature: 1.0,
            by_voice: Vec::new(),
            unsure_below: 0.3,
            priors: vec![1.0 / names.len() as f32; names.len()],
            ordinary: None,
            speaker_shift: Vec::new(),
            measured_on: "nothing".to_owned(),
        },
        training: Training {
            recipe: "none".to_owned(),
            recipe_toml: String::new(),
            seed: 7,
            split: "none".to_owned(),
            epochs: 0,
            data: vec![TrainingData {
                corpus: "a corpus".to_owned(),
                clips: 12,
                speakers: 3,
            }],
            licence: "CC0".to_owned(),
            trainer_version: "0".to_owned(),
        },
        quality: vec![Quality {
            split: "speakers, fold 0".to_owned(),
            corpus: "a corpus".to_owned(),
            clips: 12,
            accuracy: 0.25,
            uar: 0.25,
            macro_f1: 0.1,
            ece: 0.5,
        }],
    };
    let mut model = network(
        metadata.features.frames(),
        metadata.features.coefficients(),
        names.len(),
    );
    model.metadata_props.push(StringStringEntryProto {
        key: METADATA_KEY.to_owned(),
        value: serde_json::to_string(&metadata).unwrap(),
    });
    model.encode_to_vec()
}

/// The network alone, as another program might have made it.
pub fn network(frames: usize, coefficients: usize, classes: usize) -> ModelProto {
    let (frames, coefficients, classes) = (frames as i64, coefficients as i64, classes as i64);
    // Small whole-number pattern: no two columns alike.
    let weights: Vec<f32> = (0..coefficients * classes)
        .map(|i| ((i * 37 % 101) as f32 - 50.0) * 2e-4)
        .collect();
    ModelProto {
        ir_version: 8,
        producer_name: "a test".to_owned(),
        opset_import: vec![OperatorSetIdProto {
            version: 17,
            ..OperatorSetIdProto::default()
        }],
        graph: Some(GraphProto {
            name: "test".to_owned(),
            node: vec![
                NodeProto::new(
                    "ReduceMean",
                    &["features"],
                    &["mean"],
                    vec![
                        AttributeProto::ints("axes", &[1, 2]),
                        AttributeProto::int("keepdims", 0),
                    ],
                ),
                NodeProto::new("MatMul", &["mean", "weights"], &["logits"], vec![]),
            ],
            initializer: vec![TensorProto::floats(
                "weights",
                &[coefficients, classes],
                &weights,
            )],
            input: vec![ValueInfoProto::floats(
                "features",
                vec![
                    Dimension::named("batch"),
                    Dimension::fixed(1),
                    Dimension::fixed(frames),
                    Dimension::fixed(coefficients),
                ],
            )],
            output: vec![ValueInfoProto::floats(
                "logits",
                vec![Dimension::named("batch"), Dimension::fixed(classes)],
            )],
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    }
}
