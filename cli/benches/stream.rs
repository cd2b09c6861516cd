//! How soon `undersong stream` tells: from the last sample that decides a window, written to the pipe, to its line read from the other.
//!
//! `cargo bench -p undersong-cli --bench stream`, on a machine with nothing else to do. Sound runs in real time, so it takes two minutes.
//! ONNX Runtime is measured where `UNDERSONG_ORT` names it.
//!
//! A window is decided a little after its end: its last frame looks ahead, and so does the voice detector. The test of the live engine that a
//! window comes with the sample that decides it is `core/tests/live_offline.rs`; here the deciding sample is found by pushing the
//! same sound sample by sample through a session of the core.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod pieces;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pieces::{PIECE_MS, RATE_HZ, deciding_pieces, pieces, row, voice};

fn main() {
    // `cargo test --benches` runs this too: then a moment is enough.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let seconds = if whole { 60.0 } else { 4.0 };
    let raw = voice(seconds);
    let decided = deciding_pieces(&raw);
    println!(
        "{} cores, s16le mono {RATE_HZ} Hz in pieces of {PIECE_MS} ms, real time, model undersong-8, hop 0.25 s, {} windows",
        std::thread::available_parallelism().map_or(1, usize::from),
        decided.len()
    );
    println!("                from the deciding piece       from the window's end");
    println!("                p50      p99      most        p50      p99      most");
    let runtime = std::env::var_os("UNDERSONG_ORT");
    let mut engines = vec![("built in", "builtin")];
    if runtime.is_some() {
        engines.push(("ONNX Runtime", "cpu"));
    }
    for (name, engine) in engines {
        let (decided, ended) = measure(engine, &raw, &decided);
        println!("{name:<13} {} {}", row(decided), row(ended));
    }
}

/// For each window the ms from its deciding piece, and from its end, to its line.
fn measure(engine: &str, raw: &[u8], decided: &[(u64, usize)]) -> (Vec<f64>, Vec<f64>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_undersong"));
    command.args(["stream", "--engine", engine]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut sound = child.stdin.take().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (sender, read) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        for line in lines {
            let (line, at) = (line.unwrap(), Instant::now());
            let event: serde_json::Value = serde_json::from_str(&line).unwrap();
            if event["type"] == "emotion.update" {
                sender
                    .send((event["audio_end_ms"].as_u64().unwrap(), at))
                    .unwrap();
            }
        }
    });
    // The model is open once the first sound is taken; a second of silence is not waited for.
    std::thread::sleep(Duration::from_secs(2));
    let start = Instant::now();
    let mut written = Vec::new();
    for (index, piece) in pieces(raw).enumerate() {
        // A piece is there when its last sample has sounded.
        let due = start + Duration::from_millis((index as u64 + 1) * PIECE_MS);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        sound.write_all(piece).unwrap();
        written.push(Instant::now());
    }
    drop(sound);
    reader.join().unwrap();
    assert!(child.wait().unwrap().success());
    let told = read.iter().collect::<Vec<_>>();
    let ms = |from: Instant, to: Instant| {
        let early = from.saturating_duration_since(to).as_secs_f64();
        (to.saturating_duration_since(from).as_secs_f64() - early) * 1e3
    };
    told.into_iter()
        .filter_map(|(end_ms, at)| {
            let &(_, piece) = decided.iter().find(|&&(end, _)| end == end_ms)?;
            let end = start + Duration::from_millis(end_ms);
            Some((ms(*written.get(piece)?, at), ms(end, at)))
        })
        .unzip()
}
