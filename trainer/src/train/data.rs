//! `RunData`: the clips of a run, and what is known of them.

use crate::cache::ClipStore;

/// What a run needs to know of its data.
#[derive(Debug)]
pub struct RunData<'a> {
    /// Sound of all clips.
    pub store: &'a ClipStore,
    /// Class of each clip of the store; `None` where the emotion is not among the labels.
    pub classes: &'a [Option<usize>],
    /// How often each clip is seen in an epoch.
    pub repeats: &'a [u32],
    /// Clips to learn from.
    pub train: &'a [usize],
    /// Clips that decide when to stop and what to keep; may be empty.
    pub validation: &'a [usize],
    /// The labels, in the order of the outputs.
    pub labels: &'a [String],
}
