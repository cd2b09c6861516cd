//! What the decoder promises: every format gives the known sound.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod audio_support;

use std::f64::consts::TAU;
use std::fs;
use std::path::Path;

use audio_support::{decode, fixture, spec, wav};
use undersong_core::audio::{Decoder, NoiseReduction, load_mono};

/// What the fixtures hold, downmixed: a sweep from 300 to 4000 Hz at 0.5 on the left, one from 500 to 2500 Hz at 0.25 on
/// the right, 0.3 s at 44.1 kHz (`fixtures/audio/make.sh`).
fn known_sound() -> Vec<f32> {
    let sweep = |t: f64, low: f64, high: f64| (TAU * (low * t + (high - low) * t * t / 0.6)).sin();
    (0..13_230)
        .map(|n| f64::from(n) / 44_100.0)
        .map(|t| (0.5 * (0.5 * sweep(t, 300.0, 4_000.0) + 0.25 * sweep(t, 500.0, 2_500.0))) as f32)
        .collect()
}

/// Signal to error in dB where `sound` lies `offset` samples late against the known one.
fn snr_db(sound: &[f32], known: &[f32], offset: usize) -> f64 {
    let (mut signal, mut error) = (0.0, 0.0);
    for n in 1_500..11_000 {
        let wanted = f64::from(known[n]);
        signal += wanted * wanted;
        error += (f64::from(sound[n + offset]) - wanted).powi(2);
    }
    10.0 * (signal / error.max(1e-12)).log10()
}

#[test]
fn lossless_formats_give_the_known_samples() {
    let known = known_sound();
    for name in ["tone.aiff", "tone.flac", "tone_alac.m4a"] {
        let decoded = decode(&fixture(name)).unwrap();
        assert_eq!(
            (decoded.rate_hz, decoded.channels, decoded.mono.len()),
            (44_100, 2, 13_230),
            "{name}"
        );
        let worst = decoded
            .mono
            .iter()
            .zip(&known)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(worst < 1.5 / 32_768.0, "{name}: off by {worst}");
        assert!(
            (decoded.duration_seconds.unwrap() - 0.3).abs() < 1e-6,
            "{name}"
        );
    }
}

#[test]
fn lossy_formats_give_the_known_sound_on_time() {
    let known = known_sound();
    for (name, wanted_db) in [
        ("tone.ogg", 20.0),
        ("tone.mp3", 25.0),
        ("tone_adpcm.wav", 20.0),
    ] {
        let decoded = decode(&fixture(name)).unwrap();
        assert_eq!((decoded.rate_hz, decoded.channels), (44_100, 2), "{name}");
        assert!(
            (13_230..13_230 + 1_200).contains(&decoded.mono.len()),
            "{name}: {} samples",
            decoded.mono.len()
        );
        let (offset, best) = best_offset(&decoded.mono, &known);
        assert!(best > wanted_db, "{name}: {best} dB at {offset}");
        println!("{name}: {best:.1} dB");
        assert_eq!(offset, 0, "{name}");
    }
}

#[test]
fn aac_gives_the_known_sound_after_its_priming() {
    let known = known_sound();
    for name in ["tone.m4a", "tone.aac"] {
        let decoded = decode(&fixture(name)).unwrap();
        assert_eq!((decoded.rate_hz, decoded.channels), (44_100, 2), "{name}");
        let (offset, best) = best_offset(&decoded.mono, &known);
        assert!(best > 25.0, "{name}: {best} dB at {offset}");
        assert!(offset <= 2_112, "{name}: {offset}");
    }
}

fn best_offset(sound: &[f32], known: &[f32]) -> (usize, f64) {
    (0..sound.len().saturating_sub(11_000).min(2_200))
        .map(|offset| (offset, snr_db(sound, known, offset)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .unwrap()
}

#[test]
fn every_depth_channel_count_and_rate_of_wav_gives_the_mean_of_the_channels() {
    let dir = tempfile::tempdir().unwrap();
    let int32 = hound::WavSpec {
        sample_format: hound::SampleFormat::Int,
        ..spec(2, 48_000, 32)
    };
    let mut specs = vec![int32];
    for bits in [8, 16, 24, 32] {
        specs.push(spec(1, 44_100, bits));
        specs.push(spec(2, 44_100, bits));
    }
    for channels in [3, 6, 8, 16, 18] {
        specs.push(spec(channels, 48_000, 16));
    }
    for rate in [8_000, 11_025, 96_000, 192_000] {
        specs.push(spec(8, rate, 24));
    }
    for spec in specs {
        let frames = spec.sample_rate as usize / 4;
        let path = wav(dir.path(), "take.wav", spec, frames);
        let decoded = decode(&path).unwrap_or_else(|error| panic!("{spec:?}: {error}"));
        assert_eq!(
            (decoded.rate_hz, decoded.channels),
            (spec.sample_rate, usize::from(spec.channels))
        );
        assert_eq!(decoded.mono.len(), frames, "{spec:?}");
        let worst = decoded
            .mono
            .iter()
            .enumerate()
            .map(|(n, sample)| {
                (f64::from(*sample)
                    - 0.5 * (TAU * 300.0 * n as f64 / f64::from(spec.sample_rate)).sin())
                .abs()
            })
            .fold(0.0, f64::max);
        let step = 2.0 / f64::from(2_u32.pow(u32::from(spec.bits_per_sample.min(24)) - 1));
        assert!(worst < step, "{spec:?}: off by {worst}");
    }
}

#[test]
fn samples_beyond_full_scale_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("loud.wav");
    let mut writer = hound::WavWriter::create(&path, spec(1, 44_100, 32)).unwrap();
    for _ in 0..1_000 {
        writer.write_sample(2.5_f32).unwrap();
    }
    writer.finalize().unwrap();
    assert!(
        decode(&path)
            .unwrap()
            .mono
            .iter()
            .all(|&sample| sample == 2.5)
    );
}

#[test]
fn the_content_decides_not_the_name() {
    let dir = tempfile::tempdir().unwrap();
    for (name, from) in [
        ("aiff.wav", "tone.aiff"),
        ("flac.mp3", "tone.flac"),
        ("ogg.flac", "tone.ogg"),
        ("mp3", "tone.mp3"),
        ("m4a.wav", "tone.m4a"),
    ] {
        let path = dir.path().join(name);
        fs::copy(fixture(from), &path).unwrap();
        assert_eq!(
            decode(&path).unwrap().mono,
            decode(&fixture(from)).unwrap().mono,
            "{name}"
        );
    }
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8_works_and_can_be_shown() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir
        .path()
        .join(std::ffi::OsStr::from_bytes(b"take\xff\xfe.flac"));
    fs::copy(fixture("tone.flac"), &path).unwrap();
    assert_eq!(decode(&path).unwrap().mono.len(), 13_230);
    fs::write(&path, b"").unwrap();
    let message = Decoder::open(&path).unwrap_err().to_string();
    assert!(message.contains("take\u{fffd}\u{fffd}.flac"), "{message}");
}

#[test]
fn the_published_originals_load_and_the_silent_one_is_silent() {
    let originals = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/originals");
    if !originals.is_dir() {
        println!("skipped: the corpora's originals are absent");
        return;
    }
    for entry in fs::read_dir(originals).unwrap() {
        let path = entry.unwrap().path();
        let sound = load_mono(&path, 22_050, NoiseReduction::Off).unwrap();
        let silent = path.to_str().unwrap().contains("1076_MTI_SAD_XX");
        assert_eq!(
            sound.iter().all(|&sample| sample == 0.0),
            silent,
            "{path:?}"
        );
    }
}
