//! From a trained network to an ONNX file's bytes (operator set 17).

mod graph;

pub use graph::{ExportError, INPUT, OUTPUT, onnx_bytes};
