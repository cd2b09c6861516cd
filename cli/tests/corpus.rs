//! A folder of real takes: RAVDESS's first actor, where the corpora lie beside the repository.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::path::Path;

use support::Room;

#[test]
fn a_folder_of_ravdess_is_scanned_whole() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/ravdess/Actor_01");
    if !folder.is_dir() {
        println!("skipped: ../shared/data/ravdess/Actor_01 absent");
        return;
    }
    let room = Room::new();
    let arguments =
        ["--json", "-", "--hop", "1", "--html", "report.html"].map(std::ffi::OsStr::new);
    let run = room
        .scan([folder.as_os_str()].into_iter().chain(arguments))
        .ends_with_code(0);
    let scan = run.json();
    let takes = scan["takes"].as_array().unwrap();
    assert_eq!(takes.len(), 60);
    for take in takes {
        let summary = &take["summary"];
        assert!(
            (2.5..6.0).contains(&take["seconds"].as_f64().unwrap()),
            "{take}"
        );
        assert!(
            summary["voiced_seconds"].as_f64().unwrap() > 0.3,
            "{}: {summary}",
            take["path"]
        );
        let sum: f64 = summary["scores"]
            .as_object()
            .unwrap()
            .values()
            .filter_map(serde_json::Value::as_f64)
            .sum();
        assert!((sum - 1.0).abs() < 1e-4, "{summary}");
    }
    assert!(room.read("report.html").contains("03-01-01-01-01-01-01"));
}
