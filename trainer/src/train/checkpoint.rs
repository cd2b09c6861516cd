//! A run's state after an epoch, in one file that is replaced whole or not at all.
//!
//! Layout: `UNDERSONG-CHECKPOINT\n`, the header's length as a little-endian `u64`, the header as JSON, then every array as
//! little-endian `f32` in the header's order, then the SHA-256 of all before it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use undersong_core::timeline::write_file;

use crate::evaluate::History;

const MAGIC: &[u8] = b"UNDERSONG-CHECKPOINT\n";

/// What a run is, so that a checkpoint of another run is never continued.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunKey {
    /// The whole recipe, as TOML.
    pub recipe_toml: String,
    /// Seed.
    pub seed: u64,
    /// The split, in words.
    pub split: String,
    /// SHA-256 over the clips of each part of the split.
    pub clips: String,
}

/// A run's state after an epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Which run.
    pub key: RunKey,
    /// Epochs done.
    pub epochs: u32,
    /// Steps done.
    pub steps: u64,
    /// Whether the run is over.
    pub finished: bool,
    /// What each epoch brought.
    pub history: History,
    /// Best validation accuracy so far.
    pub best_accuracy: Option<f64>,
    /// Lowest validation loss so far and the epoch that brought it.
    pub lowest_loss: Option<(f64, u32)>,
    /// Arrays by name: weights, optimiser state, moving average, best weights.
    pub arrays: Vec<(String, Vec<f32>)>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    key: RunKey,
    epochs: u32,
    steps: u64,
    finished: bool,
    history: History,
    best_accuracy: Option<f64>,
    lowest_loss: Option<(f64, u32)>,
    arrays: Vec<(String, usize)>,
}

/// Why a checkpoint could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The system said no.
    #[error("{path}: {source}; free space or choose another --out, then run the same command again: it goes on from the last checkpoint", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no checkpoint, or cut off.
    #[error("{path}: {reason}; remove it to start again", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

impl Checkpoint {
    /// The array of a name.
    pub fn array(&self, name: &str) -> Option<&[f32]> {
        self.arrays
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, data)| data.as_slice())
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// Names the file and what the system said; the file that stood there before stays.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let io = |source| CheckpointError::Io {
            path: path.to_owned(),
            source,
        };
        let header = Header {
            key: self.key.clone(),
            epochs: self.epochs,
            steps: self.steps,
            finished: self.finished,
            history: self.history.clone(),
            best_accuracy: self.best_accuracy,
            lowest_loss: self.lowest_loss,
            arrays: self
                .arrays
                .iter()
                .map(|(name, data)| (name.clone(), data.len()))
                .collect(),
        };
        let json = serde_json::to_vec(&header).map_err(|error| io(error.into()))?;
        let mut bytes = MAGIC.to_vec();
        bytes.extend((json.len() as u64).to_le_bytes());
        bytes.extend(json);
        for (_, data) in &self.arrays {
            for value in data {
                bytes.extend(value.to_le_bytes());
            }
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        write_file(path, |out| out.write_all(&bytes)).map_err(|error| io(error.source))
    }

    /// Reads a file that `write` made.
    ///
    /// # Errors
    /// Names the file and whether it could not be read or is damaged.
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let bytes = std::fs::read(path).map_err(|source| CheckpointError::Io {
            path: path.to_owned(),
            source,
        })?;
        Self::decode(&bytes).map_err(|reason| CheckpointError::Damaged {
            path: path.to_owned(),
            reason,
        })
    }

    fn decode(bytes: &[u8]) -> Result<Self, String> {
        let cut_off = || "the checkpoint is cut off".to_owned();
        let (body, digest) = bytes
            .len()
            .checked_sub(32)
            .and_then(|at| bytes.split_at_checked(at))
            .ok_or_else(cut_off)?;
        let rest = body
            .strip_prefix(MAGIC)
            .ok_or("this is no checkpoint of undersong-trainer")?;
        if Sha256::digest(body).as_slice() != digest {
            return Err(
                "the checkpoint is cut off or damaged (its checksum does not fit)".to_owned(),
            );
        }
        let (length, rest) = rest.split_first_chunk::<8>().ok_or_else(cut_off)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut_off())?;
        let (json, mut rest) = rest.split_at_checked(length).ok_or_else(cut_off)?;
        let header: Header =
            serde_json::from_slice(json).map_err(|error| format!("its header: {error}"))?;
        let mut arrays = Vec::new();
        for (name, length) in header.arrays {
            let (data, after) = length
                .checked_mul(4)
                .and_then(|bytes| rest.split_at_checked(bytes))
                .ok_or_else(cut_off)?;
            rest = after;
            let (values, _) = data.as_chunks::<4>();
            arrays.push((
                name,
                values.iter().map(|v| f32::from_le_bytes(*v)).collect(),
            ));
        }
        Ok(Self {
            key: header.key,
            epochs: header.epochs,
            steps: header.steps,
            finished: header.finished,
            history: header.history,
            best_accuracy: header.best_accuracy,
            lowest_loss: header.lowest_loss,
            arrays,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            key: RunKey {
                recipe_toml: "name = 'x'".to_owned(),
                seed: 7,
                split: "paper".to_owned(),
                clips: "abc".to_owned(),
            },
            epochs: 3,
            steps: 99,
            finished: false,
            history: History::default(),
            best_accuracy: Some(0.1 + 0.2),
            lowest_loss: Some((1.0 / 3.0, 2)),
            arrays: vec![
                ("weights".to_owned(), vec![1.0, -2.5, f32::MIN_POSITIVE]),
                ("empty".to_owned(), vec![]),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_back_to_the_bit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        checkpoint().write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint());
    }

    #[test]
    fn every_cut_and_any_flipped_bit_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint");
        checkpoint().write(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for length in 0..whole.len() {
            assert!(
                Checkpoint::decode(&whole[..length]).is_err(),
                "cut at {length}"
            );
        }
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            assert!(Checkpoint::decode(&bytes).is_err(), "flipped at {at}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let message = checkpoint()
            .write(Path::new("no/such/folder/checkpoint"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("no/such/folder/checkpoint"), "{message}");
    }
}
