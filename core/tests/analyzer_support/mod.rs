//! Sound for the tests of analyser and scan: speech of any length at any rate, silence, and files of them.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use std::path::{Path, PathBuf};

use undersong_core::audio::{Conditioner, NoiseReduction, load_mono};
use undersong_core::features::{
    FeatureConfig, FeatureKind, LevelNormalisation, LogConfig, MelConfig,
};

/// Log-mel bands at 16 kHz with the level set per window: the other kind of features than the paper's.
pub fn log_mel() -> FeatureConfig {
    FeatureConfig {
        sample_rate_hz: 16_000,
        fft_samples: 1024,
        window_samples: 640,
        hop_samples: 400,
        span_samples: 48_000,
        mel: MelConfig {
            bands: 40,
            low_hz: 50.0,
            high_hz: 7600.0,
            ..FeatureConfig::paper().mel
        },
        log: LogConfig::default(),
        kind: FeatureKind::LogMel,
        level: LevelNormalisation::Rms { target: 0.05 },
        ..FeatureConfig::paper()
    }
}

/// A synthesiser's sentence of 3.5 s, over and over.
pub fn speech(rate_hz: u32, seconds: f64) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/audio/spoken.ogg");
    let sentence = load_mono(&path, rate_hz, NoiseReduction::Off).unwrap();
    let count = samples(rate_hz, seconds);
    sentence.iter().copied().cycle().take(count).collect()
}

/// Samples in so many seconds.
pub fn samples(rate_hz: u32, seconds: f64) -> usize {
    (f64::from(rate_hz) * seconds).round() as usize
}

/// Sound at another rate, all at once.
pub fn resampled(sound: &[f32], from_hz: u32, to_hz: u32) -> Vec<f32> {
    let mut out = Vec::new();
    let mut conditioner = Conditioner::new(from_hz, to_hz, NoiseReduction::Off).unwrap();
    conditioner.push(sound, &mut out);
    conditioner.finish(&mut out);
    out
}

/// A mono WAV file of 32-bit floats, so that what is read is what was written.
pub fn wav(folder: &Path, name: &str, rate_hz: u32, sound: &[f32]) -> PathBuf {
    let path = folder.join(name);
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate_hz,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for &sample in sound {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
    path
}
