//! Recordings of two who talk in turns, made of the sample take's sentences.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::ffi::OsStr;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{RATE_HZ, Room, Run, speech};

/// A room to map recordings in.
pub struct Desk(pub Room);

impl Desk {
    pub fn new() -> Self {
        Self(Room::new())
    }

    /// `undersong map --model model.onnx --engine builtin …` in the room.
    pub fn map<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        let mut command = self.0.command();
        command.args(["map", "--model", "model.onnx", "--engine", "builtin"]);
        Run::of(command.args(arguments))
    }

    /// The JSON of a map with the model that comes with the command, which hears emotions.
    pub fn heard<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Value {
        let mut command = self.0.command();
        command.args(["map", "--engine", "builtin", "--json", "-"]);
        Run::of(command.args(arguments)).ends_with_code(0).json()
    }

    /// The JSON of a map that succeeds.
    pub fn json<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Value {
        let arguments = arguments.into_iter().map(|it| it.as_ref().to_owned());
        let further = ["--json".into(), "-".into()];
        self.map(arguments.chain(further)).ends_with_code(0).json()
    }

    /// A 16-bit WAV file with a channel for each sound, as long as the longest.
    pub fn wav(&self, name: &str, channels: &[Vec<f32>]) -> PathBuf {
        let path = self.0.path(name);
        let spec = hound::WavSpec {
            channels: channels.len() as u16,
            sample_rate: RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(&path, spec).unwrap();
        let frames = channels.iter().map(Vec::len).max().unwrap_or(0);
        for frame in 0..frames {
            for channel in channels {
                let sample = channel.get(frame).copied().unwrap_or(0.0);
                writer.write_sample((sample * 32_767.0) as i16).unwrap();
            }
        }
        writer.finalize().unwrap();
        path
    }
}

pub fn samples(seconds: f64) -> usize {
    (seconds * f64::from(RATE_HZ)) as usize
}

/// Silence of a room: a little noise, so that a voice stands out from something.
pub fn room_tone(seconds: f64) -> Vec<f32> {
    let mut state = 1_u32;
    (0..samples(seconds))
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / 8_388_608.0 - 1.0) * 1e-3
        })
        .collect()
}

/// Adds `sound` at a time, scaled.
pub fn put(onto: &mut [f32], at_seconds: f64, sound: &[f32], gain: f32) {
    for (to, from) in onto.iter_mut().skip(samples(at_seconds)).zip(sound) {
        *to += gain * from;
    }
}

/// When Ann talks, and when Ben does, in [`talk`].
pub const ANN: [(f64, f64); 2] = [(1.0, 3.6), (11.0, 13.6)];
pub const BEN: [(f64, f64); 2] = [(6.0, 8.2), (16.0, 18.2)];

/// 20 s of Ann and Ben in turns, each with a microphone that hears the other `bleed` times as loud.
pub fn talk(bleed: f32) -> [Vec<f32>; 2] {
    let (ann_says, ben_says) = (speech(0.2, 2.6), speech(3.0, 2.2));
    let (mut ann, mut ben) = (room_tone(20.0), room_tone(20.0));
    for (at, _) in ANN {
        put(&mut ann, at, &ann_says, 1.0);
        put(&mut ben, at, &ann_says, bleed);
    }
    for (at, _) in BEN {
        put(&mut ben, at, &ben_says, 1.0);
        put(&mut ann, at, &ben_says, bleed);
    }
    [ann, ben]
}

/// A minute of one sentence again and again, then a minute of another.
pub fn two_moods() -> Vec<f32> {
    let (calm, loud) = (speech(0.2, 2.6), speech(8.8, 2.2));
    let mut sound = room_tone(120.0);
    for turn in 0..20 {
        put(&mut sound, 3.0 * f64::from(turn), &calm, 1.0);
        put(&mut sound, 60.0 + 3.0 * f64::from(turn), &loud, 1.0);
    }
    sound
}

/// `(speaker, start, end)` of each turn.
pub fn turns(map: &Value) -> Vec<(String, f64, f64)> {
    let turns = map["turns"].as_array().unwrap().iter();
    turns
        .map(|turn| {
            let seconds = |key: &str| turn[key].as_f64().unwrap();
            let speaker = turn["speaker"].as_str().unwrap().to_owned();
            (speaker, seconds("start_seconds"), seconds("end_seconds"))
        })
        .collect()
}
