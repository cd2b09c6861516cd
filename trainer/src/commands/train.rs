//! `undersong-trainer train`.
#![allow(
    clippy::print_stderr,
    reason = "progress is for a person at the terminal"
)]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;

use super::{CommandError, CorpusArgs, SplitArgs};
use crate::evaluate::{Metrics, Predictions, Row};
use crate::recipe::{Keep, Recipe};
use crate::train::{Event, RunData, RunKey, Trained, WindowMaker, predict, train, write_whole};
use crate::workbench::Workbench;

/// Arguments of `train`.
#[derive(Debug, Args)]
pub(super) struct TrainArgs {
    /// A recipe: `paper`, `undersong`, or the path of a recipe file.
    #[arg(long, value_name = "NAME|FILE")]
    recipe: String,
    #[command(flatten)]
    corpora: CorpusArgs,
    #[command(flatten)]
    split: SplitArgs,
    /// Seed of every random choice.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder for the checkpoint, the history, the predictions on the test part and the model.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Trains, then tests.
pub(super) fn run(args: &TrainArgs) -> Result<(), CommandError> {
    let recipe = Recipe::load(&args.recipe)?;
    std::fs::create_dir_all(&args.out)
        .map_err(|error| format!("--out {}: {error}", args.out.display()))?;
    let workbench = Workbench::open(
        &args.corpora.sources(),
        &recipe.features,
        &mut |done, of| {
            if done.is_multiple_of(500) || done == of {
                eprintln!("decoding {done} of {of} clips");
            }
        },
    )?;
    eprint!("{}", workbench.corpus.report());
    let labels = workbench.labels();
    let classes = workbench.classes(&labels);
    let repeats = workbench.repeats(recipe.training.repeat);
    let validates = recipe.training.early_stopping.is_some()
        || recipe.training.keep == Keep::BestValidationAccuracy;
    let choice = args.split.choice();
    let split = workbench.split(&choice, validates, args.seed)?;
    eprintln!(
        "{} clips train, {} validate, {} test",
        split.train.len(),
        split.validation.len(),
        split.test.len()
    );
    let key = RunKey {
        recipe_toml: recipe.to_toml()?,
        seed: args.seed,
        split: choice.describe(),
        clips: workbench.split_hash(&split),
    };
    let data = RunData {
        store: &workbench.store,
        classes: &classes,
        repeats: &repeats,
        train: &split.train,
        validation: &split.validation,
        labels: &labels,
    };
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })?;
    let started = Instant::now();
    let mut first_epoch = None;
    let trained = train(
        &recipe,
        &data,
        &key,
        &args.out,
        &stop,
        |event| match event {
            Event::Resumed { epochs } => eprintln!("going on after epoch {epochs}"),
            Event::Step {
                epoch,
                step,
                steps,
                loss,
            } => {
                first_epoch.get_or_insert(epoch);
                if step % 50 == 0 {
                    eprintln!("epoch {epoch}: step {step} of {steps}, loss {loss:.4}");
                }
            }
            Event::Epoch(record) => {
                let done = record.epoch + 1 - first_epoch.unwrap_or(record.epoch);
                let left = started.elapsed().as_secs_f64() / f64::from(done)
                    * f64::from(recipe.training.epochs - record.epoch);
                eprintln!(
                    "epoch {} of at most {}: loss {:.4}{}, {:.0} s, at most {:.0} min left",
                    record.epoch,
                    recipe.training.epochs,
                    record.train_loss,
                    match (record.validation_loss, record.validation_accuracy) {
                        (Some(loss), Some(accuracy)) => format!(
                            ", validation loss {loss:.4}, accuracy {:.1} %",
                            accuracy * 100.0
                        ),
                        _ => String::new(),
                    },
                    record.seconds,
                    left / 60.0
                );
            }
        },
    )?;
    write_whole(
        &args.out.join("history.json"),
        &serde_json::to_vec_pretty(&trained.history)?,
    )?;
    let predictions = test(&recipe, &workbench, &labels, &split.test, &trained)?;
    write_whole(
        &args.out.join("predictions.json"),
        &serde_json::to_vec(&predictions)?,
    )?;
    summary(&predictions);
    Ok(())
}

fn test(
    recipe: &Recipe,
    workbench: &Workbench,
    labels: &[String],
    clips: &[usize],
    trained: &Trained,
) -> Result<Predictions, CommandError> {
    let mut maker = WindowMaker::new(recipe, &trained.features)?;
    let logits = predict(&trained.network, &mut maker, &workbench.store, clips)?;
    Ok(workbench.predictions(labels, clips, &logits))
}

fn summary(predictions: &Predictions) {
    for corpus in ["RAVDESS", "CREMA-D"] {
        let rows: Vec<&Row> = predictions
            .rows
            .iter()
            .filter(|row| row.corpus == corpus)
            .collect();
        if !rows.is_empty() {
            let metrics = Metrics::of(&predictions.labels, &rows);
            eprintln!(
                "{corpus}: {} clips, accuracy {:.1} %, UAR {:.1} %",
                metrics.clips,
                metrics.accuracy * 100.0,
                metrics.uar * 100.0
            );
        }
    }
}
