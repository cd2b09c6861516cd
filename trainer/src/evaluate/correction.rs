//! How far a speaker's difference from everybody is taken off each emotion's logit: the correction that makes the truth most likely.

/// How many clips' worth of evidence a correction needs to leave the one share that suits all emotions: the weight of that share, as a Gaussian prior
/// of variance 1/`PRIOR_CLIPS` on each number. Between 50 and 400 the gain is the same within 0.3 points.
const PRIOR_CLIPS: f64 = 100.0;
/// Steps of the descent; it has settled long before.
const STEPS: usize = 300;

/// A clip of somebody whose ordinary voice is known.
pub(super) struct Example {
    /// Logits over the temperature, `[classes]`.
    pub logits: Vec<f64>,
    /// The speaker's difference from everybody over the temperature, `[classes]`.
    pub difference: Vec<f64>,
    /// The true emotion.
    pub truth: usize,
}

/// The matrix `[classes, classes]` with the least negative log-likelihood of `logits − matrix · difference`, held by the prior to `share` on the
/// diagonal: multinomial logistic regression, which has one lowest place, by Nesterov's accelerated descent (1983) with steps of one over the steepest
/// curvature.
pub(super) fn fit(examples: &[Example], classes: usize, share: f64) -> Vec<Vec<f64>> {
    let prior: Vec<f64> = (0..classes * classes)
        .map(|at| {
            if at / classes == at % classes {
                share
            } else {
                0.0
            }
        })
        .collect();
    // A softmax's curvature is at most 1/2, a matrix's steepest at most its trace.
    let squares: f64 = examples
        .iter()
        .flat_map(|it| &it.difference)
        .map(|d| d * d)
        .sum();
    let step = 1.0 / (0.5 * squares + PRIOR_CLIPS);
    let mut matrix = prior.clone();
    let mut ahead = matrix.clone();
    for round in 0..STEPS {
        let mut slope: Vec<f64> = ahead
            .iter()
            .zip(&prior)
            .map(|(number, prior)| PRIOR_CLIPS * (number - prior))
            .collect();
        for example in examples {
            add_slope(example, &ahead, &mut slope);
        }
        let momentum = round as f64 / (round as f64 + 3.0);
        for ((number, ahead), slope) in matrix.iter_mut().zip(&mut ahead).zip(&slope) {
            let next = *ahead - step * slope;
            *ahead = next + momentum * (next - *number);
            *number = next;
        }
    }
    matrix.chunks(classes.max(1)).map(<[f64]>::to_vec).collect()
}

fn add_slope(example: &Example, matrix: &[f64], slope: &mut [f64]) {
    let classes = example.difference.len();
    let rows = matrix.chunks_exact(classes);
    let read: Vec<f64> = example
        .logits
        .iter()
        .zip(rows)
        .map(|(logit, row)| {
            logit
                - row
                    .iter()
                    .zip(&example.difference)
                    .map(|(c, d)| c * d)
                    .sum::<f64>()
        })
        .collect();
    let largest = read.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = read.iter().map(|logit| (logit - largest).exp()).sum();
    for (class, (logit, slope)) in read.iter().zip(slope.chunks_exact_mut(classes)).enumerate() {
        let truth = if class == example.truth { 1.0 } else { 0.0 };
        let missing = truth - (logit - largest).exp() / sum;
        for (slope, difference) in slope.iter_mut().zip(&example.difference) {
            *slope += missing * difference;
        }
    }
}
