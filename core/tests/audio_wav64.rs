//! RF64 and BW64 decode to what the same samples in a RIFF file give, whatever stands around them and however much of the length was told.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod audio_support;

use std::fs;
use std::path::{Path, PathBuf};

use audio_support::{Decoded, decode, spec, wav};
use undersong_core::audio::DecodeError;

const FRAMES: usize = 10_000;

/// A stereo file of [`FRAMES`] at 48 kHz and 24 bit; the bodies of its chunks `fmt ` and `data`.
fn parts(folder: &Path) -> (PathBuf, Vec<u8>, Vec<u8>) {
    let path = wav(folder, "riff.wav", spec(2, 48_000, 24), FRAMES);
    let bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|it| it == b"data").unwrap();
    let fmt_bytes = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
    (
        path,
        bytes[20..20 + fmt_bytes].to_vec(),
        bytes[at + 8..].to_vec(),
    )
}

/// A file with chunks around the samples, whose length `ds64` tells as `told`, or the chunk itself.
fn long_wav(form: &[u8; 4], fmt: &[u8], data: &[u8], told: Option<u64>) -> Vec<u8> {
    let mut file = form.to_vec();
    file.extend([0xFF; 4]);
    file.extend(b"WAVE");
    let mut chunk = |id: &[u8; 4], size: u32, body: &[u8]| {
        file.extend(id);
        file.extend(size.to_le_bytes());
        file.extend(body);
        file.extend(vec![0; body.len() % 2]);
    };
    let mut ds64 = 0_u64.to_le_bytes().to_vec();
    ds64.extend(told.unwrap_or(data.len() as u64).to_le_bytes());
    ds64.extend([0; 12]);
    chunk(b"ds64", 28, &ds64);
    chunk(b"bext", 603, &[b'b'; 603]);
    chunk(b"fmt ", fmt.len() as u32, fmt);
    // As many as a page of the reader's buffer and more.
    chunk(b"JUNK", 70_000, &[7; 70_000]);
    let size = told.map_or(data.len() as u32, |_| u32::MAX);
    chunk(b"data", size, data);
    chunk(b"LIST", 4_000, &[0x7F; 4_000]);
    file
}

fn decode_bytes(folder: &Path, bytes: &[u8]) -> Result<Decoded, DecodeError> {
    let path = folder.join("long.wav");
    fs::write(&path, bytes).unwrap();
    decode(&path)
}

#[test]
fn they_are_the_samples_of_riff_and_nothing_after_them() {
    let folder = tempfile::tempdir().unwrap();
    let (path, fmt, data) = parts(folder.path());
    let riff = decode(&path).unwrap();
    for form in [b"RF64", b"BW64"] {
        for told in [Some(data.len() as u64), None] {
            let file = long_wav(form, &fmt, &data, told);
            let long = decode_bytes(folder.path(), &file).unwrap();
            assert_eq!((long.rate_hz, long.channels), (48_000, 2));
            assert_eq!(long.duration_seconds, riff.duration_seconds);
            assert!(long.mono == riff.mono, "{form:?}, {told:?}");
        }
    }
}

#[test]
fn one_that_nobody_finished_is_read_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (path, fmt, data) = parts(folder.path());
    let riff = decode(&path).unwrap();
    for told in [0, u64::MAX] {
        let mut file = long_wav(b"RF64", &fmt, &data, Some(told));
        file.truncate(file.len() - 4_008);
        let long = decode_bytes(folder.path(), &file).unwrap();
        assert_eq!(long.duration_seconds, None);
        assert!(long.mono == riff.mono);
    }
}

#[test]
fn one_that_is_cut_off_says_so_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let (_, fmt, data) = parts(folder.path());
    for told in [data.len() as u64 + 288_000, 6 << 30] {
        let mut file = long_wav(b"RF64", &fmt, &data, Some(told));
        file.truncate(file.len() - 4_008);
        let refused = decode_bytes(folder.path(), &file).err().unwrap();
        assert!(
            matches!(refused, DecodeError::CutOff { .. }),
            "{told}: {refused}"
        );
    }
    for length in [12, 40, 60, 700] {
        let file = long_wav(b"RF64", &fmt, &data, Some(1));
        let refused = decode_bytes(folder.path(), &file[..length]).err().unwrap();
        assert!(
            refused.to_string().contains("long.wav"),
            "{length}: {refused}"
        );
    }
}
