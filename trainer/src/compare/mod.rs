//! The paper's own comparisons, remade on the same folds: SVM and KNN on summaries of a clip, and networks with parts left out.
//!
//! ```text
//! clip ── frames (MFCC, log-mel: core; chroma, contrast, waveform: here) ── summary ── standardised ── SVM, KNN ── RunResult
//! recipes cnn, lstm, paper, paper-log-mel, undersong ── `train`, each in a process of its own ── RunResult
//! ```
//! Raw waveform as the paper lists it means short frames of samples here, described by a few numbers each: the networks of this trainer
//! begin with frames, so a network on the samples themselves cannot be expressed in a recipe.

mod chroma;
mod classic;
mod contrast;
mod knn;
mod plan;
mod scores;
mod spectrogram;
mod summary;
mod svm;
mod waveform;

pub use chroma::{CHROMA_CLASSES, Chroma};
pub use classic::{Classic, ClassicError, ClassicRun, run_classic};
pub use contrast::{CONTRAST_BANDS, Contrast};
pub use plan::{Classifier, Entry, What, plan};
pub use spectrogram::{HOP_SAMPLES, RATE_HZ, Spectrogram, TRANSFORM_SAMPLES};
pub use summary::{FrameFeatures, Summariser};
