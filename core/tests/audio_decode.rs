//! What the decoder promises: every format gives the known sound, every broken file a sentence that helps.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};

use undersong_core::audio::{DecodeError, Decoder, NoiseReduction, load_mono};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/audio")
        .join(name)
}

/// What the fixtures hold, downmixed: a sweep from 300 to 4000 Hz at 0.5 on the left, one from 500 to 2500 Hz at 0.25 on
/// the right, 0.3 s at 44.1 kHz (`fixtures/audio/make.sh`).
fn known_sound() -> Vec<f32> {
    let sweep = |t: f64, low: f64, high: f64| (TAU * (low * t + (high - low) * t * t / 0.6)).sin();
    (0..13_230)
        .map(|n| f64::from(n) / 44_100.0)
        .map(|t| (0.5 * (0.5 * sweep(t, 300.0, 4_000.0) + 0.25 * sweep(t, 500.0, 2_500.0))) as f32)
        .collect()
}

struct Decoded {
    rate_hz: u32,
    channels: usize,
    duration_seconds: Option<f64>,
    mono: Vec<f32>,
    skipped: u64,
}

fn decode(path: &Path) -> Result<Decoded, DecodeError> {
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

/// A WAV made by hand, so that every depth and channel count can be tried.
fn wav(dir: &Path, name: &str, spec: hound::WavSpec, frames: usize) -> PathBuf {
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

fn spec(channels: u16, sample_rate: u32, bits_per_sample: u16) -> hound::WavSpec {
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

/// The error, after checking that its message names the file and says something to do.
fn error_of(path: &Path) -> DecodeError {
    let error = decode(path).map(|decoded| decoded.mono.len()).unwrap_err();
    let message = error.to_string();
    assert!(message.contains(path.to_str().unwrap()), "{message}");
    assert!(
        ["export", "check", "copy", "name a file", "record", "change"]
            .iter()
            .any(|what| message.contains(what)),
        "{message}"
    );
    error
}

#[test]
fn each_kind_of_bad_file_has_its_own_error() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    assert!(matches!(
        error_of(&dir.path().join("missing.wav")),
        DecodeError::NotFound { .. }
    ));
    assert!(matches!(error_of(dir.path()), DecodeError::Folder { .. }));
    assert!(matches!(
        error_of(&file("empty.wav", b"")),
        DecodeError::Empty { .. }
    ));
    let text = error_of(&file(
        "text.wav",
        "Dear diary,\ntoday I sang.\n".repeat(100).as_bytes(),
    ));
    assert!(
        matches!(
            text,
            DecodeError::NotAudio {
                content: Some("text"),
                ..
            }
        ),
        "{text:?}"
    );
    let zeros = error_of(&file("zeros.wav", &[0; 10_000]));
    assert!(
        matches!(
            zeros,
            DecodeError::NotAudio {
                content: Some("nothing but zeros"),
                ..
            }
        ),
        "{zeros:?}"
    );
    let opus = error_of(&fixture("tone.opus"));
    assert!(opus.to_string().contains("Opus"), "{opus}");
    let nothing = wav(dir.path(), "nothing.wav", spec(2, 44_100, 16), 0);
    assert!(matches!(error_of(&nothing), DecodeError::NoSamples { .. }));
    let low = wav(dir.path(), "low.wav", spec(1, 4_000, 16), 4_000);
    assert!(matches!(
        error_of(&low),
        DecodeError::SampleRate { rate_hz: 4_000, .. }
    ));
    let high = wav(dir.path(), "high.wav", spec(1, 384_000, 16), 4_000);
    assert!(matches!(
        error_of(&high),
        DecodeError::SampleRate {
            rate_hz: 384_000,
            ..
        }
    ));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("secret.flac");
    fs::copy(fixture("tone.flac"), &path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    assert!(matches!(
        error_of(&path),
        DecodeError::PermissionDenied { .. }
    ));
}

#[cfg(unix)]
#[test]
fn a_device_is_refused_without_waiting_for_it() {
    assert!(matches!(
        decode(Path::new("/dev/zero")).map(|_| ()),
        Err(DecodeError::NotAFile { .. })
    ));
}

#[test]
fn a_cut_off_file_says_how_much_of_it_could_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let long = wav(dir.path(), "long.wav", spec(1, 44_100, 16), 44_100);
    for (name, from, share) in [
        ("half.wav", long, 0.5),
        ("half.flac", fixture("tone.flac"), 0.6),
        ("half.mp3", fixture("tone.mp3"), 0.6),
    ] {
        let bytes = fs::read(&from).unwrap();
        let path = dir.path().join(name);
        fs::write(&path, &bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
        match error_of(&path) {
            DecodeError::CutOff {
                read_seconds,
                expected_seconds,
                ..
            } => {
                let whole = if name == "half.wav" { 1.0 } else { 0.3 };
                assert!(
                    (expected_seconds - whole).abs() < 0.001,
                    "{name}: {expected_seconds}"
                );
                assert!(read_seconds < whole * 0.7, "{name}: {read_seconds}");
                assert!(
                    name == "half.flac" || read_seconds > whole * 0.3,
                    "{name}: {read_seconds}"
                );
            }
            other => panic!("{name}: {other:?}"),
        }
        assert!(
            load_mono(&path, 22_050, NoiseReduction::Off).is_err(),
            "no part passes for the whole: {name}"
        );
    }
}

#[test]
fn a_cut_off_container_is_called_damaged_or_cut_off() {
    let dir = tempfile::tempdir().unwrap();
    for (from, share) in [
        ("spoken.ogg", 0.5),
        ("tone.aiff", 0.5),
        ("tone.m4a", 0.7),
        ("tone_alac.m4a", 0.5),
    ] {
        let bytes = fs::read(fixture(from)).unwrap();
        let path = dir.path().join(from);
        fs::write(&path, &bytes[..(bytes.len() as f64 * share) as usize]).unwrap();
        let message = error_of(&path).to_string();
        assert!(message.contains("cut off"), "{message}");
    }
}

#[test]
fn a_sample_that_is_no_number_is_refused_with_its_position() {
    let dir = tempfile::tempdir().unwrap();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let path = dir.path().join("bad.wav");
        let mut writer = hound::WavWriter::create(&path, spec(2, 44_100, 32)).unwrap();
        for n in 0..44_100 {
            writer.write_sample(0.1_f32).unwrap();
            writer
                .write_sample(if n == 22_050 { bad } else { 0.1_f32 })
                .unwrap();
        }
        writer.finalize().unwrap();
        match error_of(&path) {
            DecodeError::NotFinite { seconds, .. } => {
                assert!((seconds - 0.5).abs() < 1e-9, "{seconds}")
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_broken_spot_in_an_mp3_does_not_end_it_and_keeps_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("scratched.mp3");
    let mut bytes = fs::read(fixture("tone.mp3")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 60].fill(0x55);
    fs::write(&path, &bytes).unwrap();
    let whole = decode(&fixture("tone.mp3")).unwrap();
    match decode(&path) {
        Ok(scratched) => {
            assert_eq!(scratched.mono.len(), whole.mono.len());
            assert!(scratched.skipped <= 3, "{}", scratched.skipped);
        }
        // A hit header takes its packet with it: then the length no longer fits, which is said.
        Err(DecodeError::CutOff { .. }) => {}
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn no_damage_makes_it_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("damaged");
    let mut state = 0x9e37_79b9_u32;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize
    };
    let names = [
        "tone.aiff",
        "tone.flac",
        "tone_alac.m4a",
        "tone.ogg",
        "tone.mp3",
        "tone_adpcm.wav",
        "tone.m4a",
        "tone.aac",
        "tone.opus",
    ];
    for name in names {
        let whole = fs::read(fixture(name)).unwrap();
        for round in 0..60 {
            let mut bytes = whole.clone();
            if round % 3 == 0 {
                bytes.truncate(random() % whole.len());
            } else {
                // The first bytes hold the structure: hit them more often.
                let reach = if round % 2 == 0 {
                    whole.len()
                } else {
                    whole.len().min(300)
                };
                for _ in 0..1 + round % 8 {
                    bytes[random() % reach] = random() as u8;
                }
            }
            fs::write(&path, &bytes).unwrap();
            let _ = decode(&path);
        }
    }
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
