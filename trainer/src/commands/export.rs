//! `undersong-trainer export`: from a run's network to a model file that can be shipped, and its card.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use undersong_core::model::onnx::set_metadata;
use undersong_core::model::{FORMAT_VERSION, Model, ModelMetadata};

use super::{CommandError, write_and_tell};
use crate::conditions::Conditions;
use crate::evaluate::{
    About, Card, History, Made, Predictions, Report, UnsureRule, calibrate_by_voice, duration,
    fit_ordinary, plural, reproduce, write_card,
};

/// What a run answered on its test part.
const ANSWERS: &str = "predictions.json";

/// Arguments of `export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// Folder of the run whose network is shipped.
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// Name of the model.
    #[arg(long)]
    name: String,
    /// One sentence on the model; without it, the recipe's.
    #[arg(long)]
    description: Option<String>,
    /// The model file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Run of the same recipe on unseen speakers: gives the calibration, and figures for the card. May be given more than once, one fold
    /// each: their answers are measured together.
    #[arg(long, value_name = "DIR")]
    speakers: Vec<PathBuf>,
    /// Run of the same recipe on the paper's split: figures for the card.
    #[arg(long, value_name = "DIR")]
    paper: Option<PathBuf>,
    /// What `conditions --run … --json` measured on the runs of --speakers: gives the temperature by voice in the window, and a table for the card.
    #[arg(long, value_name = "FILE", requires = "speakers")]
    conditions: Option<PathBuf>,
    /// The document in which the model's entry is written or replaced: commands, times and hashes of the results.
    #[arg(long, value_name = "FILE")]
    reproduce: Option<PathBuf>,
    /// The card to write.
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// A command that makes the model again, for the card; may be given more than once.
    #[arg(long = "command", value_name = "TEXT")]
    commands: Vec<String>,
    /// A limit to name in the card; may be given more than once.
    #[arg(long = "limit", value_name = "TEXT")]
    limits: Vec<String>,
}

/// Writes the model file and its card.
pub(super) fn run(args: &ExportArgs) -> Result<(), CommandError> {
    let source = args.run.join("model.onnx");
    let model = Model::open(&source)?;
    let mut metadata = model.metadata().clone();
    metadata.name.clone_from(&args.name);
    if let Some(description) = &args.description {
        metadata.description.clone_from(description);
    }
    let conditions = args.conditions.as_deref().map(conditions).transpose()?;
    let unseen = unseen(args, &metadata, conditions.as_ref())?;
    if let Some(unseen) = &unseen {
        let speakers: BTreeSet<&str> = unseen
            .predictions
            .rows
            .iter()
            .map(|row| row.speaker.as_str())
            .collect();
        let networks = match args.speakers.len() {
            1 => "a network of the same recipe".to_owned(),
            count => format!("one of {count} networks of the same recipe"),
        };
        metadata.calibration = calibrate_by_voice(
            &unseen.predictions,
            UnsureRule::default(),
            metadata.calibration.priors.clone(),
            &format!(
                "{} clips of {} speakers whom {networks} had not heard",
                unseen.predictions.rows.len(),
                speakers.len()
            ),
            &conditions
                .as_ref()
                .map(Conditions::temperatures)
                .unwrap_or_default(),
        )?;
        metadata.calibration.ordinary = fit_ordinary(&unseen.predictions)?;
        metadata.format_version = FORMAT_VERSION;
    }
    let paper = args
        .paper
        .as_deref()
        .map(|run| {
            let one = Measured {
                about: about(run, &metadata)?,
                predictions: predictions(run, ANSWERS)?,
                history: Some(history(run)?),
            };
            report(one, &metadata)
        })
        .transpose()?;
    let speakers = unseen.map(|unseen| report(unseen, &metadata)).transpose()?;
    metadata.quality = [&paper, &speakers]
        .into_iter()
        .flatten()
        .flat_map(Report::quality)
        .collect();
    let bytes = set_metadata(model.bytes(), &metadata)?;
    Model::from_bytes(bytes.clone(), &metadata.name)?;
    write_and_tell(&args.out, &bytes)?;
    if let Some(path) = &args.card {
        let live = conditions.as_ref().map(Conditions::to_markdown);
        let card = write_card(&Card {
            model: &metadata,
            paper: paper.as_ref(),
            speakers: speakers.as_ref(),
            live: live.as_deref(),
            commands: &args.commands,
            limits: &args.limits,
        });
        write_and_tell(path, card.as_bytes())?;
    }
    if let Some(path) = &args.reproduce {
        let document = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            read => read.map_err(|error| format!("{}: {error}", path.display()))?,
        };
        let entry = reproduce(
            &document,
            &args.name,
            &machine(),
            &args.commands,
            &made(args)?,
        );
        write_and_tell(path, entry.as_bytes())?;
    }
    Ok(())
}

/// Answers and what is known of how they came about.
struct Measured {
    about: About,
    predictions: Predictions,
    history: Option<History>,
}

/// The answers of all runs on unseen speakers; with the voice in each window where the conditions tell it.
fn unseen(
    args: &ExportArgs,
    metadata: &ModelMetadata,
    conditions: Option<&Conditions>,
) -> Result<Option<Measured>, CommandError> {
    let Some(first) = args.speakers.first() else {
        return Ok(None);
    };
    let mut all = Measured {
        about: about(first, metadata)?,
        predictions: predictions(first, ANSWERS)?,
        history: Some(history(first)?),
    };
    for run in args.speakers.iter().skip(1) {
        let next = about(run, metadata)?;
        all.about.split = format!("{}; {}", all.about.split, next.split);
        all.predictions
            .append(predictions(run, ANSWERS)?)
            .map_err(|error| format!("{}: {error}", run.display()))?;
        // One curve does not stand for several trainings.
        all.history = None;
    }
    if let Some(conditions) = conditions {
        let mut measured = conditions.about.models.clone();
        let mut runs = args
            .speakers
            .iter()
            .map(|run| Ok(Model::open(run.join("model.onnx"))?.id().to_owned()))
            .collect::<Result<Vec<_>, CommandError>>()?;
        measured.sort_unstable();
        runs.sort_unstable();
        if measured != runs {
            return Err(format!(
                "--conditions were measured on the networks {}, --speakers holds {}: measure them with `conditions --run …` on the same runs",
                measured.join(", "),
                runs.join(", ")
            )
            .into());
        }
        conditions.complete(&mut all.predictions.rows);
    }
    Ok(Some(all))
}

/// A run's figures at the shipped model's calibration.
fn report(measured: Measured, metadata: &ModelMetadata) -> Result<Report, CommandError> {
    Ok(Report::new(
        measured.about,
        &measured.predictions,
        metadata.calibration.clone(),
        measured.history,
    )?)
}

fn about(run: &Path, metadata: &ModelMetadata) -> Result<About, CommandError> {
    let own = same_recipe(run, metadata)?;
    Ok(About {
        model: metadata.name.clone(),
        recipe: own.training.recipe,
        seed: own.training.seed,
        split: own.training.split,
        measured_on: "test part, one window a clip".to_owned(),
    })
}

fn conditions(path: &Path) -> Result<Conditions, CommandError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("--conditions {}: {error}", path.display()))?;
    Conditions::from_json(&text)
        .map_err(|problem| format!("--conditions {}: {problem}", path.display()).into())
}

/// What was made, in the order in which it is made, with hashes.
fn made(args: &ExportArgs) -> Result<Vec<Made>, CommandError> {
    let read = |what: &str, path: &Path, took: Option<String>| {
        Made::read(what, path, took).map_err(|error| format!("{}: {error}", path.display()))
    };
    let mut all = Vec::new();
    let runs = std::iter::once(("the trained network", &args.run))
        .chain(
            args.speakers
                .iter()
                .map(|run| ("the network for unseen speakers", run)),
        )
        .chain(
            args.paper
                .iter()
                .map(|run| ("the network for the random split", run)),
        );
    for (what, run) in runs {
        let history = history(run)?;
        let took = (!history.epochs.is_empty()).then(|| {
            format!(
                "{} in {}",
                plural(history.epochs.len(), "epoch"),
                duration(history.seconds())
            )
        });
        all.push(read(what, &run.join("model.onnx"), took)?);
        let answers = run.join(ANSWERS);
        if answers.exists() {
            all.push(read("its answers on its test part", &answers, None)?);
        }
    }
    let rest = [
        ("what it loses as live hears it", args.conditions.as_deref()),
        ("the model file", Some(args.out.as_path())),
        ("its card", args.card.as_deref()),
    ];
    for (what, path) in rest {
        if let Some(path) = path {
            all.push(read(what, path, None)?);
        }
    }
    Ok(all)
}

/// The machine, in words.
fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processor = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("model name"))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    format!("{processor}, {cores} cores, {}", std::env::consts::OS)
}

/// The run's metadata, if its figures speak for this model.
pub(super) fn same_recipe(
    run: &Path,
    metadata: &ModelMetadata,
) -> Result<ModelMetadata, CommandError> {
    let path = run.join("model.onnx");
    let own = Model::open(&path)?.metadata().clone();
    if own.training.recipe_toml != metadata.training.recipe_toml
        || own.emotions != metadata.emotions
    {
        return Err(format!(
            "{} was trained by another recipe or on other emotions: its figures say nothing of this model",
            path.display()
        )
        .into());
    }
    Ok(own)
}

fn history(run: &Path) -> Result<History, CommandError> {
    read(&run.join("history.json"))
}

/// A run's answers, from the file of this name.
pub(super) fn predictions(run: &Path, name: &str) -> Result<Predictions, CommandError> {
    read(&run.join(name))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, CommandError> {
    let bytes = std::fs::read(path).map_err(|error| {
        format!(
            "{}: {error}; expected the folder of a finished `train` run",
            path.display()
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()).into())
}
