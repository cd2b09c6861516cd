//! What a live stream costs: the audio thread's share, control lag, how many run at once, memory, opening.
//!
//! `cargo bench -p undersong-core --bench live`, on a machine with nothing else to do: a busy one shows in the last digits of every
//! figure but the ratios. ONNX Runtime is measured where the tests would find it. Sound runs in real time, so this takes minutes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/analyzer_support/mod.rs"]
mod analyzer_support;
#[path = "../tests/synthetic/mod.rs"]
mod synthetic;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use analyzer_support::speech;
use synthetic::onnx_runtime;
use undersong_core::analyzer::Listener;
use undersong_core::engine::{EngineChoice, EngineOptions};
use undersong_core::live::{
    self, LiveControl, LiveEvent, LiveInput, LiveModel, LiveSettings, WorkerPool,
};
use undersong_core::model::Model;

const RATE_HZ: u32 = 48_000;
const BLOCK: usize = 128;

fn main() {
    // `cargo test --benches` runs this too: then a moment of each is enough.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let options = EngineOptions {
        runtime_path: onnx_runtime(),
        ..EngineOptions::default()
    };
    let mut engines = vec![("built in", EngineChoice::Builtin, 12)];
    if onnx_runtime().is_some() {
        engines.push(("ONNX Runtime", EngineChoice::Cpu, 32));
    }
    let sound = speech(RATE_HZ, 20.0);
    println!(
        "{} cores, {RATE_HZ} Hz, stereo blocks of {BLOCK}, model undersong-8, hop 0.25 s",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    look_ahead(&sound);
    for (name, choice, instances) in engines {
        println!("\n{name}");
        let open = || {
            let start = Instant::now();
            let model = LiveModel::open(&Model::builtin().unwrap(), choice, &options).unwrap();
            let pool = WorkerPool::shared().unwrap();
            let stream =
                live::open(&pool, Arc::clone(&model), RATE_HZ, LiveSettings::default()).unwrap();
            (start.elapsed(), pool, model, stream)
        };
        let (cold, pool, model, first) = open();
        println!("  open, cold: {:.1} ms", ms(cold));
        opening(&pool, &model);
        audio_thread(&pool, &model, &sound, whole);
        let seconds = if whole { 30.0 } else { 0.5 };
        run_many(&pool, &model, &sound, 8, seconds);
        run_many(&pool, &model, &sound, instances, seconds);
        silent(&pool, &model, seconds);
        drop(first);
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Of sorted values, the one that so many per cent lie below.
fn percentile(sorted: &[f64], per_cent: f64) -> f64 {
    let index = (sorted.len() as f64 * per_cent / 100.0) as usize;
    sorted[index.min(sorted.len() - 1)]
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// How much sound after a window's end must have come before the window is known: the part of the lag that no machine shortens.
fn look_ahead(sound: &[f32]) {
    let model = Model::builtin().unwrap();
    let hop = LiveSettings::default().hop;
    for (name, listener) in [
        (
            "waiting for whole blocks, as a scan does",
            Listener::new(model.features(), RATE_HZ, hop),
        ),
        ("live", Listener::live(model.features(), RATE_HZ, hop)),
    ] {
        let mut listener = listener.unwrap();
        let (mut heard, mut behind) = (0.0, Vec::new());
        // As the workers take it.
        let piece = RATE_HZ as usize / 400;
        for piece in sound.chunks(piece) {
            heard += piece.len() as f64 / f64::from(RATE_HZ);
            listener
                .push(piece, &mut |window| {
                    behind.push((heard - window.end_seconds) * 1e3);
                })
                .unwrap();
        }
        let behind = sorted(behind);
        println!(
            "  sound needed after a window's end, {name}: median {:.1} ms, longest {:.1} ms",
            percentile(&behind, 50.0),
            behind[behind.len() - 1]
        );
    }
}

/// A further stream of a model that is loaded.
fn opening(pool: &WorkerPool, model: &Arc<LiveModel>) {
    let times = (0..20)
        .map(|_| {
            let start = Instant::now();
            let stream =
                live::open(pool, Arc::clone(model), RATE_HZ, LiveSettings::default()).unwrap();
            let time = ms(start.elapsed());
            drop(stream);
            time
        })
        .collect();
    let times = sorted(times);
    println!(
        "  open, model loaded: median {:.1} ms, longest {:.1} ms",
        percentile(&times, 50.0),
        times[times.len() - 1]
    );
}

/// Push and poll against copying the block, in turns; the worker is busy with the sound.
fn audio_thread(pool: &WorkerPool, model: &Arc<LiveModel>, sound: &[f32], whole: bool) {
    let (mut input, _control) =
        live::open(pool, Arc::clone(model), RATE_HZ, LiveSettings::default()).unwrap();
    let mut copies = [[0.0f32; BLOCK]; 2];
    let mut block = |index: usize, input: &mut LiveInput, push: bool| {
        let from = index * BLOCK % (sound.len() - BLOCK);
        let channels = [&sound[from..from + BLOCK]; 2];
        if push {
            input.push(black_box(&channels));
            while let Some(event) = input.poll() {
                black_box(event);
            }
        } else {
            for (copy, channel) in copies.iter_mut().zip(black_box(&channels)) {
                copy.copy_from_slice(channel);
            }
            black_box(&mut copies);
        }
    };

    // Many at once, so that the clock costs nothing; twenty times real time, so that the worker is at it and keeps up.
    let batch = 64;
    let (mut pushes, mut copying) = (Vec::new(), Vec::new());
    for turn in 0..if whole { 2_000 } else { 20 } {
        for (push, times) in [(false, &mut copying), (true, &mut pushes)] {
            let start = Instant::now();
            for index in 0..batch {
                block(turn * batch + index, &mut input, push);
            }
            times.push(start.elapsed().as_secs_f64() * 1e9 / batch as f64);
        }
        let audio = (batch * BLOCK) as f64 / f64::from(RATE_HZ);
        std::thread::sleep(Duration::from_secs_f64(audio / 20.0));
    }
    let (pushes, copying) = (sorted(pushes), sorted(copying));
    println!(
        "  a block, pushed and polled: {:.0} ns, copied: {:.0} ns, ratio of the medians {:.1} (goal: at most 8)",
        percentile(&pushes, 50.0),
        percentile(&copying, 50.0),
        percentile(&pushes, 50.0) / percentile(&copying, 50.0)
    );

    // One by one: what the worst cost. A pause of 100 µs lets the worker be as busy as it can without falling behind much.
    let (mut pushes, mut copying) = (Vec::new(), Vec::new());
    for index in 0..if whole { 200_000 } else { 100 } {
        for (push, times) in [(false, &mut copying), (true, &mut pushes)] {
            let start = Instant::now();
            block(index, &mut input, push);
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
        let pause = Instant::now();
        while pause.elapsed() < Duration::from_micros(100) {
            std::hint::spin_loop();
        }
    }
    let (pushes, copying) = (sorted(pushes), sorted(copying));
    for (name, times) in [("pushed and polled", &pushes), ("copied", &copying)] {
        println!(
            "  a block, {name}: median {:.2} µs, 99 % {:.2}, 99.9 % {:.2}, 99.99 % {:.2}, longest {:.2} µs",
            percentile(times, 50.0),
            percentile(times, 99.0),
            percentile(times, 99.9),
            percentile(times, 99.99),
            times[times.len() - 1]
        );
    }
}

struct Stream {
    input: LiveInput,
    control: LiveControl,
    updates: usize,
}

/// So many streams in real time on one audio thread.
fn run_many(pool: &WorkerPool, model: &Arc<LiveModel>, sound: &[f32], count: usize, seconds: f64) {
    let before = resident_bytes();
    let mut streams = (0..count)
        .map(|_| {
            let (input, control) =
                live::open(pool, Arc::clone(model), RATE_HZ, LiveSettings::default()).unwrap();
            Stream {
                input,
                control,
                updates: 0,
            }
        })
        .collect::<Vec<_>>();
    let mut lags = Vec::new();
    let cpu = cpu_seconds();
    let start = Instant::now();
    let blocks = (seconds * f64::from(RATE_HZ) / BLOCK as f64) as usize;
    let due =
        |block: usize| start + Duration::from_secs_f64((block * BLOCK) as f64 / f64::from(RATE_HZ));
    // When each block was pushed: a busy machine may let the feeding thread sleep too long.
    let mut pushed = Vec::with_capacity(blocks);
    for block in 0..blocks {
        let now = Instant::now();
        if due(block) > now {
            std::thread::sleep(due(block) - now);
        }
        let from = block * BLOCK % (sound.len() - BLOCK);
        pushed.push(Instant::now());
        for (index, stream) in streams.iter_mut().enumerate() {
            // Each speaks at another time.
            let from = (from + index * 6_000) % (sound.len() - BLOCK);
            let channel = &sound[from..from + BLOCK];
            stream.input.push(&[channel, channel]);
            while let Some(event) = stream.input.poll() {
                if let LiveEvent::Update(update) = event {
                    stream.updates += 1;
                    let block = (update.end_sample.saturating_sub(1) / BLOCK as u64) as usize;
                    lags.push(ms(pushed[block].elapsed()));
                }
            }
        }
    }
    let share = (cpu_seconds() - cpu) / start.elapsed().as_secs_f64();
    let dropped: u64 = streams.iter().map(|s| s.input.dropped_samples()).sum();
    let updates: usize = streams.iter().map(|s| s.updates).sum();
    let held = resident_bytes().saturating_sub(before) as f64 / count as f64 / 1e6;
    let errors = streams
        .iter()
        .filter(|s| s.control.meters().error.is_some())
        .count();
    let lags = sorted(lags);
    println!(
        "  {count} streams: {dropped} samples dropped, {:.2} updates/s each, {:.0} % of a core, {held:.1} MB each, {errors} errors",
        updates as f64 / count as f64 / seconds,
        100.0 * share
    );
    if !lags.is_empty() {
        println!(
            "    window's last sample in to its scores out: median {:.1} ms, 99 % {:.1} ms, longest {:.1} ms",
            percentile(&lags, 50.0),
            percentile(&lags, 99.0),
            lags[lags.len() - 1]
        );
    }
}

/// What a stream costs that hears nothing, and one that gets no sound at all.
fn silent(pool: &WorkerPool, model: &Arc<LiveModel>, seconds: f64) {
    let count = 8;
    let mut streams = (0..count)
        .map(|_| live::open(pool, Arc::clone(model), RATE_HZ, LiveSettings::default()).unwrap())
        .collect::<Vec<_>>();
    let seconds = seconds / 3.0;
    let cpu = cpu_seconds();
    std::thread::sleep(Duration::from_secs_f64(seconds));
    let idle = (cpu_seconds() - cpu) / seconds;
    let start = Instant::now();
    let cpu = cpu_seconds();
    let silence = [0.0; 480];
    let mut pushed = 0.0;
    while pushed < seconds {
        for (input, _) in &mut streams {
            input.push_mono(&silence);
            while input.poll().is_some() {}
        }
        pushed += 0.01;
        let ahead = pushed - start.elapsed().as_secs_f64();
        std::thread::sleep(Duration::from_secs_f64(ahead.max(0.0)));
    }
    let silent = (cpu_seconds() - cpu) / start.elapsed().as_secs_f64();
    println!(
        "  {count} streams without sound: {:.2} % of a core; with silence: {:.2} %",
        100.0 * idle,
        100.0 * silent
    );
}

/// Processor time of this process, in seconds; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let ticks = |text: &str| {
        let after = text.rsplit_once(')')?.1;
        let fields = after.split_whitespace().collect::<Vec<_>>();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        Some((ticks(11)? + ticks(12)?) / 100.0)
    };
    std::fs::read_to_string("/proc/self/stat")
        .ok()
        .and_then(|text| ticks(&text))
        .unwrap_or(0.0)
}

/// Memory of this process that is in use, in bytes; 0 where the system does not tell.
fn resident_bytes() -> usize {
    std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<usize>().ok())
        .unwrap_or(0)
        * 4096
}
