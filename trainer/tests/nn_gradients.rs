//! Promises of the network's gradients: each layer's equals finite differences of the loss.
#![allow(clippy::unwrap_used)] // a test may panic

mod nn_support;
mod reference;

use nn_support::noise;
use reference::Reference;
use undersong_trainer::nn::*;

fn targets(batch: usize, classes: usize) -> Vec<f32> {
    let mut rows = vec![0.1 / (classes - 1) as f32; batch * classes];
    for b in 0..batch {
        rows[b * classes + (b * 5 + 1) % classes] = 0.9;
    }
    rows
}

fn block(channels: usize, pool: [usize; 2], dropout: f32) -> ConvSpec {
    ConvSpec {
        channels,
        pool,
        dropout,
    }
}

fn lstm(hidden: usize) -> Option<LstmSpec> {
    Some(LstmSpec { hidden })
}

struct Data {
    features: Vec<f32>,
    targets: Vec<f32>,
    weights: Vec<f32>,
    frames: usize,
}

/// Two shards, the second not full.
const BATCH: usize = SHARD + 2;
const CLASSES: usize = 4;

impl Data {
    fn new(frames: usize, coefficients: usize) -> Self {
        Self {
            features: noise(7, BATCH * frames * coefficients),
            targets: targets(BATCH, CLASSES),
            weights: (0..BATCH).map(|b| 0.5 + 0.1 * b as f32).collect(),
            frames,
        }
    }

    fn loss(&self, network: &Network, gradients: &mut Gradients, seed: u64) -> f32 {
        let weights = Some(self.weights.as_slice());
        network.gradients(
            gradients,
            &self.features,
            BATCH,
            self.frames,
            &self.targets,
            weights,
            seed,
        )
    }

    fn reference(&self, reference: &Reference<'_>) -> f64 {
        reference.loss(&self.features, BATCH, &self.targets, &self.weights)
    }
}

/// A network whose biases are off zero, so that their paths are tested too.
fn network(spec: &NetworkSpec, coefficients: usize) -> Network {
    let mut network = Network::new(spec, coefficients, CLASSES, 3).unwrap();
    for (index, parameter) in network.parameters_mut().iter_mut().enumerate() {
        let shift = noise(90 + index as u64, parameter.data.len());
        for (value, shift) in parameter.data.iter_mut().zip(shift) {
            *value += 0.05 * shift;
        }
    }
    network
}

/// One direction through a whole tensor, then some of its elements alone; each of length 1.
fn directions(index: usize, len: usize) -> Vec<Vec<f32>> {
    let mut all = vec![noise(1000 + index as u64, len)];
    let norm = all[0].iter().map(|d| d * d).sum::<f32>().sqrt();
    all[0].iter_mut().for_each(|d| *d /= norm);
    for pick in 0..4 {
        let mut one = vec![0.0; len];
        one[(pick * 7919 + 13 * index) % len] = 1.0;
        all.push(one);
    }
    all
}

fn along(gradient: &[f32], direction: &[f32]) -> f64 {
    let products = gradient.iter().zip(direction);
    products.map(|(g, d)| f64::from(*g) * f64::from(*d)).sum()
}

/// The loss equals the f64 reference's, and each parameter's gradient the reference's central differences.
/// Parameters in `without` must have no gradient.
fn gradients_match(
    name: &str,
    spec: &NetworkSpec,
    frames: usize,
    coefficients: usize,
    without: &[&str],
) {
    let network = network(spec, coefficients);
    let data = Data::new(frames, coefficients);
    let mut gradients = Gradients::new(&network);
    let loss = data.loss(&network, &mut gradients, 0);
    let weights = network.parameters().iter();
    let mut reference = Reference {
        network: &network,
        weights: weights
            .map(|p| p.data.iter().map(|&v| f64::from(v)).collect())
            .collect(),
    };
    let expected = data.reference(&reference);
    let off = (f64::from(loss) - expected).abs();
    assert!(off < 3e-6, "{name}: loss {loss}, reference {expected}");
    for (index, gradient) in gradients.values.iter().enumerate() {
        let label = &network.parameters()[index].name;
        let largest = gradient.iter().fold(0.0_f32, |a, g| a.max(g.abs()));
        let expected = !without.contains(&label.as_str());
        assert_eq!(largest > 0.0, expected, "{name}: {label} has a gradient");
        for direction in directions(index, gradient.len()) {
            let original = reference.weights[index].clone();
            let mut at = |distance: f64| {
                let pairs = original.iter().zip(&direction);
                reference.weights[index] =
                    pairs.map(|(v, d)| v + distance * f64::from(*d)).collect();
                data.reference(&reference)
            };
            let step = 1e-6;
            let differences = (at(step) - at(-step)) / (2.0 * step);
            at(0.0);
            let found = along(gradient, &direction);
            assert!(
                (differences - found).abs() < 2e-6 + 2e-5 * f64::from(largest),
                "{name}: {label}: differences {differences:e}, gradient {found:e}"
            );
        }
    }
}

#[test]
fn convolutions_have_right_gradients() {
    // Odd sizes leave remainders in the pools; 20 channels leave a remainder in vector lanes.
    let mut spec = NetworkSpec {
        dropout: 0.0,
        dense: vec![7],
        conv: vec![block(20, [2, 2], 0.0), block(6, [2, 1], 0.0)],
        lstm: None,
        pooling: PoolingSpec::Mean,
    };
    gradients_match("two blocks", &spec, 13, 9, &[]);
    spec.conv = vec![
        block(5, [1, 1], 0.0),
        block(17, [3, 2], 0.0),
        block(4, [1, 2], 0.0),
    ];
    gradients_match("three blocks", &spec, 11, 10, &[]);
}

#[test]
fn lstm_has_right_gradients() {
    let spec = |pooling| NetworkSpec {
        dropout: 0.0,
        dense: vec![],
        conv: vec![],
        lstm: lstm(11),
        pooling,
    };
    gradients_match("last", &spec(PoolingSpec::Last), 6, 5, &[]);
    gradients_match("mean", &spec(PoolingSpec::Mean), 6, 5, &[]);
    let unused = ["lstm.forward.recurrent", "lstm.backward.recurrent"];
    gradients_match("one step", &spec(PoolingSpec::Last), 1, 5, &unused);
}

#[test]
fn attentive_statistics_have_right_gradients() {
    let spec = NetworkSpec {
        dropout: 0.0,
        dense: vec![6],
        conv: vec![],
        lstm: None,
        pooling: PoolingSpec::AttentiveStatistics { hidden: 9 },
    };
    gradients_match("attention", &spec, 8, 7, &[]);
}

#[test]
fn whole_networks_have_right_gradients() {
    for pooling in [
        PoolingSpec::Last,
        PoolingSpec::AttentiveStatistics { hidden: 8 },
    ] {
        let spec = NetworkSpec {
            dropout: 0.0,
            dense: vec![9],
            conv: vec![block(7, [2, 2], 0.0), block(9, [2, 2], 0.0)],
            lstm: lstm(10),
            pooling,
        };
        gradients_match("whole", &spec, 14, 9, &[]);
    }
}

#[test]
fn dropped_elements_carry_no_gradient_and_kept_ones_their_scale() {
    // Large biases keep every ReLU open and pools of one leave nothing to choose: the loss is smooth, and differences of
    // the fast code itself, with the same dropout seed, are exact up to f32's rounding.
    let spec = NetworkSpec {
        dropout: 0.3,
        dense: vec![7],
        conv: vec![block(16, [1, 1], 0.4), block(5, [1, 1], 0.3)],
        lstm: lstm(6),
        pooling: PoolingSpec::AttentiveStatistics { hidden: 6 },
    };
    let mut network = network(&spec, 6);
    for parameter in network.parameters_mut() {
        match parameter.name.as_str() {
            "conv.0.weight" | "conv.1.weight" => parameter.data.iter_mut().for_each(|w| *w *= 0.1),
            "conv.0.bias" | "conv.1.bias" | "dense.0.bias" => parameter.data.fill(1.0),
            _ => {}
        }
    }
    let data = Data::new(7, 6);
    let mut gradients = Gradients::new(&network);
    let other = data.loss(&network, &mut gradients, 4);
    let dropped = data.loss(&network, &mut gradients, 3);
    assert_ne!(dropped, other, "another seed drops others");
    let values = gradients.values.clone();
    for (index, gradient) in values.iter().enumerate() {
        let original = network.parameters()[index].data.clone();
        let label = network.parameters()[index].name.clone();
        for direction in directions(index, gradient.len()) {
            let mut at = |distance: f32| {
                let data_of = &mut network.parameters_mut()[index].data;
                for ((value, start), d) in data_of.iter_mut().zip(&original).zip(&direction) {
                    *value = start + distance * d;
                }
                f64::from(data.loss(&network, &mut gradients, 3))
            };
            let step = 5e-3;
            let differences = (at(step) - at(-step)) / (2.0 * f64::from(step));
            at(0.0);
            let found = along(gradient, &direction);
            assert!(
                (differences - found).abs() < 2e-4 + 0.01 * found.abs(),
                "{label}: differences {differences:e}, gradient {found:e}"
            );
        }
    }
}
