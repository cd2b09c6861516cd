//! `undersong takes` as a user runs it, and takes to give to it: cuts of the sample take, louder, quieter, clipped and noisy.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::ffi::OsStr;
use std::fs;

use serde_json::Value;

use crate::support::{RATE_HZ, Room, Run, speech};

/// `undersong takes --model model.onnx --engine builtin …` in the room.
pub fn takes<S: AsRef<OsStr>>(room: &Room, arguments: impl IntoIterator<Item = S>) -> Run {
    let mut command = room.command();
    command.args(["takes", "--model", "model.onnx", "--engine", "builtin"]);
    Run::of(command.args(arguments))
}

/// The JSON of a run that ends with this code.
#[track_caller]
pub fn json<S: AsRef<OsStr>>(
    room: &Room,
    code: i32,
    arguments: impl IntoIterator<Item = S>,
) -> Value {
    let arguments: Vec<_> = arguments
        .into_iter()
        .map(|it| it.as_ref().to_owned())
        .collect();
    let more = ["--json", "-", "--hop", "0.5"].map(|it| OsStr::new(it).to_owned());
    takes(room, arguments.into_iter().chain(more))
        .ends_with_code(code)
        .json()
}

/// A room with two lines: `door` in four takes, each another part of the sample, and `rain` in two.
pub fn session() -> Room {
    let room = Room::new();
    for (name, start, gain) in [
        ("door_1", 0.2, 1.0),
        ("door_2", 2.6, 1.0),
        ("door_3", 8.6, 1.0),
        ("door_10", 10.8, 1.0),
        ("rain_1", 0.2, 0.8),
        ("rain_2", 8.6, 0.8),
    ] {
        room.wav(
            format!("takes/{name}.wav"),
            &padded(&louder(&speech(start, 2.2), gain)),
        );
    }
    room
}

/// With 0.3 s of silence around, so that nothing is cut off.
pub fn padded(sound: &[f32]) -> Vec<f32> {
    [&silence(0.3), sound, &silence(0.3)].concat()
}

/// Faster and higher by a half.
pub fn hurried(sound: &[f32]) -> Vec<f32> {
    let at = |index: usize| sound.get(index * 3 / 2).copied();
    (0..).map_while(at).collect()
}

pub fn louder(sound: &[f32], gain: f32) -> Vec<f32> {
    sound
        .iter()
        .map(|sample| (sample * gain).clamp(-1.0, 1.0))
        .collect()
}

/// White noise of this root mean square on top, the same every time.
pub fn noisy(sound: &[f32], rms: f32) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    // Even in −1 … 1 is 1/√3 of root mean square.
    sound
        .iter()
        .map(|sample| (sample + next() * rms * 3_f32.sqrt()).clamp(-1.0, 1.0))
        .collect()
}

pub fn silence(seconds: f64) -> Vec<f32> {
    vec![0.0; (seconds * f64::from(RATE_HZ)) as usize]
}

pub fn cues(room: &Room, bytes: impl AsRef<[u8]>) {
    fs::write(room.path("cues.csv"), bytes).unwrap();
}

/// The line of this name.
#[track_caller]
pub fn line<'a>(run: &'a Value, name: &str) -> &'a Value {
    let lines = run["lines"].as_array().unwrap();
    lines
        .iter()
        .find(|line| line["line"] == name)
        .unwrap_or_else(|| panic!("no line {name} in {run}"))
}

/// Names of lines, in order.
pub fn names(run: &Value) -> Vec<&str> {
    run["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["line"].as_str().unwrap())
        .collect()
}

/// File names of a line's takes, in order.
pub fn files(line: &Value) -> Vec<&str> {
    fn name(take: &Value) -> &str {
        let path = take["path"].as_str().unwrap();
        path.rsplit(['/', '\\']).next().unwrap()
    }
    line["takes"].as_array().unwrap().iter().map(name).collect()
}

/// Files that have a role.
pub fn with_role<'a>(line: &'a Value, role: &str) -> Vec<&'a str> {
    let takes = line["takes"].as_array().unwrap();
    files(line)
        .into_iter()
        .zip(takes)
        .filter(|(_, take)| {
            take["roles"]
                .as_array()
                .unwrap()
                .iter()
                .any(|it| it == role)
        })
        .map(|(name, _)| name)
        .collect()
}

/// What failed, as one text.
pub fn failures(run: &Value) -> String {
    let errors = run["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["error"].as_str().unwrap());
    errors.collect::<Vec<_>>().join("\n")
}
