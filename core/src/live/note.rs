//! `Note`: what the audio thread tells the worker beside the sound.

use super::LiveSettings;

/// What is told beside the sound, at its place in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    /// Index, among all samples ever written to the ring, of the first that it holds for.
    pub(super) at: u64,
    pub(super) kind: NoteKind,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum NoteKind {
    /// Sound is missing before this sample, which stands at this position of the stream.
    Gap { position: u64 },
    /// Settings from the audio thread.
    Settings(LiveSettings),
}
