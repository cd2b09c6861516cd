//! Promises of a training step: it learns, repeats to the bit on any number of threads, and goes on from a saved state.
#![allow(clippy::unwrap_used)] // a test may panic

use undersong_trainer::nn::*;

const FRAMES: usize = 24;
const COEFFICIENTS: usize = 12;
const CLASSES: usize = 8;
/// Three shards, the last not full.
const BATCH: usize = 2 * SHARD + 5;

fn spec() -> NetworkSpec {
    let block = |channels| ConvSpec {
        channels,
        pool: [2, 2],
        dropout: 0.3,
    };
    NetworkSpec {
        dropout: 0.3,
        dense: vec![24],
        conv: vec![block(16), block(24)],
        lstm: Some(LstmSpec { hidden: 20 }),
        pooling: PoolingSpec::AttentiveStatistics { hidden: 16 },
    }
}

fn still(spec: NetworkSpec) -> NetworkSpec {
    let conv = spec.conv.into_iter().map(|conv| ConvSpec {
        dropout: 0.0,
        ..conv
    });
    NetworkSpec {
        dropout: 0.0,
        conv: conv.collect(),
        ..spec
    }
}

/// Clips of noise, each class with a tone of its own.
fn data() -> (Vec<f32>, Vec<f32>) {
    let mut state = 1_u32;
    let mut features = Vec::new();
    let mut targets = vec![0.0; BATCH * CLASSES];
    for clip in 0..BATCH {
        let class = clip % CLASSES;
        targets[clip * CLASSES + class] = 1.0;
        for frame in 0..FRAMES {
            for coefficient in 0..COEFFICIENTS {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 16) as f32 / 32768.0 - 1.0;
                let tone = coefficient == class && frame % 4 < 2;
                features.push(noise + if tone { 2.0 } else { 0.0 });
            }
        }
    }
    (features, targets)
}

struct Run {
    network: Network,
    gradients: Gradients,
    optimiser: AdamW,
    average: Ema,
}

impl Run {
    fn new(spec: &NetworkSpec, seed: u64, threads: usize) -> Self {
        let mut network = Network::new(spec, COEFFICIENTS, CLASSES, seed).unwrap();
        network.set_threads(threads);
        let settings = AdamWSettings {
            beta_mean: 0.9,
            beta_square: 0.98,
            epsilon: 1e-7,
            weight_decay: 0.02,
        };
        Self {
            optimiser: AdamW::new(&network, settings),
            average: Ema::new(&network, 0.9),
            gradients: Gradients::new(&network),
            network,
        }
    }

    fn steps(&mut self, range: std::ops::Range<u64>) -> f32 {
        let (features, targets) = data();
        let mut loss = 0.0;
        for step in range {
            loss = self.network.gradients(
                &mut self.gradients,
                &features,
                BATCH,
                FRAMES,
                &targets,
                None,
                step,
            );
            self.gradients.clip_norm(5.0);
            self.optimiser
                .step(&mut self.network, &self.gradients, 3e-3);
            self.average.update(&self.network);
        }
        loss
    }

    fn bits(&self) -> Vec<u32> {
        let weights = self.network.parameters().iter().flat_map(|p| &p.data);
        let all = weights.chain(self.average.values());
        all.map(|v| v.to_bits()).collect()
    }
}

#[test]
fn a_small_batch_is_learned_by_heart() {
    let mut run = Run::new(&still(spec()), 1, 2);
    let loss = run.steps(0..120);
    assert!(loss < 0.05, "loss {loss}");
    let (features, _) = data();
    let logits = run.network.forward(&features, BATCH, FRAMES);
    for (clip, row) in logits.chunks(CLASSES).enumerate() {
        let best = (0..CLASSES).max_by(|&i, &j| row[i].total_cmp(&row[j]));
        assert_eq!(best, Some(clip % CLASSES), "clip {clip}");
    }
}

#[test]
fn equal_seeds_give_equal_bits_on_any_number_of_threads() {
    let run = |seed, threads| {
        let mut run = Run::new(&spec(), seed, threads);
        run.steps(0..5);
        run.bits()
    };
    let one = run(1, 1);
    for threads in [1, 2, 5] {
        assert_eq!(one, run(1, threads), "{threads} threads");
    }
    assert_ne!(one, run(2, 1), "another seed");
}

#[test]
fn a_resumed_run_equals_an_unbroken_one() {
    let mut unbroken = Run::new(&spec(), 1, 2);
    unbroken.steps(0..7);

    let mut first = Run::new(&spec(), 1, 2);
    first.steps(0..3);
    let mut second = Run::new(&spec(), 77, 2);
    for (to, from) in second
        .network
        .parameters_mut()
        .iter_mut()
        .zip(first.network.parameters())
    {
        to.data.clone_from(&from.data);
    }
    let state = first.optimiser.state();
    let array = |name: &str| {
        let mut arrays = state.iter();
        arrays
            .find(|(n, _)| n == name)
            .map(|(_, values)| values.as_slice())
    };
    second.optimiser.restore(array, 3).unwrap();
    second.average.restore(first.average.values(), 3).unwrap();
    second.steps(3..7);
    assert_eq!(unbroken.bits(), second.bits());
}

#[test]
fn the_clips_and_the_frames_may_change_from_step_to_step() {
    let network = Network::new(&spec(), COEFFICIENTS, CLASSES, 1).unwrap();
    let mut kept = Gradients::new(&network);
    for (clips, frames) in [(3, 24), (20, 9), (1, 40), (40, 24), (3, 24)] {
        let features: Vec<f32> = (0..clips * frames * COEFFICIENTS)
            .map(|i| (i * 31 % 97) as f32 / 48.0 - 1.0)
            .collect();
        let mut targets = vec![0.0; clips * CLASSES];
        targets.chunks_mut(CLASSES).for_each(|row| row[2] = 1.0);
        let mut fresh = Gradients::new(&network);
        let of = |gradients: &mut Gradients| {
            network.gradients(gradients, &features, clips, frames, &targets, None, 5)
        };
        assert_eq!(of(&mut kept).to_bits(), of(&mut fresh).to_bits());
        assert_eq!(
            kept.values, fresh.values,
            "{clips} clips of {frames} frames"
        );
    }
}
