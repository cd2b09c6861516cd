//! What holds of the plugin in a CLAP host and in a VST3 host alike.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use undersong_bundler::check;
use undersong_bundler::hosts::{Change, Playhead, PluginHost};
use undersong_tests::{Formats, library, no_faults, same_bits, take};

/// Noise over the whole range, other in each channel.
fn noise(channels: usize, frames: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut channel = || {
        (0..frames)
            .map(|_| random.random_range(-1.0..1.0))
            .collect()
    };
    (0..channels).map(|_| channel()).collect()
}

/// Plays blocks of these sizes; what comes out is what went in.
fn pass(host: &mut dyn PluginHost, sound: &[Vec<f32>], sizes: impl Iterator<Item = usize>) {
    let mut at = 0;
    for size in sizes {
        let block: Vec<&[f32]> = sound
            .iter()
            .map(|channel| &channel[at..at + size])
            .collect();
        host.block(&block, &[], None).unwrap();
        for (index, channel) in block.iter().enumerate() {
            assert!(
                same_bits(channel, host.output(index)),
                "{}: channel {index} in a block of {size}",
                host.format()
            );
        }
        // Sizes differ, so the same samples lie at other places each time.
        at = (at + 1) % 97;
    }
}

#[test]
fn the_checks_of_the_bundler_are_clean() {
    for report in [
        check::check_clap(&library()).unwrap(),
        check::check_vst3(&library()).unwrap(),
    ] {
        assert!(report.is_clean(), "{report}");
    }
}

#[test]
fn parameters_are_what_hosts_have_saved_in_projects() {
    let golden = include_str!("parameters.txt");
    let list =
        |report: check::Report| format!("{}\n{}\n", report.format, report.parameters.join("\n"));
    let now = list(check::check_clap(&library()).unwrap())
        + &list(check::check_vst3(&library()).unwrap());
    assert_eq!(
        now, golden,
        "ids, ranges and order never change once released; new parameters go to the list"
    );
}

#[test]
fn fifty_instances_live_in_a_process_and_leave_in_any_order() {
    let formats = Formats::open().unwrap();
    let (sound, _) = take();
    let mut hosts = Vec::new();
    for number in 0..25 {
        for mut host in formats.each().unwrap() {
            let rate_hz = [44_100.0, 48_000.0, 96_000.0][number % 3];
            host.activate(rate_hz, 1 + number % 2, 512).unwrap();
            hosts.push((host, 1 + number % 2));
        }
    }
    assert_eq!(hosts.len(), 50);
    let mut random = ChaCha8Rng::seed_from_u64(50);
    for block in sound.chunks_exact(512).take(100) {
        for (host, channels) in &mut hosts {
            host.block(&vec![block; *channels], &[], None).unwrap();
            assert!(same_bits(block, host.output(channels.saturating_sub(1))));
        }
        if random.random_bool(0.3) {
            let leaving = random.random_range(0..hosts.len());
            no_faults(&*hosts.swap_remove(leaving).0);
        }
    }
    for (host, _) in &hosts {
        no_faults(&**host);
    }
}

#[test]
fn blocks_of_every_size_and_of_random_sizes_pass_bit_for_bit() {
    let formats = Formats::open().unwrap();
    let sound = noise(2, 4096 + 97, 1);
    for mut host in formats.each().unwrap() {
        host.activate(48_000.0, 2, 4096).unwrap();
        pass(&mut *host, &sound, 1..=4096);
        let mut random = ChaCha8Rng::seed_from_u64(2);
        let sizes: Vec<_> = (0..500).map(|_| random.random_range(1..=4096)).collect();
        pass(&mut *host, &sound, sizes.into_iter());
        no_faults(&*host);
    }
}

#[test]
fn the_largest_blocks_and_a_changing_sample_rate_pass_bit_for_bit() {
    let formats = Formats::open().unwrap();
    let sound = noise(2, 65_536 + 97, 3);
    for mut host in formats.each().unwrap() {
        for rate_hz in [48_000.0, 8_000.0, 384_000.0, 44_100.0] {
            host.activate(rate_hz, 2, 65_536).unwrap();
            pass(&mut *host, &sound, [65_536, 1, 65_535, 128].into_iter());
        }
        no_faults(&*host);
    }
}

#[test]
fn with_bypass_on_and_off_sound_passes_and_gestures_close() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    for mut host in formats.each().unwrap() {
        host.set_named("Write Auto", 1.0).unwrap();
        host.set_offline(true).unwrap();
        host.activate(rate_hz.into(), 1, 512).unwrap();
        let bypass = host.parameter("Bypass").unwrap();
        let mut sent_in_bypass = 0;
        for (number, block) in sound.chunks(512).take(400).enumerate() {
            let on = number / 100 % 2 == 1;
            let change = Change {
                at: 0,
                id: bypass.id,
                value: bypass.at_share(if on { 1.0 } else { 0.0 }),
            };
            let changes = if number % 100 == 0 {
                vec![change]
            } else {
                Vec::new()
            };
            let count = host.block(&[block], &changes, None).unwrap().len();
            if on && number % 100 > 0 {
                sent_in_bypass += count;
            }
            assert!(same_bits(block, host.output(0)));
            if on && number % 100 == 50 {
                assert_eq!(host.judge().held(), 0, "{}", host.format());
            }
        }
        assert_eq!(sent_in_bypass, 0, "{}", host.format());
        no_faults(&*host);
    }
}

/// Every parameter to a random value, stepped ones to a step.
fn shuffle(host: &mut dyn PluginHost, random: &mut ChaCha8Rng) {
    for parameter in host.parameters().to_vec() {
        let value = parameter.at_share(random.random_range(0.0..=1.0));
        let stepped = parameter.flags.stepped && parameter.max > 1.0;
        host.set(parameter.id, if stepped { value.round() } else { value })
            .unwrap();
    }
}

fn values(host: &mut dyn PluginHost) -> Vec<Option<f64>> {
    let ids: Vec<_> = host
        .parameters()
        .iter()
        .map(|parameter| parameter.id)
        .collect();
    ids.into_iter().map(|id| host.value(id)).collect()
}

#[test]
fn state_goes_round_exactly_and_from_one_format_to_the_other() {
    let formats = Formats::open().unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(4);
    for _ in 0..20 {
        let [mut clap, mut vst3] = formats.each().unwrap();
        shuffle(&mut *clap, &mut random);
        let state = clap.save().unwrap();
        let [mut other_clap, _] = formats.each().unwrap();
        other_clap.load(&state).unwrap();
        assert_eq!(values(&mut *other_clap), values(&mut *clap));
        assert_eq!(other_clap.save().unwrap(), state);
        vst3.load(&state).unwrap();
        assert_eq!(vst3.save().unwrap(), state);
        let [_, mut other_vst3] = formats.each().unwrap();
        other_vst3.load(&vst3.save().unwrap()).unwrap();
        assert_eq!(values(&mut *other_vst3), values(&mut *vst3));
    }
}

#[test]
fn what_is_no_state_is_refused_and_changes_nothing() {
    let formats = Formats::open().unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    for mut host in formats.each().unwrap() {
        shuffle(&mut *host, &mut random);
        let state = host.save().unwrap();
        // Every beginning of a state.
        for length in 0..state.len() {
            assert!(
                host.load(&state[..length]).is_err(),
                "{}: {length} bytes",
                host.format()
            );
        }
        for length in [1, 7, 100, 5_000, 5_000_000] {
            let bytes: Vec<u8> = (0..length).map(|_| random.random()).collect();
            assert!(
                host.load(&bytes).is_err(),
                "{}: {length} random bytes",
                host.format()
            );
        }
        assert_eq!(host.save().unwrap(), state);
        // A state with a byte changed may be one; whatever it is, what stands after it can be saved and loaded.
        for _ in 0..300 {
            let mut bytes = state.clone();
            let place = random.random_range(0..bytes.len());
            bytes[place] = random.random();
            let _ = host.load(&bytes);
            let saved = host.save().unwrap();
            host.load(&saved).unwrap();
            assert_eq!(host.save().unwrap(), saved);
        }
    }
}

#[test]
fn a_state_is_restored_while_sound_runs() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    for mut host in formats.each().unwrap() {
        let state = host.save().unwrap();
        host.activate(rate_hz.into(), 1, 512).unwrap();
        for (number, block) in sound.chunks(512).take(200).enumerate() {
            let playhead = Playhead {
                playing: true,
                position: number as u64 * 512,
            };
            host.block(&[block], &[], Some(playhead)).unwrap();
            if number % 10 == 0 {
                host.load(&state).unwrap();
            }
        }
        no_faults(&*host);
    }
}
