//! Running a model's network: one trait, two engines, and the choice between them.
//!
//! [`open`] picks an engine for a [`Model`](crate::model::Model) and reports why. **ONNX Runtime** is a shared library found at
//! run time ([`find_runtime`]), on the CPU or on an NVIDIA GPU; the **built-in** engine (tract) is compiled in and always there.
//! Engines give logits only; what these mean is [`Scorer`](crate::model::Scorer)'s, the same for every engine.

mod batches;
#[cfg(feature = "builtin")]
mod builtin;
mod choice;
#[cfg(feature = "onnxruntime")]
mod cuda;
mod error;
mod open;
#[cfg(feature = "onnxruntime")]
mod ort_engine;
#[cfg(feature = "onnxruntime")]
mod placement;
#[cfg(feature = "onnxruntime")]
mod runtime;
mod search;

pub use choice::{EngineChoice, EngineKind, EngineOptions, EngineReport, Rejected};
pub use error::EngineError;
pub use open::{EngineFactory, Opened, open};
pub use search::{RUNTIME_VARIABLE, find_runtime};

/// A network that can be run.
pub trait InferenceEngine: Send {
    /// Runs `batch` windows.
    ///
    /// `input` is `[batch, 1, frames, coefficients]` in row-major order. `logits` is emptied and filled with `[batch, classes]`.
    /// Any `batch` is taken, also 0; see [`EngineOptions::batch_sizes`] for which ones cost least. The same input at the same
    /// `batch` gives the same logits, to the bit.
    ///
    /// Real-time safe: no. It allocates and may lock.
    ///
    /// # Errors
    /// [`EngineError::Input`] if `input` has the wrong length, [`EngineError::Run`] if the engine fails. `logits` is then empty.
    fn run(
        &mut self,
        input: &[f32],
        batch: usize,
        logits: &mut Vec<f32>,
    ) -> Result<(), EngineError>;

    /// Name for a person and for reports, such as `ONNX Runtime 1.31.1, CPU`.
    fn description(&self) -> &str;

    /// Which engine it is.
    fn kind(&self) -> EngineKind;
}
