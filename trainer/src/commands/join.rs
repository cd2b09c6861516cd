//! `undersong-trainer join`: several runs' networks as one, with their mean answers, in a folder like a run's.

use std::path::{Path, PathBuf};

use clap::Args;
use undersong_core::model::Model;
use undersong_core::model::onnx::set_metadata;

use super::export::{predictions, same_recipe};
use super::{CommandError, write, write_and_tell};
use crate::evaluate::{History, Predictions};
use crate::export::{Member, halve, join};

/// Arguments of `join`.
#[derive(Debug, Args)]
pub(super) struct JoinArgs {
    /// Folder of a finished run; two or more, of one recipe, dealt the same clips, with other seeds.
    #[arg(long = "run", value_name = "DIR", required = true)]
    runs: Vec<PathBuf>,
    /// Folder for the joined network and its answers; `export` and `conditions` take it as a run.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Writes the joined run.
pub(super) fn run(args: &JoinArgs) -> Result<(), CommandError> {
    let (Some(first), true) = (args.runs.first(), args.runs.len() > 1) else {
        return Err("join: one --run was given; expected two at least".into());
    };
    let models = args
        .runs
        .iter()
        .map(|run| Model::open(run.join("model.onnx")))
        .collect::<Result<Vec<_>, _>>()?;
    let Some(model) = models.first() else {
        return Ok(());
    };
    let mut metadata = model.metadata().clone();
    for run in &args.runs {
        let own = same_recipe(run, &metadata)?;
        if own.training.split != metadata.training.split {
            return Err(format!(
                "{} was dealt `{}`, {} `{}`: only networks that did not hear the same speakers can be measured as one",
                run.display(),
                own.training.split,
                first.display(),
                metadata.training.split
            )
            .into());
        }
    }
    let members: Vec<Member<'_>> = models
        .iter()
        .map(|model| Member {
            bytes: model.bytes(),
            statistics: model.metadata().features.statistics.as_ref(),
        })
        .collect();
    let seeds: Vec<String> = models
        .iter()
        .map(|model| model.metadata().training.seed.to_string())
        .collect();
    metadata.description = format!(
        "{}; the mean of {} networks (seeds {})",
        metadata.description,
        models.len(),
        seeds.join(", ")
    );
    std::fs::create_dir_all(&args.out)
        .map_err(|error| format!("--out {}: {error}", args.out.display()))?;
    let file = |name: &str| args.out.join(name);
    // A half's rounding is far below what a network is sure of, and the file must stay small.
    let bytes = set_metadata(&halve(&join(&members)?)?, &metadata)?;
    Model::from_bytes(bytes.clone(), &metadata.name)?;
    write_and_tell(&file("model.onnx"), &bytes)?;
    write(
        &file("history.json"),
        &serde_json::to_vec(&History::default())?,
    )?;
    for name in ["predictions.json", "predictions_profile.json"] {
        if args.runs.iter().all(|run| run.join(name).exists()) {
            let mean = mean(&args.runs, name)?;
            write(&file(name), &serde_json::to_vec(&mean)?)?;
        }
    }
    Ok(())
}

/// The runs' answers with the mean of their logits.
fn mean(runs: &[PathBuf], name: &str) -> Result<Predictions, CommandError> {
    let mut runs_left = runs.iter();
    let open = |run: &Path| predictions(run, name);
    let mut sum = match runs_left.next() {
        Some(run) => open(run)?,
        None => return Err("join: no run was given".into()),
    };
    for run in runs_left {
        let next = open(run)?;
        let same = sum.labels == next.labels
            && sum.rows.len() == next.rows.len()
            && sum
                .rows
                .iter()
                .zip(&next.rows)
                .all(|(a, b)| a.name == b.name && a.logits.len() == b.logits.len());
        if !same {
            return Err(format!(
                "{}: {name} is of other clips or labels than the first run's",
                run.display()
            )
            .into());
        }
        for (sum, next) in sum.rows.iter_mut().zip(&next.rows) {
            for (sum, logit) in sum.logits.iter_mut().zip(&next.logits) {
                *sum += logit;
            }
        }
    }
    for logit in sum.rows.iter_mut().flat_map(|row| &mut row.logits) {
        *logit /= runs.len() as f32;
    }
    Ok(sum)
}
