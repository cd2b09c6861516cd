//! Measures of delivery equal Praat's within stated tolerances; `golden/make_delivery.py` made what they are held against.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use undersong_core::audio::Decoder;
use undersong_core::delivery::{DeliveryTracker, Track};

/// Of the frames that both find a pitch in, so many at most may differ by more than a fifth of it: octave errors and the like.
const GROSS_ERRORS: f64 = 0.02;
/// The others differ by so many cents in the median at most.
const MEDIAN_CENTS: f64 = 5.0;
/// Frames that only one of both calls pitched.
const VOICING_ERRORS: f64 = 0.10;
/// The median of the whole sound, in semitones.
const MEDIAN_PITCH_SEMITONES: f64 = 0.4;
/// The 10th to 90th percentile of the whole sound, in semitones.
const MELODY_SEMITONES: f64 = 1.0;
/// Nuclei, as a share of the script's.
const NUCLEI: f64 = 0.2;
/// Level of the whole sound, in dB.
const LEVEL_DB: f64 = 0.1;
/// Energy in 1–5 kHz over that in 50–1000 Hz of the whole sound, in dB.
const BRIGHTNESS_DB: f64 = 0.5;

#[derive(Debug, Deserialize)]
struct Golden {
    path: String,
    first_seconds: f64,
    pitch_hz: Vec<f64>,
    nuclei_seconds: Vec<f64>,
    level_db: f64,
    brightness_db: f64,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn golden() -> BTreeMap<String, Golden> {
    serde_json::from_str(&std::fs::read_to_string(folder().join("delivery.json")).unwrap()).unwrap()
}

fn track(path: &str) -> Track {
    let mut decoder = Decoder::open(&folder().join(path)).unwrap();
    let mut tracker = DeliveryTracker::everywhere(decoder.sample_rate_hz()).unwrap();
    let mut block = Vec::new();
    while decoder.next_block(&mut block).unwrap() {
        tracker.push(&block);
        block.clear();
    }
    tracker.finish()
}

/// Pitch at a time, between the two frames beside it where both have one; 0 for none.
fn pitch_at(track: &Track, seconds: f64) -> f64 {
    let at = seconds / Track::STEP_SECONDS;
    let hz = |index: f64| {
        let frame = track.frames().get(index as usize);
        frame.map_or(0.0, |frame| f64::from(frame.pitch_hz))
    };
    let (before, after) = (hz(at.floor()), hz(at.ceil()));
    if before > 0.0 && after > 0.0 {
        before + (after - before) * at.fract()
    } else {
        hz(at.round())
    }
}

fn semitones(a: f64, b: f64) -> f64 {
    12.0 * (a / b).log2()
}

fn percentile(values: &[f64], share: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

#[test]
fn pitch_is_praats() {
    for (name, golden) in golden() {
        let track = track(&golden.path);
        let pairs: Vec<(f64, f64)> = golden
            .pitch_hz
            .iter()
            .enumerate()
            .map(|(index, &hz)| {
                (
                    hz,
                    pitch_at(&track, golden.first_seconds + index as f64 * 0.01),
                )
            })
            .collect();
        let both: Vec<(f64, f64)> = pairs
            .iter()
            .copied()
            .filter(|pair| pair.0 > 0.0 && pair.1 > 0.0)
            .collect();
        let one = pairs
            .iter()
            .filter(|pair| (pair.0 > 0.0) != (pair.1 > 0.0))
            .count();
        let gross = both
            .iter()
            .filter(|pair| (pair.1 / pair.0 - 1.0).abs() > 0.2)
            .count();
        let cents: Vec<f64> = both
            .iter()
            .map(|pair| 100.0 * semitones(pair.1, pair.0).abs())
            .collect();
        let whole = track.measure(0.0, 1e9);
        let praat: Vec<f64> = golden
            .pitch_hz
            .iter()
            .copied()
            .filter(|&hz| hz > 0.0)
            .collect();
        let own: Vec<f64> = track
            .frames()
            .iter()
            .map(|frame| f64::from(frame.pitch_hz))
            .filter(|&hz| hz > 0.0)
            .collect();
        let median = semitones(percentile(&own, 0.5), percentile(&praat, 0.5));
        let melody = |values: &[f64]| semitones(percentile(values, 0.9), percentile(values, 0.1));
        let seen = format!(
            "{name}: {} frames pitched by both, {gross} gross, median {:.2} cents, 95 % {:.1}; {one} of {} by one; median pitch {median:+.2} st; melody {:.2} against {:.2}; {whole:?}",
            both.len(),
            percentile(&cents, 0.5),
            percentile(&cents, 0.95),
            pairs.len(),
            melody(&own),
            melody(&praat),
        );
        println!("{seen}");
        assert!(both.len() > 40, "{seen}");
        assert!(gross as f64 <= GROSS_ERRORS * both.len() as f64, "{seen}");
        assert!(percentile(&cents, 0.5) <= MEDIAN_CENTS, "{seen}");
        assert!(one as f64 <= VOICING_ERRORS * pairs.len() as f64, "{seen}");
        assert!(median.abs() <= MEDIAN_PITCH_SEMITONES, "{seen}");
        assert!(
            (melody(&own) - melody(&praat)).abs() <= MELODY_SEMITONES,
            "{seen}"
        );
    }
}

#[test]
fn syllable_nuclei_are_the_scripts() {
    for (name, golden) in golden() {
        let track = track(&golden.path);
        let own: Vec<f64> = track.nuclei_seconds().collect();
        let wanted = golden.nuclei_seconds.len() as f64;
        let near = |at: &f64| {
            golden
                .nuclei_seconds
                .iter()
                .any(|other| (other - at).abs() < 0.05)
        };
        let shared = own.iter().filter(|at| near(at)).count() as f64;
        let seen = format!("{name}: {own:?} against {:?}", golden.nuclei_seconds);
        println!("{name}: {} against {wanted}, {shared} shared", own.len());
        assert!(
            (own.len() as f64 - wanted).abs() <= (NUCLEI * wanted).max(1.0),
            "{seen}"
        );
        assert!(shared >= (1.0 - NUCLEI) * wanted - 1.0, "{seen}");
    }
}

#[test]
fn level_and_brightness_of_the_whole_sound_are_praats() {
    for (name, golden) in golden() {
        let track = track(&golden.path);
        let sum = |of: fn(&undersong_core::delivery::Frame) -> f32| -> f64 {
            track
                .frames()
                .iter()
                .map(|frame| f64::from(of(frame)))
                .sum()
        };
        let level = 10.0 * (sum(|frame| frame.mean_square) / track.frames().len() as f64).log10();
        let brightness =
            10.0 * (sum(|frame| frame.high_energy) / sum(|frame| frame.low_energy)).log10();
        println!(
            "{name}: level {level:.3} against {}, brightness {brightness:.3} against {}",
            golden.level_db, golden.brightness_db
        );
        assert!(
            (level - golden.level_db).abs() < LEVEL_DB,
            "{name}: {level} against {}",
            golden.level_db
        );
        assert!(
            (brightness - golden.brightness_db).abs() < BRIGHTNESS_DB,
            "{name}: {brightness} against {}",
            golden.brightness_db
        );
    }
}
