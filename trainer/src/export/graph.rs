//! The network as an ONNX graph: `features` `[batch, 1, frames, coefficients]` in, `logits` `[batch, classes]` out.
//!
//! Every size but the batch is a constant, so no node has to compute shapes at run time: a shape computed on the CPU would split a
//! graph that otherwise runs whole on a GPU, and tract wants none.

use undersong_core::model::onnx::{
    AttributeProto, Dimension, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, ValueInfoProto,
};

use crate::nn::{Network, Parameter, PoolingSpec, VARIANCE_FLOOR};

/// Name of the graph's input.
pub const INPUT: &str = "features";
/// Name of the graph's output.
pub const OUTPUT: &str = "logits";

/// A network that cannot be exported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// Pooling leaves nothing of so short an input.
    #[error(
        "{frames} frames are too few for this network: its pooling leaves no step of time; expected {least} at least"
    )]
    TooFewFrames {
        /// Frames asked for.
        frames: usize,
        /// Frames it takes.
        least: usize,
    },
    /// A layer's weights are not there.
    #[error("the network has no weights named {0}; it is of another version of the trainer")]
    NoParameter(String),
}

/// An ONNX file (operator set 17) that computes what [`Network::forward`] does on inputs of `frames` frames, with `metadata_props` as
/// names and texts in its metadata.
///
/// # Errors
/// If `frames` are fewer than the pooling takes.
pub fn onnx_bytes(
    network: &Network,
    frames: usize,
    metadata_props: &[(String, String)],
) -> Result<Vec<u8>, ExportError> {
    let spec = network.spec();
    if spec.steps(frames) == 0 {
        return Err(ExportError::TooFewFrames {
            frames,
            least: spec.conv.iter().map(|conv| conv.pool[0]).product(),
        });
    }
    let mut graph = Graph::new(network);
    graph.layers(frames)?;
    let metadata = metadata_props
        .iter()
        .map(|(key, value)| StringStringEntryProto {
            key: key.clone(),
            value: value.clone(),
        });
    let model = ModelProto {
        ir_version: 8,
        producer_name: "undersong-trainer".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(GraphProto {
            node: graph.nodes,
            name: "undersong".to_owned(),
            initializer: graph.tensors,
            input: vec![batched(INPUT, &[1, frames, network.coefficients()])],
            output: vec![batched(OUTPUT, &[network.classes()])],
            ..GraphProto::default()
        }),
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 17,
        }],
        metadata_props: metadata.collect(),
        ..ModelProto::default()
    };
    Ok(model.encode_to_vec())
}

/// A graph as it grows: each node reads the value that the one before it left.
struct Graph<'a> {
    network: &'a Network,
    nodes: Vec<NodeProto>,
    tensors: Vec<TensorProto>,
    /// Name of the last value.
    last: String,
}

impl<'a> Graph<'a> {
    fn new(network: &'a Network) -> Self {
        Self {
            network,
            nodes: Vec::new(),
            tensors: Vec::new(),
            last: INPUT.to_owned(),
        }
    }

    fn parameter(&self, name: &str) -> Result<&'a Parameter, ExportError> {
        let found = self.network.parameter(name);
        found.ok_or_else(|| ExportError::NoParameter(name.to_owned()))
    }

    /// Adds a parameter as it is, and returns its name.
    fn weights(&mut self, name: &str) -> Result<String, ExportError> {
        let parameter = self.parameter(name)?;
        self.tensors
            .push(floats(name, &parameter.shape, &parameter.data));
        Ok(name.to_owned())
    }

    fn node(
        &mut self,
        op_type: &str,
        inputs: &[&str],
        outputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        self.nodes
            .push(NodeProto::new(op_type, inputs, outputs, attribute));
    }

    /// A node that reads the last value and then `others`, and leaves a value named `name`.
    fn then(
        &mut self,
        op_type: &str,
        others: &[&str],
        name: &str,
        attributes: Vec<AttributeProto>,
    ) {
        let last = std::mem::replace(&mut self.last, name.to_owned());
        let inputs: Vec<&str> = std::iter::once(last.as_str())
            .chain(others.iter().copied())
            .collect();
        self.node(op_type, &inputs, &[name], attributes);
    }

    fn transpose(&mut self, order: &[usize], name: &str) {
        self.then("Transpose", &[], name, vec![ints("perm", order)]);
    }

    /// Reshapes to `sizes`, of which -1 is the batch.
    fn reshape(&mut self, sizes: &[i64], name: &str) {
        let shape = format!("{name}.shape");
        self.tensors.push(TensorProto::ints(&shape, sizes));
        self.then("Reshape", &[&shape], name, vec![]);
    }

    fn layers(&mut self, frames: usize) -> Result<(), ExportError> {
        let spec = self.network.spec();
        let steps = spec.steps(frames);
        let width = spec.width(self.network.coefficients());
        for (index, conv) in spec.conv.iter().enumerate() {
            self.convolution(index, conv.pool)?;
        }
        // [batch, channels, steps, bands] to [steps, batch, bands · channels], in which the weights count.
        self.transpose(&[2, 0, 3, 1], "by_step");
        self.reshape(&[steps as i64, -1, width as i64], "sequence");
        let width = match &spec.lstm {
            Some(lstm) => {
                let last = spec.pooling == PoolingSpec::Last;
                self.lstm(steps, lstm.hidden, last)?;
                2 * lstm.hidden
            }
            None => width,
        };
        match spec.pooling {
            PoolingSpec::Last => {}
            PoolingSpec::Mean => {
                let axes = vec![ints("axes", &[0]), AttributeProto::int("keepdims", 0)];
                self.then("ReduceMean", &[], "pooled", axes);
            }
            PoolingSpec::AttentiveStatistics { hidden } => self.attention(width, hidden)?,
        }
        for layer in 0..=spec.dense.len() {
            let weight = self.weights(&format!("dense.{layer}.weight"))?;
            let bias = self.weights(&format!("dense.{layer}.bias"))?;
            if layer < spec.dense.len() {
                self.then("Gemm", &[&weight, &bias], &format!("dense.{layer}"), vec![]);
                self.then("Relu", &[], &format!("dense.{layer}.relu"), vec![]);
            } else {
                self.then("Gemm", &[&weight, &bias], OUTPUT, vec![]);
            }
        }
        Ok(())
    }

    fn convolution(&mut self, index: usize, pool: [usize; 2]) -> Result<(), ExportError> {
        let name = format!("conv.{index}");
        let weight_name = format!("{name}.weight");
        let weight = self.parameter(&weight_name)?;
        let &[height, breadth, inputs, outputs] = weight.shape.as_slice() else {
            return Err(ExportError::NoParameter(weight_name));
        };
        // Ours is [height, breadth, in, out], ONNX's [out, in, height, breadth].
        let flat = transposed(&weight.data, height * breadth * inputs, outputs);
        let mut turned = Vec::with_capacity(flat.len());
        for kernel in flat.chunks_exact(height * breadth * inputs) {
            turned.extend(transposed(kernel, height * breadth, inputs));
        }
        let shape = [outputs, inputs, height, breadth];
        self.tensors.push(floats(&weight_name, &shape, &turned));
        let bias = self.weights(&format!("{name}.bias"))?;
        let (top, side) = (height / 2, breadth / 2);
        let attributes = vec![
            ints("kernel_shape", &[height, breadth]),
            ints("pads", &[top, side, top, side]),
        ];
        self.then("Conv", &[&weight_name, &bias], &name, attributes);
        self.then("Relu", &[], &format!("{name}.relu"), vec![]);
        if pool != [1, 1] {
            let attributes = vec![ints("kernel_shape", &pool), ints("strides", &pool)];
            self.then("MaxPool", &[], &format!("{name}.pool"), attributes);
        }
        Ok(())
    }

    /// Leaves `[steps, batch, 2 · hidden]`, or with `last` the final states `[batch, 2 · hidden]`.
    fn lstm(&mut self, steps: usize, hidden: usize, last: bool) -> Result<(), ExportError> {
        let (mut inputs, mut recurrents, mut biases) = (Vec::new(), Vec::new(), Vec::new());
        let mut width = 0;
        for direction in ["forward", "backward"] {
            let input = self.parameter(&format!("lstm.{direction}.input"))?;
            let recurrent = self.parameter(&format!("lstm.{direction}.recurrent"))?;
            let bias = self.parameter(&format!("lstm.{direction}.bias"))?;
            width = input.data.len() / (4 * hidden).max(1);
            // Ours are [in, gates], ONNX's [gates, in].
            let turned = transposed(&input.data, width, 4 * hidden);
            inputs.extend(onnx_gates(&turned, hidden * width));
            let turned = transposed(&recurrent.data, hidden, 4 * hidden);
            recurrents.extend(onnx_gates(&turned, hidden * hidden));
            biases.extend(onnx_gates(&bias.data, hidden));
            // ONNX has two biases, the input's and the recurrence's; ours is their sum.
            biases.extend(std::iter::repeat_n(0.0, 4 * hidden));
        }
        let gates = 4 * hidden;
        for (name, shape, data) in [
            ("lstm.W", vec![2, gates, width], inputs),
            ("lstm.R", vec![2, gates, hidden], recurrents),
            ("lstm.B", vec![2, 2 * gates], biases),
        ] {
            self.tensors.push(floats(name, &shape, &data));
        }
        let attributes = vec![
            AttributeProto::int("hidden_size", hidden as i64),
            AttributeProto::string("direction", "bidirectional"),
        ];
        let sequence = self.last.clone();
        let read = [sequence.as_str(), "lstm.W", "lstm.R", "lstm.B"];
        if last {
            self.node("LSTM", &read, &["", "lstm.last"], attributes);
            self.last = "lstm.last".to_owned();
            self.transpose(&[1, 0, 2], "by_clip");
            self.reshape(&[-1, 2 * hidden as i64], "pooled");
        } else {
            self.node("LSTM", &read, &["lstm.states"], attributes);
            self.last = "lstm.states".to_owned();
            self.transpose(&[0, 2, 1, 3], "by_clip");
            self.reshape(&[steps as i64, -1, 2 * hidden as i64], "states");
        }
        Ok(())
    }

    /// From `[steps, batch, width]` to `[batch, 2 · width]`: mean and deviation over time, by the attention.
    fn attention(&mut self, width: usize, hidden: usize) -> Result<(), ExportError> {
        let states = self.last.clone();
        let weight = self.parameter("attention.hidden")?;
        debug_assert_eq!(weight.data.len(), width * hidden);
        let weight = self.weights("attention.hidden")?;
        let bias = self.weights("attention.bias")?;
        let score = self.weights("attention.score")?;
        self.tensors
            .push(floats("variance_floor", &[1], &[VARIANCE_FLOOR]));
        self.tensors.push(TensorProto::ints("time", &[0]));
        self.then("MatMul", &[&weight], "attention.product", vec![]);
        self.then("Add", &[&bias], "attention.sum", vec![]);
        self.then("Tanh", &[], "attention.units", vec![]);
        self.then("MatMul", &[&score], "attention.scores", vec![]);
        let axis = vec![AttributeProto::int("axis", 0)];
        self.then("Softmax", &[], "attention.shares", axis);
        let reduce = |keep: i64| vec![AttributeProto::int("keepdims", keep)];
        self.then("Mul", &[&states], "attention.weighted", vec![]);
        self.then("ReduceSum", &["time"], "mean", reduce(0));
        self.node("Sub", &[&states, "mean"], &["deviations"], vec![]);
        self.node("Mul", &["deviations", "deviations"], &["squares"], vec![]);
        self.last = "squares".to_owned();
        self.then("Mul", &["attention.shares"], "squares.weighted", vec![]);
        self.then("ReduceSum", &["time"], "variance", reduce(0));
        self.then("Add", &["variance_floor"], "variance.floored", vec![]);
        self.then("Sqrt", &[], "deviation", vec![]);
        let axis = vec![AttributeProto::int("axis", 1)];
        self.node("Concat", &["mean", "deviation"], &["pooled"], axis);
        self.last = "pooled".to_owned();
        Ok(())
    }
}

fn floats(name: &str, sizes: &[usize], values: &[f32]) -> TensorProto {
    let dims: Vec<i64> = sizes.iter().map(|&size| size as i64).collect();
    TensorProto::floats(name, &dims, values)
}

fn ints(name: &str, values: &[usize]) -> AttributeProto {
    let values: Vec<i64> = values.iter().map(|&value| value as i64).collect();
    AttributeProto::ints(name, &values)
}

/// A float tensor whose first size is the batch, chosen at run time.
fn batched(name: &str, sizes: &[usize]) -> ValueInfoProto {
    let fixed = sizes.iter().map(|&size| Dimension::fixed(size as i64));
    let sizes = std::iter::once(Dimension::named("batch")).chain(fixed);
    ValueInfoProto::floats(name, sizes.collect())
}

/// `[columns, rows]` from `[rows, columns]`.
fn transposed(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(matrix.len());
    for column in 0..columns {
        for row in 0..rows {
            out.push(matrix[row * columns + column]);
        }
    }
    out
}

/// Gates (`size` numbers each) from our order, input, forget, cell, output, to ONNX's: input, output, forget, cell.
fn onnx_gates(gates: &[f32], size: usize) -> Vec<f32> {
    [0, 3, 1, 2]
        .into_iter()
        .flat_map(|gate| gates[gate * size..(gate + 1) * size].iter().copied())
        .collect()
}
