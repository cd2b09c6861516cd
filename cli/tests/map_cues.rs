//! Markers inside a WAV file: a copy whose samples are the same to the bit, with what was in it kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod recording;
mod support;

use std::fs;
use std::path::Path;

use recording::{Desk, talk};
use support::RATE_HZ;
use undersong_core::timeline::exports::Cue;
use undersong_core::timeline::exports::wav::MarkedWav;

/// A WAV file by hand: float samples, an odd chunk, markers, and something after them.
fn odd(form: &[u8; 4], markers: bool) -> (Vec<u8>, Vec<u8>) {
    let samples = talk(0.0).concat();
    let data: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
    let mut body = b"WAVE".to_vec();
    let mut chunk = |id: &[u8; 4], size: Option<u32>, bytes: &[u8]| {
        body.extend(id);
        body.extend(size.unwrap_or(bytes.len() as u32).to_le_bytes());
        body.extend(bytes);
        body.extend(vec![0; bytes.len() % 2]);
    };
    let long = form != b"RIFF";
    if long {
        let mut ds64 = vec![0; 8];
        ds64.extend((data.len() as u64).to_le_bytes());
        ds64.extend((samples.len() as u64).to_le_bytes());
        ds64.extend([0; 4]);
        chunk(b"ds64", None, &ds64);
    }
    let mut fmt = 3_u16.to_le_bytes().to_vec();
    fmt.extend(1_u16.to_le_bytes());
    fmt.extend(RATE_HZ.to_le_bytes());
    fmt.extend((RATE_HZ * 4).to_le_bytes());
    fmt.extend(4_u16.to_le_bytes());
    fmt.extend(32_u16.to_le_bytes());
    chunk(b"fmt ", None, &fmt);
    chunk(b"bext", None, b"odd");
    chunk(b"data", long.then_some(u32::MAX), &data);
    if markers {
        let mut cue = 1_u32.to_le_bytes().to_vec();
        cue.extend(7_u32.to_le_bytes());
        cue.extend(4_410_u32.to_le_bytes());
        cue.extend(b"data");
        cue.extend([0; 8]);
        cue.extend(4_410_u32.to_le_bytes());
        chunk(b"cue ", None, &cue);
        let mut adtl = b"adtllabl".to_vec();
        adtl.extend(8_u32.to_le_bytes());
        adtl.extend(7_u32.to_le_bytes());
        adtl.extend(b"old\0");
        chunk(b"LIST", None, &adtl);
        let mut info = b"INFOINAM".to_vec();
        info.extend(4_u32.to_le_bytes());
        info.extend(b"me!\0");
        chunk(b"LIST", None, &info);
    }
    let mut file = form.to_vec();
    let size = if long { u32::MAX } else { body.len() as u32 };
    file.extend(size.to_le_bytes());
    file.extend(body);
    (file, data)
}

/// A file's chunks, as `(id, body)`; sizes of `data` in RF64 come from `ds64`.
fn chunks(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap());
    let (mut at, mut data_bytes) = (12, 0);
    let mut chunks = Vec::new();
    while at < file.len() {
        let id = String::from_utf8(file[at..at + 4].to_vec()).unwrap();
        let mut size = number(at + 4) as usize;
        if id == "ds64" {
            data_bytes = u64::from_le_bytes(file[at + 16..at + 24].try_into().unwrap()) as usize;
            let riff = u64::from_le_bytes(file[at + 8..at + 16].try_into().unwrap()) as usize;
            assert_eq!(riff, file.len() - 8, "ds64 says how long the file is");
        }
        if size == u32::MAX as usize {
            size = data_bytes;
        }
        chunks.push((id, file[at + 8..at + 8 + size].to_vec()));
        at += 8 + size + size % 2;
    }
    assert_eq!(at, file.len(), "the chunks fill the file");
    chunks
}

fn body<'a>(chunks: &'a [(String, Vec<u8>)], id: &str) -> &'a [u8] {
    &chunks
        .iter()
        .find(|chunk| chunk.0 == id)
        .unwrap_or_else(|| panic!("no {id}"))
        .1
}

#[test]
fn samples_and_all_that_was_there_stay_as_they_are() {
    for form in [b"RIFF", b"RF64", b"BW64"] {
        let desk = Desk::new();
        let (file, data) = odd(form, true);
        let talk = desk.0.path("talk.wav");
        fs::write(&talk, &file).unwrap();
        desk.map(["talk.wav", "--cues", "marked.wav", "--quiet"])
            .ends_with_code(0);
        assert_eq!(
            fs::read(&talk).unwrap(),
            file,
            "the recording itself is untouched"
        );
        let marked = fs::read(desk.0.path("marked.wav")).unwrap();
        assert_eq!(&marked[..4], form);
        if form == b"RIFF" {
            assert_eq!(
                u32::from_le_bytes(marked[4..8].try_into().unwrap()) as usize,
                marked.len() - 8
            );
        }
        let chunks = chunks(&marked);
        assert_eq!(body(&chunks, "data"), data);
        assert_eq!(body(&chunks, "bext"), b"odd");
        assert!(
            chunks
                .iter()
                .any(|(id, body)| id == "LIST" && body.starts_with(b"INFOINAM"))
        );
        assert_eq!(chunks.iter().filter(|(id, _)| id == "cue ").count(), 1);
        let cue = body(&chunks, "cue ");
        let points: Vec<&[u8]> = cue[4..].chunks(24).collect();
        assert_eq!(
            u32::from_le_bytes(cue[..4].try_into().unwrap()) as usize,
            points.len()
        );
        let number =
            |point: &[u8], at: usize| u32::from_le_bytes(point[at..at + 4].try_into().unwrap());
        assert_eq!(
            (number(points[0], 0), number(points[0], 20)),
            (7, 4_410),
            "the old one"
        );
        let ids: Vec<u32> = points.iter().map(|point| number(point, 0)).collect();
        assert!(
            ids.windows(2).all(|pair| pair[0] < pair[1]) && ids.len() > 1,
            "{ids:?}"
        );
        let adtl = chunks
            .iter()
            .find(|(id, body)| id == "LIST" && body.starts_with(b"adtl"))
            .unwrap();
        let text = String::from_utf8_lossy(&adtl.1).into_owned();
        assert!(text.contains("old\0"), "{text}");
    }
}

#[test]
fn times_of_markers_are_those_of_the_map() {
    let desk = Desk::new();
    fs::write(desk.0.path("talk.wav"), odd(b"RIFF", false).0).unwrap();
    desk.map([
        "talk.wav",
        "--cues",
        "marked.wav",
        "--json",
        "m.json",
        "--quiet",
    ])
    .ends_with_code(0);
    let map: serde_json::Value = serde_json::from_str(&desk.0.read("m.json")).unwrap();
    let starts = |list: &str, key: &str| -> Vec<f64> {
        map[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it[key].as_f64().unwrap())
            .collect()
    };
    let mut wanted = starts("sections", "start_seconds");
    wanted.extend(starts("highlights", "cut_start_seconds"));
    wanted.sort_by(f64::total_cmp);
    let marked = fs::read(desk.0.path("marked.wav")).unwrap();
    let chunks = chunks(&marked);
    let found: Vec<f64> = body(&chunks, "cue ")[4..]
        .chunks(24)
        .map(|point| {
            f64::from(u32::from_le_bytes(point[20..24].try_into().unwrap())) / f64::from(RATE_HZ)
        })
        .collect();
    assert_eq!(found.len(), wanted.len());
    assert!(
        found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-4),
        "{found:?} {wanted:?}"
    );
}

#[test]
fn what_is_no_wav_file_is_named_and_everything_else_is_written() {
    let desk = Desk::new();
    fs::copy(support::sample_take(), desk.0.path("take.flac")).unwrap();
    desk.wav("ann.wav", &talk(0.0)[..1]);
    let run = desk
        .map([
            "take.flac",
            "ann.wav",
            "--cues",
            "marked",
            "--vtt",
            "m.vtt",
            "--quiet",
        ])
        .ends_with_code(1)
        .complains(&["take.flac", "WAV files only", "export the track as WAV"]);
    assert!(!run.stderr.contains("ann.wav:  markers"));
    assert!(desk.0.path("m.vtt").exists() && desk.0.path("marked/ann.wav").exists());
    assert!(!desk.0.path("marked/take.flac").exists());
}

#[test]
fn a_marked_copy_can_be_marked_again() {
    let desk = Desk::new();
    desk.wav("ann.wav", &talk(0.0)[..1]);
    desk.map(["ann.wav", "--cues", "once.wav", "--quiet"])
        .ends_with_code(0);
    desk.map(["once.wav", "--cues", "twice.wav", "--quiet"])
        .ends_with_code(0);
    let count = |name: &str| {
        let file = fs::read(desk.0.path(name)).unwrap();
        u32::from_le_bytes(body(&chunks(&file), "cue ")[..4].try_into().unwrap())
    };
    assert_eq!(count("twice.wav"), 2 * count("once.wav"));
}

/// A WAV file's markers: where they stand, in samples.
fn marked_at(file: &[u8]) -> Vec<u32> {
    let chunks = chunks(file);
    let points = body(&chunks, "cue ")[4..].chunks(24);
    points
        .map(|point| u32::from_le_bytes(point[20..24].try_into().unwrap()))
        .collect()
}

fn cue(start_seconds: f64) -> Cue {
    Cue {
        start_seconds,
        end_seconds: start_seconds + 0.05,
        text: "here".to_owned(),
        speaker: None,
        colour: None,
    }
}

fn marked(path: &Path, cues: &[Cue]) -> Vec<u8> {
    let mut copy = Vec::new();
    MarkedWav::new(path, cues)
        .unwrap()
        .write(&mut copy)
        .unwrap();
    copy
}

#[test]
fn packed_samples_are_counted_as_samples() {
    let adpcm =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/audio/tone_adpcm.wav");
    let copy = marked(&adpcm, &[cue(0.1), cue(0.2)]);
    assert_eq!(marked_at(&copy), [4_410, 8_820]);
}

#[test]
fn a_shorter_track_is_marked_up_to_its_end() {
    let desk = Desk::new();
    let path = desk.wav("short.wav", &[talk(0.0)[0][..RATE_HZ as usize].to_vec()]);
    let copy = marked(&path, &[cue(0.5), cue(1.0), cue(55.0)]);
    assert_eq!(marked_at(&copy), [RATE_HZ / 2]);
}

#[test]
fn what_is_no_marker_becomes_none_and_what_hangs_on_behind_is_kept() {
    let desk = Desk::new();
    let (mut file, _) = odd(b"RIFF", true);
    // Room for more markers than there are: the chunk grows by two points, whose number it does not tell.
    let at = file.windows(4).position(|it| it == b"cue ").unwrap();
    file[at + 4..at + 8].copy_from_slice(&(28_u32 + 48).to_le_bytes());
    file.splice(at + 8 + 28..at + 8 + 28, [0; 48]);
    let size = file.len() as u32 - 8;
    file[4..8].copy_from_slice(&size.to_le_bytes());
    let tag = [&b"TAGI"[..], &[b'x'; 124]].concat();
    file.extend(&tag);
    let path = desk.0.path("slots.wav");
    fs::write(&path, &file).unwrap();
    let copy = marked(&path, &[cue(0.5)]);
    assert!(copy.ends_with(&tag));
    assert_eq!(
        marked_at(&copy[..copy.len() - tag.len()]),
        [4_410, RATE_HZ / 2]
    );
}

#[test]
fn what_cannot_be_marked_is_refused_before_it_is_listened_to() {
    let desk = Desk::new();
    fs::copy(support::sample_take(), desk.0.path("take.flac")).unwrap();
    desk.map(["take.flac", "--cues", "marked.wav"])
        .ends_with_code(2)
        .complains(&["--cues", "WAV files only"]);
}
