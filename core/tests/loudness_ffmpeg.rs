//! Loudness is EBU R 128's: the standard's own test signals, and ffmpeg's `ebur128` filter over voices at many rates and channels.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

mod analyzer_support;
mod synthetic;

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::{Path, PathBuf};
use std::process::Command;

use analyzer_support::speech;
use synthetic::{SMALL, model};
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::delivery::{Loudness, LoudnessTarget};
use undersong_core::engine::EngineChoice;
use undersong_core::scan::{ScanOptions, Scanner};

/// Integrated, momentary and short-term loudness may differ by this from ffmpeg's, in LU.
const LOUDNESS_LU: f64 = 0.05;
/// Loudness range, in LU.
const RANGE_LU: f64 = 0.1;
/// True peak, in dB: the two interpolate with different filters.
const TRUE_PEAK_DB: f64 = 0.2;

/// Each take's loudness, as a scan tells it.
fn measured(paths: &[PathBuf], target: LoudnessTarget) -> Vec<Loudness> {
    let options = ScanOptions {
        engine: EngineChoice::Builtin,
        loudness_target: target,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&model(&SMALL, &["neutral", "happy", "sad"]), options).unwrap();
    let scan = scanner.scan(paths, &|_| {}).unwrap();
    assert!(scan.failed.is_empty(), "{:?}", scan.failed);
    let takes = scan.takes.iter();
    takes
        .map(|take| take.summary.delivery.as_ref().unwrap().loudness)
        .collect()
}

fn write(path: &Path, rate_hz: u32, bits: u16, channels: &[Vec<f32>]) {
    let spec = hound::WavSpec {
        channels: channels.len() as u16,
        sample_rate: rate_hz,
        bits_per_sample: bits,
        sample_format: if bits == 32 {
            hound::SampleFormat::Float
        } else {
            hound::SampleFormat::Int
        },
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for frame in 0..channels[0].len() {
        for channel in channels {
            if bits == 32 {
                writer.write_sample(channel[frame]).unwrap();
            } else {
                let scale = f32::from(2_u16).powi(i32::from(bits) - 1) - 1.0;
                writer
                    .write_sample((channel[frame] * scale) as i32)
                    .unwrap();
            }
        }
    }
    writer.finalize().unwrap();
}

/// A tone of 1 kHz, stereo, in parts of a level in dBFS and a length in seconds.
fn tone(path: &Path, parts: &[(f64, f64)]) {
    let rate_hz = 48_000;
    let mut samples = Vec::new();
    for &(level_db, seconds) in parts {
        let (start, count) = (samples.len(), (seconds * f64::from(rate_hz)) as usize);
        samples.extend((start..start + count).map(|n| {
            let phase = TAU * 1000.0 * n as f64 / f64::from(rate_hz);
            (10f64.powf(level_db / 20.0) * phase.sin()) as f32
        }));
    }
    write(path, rate_hz, 32, &[samples.clone(), samples]);
}

/// A name, tones as (dBFS, seconds), and the integrated loudness and the range that the standard expects of them.
type Case = (
    &'static str,
    &'static [(f64, f64)],
    Option<f64>,
    Option<f64>,
);

#[test]
fn the_standards_own_signals_measure_as_the_standard_says() {
    let folder = tempfile::tempdir().unwrap();
    // EBU Tech 3341, cases 1 to 4; Tech 3342, cases 1 and 2.
    let cases: [Case; 6] = [
        ("3341-1", &[(-23.0, 20.0)], Some(-23.0), None),
        ("3341-2", &[(-33.0, 20.0)], Some(-33.0), None),
        (
            "3341-3",
            &[(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)],
            Some(-23.0),
            None,
        ),
        (
            "3341-4",
            &[
                (-72.0, 10.0),
                (-36.0, 10.0),
                (-23.0, 60.0),
                (-36.0, 10.0),
                (-72.0, 10.0),
            ],
            Some(-23.0),
            None,
        ),
        ("3342-1", &[(-20.0, 20.0), (-30.0, 20.0)], None, Some(10.0)),
        ("3342-2", &[(-20.0, 20.0), (-15.0, 20.0)], None, Some(5.0)),
    ];
    let paths: Vec<PathBuf> = cases
        .iter()
        .map(|(name, parts, ..)| {
            let path = folder.path().join(format!("{name}.wav"));
            tone(&path, parts);
            path
        })
        .collect();
    for ((name, _, lufs, range), loudness) in cases
        .iter()
        .zip(measured(&paths, LoudnessTarget::BROADCAST))
    {
        println!("{name}: {loudness:?}");
        if let Some(lufs) = lufs {
            // The standard allows 0.1 LU.
            assert!(
                (loudness.integrated_lufs.unwrap() - lufs).abs() <= 0.1,
                "{name}"
            );
            let away = loudness.from_target_lu().unwrap();
            assert!((away - (lufs + 23.0)).abs() <= 0.1, "{name}");
        }
        if let Some(range) = range {
            // The standard allows 1 LU.
            assert!((loudness.range_lu.unwrap() - range).abs() <= 0.2, "{name}");
        }
    }
}

#[test]
fn a_true_peak_between_samples_is_found_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let rate_hz = 48_000_u32;
    // EBU Tech 3341, cases 15 to 18: a tone of a quarter of the rate at −6 dBFS whose samples miss its tops; and once more in the midst of a
    // voice, far from the loudest block so far.
    let quarter = |degrees: f64, count: usize| -> Vec<f32> {
        (0..count)
            .map(|n| (0.5 * (TAU * (n as f64 / 4.0 + degrees / 360.0)).sin()) as f32)
            .collect()
    };
    let mut paths = Vec::new();
    for degrees in [0.0, 45.0, 60.0, 67.5] {
        let path = folder.path().join(format!("{degrees}.wav"));
        write(&path, rate_hz, 32, &[quarter(degrees, 48_000)]);
        paths.push(path);
    }
    let mut voice: Vec<f32> = speech(rate_hz, 6.0).iter().map(|x| 0.2 * x).collect();
    voice[100_300..104_300].copy_from_slice(&quarter(45.0, 4000));
    let path = folder.path().join("voice.wav");
    write(&path, rate_hz, 32, &[voice]);
    paths.push(path);
    for (path, loudness) in paths
        .iter()
        .zip(measured(&paths, LoudnessTarget::default()))
    {
        let peak = loudness.true_peak_dbtp.unwrap();
        println!("{}: {peak:.3} dBTP", path.display());
        // The standard allows +0.2 and −0.4 dB.
        assert!((-6.42..=-5.8).contains(&peak), "{}: {peak}", path.display());
    }
}

/// What ffmpeg's filter says at the end of a file; `None` without ffmpeg.
fn ffmpeg(path: &Path) -> Option<BTreeMap<String, f64>> {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-loglevel", "error", "-i"])
        .arg(path)
        .args(["-af", "ebur128=peak=true:metadata=1,ametadata=print:file=-"])
        .args(["-f", "null", "-"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let mut last: BTreeMap<String, f64> = BTreeMap::new();
    for line in text.lines() {
        let Some((name, value)) = line
            .strip_prefix("lavfi.r128.")
            .and_then(|line| line.split_once('='))
        else {
            continue;
        };
        let value = value.parse().unwrap_or(f64::NEG_INFINITY);
        // The loudest of the windows; the rest is told of the sound so far.
        let most = last.get(name).copied().unwrap_or(f64::NEG_INFINITY);
        let kept = if matches!(name, "M" | "S" | "true_peak") {
            value.max(most)
        } else {
            value
        };
        last.insert(name.to_owned(), kept);
    }
    Some(last)
}

#[test]
fn loudness_is_ffmpegs_at_every_rate_and_number_of_channels() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![
        root.join("../cli/samples/take.flac"),
        root.join("tests/golden/speech_woman.wav"),
        root.join("tests/golden/speech_man.wav"),
    ];
    for rate_hz in [8_000, 16_000, 22_050, 44_100, 48_000, 96_000] {
        let voice = speech(rate_hz, 12.0);
        let path = folder.path().join(format!("mono {rate_hz}.wav"));
        write(&path, rate_hz, 24, std::slice::from_ref(&voice));
        paths.push(path);
    }
    // The sample take over and over, louder and quieter: a minute and more, as a loudness range is meant for. (Of a few seconds ffmpeg takes the
    // other of two neighbours for a percentile, and they can lie a whole LU apart; ours is the one that Tech 3342's own program takes.)
    let take = load_mono(&paths[0], 22_050, NoiseReduction::Off).unwrap();
    let minute: Vec<f32> = [0.5, 0.9, 0.2, 0.6, 0.35]
        .iter()
        .flat_map(|gain| take.iter().map(move |x| gain * x))
        .collect();
    let path = folder.path().join("a minute.wav");
    write(&path, 22_050, 24, &[minute]);
    paths.push(path);
    // Another voice in each channel, and one that is silent.
    let channel = |gain: f32, late: usize| -> Vec<f32> {
        let voice = speech(48_000, 12.0);
        (0..voice.len())
            .map(|n| gain * voice[(n + late) % voice.len()])
            .collect()
    };
    for (name, gains) in [
        ("stereo", &[0.9, 0.3][..]),
        ("left alone", &[0.7, 0.0]),
        ("5.1", &[0.3, 0.2, 0.8, 0.9, 0.4, 0.5]),
    ] {
        let channels: Vec<Vec<f32>> = gains
            .iter()
            .enumerate()
            .map(|(index, &gain)| channel(gain, index * 20_000))
            .collect();
        let path = folder.path().join(format!("{name}.wav"));
        write(&path, 48_000, 24, &channels);
        paths.push(path);
    }
    let ours = measured(&paths, LoudnessTarget::default());
    for (path, ours) in paths.iter().zip(ours) {
        let name = path.file_name().unwrap().to_string_lossy();
        let Some(theirs) = ffmpeg(path) else {
            eprintln!("skipped: ffmpeg absent");
            return;
        };
        println!("{name}: {ours:?} against {theirs:?}");
        let near = |what: &str, ours: Option<f64>, theirs: f64, within: f64| {
            let ours = ours.unwrap_or_else(|| panic!("{name}: no {what}"));
            assert!(
                (ours - theirs).abs() <= within,
                "{name}: {what} {ours:.3} against {theirs:.3}"
            );
        };
        near("integrated", ours.integrated_lufs, theirs["I"], LOUDNESS_LU);
        near(
            "momentary",
            ours.momentary_max_lufs,
            theirs["M"],
            LOUDNESS_LU,
        );
        let peak = 20.0 * theirs["true_peak"].log10();
        near("true peak", ours.true_peak_dbtp, peak, TRUE_PEAK_DB);
        if ours.range_lu.is_some() {
            near(
                "short-term",
                ours.short_term_max_lufs,
                theirs["S"],
                LOUDNESS_LU,
            );
        }
        if name == "a minute.wav" {
            near("range", ours.range_lu, theirs["LRA"], RANGE_LU);
        }
    }
}

#[test]
fn what_is_too_short_or_silent_has_no_loudness_and_no_made_up_number() {
    let folder = tempfile::tempdir().unwrap();
    let (short, silent) = (
        folder.path().join("short.wav"),
        folder.path().join("silent.wav"),
    );
    write(&short, 48_000, 32, &[speech(48_000, 0.35)]);
    write(&silent, 48_000, 32, &[vec![0.0; 48_000 * 5]]);
    let found = measured(&[short, silent], LoudnessTarget::default());
    assert_eq!(found[0].integrated_lufs, None);
    assert_eq!(found[0].short_term_max_lufs, None);
    assert!(found[0].true_peak_dbtp.is_some());
    let nothing = Loudness {
        target_lufs: -16.0,
        ..Loudness::default()
    };
    assert_eq!(found[1], nothing);
}

#[test]
fn a_target_is_lufs_in_reach_and_nothing_else() {
    for (text, lufs) in [("-16", -16.0), ("-23", -23.0), ("0", 0.0), ("-14.5", -14.5)] {
        assert_eq!(text.parse::<LoudnessTarget>().unwrap().lufs(), lufs);
    }
    for text in ["", "loud", "16", "-61", "NaN", "-inf", "−16"] {
        let error = text.parse::<LoudnessTarget>().unwrap_err().to_string();
        assert!(error.contains("-60 to 0"), "{text}: {error}");
    }
}
