//! Promises of the exported graph: it computes what the trainer's own network does.
#![allow(clippy::unwrap_used)] // a test may panic

mod nn_support;

use nn_support::noise;
use tract_onnx::prelude::*;
use undersong_core::features::Statistics;
use undersong_trainer::export::{
    ExportError, INPUT, JoinError, Member, OUTPUT, halve, join, onnx_bytes,
};
use undersong_trainer::nn::*;

fn conv(channels: usize, pool: [usize; 2]) -> ConvSpec {
    ConvSpec {
        channels,
        pool,
        dropout: 0.3,
    }
}

/// A recipe's network at the given pooling.
fn spec(pooling: PoolingSpec, dense: usize) -> NetworkSpec {
    NetworkSpec {
        dropout: 0.3,
        dense: vec![dense],
        conv: vec![conv(32, [2, 2]), conv(64, [2, 2])],
        lstm: Some(LstmSpec { hidden: 128 }),
        pooling,
    }
}

/// A network whose biases are off their start too.
fn network(spec: &NetworkSpec, coefficients: usize) -> Network {
    let mut network = Network::new(spec, coefficients, 8, 11).unwrap();
    for (index, parameter) in network.parameters_mut().iter_mut().enumerate() {
        let shift = noise(50 + index as u64, parameter.data.len());
        for (value, shift) in parameter.data.iter_mut().zip(shift) {
            *value += 0.03 * shift;
        }
    }
    network
}

/// The largest difference between tract's logits and ours on `clips` random inputs, `batch` at a time.
fn difference(network: &Network, frames: usize, clips: usize, batch: usize) -> f32 {
    let bytes = onnx_bytes(network, frames, &[]).unwrap();
    file_difference(&bytes, &[network], frames, clips, batch)
}

/// The same between a file's logits and the mean of the networks'.
fn file_difference(
    bytes: &[u8],
    networks: &[&Network],
    frames: usize,
    clips: usize,
    batch: usize,
) -> f32 {
    let coefficients = networks[0].coefficients();
    let model = tract_onnx::onnx()
        .model_for_read(&mut &*bytes)
        .unwrap()
        .with_input_fact(0, f32::fact([batch, 1, frames, coefficients]).into())
        .unwrap()
        .into_optimized()
        .unwrap()
        .into_runnable()
        .unwrap();
    let size = frames * coefficients;
    let mut worst = 0.0_f32;
    for round in 0..clips.div_ceil(batch) {
        // Some rounds loud, some quiet.
        let gain = 0.2 + 3.0 * (round % 5) as f32 / 4.0;
        let features = noise(round as u64, batch * size);
        let features: Vec<f32> = features.iter().map(|x| x * gain).collect();
        let input = Tensor::from_shape(&[batch, 1, frames, coefficients], &features).unwrap();
        let output = model.run(tvec!(input.into())).unwrap();
        let theirs = output[0].to_plain_array_view::<f32>().unwrap();
        let mut ours = vec![0.0; theirs.len()];
        for network in networks {
            let logits = network.forward(&features, batch, frames);
            for (mean, logit) in ours.iter_mut().zip(logits) {
                *mean += logit / networks.len() as f32;
            }
        }
        assert_eq!(ours.len(), theirs.len());
        assert!(
            ours.iter().any(|z| z.abs() > 0.01),
            "the logits are not all nought"
        );
        for (a, b) in ours.iter().zip(theirs.iter()) {
            worst = worst.max((a - b).abs());
        }
    }
    worst
}

#[test]
fn recipe_networks_give_their_own_logits_in_tract() {
    let attention = PoolingSpec::AttentiveStatistics { hidden: 64 };
    for (name, spec, frames) in [
        ("paper", spec(PoolingSpec::Last, 64), 130),
        ("undersong", spec(attention, 56), 121),
    ] {
        let worst = difference(&network(&spec, 40), frames, 100, 4);
        assert!(worst <= 1e-4, "{name}: {worst}");
    }
}

#[test]
fn every_kind_of_network_exports() {
    let attention = PoolingSpec::AttentiveStatistics { hidden: 5 };
    let lstm = Some(LstmSpec { hidden: 6 });
    let kinds = [
        (vec![], lstm.clone(), PoolingSpec::Last, vec![]),
        (vec![], lstm.clone(), PoolingSpec::Mean, vec![7, 5]),
        (vec![], None, attention.clone(), vec![4]),
        (
            vec![conv(5, [3, 1]), conv(4, [1, 1])],
            None,
            PoolingSpec::Mean,
            vec![],
        ),
        (vec![conv(3, [2, 3])], lstm, attention, vec![9]),
    ];
    for (conv, lstm, pooling, dense) in kinds {
        let spec = NetworkSpec {
            dropout: 0.0,
            dense,
            conv,
            lstm,
            pooling,
        };
        for batch in [1, 3] {
            let worst = difference(&network(&spec, 11), 14, 6, batch);
            assert!(worst <= 1e-5, "{spec:?}: {worst}");
        }
    }
}

#[test]
fn metadata_and_names_are_in_the_file() {
    let network = network(&spec(PoolingSpec::Last, 8), 40);
    let props = [(
        "undersong".to_owned(),
        "{\"labels\": [\"glücklich\"]}".to_owned(),
    )];
    let bytes = onnx_bytes(&network, 130, &props).unwrap();
    let model = tract_onnx::onnx()
        .proto_model_for_read(&mut bytes.as_slice())
        .unwrap();
    assert_eq!(model.metadata_props.len(), 1);
    assert_eq!(model.metadata_props[0].key, props[0].0);
    assert_eq!(model.metadata_props[0].value, props[0].1);
    assert_eq!(model.opset_import[0].version, 17);
    let graph = model.graph.unwrap();
    assert_eq!(graph.input[0].name, INPUT);
    assert_eq!(graph.output[0].name, OUTPUT);
    let kinds: Vec<&str> = graph.node.iter().map(|n| n.op_type.as_str()).collect();
    assert!(
        !kinds.contains(&"Shape") && !kinds.contains(&"Gather"),
        "{kinds:?}"
    );
}

#[test]
fn too_short_an_input_is_refused() {
    let network = network(&spec(PoolingSpec::Last, 8), 40);
    let error = onnx_bytes(&network, 3, &[]).unwrap_err();
    assert_eq!(
        error,
        ExportError::TooFewFrames {
            frames: 3,
            least: 4
        }
    );
}

#[test]
fn joined_networks_give_the_mean_of_their_logits() {
    let attention = PoolingSpec::AttentiveStatistics { hidden: 16 };
    let small = NetworkSpec {
        conv: vec![conv(8, [2, 2])],
        lstm: Some(LstmSpec { hidden: 16 }),
        ..spec(attention, 12)
    };
    let other = NetworkSpec {
        dense: vec![],
        pooling: PoolingSpec::Mean,
        ..small.clone()
    };
    let networks = [
        network(&small, 20),
        network(&other, 20),
        network(&small, 20),
    ];
    let files: Vec<Vec<u8>> = networks
        .iter()
        .map(|network| onnx_bytes(network, 40, &[]).unwrap())
        .collect();
    let members: Vec<Member<'_>> = files.iter().map(|bytes| member(bytes)).collect();
    let joined = join(&members).unwrap();
    let all: Vec<&Network> = networks.iter().collect();
    assert!(file_difference(&joined, &all, 40, 12, 3) < 1e-5);
    assert_eq!(join(&members[..1]).unwrap(), files[0]);
}

fn member(bytes: &[u8]) -> Member<'_> {
    Member {
        bytes,
        statistics: None,
    }
}

#[test]
fn a_joined_network_sees_features_standardised_as_it_learned_them() {
    let small = NetworkSpec {
        conv: vec![conv(8, [2, 2])],
        lstm: None,
        ..spec(PoolingSpec::Mean, 12)
    };
    let network = network(&small, 20);
    let bytes = onnx_bytes(&network, 40, &[]).unwrap();
    let statistics = |mean: f32, deviation: f32| Statistics {
        mean: (0..20).map(|band| mean + band as f32).collect(),
        deviation: (0..20).map(|band| deviation + 0.1 * band as f32).collect(),
    };
    let (first, second) = (statistics(-40.0, 8.0), statistics(-38.0, 9.0));
    let joined = join(&[
        Member {
            bytes: &bytes,
            statistics: Some(&first),
        },
        Member {
            bytes: &bytes,
            statistics: Some(&second),
        },
    ])
    .unwrap();
    let raw: Vec<f32> = noise(9, 40 * 20).iter().map(|x| -40.0 + 20.0 * x).collect();
    let standardised = |by: &Statistics| -> Vec<f32> {
        let values = raw.iter().enumerate();
        values
            .map(|(at, x)| (x - by.mean[at % 20]) / by.deviation[at % 20])
            .collect()
    };
    let mean: Vec<f32> = network
        .forward(&standardised(&first), 1, 40)
        .iter()
        .zip(network.forward(&standardised(&second), 1, 40))
        .map(|(a, b)| (a + b) / 2.0)
        .collect();
    let runnable = tract_onnx::onnx()
        .model_for_read(&mut joined.as_slice())
        .unwrap()
        .with_input_fact(0, f32::fact([1, 1, 40, 20]).into())
        .unwrap()
        .into_optimized()
        .unwrap()
        .into_runnable()
        .unwrap();
    let input = Tensor::from_shape(&[1, 1, 40, 20], &standardised(&first)).unwrap();
    let output = runnable.run(tvec!(input.into())).unwrap();
    let theirs = output[0].to_plain_array_view::<f32>().unwrap();
    for (a, b) in mean.iter().zip(theirs.iter()) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn halved_weights_take_half_the_room_and_change_the_logits_little() {
    let attention = PoolingSpec::AttentiveStatistics { hidden: 64 };
    let network = network(&spec(attention, 56), 40);
    let whole = onnx_bytes(&network, 120, &[]).unwrap();
    let halved = halve(&whole).unwrap();
    assert!(halved.len() * 100 < whole.len() * 52, "{}", halved.len());
    let difference = file_difference(&halved, &[&network], 120, 8, 4);
    assert!(difference < 5e-3, "{difference}");
    let joined = halve(&join(&[member(&whole), member(&whole)]).unwrap()).unwrap();
    assert!(file_difference(&joined, &[&network], 120, 8, 4) < 5e-3);
}

#[test]
fn networks_that_do_not_fit_each_other_are_not_joined() {
    let small = spec(PoolingSpec::Mean, 8);
    let file = |frames| onnx_bytes(&network(&small, 20), frames, &[]).unwrap();
    assert_eq!(
        join(&[member(&file(40)), member(&file(48))]),
        Err(JoinError::OtherSizes { number: 2 })
    );
    assert_eq!(join(&[]), Err(JoinError::None));
    let error = join(&[member(&file(40)), member(b"no network")]).unwrap_err();
    assert!(error.to_string().contains("network 2"), "{error}");
}
