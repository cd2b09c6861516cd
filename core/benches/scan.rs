//! A scan from file to scores on one core, with each engine and against the same in Python, in turn in one run; and its memory.
//!
//! `taskset -c 0 cargo bench -p undersong-core --bench scan` for speed, `… --bench scan -- --memory` for the memory of a
//! three-hour take. `UNDERSONG_MODEL` names the model (else the shipped one, else made-up weights of its sizes), `UNDERSONG_ORT` ONNX
//! Runtime, `UNDERSONG_PYTHON` a Python with librosa and onnxruntime (else `python3`), `UNDERSONG_BENCH_MINUTES` the take's length
//! (else 10). What is not there is skipped by name. Method and figures: `BENCHMARKS.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)] // a benchmark prints, and stops where it cannot go on

#[path = "../tests/analyzer_support/mod.rs"]
mod analyzer_support;
#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use analyzer_support::log_mel;
use synthetic::{EIGHT, PAPER, engines, file, metadata, scanner};
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::model::Model;
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::timeline::Scan;

const TURNS: usize = 3;
const HOURS: f64 = 3.0;

fn main() {
    let arguments = std::env::args().collect::<Vec<_>>();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let folder = tempfile::tempdir().unwrap();
    if let Some(at) = arguments.iter().position(|argument| argument == "--one") {
        one_scan(&arguments[at + 1..]);
    } else if has("--memory") {
        memory(folder.path());
    } else {
        // `cargo test --benches` runs this too: then a few seconds once, to see that it works.
        speed(folder.path(), has("--bench"));
    }
}

/// The model to measure, in a file.
fn model_file(folder: &Path) -> PathBuf {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/undersong-8.onnx");
    if let Some(path) = std::env::var_os("UNDERSONG_MODEL") {
        return path.into();
    } else if shipped.is_file() {
        return shipped;
    }
    let mut metadata = metadata(&EIGHT);
    metadata.features = log_mel();
    let path = folder.join("made-up.onnx");
    std::fs::write(&path, file(&PAPER, &metadata)).unwrap();
    path
}

/// A sentence of a synthesiser over and over, 16 bit mono.
fn take(folder: &Path, rate_hz: u32, seconds: f64) -> PathBuf {
    let sentence = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/spoken.ogg");
    let sentence = load_mono(&sentence, rate_hz, NoiseReduction::Off).unwrap();
    let path = folder.join(format!("{seconds} s.wav"));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    let count = (f64::from(rate_hz) * seconds) as usize;
    for &sample in sentence.iter().cycle().take(count) {
        writer.write_sample((sample * 32_767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    path
}

/// Processor time of all threads of this process so far, in seconds; where the system tells.
fn processor_seconds() -> Option<f64> {
    // Fields 14 and 15, in hundredths (proc(5)); the name before them may hold spaces and ends with a bracket.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields = stat.rsplit_once(')')?.1;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / 100.0)
}

/// Seconds that some work took: of the processor, and by the clock.
#[derive(Debug, Clone, Copy)]
struct Cost {
    processor: f64,
    clock: f64,
}

fn cost<T>(work: impl FnOnce() -> T) -> (Cost, T) {
    let (processor, start) = (processor_seconds(), Instant::now());
    let done = work();
    let clock = start.elapsed().as_secs_f64();
    let processor = processor_seconds()
        .zip(processor)
        .map_or(clock, |(after, before)| after - before);
    (Cost { processor, clock }, done)
}

fn median(mut costs: Vec<Cost>) -> Cost {
    let mut middle = |key: fn(&Cost) -> f64| {
        costs.sort_by(|a, b| key(a).total_cmp(&key(b)));
        key(&costs[costs.len() / 2])
    };
    Cost {
        processor: middle(|cost| cost.processor),
        clock: middle(|cost| cost.clock),
    }
}

fn speed(folder: &Path, measuring: bool) {
    let minutes = std::env::var("UNDERSONG_BENCH_MINUTES")
        .ok()
        .and_then(|minutes| minutes.parse().ok())
        .unwrap_or(10.0);
    let (seconds, turns) = if measuring {
        (60.0 * minutes, TURNS)
    } else {
        (8.0, 1)
    };
    let path = model_file(folder);
    let model = Model::open(&path).unwrap();
    let take = [take(folder, 48_000, seconds)];
    let mut peer = measuring
        .then(|| Peer::start(&path, &take[0], folder))
        .flatten();
    let names = peer.as_ref().map_or(Vec::new(), |peer| peer.names.clone());
    println!(
        "scan of {seconds} s at 48 kHz, hop 0.25 s, model {}, one job, median of {turns} in turn",
        model.metadata().name
    );
    let scanners = engines()
        .into_iter()
        .rev()
        .map(|engine| scanner(&model, engine, 1))
        .collect::<Vec<_>>();
    // The same without delivery, which the peer does not measure either.
    let bare = engines()
        .into_iter()
        .rev()
        .map(|engine| {
            let options = ScanOptions {
                jobs: 1,
                engine,
                runtime_path: synthetic::onnx_runtime(),
                delivery: false,
                ..ScanOptions::default()
            };
            Scanner::new(&model, options).unwrap()
        })
        .collect::<Vec<_>>();
    let mut ours = vec![Vec::new(); scanners.len()];
    let mut bares = vec![Vec::new(); bare.len()];
    let mut theirs = vec![Vec::new(); names.len()];
    let mut apart = vec![0.0; names.len()];
    for _ in 0..turns {
        let mut scans = Vec::new();
        for (index, (scanner, bare)) in scanners.iter().zip(&bare).enumerate() {
            let (measured, scan) = cost(|| scanner.scan(&take, &|_| {}).unwrap());
            ours[index].push(measured);
            scans.push(scan);
            bares[index].push(cost(|| bare.scan(&take, &|_| {}).unwrap()).0);
        }
        for ((name, costs), apart) in names.iter().zip(&mut theirs).zip(&mut apart) {
            if let Some((cost, scores)) = peer.as_mut().and_then(|peer| peer.run(name)) {
                costs.push(cost);
                *apart = mean_difference(&scans[0], &scores);
            }
        }
    }
    let ours = ours.into_iter().map(median).collect::<Vec<_>>();
    let bares = bares.into_iter().map(median).collect::<Vec<_>>();
    for ((scanner, cost), bare) in scanners.iter().zip(&ours).zip(&bares) {
        println!(
            "  {:28} {:7.2} s of one core, {:6.1} x real time (by the clock {:6.1})",
            scanner.engine_report().description,
            cost.processor,
            seconds / cost.processor,
            seconds / cost.clock
        );
        println!(
            "  {:28} {:7.2} s of one core: delivery adds {:.0} %, {:.2} ms a second of sound",
            "  without delivery",
            bare.processor,
            100.0 * (cost.processor / bare.processor - 1.0),
            1e3 * (cost.processor - bare.processor) / seconds
        );
    }
    for ((name, costs), apart) in names.iter().zip(theirs).zip(apart) {
        if costs.is_empty() {
            println!("  Python, {name}: failed");
            continue;
        }
        let cost = median(costs);
        print!(
            "  Python, {name:20} {:7.2} s of one core, {:6.1} x real time; ",
            cost.processor,
            seconds / cost.processor
        );
        for (scanner, our) in scanners.iter().zip(&ours) {
            print!(
                "{:.1} times ours with {}, ",
                cost.processor / our.processor,
                scanner.engine_report().description
            );
        }
        println!("a score is {apart:.4} from ours in the mean");
    }
    if measuring && names.is_empty() {
        println!("  Python: skipped, no librosa and onnxruntime there (set UNDERSONG_PYTHON)");
    }
}

/// Mean distance of the peer's scores, `[windows, classes]`, from those of our first take; infinite if their numbers differ.
fn mean_difference(scan: &Scan, scores: &[f32]) -> f64 {
    let readings = scan.takes[0].windows.iter().map(|w| w.reading.as_ref());
    let ours = readings.flatten().flat_map(|reading| &reading.scores.0);
    let count = ours.clone().count();
    if count != scores.len() {
        return f64::INFINITY;
    }
    let sum: f64 = ours
        .zip(scores)
        .map(|(a, b)| f64::from((a - b).abs()))
        .sum();
    sum / count as f64
}

/// The same pipeline in Python, in a process of its own.
struct Peer {
    names: Vec<String>,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    scores: PathBuf,
}

impl Peer {
    fn start(model: &Path, take: &Path, folder: &Path) -> Option<Self> {
        let python = std::env::var_os("UNDERSONG_PYTHON").unwrap_or_else(|| "python3".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scan_peer.py");
        let scores = folder.join("scores.f32");
        let mut child = Command::new(python)
            .args([&script, model, take, &scores])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let input = child.stdin.take()?;
        let mut peer = Self {
            names: Vec::new(),
            input,
            output: BufReader::new(child.stdout.take()?),
            child,
            scores,
        };
        let line = peer.line()?;
        peer.names = line.split(',').map(|name| name.trim().to_owned()).collect();
        Some(peer)
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        (self.output.read_line(&mut line).ok()? > 0).then_some(line)
    }

    /// What one scan cost by its own clocks, and its scores.
    fn run(&mut self, name: &str) -> Option<(Cost, Vec<f32>)> {
        writeln!(self.input, "{name}").ok()?;
        let line = self.line()?;
        let (processor, clock) = line.trim().split_once(' ')?;
        let bytes = std::fs::read(&self.scores).ok()?;
        let scores = bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect();
        let cost = Cost {
            processor: processor.parse().ok()?,
            clock: clock.parse().ok()?,
        };
        Some((cost, scores))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Largest memory of scans of a short and of a long take, each in a process of its own.
fn memory(folder: &Path) {
    let model = model_file(folder);
    let program = std::env::current_exe().unwrap();
    let long = take(folder, 44_100, 3600.0 * HOURS);
    let short = take(folder, 44_100, 60.0);
    for engine in engines().into_iter().rev() {
        for (name, take) in [("a minute", &short), ("three hours", &long)] {
            let output = Command::new(&program)
                .arg("--one")
                .args([&engine.to_string().into(), &model, take] as [&PathBuf; 3])
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            println!("  {engine:8} {name:12} {}", text.trim());
        }
    }
}

/// One scan: engine, model, take. Prints the largest memory that this process held.
fn one_scan(arguments: &[String]) {
    let engine = arguments[0].parse().unwrap();
    let model = Model::open(&arguments[1]).unwrap();
    let scanner = scanner(&model, engine, ScanOptions::default().jobs);
    let (cost, scan) = cost(|| {
        scanner
            .scan(&[PathBuf::from(&arguments[2])], &|_| {})
            .unwrap()
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB"));
    let peak = peak.and_then(|kb| kb.trim().parse::<f64>().ok());
    match peak {
        Some(kb) => print!("{:.1} MB", kb * 1.024e-3),
        None => print!("memory not told by this system"),
    }
    let windows: usize = scan.takes.iter().map(|take| take.windows.len()).sum();
    println!(
        ", {windows} windows, {:.0} s of the processor",
        cost.processor
    );
}
