//! The `.onnx` file: the few messages of its protobuf format that Undersong reads and writes, and its metadata entries.
//!
//! The messages are written down once, here, with field numbers from `onnx.proto3` of the ONNX project; the trainer's exporter
//! builds them, [`Model`](super::Model) reads them.

mod builders;
mod messages;
mod wire;

pub use messages::{
    AttributeProto, AttributeType, DataType, Dimension, DimensionValue, GraphProto, ModelProto,
    NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, TypeValue, ValueInfoProto,
};
pub use prost::Message;
pub(crate) use wire::{Damage, check};
pub use wire::{set_metadata, set_property};
