//! Features equal librosa 0.11's within 1e-3 on every coefficient; `golden/make_golden.py` made what they are held against.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on has failed

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use undersong_core::features::{
    FeatureConfig, FeatureKind, FeatureMatrix, MelConfig, MelNorm, MelScale, WindowShape,
    features_of,
};

const TOLERANCE: f32 = 1e-3;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// Clips by name, with how many dB each lies below its file.
fn clips() -> BTreeMap<String, f64> {
    let text = std::fs::read_to_string(golden("clips.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn sound(name: &str, below_db: f64) -> Vec<f32> {
    let scale = 10f64.powf(-below_db / 20.0) as f32;
    let mut reader = hound::WavReader::open(golden(&format!("{name}.wav"))).unwrap();
    let samples = reader.samples::<i16>();
    samples
        .map(|x| f32::from(x.unwrap()) / 32768.0 * scale)
        .collect()
}

/// Reads a float32 C-order `.npy` file of two dimensions.
fn npy(bytes: &[u8]) -> FeatureMatrix {
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = std::str::from_utf8(&bytes[10..end]).unwrap();
    assert!(header.contains("'<f4'") && header.contains("'fortran_order': False"));
    let shape = header.split(['(', ')']).nth(1).unwrap();
    let shape: Vec<usize> = shape
        .split(',')
        .map(|n| n.trim().parse().unwrap())
        .collect();
    let data: Vec<f32> = bytes[end..]
        .chunks_exact(4)
        .map(|x| f32::from_le_bytes(x.try_into().unwrap()))
        .collect();
    assert_eq!(data.len(), shape[0] * shape[1]);
    FeatureMatrix {
        frames: shape[0],
        coefficients: shape[1],
        data,
    }
}

fn second() -> FeatureConfig {
    FeatureConfig {
        sample_rate_hz: 16_000,
        fft_samples: 512,
        window_samples: 512,
        hop_samples: 320,
        mel: MelConfig {
            bands: 40,
            low_hz: 50.0,
            high_hz: 8000.0,
            scale: MelScale::Slaney,
            norm: MelNorm::Slaney,
        },
        kind: FeatureKind::LogMel,
        span_samples: 48_000,
        ..FeatureConfig::paper()
    }
}

/// What the paper's configuration leaves untried: a short odd Hamming window, HTK's scale, filters that peak at one, a lifter.
fn odd() -> FeatureConfig {
    FeatureConfig {
        fft_samples: 1024,
        window_samples: 551,
        window: WindowShape::Hamming,
        hop_samples: 220,
        mel: MelConfig {
            bands: 27,
            low_hz: 80.0,
            high_hz: 7600.0,
            scale: MelScale::Htk,
            norm: MelNorm::Peak,
        },
        kind: FeatureKind::Mfcc {
            coefficients: 13,
            lifter: 22,
        },
        ..FeatureConfig::paper()
    }
}

fn deltas() -> FeatureConfig {
    FeatureConfig {
        kind: FeatureKind::Mfcc {
            coefficients: 13,
            lifter: 0,
        },
        deltas: 2,
        ..FeatureConfig::paper()
    }
}

#[test]
fn every_coefficient_of_every_clip_equals_librosa() {
    let configs = [
        ("paper", FeatureConfig::paper()),
        ("second", second()),
        ("odd", odd()),
        ("deltas", deltas()),
    ];
    let mut compared = BTreeMap::<&str, usize>::new();
    let mut failures = Vec::new();
    for (clip, below_db) in clips() {
        let samples = sound(&clip, below_db);
        for (name, config) in &configs {
            let Ok(bytes) = std::fs::read(golden(&format!("{clip}.{name}.npy"))) else {
                assert_ne!(*name, "paper", "{clip} lacks its array");
                continue;
            };
            let expected = npy(&bytes);
            let got = features_of(&samples, config).unwrap();
            assert_eq!(
                (got.frames, got.coefficients),
                (expected.frames, expected.coefficients),
                "{clip}, {name}"
            );
            let differences = got
                .data
                .iter()
                .zip(&expected.data)
                .map(|(a, b)| (a - b).abs());
            let worst = differences.fold(
                0.0f32,
                |worst, d| if d > worst || d.is_nan() { d } else { worst },
            );
            println!("{clip:20} {name:7} {worst:.1e}");
            // A lifter multiplies what comes out of the DCT, differences too, by up to 1 + lifter / 2.
            let lift = match config.kind {
                FeatureKind::Mfcc { lifter, .. } => 1.0 + lifter as f32 / 2.0,
                FeatureKind::LogMel => 1.0,
            };
            if worst.is_nan() || worst > TOLERANCE * lift {
                failures.push(format!("{clip} ({name}): {worst}"));
            }
            *compared.entry(name).or_default() += 1;
        }
    }
    assert!(failures.is_empty(), "beyond {TOLERANCE}: {failures:#?}");
    assert!(compared["paper"] >= 12, "{compared:?}");
    assert_eq!(compared.len(), configs.len(), "{compared:?}");
}

#[test]
fn a_written_npy_file_reads_back_equal() {
    let features = features_of(&sound("clicks", 0.0), &FeatureConfig::paper()).unwrap();
    let mut bytes = Vec::new();
    features.write_npy(&mut bytes).unwrap();
    assert_eq!((bytes.len() - features.data.len() * 4) % 64, 0);
    assert_eq!(npy(&bytes), features);
}

#[test]
fn a_written_csv_file_names_its_columns_and_reads_back_equal() {
    let config = deltas();
    let features = features_of(&sound("clicks", 0.0), &config).unwrap();
    let mut bytes = Vec::new();
    features
        .write_csv(&config.coefficient_names(), &mut bytes)
        .unwrap();
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let names: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(names.len(), 39);
    assert_eq!(
        (names[0].as_str(), names[13].as_str(), names[38].as_str()),
        ("mfcc_0", "delta_mfcc_0", "delta2_mfcc_12")
    );
    let data: Vec<f32> = reader
        .deserialize::<Vec<f32>>()
        .flat_map(Result::unwrap)
        .collect();
    assert_eq!(data, features.data);
}
