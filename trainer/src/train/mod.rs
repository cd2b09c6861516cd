//! Training: windows from clips, batches beside the step, the run with its checkpoints.

mod batches;
mod checkpoint;
mod data;
mod examples;
mod members;
mod run;
mod state;
mod statistics;
mod validation;
mod voices;
mod windows;

use std::path::PathBuf;

pub use batches::{Batch, BatchPlan, Example};
pub use checkpoint::{Checkpoint, CheckpointError, RunKey};
pub use data::RunData;
pub use members::{history, train_members};
pub use run::{Event, Trained, train};
pub use validation::predict;
pub use voices::Voices;
pub use windows::{WindowMaker, utterance};

use undersong_core::features::FeatureError;

use crate::nn::SpecError;

/// Why a training run ended without a network.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The features make no sense.
    #[error("the recipe's features: {0}")]
    Features(#[from] FeatureError),
    /// The network makes no sense.
    #[error("the recipe's network: {0}")]
    Network(#[from] SpecError),
    /// A checkpoint could not be written or read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A recipe cannot be written as TOML.
    #[error("the recipe cannot be written into a checkpoint: {0}")]
    Recipe(#[from] toml::ser::Error),
    /// There is nothing to learn from.
    #[error("no clips to learn from; check --ravdess and --cremad")]
    NoClips,
    /// A label without clips.
    #[error(
        "no training clip is {label}: the network could never learn it; check that the corpus is whole"
    )]
    MissingClass {
        /// The label.
        label: String,
    },
    /// The loss is no longer a number.
    #[error(
        "the loss is no longer a number (epoch {epoch}, step {step}, learning rate {learning_rate}); \
         the checkpoint of epoch {kept} is kept; try a lower training.learning_rate or training.gradient_norm"
    )]
    Diverged {
        /// Epoch, from 1.
        epoch: u32,
        /// Step in the epoch, from 1.
        step: u64,
        /// Learning rate of the step before.
        learning_rate: f32,
        /// Epochs in the checkpoint.
        kept: u32,
    },
    /// The user stopped the run.
    #[error("stopped after {epochs} whole epochs; the same command goes on from there")]
    Stopped {
        /// Epochs in the checkpoint.
        epochs: u32,
    },
    /// The folder holds another run.
    #[error("{path} is of another run: {difference}; choose another --out or remove it", path = path.display())]
    OtherRun {
        /// The checkpoint.
        path: PathBuf,
        /// What differs.
        difference: String,
    },
    /// The checkpoint's arrays are of another network.
    #[error("{path} does not fit the recipe's network; choose another --out or remove it", path = path.display())]
    DoesNotFit {
        /// The checkpoint.
        path: PathBuf,
    },
}
