//! Opening model files: good ones say what they are, bad ones are refused with a reason.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod synthetic;

use proptest::prelude::*;
use synthetic::{SMALL, file, metadata, network};
use undersong_core::model::onnx::{Message, ModelProto, set_metadata, set_property};
use undersong_core::model::{
    FORMAT_VERSION, MAX_MODEL_BYTES, METADATA_KEY, Model, ModelError, ModelMetadata,
    VoiceTemperature,
};

const NAMES: [&str; 3] = ["neutral", "happy", "sad"];

fn refusal(bytes: &[u8]) -> ModelError {
    Model::from_bytes(bytes, "x.onnx").expect_err("this file must be refused")
}

/// The refusal of a model whose metadata was changed.
fn refusal_of(change: impl FnOnce(&mut ModelMetadata)) -> String {
    let mut changed = metadata(&NAMES);
    change(&mut changed);
    let sound = network(&SMALL, 130, 40, NAMES.len());
    let text = refusal(&set_metadata(&sound, &changed).unwrap()).to_string();
    assert!(text.starts_with("x.onnx: "), "{text}");
    text
}

#[test]
fn a_sound_file_says_what_it_is() {
    let bytes = file(&SMALL, &metadata(&NAMES));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.onnx");
    std::fs::write(&path, &bytes).unwrap();
    let model = Model::open(&path).unwrap();
    assert_eq!(model.metadata(), &metadata(&NAMES));
    assert_eq!(model.emotions().names().collect::<Vec<_>>(), NAMES);
    assert_eq!((model.frames(), model.coefficients()), (130, 40));
    assert_eq!(model.bytes(), bytes);
    assert_eq!(model.id().len(), 12);
    assert_eq!(model.id(), Model::from_bytes(bytes, "y").unwrap().id());
}

#[test]
fn changing_the_metadata_changes_the_id_and_nothing_else_of_the_network() {
    let first = file(&SMALL, &metadata(&NAMES));
    let mut changed = metadata(&NAMES);
    changed.calibration.temperature = 1.5;
    let second = set_metadata(&first, &changed).unwrap();
    let (a, b) = (
        Model::from_bytes(first.clone(), "a").unwrap(),
        Model::from_bytes(second.clone(), "b").unwrap(),
    );
    assert_ne!(a.id(), b.id());
    assert_eq!(b.metadata().calibration.temperature, 1.5);
    let graph = |bytes: &[u8]| ModelProto::decode(bytes).unwrap().graph;
    assert_eq!(graph(&first), graph(&second));
    // And back again, to the byte.
    assert_eq!(set_metadata(&second, &metadata(&NAMES)).unwrap(), first);
}

#[test]
fn other_entries_of_the_file_survive_a_change_of_metadata() {
    let bytes = set_property(&network(&SMALL, 130, 40, 3), "somebody", "else's").unwrap();
    let bytes = set_metadata(&bytes, &metadata(&NAMES)).unwrap();
    let entries = ModelProto::decode(bytes.as_slice()).unwrap().metadata_props;
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].value, "else's");
}

#[test]
fn each_kind_of_wrong_file_gets_its_own_word() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Model::open(folder.path().join("none.onnx")).unwrap_err();
    assert!(matches!(missing, ModelError::NotFound { .. }));
    assert!(missing.to_string().contains("none.onnx"));
    assert!(matches!(
        Model::open(folder.path()).unwrap_err(),
        ModelError::Folder { .. }
    ));
    assert!(matches!(refusal(&[]), ModelError::Empty { .. }));
    assert!(matches!(
        refusal(b"RIFF....WAVEfmt and so on"),
        ModelError::NotOnnx { .. }
    ));
    let sound = file(&SMALL, &metadata(&NAMES));
    for part in [2, 3, 10] {
        let cut = refusal(&sound[..sound.len() * (part - 1) / part]);
        assert!(matches!(cut, ModelError::CutOff { .. }), "{cut}");
    }
}

#[test]
fn a_huge_file_is_refused_without_reading_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.onnx");
    // Sparse: takes no room.
    std::fs::File::create(&path)
        .unwrap()
        .set_len(MAX_MODEL_BYTES + 1)
        .unwrap();
    let refused = Model::open(&path).unwrap_err();
    assert!(matches!(refused, ModelError::TooLarge { .. }), "{refused}");
}

#[test]
fn somebody_elses_network_is_described() {
    let text = refusal(&network(&SMALL, 130, 40, 3)).to_string();
    for part in [
        "another kind of network",
        "made by synthetic",
        "\"features\" [batch, 1, 130, 40]",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_newer_format_says_which_and_to_update_even_if_it_has_unknown_fields() {
    let json = r#"{"format_version": 7, "hologram": true}"#;
    let bytes = set_property(&network(&SMALL, 130, 40, 3), METADATA_KEY, json).unwrap();
    let text = refusal(&bytes).to_string();
    assert!(
        text.contains("version 7") && text.contains("Update"),
        "{text}"
    );
}

fn by_voice(entries: &[(f32, f32)]) -> Vec<VoiceTemperature> {
    let entry = |&(voiced_seconds, times): &(f32, f32)| VoiceTemperature {
        voiced_seconds,
        times,
    };
    entries.iter().map(entry).collect()
}

#[test]
fn a_file_of_version_1_knows_no_temperature_by_voice_and_one_of_version_2_keeps_it() {
    let mut changed = metadata(&NAMES);
    changed.format_version = 1;
    let sound = network(&SMALL, 130, 40, NAMES.len());
    let old = set_metadata(&sound, &changed).unwrap();
    let text = String::from_utf8_lossy(&old).into_owned();
    assert!(!text.contains("by_voice"), "an old program reads it too");
    let old = Model::from_bytes(old, "x.onnx").unwrap();
    assert!(old.metadata().calibration.by_voice.is_empty());
    changed.format_version = FORMAT_VERSION;
    changed.calibration.by_voice = by_voice(&[(0.5, 1.7), (2.0, 0.9)]);
    let new = Model::from_bytes(set_metadata(&sound, &changed).unwrap(), "x.onnx").unwrap();
    assert_eq!(new.metadata().calibration, changed.calibration);
    // What a model adds with little voice, every scan of it says.
    assert!(new.metadata().calibration.temperature_at(0.5) > 1.6);
}

#[test]
fn broken_metadata_is_named() {
    for json in [
        "",
        "{",
        "[]",
        r#"{"format_version": "one"}"#,
        r#"{"format_version": 1}"#,
    ] {
        let bytes = set_property(&network(&SMALL, 130, 40, 3), METADATA_KEY, json).unwrap();
        assert!(
            matches!(refusal(&bytes), ModelError::Metadata { .. }),
            "{json}"
        );
    }
}

#[test]
fn wrong_values_are_named_with_what_was_expected() {
    let emotion = |name: &str| undersong_core::model::Emotion {
        name: name.to_owned(),
        valence: 0.0,
        arousal: 0.0,
    };
    let set = |names: &[&str]| {
        undersong_core::model::EmotionSet::new(names.iter().map(|name| emotion(name)).collect())
    };
    for (text, words) in [
        (refusal_of(|m| m.emotions = set(&[])), "at least two"),
        (
            refusal_of(|m| m.emotions = set(&["a", "b", "a"])),
            "two emotions are named \"a\"",
        ),
        (
            refusal_of(|m| m.emotions = set(&["a", "b", "c=d"])),
            "emotion name \"c=d\"",
        ),
        (
            refusal_of(|m| m.calibration.temperature = 0.0),
            "temperature` is 0",
        ),
        (
            refusal_of(|m| m.calibration.by_voice = by_voice(&[(1.0, 1.2), (0.5, 1.5)])),
            "by_voice` has 0.5 seconds of voice after 1; expected",
        ),
        (
            refusal_of(|m| m.calibration.by_voice = by_voice(&[(1.0, 0.0)])),
            "multiplies the temperature by 0",
        ),
        (
            refusal_of(|m| m.calibration.unsure_below = 1.5),
            "unsure_below` is 1.5",
        ),
        (
            refusal_of(|m| m.calibration.priors = vec![0.5, 0.5]),
            "2 shares; expected 3",
        ),
        (
            refusal_of(|m| m.calibration.priors = vec![0.9, 0.9, 0.2]),
            "sums to 2.000",
        ),
        (
            refusal_of(|m| m.calibration.priors = vec![1.0, 0.0, 0.0]),
            "shares above 0",
        ),
        (refusal_of(|m| m.features.hop_samples = 0), "hop_samples"),
        (
            refusal_of(|m| m.features.span_samples = 512 * 150),
            "150 frames",
        ),
        (refusal_of(|m| m.emotions = set(&["a", "b"])), "expected 2"),
    ] {
        assert!(text.contains(words), "{text}\nshould contain {words:?}");
    }
}

#[test]
fn a_network_of_another_shape_is_refused_with_both_shapes() {
    let other = set_metadata(&network(&SMALL, 100, 40, 3), &metadata(&NAMES)).unwrap();
    let text = refusal(&other).to_string();
    assert!(
        text.contains("[batch, 1, 100, 40]") && text.contains("130 frames"),
        "{text}"
    );
    let other = set_metadata(&network(&SMALL, 130, 40, 5), &metadata(&NAMES)).unwrap();
    let text = refusal(&other).to_string();
    assert!(
        text.contains("[batch, 5]") && text.contains("3 classes"),
        "{text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_cut_anywhere_is_refused(share in 0.0f64..1.0) {
        let bytes = file(&SMALL, &metadata(&NAMES));
        let length = (share * bytes.len() as f64) as usize;
        prop_assert!(Model::from_bytes(&bytes[..length], "x").is_err());
    }

    #[test]
    fn flipped_bits_give_an_error_or_a_sound_model(flips in prop::collection::vec((0.0f64..1.0, 0u8..8), 1..20)) {
        let mut bytes = file(&SMALL, &metadata(&NAMES));
        // Most of the file is weights, where any bit is fine: aim at its head and tail, where the structure is.
        let length = bytes.len();
        for (place, bit) in flips {
            let index = (place * 4000.0) as usize;
            let index = if index < 2000 { index } else { length - (index - 1999) };
            bytes[index] ^= 1 << bit;
        }
        if let Ok(model) = Model::from_bytes(bytes, "x") {
            prop_assert!(model.emotions().len() >= 2);
            prop_assert!(model.window_len() > 0);
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Model::from_bytes(bytes, "x").is_err());
    }
}
