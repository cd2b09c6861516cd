//! The audio thread: however long it runs and whatever comes, it takes no memory, makes no system call, and the sound passes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use undersong_bundler::hosts::{Change, Playhead, PluginHost, What, watch};
use undersong_tests::{Formats, no_faults, same_bits, take};

/// Samples played through each format.
const SAMPLES: usize = 10_000_000;

/// A voice, and everything else that comes down a wire, in turns of a second.
fn sound(rate_hz: usize) -> Vec<f32> {
    let (take, _) = take();
    let odd: [&[f32]; 6] = [
        &[0.0],
        &[1.0, -1.0],
        &[f32::NAN, 0.5],
        &[f32::INFINITY, f32::NEG_INFINITY, 0.0],
        &[1e-40, -1e-45, f32::MIN_POSITIVE],
        &[f32::MAX, f32::MIN, -0.0],
    ];
    let mut sound = Vec::new();
    for (part, odd) in take.chunks(rate_hz).zip(odd.into_iter().cycle()) {
        sound.extend_from_slice(part);
        sound.extend(odd.iter().copied().cycle().take(rate_hz / 4));
    }
    sound
}

/// Ten million samples in random blocks, with every parameter moving, the playhead stopping and jumping.
fn long_run(host: &mut dyn PluginHost, seed: u64) {
    const RATE_HZ: usize = 48_000;
    let sound = sound(RATE_HZ);
    let parameters = host.parameters().to_vec();
    host.activate(RATE_HZ as f64, 2, 4096).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut played, mut position, mut sent) = (0, 0, 0);
    while played < SAMPLES {
        let at = played % (sound.len() - 4096);
        let frames = if random.random_bool(0.5) {
            random.random_range(1..=4096)
        } else {
            *[16, 64, 128, 441, 512, 1024]
                .get(random.random_range(0..6))
                .unwrap()
        };
        let block = &sound[at..at + frames];
        let changes: Vec<_> = (0..random.random_range(0..4))
            .map(|_| {
                let parameter = &parameters[random.random_range(0..parameters.len())];
                let value = parameter.at_share(random.random_range(0.0..=1.0));
                let steps = parameter.flags.stepped && parameter.max > 1.0;
                Change {
                    at: random.random_range(0..frames as u32),
                    id: parameter.id,
                    value: if steps { value.round() } else { value },
                }
            })
            .collect();
        if random.random_bool(0.01) {
            position = random.random_range(0..1 << 40);
        }
        let playhead = random.random_bool(0.9).then(|| Playhead {
            playing: random.random_bool(0.95),
            position,
        });
        sent += host
            .block(&[block, block], &changes, playhead)
            .unwrap()
            .len();
        assert!(same_bits(host.output(0), block) && same_bits(host.output(1), block));
        played += frames;
        position += frames as u64;
    }
    no_faults(host);
    // Automation and MIDI are on for half of the time.
    assert!(sent > 100, "{sent}");
}

#[test]
fn ten_million_samples_as_clap() {
    if !watch::is_effective() {
        println!("memory and system calls cannot be watched on this system");
    }
    long_run(&mut Formats::open().unwrap().clap.instance().unwrap(), 1);
}

#[test]
fn ten_million_samples_as_vst3() {
    long_run(&mut Formats::open().unwrap().vst3.instance().unwrap(), 2);
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn the_watch_sees_what_the_library_does() {
    // A program that cannot see it would pass everything.
    assert!(watch::is_effective());
    let formats = Formats::open().unwrap();
    let mut host = formats.clap.instance().unwrap();
    let (_, deeds) = watch::during(|| host.save().unwrap());
    assert!(deeds.allocations > 10, "{deeds}");
}

#[test]
fn silence_and_idling_send_nothing_and_cost_no_memory() {
    let formats = Formats::open().unwrap();
    for mut host in formats.each().unwrap() {
        host.set_named("MIDI", 1.0).unwrap();
        host.activate(48_000.0, 2, 512).unwrap();
        let silence = [0.0; 512];
        let mut told: BTreeMap<[u8; 2], usize> = BTreeMap::new();
        for _ in 0..4_000 {
            for sent in host.block(&[&silence, &silence], &[], None).unwrap() {
                match sent.what {
                    What::Midi {
                        bytes: [status, controller, _],
                    } => *told.entry([status, controller]).or_default() += 1,
                    other => panic!("{}: {other:?}", host.format()),
                }
            }
            // The first window's answer comes when a worker has had the time for it, however fast the blocks are.
            if told.is_empty() {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
        // The first state of each controller may be told, once.
        assert!(
            told.values().all(|&times| times == 1),
            "{}: {told:?}",
            host.format()
        );
        no_faults(&*host);
    }
}
