//! Network, optimiser and average to a checkpoint's arrays, and back.

use std::path::Path;

use super::TrainError;
use super::checkpoint::{Checkpoint, RunKey};
use crate::nn::{AdamW, Ema, Network};

/// All weights, one after the other.
pub(super) fn flat(network: &Network) -> Vec<f32> {
    network
        .parameters()
        .iter()
        .flat_map(|parameter| parameter.data.iter().copied())
        .collect()
}

/// Puts weights from [`flat`] back; `path` is the checkpoint they are of.
pub(super) fn set_flat(
    network: &mut Network,
    values: &[f32],
    path: &Path,
) -> Result<(), TrainError> {
    let mut rest = values;
    for parameter in network.parameters_mut() {
        let Some((data, after)) = rest.split_at_checked(parameter.data.len()) else {
            return Err(TrainError::DoesNotFit {
                path: path.to_owned(),
            });
        };
        parameter.data.copy_from_slice(data);
        rest = after;
    }
    Ok(())
}

/// A checkpoint's arrays.
pub(super) fn arrays(
    network: &Network,
    optimiser: &AdamW,
    average: Option<&Ema>,
    best: Option<&[f32]>,
) -> Vec<(String, Vec<f32>)> {
    let mut arrays = vec![("weights".to_owned(), flat(network))];
    arrays.extend(optimiser.state());
    if let Some(average) = average {
        arrays.push(("average".to_owned(), average.values().to_vec()));
    }
    if let Some(best) = best {
        arrays.push(("best".to_owned(), best.to_vec()));
    }
    arrays
}

/// Puts a checkpoint's arrays back where they were.
pub(super) fn restore(
    state: &Checkpoint,
    path: &Path,
    network: &mut Network,
    optimiser: &mut AdamW,
    average: Option<&mut Ema>,
) -> Result<(), TrainError> {
    let misfit = || TrainError::DoesNotFit {
        path: path.to_owned(),
    };
    set_flat(network, state.array("weights").ok_or_else(misfit)?, path)?;
    optimiser
        .restore(|name| state.array(name), state.steps)
        .ok_or_else(misfit)?;
    if let Some(average) = average {
        average
            .restore(state.array("average").ok_or_else(misfit)?, state.steps)
            .ok_or_else(misfit)?;
    }
    Ok(())
}

/// What tells two runs apart, in words.
pub(super) fn difference(found: &RunKey, wanted: &RunKey) -> String {
    if found.seed != wanted.seed {
        format!("its seed is {}, not {}", found.seed, wanted.seed)
    } else if found.split != wanted.split {
        format!("its split is \"{}\", not \"{}\"", found.split, wanted.split)
    } else if found.recipe_toml != wanted.recipe_toml {
        "its recipe differs".to_owned()
    } else {
        "its clips differ".to_owned()
    }
}
