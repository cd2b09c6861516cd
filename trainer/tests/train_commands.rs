//! What comes after a run, through the command: a model file with its card, figures, and wrong input refused by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod corpus_support;
mod run_support;

use run_support::{Place, RECIPE, fails, ok};
use undersong_core::model::Model;
use undersong_trainer::evaluate::Predictions;

#[test]
fn export_names_calibrates_and_writes_a_card() {
    let place = Place::new(1);
    ok(&mut place.train("all", &["--split", "all"]));
    ok(&mut place.train("held", &["--split", "speakers"]));
    let said = ok(&mut place.command(&[
        "export",
        "--run",
        "all",
        "--name",
        "tiny-8",
        "--speakers",
        "held",
        "--paper",
        "held",
        "--out",
        "tiny-8.onnx",
        "--card",
        "tiny-8.md",
        "--command",
        "make it again",
    ]));
    assert!(said.contains("tiny-8.onnx"), "{said}");
    let model = Model::open(place.path("tiny-8.onnx")).unwrap();
    assert_eq!(model.metadata().name, "tiny-8");
    assert!(!model.metadata().quality.is_empty());
    assert!(model.metadata().calibration.temperature > 0.0);
    let card = std::fs::read_to_string(place.path("tiny-8.md")).unwrap();
    for part in [
        "tiny-8",
        "make it again",
        "RAVDESS",
        "CREMA-D",
        "lie detector",
    ] {
        assert!(card.contains(part), "no {part} in the card");
    }
}

#[test]
fn figures_of_another_recipe_are_refused() {
    let place = Place::new(1);
    ok(&mut place.train("all", &["--split", "all"]));
    let recipe = RECIPE.replace("EPOCHS", "2");
    std::fs::write(place.path("tiny.toml"), recipe).unwrap();
    ok(&mut place.train("other", &["--split", "paper"]));
    let said = fails(&mut place.command(&[
        "export", "--run", "all", "--name", "x", "--paper", "other", "--out", "x.onnx",
    ]));
    assert!(said.contains("another recipe"), "{said}");
    assert!(!place.path("x.onnx").exists());
}

#[test]
fn evaluate_measures_a_model_file_as_a_scan_answers() {
    let place = Place::new(1);
    ok(&mut place.train("run", &["--split", "all"]));
    let said = ok(&mut place.command(&[
        "evaluate",
        "--model",
        "run/model.onnx",
        "--ravdess",
        "ravdess",
        "--engine",
        "builtin",
        "--json",
        "figures.json",
        "--html",
        "figures.html",
    ]));
    assert!(said.contains("built in"), "{said}");
    let figures: serde_json::Value =
        serde_json::from_slice(&std::fs::read(place.path("figures.json")).unwrap()).unwrap();
    assert_eq!(figures["overall"]["clips"], 32);
    assert!(place.path("figures.html").exists());
}

#[test]
fn wrong_input_is_named() {
    let place = Place::new(1);
    let said = fails(&mut place.command(&[
        "train",
        "--recipe",
        "papper",
        "--ravdess",
        "ravdess",
        "--out",
        "x",
    ]));
    assert!(
        said.contains("papper") && said.contains("paper, undersong"),
        "{said}"
    );
    let said = fails(&mut place.command(&[
        "train",
        "--recipe",
        "tiny.toml",
        "--ravdess",
        "nowhere",
        "--out",
        "x",
    ]));
    assert!(said.contains("nowhere"), "{said}");
    let said = fails(&mut place.command(&["train", "--recipe", "tiny.toml", "--out", "x"]));
    assert!(
        said.contains("--ravdess") || said.contains("--cremad"),
        "{said}"
    );
    std::fs::write(
        place.path("typo.toml"),
        RECIPE
            .replace("EPOCHS", "1")
            .replace("standardise", "standardize"),
    )
    .unwrap();
    let said = fails(&mut place.command(&[
        "train",
        "--recipe",
        "typo.toml",
        "--ravdess",
        "ravdess",
        "--out",
        "x",
    ]));
    assert!(
        said.contains("standardize") && said.contains("standardise"),
        "{said}"
    );
}

#[test]
fn several_networks_of_a_recipe_answer_with_their_mean() {
    let place = Place::new(1);
    let speakers = [
        ("ravdess", "01", 0),
        ("ravdess", "02", 1),
        ("cremad", "1001", 0),
    ]
    .into_iter()
    .chain([("cremad", "1002", 1), ("cremad", "1003", 1)]);
    let rows = speakers.map(|(corpus, speaker, fold)| format!("{corpus},{speaker},{fold}\n"));
    let folds = std::iter::once("corpus,speaker,fold\n".to_owned()).chain(rows);
    std::fs::write(place.path("folds.csv"), folds.collect::<String>()).unwrap();
    let held = ["--split", "speakers", "--folds", "folds.csv"];
    let first = std::fs::read_to_string(place.path("tiny.toml")).unwrap();
    let noise = "[augment_sound.noise]\nprobability = 1.0\nsnr_db = [0.0, 5.0]\n";
    ok(&mut place.train("a", &held));
    // The second network, as a run of its own.
    let start = first.find("[augment_sound]").unwrap();
    let end = first.find("[augment_features]").unwrap();
    let second = first.replace(&first[start..end], noise);
    let second = second.replace("epochs = 1\n", "epochs = 2\n");
    let shift = "probability = 0.9\nclips = [2, 2]\n";
    let second = second.replace("probability = 0.5\nclips = [1, 2]\n", shift);
    assert!(second.contains(shift));
    std::fs::write(place.path("tiny.toml"), second).unwrap();
    ok(&mut place.train("b", &[&held[..], &["--seed", "4294967296"]].concat()));
    let also = format!(
        "{first}[[also]]\nepochs = 2\n[also.speaker_profile]\n{shift}{}",
        noise.replace("[aug", "[also.aug")
    );
    std::fs::write(place.path("tiny.toml"), also).unwrap();
    let said = ok(&mut place.train("both", &held));
    assert!(said.contains("network 2 of 2"), "{said}");
    let answers = |run: &str| -> Predictions {
        let path = place.path(run).join("predictions.json");
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let (a, b, both) = (answers("a"), answers("b"), answers("both"));
    for ((a, b), both) in a.rows.iter().zip(&b.rows).zip(&both.rows) {
        for ((a, b), both) in a.logits.iter().zip(&b.logits).zip(&both.logits) {
            assert!(((a + b) / 2.0 - both).abs() < 1e-5);
        }
    }
    // It is exported like any other.
    ok(&mut place.command(&[
        "export",
        "--run",
        "both",
        "--name",
        "both-8",
        "--speakers",
        "both",
        "--out",
        "both.onnx",
    ]));
    let model = Model::open(place.path("both.onnx")).unwrap();
    assert_eq!(model.metadata().training.epochs, 3);
    assert!(model.metadata().training.recipe_toml.contains("[[also]]"));
    // Its graph answers as the run's networks did, but for the rounding of halved weights.
    let one = std::fs::metadata(place.path("a/model.onnx")).unwrap().len();
    assert!(model.bytes().len() as u64 > one);

    let wrong = format!("{first}[[also]]\nepochs = 0\n");
    std::fs::write(place.path("tiny.toml"), wrong).unwrap();
    let said = fails(&mut place.train("never", &held));
    assert!(
        said.contains("also, number 1") && said.contains("training.epochs = 0"),
        "{said}"
    );
}
