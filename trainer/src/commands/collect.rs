//! `undersong-trainer collect`: finished runs to a folder of results.
#![allow(
    clippy::print_stderr,
    reason = "says what was collected, for a person at the terminal"
)]

use std::path::{Path, PathBuf};

use clap::Args;
use undersong_core::model::Model;

use super::export::read as read_json;
use super::{CommandError, write_and_tell};
use crate::corpus::{self, Clip};
use crate::evaluate::{History, Predictions};
use crate::results::{ONE_WINDOW, RunResult, WITH_PROFILE, assemble, file_name, read};

/// Arguments of `collect`.
#[derive(Debug, Args)]
pub(super) struct CollectArgs {
    /// Folder of a finished run, or a result file; may be given more than once.
    #[arg(long = "run", value_name = "DIR|FILE", required = true, num_args = 1..)]
    runs: Vec<PathBuf>,
    /// Folder of results; a run that is there already is replaced.
    #[arg(long, value_name = "DIR", default_value = "trainer/results")]
    to: PathBuf,
    /// RAVDESS's folder, for runs by a trainer that did not write result.json yet.
    #[arg(long, value_name = "DIR")]
    ravdess: Option<PathBuf>,
    /// CREMA-D's folder: age, race and listeners' votes, for runs by a trainer that did not write result.json yet.
    #[arg(long, value_name = "DIR")]
    cremad: Option<PathBuf>,
}

/// Collects the runs; one that cannot be collected does not stop the others.
pub(super) fn run(args: &CollectArgs) -> Result<(), CommandError> {
    let clips = match (&args.ravdess, &args.cremad) {
        (None, None) => Vec::new(),
        (ravdess, cremad) => corpus::load(ravdess.as_deref(), cremad.as_deref())?.clips,
    };
    std::fs::create_dir_all(&args.to)
        .map_err(|error| format!("--to {}: {error}", args.to.display()))?;
    let mut failed = 0;
    for run in &args.runs {
        let collected = results_of(run, &clips)
            .and_then(|results| results.iter().try_for_each(|result| put(result, &args.to)))
            .map_err(|error| format!("{}: {error}", run.display()));
        if let Err(error) = collected {
            eprintln!("{error}");
            failed += 1;
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} runs were not collected", args.runs.len()).into()),
    }
}

/// Writes a result under its own name into a folder of results.
pub(super) fn put(result: &RunResult, folder: &Path) -> Result<(), CommandError> {
    let path = folder.join(file_name(result));
    write_and_tell(&path, result.to_json()?.as_bytes())
}

/// What a run's folder, or a file, has to give: the answers to its test clips, and those with a profile of the speaker.
fn results_of(run: &Path, clips: &[Clip]) -> Result<Vec<RunResult>, CommandError> {
    if run.is_file() {
        return Ok(vec![read(run)?]);
    }
    let mut results = Vec::new();
    for (written, answers, measured_on) in [
        ("result.json", "predictions.json", ONE_WINDOW),
        (
            "result_profile.json",
            "predictions_profile.json",
            WITH_PROFILE,
        ),
    ] {
        let written = run.join(written);
        let answers = run.join(answers);
        if written.is_file() {
            results.push(read(&written)?);
        } else if measured_on == ONE_WINDOW || answers.is_file() {
            results.push(assembled(run, &answers, measured_on, clips)?);
        }
    }
    Ok(results)
}

/// For a run by a trainer that wrote no result.
fn assembled(
    run: &Path,
    answers: &Path,
    measured_on: &str,
    clips: &[Clip],
) -> Result<RunResult, CommandError> {
    let model = Model::open(run.join("model.onnx"))?;
    let predictions: Predictions = read_json(answers)?;
    let history: History = read_json(&run.join("history.json"))?;
    if clips.is_empty() {
        eprintln!(
            "{}: without --cremad, its actors' age and race and its listeners' votes stay unknown",
            run.display()
        );
    }
    let seconds = history.seconds();
    Ok(assemble(
        &model,
        seconds,
        predictions,
        None,
        measured_on,
        clips,
    )?)
}
