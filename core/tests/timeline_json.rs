//! `--json` is a contract: its schema, its order, its numbers.

#![allow(clippy::expect_used)] // In tests a panic is the message.

mod timeline_support;

use serde_json::{Value, json};
use timeline_support::{emotions, scan, take, text};
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

fn example() -> Scan {
    let emotions = emotions(&["neutral", "happy", "sad"]);
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
    let wrong: [(&str, Value); 7] = [
        ("/version", json!(2)),
        ("/takes/0/windows/0/unsure", Value::Null),
        ("/takes/0/windows/0/scores", Value::Null),
        ("/takes/0/windows/1/voiced", json!(true)),
        ("/takes/0/windows/1/valence", json!(0.0)),
        ("/takes/0/summary/scores/happy", json!(1.5)),
        ("/takes/1/summary/emotion", json!("neutral")),
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
