//! What is saved comes back exactly; what is not ours changes nothing.

#![allow(clippy::unwrap_used, unsafe_code)]

use proptest::prelude::*;
use serde_json::{Value, json};
use undersong_plugin::midi::Route;
use undersong_plugin::params::{Lane, ModelParam, OscTarget, UndersongParams};
use undersong_plugin::state::{StateError, Unknown, load, save};

/// Every value and field, to compare by.
fn all(params: &UndersongParams) -> Value {
    let bytes = save(params, &Unknown::default()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn set(params: &UndersongParams, normalised: &[f32]) {
    for (entry, value) in params.entries().into_iter().zip(normalised) {
        // SAFETY: `params` lives.
        unsafe {
            entry.ptr._internal_set_normalized_value(*value);
        }
    }
}

proptest! {
    #[test]
    fn every_value_comes_back_to_the_bit(values in prop::collection::vec(0.0_f32..=1.0, 64)) {
        let params = UndersongParams::default();
        set(&params, &values);
        let bytes = save(&params, &Unknown::default()).unwrap();
        let other = UndersongParams::default();
        load(&other, &bytes).unwrap();
        for (a, b) in params.entries().into_iter().zip(other.entries()) {
            // SAFETY: both live.
            let (a_value, b_value) = unsafe {
                (a.ptr.unmodulated_normalized_value(), b.ptr.unmodulated_normalized_value())
            };
            prop_assert_eq!(a_value.to_bits(), b_value.to_bits(), "{}", a.id);
        }
        prop_assert_eq!(save(&other, &Unknown::default()).unwrap(), bytes);
    }

    #[test]
    fn random_bytes_are_refused_and_change_nothing(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let params = UndersongParams::default();
        set(&params, &[0.7; 64]);
        let before = all(&params);
        prop_assert!(load(&params, &bytes).is_err());
        prop_assert_eq!(all(&params), before);
    }
}

#[test]
fn fields_come_back() {
    let params = UndersongParams::default();
    params.model_file.put("voices.onnx".to_owned());
    params.profile_file.put("anna.json".to_owned());
    params.osc_target.put(OscTarget {
        host: "studio.local".to_owned(),
        port: 6448,
        wekinator: true,
    });
    params
        .midi_map
        .set_route(Lane::Happy, Route::Controller(85));
    params.midi_map.set_route(Lane::Sad, Route::Off);
    let mut kept = params.editor.get();
    kept.insert("width".to_owned(), json!(900));
    params.editor.put(kept.clone());

    let other = UndersongParams::default();
    load(&other, &save(&params, &Unknown::default()).unwrap()).unwrap();
    assert_eq!(other.model_file.get(), "voices.onnx");
    assert_eq!(other.profile_file.get(), "anna.json");
    assert_eq!(other.osc_target.get(), params.osc_target.get());
    assert_eq!(other.midi_map.route(Lane::Happy), Route::Controller(85));
    assert_eq!(other.midi_map.route(Lane::Sad), Route::Off);
    assert_eq!(other.midi_map.route(Lane::Calm), Route::Follow);
    assert_eq!(other.editor.get(), kept);
}

#[test]
fn what_a_newer_version_saved_survives_being_loaded_and_saved_here() {
    let params = UndersongParams::default();
    let mut state = all(&params);
    state["params"]["hop"] = json!(100.0);
    state["params"]["dominance"] = json!(0.25);
    state["fields"]["palette"] = json!({"name": "dusk"});
    state["licence"] = json!("open");
    let unknown = load(&params, state.to_string().as_bytes()).unwrap();
    assert_eq!(params.input.listening.hop.value(), 100.0);
    let saved: Value = serde_json::from_slice(&save(&params, &unknown).unwrap()).unwrap();
    assert_eq!(saved["params"]["dominance"], json!(0.25));
    assert_eq!(saved["fields"]["palette"], json!({"name": "dusk"}));
    assert_eq!(saved["licence"], json!("open"));
}

#[test]
fn what_an_older_version_did_not_save_gets_its_default_whatever_was_set() {
    let params = UndersongParams::default();
    set(&params, &[1.0; 64]);
    params.model_file.put("old.onnx".to_owned());
    load(&params, br#"{"undersong_plugin":1,"params":{"hop":500.0}}"#).unwrap();
    assert_eq!(params.input.listening.hop.value(), 500.0);
    assert_eq!(params.input.model.value(), ModelParam::BuiltIn);
    assert_eq!(params.model_file.get(), "");
    assert!(!params.input.write.value());
}

#[test]
fn a_wrong_value_falls_back_alone() {
    let params = UndersongParams::default();
    let state = br#"{"undersong_plugin":1,"params":{"hop":"soon","smooth":1.5,"sens":1e300,"channel":99,"model":"cloud"},
        "fields":{"osc":17,"model_file":["x"]}}"#;
    let unknown = load(&params, state).unwrap();
    assert_eq!(params.input.listening.hop.value(), 250.0);
    assert_eq!(params.input.listening.smoothing.value(), 1.5);
    assert_eq!(params.input.listening.sensitivity.value(), 4.0);
    assert_eq!(params.input.midi.channel.value(), 16);
    assert_eq!(params.input.model.value(), ModelParam::BuiltIn);
    assert_eq!(params.osc_target.get(), OscTarget::default());
    save(&params, &unknown).unwrap();
}

#[test]
fn a_refusal_says_why() {
    let params = UndersongParams::default();
    let refused = |bytes: &[u8]| load(&params, bytes).unwrap_err();
    assert!(matches!(refused(b"{}"), StateError::NotOurs));
    assert!(matches!(refused(b"[1,2]"), StateError::NotJson(_)));
    assert!(matches!(
        refused(br#"{"undersong_plugin":1,"params":[]}"#),
        StateError::Part { part: "params" }
    ));
    let long = vec![b' '; undersong_plugin::state::MAX_BYTES + 1];
    assert!(matches!(refused(&long), StateError::TooLong { .. }));
    assert!(
        refused(b"{")
            .to_string()
            .contains("saved by another plugin")
    );
}
