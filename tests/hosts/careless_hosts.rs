//! Hosts that do what they must not: the sound passes all the same, and nothing falls over.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use undersong_bundler::hosts::clap::Raw;
use undersong_bundler::hosts::vst3::RawBlock;
use undersong_bundler::hosts::{ClapHost, ClapLibrary, Vst3Host, Vst3Module};
use undersong_tests::{Formats, library, no_faults, same_bits};

fn ramp(frames: usize) -> Vec<f32> {
    (0..frames)
        .map(|sample| sample as f32 / frames as f32 - 0.5)
        .collect()
}

/// Two channels, either of which may be missing.
type Pair<'a> = [Option<&'a mut [f32]>; 2];

fn clap_block(host: &mut ClapHost, frames: u32, input: Pair<'_>, output: Pair<'_>) {
    let (mut input, mut output) = (input, output);
    assert!(host.raw_block(Raw {
        frames,
        input: &mut input,
        output: &mut output
    }));
}

fn vst3_block(host: &mut Vst3Host, frames: i32, input: Pair<'_>, output: Pair<'_>) {
    let (mut input, mut output) = (input, output);
    assert!(host.raw_block(RawBlock {
        frames,
        input: &mut input,
        output: &mut output
    }));
}

#[test]
fn before_activation_sound_passes() {
    let formats = Formats::open().unwrap();
    let (mut clap, mut vst3) = (
        formats.clap.instance().unwrap(),
        formats.vst3.instance().unwrap(),
    );
    let sound = ramp(64);
    for _ in 0..3 {
        let (mut left, mut right) = (sound.clone(), sound.clone());
        let (mut out_left, mut out_right) = (vec![9.0; 64], vec![9.0; 64]);
        clap_block(
            &mut clap,
            64,
            [Some(&mut left), Some(&mut right)],
            [Some(&mut out_left), Some(&mut out_right)],
        );
        assert!(same_bits(&out_left, &sound) && same_bits(&out_right, &sound));
        let (mut out_left, mut out_right) = (vec![9.0; 64], vec![9.0; 64]);
        vst3_block(
            &mut vst3,
            64,
            [Some(&mut left), Some(&mut right)],
            [Some(&mut out_left), Some(&mut out_right)],
        );
        assert!(same_bits(&out_left, &sound) && same_bits(&out_right, &sound));
    }
}

#[test]
fn no_samples_more_than_announced_and_missing_channels_do_no_harm() {
    let formats = Formats::open().unwrap();
    let (mut clap, mut vst3) = (
        formats.clap.instance().unwrap(),
        formats.vst3.instance().unwrap(),
    );
    clap.activate(48_000.0, 2, 32).unwrap();
    vst3.activate(48_000.0, 2, 32).unwrap();
    let sound = ramp(10_000);
    for frames in [0, 1, 32, 33, 10_000] {
        let (mut left, mut right) = (sound.clone(), sound.clone());
        let mut check = |call: &mut dyn FnMut(Pair<'_>, Pair<'_>)| {
            // Everything there.
            let (mut a, mut b) = (vec![9.0; 10_000], vec![9.0; 10_000]);
            call(
                [Some(&mut left), Some(&mut right)],
                [Some(&mut a), Some(&mut b)],
            );
            assert!(
                same_bits(&a[..frames], &sound[..frames])
                    && same_bits(&b[..frames], &sound[..frames])
            );
            assert!(
                a[frames..].iter().all(|&sample| sample == 9.0),
                "written past the block"
            );
            // No second output: the first is right.
            let mut a = vec![9.0; 10_000];
            call([Some(&mut left), Some(&mut right)], [Some(&mut a), None]);
            assert!(same_bits(&a[..frames], &sound[..frames]));
            // No first input: nothing is left as it was found, and the second passes.
            let (mut a, mut b) = (vec![9.0; 10_000], vec![9.0; 10_000]);
            call([None, Some(&mut right)], [Some(&mut a), Some(&mut b)]);
            assert!(
                a[..frames]
                    .iter()
                    .all(|sample| sample.is_finite() && *sample != 9.0)
            );
            assert!(same_bits(&b[..frames], &sound[..frames]));
            call([None, None], [None, None]);
        };
        check(&mut |input, output| clap_block(&mut clap, frames as u32, input, output));
        check(&mut |input, output| vst3_block(&mut vst3, frames as i32, input, output));
    }
    let (mut left, mut right) = (sound.clone(), sound.clone());
    vst3_block(
        &mut vst3,
        -5,
        [Some(&mut left), Some(&mut right)],
        [None, None],
    );
}

#[test]
fn null_and_nonsense_are_refused_or_ignored() {
    let formats = Formats::open().unwrap();
    let (mut clap, mut vst3) = (
        formats.clap.instance().unwrap(),
        formats.vst3.instance().unwrap(),
    );
    for _ in 0..2 {
        clap.null_block();
        vst3.null_calls();
        clap.deactivate();
        // Whatever is accepted must be survived; what is no number cannot be.
        for rate_hz in [0.0, -48_000.0, f64::NAN, f64::INFINITY, 1.0, 1e9] {
            clap.raw_activate(rate_hz, 1, 512);
            vst3.takes_setup(rate_hz, 512);
        }
        for frames in [0, 1, u32::MAX] {
            clap.raw_activate(48_000.0, frames, frames);
        }
        for frames in [-1, 0, i32::MAX] {
            vst3.takes_setup(48_000.0, frames);
        }
        assert!(!vst3.takes_setup(f64::NAN, 512));
        clap.activate(48_000.0, 2, 64).unwrap();
        vst3.activate(48_000.0, 2, 64).unwrap();
        let sound = ramp(64);
        clap.block(&[&sound, &sound], &[], None).unwrap();
        vst3.block(&[&sound, &sound], &[], None).unwrap();
        assert!(same_bits(clap.output(1), &sound) && same_bits(vst3.output(1), &sound));
    }
    no_faults(&clap);
    no_faults(&vst3);
}

#[test]
fn one_buffer_for_input_and_output_passes() {
    let formats = Formats::open().unwrap();
    let mut host = formats.clap.instance().unwrap();
    host.activate(48_000.0, 2, 512).unwrap();
    host.set_in_place(true);
    let sound = ramp(512);
    for _ in 0..100 {
        host.block(&[&sound, &sound], &[], None).unwrap();
        assert!(same_bits(host.output(0), &sound) && same_bits(host.output(1), &sound));
    }
    no_faults(&host);
}

#[test]
fn the_library_is_unloaded_and_loaded_again_while_its_threads_have_work() {
    for _ in 0..5 {
        let clap = ClapLibrary::open(&library()).unwrap();
        let mut host = clap.instance().unwrap();
        host.activate(48_000.0, 2, 512).unwrap();
        let sound = ramp(512);
        for _ in 0..50 {
            host.block(&[&sound, &sound], &[], None).unwrap();
        }
        drop(host);
        drop(clap);
        let vst3 = Vst3Module::open(&library()).unwrap();
        let mut host = vst3.instance().unwrap();
        host.activate(48_000.0, 2, 512).unwrap();
        host.block(&[&sound, &sound], &[], None).unwrap();
    }
    // Anything that ran on in a library that is gone has had time to fall over it.
    std::thread::sleep(std::time::Duration::from_millis(500));
}

#[test]
fn a_project_whose_model_file_is_missing_loads_and_its_sound_passes() {
    let formats = Formats::open().unwrap();
    for mut host in formats.each().unwrap() {
        let state = String::from_utf8(host.save().unwrap()).unwrap();
        let state = state
            .replace(r#""model":"builtin""#, r#""model":"file""#)
            .replace(r#""model_file":"""#, r#""model_file":"gone/voice.onnx""#);
        assert!(state.contains("gone/voice.onnx") && state.contains(r#""model":"file""#));
        host.load(state.as_bytes()).unwrap();
        for offline in [false, true] {
            host.set_offline(offline).unwrap();
            host.activate(48_000.0, 1, 512).unwrap();
            let sound = ramp(512);
            for _ in 0..200 {
                host.block(&[&sound], &[], None).unwrap();
                assert!(same_bits(host.output(0), &sound));
            }
        }
        // The file's name is not lost.
        assert!(
            String::from_utf8(host.save().unwrap())
                .unwrap()
                .contains("gone/voice.onnx")
        );
        no_faults(&*host);
    }
}
