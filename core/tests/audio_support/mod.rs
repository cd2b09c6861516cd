//! Sound files for the decoder's tests: fixtures by name, WAVs made by hand, and a file decoded whole.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use undersong_core::audio::{DecodeError, Decoder};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/audio")
        .join(name)
}

pub struct Decoded {
    pub rate_hz: u32,
    pub channels: usize,
    pub duration_seconds: Option<f64>,
    pub mono: Vec<f32>,
    pub skipped: u64,
}

pub fn decode(path: &Path) -> Result<Decoded, DecodeError> {
    let mut decoder = Decoder::open(path)?;
    let mut mono = Vec::new();
    while decoder.next_block(&mut mono)? {}
    assert!(
        !decoder.next_block(&mut mono)?,
        "after the end there is nothing"
    );
    Ok(Decoded {
        rate_hz: decoder.sample_rate_hz(),
        channels: decoder.channels(),
        duration_seconds: decoder.duration_seconds(),
        skipped: decoder.skipped_packets(),
        mono,
    })
}

/// A WAV made by hand, so that every depth and channel count can be tried.
pub fn wav(dir: &Path, name: &str, spec: hound::WavSpec, frames: usize) -> PathBuf {
    let path = dir.join(name);
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for n in 0..frames {
        for channel in 0..spec.channels {
            // Every channel has its own gain; their mean has gain 0.5.
            let gain = f64::from(channel + 1) / f64::from(spec.channels + 1);
            let value = gain * (TAU * 300.0 * n as f64 / f64::from(spec.sample_rate)).sin();
            if spec.sample_format == hound::SampleFormat::Float {
                writer.write_sample(value as f32).unwrap();
            } else {
                let full = f64::from(2_u32.pow(u32::from(spec.bits_per_sample) - 1)) - 1.0;
                writer.write_sample((value * full).round() as i32).unwrap();
            }
        }
    }
    writer.finalize().unwrap();
    path
}

pub fn spec(channels: u16, sample_rate: u32, bits_per_sample: u16) -> hound::WavSpec {
    let sample_format = if bits_per_sample == 32 {
        hound::SampleFormat::Float
    } else {
        hound::SampleFormat::Int
    };
    hound::WavSpec {
        channels,
        sample_rate,
        bits_per_sample,
        sample_format,
    }
}
