//! Temperature, the threshold below which a model says "unsure", and what not answering buys.
//!
//! Temperature scaling (Guo et al. 2017) divides all logits by one number, chosen to minimise the negative log-likelihood on
//! clips the network did not learn from. It changes no answer, only how sure the model says it is. Fit it on other clips than
//! those the figures are measured on.

use serde::{Deserialize, Serialize};
use undersong_core::model::{Calibration, VoiceTemperature};

use super::predictions::{Predictions, Row};
use super::{EvaluateError, valley};

/// Temperatures searched. A fit at either end means that the logits carry no more (or no less) than the order of the classes.
pub const TEMPERATURE_RANGE: (f64, f64) = (0.05, 20.0);

/// A fitted temperature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Temperature {
    /// Divides the logits before the softmax.
    pub temperature: f64,
    /// Mean negative log-likelihood at temperature 1, in nats.
    pub nll_before: f64,
    /// The same at the fitted temperature; never larger.
    pub nll_after: f64,
    /// Whether the fit ended at an end of [`TEMPERATURE_RANGE`]: every clip right, or no better than chance. The number then says
    /// little.
    pub at_limit: bool,
}

/// Which temperature makes the true emotions most likely.
///
/// The mean negative log-likelihood is convex in `1 / T`, so it has one valley in `ln T`: golden-section search over
/// [`TEMPERATURE_RANGE`] finds it to a relative 1e-6, without derivatives that vanish where a model is sure of everything.
///
/// # Errors
/// Those of [`Predictions::check`].
pub fn fit_temperature(predictions: &Predictions) -> Result<Temperature, EvaluateError> {
    predictions.check()?;
    let nll = |log_temperature: f64| mean_nll(&predictions.rows, log_temperature.exp());
    let (lowest, highest) = (TEMPERATURE_RANGE.0.ln(), TEMPERATURE_RANGE.1.ln());
    let found = valley::lowest((lowest, highest), 1e-6, &nll);
    let at_limit = found - lowest < 1e-4 || highest - found < 1e-4;
    let nll_before = nll(0.0);
    let nll_after = nll(found);
    // A flat valley (all logits equal) has no better place than where it already is.
    if nll_after >= nll_before {
        return Ok(Temperature {
            temperature: 1.0,
            nll_before,
            nll_after: nll_before,
            at_limit: false,
        });
    }
    Ok(Temperature {
        temperature: found.exp(),
        nll_before,
        nll_after,
        at_limit,
    })
}

fn mean_nll(rows: &[Row], temperature: f64) -> f64 {
    rows.iter().map(|row| row.nll(temperature)).sum::<f64>() / rows.len().max(1) as f64
}

/// How the threshold below which a model says "unsure" is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum UnsureRule {
    /// At most this share of the clips, the least confident ones, becomes unsure.
    LeastConfident(f64),
    /// The lowest threshold at which this share of the answered clips is named right, with at least a tenth of the clips answered.
    AnsweredAccuracy(f64),
}

impl Default for UnsureRule {
    /// The least confident fifth.
    fn default() -> Self {
        Self::LeastConfident(0.2)
    }
}

/// The confidence below which a model is unsure, by a rule, at a temperature.
///
/// # Errors
/// Those of [`Predictions::check`]; a share outside 0–1; an accuracy that no threshold reaches.
pub fn unsure_threshold(
    predictions: &Predictions,
    temperature: f64,
    rule: UnsureRule,
) -> Result<f64, EvaluateError> {
    predictions.check()?;
    check_temperature(temperature)?;
    let rows: Vec<&Row> = predictions.rows.iter().collect();
    let sorted = by_confidence(&rows, temperature);
    match rule {
        UnsureRule::LeastConfident(share) => {
            check_share("the share of unsure clips", share)?;
            // Ascending place `n`: exactly n clips lie before it, and a clip at the threshold itself is answered.
            let unsure = (share * sorted.len() as f64).floor() as usize;
            let place = sorted.len().saturating_sub(unsure + 1);
            Ok(sorted.get(place).map_or(0.0, |&(confidence, _)| confidence))
        }
        UnsureRule::AnsweredAccuracy(target) => {
            check_share("the accuracy of answered clips", target)?;
            let points = points(&sorted);
            // A threshold answers every clip of its confidence, so only the last of equals tells what it gives.
            let enough = points
                .chunk_by(|a, b| a.threshold == b.threshold)
                .filter_map(<[_]>::last)
                .filter(|point| point.coverage >= 0.1);
            enough
                .clone()
                .rev()
                .find(|point| point.accuracy >= target)
                .map(|point| point.threshold)
                .ok_or_else(|| EvaluateError::Unreachable {
                    target,
                    best: enough.map(|point| point.accuracy).fold(0.0, f64::max),
                })
        }
    }
}

/// Temperature and threshold for a model file, fitted on clips the network did not learn from.
///
/// `priors` is the share of each emotion in training, in the order of the labels; `measured_on` names the clips, in words.
///
/// # Errors
/// Those of [`fit_temperature`] and [`unsure_threshold`].
pub fn calibrate(
    predictions: &Predictions,
    rule: UnsureRule,
    priors: Vec<f32>,
    measured_on: &str,
) -> Result<Calibration, EvaluateError> {
    calibrate_by_voice(predictions, rule, priors, measured_on, &[])
}

/// As [`calibrate`], where the temperature also depends on how much voice a window holds: `by_voice` holds whole temperatures, not factors.
///
/// The one temperature stays that of whole windows; the threshold is set on what the model then says of them.
///
/// # Errors
/// As [`calibrate`].
pub fn calibrate_by_voice(
    predictions: &Predictions,
    rule: UnsureRule,
    priors: Vec<f32>,
    measured_on: &str,
    by_voice: &[VoiceTemperature],
) -> Result<Calibration, EvaluateError> {
    let temperature = fit_temperature(predictions)?.temperature as f32;
    let mut calibration = Calibration {
        temperature,
        by_voice: by_voice
            .iter()
            .map(|entry| VoiceTemperature {
                times: entry.times / temperature,
                ..*entry
            })
            .collect(),
        unsure_below: 0.0,
        priors,
        ordinary: None,
        measured_on: measured_on.to_owned(),
        speaker_shift: Vec::new(),
    };
    // Set at the numbers the file will carry, not at those before rounding.
    let levelled = Predictions {
        rows: predictions
            .rows
            .iter()
            .map(|row| row.levelled(&calibration))
            .collect(),
        ..predictions.clone()
    };
    calibration.unsure_below = unsure_threshold(&levelled, f64::from(temperature), rule)? as f32;
    Ok(calibration)
}

/// What answering only the most confident clips would give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskCoveragePoint {
    /// Share of clips answered.
    pub coverage: f64,
    /// Share of those named right; the risk is one minus this.
    pub accuracy: f64,
    /// Confidence of the least confident clip answered.
    pub threshold: f64,
}

/// Accuracy against coverage (El-Yaniv & Wiener 2010; Geifman & El-Yaniv 2017).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskCoverage {
    /// At 1 %, 2 % … 100 % of the clips.
    pub points: Vec<RiskCoveragePoint>,
    /// Share named right of the most confident 60 %.
    pub accuracy_at_60: f64,
    /// Area under the risk–coverage curve: the mean risk over all coverages; smaller is better.
    pub area: f64,
}

/// Measures what answering only the most confident clips would give, at a temperature.
///
/// # Errors
/// [`EvaluateError::Setting`] for a temperature that is not positive; [`EvaluateError::NoClips`] without rows.
pub fn risk_coverage(rows: &[&Row], temperature: f64) -> Result<RiskCoverage, EvaluateError> {
    check_temperature(temperature)?;
    let points = points(&by_confidence(rows, temperature));
    let count = points.len();
    let at = |percent: usize| {
        points
            .get((percent * count).div_ceil(100).max(1) - 1)
            .cloned()
    };
    let no_clips = || EvaluateError::NoClips {
        labels: String::new(),
        left_out: 0,
    };
    Ok(RiskCoverage {
        accuracy_at_60: at(60).ok_or_else(no_clips)?.accuracy,
        area: points.iter().map(|point| 1.0 - point.accuracy).sum::<f64>() / count as f64,
        points: (1..=100).filter_map(at).collect(),
    })
}

/// Confidence and whether the answer is right, most confident first.
fn by_confidence(rows: &[&Row], temperature: f64) -> Vec<(f64, bool)> {
    let mut sorted: Vec<(f64, bool)> = rows
        .iter()
        .map(|row| (row.confidence(temperature), row.is_right()))
        .collect();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    sorted
}

/// One point for every number of clips answered, from 1 to all. Among clips of equal confidence none goes first: each stands for
/// the mean of the group, so the result does not depend on the order of the clips.
fn points(sorted: &[(f64, bool)]) -> Vec<RiskCoveragePoint> {
    let mut points = Vec::with_capacity(sorted.len());
    // Right answers of the groups before, counted whole so that a group's order leaves no rounding behind.
    let mut right_before = 0_usize;
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        let right = group.iter().filter(|(_, right)| *right).count();
        for (place, &(threshold, _)) in group.iter().enumerate() {
            let answered = (points.len() + 1) as f64;
            let share = (right * (place + 1)) as f64 / group.len() as f64;
            points.push(RiskCoveragePoint {
                coverage: answered / sorted.len() as f64,
                accuracy: (right_before as f64 + share) / answered,
                threshold,
            });
        }
        right_before += right;
    }
    points
}

pub(super) fn check_temperature(temperature: f64) -> Result<(), EvaluateError> {
    if temperature.is_finite() && temperature > 0.0 {
        return Ok(());
    }
    Err(EvaluateError::Setting {
        name: "the temperature",
        value: temperature,
        expected: "a number above 0",
    })
}

fn check_share(name: &'static str, value: f64) -> Result<(), EvaluateError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(EvaluateError::Setting {
        name,
        value,
        expected: "a share from 0 to 1",
    })
}
