//! `undersong library export`: tables that pandas, pyarrow and DuckDB read, with the numbers of a scan.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::{RATE_HZ, Room, speech};

fn filled() -> Room {
    let room = Room::new();
    for index in 0..3 {
        room.wav(
            format!("takes/{index}.wav"),
            &speech(3.0 * f64::from(index), 3.5),
        );
    }
    room.wav("takes/silent.wav", &vec![0.0; 3 * RATE_HZ as usize]);
    room.wav("takes/gone.wav", &speech(9.0, 2.0));
    fs::copy(room.path("takes/0.wav"), room.path("takes/copy of 0.wav")).unwrap();
    room.library("add", ["takes"]).ends_with_code(0);
    room.library(
        "mark",
        [
            "takes/1.wav",
            "--as",
            "chosen",
            "--stars",
            "3",
            "--note",
            "Zeile, \"drei\"\nund vier",
        ],
    )
    .ends_with_code(0);
    fs::remove_file(room.path("takes/gone.wav")).unwrap();
    room.library("update", ["takes"]).ends_with_code(0);
    room
}

/// Reads the Parquet files with every reader; prints both tables as JSON.
const READERS: &str = r#"
import json, sys
import duckdb, pandas, pyarrow.parquet as pq
tables = {}
for name in ("takes", "windows"):
    file = name + ".parquet"
    frame = pandas.read_parquet(file, engine="pyarrow")
    arrow = pq.read_table(file)
    parquet = pq.ParquetFile(file)
    assert parquet.metadata.created_by.startswith("undersong"), parquet.metadata.created_by
    assert all(parquet.metadata.row_group(0).column(i).compression == "SNAPPY" for i in range(parquet.metadata.num_columns))
    duck = duckdb.sql(f"select * from '{file}'").fetchall()
    assert [list(row) for row in duck] == [list(row.values()) for row in arrow.to_pylist()]
    assert len(frame) == arrow.num_rows == len(duck)
    assert str(frame["path"].dtype) in ("object", "str", "string"), frame["path"].dtype
    assert frame["unsure"].dtype == bool and frame["valence"].dtype == float
    tables[name] = arrow.to_pylist()
joined = duckdb.sql("""select t.path, count(*), max(w.end_seconds) from 'takes.parquet' t
    join 'windows.parquet' w using (take) where not t.missing group by t.path order by t.path""").fetchall()
print(json.dumps({**tables, "joined": joined}))
"#;

#[test]
fn parquet_is_read_by_pandas_pyarrow_and_duckdb() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = std::env::var_os("UNDERSONG_PYTHON")
        .map_or_else(|| workspace.join(".venv/bin/python"), PathBuf::from);
    let known = Command::new(&python)
        .args(["-c", "import duckdb, pandas, pyarrow"])
        .output();
    if !known.is_ok_and(|output| output.status.success()) {
        println!(
            "skipped: no Python with duckdb, pandas and pyarrow (tests/requirements.txt) in .venv or UNDERSONG_PYTHON"
        );
        return;
    }
    let room = filled();
    room.library("export", ["takes.parquet", "--windows", "windows.parquet"])
        .ends_with_code(0);
    let output = Command::new(python)
        .args(["-c", READERS])
        .current_dir(room.folder())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tables: Value = serde_json::from_slice(&output.stdout).unwrap();

    // The other forms have the same.
    room.library("export", ["takes.json", "--windows", "windows.json"])
        .ends_with_code(0);
    for name in ["takes", "windows"] {
        let json: Value = serde_json::from_str(&room.read(&format!("{name}.json"))).unwrap();
        assert_eq!(tables[name], json, "{name}");
    }
    let joined = tables["joined"].as_array().unwrap();
    assert_eq!(joined.len(), 5, "{joined:?}");
    assert!(joined[0][0].as_str().unwrap().ends_with("takes/0.wav"));
}

#[test]
fn an_export_has_the_numbers_of_a_scan() {
    let room = filled();
    let scan = room.scan(["takes", "--json", "-"]).ends_with_code(0).json();
    room.library(
        "export",
        ["takes.csv", "--windows", "windows.csv", "--present"],
    )
    .ends_with_code(0);
    let read = |name: &str| {
        let text = room.read(name);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().unwrap().clone();
        let rows: Vec<Vec<(String, String)>> = reader
            .records()
            .map(|row| {
                let row = row.unwrap();
                header
                    .iter()
                    .map(str::to_owned)
                    .zip(row.iter().map(str::to_owned))
                    .collect()
            })
            .collect();
        rows
    };
    let field = |row: &[(String, String)], name: &str| -> String {
        row.iter()
            .find(|(column, _)| column == name)
            .unwrap_or_else(|| panic!("no {name}"))
            .1
            .clone()
    };
    let number = |row: &[(String, String)], name: &str| field(row, name).parse::<f64>().ok();
    let takes = read("takes.csv");
    let scanned = scan["takes"].as_array().unwrap();
    assert_eq!(takes.len(), scanned.len());
    for (row, take) in takes.iter().zip(scanned) {
        let summary = &take["summary"];
        assert!(field(row, "path").ends_with(take["path"].as_str().unwrap()));
        assert_eq!(number(row, "seconds"), take["seconds"].as_f64());
        assert_eq!(
            number(row, "voiced_seconds"),
            summary["voiced_seconds"].as_f64()
        );
        assert_eq!(
            field(row, "emotion"),
            summary["emotion"].as_str().unwrap_or("")
        );
        for name in ["neutral", "happy", "sad", "angry"] {
            assert_eq!(
                number(row, &format!("score_{name}")),
                summary["scores"][name].as_f64()
            );
            if !summary["emotion"].is_null() {
                assert_eq!(
                    number(row, &format!("share_{name}")),
                    summary["shares"][name].as_f64()
                );
            }
        }
        for name in ["valence", "arousal", "confidence"] {
            assert_eq!(number(row, name), summary[name].as_f64());
        }
        assert_eq!(field(row, "engine"), scan["engine"].as_str().unwrap());
    }
    assert_eq!(
        (field(&takes[1], "mark"), field(&takes[1], "stars")),
        ("chosen".to_owned(), "3".to_owned())
    );
    assert_eq!(field(&takes[1], "note"), "Zeile, \"drei\"\nund vier");

    let windows = read("windows.csv");
    let mut rows = windows.iter();
    let mut heard = std::collections::HashSet::new();
    for take in scanned {
        // The copy's windows are those of the sound, which stand there once.
        if !heard.insert(take["windows"].to_string()) {
            continue;
        }
        for window in take["windows"].as_array().unwrap() {
            let row = rows.next().unwrap();
            assert_eq!(
                number(row, "start_seconds"),
                window["start_seconds"].as_f64()
            );
            assert_eq!(number(row, "end_seconds"), window["end_seconds"].as_f64());
            assert_eq!(number(row, "valence"), window["valence"].as_f64());
            assert_eq!(number(row, "score_sad"), window["scores"]["sad"].as_f64());
            assert_eq!(field(row, "unsure"), window["unsure"].to_string());
        }
    }
    assert!(rows.next().is_none());

    let all = room.library("export", ["-.json"]).ends_with_code(0).json();
    assert_eq!(
        all.as_array()
            .unwrap()
            .iter()
            .filter(|take| take["missing"] == true)
            .count(),
        1
    );
}

#[test]
fn an_export_that_cannot_be_is_refused_with_a_reason() {
    let room = filled();
    let wrong: [(&[&str], &[&str]); 5] = [
        (&["takes.xlsx"], &["takes.xlsx", ".parquet, .csv or .json"]),
        (&["-.parquet"], &["-.parquet"]),
        (&["a.csv", "--windows", "./a.csv"], &["a.csv", "same file"]),
        (&["-.csv", "--windows", "-.json"], &["standard output"]),
        (
            &["nowhere/takes.csv"],
            &["nowhere/takes.csv", "its folder does not exist"],
        ),
    ];
    fs::copy(room.path("lib.db"), room.path("lib.csv")).unwrap();
    room.run(["library", "export", "lib.csv", "--library", "lib.csv"])
        .ends_with_code(2)
        .complains(&["this is the library"]);
    for (arguments, parts) in wrong {
        let run = room.library("export", arguments);
        assert_ne!(run.code, 0);
        run.complains(parts);
    }
    let empty = Room::new();
    empty.wav("takes/a.wav", &speech(0.0, 2.0));
    empty.library("add", ["takes"]).ends_with_code(0);
    fs::remove_file(empty.path("takes/a.wav")).unwrap();
    fs::write(empty.path("takes/notes.txt"), "what was there").unwrap();
    empty.library("update", ["takes"]).ends_with_code(0);
    empty
        .library("export", ["t.csv", "--windows", "w.json", "--present"])
        .ends_with_code(0);
    assert_eq!(
        empty.read("t.csv").lines().count(),
        1,
        "the columns are told"
    );
    assert_eq!(empty.read("w.json"), "[]\n");
}
