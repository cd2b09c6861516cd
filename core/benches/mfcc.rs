//! MFCC of a 3 s clip (the paper's configuration), one thread, against librosa and torchaudio on the same clip, in turn in one run.
//!
//! `cargo bench -p undersong-core --bench mfcc`; the Python with the peers is `UNDERSONG_PYTHON`, else `python3`; without them they are skipped by name.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a benchmark prints, and stops where it cannot go on

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use undersong_core::features::{
    ClipFeatures, FeatureConfig, FeatureKind, FrameBuffer, FrameExtractor, LevelNormalisation,
    MelConfig, WindowCutter, features_of,
};

const ROUNDS: usize = 60;

/// The peers' process.
struct Peers {
    names: Vec<String>,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peers {
    fn start(clip: &[f32], directory: &Path) -> Option<Self> {
        let python = std::env::var_os("UNDERSONG_PYTHON").unwrap_or_else(|| "python3".into());
        let path = directory.join("clip.f32");
        let bytes: Vec<u8> = clip.iter().flat_map(|x| x.to_le_bytes()).collect();
        std::fs::write(&path, bytes).ok()?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/mfcc_peer.py");
        let mut child = Command::new(python)
            .args([&script, &path])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let input = child.stdin.take()?;
        let mut peers = Self {
            names: Vec::new(),
            input,
            output: BufReader::new(child.stdout.take()?),
            child,
        };
        let line = peers.line()?;
        peers.names = line.split_whitespace().map(str::to_owned).collect();
        Some(peers)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        (self.output.read_line(&mut line).ok()? > 0).then_some(line)
    }

    /// Milliseconds that the peer took for one call, by its own clock.
    fn time(&mut self, name: &str) -> Option<f64> {
        writeln!(self.input, "{name}").ok()?;
        self.line()?.trim().parse().ok()
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn time(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// A buzz with vibrato in a little noise: sound in every band.
fn clip(config: &FeatureConfig) -> Vec<f32> {
    let mut noise = 1u32;
    (0..config.span_samples)
        .map(|i| {
            let t = i as f32 / config.sample_rate_hz as f32;
            let phase = 880.0 * t + 2.0 * (31.4 * t).sin();
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = noise as f32 / u32::MAX as f32 - 0.5;
            (1..30)
                .map(|k| (phase * k as f32).sin() / k as f32)
                .sum::<f32>()
                * 0.1
                + hiss * 0.02
        })
        .collect()
}

fn main() {
    // `cargo test --benches` runs this too: once, to see that it works, without peers.
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let rounds = if measuring { ROUNDS } else { 1 };
    let config = FeatureConfig::paper();
    let sound = clip(&config);
    let mut extractor = FrameExtractor::new(&config).unwrap();
    let mut cutter = WindowCutter::new(&config).unwrap();
    let mut buffer = FrameBuffer::new(&config);
    let mut features = Vec::new();
    // What a peer's call does: whole sound in, 130 frames of 40 out; planned once, as the peers cache their plans.
    let mut ours = || {
        buffer.clear();
        extractor.push(black_box(&sound), &mut |frame| buffer.push(frame));
        extractor.finish(&mut |frame| buffer.push(frame));
        let frames = buffer.window(0, 130).unwrap().frames;
        cutter.whole(&frames, &mut features).unwrap();
        black_box(&features);
    };
    let directory = tempfile::tempdir().unwrap();
    let mut peers = measuring
        .then(|| Peers::start(&sound, directory.path()))
        .flatten();
    let names = peers
        .as_ref()
        .map_or(Vec::new(), |peers| peers.names.clone());
    for _ in 0..5 {
        ours();
        for name in &names {
            peers.as_mut().and_then(|peers| peers.time(name));
        }
    }
    let mut our_times = Vec::new();
    let mut peer_times = vec![Vec::new(); names.len()];
    for _ in 0..rounds {
        our_times.push(time(&mut ours));
        for (name, times) in names.iter().zip(&mut peer_times) {
            times.extend(peers.as_mut().and_then(|peers| peers.time(name)));
        }
    }
    let us = median(our_times);
    println!("MFCC of a 3 s clip, 130 x 40, one thread, median of {rounds} in turn");
    println!("  undersong   {us:7.3} ms");
    for (name, times) in names.iter().zip(peer_times) {
        if !times.is_empty() {
            let them = median(times);
            println!("  {name:11} {them:7.3} ms, {:5.2} times ours", them / us);
        }
    }
    for name in ["librosa", "torchaudio"] {
        if !names.iter().any(|at_hand| at_hand == name) {
            println!(
                "  {name}: skipped, not importable by the Python at hand (set UNDERSONG_PYTHON)"
            );
        }
    }
    others(rounds, &sound, &config);
}

/// Times of the other doors, for the record.
fn others(rounds: usize, sound: &[f32], paper: &FeatureConfig) {
    let cold = (0..rounds).map(|_| {
        time(|| {
            black_box(features_of(black_box(sound), paper).unwrap());
        })
    });
    println!(
        "  features_of, planning included: {:.3} ms",
        median(cold.collect())
    );
    let log_mel = FeatureConfig {
        sample_rate_hz: 16_000,
        fft_samples: 512,
        window_samples: 512,
        hop_samples: 320,
        mel: MelConfig {
            bands: 40,
            low_hz: 50.0,
            high_hz: 8000.0,
            ..paper.mel.clone()
        },
        kind: FeatureKind::LogMel,
        level: LevelNormalisation::Rms { target: 0.05 },
        span_samples: 48_000,
        ..paper.clone()
    };
    let mut maker = ClipFeatures::new(&log_mel).unwrap();
    let sound = clip(&log_mel);
    let mut out = vec![0.0; maker.frames() * maker.coefficients()];
    let windows =
        (0..rounds).map(|_| time(|| maker.window(black_box(&sound), 0, &mut out).unwrap()));
    println!(
        "  a training window, 3 s at 16 kHz, 150 log-mel frames of 40: {:.3} ms",
        median(windows.collect())
    );
}
