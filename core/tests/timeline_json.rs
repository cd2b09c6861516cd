//! `--json` is a contract: its schema, its order, its numbers.

#![allow(clippy::expect_used)] // In tests a panic is the message.

mod timeline_support;

use serde_json::{Value, json};
use timeline_support::{emotions, scan, take, text};
use undersong_core::delivery::{Clipping, Delivery, Loudness, Pauses, TakeDelivery, Technical};
use undersong_core::timeline::{Failure, Scan, json};

fn schema() -> jsonschema::Validator {
    let schema: Value =
        serde_json::from_str(include_str!("../schema/scan.schema.json")).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema of draft 2020-12");
    jsonschema::draft202012::new(&schema).expect("a schema that compiles")
}

fn value(scan: &Scan) -> Value {
    serde_json::from_str(&text(|out| json::write(scan, out))).expect("JSON")
}

fn valid(value: &Value) {
    let errors: Vec<String> = schema()
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// A take's delivery with a fault of each kind that goes together.
fn delivered() -> TakeDelivery {
    TakeDelivery {
        voice: Delivery {
            voiced_seconds: 1.0,
            level_db: Some(-41.234_56),
            pitch_hz: Some(118.0),
            ..Delivery::default()
        },
        loudness: Loudness {
            target_lufs: -16.0,
            integrated_lufs: Some(-40.5),
            ..Loudness::default()
        },
        pauses: Some(Pauses {
            count: 1,
            longest_seconds: 0.5,
            total_seconds: 0.5,
            span_seconds: 2.0,
        }),
        technical: Technical {
            sample_rate_hz: 48_000,
            channels: 2,
            clipping: Clipping {
                samples: 9,
                places: 2,
                first_seconds: Some(0.25),
                at_dbfs: Some(0.0),
            },
            noise_floor_db: Some(-50.0),
            snr_db: Some(8.8),
            ..Technical::default()
        },
    }
}

fn example() -> Scan {
    let emotions = emotions(&["neutral", "happy", "sad"]);
    let mut measured = take("measured.wav", &[&[0.1, 0.7, 0.2]], &emotions);
    measured.summary.delivery = Some(delivered());
    measured.windows[0].delivery = Some(Delivery {
        loudness_lufs: Some(-40.0),
        ..delivered().voice
    });
    scan(
        &emotions,
        vec![
            take(
                "a.wav",
                &[&[0.1, 0.7, 0.2], &[], &[0.3, 0.4, 0.3]],
                &emotions,
            ),
            take("quiet.wav", &[&[], &[]], &emotions),
            take("empty.wav", &[], &emotions),
            measured,
        ],
        vec![Failure {
            path: "b.wav".into(),
            error: "not sound".to_owned(),
        }],
    )
}

#[test]
fn a_scan_holds_to_the_schema() {
    valid(&value(&example()));
    valid(&value(&scan(&emotions(&["happy"]), vec![], vec![])));
}

#[test]
fn the_schema_refuses_what_is_not_a_scan() {
    let good = value(&example());
    let schema = schema();
    let wrong: [(&str, Value); 10] = [
        ("/version", json!(2)),
        ("/takes/0/windows/0/unsure", Value::Null),
        ("/takes/0/windows/0/scores", Value::Null),
        ("/takes/0/windows/1/voiced", json!(true)),
        ("/takes/0/windows/1/valence", json!(0.0)),
        ("/takes/0/summary/scores/happy", json!(1.5)),
        ("/takes/1/summary/emotion", json!("neutral")),
        ("/takes/3/summary/delivery/flags", Value::Null),
        ("/takes/3/summary/delivery/pauses/count", json!(0.5)),
        ("/takes/3/windows/0/delivery/pitch_hz", json!("high")),
    ];
    for (pointer, value) in wrong {
        let mut scan = good.clone();
        *scan.pointer_mut(pointer).expect(pointer) = value;
        assert!(!schema.is_valid(&scan), "{pointer} was let through");
    }
    for field in ["version", "model", "engine", "takes", "failed"] {
        let mut scan = good.clone();
        scan.as_object_mut().expect("an object").remove(field);
        assert!(!schema.is_valid(&scan), "{field} was not missed");
    }
}

#[test]
fn fields_are_those_of_the_contract() {
    let value = value(&example());
    assert_eq!(value["version"], 1);
    assert_eq!(value["model"]["labels"], json!(["neutral", "happy", "sad"]));
    assert_eq!(value["model"]["id"], "0123456789ab");
    let take = &value["takes"][0];
    assert_eq!(
        (&take["path"], &take["seconds"]),
        (&json!("a.wav"), &json!(3.0))
    );
    assert_eq!(take["summary"]["emotion"], "happy");
    assert_eq!(take["summary"]["voiced_seconds"], json!(1.0));
    let window = &take["windows"][0];
    assert_eq!(
        window["scores"],
        json!({"neutral": 0.1, "happy": 0.7, "sad": 0.2})
    );
    assert_eq!(
        (&window["voiced"], &window["unsure"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(take["windows"][2]["unsure"], true, "0.4 is below 0.5");
    assert_eq!(
        value["failed"],
        json!([{"path": "b.wav", "error": "not sound"}])
    );
}

#[test]
fn delivery_stands_beside_emotion_and_is_null_where_it_was_not_measured() {
    let value = value(&example());
    assert!(value["takes"][0]["summary"]["delivery"].is_null());
    assert!(value["takes"][0]["windows"][0]["delivery"].is_null());
    assert_eq!(
        value["takes"][3]["windows"][0]["delivery"],
        json!({
            "loudness_lufs": -40.0, "voiced_seconds": 1.0, "level_db": -41.235, "pitch_hz": 118.0, "melody_semitones": null,
            "syllables_per_second": null, "brightness_db": null,
        })
    );
    let delivery = &value["takes"][3]["summary"]["delivery"];
    assert_eq!(delivery["loudness"]["from_target_lu"], json!(-24.5));
    assert!(delivery["loudness"]["range_lu"].is_null());
    assert_eq!(delivery["pauses"]["share"], json!(0.25));
    assert_eq!(delivery["technical"]["clipped_at_seconds"], json!(0.25));
    let flags = delivery["flags"].as_array().expect("a list");
    let flag = |it: &Value| it["flag"].as_str().expect("a name").to_owned();
    assert_eq!(
        flags.iter().map(flag).collect::<Vec<_>>(),
        ["clipped", "noisy", "too_quiet"]
    );
    assert_eq!(
        flags[2]["reason"],
        "−40.5 LUFS, 24 LU below the target of −16 LUFS"
    );
}

#[test]
fn silence_is_null_and_unsure() {
    let value = value(&example());
    for reading in [
        &value["takes"][0]["windows"][1],
        &value["takes"][1]["summary"],
        &value["takes"][2]["summary"],
    ] {
        for field in ["scores", "valence", "arousal", "confidence"] {
            assert!(reading[field].is_null(), "{field} in {reading}");
        }
        assert_eq!(reading["unsure"], true);
    }
    assert_eq!(value["takes"][0]["windows"][1]["voiced"], false);
    assert!(value["takes"][1]["summary"]["emotion"].is_null());
}

#[test]
fn keys_stand_in_the_models_order_and_numbers_have_six_decimals() {
    let emotions = emotions(&["sad", "angry", "calm"]);
    let take = take("a.wav", &[&[1.0 / 3.0, 0.5, 1.0 / 6.0]], &emotions);
    let text = text(|out| json::write(&scan(&emotions, vec![take], vec![]), out));
    assert!(
        text.contains(r#""scores":{"sad":0.333333,"angry":0.5,"calm":0.166667},"valence":"#),
        "{text}"
    );
    assert!(!text.contains("-0.0,") && text.ends_with("}\n"));
}

#[test]
fn a_number_that_json_cannot_hold_is_an_error_not_a_null() {
    let emotions = emotions(&["sad", "angry"]);
    let mut take = take("a.wav", &[&[0.5, 0.5]], &emotions);
    if let Some(reading) = &mut take.windows[0].reading {
        reading.valence = f32::NAN;
    }
    let error = json::write(&scan(&emotions, vec![take], vec![]), std::io::sink()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert!(error.to_string().contains("NaN"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_path_that_is_not_utf_8_is_written_readably() {
    use std::os::unix::ffi::OsStrExt;
    let emotions = emotions(&["sad", "angry"]);
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(b"caf\xE9.wav"));
    let value = value(&scan(&emotions, vec![take(path, &[], &emotions)], vec![]));
    assert_eq!(value["takes"][0]["path"], "caf\u{FFFD}.wav");
    valid(&value);
}
