//! From a trained network to an ONNX file's bytes (operator set 17).

mod graph;
mod join;

pub use graph::{ExportError, INPUT, OUTPUT, onnx_bytes};
pub use join::{JoinError, Member, halve, join};
