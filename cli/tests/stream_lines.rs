//! `undersong stream`: sound in, lines out, whatever the sound and whoever reads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod streaming;
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use serde_json::Value;
use streaming::{Streamed, f32le, on_path, s16le, stream, streaming};
use support::{RATE_HZ, Room, Run, sample_take, speech};

#[test]
fn speech_gives_its_start_updates_every_hop_and_its_end() {
    let room = Room::new();
    let sound = [
        vec![0.0; RATE_HZ as usize],
        speech(0.0, 5.0),
        vec![0.0; 22_050],
    ]
    .concat();
    let run = stream(&room, ["--rate", "22050"], &s16le(&sound));
    assert_eq!(run.of_type("warning").len(), 0);
    let updates = run.of_type("emotion.update");
    assert_eq!(updates.len(), 28);
    for (index, update) in updates.iter().enumerate() {
        assert_eq!(update["audio_end_ms"], 250 * (index + 1));
    }
    let (start, end) = (
        &run.of_type("speech.start")[0],
        &run.of_type("emotion.final")[0],
    );
    assert_eq!(start["audio_start_ms"], end["audio_start_ms"]);
    assert!(start["scores"].is_null() && start["unsure"] == true);
    let names = ["neutral", "happy", "sad", "angry"];
    let scores = end["scores"].as_object().unwrap();
    assert!(scores.len() == 4 && names.iter().all(|name| scores.contains_key(*name)));
    assert!(names.contains(&end["label"].as_str().unwrap()));
    // Before anybody spoke there was no emotion.
    assert!(updates[0]["scores"].is_null() && updates[0]["voiced"] == false);
}

#[test]
fn a_line_comes_as_soon_as_its_sound_has() {
    let room = Room::new();
    let mut child = streaming(&room, ["--rate", "22050"]).spawn().unwrap();
    let mut sound = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let raw = s16le(&speech(0.0, 6.0));
    let mut seen = 0;
    for (count, piece) in (1..).zip(raw.chunks_exact(22_050 / 4 * 2)) {
        sound.write_all(piece).unwrap();
        // The window that ended 0.25 s ago needs no more sound. (Were it held back, this would wait for ever.)
        while seen + 1 < count {
            let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            seen += u64::from(event["type"] == "emotion.update");
        }
    }
    drop(sound);
    assert!(seen >= 20);
    assert!(lines.all(|line| line.is_ok()));
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_stream_of_a_take_has_the_scores_of_its_scan() {
    let room = Room::new();
    let take = room.wav("take.wav", &speech(0.0, 9.0));
    let scan = room
        .scan(["take.wav", "--quiet", "--json", "-"])
        .ends_with_code(0)
        .json();
    let windows = scan["takes"][0]["windows"].as_array().unwrap();
    // The file as it is, header and all: that says what it is.
    let mut command = streaming(&room, [] as [&str; 0]);
    command.stdin(fs::File::open(take).unwrap());
    let run = Streamed::of(&mut command);
    let updates = run.of_type("emotion.update");
    let whole = updates.iter().skip(11).collect::<Vec<_>>();
    assert!(whole.len() >= 24);
    for (update, window) in whole.iter().zip(windows) {
        let ms = |name: &str| (window[name].as_f64().unwrap() * 1000.0).round() as u64;
        assert_eq!(update["audio_start_ms"], ms("start_seconds"));
        assert_eq!(update["audio_end_ms"], ms("end_seconds"));
        assert_eq!(update["voiced"], window["voiced"]);
        for name in ["neutral", "happy", "sad", "angry"] {
            let (live, scan) = (&update["scores"][name], &window["scores"][name]);
            let far = live
                .as_f64()
                .zip(scan.as_f64())
                .map_or(0.0, |(a, b)| (a - b).abs());
            assert!(far <= 2e-5, "{name}: {live} and {scan}");
        }
        assert_eq!(update["unsure"], window["unsure"]);
    }
}

#[test]
fn every_format_channel_count_and_header_is_heard_alike() {
    let room = Room::new();
    let sound = speech(0.0, 4.0);
    let mono = stream(&room, ["--rate", "22050"], &s16le(&sound));
    let labels = |run: &Streamed| {
        let updates = run.of_type("emotion.update");
        updates
            .iter()
            .map(|it| it["label"].clone())
            .collect::<Vec<_>>()
    };
    assert!(labels(&mono).iter().any(Value::is_string));

    let floats = stream(
        &room,
        ["--rate", "22050", "--format", "f32le"],
        &f32le(&sound),
    );
    assert_eq!(labels(&floats), labels(&mono));
    let doubles = sound
        .iter()
        .flat_map(|&it| f64::from(it).to_le_bytes())
        .collect::<Vec<_>>();
    let doubles = stream(&room, ["--rate", "22050", "--format", "f64le"], &doubles);
    assert_eq!(labels(&doubles), labels(&mono));
    let whole = |bytes: usize| {
        let sample = |it: &f32| ((f64::from(*it) * 2_147_483_647.0) as i32).to_le_bytes();
        sound
            .iter()
            .flat_map(|it| sample(it)[4 - bytes..].to_vec())
            .collect::<Vec<_>>()
    };
    for (format, bytes) in [("s24le", 3), ("s32le", 4)] {
        let run = stream(
            &room,
            ["--rate", "22050", "--format", format],
            &whole(bytes),
        );
        assert_eq!(labels(&run), labels(&mono), "{format}");
    }
    let eight = sound
        .iter()
        .flat_map(|&sample| [sample; 8])
        .collect::<Vec<_>>();
    let eight = stream(
        &room,
        ["--rate", "22050", "--channels", "8"],
        &s16le(&eight),
    );
    assert_eq!(labels(&eight), labels(&mono));

    // A WAV file says itself what it is, and what stands after its sound is none; it may be said as well.
    let mut file = fs::read(room.wav("take.wav", &sound)).unwrap();
    file.extend(b"LIST\x40\0\0\0and so on".repeat(40));
    assert_eq!(
        labels(&stream(&room, [] as [&str; 0], &file)),
        labels(&mono)
    );
    assert_eq!(
        labels(&stream(&room, ["--rate", "22050"], &file)),
        labels(&mono)
    );
}

#[test]
fn what_is_wrong_with_the_sound_is_a_warning_and_the_rest_goes_on() {
    let room = Room::new();
    let mut sound = speech(0.0, 4.0);
    sound[30_000] = f32::NAN;
    let mut raw = f32le(&sound);
    raw.extend([1, 2, 3]);
    let run = stream(&room, ["--rate", "22050", "--format", "f32le"], &raw);
    let warnings = run.of_type("warning");
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert_eq!(
        (&warnings[0]["code"], &warnings[0]["count"]),
        (&"not_finite".into(), &1.into())
    );
    assert_eq!(
        (&warnings[1]["code"], &warnings[1]["count"]),
        (&"odd_bytes".into(), &3.into())
    );
    assert_eq!(run.of_type("emotion.update").len(), 16);
    assert!(!run.of_type("emotion.final").is_empty());
}

#[test]
fn sound_that_ends_within_a_word_has_the_end_of_its_speech() {
    let room = Room::new();
    let run = stream(&room, ["--rate", "22050"], &s16le(&speech(0.5, 1.5)));
    let last = run.of_type("emotion.final").pop().expect("an end");
    assert!(last["scores"].is_object(), "{last}");
    assert!(last["audio_end_ms"].as_u64().unwrap() <= 1_500, "{last}");
}

#[test]
fn a_slow_reader_loses_old_updates_alone_and_slows_nothing() {
    let room = Room::new();
    let sound = speech(0.0, 8.0).repeat(5);
    let raw = s16le(&sound);
    let arguments = ["--rate", "22050", "--hop", "0.02"];
    // Everything is taken although nobody reads, far more than a pipe holds.
    let mut child = streaming(&room, arguments).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&raw).unwrap();
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(child.wait().unwrap().success());
    let slow = Streamed::from_lines(&text);

    let dropped = slow.of_type("warning");
    assert!(!dropped.is_empty());
    assert!(
        dropped.iter().all(|it| it["code"] == "dropped_updates"),
        "{dropped:?}"
    );
    let count: u64 = dropped.iter().map(|it| it["count"].as_u64().unwrap()).sum();

    // One who waits for his reader loses nothing.
    let waiting = stream(&room, arguments.into_iter().chain(["--wait"]), &raw);
    assert_eq!(waiting.of_type("warning").len(), 0);
    let updates = waiting.of_type("emotion.update").len();
    assert_eq!(
        slow.of_type("emotion.update").len() as u64 + count,
        updates as u64
    );
    for name in ["speech.start", "emotion.final"] {
        assert_eq!(slow.of_type(name), waiting.of_type(name));
    }
}

#[test]
fn a_reader_who_has_enough_ends_it_quietly() {
    let room = Room::new();
    let mut child = streaming(&room, ["--rate", "22050"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut sound = child.stdin.take().unwrap();
    let mut first = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    sound.write_all(&s16le(&speech(0.0, 1.0))).unwrap();
    reader.read_line(&mut first).unwrap();
    assert!(first.starts_with('{'), "{first}");
    drop(reader);
    // As long as sound comes, it notices with the next update; the writer may see a broken pipe itself.
    let piece = s16le(&speech(0.0, 1.0));
    let sent = std::iter::repeat_with(|| sound.write_all(&piece)).take(10_000);
    assert!(sent.take_while(Result::is_ok).count() < 10_000);
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_the_speech_and_then_the_program() {
    let room = Room::new();
    let mut child = streaming(&room, ["--rate", "22050"]).spawn().unwrap();
    let mut sound = child.stdin.take().unwrap();
    sound.write_all(&s16le(&speech(0.5, 1.4))).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut read = Vec::new();
    while !read
        .last()
        .is_some_and(|line: &String| line.contains("\"audio_end_ms\":1250"))
    {
        read.push(lines.next().expect("more").unwrap());
    }
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    read.extend(lines.map(Result::unwrap));
    assert!(child.wait().unwrap().success());
    drop(sound);
    let run = Streamed::from_lines(&read.join("\n"));
    assert_eq!(
        run.of_type("speech.start").len(),
        run.of_type("emotion.final").len()
    );
    assert!(!run.of_type("emotion.final").is_empty());
}

#[test]
fn wrong_use_is_named_before_any_sound_is_taken() {
    let room = Room::new();
    let refused = |arguments: &[&str], parts: &[&str]| {
        let mut command = room.command();
        command.arg("stream").args(arguments).stdin(Stdio::null());
        let run = Run::of(&mut command).ends_with_code(2).complains(parts);
        assert_eq!(run.stdout, "");
    };
    refused(
        &["--format", "s16be"],
        &["--format", "s16be", "s16le", "f32le", "mulaw"],
    );
    refused(&["--rate", "0"], &["--rate 0", "8000 to 384000"]);
    refused(&["--rate", "-16000"], &["--rate -16000", "8000 to 384000"]);
    refused(&["--rate", "16k"], &["--rate 16k", "samples per second"]);
    refused(&["--channels", "9"], &["--channels 9", "1 to 8"]);
    refused(&["--channels", "0"], &["--channels 0", "1 to 8"]);
    refused(&["--channels", "two"], &["--channels two", "1 to 8"]);
    refused(&["--smoothing", "3"], &["--smoothing 3", "0 to 2"]);
    refused(&["--smoothing", "NaN"], &["--smoothing NaN"]);
    refused(&["--hop", "0"], &["--hop", "expected seconds"]);
    refused(&["--priors", "hungry=2"], &["--priors", "hungry"]);
    refused(&["--model", "missing.onnx"], &["missing.onnx"]);
    refused(&["--osc", "nowhere"], &["--osc nowhere", "1 to 65535"]);
    refused(
        &["--osc", "127.0.0.1:0"],
        &["--osc 127.0.0.1:0", "1 to 65535"],
    );
    refused(&["--osc-form", "wekinator"], &["--osc"]);
    refused(&["--tui"], &["--tui", "terminal"]);
    refused(
        &["--device", "x", "--rate", "16000"],
        &["--device", "--rate"],
    );
}

#[test]
fn what_is_not_samples_or_contradicts_its_header_is_named() {
    let room = Room::new();
    let refused = |arguments: &[&str], sound: &[u8], code: i32, parts: &[&str]| {
        Streamed::run(&room, arguments, sound)
            .ends_with_code(code)
            .complains(parts);
    };
    let flac = fs::read(sample_take()).unwrap();
    refused(&[], &flac, 2, &["standard input", "a FLAC file", "ffmpeg"]);
    let wav = fs::read(room.wav("take.wav", &speech(0.0, 1.0))).unwrap();
    refused(
        &["--rate", "16000"],
        &wav,
        2,
        &["--rate 16000", "22050", "leave --rate out"],
    );
    refused(
        &["--channels", "2"],
        &wav,
        2,
        &["--channels 2", "leave --channels out"],
    );
    refused(
        &["--format", "f32le"],
        &wav,
        2,
        &["--format f32le", "s16le"],
    );
    refused(&[], &[], 1, &["no sound came on standard input"]);
}

#[test]
fn microphones_and_midi_are_there_or_how_to_have_them_is_said() {
    let room = Room::new();
    for arguments in [
        ["--device", "no such microphone"].as_slice(),
        &["--midi", "no such port"],
        &["--list-devices"],
    ] {
        let mut command = room.command();
        let run = Run::of(command.arg("stream").args(arguments).stdin(Stdio::null()));
        if cfg!(not(feature = "devices")) {
            run.ends_with_code(2).complains(&[
                arguments[0],
                "--features devices",
                "libasound2-dev",
            ]);
        } else if arguments.len() == 1 {
            let run = run.ends_with_code(0);
            assert!(
                run.stdout.contains("microphones, for --device:"),
                "{}",
                run.stdout
            );
            assert!(
                run.stdout.contains("MIDI ports, for --midi:"),
                "{}",
                run.stdout
            );
        } else {
            // A machine without any says so, one with some names them.
            assert!((1..=2).contains(&run.code), "{}", run.code);
            run.complains(arguments);
        }
    }
}

#[test]
fn the_readmes_line_with_ffmpeg_works_as_it_stands() {
    if !on_path("ffmpeg") {
        streaming::skipped("ffmpeg is not installed");
        return;
    }
    let room = Room::new();
    fs::copy(sample_take(), room.path("call.mp3")).unwrap();
    let run = streaming::readme_line(&room, "ffmpeg -i call.mp3");
    assert!(!run.of_type("emotion.final").is_empty());
}

#[test]
#[cfg(unix)]
fn the_readmes_line_with_arecord_works_with_what_arecord_writes() {
    use std::os::unix::fs::PermissionsExt;
    let room = Room::new();
    // A stand-in that takes the line's arguments only, and gives what arecord gives without -t: WAV of a length that it does not know.
    let sound = streaming::resampled(&speech(0.0, 5.0), 16_000);
    let mut wav = b"RIFF\x24\xF0\xFF\x7FWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    wav.extend(16_000_u32.to_le_bytes());
    wav.extend(32_000_u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data\0\xF0\xFF\x7F");
    wav.extend(s16le(&sound));
    fs::write(room.path("sound.wav"), wav).unwrap();
    let script = "#!/bin/sh\n[ \"$*\" = '-f S16_LE -r 16000' ] || exit 2\nexec cat sound.wav\n";
    fs::write(room.path("arecord"), script).unwrap();
    fs::set_permissions(room.path("arecord"), fs::Permissions::from_mode(0o755)).unwrap();
    let run = streaming::readme_line(&room, "arecord -f S16_LE -r 16000");
    assert_eq!(run.of_type("emotion.update").len(), 20);
    assert!(!run.of_type("emotion.final").is_empty());
}
