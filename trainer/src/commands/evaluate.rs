//! `undersong-trainer evaluate`: a model file against clips, by the same scan that a user runs.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "the report is for a person at the terminal"
)]

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use undersong_core::engine::EngineChoice;
use undersong_core::model::Model;
use undersong_core::scan::{ScanOptions, Scanner};

use super::{CommandError, CorpusArgs, SplitArgs, open, write, write_report};
use crate::evaluate::{About, Report};
use crate::results::{AS_SCANNED, assemble};
use crate::workbench::SplitChoice;

/// Arguments of `evaluate`.
#[derive(Debug, Args)]
pub(super) struct EvaluateArgs {
    /// The model file.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    corpora: CorpusArgs,
    #[command(flatten)]
    split: SplitArgs,
    /// Seed of the split, as in training.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Which engine runs the model: auto, cuda, cpu or builtin.
    #[arg(long, default_value = "auto")]
    engine: EngineChoice,
    /// Write every figure as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a page with drawings.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write what the model answered to each clip as JSON.
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Write the answers as a file of results, for `evidence`; only for clips that the model did not learn from, so with the --protocol,
    /// --folds, --fold and --seed it was trained with.
    #[arg(long, value_name = "FILE")]
    result: Option<PathBuf>,
}

/// Scans the clips and measures the summaries.
pub(super) fn run(args: &EvaluateArgs) -> Result<(), CommandError> {
    let model = Model::open(&args.model)?;
    let metadata = model.metadata();
    let labels: Vec<String> = metadata.emotions.names().map(str::to_owned).collect();
    let workbench = open(&args.corpora, &metadata.features)?;
    eprint!("{}", workbench.corpus.report());
    // Without a split, all clips of the given folders count, heard in training or not.
    let choice = args.split.choice()?;
    let clips = match &choice {
        None | Some(SplitChoice::All) => (0..workbench.clips().len()).collect(),
        Some(choice) => workbench.split(choice, false, args.seed)?.test,
    };
    let paths: Vec<PathBuf> = clips
        .iter()
        .map(|&clip| workbench.clips()[clip].path.clone())
        .collect();
    let options = ScanOptions {
        engine: args.engine,
        delivery: false,
        ..ScanOptions::default()
    };
    let scanner = Scanner::new(&model, options)?;
    eprintln!("{}", scanner.engine_report());
    let scan = scanner.scan(&paths, &|_| {})?;
    if let Some(failure) = scan.failed.first() {
        return Err(format!(
            "{} clips failed, the first: {}",
            scan.failed.len(),
            failure.error
        )
        .into());
    }
    let temperature = metadata.calibration.temperature;
    let silent = scan
        .takes
        .iter()
        .filter(|take| take.summary.reading.is_none())
        .count();
    let readings: HashMap<_, _> = scan
        .takes
        .iter()
        .map(|take| (&take.path, take.summary.reading.as_ref()))
        .collect();
    // A report wants logits: the logarithm of the take's scores, with the temperature that went into them taken out again. A clip in
    // which no voice was found gets the same score everywhere: the first label, right or wrong.
    let mut logits = Vec::new();
    for path in &paths {
        match readings.get(path).copied().flatten() {
            Some(reading) => logits.extend(
                reading
                    .scores
                    .0
                    .iter()
                    .map(|&score| score.max(1e-12).ln() * temperature),
            ),
            None => logits.extend(std::iter::repeat_n(0.0, labels.len())),
        }
    }
    let predictions = workbench.predictions(&labels, &clips, &logits);
    if let Some(path) = &args.predictions {
        write(path, &serde_json::to_vec(&predictions)?)?;
    }
    if let Some(path) = &args.result {
        let asked = choice.as_ref().map(SplitChoice::describe);
        if asked.as_ref() != Some(&metadata.training.split) || args.seed != metadata.training.seed {
            return Err(format!(
                "--result: the model was trained with the split '{}' and seed {}, asked for are {} and seed {}: clips it learned from would count as unseen",
                metadata.training.split,
                metadata.training.seed,
                asked.map_or_else(|| "all clips".to_owned(), |asked| format!("'{asked}'")),
                args.seed
            )
            .into());
        }
        let clips = workbench.clips();
        let result = assemble(&model, 0.0, predictions.clone(), None, AS_SCANNED, clips)?;
        write(path, result.to_json()?.as_bytes())?;
    }
    let about = About {
        model: metadata.name.clone(),
        recipe: metadata.training.recipe.clone(),
        seed: metadata.training.seed,
        split: match &choice {
            None | Some(SplitChoice::All) => format!(
                "all clips of the given folders; the model learned from: {}",
                metadata.training.split
            ),
            Some(choice) => choice.describe(),
        },
        measured_on: format!("{AS_SCANNED}; no voice found in {silent}"),
    };
    let report = Report::new(about, &predictions, metadata.calibration.clone(), None)?;
    println!("{}", report.to_text());
    write_report(&report, args.json.as_deref(), args.html.as_deref())
}
