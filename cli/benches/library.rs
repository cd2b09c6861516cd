//! What a library costs: an update with nothing new, against reading everything; questions to a hundred thousand takes.
//!
//! `cargo bench -p undersong-cli --bench library`. Takes that are multiplied for the questions are those in `UNDERSONG_BENCH_TAKES`, or RAVDESS's
//! first actor beside the repository, or else the sample take. Times are of the clock, for whole runs of the command, its start included; both
//! sides of a ratio take turns, and the median counts. The files are in the system's memory for both sides.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

/// Rate of the takes that are only looked at, in Hz.
const RATE_HZ: u32 = 44_100;

fn main() {
    // `cargo test --benches` runs this too: then a few takes are enough.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let (takes, rows, turns) = if whole {
        (5_000, 100_000, 15)
    } else {
        (20, 300, 1)
    };
    println!(
        "{} cores",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    updates(takes, turns);
    questions(rows, turns);
}

/// An update of unchanged takes, against hashing them.
fn updates(takes: usize, turns: usize) {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path().join("takes");
    fs::create_dir(&folder).unwrap();
    let paths: Vec<PathBuf> = (0..takes).map(|take| quiet_take(&folder, take)).collect();
    let megabytes = paths
        .iter()
        .map(|path| fs::metadata(path).unwrap().len())
        .sum::<u64>() as f64
        / 1e6;
    // A window a take, without voice: filling the library isn't what is measured.
    let library = |command: &str| {
        let mut it = undersong(room.path());
        it.args([
            "library",
            command,
            "--no-delivery",
            "--hop",
            "3",
            "--engine",
            "builtin",
            "--quiet",
            "--library",
            "lib.db",
        ]);
        it
    };
    timed(library("add").arg("takes"));
    // Until the files' times are long past, an update reads them once more.
    std::thread::sleep(Duration::from_millis(2_100));
    timed(&mut library("update"));
    let (mut update, mut hash) = (Vec::new(), Vec::new());
    for _ in 0..turns {
        update.push(timed(&mut library("update")));
        hash.push(hash_all(&paths));
    }
    let (update, hash) = (median(update), median(hash));
    println!("{takes} unchanged takes of 3 s, {megabytes:.0} MB");
    println!("  library update        {:8.0} ms", update * 1e3);
    println!(
        "  hashing them (SHA-256, all cores) {:8.0} ms; the update takes {:.3} of it",
        hash * 1e3,
        update / hash
    );
}

/// A WAV file of 3 s without voice, unlike any other.
fn quiet_take(folder: &Path, number: usize) -> PathBuf {
    let path = folder.join(format!("{:03}/take_{number:05}.wav", number / 100));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for sample in 0..3 * RATE_HZ as usize {
        writer
            .write_sample((((sample * 31 + number) * 17 + number) % 7) as i16 - 3)
            .unwrap();
    }
    writer.finalize().unwrap();
    path
}

/// Seconds for reading and hashing all of these.
fn hash_all(paths: &[PathBuf]) -> f64 {
    let since = Instant::now();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    std::hint::black_box(Sha256::digest(fs::read(path).unwrap()));
                }
            });
        }
    });
    since.elapsed().as_secs_f64()
}

/// Questions to many takes.
fn questions(rows: i64, turns: usize) {
    let room = tempfile::tempdir().unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let actor = manifest.join("../../shared/data/ravdess/Actor_01");
    let takes = match std::env::var_os("UNDERSONG_BENCH_TAKES") {
        Some(folder) => PathBuf::from(folder),
        None if actor.is_dir() => actor,
        None => manifest.join("samples"),
    };
    timed(
        undersong(room.path())
            .args(["library", "add", "--quiet", "--library", "lib.db"])
            .arg(takes),
    );
    let (real, takes) = multiply(&room.path().join("lib.db"), rows);
    let megabytes = fs::metadata(room.path().join("lib.db")).unwrap().len() as f64 / 1e6;
    println!("{takes} takes ({real} real ones, multiplied with other scores), {megabytes:.0} MB");
    let example = [
        "--emotion",
        "angry",
        "--min",
        "0.7",
        "--arousal",
        ">0.5",
        "--longer",
        "2s",
        "--sort",
        "confidence",
    ];
    let asked: [(&str, Vec<&str>); 10] = [
        (
            "the issue's example, all of it as JSON",
            [&example[..], &["--json", "-"]].concat(),
        ),
        (
            "the same, the first 20 in a table",
            [&example[..], &["--limit", "20"]].concat(),
        ),
        ("no condition, the table of 100", vec![]),
        (
            "--arousal '>0.3' --sort valence --limit 20",
            vec!["--arousal", ">0.3", "--sort", "valence", "--limit", "20"],
        ),
        (
            "--moments --emotion angry --min 0.7 --longer 1s, as JSON",
            vec![
                "--moments",
                "--emotion",
                "angry",
                "--min",
                "0.7",
                "--longer",
                "1s",
                "--json",
                "-",
            ],
        ),
        (
            "the same, --min 0.9 --limit 20",
            vec![
                "--moments",
                "--emotion",
                "angry",
                "--min",
                "0.9",
                "--longer",
                "1s",
                "--limit",
                "20",
            ],
        ),
        (
            "--path '*/copy 17/*'",
            vec!["--path", "*/copy 17/*", "--json", "-"],
        ),
        (
            "--text 'copy 17/'",
            vec!["--text", "copy 17/", "--json", "-"],
        ),
        (
            "--loudness '>-25' --rate '<4' --sort rate --limit 20",
            vec![
                "--loudness",
                ">-25",
                "--rate",
                "<4",
                "--sort",
                "rate",
                "--limit",
                "20",
            ],
        ),
        ("--marked chosen", vec!["--marked", "chosen", "--json", "-"]),
    ];
    let start = median(
        (0..turns)
            .map(|_| timed(undersong(room.path()).arg("--version")))
            .collect(),
    );
    println!("  the command's start   {:8.1} ms", start * 1e3);
    for (name, arguments) in asked {
        let mut seconds = Vec::new();
        let mut found = 0;
        for _ in 0..turns {
            let since = Instant::now();
            let output = undersong(room.path())
                .args(["library", "find", "--library", "lib.db"])
                .args(&arguments)
                .output()
                .unwrap();
            seconds.push(since.elapsed().as_secs_f64());
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            let text = String::from_utf8_lossy(&output.stdout);
            found = text.matches(".wav").count() + text.matches(".flac").count();
        }
        println!(
            "  {:8.1} ms  {found:6} found  {name}",
            median(seconds) * 1e3
        );
    }
    std::io::stdout().flush().unwrap();
}

/// Copies the library's takes until there are so many, each with scores of its own; gives how many there were and are.
fn multiply(path: &Path, rows: i64) -> (i64, i64) {
    let database = Connection::open(path).unwrap();
    let count = || {
        database
            .query_row("SELECT count(*) FROM analyses", [], |row| {
                row.get::<_, i64>(0)
            })
            .unwrap()
    };
    let real = count();
    let copies = (rows / real - 1).max(1);
    let step: i64 = database
        .query_row("SELECT max(1 + (SELECT max(id) FROM sounds), 1 + (SELECT max(id) FROM analyses), 1 + (SELECT max(id) FROM files))", [], |row| row.get(0))
        .unwrap();
    // Another 0.1 up or down for each copy, so that no two takes are alike.
    database
        .execute_batch(&format!(
            "BEGIN;
             CREATE TEMP TABLE copies (n INTEGER PRIMARY KEY, shift REAL);
             WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < {copies})
             INSERT INTO copies SELECT n, (abs(random()) % 2001 - 1000) / 10000.0 FROM counter;
             INSERT INTO sounds (id, hash, mark, stars)
               SELECT s.id + n * {step}, randomblob(32), CASE WHEN abs(random()) % 500 = 0 THEN 'chosen' END, 0 FROM sounds s, copies WHERE s.id < {step};
             INSERT INTO files SELECT f.id + n * {step}, '/copy ' || n || f.path, f.sound + n * {step}, f.error,
               randomblob(32), f.size, f.modified_ns, f.changed_ns, f.inode, f.settled, f.missing_ms FROM files f, copies WHERE f.id < {step};
             INSERT INTO analyses SELECT a.id + n * {step}, a.sound + n * {step}, a.setting, a.seconds, a.voiced_seconds, a.emotion,
               min(1.0, a.confidence + shift), a.valence + shift, a.arousal + shift, a.unsure, a.confidence_least, a.confidence_most, a.valence_least,
               a.valence_most, a.arousal_least, a.arousal_most, a.engine, a.revision, a.analysed_ms, a.delivered, a.loudness + 20 * shift, a.loudness_least,
               a.loudness_most, a.pitch, a.pitch_least, a.pitch_most, a.rate, a.rate_least, a.rate_most FROM analyses a, copies WHERE a.id < {step};
             INSERT INTO scores SELECT c.analysis + n * {step}, c.emotion, max(0.0, min(c.peak, c.mean + shift)), c.peak, c.share FROM scores c, copies WHERE c.analysis < {step};
             INSERT INTO timelines SELECT t.analysis + n * {step}, t.packed FROM timelines t, copies WHERE t.analysis < {step};
             COMMIT;
             PRAGMA optimize = 0x10002;
             PRAGMA wal_checkpoint(TRUNCATE);"
        ))
        .unwrap();
    (real, count())
}

fn undersong(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_undersong"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Seconds of a run that must succeed.
fn timed(command: &mut Command) -> f64 {
    let since = Instant::now();
    let output = command.output().unwrap();
    let seconds = since.elapsed().as_secs_f64();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    seconds
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
