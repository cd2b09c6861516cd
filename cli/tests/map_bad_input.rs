//! Recordings that are not as one would wish: each odd thing is named, the rest goes on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod recording;
mod support;

use std::fs;

use recording::{Desk, samples, talk};
use support::sample_take;

#[test]
fn a_shorter_track_is_silent_after_its_end_and_that_is_said() {
    let desk = Desk::new();
    let [ann, ben] = talk(0.0);
    desk.wav("ann.wav", &[ann]);
    desk.wav("ben.wav", &[ben[..samples(9.0)].to_vec()]);
    let run = desk
        .map(["ann.wav", "ben.wav", "--json", "-"])
        .ends_with_code(0);
    let map = run.json();
    assert_eq!(map["seconds"], 20.0);
    assert_eq!(map["speakers"][1]["seconds"], 9.0);
    let names: Vec<String> = recording::turns(&map).into_iter().map(|it| it.0).collect();
    assert_eq!(names, ["ann", "ben", "ann"]);
    run.complains(&[
        "ben.wav",
        "11.0 s before the recording does",
        "ben is silent",
    ]);
}

#[test]
fn tracks_of_different_rates_and_formats_are_mapped_together() {
    let desk = Desk::new();
    let [ann, _] = talk(0.0);
    desk.wav("ann.wav", &[ann]);
    let flac = sample_take();
    let slow = desk.0.path("slow.wav");
    // Every other sample of Ann's, at half the rate: the same sound an octave's worth of samples poorer.
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 11_025,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&slow, spec).unwrap();
    for sample in talk(0.0)[1].iter().step_by(2) {
        writer.write_sample((sample * 32_767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
    let run = desk
        .map([
            "ann.wav".as_ref(),
            slow.as_os_str(),
            flac.as_os_str(),
            "--json".as_ref(),
            "-".as_ref(),
        ])
        .ends_with_code(0);
    let map = run.json();
    let ben: Vec<_> = recording::turns(&map)
        .into_iter()
        .filter(|it| it.0 == "slow")
        .collect();
    assert_eq!(ben.len(), 2, "{ben:?}");
    assert!((ben[0].1 - recording::BEN[0].0).abs() < 0.4, "{ben:?}");
    run.complains(&["different sample rates (11025, 22050 Hz)"]);
}

#[test]
fn a_mono_file_has_no_channels_to_split() {
    let desk = Desk::new();
    desk.wav("ann.wav", &talk(0.0)[..1]);
    desk.map(["ann.wav", "--channels", "split"])
        .ends_with_code(2)
        .complains(&[
            "--channels split",
            "ann.wav has one channel only",
            "leave the option out",
        ]);
}

#[test]
fn the_same_sound_in_both_channels_is_named() {
    let desk = Desk::new();
    let [ann, _] = talk(0.0);
    desk.wav("dual.wav", &[ann.clone(), ann]);
    desk.map(["dual.wav", "--channels", "split"])
        .ends_with_code(0)
        .complains(&["(channel 1) and dual.wav (channel 2) hold the same sound"]);
}

#[test]
fn a_broken_track_is_named_and_the_rest_is_mapped() {
    let desk = Desk::new();
    let [ann, ben] = talk(0.0);
    desk.wav("ann.wav", &[ann]);
    desk.wav("ben.wav", &[ben]);
    fs::write(desk.0.path("cem.wav"), b"RIFF").unwrap();
    let names = ["--names", "Ann,Cem,Ben"];
    for split in [&[][..], &["--channels", "split"]] {
        let run = desk
            .map(
                ["ann.wav", "cem.wav", "ben.wav", "--json", "-"]
                    .iter()
                    .chain(split)
                    .chain(&names),
            )
            .ends_with_code(1);
        let map = run.json();
        let failed = &map["failed"];
        assert_eq!(failed.as_array().unwrap().len(), 1, "{failed}");
        assert_eq!(map["speakers"].as_array().unwrap().len(), 2);
        assert_eq!(map["speakers"][1]["name"], "Ben");
        run.complains(&["cem.wav"]);
    }
    desk.map(["cem.wav"])
        .ends_with_code(1)
        .complains(&["cem.wav", "nothing to map"]);
    desk.map(["no-such.wav"])
        .ends_with_code(1)
        .complains(&["there is no such file"]);
}

#[test]
fn a_recording_without_any_voice_is_a_map_without_emotions() {
    let desk = Desk::new();
    desk.wav("hum.wav", &[recording::room_tone(70.0), vec![0.0; 100]]);
    let run = desk
        .map([
            "hum.wav",
            "--channels",
            "split",
            "--json",
            "m.json",
            "--csv",
            "m.csv",
            "--html",
            "m.html",
            "--srt",
            "m.srt",
            "--vtt",
            "m.vtt",
            "--textgrid",
            "m.TextGrid",
            "--chapters",
            "m.chapters.json",
            "--reaper",
            "m.rpp",
            "--labels",
            "labels",
            "--markers",
            "m.markers.csv",
            "--cues",
            "marked.wav",
        ])
        .ends_with_code(0)
        .complains(&["(channel 1): no voice", "(channel 2): no voice"]);
    assert!(run.stdout.contains("no voice"), "{}", run.stdout);
    let map: serde_json::Value = serde_json::from_str(&desk.0.read("m.json")).unwrap();
    assert_eq!(map["turns"].as_array().unwrap().len(), 0);
    assert_eq!(map["sections"].as_array().unwrap().len(), 1);
    assert_eq!(map["sections"][0]["title"], "no voice");
    assert_eq!(desk.0.read("m.srt"), "");
    assert!(desk.0.read("m.vtt").starts_with("WEBVTT\n"));
}

#[test]
fn no_file_is_written_over_a_track_or_twice() {
    let desk = Desk::new();
    desk.wav("ann.wav", &talk(0.0));
    let before = fs::read(desk.0.path("ann.wav")).unwrap();
    for option in ["--cues", "--json", "--reaper", "--labels", "--vtt"] {
        desk.map(["ann.wav", option, "./ann.wav"])
            .ends_with_code(2)
            .complains(&[option, "this is one of the takes"]);
    }
    // A folder for marked copies that is the tracks' own.
    desk.map(["ann.wav", "--cues", "."])
        .ends_with_code(2)
        .complains(&["this is one of the takes"]);
    desk.map(["ann.wav", "--srt", "a.txt", "--vtt", "a.txt"])
        .ends_with_code(2)
        .complains(&["another report goes to the same file"]);
    desk.map(["ann.wav", "--srt", "none/a.srt"])
        .ends_with_code(2)
        .complains(&["its folder does not exist"]);
    desk.map(["ann.wav", "--json", "-", "--csv", "-"])
        .ends_with_code(2)
        .complains(&["standard output carries one"]);
    // Nor one that cannot be read today.
    fs::write(desk.0.path("odd.wav"), b"RIFF of another kind").unwrap();
    for split in ["split", "mix"] {
        desk.map([
            "ann.wav",
            "odd.wav",
            "--channels",
            split,
            "--json",
            "odd.wav",
        ])
        .ends_with_code(2)
        .complains(&["this is one of the takes"]);
    }
    fs::create_dir(desk.0.path("labels")).unwrap();
    desk.map([
        "ann.wav",
        "--labels",
        "labels",
        "--csv",
        "labels/sections.labels.txt",
    ])
    .ends_with_code(2)
    .complains(&["another report goes to the same file"]);
    for option in ["--srt", "--markers", "--labels"] {
        desk.map(["ann.wav", option, "-"])
            .ends_with_code(2)
            .complains(&[option, "give its name"]);
    }
    assert_eq!(fs::read(desk.0.path("ann.wav")).unwrap(), before);
}

#[test]
fn names_stay_with_their_tracks_when_one_cannot_be_opened() {
    let desk = Desk::new();
    desk.wav("one.wav", &talk(0.0));
    desk.wav("three.wav", &talk(0.0));
    fs::write(desk.0.path("two.wav"), b"RIFF").unwrap();
    let files = ["one.wav", "two.wav", "three.wav", "--channels", "split"];
    let named = |names: &str| {
        let further = ["--names", names, "--json", "-", "--bleed", "off"];
        desk.map(files.iter().chain(&further))
    };
    let map = named("A1,A2,B1,B2,C1,C2").ends_with_code(1).json();
    let names: Vec<&str> = map["speakers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|speaker| speaker["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["A1", "A2", "C1", "C2"]);
    named("A1,A2,C1")
        .ends_with_code(2)
        .complains(&["which of 3 names", "two.wav"]);
}

#[test]
fn wrong_names_and_numbers_are_refused_with_what_was_expected() {
    let desk = Desk::new();
    desk.wav("talk.wav", &talk(0.0));
    for (arguments, parts) in [
        (
            &["talk.wav", "--channels", "split", "--names", "Ann"][..],
            &["--names has 1 name, for 2 speakers"][..],
        ),
        (
            &["talk.wav", "--channels", "split", "--names", "Ann,Ann"],
            &["Ann is there twice"],
        ),
        (
            &["talk.wav", "--channels", "split", "--names", "Ann,"],
            &["a name is empty"],
        ),
        (&["talk.wav", "talk.wav"], &["given twice"]),
        (
            &["talk.wav", "--bleed", "loud"],
            &["--bleed loud", "or off"],
        ),
        (
            &["talk.wav", "--min-section", "0"],
            &["expected seconds from 2"],
        ),
        (&["talk.wav", "--margin", "-1"], &["--margin"]),
        (&["talk.wav", "--change", "nan"], &["expected a number"]),
    ] {
        desk.map(arguments).ends_with_code(2).complains(parts);
    }
}
