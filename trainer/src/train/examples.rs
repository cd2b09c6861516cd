//! What a run learns from: the training clips, how much each counts, and what shares of the classes follow.

use super::TrainError;
use super::batches::Example;
use super::data::RunData;
use crate::recipe::TrainingSettings;

/// The clips to learn from, with their weights.
pub(super) fn examples(
    data: &RunData<'_>,
    settings: &TrainingSettings,
) -> Result<Vec<Example>, TrainError> {
    let mut counts = vec![0u64; data.labels.len()];
    let mut classes = Vec::new();
    let mut examples: Vec<Example> = data
        .train
        .iter()
        .filter_map(|&clip| {
            let class = data.classes[clip]?;
            classes.push(class);
            counts[class] += u64::from(data.repeats[clip]);
            Some(Example {
                clip,
                target: target(class, data.votes[clip].as_deref(), settings.votes, data),
                weight: 1.0,
                repeat: data.repeats[clip],
            })
        })
        .collect();
    if let Some(missing) = counts.iter().position(|&count| count == 0) {
        return Err(TrainError::MissingClass {
            label: data.labels[missing].clone(),
        });
    }
    if settings.class_weights {
        // scikit-learn's "balanced": n / (classes · n of the class); the mean over all clips is 1.
        let all: u64 = counts.iter().sum();
        for (example, &class) in examples.iter_mut().zip(&classes) {
            example.weight = (all as f64 / (counts.len() as f64 * counts[class] as f64)) as f32;
        }
    }
    Ok(examples)
}

/// The intended emotion, with `share` of what listeners heard where they were asked.
fn target(class: usize, votes: Option<&[f32]>, share: f32, data: &RunData<'_>) -> Vec<f32> {
    let mut target = vec![0.0; data.labels.len()];
    let share = if votes.is_some() { share } else { 0.0 };
    target[class] = 1.0 - share;
    for (target, vote) in target.iter_mut().zip(votes.unwrap_or_default()) {
        *target += share * vote;
    }
    target
}

/// What share of each class the loss makes a network expect.
pub(super) fn priors(examples: &[Example], classes: usize) -> Vec<f32> {
    let mut shares = vec![0.0f64; classes];
    for example in examples {
        for (share, target) in shares.iter_mut().zip(&example.target) {
            *share += f64::from(example.weight) * f64::from(example.repeat) * f64::from(*target);
        }
    }
    let all: f64 = shares.iter().sum();
    shares.iter().map(|share| (share / all) as f32).collect()
}
