//! What the C library costs a game: a push against copying the block, the worst one, memory, threads, lag, overload, the library's size.
//!
//! `cargo bench -p undersong-capi --bench push`, on a machine with nothing else to do: a busy one shows in the worst figures. Sound runs in real
//! time, so this takes a minute. `docs/c-library.md` has what came out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::ptr;
use std::time::{Duration, Instant};

use undersong::*;

const RATE_HZ: u32 = 48_000;
/// 10 ms.
const FRAMES: usize = 480;

fn main() {
    // `cargo test --benches` runs this too: then a moment of each is enough.
    let whole = std::env::args().any(|argument| argument == "--bench");
    // SAFETY: a text of the library's.
    let version = unsafe { std::ffi::CStr::from_ptr(undersong_version()) };
    println!(
        "libundersong {}, {RATE_HZ} Hz, blocks of {FRAMES} frames (10 ms), built-in engine, hop 0.25 s",
        version.to_string_lossy()
    );
    let sound = sound();
    let threads_before = threads();
    let model = model();
    let first = create(model, 1);
    println!(
        "  threads made by the first voice: {}",
        threads() - threads_before
    );
    // First, so that no voice before leaves memory that is used again.
    memory_and_lag(model, &sound, if whole { 30.0 } else { 0.5 });
    for channels in [1, 2] {
        ratio(model, &sound, channels, whole);
    }
    worst(model, &sound, whole);
    overload(model, &sound);
    assert_eq!(undersong_live_destroy(first), UndersongCode::Ok);
    assert_eq!(undersong_model_destroy(model), UndersongCode::Ok);
    println!(
        "  threads left after the last voice: {}",
        threads() - threads_before
    );
    let library = support::built_library("so");
    let bytes = std::fs::metadata(library).unwrap().len();
    println!("  libundersong.so, stripped: {:.1} MB", bytes as f64 / 1e6);
}

/// The sample take at 48 kHz, over and over.
fn sound() -> Vec<f32> {
    use undersong_core::audio::{NoiseReduction, load_mono};
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap()
}

fn model() -> *mut UndersongModel {
    // SAFETY: plain numbers and pointers, sound for any bits.
    let mut config = unsafe { std::mem::zeroed::<UndersongModelConfig>() };
    config.struct_size = size_of::<UndersongModelConfig>() as u32;
    config.engine = UndersongEngine::Builtin as u32;
    let mut model = ptr::null_mut();
    // SAFETY: both point to variables here.
    let code = unsafe { undersong_model_open(&raw const config, &raw mut model) };
    assert_eq!(code, UndersongCode::Ok);
    model
}

fn create(model: *const UndersongModel, channels: u32) -> *mut UndersongLive {
    // SAFETY: plain numbers and pointers, sound for any bits.
    let mut config = unsafe { std::mem::zeroed::<UndersongLiveConfig>() };
    config.struct_size = size_of::<UndersongLiveConfig>() as u32;
    config.sample_rate_hz = RATE_HZ;
    config.channels = channels;
    config.model = model;
    let mut live = ptr::null_mut();
    // SAFETY: both point to variables here.
    let code = unsafe { undersong_live_create(&raw const config, &raw mut live) };
    assert_eq!(code, UndersongCode::Ok);
    live
}

/// Pushes a block that holds whole frames.
fn push(live: *mut UndersongLive, block: &[f32], channels: usize) -> UndersongCode {
    // SAFETY: the block holds as many.
    unsafe { undersong_live_push(live, block.as_ptr(), block.len() / channels) }
}

fn poll(live: *mut UndersongLive) -> Option<UndersongEvent> {
    // SAFETY: plain numbers, sound for any bits.
    let mut event = unsafe { std::mem::zeroed::<UndersongEvent>() };
    event.struct_size = size_of::<UndersongEvent>() as u32;
    // SAFETY: a struct here, with its size set.
    let code = unsafe { undersong_live_poll(live, &raw mut event) };
    (code == UndersongCode::Ok).then_some(event)
}

fn status(live: *const UndersongLive) -> UndersongStatus {
    // SAFETY: plain numbers, sound for any bits.
    let mut status = unsafe { std::mem::zeroed::<UndersongStatus>() };
    status.struct_size = size_of::<UndersongStatus>() as u32;
    // SAFETY: a struct here, with its size set.
    let code = unsafe { undersong_live_status(live, &raw mut status) };
    assert_eq!(code, UndersongCode::Ok);
    status
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Of sorted values, the one that so many per cent lie below.
fn percentile(sorted: &[f64], per_cent: f64) -> f64 {
    let index = (sorted.len() as f64 * per_cent / 100.0) as usize;
    sorted[index.min(sorted.len() - 1)]
}

/// A push against copying the block, in turns, many at once so that the clock costs nothing.
fn ratio(model: *const UndersongModel, sound: &[f32], channels: u32, whole: bool) {
    let live = create(model, channels);
    let channels = channels as usize;
    let samples = FRAMES * channels;
    let mut copy = vec![0.0_f32; samples];
    // Few at once, so that they stay in the first cache.
    let batch = 4;
    let (mut pushes, mut copies) = (Vec::new(), Vec::new());
    for turn in 0..if whole { 2_000 } else { 20 } {
        let block = |index: usize| {
            let from = (turn * batch + index) * samples % (sound.len() - samples);
            &sound[from..from + samples]
        };
        // Sound that was just made is in the cache, for both.
        black_box(
            (0..batch)
                .map(|index| block(index).iter().sum::<f32>())
                .sum::<f32>(),
        );
        let start = Instant::now();
        for index in 0..batch {
            copy.copy_from_slice(black_box(block(index)));
            black_box(&mut copy);
        }
        copies.push(start.elapsed().as_secs_f64() * 1e9 / batch as f64);
        let start = Instant::now();
        for index in 0..batch {
            black_box(push(live, black_box(block(index)), channels));
        }
        pushes.push(start.elapsed().as_secs_f64() * 1e9 / batch as f64);
        while poll(live).is_some() {}
        std::thread::sleep(Duration::from_millis(8));
    }
    let (pushes, copies) = (
        percentile(&sorted(pushes), 50.0),
        percentile(&sorted(copies), 50.0),
    );
    println!(
        "  10 ms pushed, {channels} channels: {pushes:.0} ns, copied: {copies:.0} ns, ratio of the medians {:.1} (goal: at most 8)",
        pushes / copies
    );
    assert_eq!(undersong_live_destroy(live), UndersongCode::Ok);
}

/// One by one, with a poll after each: what the worst cost, and what the same machine makes of copying.
fn worst(model: *const UndersongModel, sound: &[f32], whole: bool) {
    let live = create(model, 1);
    let mut copy = vec![0.0_f32; FRAMES];
    let (mut pushes, mut copies) = (Vec::new(), Vec::new());
    for index in 0..if whole { 20_000 } else { 100 } {
        let from = index * FRAMES % (sound.len() - FRAMES);
        let block = &sound[from..from + FRAMES];
        black_box(block.iter().sum::<f32>());
        let start = Instant::now();
        copy.copy_from_slice(black_box(block));
        black_box(&mut copy);
        copies.push(start.elapsed().as_secs_f64() * 1e6);
        let start = Instant::now();
        black_box(push(live, black_box(block), 1));
        black_box(poll(live));
        pushes.push(start.elapsed().as_secs_f64() * 1e6);
        std::thread::sleep(Duration::from_micros(500));
    }
    for (name, times) in [
        ("pushed and polled", sorted(pushes)),
        ("copied", sorted(copies)),
    ] {
        println!(
            "  10 ms {name}: median {:.2} µs, 99 % {:.2}, 99.9 % {:.2}, longest {:.2} µs",
            percentile(&times, 50.0),
            percentile(&times, 99.0),
            percentile(&times, 99.9),
            times[times.len() - 1]
        );
    }
    assert_eq!(undersong_live_destroy(live), UndersongCode::Ok);
}

/// Eight voices in real time on one thread.
fn memory_and_lag(model: *const UndersongModel, sound: &[f32], seconds: f64) {
    let before = resident_bytes();
    let voices = (0..8).map(|_| create(model, 1)).collect::<Vec<_>>();
    let opened = resident_bytes();
    let start = Instant::now();
    let blocks = (seconds * 100.0) as usize;
    let (mut pushed, mut lags) = (Vec::with_capacity(blocks), Vec::new());
    for block in 0..blocks {
        let due = start + Duration::from_millis(10 * block as u64);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        pushed.push(Instant::now());
        for (index, &voice) in voices.iter().enumerate() {
            let from = (block * FRAMES + index * 60_000) % (sound.len() - FRAMES);
            push(voice, &sound[from..from + FRAMES], 1);
        }
        // A game's frame is longer; here each voice is asked often, so that the lag is the library's.
        while Instant::now() < due + Duration::from_millis(9) {
            for &voice in &voices {
                while let Some(event) = poll(voice) {
                    if event.kind == UndersongEventKind::Update as u32 {
                        let last = (event.end_frame.saturating_sub(1) / FRAMES as u64) as usize;
                        lags.push(pushed[last].elapsed().as_secs_f64() * 1e3);
                    }
                }
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }
    let held = resident_bytes();
    let (lags, dropped) = (
        sorted(lags),
        voices
            .iter()
            .map(|&voice| status(voice).dropped_frames)
            .sum::<u64>(),
    );
    println!(
        "  8 voices: {:.2} MB each when made, {:.2} MB each after {seconds} s, {dropped} frames dropped, {} threads",
        opened.saturating_sub(before) as f64 / 8e6,
        held.saturating_sub(before) as f64 / 8e6,
        status(voices[0]).threads
    );
    if !lags.is_empty() {
        println!(
            "  block with a window's last frame in to its scores polled: median {:.1} ms, 99 % {:.1} ms, longest {:.1} ms",
            percentile(&lags, 50.0),
            percentile(&lags, 99.0),
            lags[lags.len() - 1]
        );
    }
    for voice in voices {
        assert_eq!(undersong_live_destroy(voice), UndersongCode::Ok);
    }
}

/// Ten minutes of sound at once, and then a second in real time: what is lost, how long a push took, and whether it goes on.
fn overload(model: *const UndersongModel, sound: &[f32]) {
    let live = create(model, 1);
    let (mut longest, mut dropped_blocks) = (0.0_f64, 0);
    for index in 0..60_000 {
        let from = index * FRAMES % (sound.len() - FRAMES);
        let start = Instant::now();
        let code = push(live, &sound[from..from + FRAMES], 1);
        longest = longest.max(start.elapsed().as_secs_f64() * 1e6);
        dropped_blocks += usize::from(code == UndersongCode::Dropped);
    }
    let dropped = status(live).dropped_frames;
    while poll(live).is_some() {}
    for index in 0..100 {
        let from = index * FRAMES;
        push(live, &sound[from..from + FRAMES], 1);
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut updates = 0;
    while let Some(event) = poll(live) {
        updates += usize::from(event.kind == UndersongEventKind::Update as u32);
    }
    println!(
        "  ten minutes at once: {:.1} s dropped and counted, told of by {dropped_blocks} pushes, longest push {longest:.1} µs; then a second in real time: {updates} updates",
        dropped as f64 / f64::from(RATE_HZ)
    );
    assert_eq!(undersong_live_destroy(live), UndersongCode::Ok);
}

/// Threads of this process; 0 where the system does not tell.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

/// Memory of this process that is in use, in bytes; 0 where the system does not tell.
fn resident_bytes() -> usize {
    std::fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|text| text.split_whitespace().nth(1)?.parse::<usize>().ok())
        .unwrap_or(0)
        * 4096
}
