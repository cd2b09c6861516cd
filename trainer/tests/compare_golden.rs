//! Chroma and spectral contrast equal librosa 0.11's; `golden/compare.py` made what they are held against.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

use std::collections::BTreeMap;
use std::path::Path;

use undersong_trainer::compare::{CHROMA_CLASSES, CONTRAST_BANDS, Chroma, Contrast, Spectrogram};

/// Every so many-th frame is in the golden file.
const EVERY: usize = 4;

type Golden = BTreeMap<String, BTreeMap<String, Vec<Vec<f32>>>>;

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/compare.json")).unwrap()
}

fn sound(name: &str) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../core/tests/golden")
        .join(format!("{name}.wav"));
    let mut reader = hound::WavReader::open(path).unwrap();
    reader
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32768.0)
        .collect()
}

fn assert_equal(name: &str, found: &[f32], numbers: usize, expected: &[Vec<f32>], tolerance: f32) {
    let frames: Vec<&[f32]> = found.chunks_exact(numbers).step_by(EVERY).collect();
    assert_eq!(frames.len(), expected.len(), "{name}: frames");
    for (place, (found, expected)) in frames.iter().zip(expected).enumerate() {
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() <= tolerance,
                "{name}, frame {}: {found} instead of {expected}",
                place * EVERY
            );
        }
    }
}

#[test]
fn chroma_is_librosas() {
    let chroma = Chroma::default();
    let mut spectrogram = Spectrogram::default();
    for (name, expected) in golden() {
        let found = chroma.frames(&sound(&name), &mut spectrogram);
        assert_equal(&name, &found, CHROMA_CLASSES, &expected["chroma"], 1e-3);
    }
}

#[test]
fn spectral_contrast_is_librosas() {
    let contrast = Contrast::default();
    let mut spectrogram = Spectrogram::default();
    for (name, expected) in golden() {
        let found = contrast.frames(&sound(&name), &mut spectrogram);
        assert_equal(&name, &found, CONTRAST_BANDS, &expected["contrast"], 1e-2);
    }
}
