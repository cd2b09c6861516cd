//! Whether explanations point at what an answer hangs on, measured on a voice with the shipped model.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod corpus_support;

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use undersong_core::audio::{NoiseReduction, load_mono};
use undersong_core::engine::EngineChoice;
use undersong_core::model::Model;
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_trainer::recipe::Recipe;
use undersong_trainer::why::{Answer, Why, answer};
use undersong_trainer::workbench::{Sources, Workbench};

const RATE_HZ: u32 = 16_000;

/// Two actors in RAVDESS's layout: one who speaks, one who is a tone.
fn workbench(folder: &Path) -> Workbench {
    let root = folder.join("ravdess");
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/fixtures/audio/spoken.ogg");
    let spoken = load_mono(&path, RATE_HZ, NoiseReduction::Off).unwrap();
    let samples = spoken[..RATE_HZ as usize * 3]
        .iter()
        .map(|sample| (sample * 32_767.0) as i16);
    corpus_support::write_wav(&root.join("Actor_01/03-01-01-01-01-01-01.wav"), samples);
    corpus_support::write_tone(
        &root.join("Actor_02/03-01-02-01-01-01-02.wav"),
        1_000.0,
        2.0,
        0.5,
    );
    let sources = Sources {
        ravdess: Some(root),
        cremad: None,
        cache: folder.join("cache"),
        jobs: 1,
    };
    let features = Recipe::load("undersong").unwrap().features;
    Workbench::open(&sources, &features, &mut corpus_support::quiet()).unwrap()
}

#[test]
fn what_an_explanation_names_first_costs_more_than_what_it_names_last() {
    let folder = tempfile::tempdir().unwrap();
    let workbench = workbench(folder.path());
    let options = ScanOptions {
        engine: EngineChoice::Builtin,
        jobs: 2,
        delivery: false,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&Model::builtin().unwrap(), options).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(0);
    let answers: Vec<Option<Answer>> = workbench
        .clips()
        .iter()
        .map(|clip| answer(&scanner, clip, &mut random).unwrap())
        .collect();
    let [Some(spoken), None] = answers.as_slice() else {
        panic!("one voice and one tone: {answers:?}");
    };
    let [
        whole,
        without_first,
        without_any,
        without_last,
        first_alone,
        any_alone,
        nothing,
    ] = spoken.scores;
    assert!(
        without_first < without_any && without_any < without_last,
        "{spoken:?}"
    );
    assert!(without_first < whole && first_alone > any_alone && first_alone > nothing);
    assert!(spoken.misses < 1e-9);
    assert!(spoken.agreement > 0.8);
    assert!((spoken.regions.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let why = Why {
        model: "a model".to_owned(),
        measured_on: "a voice".to_owned(),
        command: "a command".to_owned(),
        answers: vec![spoken.clone()],
        without_voice: 1,
    };
    let table = why.table();
    assert_eq!((table.section.as_str(), table.rows.len()), ("why", 7));
    assert!(
        table
            .rows
            .iter()
            .all(|row| row.len() == table.columns.len())
    );
    assert!(table.note.contains("1 clips of a voice"), "{}", table.note);
    assert_eq!(table.rows[0][1], format!("{:.1}\u{a0}%", whole * 100.0));
}
