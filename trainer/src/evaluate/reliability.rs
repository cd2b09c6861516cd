//! Whether a model is right as often as it says: reliability bins, expected calibration error, log-likelihood.
//!
//! After Guo, Pleiss, Sun & Weinberger, "On Calibration of Modern Neural Networks", ICML 2017: bin `m` of `M` holds the clips
//! whose confidence lies in `((m − 1) / M, m / M]`, and `ECE = Σ |B_m| / n · |accuracy(B_m) − confidence(B_m)|`.

use serde::{Deserialize, Serialize};

use super::predictions::Row;

/// Number of equal-width bins, as in Guo et al. 2017.
pub const RELIABILITY_BINS: usize = 15;

/// Clips answered with about the same confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReliabilityBin {
    /// Confidence above which it starts.
    pub lower: f64,
    /// Confidence up to which it runs.
    pub upper: f64,
    /// Clips in it.
    pub clips: usize,
    /// Mean confidence of its clips; `None` if it is empty.
    pub confidence: Option<f64>,
    /// Share of its clips named right; `None` if it is empty.
    pub accuracy: Option<f64>,
}

/// How far confidence and accuracy agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// Temperature by which the logits were divided; 1 is the bare network.
    pub temperature: f64,
    /// Mean negative log-likelihood of the true emotion, in nats; chance is the logarithm of the number of labels.
    pub nll: f64,
    /// Expected calibration error over [`RELIABILITY_BINS`] bins.
    pub ece: f64,
    /// Mean confidence; above the accuracy the model is overconfident.
    pub mean_confidence: f64,
    /// The bins, from no confidence to full.
    pub bins: Vec<ReliabilityBin>,
}

/// Measures how far confidence and accuracy agree at a temperature. Without rows every figure is 0.
pub fn reliability(rows: &[&Row], temperature: f64) -> Reliability {
    let mut sums = [(0_usize, 0.0_f64, 0_usize); RELIABILITY_BINS];
    let (mut nll, mut total) = (0.0, 0.0);
    for row in rows {
        let confidence = row.confidence(temperature);
        nll += row.nll(temperature);
        total += confidence;
        let bin = (confidence * RELIABILITY_BINS as f64).ceil() as usize;
        if let Some((clips, sum, right)) = sums.get_mut(bin.clamp(1, RELIABILITY_BINS) - 1) {
            *clips += 1;
            *sum += confidence;
            *right += usize::from(row.is_right());
        }
    }
    let count = rows.len().max(1) as f64;
    let bins: Vec<ReliabilityBin> = sums
        .iter()
        .enumerate()
        .map(|(index, &(clips, sum, right))| ReliabilityBin {
            lower: index as f64 / RELIABILITY_BINS as f64,
            upper: (index + 1) as f64 / RELIABILITY_BINS as f64,
            clips,
            confidence: (clips > 0).then(|| sum / clips as f64),
            accuracy: (clips > 0).then(|| right as f64 / clips as f64),
        })
        .collect();
    let ece = bins
        .iter()
        .filter_map(|bin| Some((bin.accuracy? - bin.confidence?).abs() * bin.clips as f64 / count))
        .sum();
    Reliability {
        temperature,
        nll: nll / count,
        ece,
        mean_confidence: total / count,
        bins,
    }
}
