//! `undersong stream` as a user runs it, and its lines held against the schema.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stdout,
    reason = "each test file uses its part"
)]

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use undersong_core::audio::{Conditioner, NoiseReduction};

use crate::support::{RATE_HZ, Room, Run};

/// Lines that hold to the schema.
pub struct Streamed {
    pub events: Vec<Value>,
}

/// `undersong stream --model model.onnx --engine builtin …` in the room, with pipes.
pub fn streaming<S: AsRef<OsStr>>(room: &Room, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = room.command();
    command
        .args(["stream", "--model", "model.onnx", "--engine", "builtin"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The lines of a sound.
pub fn stream<S: AsRef<OsStr>>(
    room: &Room,
    arguments: impl IntoIterator<Item = S>,
    sound: &[u8],
) -> Streamed {
    let run = Streamed::run(room, arguments, sound).ends_with_code(0);
    assert_eq!(run.stderr, "");
    Streamed::from_lines(&run.stdout)
}

impl Streamed {
    /// Runs it on a sound, whatever comes of that.
    pub fn run<S: AsRef<OsStr>>(
        room: &Room,
        arguments: impl IntoIterator<Item = S>,
        sound: &[u8],
    ) -> Run {
        let mut child = streaming(room, arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            // It may end before it has taken all.
            scope.spawn(move || stdin.write_all(sound).is_ok());
            Run::from(child.wait_with_output().unwrap())
        })
    }

    /// Of a command that takes its sound from elsewhere.
    pub fn of(command: &mut Command) -> Self {
        let run = Run::of(command).ends_with_code(0);
        Self::from_lines(&run.stdout)
    }

    /// Every line holds to the schema, and sequence numbers rise.
    pub fn from_lines(text: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/schema/stream.schema.json");
        let schema = std::fs::read_to_string(path).unwrap();
        let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        let mut before = None;
        let events = text
            .lines()
            .map(|line| {
                let event: Value =
                    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
                if let Err(error) = schema.validate(&event) {
                    panic!("{error}: {line}");
                }
                let sequence = event["sequence"].as_u64();
                assert!(sequence > before, "{line}");
                before = sequence;
                event
            })
            .collect();
        Self { events }
    }

    pub fn of_type(&self, name: &str) -> Vec<Value> {
        let of_type = |event: &&Value| event["type"] == name;
        self.events.iter().filter(of_type).cloned().collect()
    }
}

/// Sound as 16-bit samples.
pub fn s16le(sound: &[f32]) -> Vec<u8> {
    let sample = |it: &f32| ((it * 32_767.0) as i16).to_le_bytes();
    sound.iter().flat_map(sample).collect()
}

/// Sound as floating-point samples.
pub fn f32le(sound: &[f32]) -> Vec<u8> {
    sound.iter().flat_map(|it| it.to_le_bytes()).collect()
}

/// Sound at [`RATE_HZ`] at another rate.
pub fn resampled(sound: &[f32], rate_hz: u32) -> Vec<f32> {
    let mut out = Vec::new();
    let mut conditioner = Conditioner::new(RATE_HZ, rate_hz, NoiseReduction::Off).unwrap();
    conditioner.push(sound, &mut out);
    conditioner.finish(&mut out);
    out
}

/// Whether there is such a program.
pub fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Says why a test proves nothing here.
pub fn skipped(reason: &str) {
    println!("skipped: {reason}");
}

/// Runs the README's line that begins so, in a shell in the room, where its programs are looked for first.
pub fn readme_line(room: &Room, start: &str) -> Streamed {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    let line = readme
        .lines()
        .find(|line| line.starts_with(start) && line.contains("| undersong stream"))
        .unwrap_or_else(|| panic!("the README has no line that begins with {start:?}"));
    let binary = Path::new(env!("CARGO_BIN_EXE_undersong"));
    let mut path = std::env::join_paths([room.folder(), binary.parent().unwrap()]).unwrap();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .env("PATH", path)
        .current_dir(room.folder())
        .stdin(Stdio::null());
    Streamed::of(&mut shell)
}
