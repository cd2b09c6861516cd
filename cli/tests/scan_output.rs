//! What a scan puts out: the table, the timeline, the reports, and that they are the same however it was run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test stops at what it did not expect"
)]

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use support::{RATE_HZ, Room, sample_take, speech};

/// A room with three takes and one that is broken.
fn mixed() -> Room {
    let room = Room::new();
    room.wav("takes/a long one.wav", &speech(0.0, 6.0));
    room.wav("takes/b.wav", &speech(8.8, 2.0));
    room.wav("takes/c silent.wav", &vec![0.0; 3 * RATE_HZ as usize]);
    fs::write(room.path("takes/d broken.wav"), b"").unwrap();
    room
}

/// Names in the order of their first appearance.
fn order_in(text: &str, names: &[&'static str]) -> Vec<&'static str> {
    let mut found: Vec<_> = names
        .iter()
        .map(|name| {
            (
                text.find(name)
                    .unwrap_or_else(|| panic!("no {name} in {text}")),
                *name,
            )
        })
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn the_table_has_a_take_a_line_with_every_column() {
    let run = mixed().scan(["takes"]).ends_with_code(1);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("takes:"), "{}", run.stdout);
    let header = lines.iter().find(|line| line.contains("emotion")).unwrap();
    for column in [
        "take",
        "length",
        "emotion",
        "valence",
        "arousal",
        "confidence",
        "voiced",
    ] {
        assert!(header.contains(column), "{header}");
    }
    let row = |name: &str| *lines.iter().find(|line| line.contains(name)).unwrap();
    let long = row("a long one.wav");
    assert!(
        long.contains("0:06.0") && long.contains('%') && long.contains('█'),
        "{long}"
    );
    assert!(
        ["neutral", "happy", "sad", "angry"]
            .iter()
            .any(|name| long.contains(name)),
        "{long}"
    );
    let silent = row("c silent.wav");
    assert!(
        silent.contains("no voice") && silent.contains("0 %"),
        "{silent}"
    );
    assert!(!run.stdout.contains("broken"), "{}", run.stdout);
    run.complains(&["undersong: takes/d broken.wav: the file is empty"]);
}

#[test]
fn one_take_shows_its_timeline() {
    let room = Room::new();
    let take = sample_take();
    let run = room.scan([take.as_os_str()]).ends_with_code(0);
    for part in ["take.flac", "no voice", "░", "╵0:00", "╵0:05", " – "] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    for name in ["neutral", "happy", "sad", "angry"] {
        assert!(
            run.stdout.lines().any(|line| line.starts_with(name)),
            "no curve of {name} in {}",
            run.stdout
        );
    }
    assert!(
        !run.stdout.contains('\x1b'),
        "no colours where there is no terminal"
    );
}

#[test]
fn delivery_is_told_against_the_target_and_left_out_when_it_is_not_wanted() {
    let room = Room::new();
    let take = sample_take();
    let run = room.scan([take.as_os_str()]).ends_with_code(0);
    // The sample take, as ffmpeg's `ebur128` has it: −21.0 LUFS.
    let loudness = "Loudness    −21.0 LUFS, 5.0 LU below the target of −16 LUFS";
    for part in [
        loudness,
        "\nTrue peak ",
        "\nPitch ",
        " syllables/s",
        "\nPauses ",
    ] {
        assert!(run.stdout.contains(part), "no {part:?} in {}", run.stdout);
    }
    let quiet: Vec<f32> = speech(0.0, 6.0).iter().map(|x| x * 0.01).collect();
    room.wav("takes/quiet.wav", &quiet);
    room.wav("takes/usual.wav", &speech(0.0, 6.0));
    let broadcast = ["takes", "--loudness-target", "-23"];
    let run = room.scan(broadcast).ends_with_code(0);
    let faults: Vec<&str> = run
        .stdout
        .lines()
        .filter(|it| it.starts_with('!'))
        .collect();
    assert_eq!(faults.len(), 1, "{}", run.stdout);
    assert!(faults[0].starts_with("! quiet.wav: ") && faults[0].contains("too quiet"));
    let scan = room.scan(broadcast.iter().chain(&["--json", "-"])).json();
    let delivery = |take: usize| scan["takes"][take]["summary"]["delivery"].clone();
    assert_eq!(delivery(1)["loudness"]["target_lufs"], -23.0);
    let reason = delivery(0)["flags"].to_string();
    assert!(reason.contains("below the target of −23 LUFS"), "{reason}");

    let bare = room.scan(["takes", "--no-delivery"]).ends_with_code(0);
    assert!(!bare.stdout.contains('!'), "{}", bare.stdout);
    let bare = room.scan(["takes", "--no-delivery", "--json", "-"]).json();
    assert!(bare["takes"][0]["summary"]["delivery"].is_null());
    assert!(bare["takes"][0]["windows"][0]["delivery"].is_null());
}

#[test]
fn takes_are_sorted_as_asked_and_silent_ones_stand_last() {
    let room = mixed();
    let names = ["a long one.wav", "b.wav", "c silent.wav"];
    let shown = |arguments: &[&str]| {
        let run = room
            .scan(["takes"].iter().chain(arguments))
            .ends_with_code(1);
        order_in(&run.stdout, &names)
    };
    assert_eq!(shown(&[]), names);
    assert_eq!(
        shown(&["--sort", "name", "--reverse"]),
        ["c silent.wav", "b.wav", "a long one.wav"]
    );
    assert_eq!(
        shown(&["--sort", "length"]),
        ["b.wav", "c silent.wav", "a long one.wav"]
    );
    for key in ["valence", "arousal", "confidence", "emotion"] {
        let (up, down) = (
            shown(&["--sort", key]),
            shown(&["--sort", key, "--reverse"]),
        );
        assert_eq!([up[2], down[2]], ["c silent.wav"; 2], "{key}");
        let scan = room.scan(["takes", "--sort", key, "--json", "-"]).json();
        let takes = scan["takes"].as_array().unwrap();
        if key != "emotion" {
            let value = |index: usize| takes[index]["summary"][key].as_f64().unwrap();
            assert!(value(0) <= value(1), "{key}");
            assert_eq!([down[1], down[0]], [up[0], up[1]], "{key}");
        }
    }
}

#[test]
fn json_on_standard_output_is_nothing_but_json_and_fits_the_schema() {
    let schema = fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/schema/scan.schema.json"),
    )
    .unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let run = mixed().scan(["takes", "--json", "-"]).ends_with_code(1);
    let scan = run.json();
    let errors: Vec<String> = schema
        .iter_errors(&scan)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(scan["takes"].as_array().unwrap().len(), 3);
    assert_eq!(scan["failed"][0]["path"], "takes/d broken.wav");
    assert_eq!(
        scan["takes"][0]["windows"].as_array().unwrap().len(),
        13,
        "3 s windows every 0.25 s over 6 s"
    );
    run.complains(&["d broken.wav"]);
}

#[test]
fn any_number_of_jobs_gives_the_same_bytes() {
    let room = mixed();
    for index in 0..4 {
        room.wav(
            format!("takes/e{index}.wav"),
            &speech(f64::from(index), 3.3),
        );
    }
    let outputs = |jobs: &str| {
        let table = room.scan(["takes", "--jobs", jobs]).ends_with_code(1);
        room.scan([
            "takes",
            "--quiet",
            "--jobs",
            jobs,
            "--json",
            "o.json",
            "--csv",
            "o.csv",
            "--html",
            "o.html",
            "--labels",
            "labels",
            "--markers",
            "markers",
        ])
        .ends_with_code(1);
        let files = [
            "o.json",
            "o.csv",
            "o.html",
            "labels/b.labels.txt",
            "markers/b.markers.csv",
        ];
        (
            table.stdout,
            table.stderr,
            files.map(|name| room.read(name)),
        )
    };
    let one = outputs("1");
    assert_eq!(one, outputs("2"));
    assert_eq!(one, outputs("7"));
}

#[test]
fn reports_are_written_where_asked() {
    let room = mixed();
    let run = room
        .scan([
            "takes/b.wav",
            "--quiet",
            "--json",
            "scan.json",
            "--csv",
            "scan.csv",
            "--html",
            "report.html",
            "--labels",
            "b.txt",
            "--markers",
            "b.csv",
        ])
        .ends_with_code(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let scan: serde_json::Value = serde_json::from_str(&room.read("scan.json")).unwrap();
    let windows = scan["takes"][0]["windows"].as_array().unwrap().len();
    let csv = room.read("scan.csv");
    assert_eq!(csv.lines().count(), 1 + windows);
    assert!(csv.starts_with("path,start_seconds,end_seconds,voiced,leading,score_neutral"));
    assert!(
        room.read("report.html").contains("takes/b.wav"),
        "the report links to the sound beside it"
    );
    let label = room.read("b.txt");
    let fields: Vec<&str> = label.lines().next().unwrap().split('\t').collect();
    assert_eq!((fields.len(), fields[0]), (3, "0.000000"));
    assert!(
        room.read("b.csv")
            .starts_with("#,Name,Start,End,Length,Color\nR1,")
    );

    // For a folder of takes, label files go into a folder that is made for them; takes that failed have none.
    room.scan([
        "takes",
        "--quiet",
        "--labels",
        "new/labels",
        "--markers",
        "regions/",
    ])
    .ends_with_code(1);
    assert_eq!(fs::read_dir(room.path("new/labels")).unwrap().count(), 3);
    assert_eq!(fs::read_dir(room.path("regions")).unwrap().count(), 3);
    let leftovers = fs::read_dir(room.folder()).unwrap().filter(|entry| {
        entry
            .as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.')
    });
    assert_eq!(leftovers.count(), 0, "no temporary file stays behind");
}

#[test]
fn embedded_sound_makes_the_report_larger_by_it() {
    let room = mixed();
    room.scan(["takes/b.wav", "--quiet", "--html", "linked.html"])
        .ends_with_code(0);
    room.scan(["takes/b.wav", "--quiet", "--html", "whole.html", "--embed"])
        .ends_with_code(0);
    let sound = fs::metadata(room.path("takes/b.wav")).unwrap().len() as usize;
    assert!(room.read("whole.html").len() > room.read("linked.html").len() + sound);
    room.scan(["takes/b.wav", "--embed"])
        .ends_with_code(2)
        .complains(&["--html"]);
}

#[test]
fn priors_and_hop_change_what_they_say() {
    let room = mixed();
    let scan = |arguments: &[&str]| {
        room.scan(["takes/b.wav", "--json", "-"].iter().chain(arguments))
            .ends_with_code(0)
            .json()
    };
    let sad = |scan: &serde_json::Value| {
        scan["takes"][0]["summary"]["scores"]["sad"]
            .as_f64()
            .unwrap()
    };
    assert!(sad(&scan(&["--priors", "sad=3"])) > sad(&scan(&[])));
    assert_eq!(sad(&scan(&["--priors", "sad=0"])), 0.0);

    let windows = |hop: &str| {
        let run = room
            .scan(["takes/a long one.wav", "--json", "-", "--hop", hop])
            .json();
        assert_eq!(run["hop_seconds"], hop.parse::<f64>().unwrap());
        run["takes"][0]["windows"].as_array().unwrap().len()
    };
    assert!(windows("0.5") > windows("1"));
}

#[test]
fn verbose_tells_the_engine_on_standard_error() {
    let room = mixed();
    let run = room
        .scan(["takes/b.wav", "-v", "--json", "-"])
        .ends_with_code(0);
    let engine = run.json()["engine"].as_str().unwrap().to_owned();
    assert!(run.stderr.contains("built in"), "{}", run.stderr);
    assert!(engine.contains("built in"), "{engine}");
}

#[test]
fn a_reader_that_closes_the_pipe_ends_it_quietly() {
    let room = mixed();
    // More output than a pipe holds, so that the closed end is met while writing.
    fs::copy(sample_take(), room.path("takes/sample.flac")).unwrap();
    let mut child = room
        .command()
        .args([
            "scan",
            "--model",
            "model.onnx",
            "--engine",
            "builtin",
            "--json",
            "-",
            "--hop",
            "0.02",
            "takes",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert!(first.starts_with('{'), "{first}");
    let run = support::Run::from(child.wait_with_output().unwrap()).ends_with_code(1);
    assert_eq!(
        run.stderr,
        "undersong: takes/d broken.wav: the file is empty (0 bytes); export or copy it again\n"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupted_scan_leaves_no_files() {
    let room = Room::new();
    room.wav("long.wav", &speech(0.0, 5.0).repeat(60));
    let before = fs::read_dir(room.folder()).unwrap().count();
    let mut child = room
        .command()
        .args([
            "scan",
            "--model",
            "model.onnx",
            "--engine",
            "builtin",
            "--hop",
            "0.02",
            "--json",
            "o.json",
            "--html",
            "o.html",
            "long.wav",
        ])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let ended = child.wait().unwrap();
    if ended.success() {
        println!("skipped: the scan was done before it could be interrupted");
        return;
    }
    assert!(kill.success());
    assert_eq!(
        fs::read_dir(room.folder()).unwrap().count(),
        before,
        "{ended}"
    );
}
