//! What lies in `models` is what its documents say: each model has its card, `REPRODUCE.md` holds the hashes of both, and the recipe that its
//! commands name is the one that the model was made by.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

use std::path::{Path, PathBuf};

use undersong_core::model::Model;
use undersong_trainer::evaluate::Made;
use undersong_trainer::recipe::Recipe;

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../models")
}

/// Names of the shipped models, in their order.
fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(models())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "onnx"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// The entry of a model in `REPRODUCE.md`.
fn entry(name: &str) -> String {
    let document = std::fs::read_to_string(models().join("REPRODUCE.md")).unwrap();
    let begin = format!("<!-- begin {name} -->");
    let from = document
        .find(&begin)
        .unwrap_or_else(|| panic!("REPRODUCE.md has no entry of {name}"));
    let to = document.find(&format!("<!-- end {name} -->")).unwrap();
    document[from..to].to_owned()
}

#[test]
fn the_models_that_the_project_promises_are_there() {
    assert_eq!(names(), ["paper-8", "undersong-6", "undersong-8"]);
}

#[test]
fn each_model_and_its_card_are_those_whose_hashes_are_recorded() {
    for name in names() {
        let entry = entry(&name);
        for (what, ending) in [("the model file", "onnx"), ("its card", "md")] {
            let file = format!("{name}.{ending}");
            let made = Made::read(what, &models().join(&file), None).unwrap();
            let row = format!("| {what} | `models/{file}` | – | `{}` |", made.hash);
            assert!(entry.contains(&row), "{row}\n{entry}");
        }
    }
}

#[test]
fn each_model_says_its_name_and_was_made_by_the_recipe_that_its_commands_name() {
    for name in names() {
        let model = Model::open(models().join(format!("{name}.onnx"))).unwrap();
        let metadata = model.metadata();
        assert_eq!(metadata.name, name);
        let training = &metadata.training;
        assert_eq!(
            Recipe::load(&training.recipe).unwrap().to_toml().unwrap(),
            training.recipe_toml,
            "{name}"
        );
        let command = format!(
            "undersong-trainer train --recipe {} --protocol all --seed {} ",
            training.recipe, training.seed
        );
        assert!(entry(&name).contains(&command), "{command}");
        let card = std::fs::read_to_string(models().join(format!("{name}.md"))).unwrap();
        assert!(card.starts_with(&format!("# {name}\n")), "{name}");
        assert!(card.contains(&command), "{name}");
    }
}

#[test]
fn the_model_for_commercial_use_learned_from_nothing_that_forbids_it() {
    let model = Model::open(models().join("undersong-6.onnx")).unwrap();
    let corpora: Vec<&str> = (model.metadata().training.data.iter())
        .map(|data| data.corpus.as_str())
        .collect();
    assert_eq!(corpora, ["CREMA-D"]);
}
