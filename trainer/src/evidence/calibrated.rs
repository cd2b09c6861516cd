//! Calibration that no test clip had a hand in.
//!
//! Folds of actors: the temperature and the unsure threshold for fold *k* come from the other folds' test clips, each answered by the
//! network that had not heard it. No label and no answer of fold *k* enters what is minimised. What remains: those other networks learned
//! from fold *k*'s clips, so how sure they are elsewhere depends on them a little; two numbers a fold carry that. Without it, every pair of
//! folds would need a network of its own, four times the training.
//!
//! Random split and cross-corpus: both come from the run's own validation clips, where it has some.

use super::series::{Family, Series, fold};
use crate::evaluate::{
    EvaluateError, Predictions, Reliability, RiskCoverage, Row, UnsureRule, fit_temperature,
    reliability, risk_coverage, unsure_threshold,
};
use crate::results::RunResult;

/// What calibration decided for one run.
#[derive(Debug, Clone)]
pub(super) struct Decision {
    pub(super) seed: u64,
    pub(super) fold: Option<usize>,
    /// Divides the run's logits.
    pub(super) temperature: f64,
    /// Below this confidence the answer is "unsure".
    pub(super) unsure_below: f64,
    /// Clips that decided.
    pub(super) clips: usize,
}

/// A series' answers, calibrated.
#[derive(Debug, Clone)]
pub(super) struct Calibrated {
    pub(super) decisions: Vec<Decision>,
    /// The test clips with their logits divided by their run's temperature: at temperature 1 their confidence is the calibrated one.
    pub(super) rows: Vec<Row>,
    /// Confidence against accuracy of the bare networks.
    pub(super) before: Reliability,
    /// The same, calibrated.
    pub(super) after: Reliability,
    pub(super) risk: RiskCoverage,
    /// Share of clips above their run's threshold, and share of those named right.
    pub(super) answered: (f64, Option<f64>),
}

/// Calibrates a series; `Err` says why it cannot be.
pub(super) fn calibrate(series: &Series<'_>) -> Result<Calibrated, String> {
    let mut decisions = Vec::new();
    let mut rows = Vec::new();
    let mut bare: Vec<&Row> = Vec::new();
    let (mut answered, mut right) = (0_usize, 0_usize);
    for run in &series.runs {
        let others = deciding(series, run)?;
        let decision = decide(run, &others).map_err(|error| error.to_string())?;
        for row in &run.test.rows {
            bare.push(row);
            let mut tempered = row.clone();
            for logit in &mut tempered.logits {
                *logit = (f64::from(*logit) / decision.temperature) as f32;
            }
            if tempered.confidence(1.0) >= decision.unsure_below {
                answered += 1;
                right += usize::from(tempered.is_right());
            }
            rows.push(tempered);
        }
        decisions.push(decision);
    }
    let calibrated: Vec<&Row> = rows.iter().collect();
    let after = reliability(&calibrated, 1.0);
    let risk = risk_coverage(&calibrated, 1.0).map_err(|error| error.to_string())?;
    let accuracy = (answered > 0).then(|| right as f64 / answered as f64);
    Ok(Calibrated {
        decisions,
        before: reliability(&bare, 1.0),
        after,
        risk,
        answered: (answered as f64 / rows.len().max(1) as f64, accuracy),
        rows,
    })
}

/// The clips that decide for a run: none of its own test clips.
pub(super) fn deciding(series: &Series<'_>, run: &RunResult) -> Result<Predictions, String> {
    if !matches!(series.family, Family::Speakers(_)) {
        return match run.validation.rows.is_empty() {
            false => Ok(run.validation.clone()),
            true => Err("a run held back no validation clips".to_owned()),
        };
    }
    let mut all = Predictions::new(run.test.labels.iter().cloned());
    for other in &series.runs {
        if other.seed == run.seed && fold(other) != fold(run) {
            all.append(other.test.clone())
                .map_err(|error| error.to_string())?;
        }
    }
    match all.rows.is_empty() {
        false => Ok(all),
        true => Err(format!(
            "fold {} of seed {} has no other fold beside it",
            fold(run).unwrap_or(0),
            run.seed
        )),
    }
}

fn decide(run: &RunResult, others: &Predictions) -> Result<Decision, EvaluateError> {
    let temperature = fit_temperature(others)?.temperature;
    Ok(Decision {
        seed: run.seed,
        fold: fold(run),
        temperature,
        unsure_below: unsure_threshold(others, temperature, UnsureRule::default())?,
        clips: others.rows.len(),
    })
}
