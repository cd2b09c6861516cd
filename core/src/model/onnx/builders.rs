//! Short ways to write the messages down, for the trainer's exporter and for tests.

use super::{
    AttributeProto, AttributeType, DataType, Dimension, DimensionValue, NodeProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, TypeValue, ValueInfoProto,
};

impl TensorProto {
    /// A tensor of 32-bit floats; `values` in row-major order, as many as `dims` multiply to.
    pub fn floats(name: impl Into<String>, dims: &[i64], values: &[f32]) -> Self {
        Self {
            name: name.into(),
            dims: dims.to_vec(),
            data_type: DataType::Float.into(),
            raw_data: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ..Self::default()
        }
    }

    /// A list of 64-bit integers, as shapes and axes are given.
    pub fn ints(name: impl Into<String>, values: &[i64]) -> Self {
        Self {
            name: name.into(),
            dims: vec![values.len() as i64],
            data_type: DataType::Int64.into(),
            raw_data: values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ..Self::default()
        }
    }
}

impl AttributeProto {
    fn named(name: &str, kind: AttributeType) -> Self {
        Self {
            name: name.to_owned(),
            r#type: kind.into(),
            ..Self::default()
        }
    }

    /// A whole number.
    pub fn int(name: &str, value: i64) -> Self {
        Self {
            i: value,
            ..Self::named(name, AttributeType::Int)
        }
    }

    /// Whole numbers.
    pub fn ints(name: &str, values: &[i64]) -> Self {
        Self {
            ints: values.to_vec(),
            ..Self::named(name, AttributeType::Ints)
        }
    }

    /// A number.
    pub fn float(name: &str, value: f32) -> Self {
        Self {
            f: value,
            ..Self::named(name, AttributeType::Float)
        }
    }

    /// Numbers.
    pub fn floats(name: &str, values: &[f32]) -> Self {
        Self {
            floats: values.to_vec(),
            ..Self::named(name, AttributeType::Floats)
        }
    }

    /// A text.
    pub fn string(name: &str, value: &str) -> Self {
        Self {
            s: value.as_bytes().to_vec(),
            ..Self::named(name, AttributeType::String)
        }
    }

    /// Texts.
    pub fn strings(name: &str, values: &[&str]) -> Self {
        Self {
            strings: values.iter().map(|v| v.as_bytes().to_vec()).collect(),
            ..Self::named(name, AttributeType::Strings)
        }
    }

    /// A tensor.
    pub fn tensor(name: &str, value: TensorProto) -> Self {
        Self {
            t: Some(value),
            ..Self::named(name, AttributeType::Tensor)
        }
    }
}

impl NodeProto {
    /// An operation of ONNX's own set, named after its first output.
    pub fn new(
        op_type: &str,
        inputs: &[&str],
        outputs: &[&str],
        attributes: Vec<AttributeProto>,
    ) -> Self {
        Self {
            op_type: op_type.to_owned(),
            name: outputs
                .iter()
                .find(|output| !output.is_empty())
                .map(|output| format!("{op_type}_{output}"))
                .unwrap_or_default(),
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: outputs.iter().map(|&name| name.to_owned()).collect(),
            attribute: attributes,
            ..Self::default()
        }
    }
}

impl Dimension {
    /// A fixed size.
    pub fn fixed(size: i64) -> Self {
        Self {
            value: Some(DimensionValue::DimValue(size)),
        }
    }

    /// A size chosen at run time, by name.
    pub fn named(name: &str) -> Self {
        Self {
            value: Some(DimensionValue::DimParam(name.to_owned())),
        }
    }
}

impl ValueInfoProto {
    /// A tensor of 32-bit floats.
    pub fn floats(name: &str, shape: Vec<Dimension>) -> Self {
        Self {
            name: name.to_owned(),
            r#type: Some(TypeProto {
                value: Some(TypeValue::TensorType(TensorTypeProto {
                    elem_type: DataType::Float.into(),
                    shape: Some(TensorShapeProto { dim: shape }),
                })),
            }),
            ..Self::default()
        }
    }
}
