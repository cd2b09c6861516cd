//! Delivery of sounds of which the truth is known: pitch with vibrato and traps for octave errors, and measures of stretches.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

use std::f64::consts::TAU;
use std::path::Path;

use proptest::prelude::*;
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::delivery::{Delivery, DeliveryTracker, Measure, Pieces, Track, Usual};

const RATE_HZ: u32 = 22_050;
/// Cents by which a frame's pitch may miss the truth.
const CENTS: f64 = 10.0;

/// A buzz whose pitch follows `hz`, with harmonics of these weights, each period weighted by `period`.
fn voice(
    seconds: f64,
    hz: impl Fn(f64) -> f64,
    weights: &[f64],
    period: impl Fn(u64) -> f64,
) -> Vec<f32> {
    let mut phase = 0.0;
    let whole: f64 = weights.iter().sum();
    (0..(seconds * f64::from(RATE_HZ)) as usize)
        .map(|n| {
            phase += hz(n as f64 / f64::from(RATE_HZ)) / f64::from(RATE_HZ);
            let parts = weights.iter().enumerate();
            let sound: f64 = parts
                .map(|(k, weight)| weight * (TAU * (k + 1) as f64 * phase).sin())
                .sum();
            (0.5 * sound / whole * period(phase as u64)) as f32
        })
        .collect()
}

fn falling() -> Vec<f64> {
    (1..16).map(|k| 1.0 / f64::from(k)).collect()
}

fn track(sound: &[f32], piece: usize) -> Track {
    let mut tracker = DeliveryTracker::everywhere(RATE_HZ).unwrap();
    for piece in sound.chunks(piece) {
        tracker.push(piece);
    }
    tracker.finish()
}

/// Every frame but those at the edges has the pitch that went in.
#[track_caller]
fn follows(name: &str, sound: &[f32], hz: impl Fn(f64) -> f64) {
    let track = track(sound, 4096);
    let frames = track.frames();
    let mut worst = 0.0_f64;
    for (index, frame) in frames.iter().enumerate().take(frames.len() - 4).skip(4) {
        let wanted = hz(index as f64 * Track::STEP_SECONDS);
        assert!(frame.pitch_hz > 0.0, "{name}: no pitch at frame {index}");
        worst = worst.max((1200.0 * (f64::from(frame.pitch_hz) / wanted).log2()).abs());
    }
    assert!(worst < CENTS, "{name}: {worst} cents");
}

#[test]
fn pitch_follows_a_vibrato() {
    for centre_hz in [90.0, 150.0, 330.0, 520.0] {
        let hz = |t: f64| centre_hz * 2f64.powf(0.5 / 12.0 * (TAU * 5.5 * t).sin());
        let sound = voice(1.0, hz, &falling(), |_| 1.0);
        follows(&format!("vibrato about {centre_hz} Hz"), &sound, hz);
    }
}

#[test]
fn pitch_follows_a_glide_of_two_octaves() {
    let hz = |t: f64| 90.0 * 4f64.powf(t / 1.5);
    follows("glide", &voice(1.5, hz, &falling(), |_| 1.0), hz);
}

#[test]
fn a_strong_octave_is_not_taken_for_the_pitch() {
    let sound = voice(
        1.0,
        |_| 140.0,
        &[1.0, 4.0, 0.7, 1.5, 0.4, 0.8, 0.2, 0.4],
        |_| 1.0,
    );
    follows("strong octave", &sound, |_| 140.0);
}

#[test]
fn a_missing_ground_tone_is_heard() {
    let sound = voice(
        1.0,
        |_| 180.0,
        &[0.0, 1.0, 0.8, 0.7, 0.5, 0.4, 0.3],
        |_| 1.0,
    );
    follows("no ground tone", &sound, |_| 180.0);
}

#[test]
fn periods_that_alternate_a_little_are_not_taken_for_one_an_octave_lower() {
    let sound = voice(
        1.0,
        |_| 220.0,
        &falling(),
        |period| if period % 2 == 0 { 1.0 } else { 0.94 },
    );
    follows("alternating", &sound, |_| 220.0);
}

#[test]
fn noise_and_silence_have_no_pitch_and_no_nuclei() {
    let mut state = 1_u32;
    let noise: Vec<f32> = (0..2 * RATE_HZ)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1_u32 << 24) as f32 * 0.4 - 0.2
        })
        .collect();
    for sound in [noise, vec![0.0; 2 * RATE_HZ as usize]] {
        let track = track(&sound, 4096);
        let pitched = track
            .frames()
            .iter()
            .filter(|frame| frame.pitch_hz > 0.0)
            .count();
        assert!(pitched * 50 < track.frames().len(), "{pitched} frames");
        assert_eq!(track.nuclei_seconds().count(), 0);
        let whole = track.measure(0.0, 2.0);
        assert_eq!(
            (whole.pitch_hz, whole.melody_semitones, whole.brightness_db),
            (None, None, None)
        );
    }
}

#[test]
fn a_sound_of_no_samples_and_stretches_outside_are_nothing() {
    let track = track(&[], 1);
    assert!(track.frames().is_empty());
    for (start, end) in [(0.0, 1.0), (5.0, 4.0), (-3.0, -1.0), (f64::NAN, 2.0)] {
        assert_eq!(track.measure(start, end), Delivery::default());
    }
}

fn sample() -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap()
}

#[test]
fn a_gain_moves_the_level_and_nothing_else() {
    let sound = sample();
    let quiet: Vec<f32> = sound.iter().map(|x| x * 0.25).collect();
    let (loud, quiet) = (
        track(&sound, 4096).measure(2.0, 6.0),
        track(&quiet, 4096).measure(2.0, 6.0),
    );
    assert!(
        (loud.level_db.unwrap() - quiet.level_db.unwrap() - 12.04).abs() < 0.2,
        "{loud:?} {quiet:?}"
    );
    assert!((loud.pitch_hz.unwrap() / quiet.pitch_hz.unwrap() - 1.0).abs() < 0.01);
    assert!((loud.brightness_db.unwrap() - quiet.brightness_db.unwrap()).abs() < 0.2);
    assert!((loud.syllables_per_second.unwrap() - quiet.syllables_per_second.unwrap()).abs() < 0.3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_track_is_the_same_for_every_way_of_cutting_the_sound(piece in 1_usize..20_000) {
        let sound = &sample()[..3 * RATE_HZ as usize];
        prop_assert_eq!(track(sound, piece), track(sound, sound.len()));
    }
}

/// Converters add a constant to the samples: it is no sound, and no background that a voice stands out of.
#[test]
fn an_offset_is_no_sound() {
    let clean = sample();
    let offset: Vec<f32> = clean.iter().map(|x| x + 0.05).collect();
    let levels = |sound: &[f32]| -> Vec<f64> {
        let track = track(sound, 4096);
        let frames = track.frames().iter();
        frames
            .map(|it| 10.0 * f64::from(it.mean_square.max(1e-9)).log10())
            .collect()
    };
    let (clean, offset) = (levels(&clean), levels(&offset));
    let apart = clean.iter().zip(&offset).map(|(a, b)| (a - b).abs());
    // The resampler's own edges ring with the offset's step.
    let inner = apart.skip(10).take(clean.len() - 20);
    let worst = inner.fold(0.0, f64::max);
    assert!(worst < 0.5, "{worst} dB");
}

fn piece(level: f64, pitch: f64) -> Delivery {
    Delivery {
        voiced_seconds: 2.5,
        level_db: Some(level),
        pitch_hz: Some(pitch),
        melody_semitones: None,
        syllables_per_second: Some(4.0),
        brightness_db: Some(-9.0),
        loudness_lufs: None,
    }
}

#[test]
fn words_come_only_beyond_the_voices_own_scatter() {
    // A voice whose level wanders by some 4 dB and whose pitch hardly does.
    let pieces: Vec<Delivery> = [-26.0, -18.0, -22.0, -25.0, -19.0, -22.0]
        .map(|level| piece(level, 120.0))
        .into();
    let usual = Usual::of(&pieces);
    let word = |stretch: Delivery, measure: Measure| {
        let differences = usual.compare(&stretch);
        differences
            .iter()
            .find(|it| it.measure == measure)
            .unwrap()
            .word()
    };
    assert_eq!(word(piece(-18.0, 120.0), Measure::Level), None);
    assert_eq!(
        word(piece(-16.0, 120.0), Measure::Level).as_deref(),
        Some("louder")
    );
    assert_eq!(
        word(piece(-40.0, 120.0), Measure::Level).as_deref(),
        Some("much quieter")
    );
    // A semitone and a half is worth a word where the voice keeps its pitch; half of one is not.
    assert_eq!(
        word(piece(-22.0, 120.0 * 2f64.powf(0.5 / 12.0)), Measure::Pitch),
        None
    );
    assert_eq!(
        word(piece(-22.0, 120.0 * 2f64.powf(1.6 / 12.0)), Measure::Pitch).as_deref(),
        Some("higher")
    );
    assert_eq!(
        word(piece(-22.0, 60.0), Measure::Pitch).as_deref(),
        Some("much lower")
    );
    // What was never measured is not compared.
    assert!(
        usual
            .compare(&piece(-20.0, 120.0))
            .iter()
            .all(|it| it.measure != Measure::Melody)
    );
    assert!(Usual::of(&[]).compare(&piece(-20.0, 120.0)).is_empty());
}

#[test]
fn what_is_usual_without_some_stretches_is_what_the_others_do() {
    let pieces: Vec<Delivery> = (0..9)
        .map(|index| {
            let pitch = (index != 4).then(|| 100.0 + f64::from(index));
            Delivery {
                pitch_hz: pitch,
                ..piece(-20.0 - f64::from(index * index), 0.0)
            }
        })
        .collect();
    let all = Pieces::new(&pieces);
    for range in [0..0, 0..3, 2..5, 7..9, 0..9, 5..99] {
        let end = range.end.min(9);
        let rest = [&pieces[..range.start], &pieces[end..]].concat();
        let (some, wanted) = (all.usual_without(range), Usual::of(&rest));
        assert_eq!(some.habits().len(), wanted.habits().len());
        for (some, wanted) in some.habits().iter().zip(wanted.habits()) {
            assert_eq!((some.measure, some.pieces), (wanted.measure, wanted.pieces));
            assert!(
                (some.mean - wanted.mean).abs() < 1e-9,
                "{some:?} {wanted:?}"
            );
            assert!(
                (some.deviation - wanted.deviation).abs() < 1e-6,
                "{some:?} {wanted:?}"
            );
        }
    }
    let mean = pieces.iter().filter_map(|it| it.level_db).sum::<f64>() / 9.0;
    assert!((Usual::of(&pieces).habits()[0].mean - mean).abs() < 1e-9);
}

#[test]
fn a_difference_is_told_with_its_sign_and_unit() {
    let usual = Usual::of(&[
        piece(-20.0, 100.0),
        piece(-20.0, 100.0),
        piece(-20.0, 100.0),
        piece(-20.0, 100.0),
    ]);
    let amounts: Vec<String> = usual
        .compare(&piece(-23.0, 200.0))
        .iter()
        .map(|it| it.amount())
        .collect();
    assert_eq!(
        amounts,
        ["−3.0 dB", "+12.0 semitones", "+0.0 syllables/s", "+0.0 dB"]
    );
}
