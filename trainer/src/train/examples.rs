//! What a run learns from: the training clips, how much each counts, and what shares of the classes follow.

use super::TrainError;
use super::batches::Example;
use super::data::RunData;

/// The clips to learn from, with their weights.
pub(super) fn examples(
    data: &RunData<'_>,
    class_weights: bool,
) -> Result<Vec<Example>, TrainError> {
    let mut examples: Vec<Example> = data
        .train
        .iter()
        .filter_map(|&clip| {
            data.classes[clip].map(|class| Example {
                clip,
                class,
                weight: 1.0,
                repeat: data.repeats[clip],
            })
        })
        .collect();
    let mut counts = vec![0u64; data.labels.len()];
    for example in &examples {
        counts[example.class] += u64::from(example.repeat);
    }
    if let Some(missing) = counts.iter().position(|&count| count == 0) {
        return Err(TrainError::MissingClass {
            label: data.labels[missing].clone(),
        });
    }
    if class_weights {
        // scikit-learn's "balanced": n / (classes · n of the class); the mean over all clips is 1.
        let all: u64 = counts.iter().sum();
        for example in &mut examples {
            example.weight =
                (all as f64 / (counts.len() as f64 * counts[example.class] as f64)) as f32;
        }
    }
    Ok(examples)
}

/// What share of each class the loss makes a network expect.
pub(super) fn priors(examples: &[Example], classes: usize) -> Vec<f32> {
    let mut shares = vec![0.0f64; classes];
    for example in examples {
        shares[example.class] += f64::from(example.weight) * f64::from(example.repeat);
    }
    let all: f64 = shares.iter().sum();
    shares.iter().map(|share| (share / all) as f32).collect()
}
