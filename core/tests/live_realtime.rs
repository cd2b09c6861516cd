//! The promise to the audio thread: whatever comes, pushing, polling, setting, resetting and dropping neither allocate nor free.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod counting;
mod live_support;
mod synthetic;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use analyzer_support::speech;
use counting::allocations_and_frees;
use live_support::{bounce, live, offline, pool, updates};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synthetic::{SMALL, model};
use undersong_core::analyzer::Hop;
use undersong_core::live::{self, LiveInput, LiveSettings, Pace, PriorShares, Silence};

/// Stops the test if `work` allocates or frees.
fn untouched<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let before = allocations_and_frees();
    let value = work();
    assert_eq!(allocations_and_frees(), before, "{what} allocates or frees");
    value
}

const NAMES: [&str; 4] = ["neutral", "happy", "sad", "angry"];

/// Sound that no microphone gives, between speech.
fn wild(sound: &mut [f32], random: &mut ChaCha8Rng) {
    let values = [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MIN_POSITIVE / 64.0,
        f32::MAX,
        -1.0,
        1.0,
        0.0,
    ];
    for _ in 0..sound.len() / 100 {
        let at = random.random_range(0..sound.len());
        sound[at] = values[random.random_range(0..values.len())];
    }
    // Stretches of each, too.
    for value in values {
        let at = random.random_range(0..sound.len() - 2_000);
        sound[at..at + 2_000].fill(value);
    }
}

fn settings(random: &mut ChaCha8Rng) -> LiveSettings {
    LiveSettings {
        hop: Hop::from_seconds(random.random_range(0.05..1.0)).unwrap(),
        smoothing_seconds: random.random_range(0.0..2.0),
        sensitivity: random.random_range(0.1..10.0),
        priors: random
            .random_bool(0.5)
            .then(|| PriorShares::new(&[1.0, 0.5, 0.0, 2.0]).unwrap()),
        silence: if random.random_bool(0.5) {
            Silence::Hold
        } else {
            Silence::Decay { seconds: 1.0 }
        },
        listening: random.random_bool(0.8),
    }
}

/// A block into the stream, in one of the ways there are.
fn push(input: &mut LiveInput, block: &[f32], random: &mut ChaCha8Rng) {
    match random.random_range(0..5) {
        0 => untouched("push_mono", || input.push_mono(block)),
        1 => untouched("push of two channels", || input.push(&[block, block])),
        2 => untouched("push of five channels", || {
            input.push(&[block, block, block, block, block]);
        }),
        3 => untouched("push of unequal channels", || {
            input.push(&[block, &block[..block.len() / 2]]);
        }),
        _ => {
            let channels = random.random_range(0..9);
            untouched("push_interleaved", || {
                input.push_interleaved(block, channels);
            });
        }
    }
}

#[test]
fn ten_million_samples_in_random_blocks_with_settings_changing() {
    let model = live(&model(&SMALL, &NAMES));
    let pool = pool(2);
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut sound = speech(48_000, 10.0);
    wild(&mut sound, &mut random);
    let (mut input, control) =
        live::open(&pool, Arc::clone(&model), 48_000, LiveSettings::default()).unwrap();
    let control = Arc::new(control);
    let ended = Arc::new(AtomicBool::new(false));
    let setting = std::thread::spawn({
        let (control, ended) = (Arc::clone(&control), Arc::clone(&ended));
        move || {
            let mut random = ChaCha8Rng::seed_from_u64(5);
            while !ended.load(Ordering::Relaxed) {
                control.set_settings(&settings(&mut random)).unwrap();
                let meters = control.meters();
                assert!(meters.level_db.is_finite());
                if let Some(update) = meters.update {
                    let sum: f32 = update.scores.iter().sum();
                    assert!((0.0..1.001).contains(&sum), "{update:?}");
                }
                std::thread::sleep(std::time::Duration::from_millis(3));
            }
        }
    });

    let (mut pushed, mut events) = (0, 0);
    while pushed < 10_000_000 {
        let most = [64, 1_024, 65_536][random.random_range(0..3)];
        let size = random.random_range(1..=most);
        let from = random.random_range(0..sound.len() - size);
        push(&mut input, &sound[from..from + size], &mut random);
        pushed += size;
        if random.random_bool(0.1) {
            let settings = settings(&mut random);
            untouched("set_settings", || input.set_settings(&settings)).unwrap();
        }
        if random.random_bool(0.01) {
            untouched("reset", || input.reset());
            assert_eq!(input.position(), 0);
        }
        events += untouched("poll", || std::iter::from_fn(|| input.poll()).count());
        untouched("position", || {
            (input.position(), input.dropped_samples(), input.pace())
        });
        if random.random_bool(0.02) {
            // Half of it is analysed to the last sample, half as far as there is time.
            let pace = [Pace::Live, Pace::Offline][random.random_range(0..2)];
            untouched("set_pace", || input.set_pace(pace));
        }
        if input.pace() == Pace::Offline && random.random_bool(0.2) {
            input.wait();
        }
    }
    ended.store(true, Ordering::Relaxed);
    setting.join().unwrap();
    assert!(events > 100, "{events} events");

    // It is as good as new.
    let set = LiveSettings::default();
    control.set_settings(&set).unwrap();
    input.set_settings(&set).unwrap();
    input.set_pace(Pace::Offline);
    input.reset();
    let sentence = speech(48_000, 4.0);
    let after = bounce(&mut input, &sentence, &[512]);
    let (mut fresh, _control) = offline(&pool, &model, 48_000, set);
    let expected = bounce(&mut fresh, &sentence, &[512]);
    assert!(updates(&expected).len() > 10);
    assert_eq!(after, expected);
    assert_eq!(control.meters().error, None);
    untouched("drop", || drop(input));
}

#[test]
fn a_refused_setting_allocates_nothing_and_changes_nothing() {
    let pool = pool(1);
    let (mut input, _control) = live::open(
        &pool,
        live(&model(&SMALL, &NAMES)),
        16_000,
        LiveSettings::default(),
    )
    .unwrap();
    for wrong in [
        LiveSettings {
            smoothing_seconds: 2.5,
            ..LiveSettings::default()
        },
        LiveSettings {
            smoothing_seconds: f64::NAN,
            ..LiveSettings::default()
        },
        LiveSettings {
            sensitivity: 0.0,
            ..LiveSettings::default()
        },
        LiveSettings {
            silence: Silence::Decay { seconds: 0.0 },
            ..LiveSettings::default()
        },
    ] {
        untouched("a refusal", || {
            input.set_settings(&wrong).is_err().then_some(()).unwrap()
        });
    }
    untouched("refused priors", || {
        assert!(PriorShares::new(&[]).is_err());
        assert!(PriorShares::new(&[0.0, 0.0]).is_err());
        assert!(PriorShares::new(&[1.0, -1.0]).is_err());
        assert!(PriorShares::new(&[f32::NAN, 1.0]).is_err());
        assert!(PriorShares::new(&[1.0; 17]).is_err());
    });
}
