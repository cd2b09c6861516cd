//! A scan's memory does not grow with the take: a test of its own, since the peak is the whole process's.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod analyzer_support;
mod synthetic;

use std::path::{Path, PathBuf};

use analyzer_support::speech;
use synthetic::{SMALL, model};
use undersong_core::analyzer::Hop;
use undersong_core::engine::EngineChoice;
use undersong_core::scan::{ScanOptions, Scanner};

/// Largest memory that this process has held so far, in MB; where the system tells.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}

/// Speech, written without holding all of it.
fn long_take(folder: &Path, minutes: usize) -> PathBuf {
    let path = folder.join(format!("{minutes} min.wav"));
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let minute = speech(16_000, 60.0);
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for _ in 0..minutes {
        for &sample in &minute {
            writer.write_sample((sample * 32_767.0) as i16).unwrap();
        }
    }
    writer.finalize().unwrap();
    path
}

#[test]
fn half_an_hour_takes_hardly_more_memory_than_a_minute() {
    if peak_mb().is_none() {
        eprintln!("skipped: this system has no /proc/self/status");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let model = model(&SMALL, &["neutral", "happy", "sad"]);
    let options = ScanOptions {
        jobs: 1,
        hop: Hop::from_seconds(1.0).unwrap(),
        engine: EngineChoice::Builtin,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&model, options).unwrap();
    let scan = |minutes: usize| {
        let path = long_take(folder.path(), minutes);
        let scan = scanner.scan(&[path], &|_| {}).unwrap();
        assert_eq!(scan.takes[0].windows.len(), 60 * minutes - 2);
        peak_mb().unwrap()
    };
    let short = scan(1);
    let long = scan(30);
    // Its samples are 115 MB, its windows' features 37 MB; its readings, which are kept, 0.3 MB.
    assert!(long - short < 20.0, "{short:.0} MB, then {long:.0} MB");
}
