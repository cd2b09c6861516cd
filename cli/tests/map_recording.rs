//! What a map says of a recording: who speaks when, crosstalk, sections, highlights, minutes, and that it is the same however it was made.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod recording;
mod support;

use std::fs;

use recording::{ANN, BEN, Desk, put, room_tone, talk, turns, two_moods};
use support::{Run, speech};

#[test]
fn each_channel_is_a_speaker_and_turns_say_who_speaks_when() {
    let desk = Desk::new();
    desk.wav("talk.wav", &talk(0.0));
    let map = desk.json(["talk.wav", "--channels", "split", "--names", "Ann,Ben"]);
    let turns = turns(&map);
    let said = [
        ("Ann", ANN[0]),
        ("Ben", BEN[0]),
        ("Ann", ANN[1]),
        ("Ben", BEN[1]),
    ];
    for ((who, (from, to)), (name, start, end)) in said.iter().zip(&turns) {
        assert_eq!(who, name, "{turns:?}");
        assert!(
            (start - from).abs() < 0.4 && (end - to).abs() < 0.6,
            "{turns:?}"
        );
    }
    assert_eq!(turns.len(), 4, "{turns:?}");
    assert_eq!(map["speakers"][0]["channel"], 1);
    assert_eq!(map["speakers"][1]["path"], "talk.wav");
}

#[test]
fn a_voice_that_bleeds_into_the_other_microphone_makes_no_speaker() {
    let desk = Desk::new();
    // 20 dB lower in the other microphone.
    desk.wav("talk.wav", &talk(0.1));
    let clean = desk.json(["talk.wav", "--channels", "split"]);
    let names: Vec<String> = turns(&clean).into_iter().map(|turn| turn.0).collect();
    assert_eq!(names, ["talk 1", "talk 2", "talk 1", "talk 2"]);
    for speaker in clean["speakers"].as_array().unwrap() {
        assert!(
            speaker["bleed_seconds"].as_f64().unwrap() > 3.0,
            "{}",
            speaker["bleed_seconds"]
        );
        // While the other speaks there is no voice of one's own, and so no emotion.
        let (from, to) = if speaker["name"] == "talk 1" {
            BEN[0]
        } else {
            ANN[1]
        };
        let windows = speaker["windows"].as_array().unwrap().iter();
        let there = windows.filter(|window| {
            let seconds = |key: &str| window[key].as_f64().unwrap();
            seconds("start_seconds") > from - 1.0 && seconds("end_seconds") < to + 1.0
        });
        assert!(there.clone().count() > 3);
        assert!(there.clone().all(|window| window["voiced"] == false));
    }
    let all = desk.json(["talk.wav", "--channels", "split", "--bleed", "off"]);
    assert!(turns(&all).len() > 4, "{:?}", turns(&all));
}

#[test]
fn a_microphone_that_nobody_talks_into_is_named() {
    let desk = Desk::new();
    let [ann, _] = talk(0.0);
    let mut bleeding = room_tone(20.0);
    put(&mut bleeding, 0.0, &ann, 0.1);
    desk.wav("talk.wav", &[ann, bleeding, vec![0.0; 2]]);
    let run = desk
        .map(["talk.wav", "--channels", "split", "--names", "Ann,Ben,Cem"])
        .ends_with_code(0);
    let run = run.complains(&[
        "(channel 2)",
        "so Ben does not speak",
        "(channel 3): no voice",
        "Cem",
    ]);
    assert!(
        run.stdout.contains("Ann") && run.stdout.contains("no voice"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_speakers_timeline_is_that_of_a_scan_of_the_channel_alone() {
    let desk = Desk::new();
    let channels = talk(0.0);
    desk.wav("talk.wav", &channels);
    desk.wav("ben.wav", &channels[1..]);
    let map = desk.json(["talk.wav", "--channels", "split"]);
    let scan = desk.0.scan(["ben.wav", "--json", "-"]).json();
    assert_eq!(map["speakers"][1]["windows"], scan["takes"][0]["windows"]);
    assert_eq!(map["speakers"][1]["summary"], scan["takes"][0]["summary"]);
}

#[test]
fn sections_begin_where_the_voice_changes_and_not_by_the_clock() {
    let desk = Desk::new();
    desk.wav("moods.wav", &[two_moods()]);
    let map = desk.heard(["moods.wav", "--min-section", "15"]);
    let sections = map["sections"].as_array().unwrap();
    assert_eq!(sections.len(), 2, "{sections:?}");
    let border = sections[1]["start_seconds"].as_f64().unwrap();
    assert!((border - 60.0).abs() < 4.0, "{border}");
    assert_eq!(sections[0]["end_seconds"], sections[1]["start_seconds"]);
    assert_eq!(sections[1]["end_seconds"], map["seconds"]);
    assert_ne!(sections[0]["scores"], sections[1]["scores"]);
    // No section is shorter than asked, even if that leaves none to cut.
    let whole = desk.heard(["moods.wav", "--min-section", "80"]);
    assert_eq!(whole["sections"].as_array().unwrap().len(), 1);
}

#[test]
fn minutes_tell_each_minute_and_each_speaker() {
    let desk = Desk::new();
    let sound = two_moods();
    desk.wav("moods.wav", &[sound[..recording::samples(100.0)].to_vec()]);
    let map = desk.json(["moods.wav"]);
    let minutes = map["minutes"].as_array().unwrap();
    let ends: Vec<_> = minutes
        .iter()
        .map(|it| it["end_seconds"].as_f64().unwrap())
        .collect();
    assert_eq!(ends, [60.0, 100.0]);
    for minute in minutes {
        assert_eq!(minute["all"]["scores"], minute["speakers"][0]["scores"]);
        assert!(minute["all"]["voiced_seconds"].as_f64().unwrap() > 20.0);
    }
}

#[test]
fn highlights_can_be_cut_out_where_nobody_speaks() {
    let desk = Desk::new();
    let mut sound = room_tone(90.0);
    for turn in 0..9_u32 {
        let start = [0.2, 3.0, 8.8][turn as usize % 3];
        put(
            &mut sound,
            10.0 * f64::from(turn) + 1.0,
            &speech(start, 2.2),
            1.0,
        );
        put(
            &mut sound,
            10.0 * f64::from(turn) + 5.0,
            &speech(start, 2.2),
            1.0,
        );
    }
    desk.wav("moods.wav", std::slice::from_ref(&sound));
    let map = desk.heard(["moods.wav", "--highlights", "3", "--margin", "0.5"]);
    let highlights = map["highlights"].as_array().unwrap();
    assert!(
        !highlights.is_empty() && highlights.len() <= 6,
        "{highlights:?}"
    );
    for highlight in highlights {
        let seconds = |key: &str| highlight[key].as_f64().unwrap();
        assert!(seconds("cut_start_seconds") <= seconds("start_seconds"));
        assert!(seconds("cut_end_seconds") >= seconds("end_seconds"));
        assert_eq!(highlight["cut"], "silence", "every word has a pause near");
        for at in ["cut_start_seconds", "cut_end_seconds"].map(seconds) {
            // 60 ms around the cut hold the room and no word.
            let around = recording::samples(at - 0.03)..recording::samples(at + 0.03);
            let loudest = sound.get(around).unwrap_or_default().iter();
            let loudest = loudest.fold(0.0_f32, |loudest, it| loudest.max(it.abs()));
            assert!(
                loudest < 0.01,
                "{highlight} cuts sound of {loudest} at {at}"
            );
        }
    }
    let none = desk.heard(["moods.wav", "--highlights", "0"]);
    assert!(none["highlights"].as_array().unwrap().is_empty());
}

#[test]
fn the_json_fits_its_schema() {
    let schema = fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/schema/map.schema.json"),
    )
    .unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let desk = Desk::new();
    desk.wav("talk.wav", &talk(0.1));
    desk.wav("moods.wav", &[two_moods()]);
    desk.wav("silent.wav", &[vec![0.0; 40_000]]);
    for arguments in [
        &["talk.wav", "--channels", "split"][..],
        &["moods.wav", "--min-section", "15"],
        &["silent.wav", "--bleed", "off"],
    ] {
        let map = desk.json(arguments);
        let errors: Vec<String> = schema.iter_errors(&map).map(|it| it.to_string()).collect();
        assert!(errors.is_empty(), "{arguments:?}: {errors:?}");
    }
}

#[test]
fn any_number_of_jobs_gives_the_same_bytes() {
    let desk = Desk::new();
    let [ann, ben] = talk(0.1);
    desk.wav("ann.wav", &[ann]);
    desk.wav("ben.wav", &[ben]);
    let all = |jobs: &str| {
        let table = desk
            .map(["ann.wav", "ben.wav", "--jobs", jobs])
            .ends_with_code(0);
        let files = [
            "m.json",
            "m.csv",
            "m.html",
            "m.rpp",
            "m.srt",
            "m.vtt",
            "m.TextGrid",
        ];
        desk.map([
            "ann.wav",
            "ben.wav",
            "--jobs",
            jobs,
            "--quiet",
            "--json",
            "m.json",
            "--csv",
            "m.csv",
            "--html",
            "m.html",
            "--reaper",
            "m.rpp",
            "--srt",
            "m.srt",
            "--vtt",
            "m.vtt",
            "--textgrid",
            "m.TextGrid",
        ])
        .ends_with_code(0);
        (table.stdout, files.map(|name| desk.0.read(name)))
    };
    assert_eq!(all("1"), all("3"));
}

#[test]
fn the_tables_show_speakers_sections_and_minutes() {
    let desk = Desk::new();
    desk.wav(
        "moods.wav",
        &[two_moods(), two_moods()[..1_000_000].to_vec()],
    );
    let run = desk
        .map([
            "moods.wav",
            "--channels",
            "split",
            "--names",
            "Ann,Ben",
            "--min-section",
            "15",
        ])
        .ends_with_code(0);
    for part in [
        "speaker",
        "Ann",
        "Ben",
        "section",
        "minute",
        "0:00.0",
        "1:00.0",
        "Ann and Ben",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    assert!(
        !run.stdout.contains('\x1b'),
        "no colours where there is no terminal"
    );
    let quiet = desk.map(["moods.wav", "--quiet"]).ends_with_code(0);
    assert_eq!(quiet.stdout, "");
}

/// A section that is the whole recording says what a scan of it says, to the last digit but one.
#[test]
fn a_section_of_all_is_what_a_scan_says() {
    let desk = Desk::new();
    // Pauses in which windows hear only the edges of voice.
    let mut sound = room_tone(24.0);
    for (at, from, seconds) in [
        (0.4, 0.2, 1.7),
        (4.0, 3.0, 2.2),
        (8.1, 6.0, 1.4),
        (15.0, 9.0, 3.0),
    ] {
        put(&mut sound, at, &speech(from, seconds), 1.0);
    }
    desk.wav("talk.wav", &[sound]);
    let map = desk.heard(["talk.wav", "--min-section", "3600"]);
    let scan = Run::of(
        desk.0
            .command()
            .args(["scan", "talk.wav", "--engine", "builtin", "--json", "-"]),
    )
    .ends_with_code(0)
    .json();
    let (section, summary) = (&map["sections"][0], &scan["takes"][0]["summary"]);
    assert_eq!(map["sections"].as_array().unwrap().len(), 1);
    assert_eq!(section["emotion"], summary["emotion"]);
    let scores = section["scores"].as_object().unwrap();
    assert_eq!(scores.len(), 8);
    for (name, score) in scores {
        let apart = score.as_f64().unwrap() - summary["scores"][name].as_f64().unwrap();
        assert!(apart.abs() < 2e-6, "{section}\n{summary}");
    }
}
