//! Promise: a training step is the one PyTorch makes from the same weights and data (`torch_step.py` made the golden file).
#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeMap;

use serde::Deserialize;
use undersong_trainer::nn::*;

#[derive(Deserialize)]
struct Settings {
    learning_rate: f32,
    beta_mean: f32,
    beta_square: f32,
    epsilon: f32,
    weight_decay: f32,
}

#[derive(Deserialize)]
struct Golden {
    settings: Settings,
    features: Vec<f32>,
    targets: Vec<f32>,
    weights: Vec<f32>,
    before: BTreeMap<String, Vec<f32>>,
    losses: Vec<f64>,
    gradients: BTreeMap<String, Vec<f32>>,
    after: BTreeMap<String, Vec<f32>>,
}

fn near(what: &str, ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let largest = theirs.iter().fold(0.0_f32, |a, v| a.max(v.abs()));
    for (index, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (a - b).abs() <= tolerance * largest + 1e-8,
            "{what}[{index}]: {a}, PyTorch {b}"
        );
    }
}

#[test]
fn two_steps_equal_pytorchs() {
    let golden: Golden = serde_json::from_str(include_str!("golden/torch_step.json")).unwrap();
    let conv = |channels| ConvSpec {
        channels,
        pool: [2, 2],
        dropout: 0.0,
    };
    let spec = NetworkSpec {
        dropout: 0.0,
        dense: vec![7],
        conv: vec![conv(4), conv(5)],
        lstm: Some(LstmSpec { hidden: 6 }),
        pooling: PoolingSpec::AttentiveStatistics { hidden: 5 },
    };
    let mut network = Network::new(&spec, 9, 4, 0).unwrap();
    assert_eq!(network.parameters().len(), golden.before.len());
    for parameter in network.parameters_mut() {
        let values = &golden.before[&parameter.name];
        assert_eq!(values.len(), parameter.data.len(), "{}", parameter.name);
        parameter.data.clone_from(values);
    }
    let settings = AdamWSettings {
        beta_mean: golden.settings.beta_mean,
        beta_square: golden.settings.beta_square,
        epsilon: golden.settings.epsilon,
        weight_decay: golden.settings.weight_decay,
    };
    let mut optimiser = AdamW::new(&network, settings);
    let mut gradients = Gradients::new(&network);
    for (step, expected) in golden.losses.iter().enumerate() {
        let loss = network.gradients(
            &mut gradients,
            &golden.features,
            5,
            13,
            &golden.targets,
            Some(&golden.weights),
            step as u64,
        );
        assert!(
            (f64::from(loss) - expected).abs() < 2e-6,
            "loss {loss}, PyTorch {expected}"
        );
        if step == 0 {
            for (parameter, ours) in network.parameters().iter().zip(&gradients.values) {
                near(
                    &parameter.name,
                    ours,
                    &golden.gradients[&parameter.name],
                    2e-5,
                );
            }
        }
        optimiser.step(&mut network, &gradients, golden.settings.learning_rate);
    }
    for parameter in network.parameters() {
        near(
            &parameter.name,
            &parameter.data,
            &golden.after[&parameter.name],
            5e-5,
        );
    }
}
