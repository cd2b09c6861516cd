//! All networks of a recipe, one after another.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use super::checkpoint::CheckpointError;
use super::data::RunData;
use super::run::{Event, Trained, train};
use super::{RunKey, TrainError};
use crate::evaluate::{EpochRecord, History};
use crate::recipe::Recipe;

/// Between the seeds of a run's networks, so that no run's second network is another run's first.
const SEEDS_APART: u64 = 1 << 32;

/// Trains every network of the recipe; each keeps its checkpoint in a folder of its own (`network-1`, …) where there are several.
///
/// # Errors
/// As [`train`]; the networks that are done stay done.
pub fn train_members(
    recipe: &Recipe,
    data: &RunData<'_>,
    key: &RunKey,
    out: &Path,
    stop: &AtomicBool,
    mut tell: impl FnMut(usize, &Recipe, Event<'_>),
) -> Result<Vec<Trained>, TrainError> {
    let members = recipe.members();
    let mut trained = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let out = folder(out, index, members.len());
        std::fs::create_dir_all(&out).map_err(|source| CheckpointError::Io {
            path: out.clone(),
            source,
        })?;
        let key = RunKey {
            recipe_toml: member.to_toml()?,
            seed: key.seed.wrapping_add(SEEDS_APART * index as u64),
            ..key.clone()
        };
        trained.push(train(member, data, &key, &out, stop, |event| {
            tell(index, member, event);
        })?);
    }
    Ok(trained)
}

fn folder(out: &Path, index: usize, count: usize) -> PathBuf {
    match count {
        1 => out.to_owned(),
        _ => out.join(format!("network-{}", index + 1)),
    }
}

/// The epochs of all networks in the order in which they were trained, counted through.
pub fn history(trained: &[Trained]) -> History {
    let records = trained.iter().flat_map(|one| &one.history.epochs);
    let epochs = records
        .zip(1..)
        .map(|(record, epoch)| EpochRecord {
            epoch,
            ..record.clone()
        })
        .collect();
    History { epochs }
}
