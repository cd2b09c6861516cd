//! The speech corpora the trainer learns from: RAVDESS and CREMA-D, in their published layouts.
//!
//! [`load`] finds the clips and reads their labels from file names and tables, without decoding anything;
//! [`inspect()`] listens to every clip and leaves out what cannot be learned from: silent, undecodable and
//! duplicate clips. What was left out, and why, stays in the [`Corpus`] and is printed by [`Corpus::report`].
//!
//! ```text
//! ravdess/Actor_01/03-01-05-02-01-01-01.wav     (or .flac, .ogg, …)
//! cremad/AudioWAV/1001_DFA_ANG_XX.wav
//! cremad/VideoDemographics.csv, cremad/tabulatedVotes.csv    (optional: age, sex, race; crowd votes)
//! ```

mod clip;
mod crowd;
mod error;
mod folders;
mod inspect;
mod labels;
mod load;
pub(crate) mod parallel;
mod report;
mod sketch;
mod tables;

pub use clip::{Clip, CorpusKind, Digest, Intensity, Sex, Votes};
pub use error::CorpusError;
pub use inspect::{SILENCE_PEAK, Sound, find_defects, inspect};
pub use labels::{EMOTIONS, Labels, Rejected, parse_name};
pub(crate) use load::content_hash;
pub use load::{Corpus, LeftOut, load};
pub use sketch::Sketch;
