//! Programs in C11 and C++20 through the header and the library that are delivered: plain, linked statically, under AddressSanitizer and
//! UndefinedBehaviorSanitizer with its leak check, and under valgrind. None may find anything.
//!
//! Without a compiler or valgrind these tests skip by name, unless `REQUIRE_C` is set, as `.ci/test` does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod support;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use support::{Take, Tool, built_library, compile, output, take, tool};
use undersong_core::engine::{self, EngineChoice, EngineOptions};
use undersong_core::model::Model;
use undersong_core::profile::measure_voice;
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::timeline::Timeline;

/// Seconds of the take that suffice under valgrind, which is some fifty times slower.
const SHORT_SECONDS: usize = 4;

/// How a program is built and run.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Plain,
    Static,
    Sanitized,
    Valgrind,
}

/// Builds a program of `tests/c` and runs it; what it printed. `None` if a tool is missing.
fn run(source: &str, way: Way, sound: &Take, more: &[&str]) -> Option<String> {
    let compiler = tool(if source.ends_with(".cpp") {
        Tool::Cpp
    } else {
        Tool::C
    })?;
    if way == Way::Valgrind {
        tool(Tool::Valgrind)?;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = compile(
        &compiler,
        &Path::new("tests/c").join(source),
        folder.path(),
        match way {
            Way::Sanitized => &[
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-fno-omit-frame-pointer",
            ],
            _ => &[],
        },
        way == Way::Static,
    );
    let raw = folder.path().join("sound.raw");
    sound.write(&raw);
    let mut command = if way == Way::Valgrind {
        let mut valgrind = Command::new("valgrind");
        valgrind.args([
            "--quiet",
            "--error-exitcode=9",
            // Else a thread that spins keeps the others out.
            "--fair-sched=yes",
            "--leak-check=full",
            "--show-leak-kinds=definite,indirect",
            "--errors-for-leak-kinds=definite,indirect",
        ]);
        valgrind.arg(&program);
        valgrind
    } else {
        Command::new(&program)
    };
    command
        .arg(&raw)
        .arg(sound.rate_hz.to_string())
        .args(more)
        .env("ASAN_OPTIONS", "detect_leaks=1")
        .env_remove("UNDERSONG_ORT");
    let (printed, errors) = output(&mut command);
    assert_eq!(errors, "", "{source} found something to say");
    Some(printed)
}

/// A profile of the take's voice, as `undersong calibrate` makes it.
fn profile(folder: &Path) -> String {
    let take = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    let model = Model::builtin().unwrap();
    let mut engine = engine::open(&model, EngineChoice::Builtin, &EngineOptions::default())
        .unwrap()
        .engine;
    let (profile, _) = measure_voice(&[take.clone(), take], &model, engine.as_mut()).unwrap();
    let path = folder.join("profile.json");
    profile.write(&path).unwrap();
    path.to_str().unwrap().to_owned()
}

/// The take as `undersong scan` has it.
fn scanned() -> Timeline {
    let options = ScanOptions {
        engine: EngineChoice::Builtin,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&Model::builtin().unwrap(), options).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    let mut scan = scanner.scan(&[path], &|_| {}).unwrap();
    scan.takes.remove(0)
}

#[test]
fn a_take_scanned_and_heard_in_c_is_what_undersong_scan_says() {
    let sound = take();
    let Some(printed) = run("voice.c", Way::Plain, &sound, &[]) else {
        return;
    };
    let lines = |kind: &str| {
        printed
            .lines()
            .filter_map(|line| line.strip_prefix(kind))
            .map(|line| {
                line.split_whitespace()
                    .map(|number| number.parse::<f64>().unwrap())
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    };
    let timeline = scanned();
    let whole = timeline.summary.reading.as_ref().unwrap();
    let told = lines("take ");
    assert!((told[0][0] - timeline.seconds).abs() < 1e-6);
    assert!((told[0][1] - timeline.summary.voiced_seconds).abs() < 1e-6);
    assert_eq!(told[0][2] as usize, whole.scores.leading().unwrap());
    assert_eq!(told[0][5] as f32, whole.confidence);

    // Window by window, to the bit: nine digits hold a float.
    let windows = lines("window ");
    assert_eq!(windows.len(), timeline.windows.len());
    for (told, window) in windows.iter().zip(&timeline.windows) {
        assert_eq!(told[0] as f32, window.start_seconds as f32);
        let scores = told[3..]
            .iter()
            .map(|&score| score as f32)
            .collect::<Vec<_>>();
        let expected = window
            .reading
            .as_ref()
            .map(|reading| reading.scores.0.clone());
        assert_eq!(scores, expected.unwrap_or_default());
    }

    // Live, the whole windows are the scan's, but for the rounding of a live resampler and a batch of one.
    let rate = f64::from(sound.rate_hz);
    let updates = lines("update ");
    let wholes = updates.iter().filter(|update| update[2] > 0.0);
    let mut compared = 0;
    for (update, window) in wholes.zip(&timeline.windows) {
        assert!((update[0] / rate - window.start_seconds).abs() < 1e-3);
        if let Some(reading) = &window.reading {
            compared += 1;
            for (live, scan) in update[4..].iter().zip(&reading.scores.0) {
                assert!((live - f64::from(*scan)).abs() < 1e-3, "{live} {scan}");
            }
        }
    }
    assert!(compared > 20, "{compared} windows");
    assert!(printed.contains("\nspeech "));
}

#[test]
fn a_sanitizer_finds_nothing_in_a_scan_and_a_live_voice() {
    run("voice.c", Way::Sanitized, &take(), &[]);
}

#[test]
fn valgrind_finds_nothing_in_a_scan_and_a_live_voice() {
    run("voice.c", Way::Valgrind, &take().first(SHORT_SECONDS), &[]);
}

fn misuse(way: Way, sound: &Take) {
    let folder = tempfile::tempdir().unwrap();
    run("misuse.c", way, sound, &[&profile(folder.path())]);
}

#[test]
fn every_misuse_gets_a_code_and_a_message() {
    misuse(Way::Plain, &take());
}

#[test]
fn a_sanitizer_finds_nothing_in_misuse() {
    misuse(Way::Sanitized, &take());
}

#[test]
fn valgrind_finds_nothing_in_misuse() {
    misuse(Way::Valgrind, &take().first(SHORT_SECONDS));
}

#[test]
fn structs_of_older_and_newer_headers_work() {
    run("versions.c", Way::Plain, &take(), &[]);
}

#[test]
fn the_library_links_statically() {
    run("versions.c", Way::Static, &take(), &[]);
}

#[test]
fn a_sanitizer_finds_nothing_with_older_and_newer_structs() {
    run("versions.c", Way::Sanitized, &take(), &[]);
}

#[test]
fn two_threads_that_push_are_told_so_and_a_voice_may_go_while_it_is_used() {
    run("threads.c", Way::Plain, &take(), &["50"]);
}

#[test]
fn a_sanitizer_finds_nothing_with_threads() {
    run("threads.c", Way::Sanitized, &take(), &["20"]);
}

#[test]
fn valgrind_finds_nothing_with_threads() {
    run("threads.c", Way::Valgrind, &take().first(1), &["2"]);
}

#[test]
fn the_cpp_wrapper_owns_and_reports() {
    run("wrapper.cpp", Way::Plain, &take(), &[]);
    run("wrapper.cpp", Way::Sanitized, &take(), &[]);
}

/// What a game links carries the names of the header and no others.
#[test]
fn the_library_exports_the_header_s_functions_alone() {
    let Some(_) = tool(Tool::C) else { return };
    let listing = output(
        Command::new("nm")
            .args(["--dynamic", "--defined-only"])
            .arg(built_library("so")),
    )
    .0;
    let exported = listing
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .collect::<Vec<_>>();
    let header = include_str!("../include/undersong.h");
    for name in &exported {
        assert!(header.contains(&format!("{name}(")), "{name} is exported");
    }
    assert!(exported.len() >= 20, "{exported:?}");
}

/// An example of the manual: the block of this language.
fn example(language: &str) -> &'static str {
    let manual = include_str!("../../docs/c-library.md");
    let (_, rest) = manual.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

#[test]
fn the_manual_s_examples_build_and_run() {
    let (Some(c), Some(cpp)) = (tool(Tool::C), tool(Tool::Cpp)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let sound = take();
    let rate = sound.rate_hz.to_string();
    let start = |compiler: &str, language: &str| {
        let source = folder.path().join("example").with_extension(language);
        std::fs::write(&source, example(language)).unwrap();
        let program = compile(compiler, &source, folder.path(), &[], false);
        Command::new(program)
            .arg(&rate)
            .env_remove("UNDERSONG_ORT")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let bytes = |samples: &[f32]| {
        let bytes = samples.iter().flat_map(|sample| sample.to_ne_bytes());
        bytes.collect::<Vec<_>>()
    };

    // Live, at a few times the speed of life, so that the analysis keeps up.
    let mut program = start(&c, "c");
    let mut input = program.stdin.take().unwrap();
    for block in sound.samples.chunks(sound.rate_hz as usize / 100) {
        input.write_all(&bytes(block)).unwrap();
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(input);
    let printed = program.wait_with_output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    assert!(printed.lines().any(|line| line == "speaks"), "{printed}");
    let named = printed
        .lines()
        .filter(|line| line.contains(", arousal "))
        .count();
    assert!(named > 5, "{printed}");

    // Whole: what `undersong scan` says.
    let mut program = start(&cpp, "cpp");
    let mut input = program.stdin.take().unwrap();
    input.write_all(&bytes(&sound.samples)).unwrap();
    drop(input);
    let printed = program.wait_with_output().unwrap();
    let printed = String::from_utf8(printed.stdout).unwrap();
    let timeline = scanned();
    let whole = timeline.summary.reading.as_ref().unwrap();
    let leading = whole.scores.leading().unwrap();
    let expected = format!(
        "{} {:.2} in {:.1} s of voice, {} windows\n",
        timeline.emotion_name(leading),
        whole.confidence,
        timeline.summary.voiced_seconds,
        timeline.windows.len()
    );
    assert_eq!(printed, expected);
}
