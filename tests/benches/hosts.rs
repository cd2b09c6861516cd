//! How long an instance takes to be ready, and what a block costs the audio thread, in a CLAP host. Ratios and times of one run.
//!
//! `taskset -c 0` before it holds the workers and the audio thread on one processor.
//!
//! `cargo bench --package undersong-tests` builds the plugin anew with other features; `target/release/deps/hosts-…` from
//! `cargo build --release --workspace --all-targets` is the same program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::time::{Duration, Instant};
use undersong_bundler::hosts::{ClapHost, ClapLibrary, Playhead, PluginHost};
use undersong_tests::{library, take};

const FRAMES: usize = 128;
const RATE_HZ: f64 = 48_000.0;

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn share(sorted: &[Duration], share: f64) -> Duration {
    let place = ((sorted.len() - 1) as f64 * share).round() as usize;
    sorted[place]
}

/// Made, activated, and the first block played.
fn ready(library: &ClapLibrary) -> ClapHost {
    let mut host = library.instance().unwrap();
    host.activate(RATE_HZ, 2, 512).unwrap();
    let silence = [0.0; FRAMES];
    host.block(&[&silence, &silence], &[], None).unwrap();
    host
}

/// As [`ready`], and the model is loaded: rendering offline, the first block waits for it.
fn listening(library: &ClapLibrary) -> ClapHost {
    let mut host = library.instance().unwrap();
    host.set_offline(true).unwrap();
    host.activate(RATE_HZ, 2, 512).unwrap();
    let silence = [0.0; FRAMES];
    host.block(&[&silence, &silence], &[], None).unwrap();
    host
}

fn main() {
    // Tests of all targets start this too; it measures only where it is asked to.
    if std::env::args().any(|argument| argument == "--test")
        || !std::env::args().any(|argument| argument == "--bench" || argument == "run")
    {
        return;
    }
    let begin = Instant::now();
    let clap = ClapLibrary::open(&library()).unwrap();
    let first = listening(&clap);
    println!(
        "cold: library, model, instance, first block    {:8.2} ms",
        ms(begin.elapsed())
    );
    let mut hosts = Vec::new();
    for (what, make) in [
        (
            "instance to its first block, model loaded     ",
            ready as fn(&ClapLibrary) -> ClapHost,
        ),
        ("instance listening, model loaded              ", listening),
    ] {
        let mut times: Vec<_> = (0..20)
            .map(|_| {
                let begin = Instant::now();
                hosts.push(make(&clap));
                begin.elapsed()
            })
            .collect();
        times.sort();
        println!(
            "{what} {:8.2} ms median, {:.2} ms worst of 20",
            ms(share(&times, 0.5)),
            ms(share(&times, 1.0))
        );
    }
    drop(hosts);
    drop(first);
    println!("\none instance, a window every 250 ms");
    blocks(&clap, 0, 250.0);
    println!("\neight instances, a window every 50 ms each, so that the workers are busy");
    blocks(&clap, 7, 50.0);
}

/// An instance with a window every so many milliseconds.
fn playing(clap: &ClapLibrary, hop_ms: f64) -> ClapHost {
    let mut host = clap.instance().unwrap();
    let hop = PluginHost::parameter(&host, "Hop").unwrap();
    // 50 to 1000 ms.
    host.set(hop.id, hop.at_share((hop_ms - 50.0) / 950.0))
        .unwrap();
    host.activate(RATE_HZ, 2, FRAMES).unwrap();
    host
}

/// A voice in bursts of four blocks of 128 stereo samples at the pace of sound, as hosts with buffers of 512 play, through one instance that is
/// timed and some that are not. In every other burst the blocks are only copied, so that both find the processor's memory as it is after a
/// pause.
fn blocks(clap: &ClapLibrary, others: usize, hop_ms: f64) {
    let mut host = playing(clap, hop_ms);
    let mut others: Vec<_> = (0..others).map(|_| playing(clap, hop_ms)).collect();
    let (sound, _) = take();
    let (mut calls, mut copies) = (Vec::new(), Vec::new());
    let (mut left, mut right) = ([0.0; FRAMES], [0.0; FRAMES]);
    let begin = Instant::now();
    for (number, block) in sound.chunks_exact(FRAMES).cycle().take(40_000).enumerate() {
        let burst = number / 4;
        let due = Duration::from_secs_f64((burst * 2 * FRAMES) as f64 / RATE_HZ);
        if number % 4 == 0 {
            std::thread::sleep(due.saturating_sub(begin.elapsed()));
        }
        if burst % 2 == 0 {
            let position = (number * FRAMES) as u64;
            let playhead = Playhead {
                playing: true,
                position,
            };
            host.block(&[block, block], &[], Some(playhead)).unwrap();
            calls.push(host.last_call());
            for other in &mut others {
                other.block(&[block, block], &[], Some(playhead)).unwrap();
            }
        } else {
            let start = Instant::now();
            black_box(&mut left).copy_from_slice(black_box(block));
            black_box(&mut right).copy_from_slice(black_box(block));
            copies.push(start.elapsed());
        }
    }
    calls.sort();
    copies.sort();
    let (call, copy) = (share(&calls, 0.5), share(&copies, 0.5));
    println!(
        "block of 128 stereo samples, median: {call:?}; copied only: {copy:?}; ratio {:.1}",
        call.as_secs_f64() / copy.as_secs_f64()
    );
    // What copying shows is the machine's: other programs, and the system itself.
    for (what, times) in [("block", &calls), ("copied only", &copies)] {
        println!(
            "{what}, 99.99th percentile of {}: {:?}; worst: {:?}",
            times.len(),
            share(times, 0.9999),
            share(times, 1.0)
        );
    }
}
