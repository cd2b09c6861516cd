//! A scan's result depends on the takes alone: not on jobs, not on what fails beside them.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod synthetic;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use analyzer_support::{samples, speech, wav};
use synthetic::{SMALL, engines, metadata, model, onnx_file, scanner};
use undersong_core::engine::EngineChoice;
use undersong_core::model::Model;
use undersong_core::model::onnx::{AttributeProto, NodeProto, TensorProto, set_metadata};
use undersong_core::scan::{Progress, Samples, SamplesError, ScanError, Sound};
use undersong_core::timeline::{Scan, Window};

const NAMES: [&str; 5] = ["neutral", "happy", "sad", "angry", "fearful"];

fn scan(jobs: usize, paths: &[PathBuf]) -> Scan {
    let scanner = scanner(&model(&SMALL, &NAMES), EngineChoice::Builtin, jobs);
    scanner.scan(paths, &|_| {}).unwrap()
}

/// Takes of many lengths and rates, with silent, broken and missing ones among them; and which of them fail.
fn takes(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let take = |name: &str, rate_hz, seconds| wav(folder, name, rate_hz, &speech(rate_hz, seconds));
    let silent = vec![0.0; samples(44_100, 4.2)];
    let mut poisoned = speech(16_000, 9.0);
    poisoned[16_000 * 6] = f32::NAN;
    let text = folder.join("text.wav");
    std::fs::write(&text, "not a sound").unwrap();
    let cut = take("cut.wav", 22_050, 8.0);
    let bytes = std::fs::read(&cut).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() * 3 / 4]).unwrap();
    let poisoned = wav(folder, "poisoned.wav", 16_000, &poisoned);
    let missing = folder.join("missing.wav");
    let paths = vec![
        take("long.wav", 44_100, 9.7),
        text.clone(),
        take("short.wav", 16_000, 0.6),
        wav(folder, "silent.wav", 44_100, &silent),
        poisoned.clone(),
        take("exact.wav", 48_000, 3.0),
        missing.clone(),
        take("word.wav", 8_000, 1.4),
        cut.clone(),
        take("a little more.wav", 22_050, 3.1),
        take("last.wav", 16_000, 5.3),
    ];
    (paths, vec![text, poisoned, missing, cut])
}

#[test]
fn any_number_of_jobs_gives_the_same_result_in_the_order_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let (paths, broken) = takes(folder.path());
    let model = model(&SMALL, &NAMES);
    for engine in engines() {
        let one = scanner(&model, engine, 1).scan(&paths, &|_| {}).unwrap();
        let whole = paths.iter().filter(|path| !broken.contains(path));
        assert!(one.takes.iter().map(|take| &take.path).eq(whole));
        assert!(one.failed.iter().map(|failure| &failure.path).eq(&broken));
        for jobs in [2, 5, 40] {
            let many = scanner(&model, engine, jobs).scan(&paths, &|_| {}).unwrap();
            assert!(many == one, "{jobs} jobs differ on {engine}");
        }
        let backwards = paths.iter().rev().cloned().collect::<Vec<_>>();
        let backwards = scanner(&model, engine, 3)
            .scan(&backwards, &|_| {})
            .unwrap();
        let names = |scan: &Scan| {
            scan.takes
                .iter()
                .map(|t| t.path.clone())
                .collect::<Vec<_>>()
        };
        let mut reversed = names(&backwards);
        reversed.reverse();
        assert_eq!(reversed, names(&one));
    }
}

#[test]
fn each_take_reads_as_if_it_were_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (paths, _) = takes(folder.path());
    let together = scan(2, &paths);
    for take in &together.takes {
        let alone = scan(1, std::slice::from_ref(&take.path));
        assert!(alone.takes[0] == *take, "{}", take.path.display());
    }
}

#[test]
fn windows_have_readings_where_there_is_voice_and_the_summary_follows() {
    let folder = tempfile::tempdir().unwrap();
    let (paths, _) = takes(folder.path());
    let scan = scan(2, &paths);
    for take in &scan.takes {
        let name = take.path.file_name().unwrap().to_str().unwrap();
        if name == "silent.wav" {
            assert!(take.windows.iter().all(|window| window.reading.is_none()));
            assert_eq!(take.summary.reading, None);
            assert_eq!(take.summary.voiced_seconds, 0.0);
            continue;
        }
        assert!(take.windows.iter().all(|w| w.voiced()), "{name}");
        assert!(take.summary.reading.is_some());
        assert!(take.summary.voiced_seconds <= take.seconds);
        assert!(take.summary.voiced_seconds > 0.5 * take.seconds, "{name}");
        for reading in take.windows.iter().filter_map(|w| w.reading.as_ref()) {
            let sum: f32 = reading.scores.0.iter().sum();
            assert!((sum - 1.0).abs() < 1e-5);
        }
    }
    let windows = scan.takes.iter().map(|t| (t.seconds, t.windows.len()));
    let expected = [
        (9.7, 28),
        (0.6, 1),
        (4.2, 6),
        (3.0, 1),
        (1.4, 1),
        (3.1, 2),
        (5.3, 11),
    ];
    assert_eq!(windows.collect::<Vec<_>>(), expected);
}

#[test]
fn what_fails_says_which_file_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let (mut paths, _) = takes(folder.path());
    paths.push(wav(
        folder.path(),
        "blip.wav",
        16_000,
        &speech(16_000, 0.01),
    ));
    paths.push(folder.path().to_owned());
    let scan = scan(2, &paths);
    let reasons = [
        ("text.wav", "not a sound file"),
        ("poisoned.wav", "6.000 s"),
        ("missing.wav", "no such file"),
        ("cut.wav", "cut off"),
        ("blip.wav", "10 ms"),
        ("", "folder"),
    ];
    assert_eq!(scan.failed.len(), reasons.len());
    for (failure, (name, reason)) in scan.failed.iter().zip(reasons) {
        let path = failure.path.display().to_string();
        assert!(path.ends_with(name));
        let text = &failure.error;
        assert!(text.contains(&path) && text.contains(reason), "{text}");
    }
    // Windows of a file that broke in its middle are not passed off as the take.
    assert!(
        scan.takes
            .iter()
            .all(|take| !take.path.ends_with("poisoned.wav"))
    );
}

#[test]
fn progress_tells_of_all_sound_and_of_every_take() {
    let folder = tempfile::tempdir().unwrap();
    let (paths, broken) = takes(folder.path());
    let (seconds, done) = (Mutex::new(0.0), Mutex::new(Vec::new()));
    let model = model(&SMALL, &NAMES);
    let scan = scanner(&model, EngineChoice::Builtin, 2)
        .scan(&paths, &|progress| match progress {
            Progress::Advanced { seconds: more } => *seconds.lock().unwrap() += more,
            Progress::Done { path, failed } => {
                done.lock().unwrap().push((path.to_owned(), failed));
            }
        })
        .unwrap();
    let whole: f64 = scan.takes.iter().map(|take| take.seconds).sum();
    assert!(*seconds.lock().unwrap() >= whole - 1e-6);
    let mut done = done.into_inner().unwrap();
    done.sort();
    let mut expected = paths
        .iter()
        .map(|path| (path.clone(), broken.contains(path)))
        .collect::<Vec<_>>();
    expected.sort();
    assert_eq!(done, expected);
}

#[test]
fn no_takes_are_no_error() {
    let scan = scan(3, &[]);
    assert!(scan.takes.is_empty() && scan.failed.is_empty());
}

/// A model of the features' mean over time: `after` are nodes from it, `mean` `[batch, coefficients]`, to `logits`.
fn of_mean(after: Vec<NodeProto>, mut initializer: Vec<TensorProto>) -> Model {
    let metadata = metadata(&NAMES);
    let shape = [metadata.features.frames(), metadata.features.coefficients()];
    let axes = AttributeProto::ints("axes", &[1, 2]);
    let keep = AttributeProto::int("keepdims", 0);
    let mut node = vec![NodeProto::new(
        "ReduceMean",
        &["features"],
        &["mean"],
        vec![axes, keep],
    )];
    node.extend(after);
    // What the first coefficient, the loudness, is picked out with.
    let mut loudness = vec![0.0; shape[1]];
    loudness[0] = 1.0;
    initializer.push(TensorProto::floats(
        "pick",
        &[shape[1] as i64, 1],
        &loudness,
    ));
    let bytes = onnx_file(node, initializer, shape, NAMES.len());
    Model::from_bytes(set_metadata(&bytes, &metadata).unwrap(), "mean.onnx").unwrap()
}

/// A model that gives no number for "happy" where the sound is loud: finite numbers that grow past the largest there is.
fn boundless_where_loud() -> Model {
    of_mean(
        vec![
            NodeProto::new("Gemm", &["mean", "pick", "level"], &["above"], vec![]),
            NodeProto::new("Relu", &["above"], &["x"], vec![]),
            NodeProto::new("MatMul", &["x", "happy"], &["logits"], vec![]),
        ],
        vec![
            TensorProto::floats("level", &[1], &[LOUDNESS]),
            TensorProto::floats("happy", &[1, 5], &[0.0, f32::MAX, 0.0, 0.0, 0.0]),
        ],
    )
}

/// Added to a window's loudness; the sum is above 0 only where most of the window is loud.
const LOUDNESS: f32 = 300.0;

#[test]
fn a_take_that_the_network_gives_no_numbers_for_fails_alone() {
    let folder = tempfile::tempdir().unwrap();
    let quiet = |seconds| {
        let speech = speech(16_000, seconds);
        speech.iter().map(|x| x * 0.05).collect::<Vec<_>>()
    };
    // Quiet first: the windows that no number is given for are not the take's first.
    let mut turning = quiet(8.0);
    turning.extend(speech(16_000, 4.0));
    let paths = vec![
        wav(folder.path(), "quiet.wav", 16_000, &quiet(4.1)),
        wav(folder.path(), "turning.wav", 16_000, &turning),
        wav(folder.path(), "loud.wav", 16_000, &speech(16_000, 5.0)),
        wav(folder.path(), "last.wav", 16_000, &quiet(3.0)),
    ];
    let model = boundless_where_loud();
    let one = scanner(&model, EngineChoice::Builtin, 1)
        .scan(&paths, &|_| {})
        .unwrap();
    let whole = one.takes.iter().map(|take| take.path.clone());
    assert_eq!(
        whole.collect::<Vec<_>>(),
        [paths[0].clone(), paths[3].clone()]
    );
    assert!(
        one.takes
            .iter()
            .all(|take| take.windows.iter().all(|w| w.voiced()))
    );
    let failed = one.failed.iter().map(|failure| failure.path.clone());
    assert_eq!(failed.collect::<Vec<_>>(), paths[1..3]);
    for (failure, at) in one.failed.iter().zip(["at 7.75 s", "at 0.00 s"]) {
        let (path, text) = (failure.path.display().to_string(), &failure.error);
        let told = text.contains(&path) && text.contains(at) && text.contains("happy");
        assert!(told, "{text}");
    }
    for jobs in [2, 5] {
        let many = scanner(&model, EngineChoice::Builtin, jobs)
            .scan(&paths, &|_| {})
            .unwrap();
        assert!(many == one, "{jobs} jobs differ");
    }
}

/// A model that runs on silence alone: any other loudness names a row that its table does not have.
fn broken_on_sound() -> Model {
    let int64 = AttributeProto::int("to", 7);
    of_mean(
        vec![
            NodeProto::new("MatMul", &["mean", "pick"], &["loudness"], vec![]),
            NodeProto::new("Reshape", &["loudness", "flat"], &["x"], vec![]),
            NodeProto::new("Cast", &["x"], &["row"], vec![int64]),
            NodeProto::new("Gather", &["table", "row"], &["logits"], vec![]),
        ],
        vec![
            TensorProto::ints("flat", &[-1]),
            TensorProto::floats("table", &[1, 5], &[0.0; 5]),
        ],
    )
}

#[test]
fn an_engine_that_fails_ends_the_scan_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let long = wav(folder.path(), "long.wav", 16_000, &speech(16_000, 400.0));
    let paths = vec![long; 6];
    for jobs in [1, 3] {
        let heard = Mutex::new(0.0);
        let error = scanner(&broken_on_sound(), EngineChoice::Builtin, jobs)
            .scan(&paths, &|progress| {
                if let Progress::Advanced { seconds } = progress {
                    *heard.lock().unwrap() += seconds;
                }
            })
            .unwrap_err();
        assert!(matches!(error, ScanError::Engine(_)), "{error}");
        let heard = heard.into_inner().unwrap();
        assert!(heard < 1200.0, "{heard} s of 2400 s were still listened to");
    }
}

#[test]
fn sound_in_memory_is_scanned_as_a_file_is_and_named_where_it_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let model = model(&SMALL, &NAMES);
    let scanner = scanner(&model, EngineChoice::Builtin, 2);
    let mono = speech(22_050, 7.3);
    let path = wav(folder.path(), "take.wav", 22_050, &mono);
    let file = scanner.scan(&[path], &|_| {}).unwrap();
    // Both channels the same: their mean is the one, to the bit.
    let stereo = mono
        .iter()
        .flat_map(|&sample| [sample, sample])
        .collect::<Vec<_>>();
    let samples = |name: &'static str, channels, interleaved| {
        Samples::new(Path::new(name), 22_050, channels, interleaved)
    };
    let mut poisoned = stereo.clone();
    poisoned[2_001] = f32::NAN;
    let refused = samples("poisoned", 2, &poisoned).unwrap_err();
    assert!(refused.to_string().contains("0.045 s is NaN"), "{refused}");
    let sounds = [
        samples("stereo", 2, &stereo),
        samples("short", 2, &stereo[..2_000]),
        samples("no sound", 2, &[]),
        samples("mono", 1, &mono),
    ];
    let sounds = sounds.map(|sound| Sound::Samples(sound.unwrap()));
    let stop = AtomicBool::new(false);
    let scan = scanner.scan_sounds(&sounds, &stop, &|_| {}).unwrap();
    assert_eq!(scan.takes.len(), 2);
    let [stereo, mono] = scan.takes.as_slice() else {
        panic!("two takes")
    };
    assert_eq!(mono.windows, file.takes[0].windows);
    assert_eq!(mono.summary, file.takes[0].summary);
    // Two channels are louder than one by 3 LU; all else is of their mean.
    for (two, one) in stereo.windows.iter().zip(&mono.windows) {
        let lufs = |window: &Window| window.delivery.unwrap().loudness_lufs.unwrap();
        assert!((lufs(two) - lufs(one) - 3.01).abs() < 0.01);
        let mut two = two.clone();
        two.delivery.as_mut().unwrap().loudness_lufs = one.delivery.unwrap().loudness_lufs;
        assert_eq!(two, *one);
    }
    let errors = scan.failed.iter().map(|failed| failed.error.as_str());
    for (error, expected) in errors.zip(["short: only 45 ms", "no sound: only 0 ms"]) {
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn samples_that_are_no_sound_are_refused_and_a_stopped_scan_ends() {
    let name = Path::new("samples");
    let refused = |rate_hz, channels, samples: &[f32]| {
        Samples::new(name, rate_hz, channels, samples).unwrap_err()
    };
    assert_eq!(refused(0, 1, &[0.0]), SamplesError::Rate { given: 0 });
    assert_eq!(
        refused(16_000, 9, &[0.0; 9]),
        SamplesError::Channels { given: 9 }
    );
    assert!(matches!(
        refused(16_000, 2, &[0.0; 3]),
        SamplesError::Frames { .. }
    ));
    for bad in [f32::NAN, f32::INFINITY, 1e7] {
        let error = refused(16_000, 2, &[0.0, 0.0, 0.0, bad]);
        assert!(matches!(error, SamplesError::NotSound { .. }), "{error}");
    }
    let sound = speech(16_000, 300.0);
    let sounds = [Sound::Samples(
        Samples::new(name, 16_000, 1, &sound).unwrap(),
    )];
    let scanner = scanner(&model(&SMALL, &NAMES), EngineChoice::Builtin, 1);
    let stop = AtomicBool::new(false);
    let error = scanner
        .scan_sounds(&sounds, &stop, &|_| stop.store(true, Ordering::Relaxed))
        .unwrap_err();
    assert!(matches!(error, ScanError::Stopped), "{error}");
}
