//! What the decoder says of files that are broken, cut off, or no sound at all: a sentence that names the file and helps.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod audio_support;

use std::fs;
use std::path::Path;

use audio_support::{decode, fixture, spec, wav};
use undersong_core::audio::{DecodeError, NoiseReduction, load_mono};

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
