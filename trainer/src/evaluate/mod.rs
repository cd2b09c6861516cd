//! How good a model is: from predictions to figures, a report and a model card.
//!
//! Nothing here knows a network. Whoever runs one hands over [`Predictions`] (a clip, its true emotion, the logits), and the
//! same code then measures a network in training, an exported file or somebody else's model:
//!
//! ```text
//! Predictions ── calibrate() ── Calibration (temperature, unsure threshold)        on clips held back for it
//! Predictions + Calibration + History ── Report::new() ── to_text(), to_json(), to_html()
//! ModelMetadata + Reports (paper, speakers) ── write_card() ── a Markdown model card
//! ```
//!
//! Conventions that decide a figure:
//! - The answer to a clip is the emotion with the largest logit; on a tie, the first. Every output counts: on CREMA-D, an
//!   answer *calm* is an error although CREMA-D has no calm clip.
//! - Averages over classes (UAR, macro precision, recall and F1) run over the classes that have clips in the set at hand;
//!   a class without clips has no recall to average. Scikit-learn does the same when `labels` are those present.
//! - A precision without any answer of that class is undefined, shown as such, and counts 0 in an average (scikit-learn's
//!   `zero_division=0`).
//! - A clip whose emotion the model does not have (a calm clip, a six-class model) is not evaluated; it is counted and reported.

pub(crate) mod bootstrap;
mod calibrate;
mod card;
mod correction;
mod error;
mod fairness;
mod history;
mod metrics;
mod ordinary;
mod predictions;
mod reliability;
pub(crate) mod report;
mod reproduce;
pub(crate) mod valley;

pub use bootstrap::{Interval, Intervals, RESAMPLES};
pub use calibrate::{
    RiskCoverage, RiskCoveragePoint, TEMPERATURE_RANGE, Temperature, UnsureRule, calibrate,
    calibrate_by_voice, fit_temperature, risk_coverage, unsure_threshold,
};
pub use card::{Card, write_card};
pub use error::EvaluateError;
pub use fairness::{
    Estimate, FEW_SPEAKERS, FairGroup, FairnessPart, Gap, fairness, sentences as fairness_sentences,
};
pub use history::{EpochRecord, History};
pub use metrics::{ClassMetrics, Confusion, Metrics};
pub use ordinary::{fit_ordinary, with_profiles};
pub use predictions::{LeftOut, Predictions, Row};
pub use reliability::{RELIABILITY_BINS, Reliability, ReliabilityBin, reliability};
pub use report::{About, Group, Report};
pub(crate) use report::{decimals, duration, percent, plural};
pub use reproduce::{Made, reproduce};
