//! Sound at the live pace: with time enough it is a bounce; too much at once is dropped and counted, and time stays right.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod live_support;
mod synthetic;

use std::sync::Arc;

use analyzer_support::speech;
use live_support::{bounce, live, offline, poll, pool, until, updates};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synthetic::{PAPER, SMALL, model};
use undersong_core::live::{self, LiveEvent, LiveSettings, Pace};

const NAMES: [&str; 4] = ["neutral", "happy", "sad", "angry"];

#[test]
fn live_with_time_enough_is_a_bounce() {
    let (pool, model) = (pool(2), live(&model(&SMALL, &NAMES)));
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for rate_hz in [8_000, 48_000, 384_000] {
        let sound = speech(rate_hz, 4.2);
        let settings = LiveSettings::default();
        let (mut input, _control) = offline(&pool, &model, rate_hz, settings);
        let expected = bounce(&mut input, &sound, &[1_000]);
        assert!(updates(&expected).len() > 12);

        let (mut input, control) =
            live::open(&pool, Arc::clone(&model), rate_hz, settings).unwrap();
        let mut events = Vec::new();
        let mut rest = sound.as_slice();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(random.random_range(1..=65_536).min(rest.len()));
            input.push(&[now, now]);
            rest = later;
            // The workers have time until the next block.
            let whole = input.position() as f64 / f64::from(rate_hz) / 0.25 - 0.5;
            until("updates of the block", || {
                poll(&mut input, &mut events);
                let count = updates(&events).len();
                count as f64 >= whole.floor().min(expected.len() as f64 - 6.0)
            });
        }
        until("the last events", || {
            poll(&mut input, &mut events);
            events.len() >= expected.len()
        });
        assert_eq!(input.dropped_samples(), 0);
        assert_eq!(events, expected, "{rate_hz} Hz");
        assert_eq!(control.meters().update, updates(&expected).last().copied());
    }
}

#[test]
fn too_much_at_once_is_dropped_and_counted_and_time_stays_right() {
    // A network of the paper's size, so that there is no keeping up.
    let (pool, model) = (pool(1), live(&model(&PAPER, &NAMES)));
    let rate_hz = 16_000;
    let settings = LiveSettings {
        smoothing_seconds: 0.0,
        ..LiveSettings::default()
    };
    let (mut input, control) = live::open(&pool, Arc::clone(&model), rate_hz, settings).unwrap();
    let sentence = speech(rate_hz, 3.5);
    let sound = |from: u64, samples: usize| {
        let cycle = sentence.iter().copied().cycle();
        let from = from as usize % sentence.len();
        cycle.skip(from).take(samples).collect::<Vec<_>>()
    };
    let mut events = Vec::new();
    while input.position() < 120 * u64::from(rate_hz) {
        input.push_mono(&sound(input.position(), 40_000));
        poll(&mut input, &mut events);
    }
    let dropped = input.dropped_samples();
    assert!(dropped > 0);
    assert_eq!(control.meters().dropped_samples, dropped);
    // The rest of it is analysed, and then all goes on as before.
    input.set_pace(Pace::Offline);
    input.wait();
    input.set_pace(Pace::Live);
    let from = input.position();
    input.push_mono(&sound(from, 80_000));
    until("updates after the overload", || {
        poll(&mut input, &mut events);
        let last = updates(&events).pop();
        last.is_some_and(|update| update.whole && update.end_sample > from + 75_000)
    });
    assert!(input.dropped_samples() <= dropped + 98_304);

    // Positions only ever grow, and count what was dropped.
    let all = updates(&events);
    assert!(all.is_sorted_by(|a, b| a.end_sample < b.end_sample));
    assert!(
        all.iter()
            .all(|update| update.end_sample <= input.position())
    );
    let lost = input.dropped_samples() as f64 / input.position() as f64;
    assert!(lost < 1.0, "{lost} of all was dropped");

    // The first window after the last gap begins with it. What comes then is what a new stream says of the sound from there on.
    let early = all.iter().rposition(|update| !update.whole).unwrap();
    let start = all[early].start_sample;
    let (mut fresh, _control) = offline(&pool, &model, rate_hz, settings);
    let again = bounce(
        &mut fresh,
        &sound(start, (input.position() - start) as usize),
        &[777],
    );
    let again = updates(&again);
    let known = all.iter().filter(|update| update.start_sample >= start);
    let mut compared = 0;
    for update in known {
        let same = again
            .iter()
            .find(|other| other.end_sample + start == update.end_sample)
            .unwrap();
        assert_eq!(same.start_sample + start, update.start_sample);
        assert_eq!(same.raw, update.raw);
        compared += 1;
    }
    assert!(compared > 12);
}

#[test]
fn a_bounce_drops_nothing_however_long_its_blocks() {
    let (pool, model) = (pool(1), live(&model(&SMALL, &NAMES)));
    let sound = speech(8_000, 40.0);
    let (mut input, _control) = offline(&pool, &model, 8_000, LiveSettings::default());
    let whole = bounce(&mut input, &sound, &[sound.len()]);
    input.reset();
    let cut = bounce(&mut input, &sound, &[400]);
    assert_eq!(input.dropped_samples(), 0);
    assert_eq!(whole, cut);
    assert!(updates(&whole).len() > 155);
}

#[test]
fn a_reset_forgets_sound_and_events_at_once() {
    let (pool, model) = (pool(2), live(&model(&SMALL, &NAMES)));
    let sound = speech(16_000, 5.0);
    let (mut input, control) = offline(&pool, &model, 16_000, LiveSettings::default());
    let first = bounce(&mut input, &sound, &[512]);
    // Live, so that old sound and old events are still on their way.
    for cut in [1, 700, 30_000, 60_000] {
        input.set_pace(Pace::Live);
        input.push_mono(&sound[..cut]);
        input.reset();
        assert_eq!(input.position(), 0);
        assert_eq!(input.poll(), None);
        input.set_pace(Pace::Offline);
        assert_eq!(bounce(&mut input, &sound, &[512]), first, "after {cut}");
    }
    // Nothing of before is on the meters, either.
    input.reset();
    input.push_mono(&[0.0; 1_600]);
    input.wait();
    let meters = control.meters();
    assert_eq!(meters.update, None);
    assert!(!meters.speaking);
}

#[test]
fn two_streams_at_once_do_not_disturb_each_other() {
    let (pool, model) = (pool(2), live(&model(&SMALL, &NAMES)));
    let sounds = [speech(16_000, 6.0), speech(44_100, 6.0)];
    let rates = [16_000, 44_100];
    let alone = [0, 1].map(|index| {
        let (mut input, _control) = offline(&pool, &model, rates[index], LiveSettings::default());
        bounce(&mut input, &sounds[index], &[480])
    });
    let together = std::thread::scope(|scope| {
        let threads = [0, 1].map(|index| {
            let (pool, model, sounds) = (&pool, &model, &sounds);
            scope.spawn(move || {
                let (mut input, _control) =
                    offline(pool, model, rates[index], LiveSettings::default());
                bounce(&mut input, &sounds[index], &[480])
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(alone, together);
    let voices = alone.map(|events| {
        let speech = |event: &LiveEvent| matches!(event, LiveEvent::Speech { .. });
        events.into_iter().filter(speech).count()
    });
    assert!(voices.iter().all(|&count| count > 0));
}
