//! One training step of the two recipes' networks, batch 32, against PyTorch (in f32; ours also in bf16, which gains where the processor has AMX): steps of both sides taken in turn, so that whatever
//! else the machine does strikes both. Prints the median milliseconds (wall and processor) and their ratios.
//!
//! `cargo bench -p undersong-trainer --bench train_step -- [ROUNDS] [THREADS]`; Python with PyTorch is looked for as `UNDERSONG_PYTHON`,
//! then `python3`. Without it our side alone is timed.
#![allow(clippy::unwrap_used, clippy::print_stdout)] // a benchmark prints, and may stop where it stands

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use undersong_trainer::nn::*;

const CLIPS: usize = 32;
const COEFFICIENTS: usize = 40;
const CLASSES: usize = 8;

/// Wall and processor time of a step.
#[derive(Clone, Copy)]
struct Times {
    wall_ms: f64,
    cpu_ms: f64,
}

/// A Python process that takes a step for each line it is sent.
struct Torch {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    version: String,
}

impl Torch {
    fn start(kind: &str, frames: usize, threads: usize) -> Option<Self> {
        let python = std::env::var("UNDERSONG_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/torch_step.py");
        let mut child = Command::new(python)
            .args([script, kind, &frames.to_string(), &threads.to_string()])
            .env("OMP_WAIT_POLICY", "passive")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let input = child.stdin.take()?;
        let mut output = BufReader::new(child.stdout.take()?);
        let mut line = String::new();
        output.read_line(&mut line).ok()?;
        let version = line.strip_prefix("ready ")?.trim().to_owned();
        Some(Self {
            child,
            input,
            output,
            version,
        })
    }

    fn step(&mut self) -> Times {
        self.input.write_all(b"\n").unwrap();
        self.input.flush().unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let mut numbers = line.split_whitespace().map(|n| n.parse().unwrap());
        Times {
            wall_ms: numbers.next().unwrap(),
            cpu_ms: numbers.next().unwrap(),
        }
    }
}

impl Drop for Torch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time of this process so far, where the system tells (Linux), else NaN.
fn cpu_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or("")
        .split_whitespace()
        .collect();
    let ticks = |field: usize| fields.get(field)?.parse::<f64>().ok();
    // Fields 14 and 15 of proc(5), in hundredths of a second; the two before the bracket are gone.
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => (user + system) * 10.0,
        _ => f64::NAN,
    }
}

fn spec(kind: &str) -> NetworkSpec {
    let (pooling, dense, dropout) = match kind {
        "paper" => (PoolingSpec::Last, 64, 0.3),
        _ => (PoolingSpec::AttentiveStatistics { hidden: 64 }, 56, 0.2),
    };
    let conv = |channels| ConvSpec {
        channels,
        pool: [2, 2],
        dropout,
    };
    NetworkSpec {
        dropout: 0.3,
        dense: vec![dense],
        conv: vec![conv(32), conv(64)],
        lstm: Some(LstmSpec { hidden: 128 }),
        pooling,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let rounds = numbers.first().copied().unwrap_or(15);
    let threads = numbers.get(1).copied().unwrap_or(2);
    for (kind, frames, precision) in [
        ("paper", 130, Precision::F32),
        ("undersong", 120, Precision::F32),
        ("undersong", 120, Precision::Bf16),
    ] {
        let mut network = Network::new(&spec(kind), COEFFICIENTS, CLASSES, 0).unwrap();
        network.set_threads(threads);
        network.set_precision(precision);
        let settings = AdamWSettings {
            beta_mean: 0.9,
            beta_square: 0.98,
            epsilon: 1e-8,
            weight_decay: 0.02,
        };
        let mut optimiser = AdamW::new(&network, settings);
        let mut gradients = Gradients::new(&network);
        let features: Vec<f32> = (0..CLIPS * frames * COEFFICIENTS)
            .map(|i| ((i * 7919) % 2003) as f32 / 700.0 - 1.43)
            .collect();
        let targets = vec![1.0 / CLASSES as f32; CLIPS * CLASSES];
        let mut number = 0;
        let mut step = || {
            let (start, before) = (Instant::now(), cpu_ms());
            number += 1;
            network.gradients(
                &mut gradients,
                &features,
                CLIPS,
                frames,
                &targets,
                None,
                number,
            );
            gradients.clip_norm(5.0);
            optimiser.step(&mut network, &gradients, 1e-3);
            Times {
                wall_ms: start.elapsed().as_secs_f64() * 1e3,
                cpu_ms: cpu_ms() - before,
            }
        };
        let mut torch = Torch::start(kind, frames, threads);
        for _ in 0..2 {
            step();
            if let Some(torch) = &mut torch {
                torch.step();
            }
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            ours.push(step());
            theirs.extend(torch.as_mut().map(Torch::step));
        }
        let wall = |times: &[Times]| median(times.iter().map(|t| t.wall_ms).collect());
        // Processor time comes in hundredths of a second, so its mean, not its median.
        let cpu =
            |times: &[Times]| times.iter().map(|t| t.cpu_ms).sum::<f64>() / times.len() as f64;
        print!(
            "{kind}, {precision:?}: {frames} frames, batch {CLIPS}, {threads} threads, {rounds} steps: ours {:.1} ms (processor {:.1})",
            wall(&ours),
            cpu(&ours)
        );
        match &torch {
            Some(torch) => println!(
                "; PyTorch {} {:.1} ms (processor {:.1}); ratio {:.2} (processor {:.2})",
                torch.version,
                wall(&theirs),
                cpu(&theirs),
                wall(&ours) / wall(&theirs),
                cpu(&ours) / cpu(&theirs)
            ),
            None => println!("; no PyTorch: set UNDERSONG_PYTHON to a Python that has it"),
        }
    }
}
