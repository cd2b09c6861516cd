//! However the sound comes in, the same windows come out, to the bit.

#![allow(clippy::unwrap_used)]

mod analyzer_support;

use analyzer_support::{log_mel, samples, speech};
use proptest::prelude::*;
use undersong_core::analyzer::{Heard, Hop, Listener};
use undersong_core::features::FeatureConfig;

const RATES_HZ: [u32; 5] = [8_000, 16_000, 22_050, 44_100, 48_000];

/// A window, every number as its bits.
#[derive(Debug, PartialEq)]
struct Bits {
    times: [u64; 3],
    features: Option<Vec<u32>>,
}

/// The windows of `sound`, pushed in blocks of these sizes, over and over.
fn hear(listener: &mut Listener, sound: &[f32], blocks: &[usize]) -> (Vec<Bits>, [u64; 2]) {
    let mut windows = Vec::new();
    let mut keep = |heard: Heard<'_>| {
        windows.push(Bits {
            times: [heard.start_seconds, heard.end_seconds, heard.voiced_seconds].map(f64::to_bits),
            features: heard
                .features
                .map(|features| features.iter().map(|x| x.to_bits()).collect()),
        });
    };
    let mut rest = sound;
    for &size in blocks.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at(size.min(rest.len()));
        listener.push(now, &mut keep).unwrap();
        rest = later;
    }
    listener.finish(&mut keep).unwrap();
    let lengths = [listener.seconds(), listener.voiced_seconds()].map(f64::to_bits);
    (windows, lengths)
}

fn listener(config: &FeatureConfig, rate_hz: u32, hop_seconds: f64) -> Listener {
    Listener::new(config, rate_hz, Hop::from_seconds(hop_seconds).unwrap()).unwrap()
}

/// Half a second of silence, then speech: the first windows are partly silent.
fn sound(rate_hz: u32, seconds: f64) -> Vec<f32> {
    let mut sound = vec![0.0; samples(rate_hz, 0.5)];
    sound.extend(speech(rate_hz, seconds));
    sound.truncate(samples(rate_hz, seconds));
    sound
}

#[test]
fn one_sample_at_a_time_gives_the_windows_of_the_whole_at_once() {
    for config in [FeatureConfig::paper(), log_mel()] {
        for rate_hz in RATES_HZ {
            let sound = sound(rate_hz, 4.1);
            let whole = hear(
                &mut listener(&config, rate_hz, 0.25),
                &sound,
                &[sound.len()],
            );
            let voiced = whole.0.iter().filter(|w| w.features.is_some()).count();
            assert_eq!((whole.0.len(), voiced), (6, 6), "{rate_hz} Hz");
            let single = hear(&mut listener(&config, rate_hz, 0.25), &sound, &[1]);
            assert!(single == whole, "{rate_hz} Hz: windows differ");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_way_of_cutting_gives_the_same_windows(
        rate in 0..RATES_HZ.len(),
        paper in any::<bool>(),
        seconds in 0.05..6.0f64,
        hop_seconds in prop_oneof![Just(0.25), Just(0.1), 0.02..1.5f64, Just(4.0)],
        mut blocks in prop::collection::vec(
            prop_oneof![Just(0usize), Just(1usize), 2..200usize, 200..30_000usize],
            0..12,
        ),
        last in 1..5_000usize,
    ) {
        blocks.push(last);
        let rate_hz = RATES_HZ[rate];
        let config = if paper { FeatureConfig::paper() } else { log_mel() };
        let sound = sound(rate_hz, seconds);
        let whole = hear(&mut listener(&config, rate_hz, hop_seconds), &sound, &[sound.len()]);
        let cut = hear(&mut listener(&config, rate_hz, hop_seconds), &sound, &blocks);
        prop_assert!(cut == whole, "windows differ");
    }
}
