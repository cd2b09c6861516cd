//! Learning from one corpus and testing on the other: another room, other microphones, other directions to the actors.

use super::speakers::draw_validation;
use super::{Split, SplitError};
use crate::corpus::{Clip, CorpusKind};

/// Learns from the clips of `learn` whose emotion is among `labels`, tests on every clip of the other corpora; validates on
/// `validation_share` of the learned corpus's actors (0: none).
///
/// # Errors
/// [`SplitError`] when either side has no clip, the share is not in 0 to 1, or identical files would be separated.
pub fn cross(
    clips: &[Clip],
    learn: CorpusKind,
    labels: &[String],
    validation_share: f64,
    seed: u64,
) -> Result<Split, SplitError> {
    for kind in CorpusKind::ALL {
        if clips.iter().all(|clip| clip.corpus != kind) {
            return Err(SplitError::OneCorpus { missing: kind });
        }
    }
    let learned = |clip: &&Clip| clip.corpus == learn && labels.contains(&clip.emotion);
    let validation = draw_validation(clips.iter().filter(learned), validation_share, seed)?;
    let mut split = Split::default();
    for (index, clip) in clips.iter().enumerate() {
        if clip.corpus != learn {
            split.test.push(index);
        } else if learned(&clip) {
            match validation.contains(clip.speaker.as_str()) {
                true => split.validation.push(index),
                false => split.train.push(index),
            }
        }
    }
    split.checked(clips)
}
