//! From a finished run to its file of results.

use std::path::Path;

use sha2::{Digest, Sha256};
use undersong_core::features::{FeatureConfig, FeatureKind};
use undersong_core::model::{Model, ModelMetadata};

use super::error::ResultsError;
use super::file::RunResult;
use super::protocol::Protocol;
use super::{AS_SCANNED, WITH_PROFILE};
use crate::corpus::Clip;
use crate::evaluate::Predictions;
use crate::nn::{NetworkSpec, PoolingSpec};
use crate::recipe::Recipe;

/// Puts a network's result together from what its model file says of itself.
///
/// `clips` tell who speaks and what listeners heard; without a clip's table, age, race and votes stay unknown. `validation` are clips
/// that took part in no gradient and no test, if there are any.
///
/// # Errors
/// If the model's words on its split are not ones the trainer writes, or the predictions cannot be evaluated.
pub fn assemble(
    model: &Model,
    seconds: f64,
    test: Predictions,
    validation: Option<Predictions>,
    measured_on: &str,
    clips: &[Clip],
) -> Result<RunResult, ResultsError> {
    let metadata = model.metadata();
    let training = &metadata.training;
    test.check()?;
    let protocol = Protocol::parse(&training.split).ok_or_else(|| {
        ResultsError::Malformed(format!(
            "the model's split is '{}', expected words as `train` writes them",
            training.split
        ))
    })?;
    let recipe = Recipe::parse(&training.recipe_toml, &training.recipe).ok();
    let labels = test.labels.clone();
    Ok(RunResult {
        recipe: training.recipe.clone(),
        method: recipe
            .as_ref()
            .map_or_else(|| "network".to_owned(), |recipe| method(&recipe.network)),
        features: features(&metadata.features),
        settings: training.recipe_toml.clone(),
        command: command(metadata, recipe.as_ref(), &protocol),
        protocol,
        seed: training.seed,
        epochs: training.epochs,
        seconds,
        trainer: training.trainer_version.clone(),
        model_sha256: Sha256::digest(model.bytes())
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        measured_on: measured_on.to_owned(),
        test,
        validation: validation.unwrap_or_else(|| Predictions::new(labels)),
        people: Default::default(),
        votes: Default::default(),
    }
    .with_clips(clips))
}

/// The command that makes the run again, with the corpora's folders as `DIR`.
fn command(metadata: &ModelMetadata, recipe: Option<&Recipe>, protocol: &Protocol) -> String {
    let training = &metadata.training;
    let corpora: String = ["ravdess", "cremad"]
        .into_iter()
        .filter(|key| {
            matches!(protocol, Protocol::Cross { .. })
                || training
                    .data
                    .iter()
                    .any(|data| data.corpus.to_lowercase().replace('-', "") == *key)
        })
        .map(|key| format!(" --{key} DIR"))
        .collect();
    // Another number of epochs than the recipe of that name has was asked for on the command line.
    let named = Recipe::load(&training.recipe).ok();
    let epochs = match (recipe, &named) {
        (Some(recipe), Some(named)) if recipe.training.epochs != named.training.epochs => {
            format!(" --epochs {}", recipe.training.epochs)
        }
        _ => String::new(),
    };
    // One that does not come with the trainer was read from a file.
    let ending = if named.is_some() { "" } else { ".toml" };
    format!(
        "undersong-trainer train --recipe {}{ending}{epochs} {} --seed {}{corpora} --out runs/{}",
        training.recipe,
        protocol.arguments(),
        training.seed,
        slug(&training.recipe, protocol, training.seed)
    )
}

/// What learns, in the words of a table.
fn method(network: &NetworkSpec) -> String {
    let mut parts = Vec::new();
    if !network.conv.is_empty() {
        parts.push("CNN");
    }
    if network.lstm.is_some() {
        parts.push("BiLSTM");
    }
    if matches!(network.pooling, PoolingSpec::AttentiveStatistics { .. }) {
        parts.push("attention");
    }
    if parts.is_empty() {
        parts.push("dense layers");
    }
    parts.join(" + ")
}

/// What it sees, in the words of a table.
fn features(features: &FeatureConfig) -> String {
    let name = match features.kind {
        FeatureKind::LogMel => "log-mel",
        FeatureKind::Mfcc { .. } => "MFCC",
    };
    match features.deltas {
        0 => name.to_owned(),
        _ => format!("{name} with deltas"),
    }
}

/// The file's name in a folder of results: the same run has the same name, so a newer file takes its older one's place.
pub fn file_name(result: &RunResult) -> String {
    let scan = match result.measured_on.as_str() {
        AS_SCANNED => "-scan",
        WITH_PROFILE => "-profile",
        _ => "",
    };
    format!(
        "{}{scan}.json",
        slug(&result.recipe, &result.protocol, result.seed)
    )
}

fn slug(recipe: &str, protocol: &Protocol, seed: u64) -> String {
    let safe: String = recipe
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() || letter == '-' {
                letter
            } else {
                '-'
            }
        })
        .collect();
    format!("{safe}-{}-seed{seed}", protocol.slug())
}

/// Reads a result file, for a message that names it.
pub(crate) fn read(path: &Path) -> Result<RunResult, ResultsError> {
    let bytes = std::fs::read(path).map_err(|source| ResultsError::Read {
        path: path.to_owned(),
        source,
        expected: "a run's result.json",
    })?;
    let value = serde_json::from_slice(&bytes)
        .map_err(|error| ResultsError::Malformed(error.to_string()))?;
    RunResult::from_value(value)
}
