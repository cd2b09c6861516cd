//! `RunData`: the clips of a run, and what is known of them.

use crate::cache::ClipStore;

/// What a run needs to know of its data.
#[derive(Debug)]
pub struct RunData<'a> {
    /// Sound of all clips.
    pub store: &'a ClipStore,
    /// Class of each clip of the store; `None` where the emotion is not among the labels.
    pub classes: &'a [Option<usize>],
    /// What listeners heard in each clip of the store, as shares of the labels, `[labels]`; `None` where nobody was asked.
    pub votes: &'a [Option<Vec<f32>>],
    /// Speaker of each clip of the store.
    pub speakers: &'a [&'a str],
    /// Whether each clip of the store is the speaker's ordinary voice.
    pub neutral: &'a [bool],
    /// How often each clip is seen in an epoch.
    pub repeats: &'a [u32],
    /// Clips to learn from.
    pub train: &'a [usize],
    /// Clips that decide when to stop and what to keep; may be empty.
    pub validation: &'a [usize],
    /// The labels, in the order of the outputs.
    pub labels: &'a [String],
}
