//! `undersong-trainer export`: from a run's network to a model file that can be shipped, and its card.

use std::path::{Path, PathBuf};

use clap::Args;
use undersong_core::model::onnx::set_metadata;
use undersong_core::model::{Model, ModelMetadata};

use super::{CommandError, write_and_tell};
use crate::evaluate::{
    About, Card, History, Predictions, Report, UnsureRule, calibrate, write_card,
};

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
    /// Run of the same recipe on unseen speakers: gives the calibration, and figures for the card.
    #[arg(long, value_name = "DIR")]
    speakers: Option<PathBuf>,
    /// Run of the same recipe on the paper's split: figures for the card.
    #[arg(long, value_name = "DIR")]
    paper: Option<PathBuf>,
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
    if let Some(run) = &args.speakers {
        let predictions = predictions(run)?;
        same_recipe(run, &metadata)?;
        let speakers = {
            let mut names: Vec<&str> = predictions
                .rows
                .iter()
                .map(|row| row.speaker.as_str())
                .collect();
            names.sort_unstable();
            names.dedup();
            names.len()
        };
        metadata.calibration = calibrate(
            &predictions,
            UnsureRule::default(),
            metadata.calibration.priors.clone(),
            &format!(
                "{} clips of {speakers} speakers whom a network of the same recipe had not heard",
                predictions.rows.len()
            ),
        )?;
    }
    let report = |run: &Option<PathBuf>| {
        run.as_deref()
            .map(|run| measured(run, &metadata))
            .transpose()
    };
    let (paper, speakers) = (report(&args.paper)?, report(&args.speakers)?);
    metadata.quality = [&paper, &speakers]
        .into_iter()
        .flatten()
        .flat_map(Report::quality)
        .collect();
    let bytes = set_metadata(model.bytes(), &metadata)?;
    Model::from_bytes(bytes.clone(), &metadata.name)?;
    write_and_tell(&args.out, &bytes)?;
    if let Some(path) = &args.card {
        let card = write_card(&Card {
            model: &metadata,
            paper: paper.as_ref(),
            speakers: speakers.as_ref(),
            commands: &args.commands,
            limits: &args.limits,
        });
        write_and_tell(path, card.as_bytes())?;
    }
    Ok(())
}

/// A run's figures at the shipped model's calibration.
fn measured(run: &Path, metadata: &ModelMetadata) -> Result<Report, CommandError> {
    let own = same_recipe(run, metadata)?;
    let history: History = read(&run.join("history.json"))?;
    let about = About {
        model: metadata.name.clone(),
        recipe: own.training.recipe.clone(),
        seed: own.training.seed,
        split: own.training.split.clone(),
        measured_on: "test part, one window a clip".to_owned(),
    };
    Ok(Report::new(
        about,
        &predictions(run)?,
        metadata.calibration.clone(),
        Some(history),
    )?)
}

/// The run's metadata, if its figures speak for this model.
fn same_recipe(run: &Path, metadata: &ModelMetadata) -> Result<ModelMetadata, CommandError> {
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

fn predictions(run: &Path) -> Result<Predictions, CommandError> {
    read(&run.join("predictions.json"))
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, CommandError> {
    let bytes = std::fs::read(path).map_err(|error| {
        format!(
            "{}: {error}; expected the folder of a finished `train` run",
            path.display()
        )
    })?;
    serde_json::from_slice(&bytes).map_err(|error| format!("{}: {error}", path.display()).into())
}
