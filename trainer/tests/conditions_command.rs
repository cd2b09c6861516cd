//! A model measured as live hears it: the command, and what an export makes of its figures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test stops at what it did not expect, and says what it skips"
)]

mod corpus_support;
mod run_support;

use run_support::{Place, fails, ok};
use undersong_core::model::{Model, VoiceTemperature};
use undersong_trainer::conditions::Conditions;

#[test]
fn the_command_gives_the_same_figures_twice_and_clean_is_the_runs_own_test() {
    let place = Place::new(1);
    ok(&mut place.train("held", &["--split", "speakers"]));
    let measure = |json: &str, more: &[&str]| {
        let mut command = place.command(&[
            "conditions",
            "--run",
            "held",
            "--ravdess",
            "ravdess",
            "--cremad",
            "cremad",
            "--engine",
            "builtin",
            "--only",
            "white-10,heard-0.5s,babble-10",
            "--json",
            json,
        ]);
        command.args(more);
        ok(&mut command)
    };
    let said = measure("a.json", &["--table", "table.json"]);
    assert!(said.contains("white noise, 10 dB SNR"), "{said}");
    measure("b.json", &[]);
    measure("c.json", &["--seed", "1"]);
    let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
    let figures = |name: &str| Conditions::from_json(&read(name)).unwrap();
    let (a, b, c) = (figures("a.json"), figures("b.json"), figures("c.json"));
    assert_eq!(a.rows, b.rows);
    assert_eq!(a.rows[0], c.rows[0], "nothing is drawn for the clean row");
    let names: Vec<&str> = a.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["clean", "heard-0.5s", "white-10", "babble-10"]);
    assert!(!a.about.heard_in_training);
    assert_eq!(a.rows[0].parts[0].lost.uar, 0.0);
    let report: serde_json::Value = serde_json::from_str(&read("held/report.json")).unwrap();
    let own = report["overall"]["uar"].as_f64().unwrap();
    assert!((a.rows[0].parts[0].figures.uar - own).abs() < 1e-9);
    let table: serde_json::Value = serde_json::from_str(&read("table.json")).unwrap();
    assert_eq!(table["kind"], "table");
    let columns = table["columns"].as_array().unwrap().len();
    for row in table["rows"].as_array().unwrap() {
        assert_eq!(row.as_array().unwrap().len(), columns);
    }
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    let place = Place::new(1);
    ok(&mut place.train("held", &["--split", "speakers"]));
    ok(&mut place.train("all", &["--split", "all"]));
    let base = [
        "conditions",
        "--ravdess",
        "ravdess",
        "--cremad",
        "cremad",
        "--engine",
        "builtin",
    ];
    let command = |more: &[&str]| {
        let mut command = place.command(&base);
        command.args(more);
        command
    };
    let said = fails(&mut command(&["--run", "held", "--only", "with-10"]));
    assert!(
        said.contains("with-10") && said.contains("white-10"),
        "{said}"
    );
    let said = fails(&mut command(&["--run", "all"]));
    assert!(said.contains("no test part"), "{said}");
    let said = fails(&mut command(&["--run", "held", "--split", "paper"]));
    assert!(said.contains("--protocol goes with --model"), "{said}");
    let said = fails(&mut command(&["--run", "nowhere"]));
    assert!(said.contains("nowhere"), "{said}");
    // Without an encoder the others are measured, and the row says why not.
    let said = ok(command(&["--run", "held", "--only", "mp3-64,clipping"]).env("PATH", ""));
    assert!(
        said.contains("not measured: neither lame nor ffmpeg was found")
            && said.contains("clipped"),
        "{said}"
    );
    // Known voices are called so.
    let said = ok(&mut command(&[
        "--model",
        "all/model.onnx",
        "--only",
        "clipping",
    ]));
    assert!(said.contains("learned from these very speakers"), "{said}");
}

#[test]
fn export_takes_the_conditions_into_the_card_and_the_calibration_and_writes_how_to_make_it_again() {
    let place = Place::new(1);
    ok(&mut place.train("all", &["--split", "all"]));
    ok(&mut place.train("held", &["--split", "speakers"]));
    ok(&mut place.command(&[
        "conditions",
        "--run",
        "held",
        "--ravdess",
        "ravdess",
        "--cremad",
        "cremad",
        "--engine",
        "builtin",
        "--only",
        "clipping",
        "--json",
        "conditions.json",
    ]));
    let path = place.path("conditions.json");
    let mut json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert!(json["by_voice"].is_null(), "too few windows for a fit");
    let run_temperature = json["calibration"]["temperature"].as_f64().unwrap();
    json["by_voice"] = serde_json::json!({
        "by_voice": [{"voiced_seconds": 0.5, "times": 2.0}, {"voiced_seconds": 2.0, "times": 1.0}],
        "windows": 1000,
        "mended": [{"name": "clean", "ece_one_temperature": 0.1, "ece_by_voice": 0.05, "nll_one_temperature": 1.0, "nll_by_voice": 0.9}],
    });
    std::fs::write(&path, json.to_string()).unwrap();
    let export = |more: &[&str]| {
        let mut command = place.command(&[
            "export",
            "--run",
            "all",
            "--name",
            "tiny-8",
            "--speakers",
            "held",
            "--out",
            "tiny-8.onnx",
        ]);
        command.args(more);
        command
    };
    ok(&mut export(&[
        "--conditions",
        "conditions.json",
        "--card",
        "tiny-8.md",
        "--reproduce",
        "REPRODUCE.md",
        "--command",
        "train it",
    ]));
    let model = Model::open(place.path("tiny-8.onnx")).unwrap();
    let calibration = &model.metadata().calibration;
    let expected = 2.0 * run_temperature / f64::from(calibration.temperature);
    let [VoiceTemperature { times, .. }, _] = calibration.by_voice.as_slice() else {
        panic!("{calibration:?}");
    };
    assert!((f64::from(*times) - expected).abs() < 1e-3 * expected);
    assert!(
        (calibration.temperature_at(0.1) - 2.0 * run_temperature).abs() < 1e-3 * run_temperature
    );
    let card = std::fs::read_to_string(place.path("tiny-8.md")).unwrap();
    for part in [
        "clipped, 6 dB over full scale",
        "For whom it is worse",
        "How sure it is",
        "insurance",
        "Annex III",
        "confidence from",
    ] {
        assert!(card.contains(part), "no {part} in the card");
    }
    let again = std::fs::read_to_string(place.path("REPRODUCE.md")).unwrap();
    assert!(
        again.contains("train it") && again.contains("1 epoch in"),
        "{again}"
    );
    for file in [
        "all/model.onnx",
        "held/predictions.json",
        "conditions.json",
        "tiny-8.onnx",
        "tiny-8.md",
    ] {
        assert!(again.contains(file), "no {file}");
    }
    // Conditions of other networks say nothing of these.
    json["about"]["models"] = serde_json::json!(["0123456789ab"]);
    std::fs::write(&path, json.to_string()).unwrap();
    let said = fails(&mut export(&["--conditions", "conditions.json"]));
    assert!(said.contains("0123456789ab"), "{said}");
    std::fs::write(&path, "{}").unwrap();
    let said = fails(&mut export(&["--conditions", "conditions.json"]));
    assert!(
        said.contains("conditions.json") && said.contains("version"),
        "{said}"
    );
}
