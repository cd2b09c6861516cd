//! Several networks as one: the same features in, the mean of their logits out.

use undersong_core::features::Statistics;
use undersong_core::model::onnx::{
    AttributeProto, DataType, Message, ModelProto, NodeProto, TensorProto,
};

use super::graph::{INPUT, OUTPUT};

/// Weights in arrays at least this long are worth halving.
const HALVED_FROM: usize = 1024;

/// Networks that cannot be joined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// No network was given.
    #[error("no network to join; expected one at least")]
    None,
    /// What was given is no network of this trainer's.
    #[error("network {number} (from 1) cannot be read: {problem}")]
    Unreadable {
        /// Which one, from 1.
        number: usize,
        /// What is wrong.
        problem: String,
    },
    /// Two networks take or give other numbers.
    #[error(
        "network {number} (from 1) takes or gives other sizes than the first; only networks of one kind of features and labels can be joined"
    )]
    OtherSizes {
        /// Which one, from 1.
        number: usize,
    },
}

/// A network, and what its features are standardised by.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The ONNX file's bytes.
    pub bytes: &'a [u8],
    /// `None` where its features are not standardised.
    pub statistics: Option<&'a Statistics>,
}

/// One ONNX file of several: each sees the same features, and their logits are averaged.
///
/// What goes in is standardised as for the first; for the others it is brought to their own statistics inside the file.
///
/// # Errors
/// [`JoinError`] says which of them does not fit.
pub fn join(networks: &[Member<'_>]) -> Result<Vec<u8>, JoinError> {
    let mut models = networks.iter().enumerate().map(|(index, member)| {
        let number = index + 1;
        let unreadable = |problem: String| JoinError::Unreadable { number, problem };
        let model =
            ModelProto::decode(member.bytes).map_err(|error| unreadable(error.to_string()))?;
        match model.graph {
            Some(_) => Ok((number, member.statistics, model)),
            None => Err(unreadable("it holds no graph".to_owned())),
        }
    });
    let (_, first, mut joined) = models.next().ok_or(JoinError::None)??;
    if networks.len() == 1 {
        return Ok(joined.encode_to_vec());
    }
    let Some(graph) = &mut joined.graph else {
        return Err(JoinError::None);
    };
    rename(&mut graph.node, &mut graph.initializer, 1);
    let mut sum = output_of(1);
    for model in models {
        let (number, statistics, model) = model?;
        let Some(mut other) = model.graph else {
            continue;
        };
        if other.input != graph.input || other.output != graph.output {
            return Err(JoinError::OtherSizes { number });
        }
        rename(&mut other.node, &mut other.initializer, number);
        match (first, statistics) {
            (Some(from), Some(to)) if from != to => {
                let (nodes, tensors) = restandardise(from, to, number);
                let inputs = other.node.iter_mut().flat_map(|node| &mut node.input);
                for input in inputs.filter(|input| *input == INPUT) {
                    *input = own_features(number);
                }
                graph.node.extend(nodes);
                graph.initializer.extend(tensors);
            }
            (Some(_), Some(_)) | (None, None) => {}
            _ => return Err(JoinError::OtherSizes { number }),
        }
        graph.node.append(&mut other.node);
        graph.initializer.append(&mut other.initializer);
        let next = format!("sum.{number}");
        let both = [sum.as_str(), &output_of(number)];
        graph
            .node
            .push(NodeProto::new("Add", &both, &[&next], vec![]));
        sum = next;
    }
    let share = 1.0 / networks.len() as f32;
    graph
        .initializer
        .push(TensorProto::floats("share", &[1], &[share]));
    let mean = NodeProto::new("Mul", &[&sum, "share"], &[OUTPUT], vec![]);
    graph.node.push(mean);
    Ok(joined.encode_to_vec())
}

/// The same network with its large arrays stored as 16-bit floats, half the size; it still computes with 32 bits.
///
/// # Errors
/// [`JoinError::Unreadable`] for what is no network.
pub fn halve(network: &[u8]) -> Result<Vec<u8>, JoinError> {
    let unreadable = |problem: String| JoinError::Unreadable { number: 1, problem };
    let mut model = ModelProto::decode(network).map_err(|error| unreadable(error.to_string()))?;
    let Some(graph) = &mut model.graph else {
        return Err(unreadable("it holds no graph".to_owned()));
    };
    let mut casts = Vec::new();
    for tensor in &mut graph.initializer {
        let is_float = tensor.data_type == i32::from(DataType::Float);
        if !is_float || tensor.raw_data.len() < 4 * HALVED_FROM {
            continue;
        }
        let halves = tensor.raw_data.as_chunks::<4>().0.iter();
        tensor.raw_data = halves
            .flat_map(|&bytes| half::f16::from_f32(f32::from_le_bytes(bytes)).to_le_bytes())
            .collect();
        tensor.data_type = DataType::Float16.into();
        let stored = format!("{}.half", tensor.name);
        let name = std::mem::replace(&mut tensor.name, stored);
        let to = AttributeProto::int("to", i64::from(i32::from(DataType::Float)));
        casts.push(NodeProto::new("Cast", &[&tensor.name], &[&name], vec![to]));
    }
    casts.append(&mut graph.node);
    graph.node = casts;
    Ok(model.encode_to_vec())
}

/// What a joined network's logits are called.
fn output_of(number: usize) -> String {
    format!("{number}.{OUTPUT}")
}

/// What a network's own features are called.
fn own_features(number: usize) -> String {
    format!("{number}.{INPUT}")
}

/// From features standardised by `from` to those standardised by `to`: `(x · d₁ + m₁ − m₂) / d₂` for each coefficient.
fn restandardise(
    from: &Statistics,
    to: &Statistics,
    number: usize,
) -> ([NodeProto; 2], [TensorProto; 2]) {
    let deviations = from.deviation.iter().zip(&to.deviation);
    let scales: Vec<f32> = deviations.map(|(from, to)| from / to).collect();
    let means = from.mean.iter().zip(&to.mean);
    let shifts: Vec<f32> = means
        .zip(&to.deviation)
        .map(|((from, to), deviation)| (from - to) / deviation)
        .collect();
    let name = |what: &str| format!("{number}.{what}");
    let (scale, shift, scaled) = (name("scale"), name("shift"), name("scaled"));
    let nodes = [
        NodeProto::new("Mul", &[INPUT, &scale], &[&scaled], vec![]),
        NodeProto::new("Add", &[&scaled, &shift], &[&own_features(number)], vec![]),
    ];
    let tensors = [(scale, scales), (shift, shifts)]
        .map(|(name, values)| TensorProto::floats(name, &[values.len() as i64], &values));
    (nodes, tensors)
}

/// Puts a network's number before every name but the input's.
fn rename(nodes: &mut [NodeProto], tensors: &mut [TensorProto], number: usize) {
    let renamed = |name: &mut String| {
        if !name.is_empty() && name != INPUT {
            *name = format!("{number}.{name}");
        }
    };
    for node in nodes {
        renamed(&mut node.name);
        node.input.iter_mut().for_each(renamed);
        node.output.iter_mut().for_each(renamed);
    }
    for tensor in tensors {
        renamed(&mut tensor.name);
    }
}
