//! Bad input: each kind is named in the output with what to do, the rest is scanned, and nothing panics.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;
use std::path::Path;

use support::{RATE_HZ, Room, network, sample_take, speech};
use undersong_core::model::onnx::Message;

/// A broken take beside a good one: it is named with its reason, the good one is in the table, the exit status is 1.
#[track_caller]
fn is_named_and_the_rest_is_scanned(room: &Room, broken: &Path, reasons: &[&str]) {
    room.wav("good.wav", &speech(0.0, 3.0));
    let name = broken.file_name().unwrap().to_string_lossy().into_owned();
    let run = room
        .scan([broken, &room.path("good.wav")])
        .ends_with_code(1);
    assert!(run.stdout.contains("good.wav"), "{}", run.stdout);
    assert!(!run.stdout.contains(&name), "{}", run.stdout);
    run.complains(&[&name]).complains(reasons);

    // Alone, it is named as well, and there is no empty table.
    let run = room
        .scan([broken])
        .ends_with_code(1)
        .complains(&[&name])
        .complains(reasons);
    assert_eq!(run.stdout, "");
}

fn write_float_wav(path: &Path, samples: impl IntoIterator<Item = f32>) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for sample in samples {
        writer.write_sample(sample).unwrap();
    }
    writer.finalize().unwrap();
}

#[test]
fn an_empty_file_is_named() {
    let room = Room::new();
    let file = room.path("empty.wav");
    fs::write(&file, b"").unwrap();
    is_named_and_the_rest_is_scanned(&room, &file, &["empty", "export or copy it again"]);
}

#[test]
fn a_take_without_samples_is_named() {
    let room = Room::new();
    let file = room.wav("nothing.wav", &[]);
    is_named_and_the_rest_is_scanned(
        &room,
        &file,
        &["no sound in it", "record or export it again"],
    );
}

#[test]
fn ten_milliseconds_of_sound_are_too_short() {
    let room = Room::new();
    let file = room.wav("short.wav", &speech(1.0, 0.01));
    is_named_and_the_rest_is_scanned(&room, &file, &["10 ms", "at least 100 ms", "right file"]);
}

#[test]
fn a_take_of_zeros_has_no_voice_and_is_no_error() {
    let room = Room::new();
    room.wav("zeros.wav", &vec![0.0; 4 * RATE_HZ as usize]);
    let run = room.scan(["zeros.wav"]).ends_with_code(0);
    assert!(run.stdout.contains("no voice"), "{}", run.stdout);

    let take = &room.scan(["zeros.wav", "--json", "-"]).json()["takes"][0];
    assert_eq!(take["summary"]["emotion"], serde_json::Value::Null);
    assert_eq!(take["summary"]["voiced_seconds"], 0.0);
}

#[test]
fn samples_that_are_no_numbers_are_named_with_their_place() {
    let room = Room::new();
    for (name, wrong) in [("nan.wav", f32::NAN), ("infinite.wav", f32::INFINITY)] {
        let mut sound = speech(0.0, 2.0);
        sound[RATE_HZ as usize] = wrong;
        let file = room.path(name);
        write_float_wav(&file, sound);
        is_named_and_the_rest_is_scanned(
            &room,
            &file,
            &["1.000 s", "is no sound (not a number", "re-export"],
        );
    }
}

#[test]
fn a_text_file_named_wav_is_no_sound() {
    let room = Room::new();
    let file = room.path("notes.wav");
    fs::write(&file, "Take 3 was the best one, I think.\n".repeat(50)).unwrap();
    is_named_and_the_rest_is_scanned(
        &room,
        &file,
        &["not a sound file", "expected WAV", "export"],
    );
}

#[test]
fn a_truncated_flac_is_cut_off() {
    let room = Room::new();
    let whole = fs::read(sample_take()).unwrap();
    let file = room.path("cut.flac");
    fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    is_named_and_the_rest_is_scanned(&room, &file, &["cut off", "copy"]);
}

#[test]
fn an_aiff_named_wav_is_scanned() {
    let room = Room::new();
    let sound = speech(0.0, 3.0);
    fs::write(room.path("really_aiff.wav"), aiff(&sound)).unwrap();
    room.wav("really_wav.wav", &sound);
    let run = room
        .scan(["really_aiff.wav", "really_wav.wav", "--json", "-"])
        .ends_with_code(0);
    let takes = &run.json()["takes"];
    assert_eq!(
        takes[0]["summary"], takes[1]["summary"],
        "the same sound in another wrapping"
    );
}

#[test]
fn eight_channels_at_192_khz_are_scanned() {
    let room = Room::new();
    let spec = hound::WavSpec {
        channels: 8,
        sample_rate: 192_000,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let sound = speech(0.0, 3.0);
    let mut writer = hound::WavWriter::create(room.path("studio.wav"), spec).unwrap();
    for frame in 0..3 * 192_000_u64 {
        let index = (frame * u64::from(RATE_HZ) / 192_000) as usize;
        for _ in 0..8 {
            writer
                .write_sample((sound[index] * 8_388_607.0) as i32)
                .unwrap();
        }
    }
    writer.finalize().unwrap();
    let run = room.scan(["studio.wav", "--json", "-"]).ends_with_code(0);
    let take = &run.json()["takes"][0];
    assert_eq!(take["seconds"], 3.0);
    assert!(take["summary"]["emotion"].is_string(), "{take}");
}

#[test]
fn a_folder_without_takes_says_what_was_looked_for() {
    let room = Room::new();
    fs::create_dir(room.path("texts")).unwrap();
    fs::write(room.path("texts/notes.txt"), "nothing").unwrap();
    let run = room
        .scan(["texts"])
        .ends_with_code(2)
        .complains(&["texts", "no takes", ".wav", ".flac", ".m4a"]);
    assert_eq!(run.stdout, "");

    // Beside a good take it is named, and the take is scanned.
    room.wav("good.wav", &speech(0.0, 3.0));
    let run = room
        .scan(["texts", "good.wav"])
        .ends_with_code(1)
        .complains(&["texts", "no takes"]);
    assert!(run.stdout.contains("good.wav"), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    let file = room.wav("locked.wav", &speech(0.0, 3.0));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&file).is_ok() {
        println!("skipped: this user may read every file (root), so no file is unreadable");
        return;
    }
    is_named_and_the_rest_is_scanned(&room, &file, &["not allowed to read", "permissions"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf_8_is_scanned_and_shown() {
    use std::os::unix::ffi::OsStrExt;
    let room = Room::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.wav");
    room.wav(name, &speech(0.0, 3.0));
    for argument in [name, std::ffi::OsStr::new(".")] {
        let run = room.scan([argument]).ends_with_code(0);
        assert!(run.stdout.contains("caf\u{FFFD}.wav"), "{}", run.stdout);
    }
    let run = room.scan([
        name,
        std::ffi::OsStr::new("--json"),
        std::ffi::OsStr::new("-"),
    ]);
    assert_eq!(run.json()["takes"][0]["path"], "caf\u{FFFD}.wav");

    // A broken one is named too, and labels get a name.
    fs::write(room.path(std::ffi::OsStr::from_bytes(b"\xff.wav")), b"").unwrap();
    room.scan([".", "--labels", "labels"])
        .ends_with_code(1)
        .complains(&["\u{FFFD}.wav", "empty"]);
    assert_eq!(fs::read_dir(room.path("labels")).unwrap().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_and_the_other_reports_are_written() {
    let room = Room::new();
    room.wav("good.wav", &speech(0.0, 3.0));
    for option in ["--html", "--json", "--csv"] {
        room.scan(["good.wav", option, "/dev/full", "--labels", "good.txt"])
            .ends_with_code(1)
            .complains(&["/dev/full", "disk is full", "free some space"]);
        assert!(
            room.path("good.txt").exists(),
            "the label file is written all the same"
        );
        fs::remove_file(room.path("good.txt")).unwrap();
    }
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = room.command();
    command
        .args([
            "scan",
            "--model",
            "model.onnx",
            "--engine",
            "builtin",
            "good.wav",
        ])
        .stdout(full);
    support::Run::of(&mut command)
        .ends_with_code(1)
        .complains(&["standard output", "No space left"]);
}

#[test]
fn a_model_of_another_kind_of_network_is_refused() {
    let room = Room::new();
    let take = room.wav("good.wav", &speech(0.0, 3.0));
    let model = room.path("other.onnx");
    fs::write(&model, network(130, 40, 4).encode_to_vec()).unwrap();
    for command in ["scan", "features", "model"] {
        let arguments = match command {
            "scan" => vec!["scan", "good.wav", "--model", "other.onnx"],
            "features" => vec![
                "features",
                "good.wav",
                "--model",
                "other.onnx",
                "--out",
                "x.npy",
            ],
            _ => vec!["model", "other.onnx"],
        };
        room.run(arguments).ends_with_code(2).complains(&[
            "other.onnx",
            "another kind of network",
            "made by undersong-trainer",
        ]);
    }
    let run = room.run(["scan", "good.wav", "--model", take.to_str().unwrap()]);
    run.ends_with_code(2)
        .complains(&["good.wav", "not an ONNX file"]);
    room.run(["scan", "good.wav", "--model", "missing.onnx"])
        .ends_with_code(2)
        .complains(&["missing.onnx", "no such model file"]);
}

/// An AIFF file, 16 bit mono.
fn aiff(sound: &[f32]) -> Vec<u8> {
    let data: Vec<u8> = sound
        .iter()
        .flat_map(|sample| ((sample * 32_767.0) as i16).to_be_bytes())
        .collect();
    // 22,050 Hz as an 80-bit extended number.
    let rate = [0x40, 0x0D, 0xAC, 0x44, 0, 0, 0, 0, 0, 0];
    let mut common = 1_u16.to_be_bytes().to_vec();
    common.extend((sound.len() as u32).to_be_bytes());
    common.extend(16_u16.to_be_bytes());
    common.extend(rate);
    let mut sound_chunk = vec![0; 8];
    sound_chunk.extend(data);
    let mut body = b"AIFF".to_vec();
    for (name, chunk) in [(b"COMM", common), (b"SSND", sound_chunk)] {
        body.extend(name);
        body.extend((chunk.len() as u32).to_be_bytes());
        body.extend(chunk);
    }
    let mut file = b"FORM".to_vec();
    file.extend((body.len() as u32).to_be_bytes());
    file.extend(body);
    file
}
