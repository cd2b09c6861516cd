//! `Report`: every figure of one evaluation, as text, JSON and one self-contained HTML page.

pub(crate) mod charts;
mod fair;
pub(crate) mod format;
pub(crate) mod html;
mod rows;
pub(crate) mod svg;
pub(crate) mod text;

use serde::{Deserialize, Serialize};
use undersong_core::model::{Calibration, Quality};

pub(super) use fair::{bins_markdown, coverage_markdown, markdown as fairness_markdown};
pub(crate) use format::{count, decimals, duration, interval, percent, plural, trained_for};

use super::EvaluateError;
use super::calibrate::{RiskCoverage, RiskCoveragePoint, check_temperature, risk_coverage};
use super::fairness::{FairnessPart, fairness};
use super::history::History;
use super::metrics::Metrics;
use super::predictions::{LeftOut, Predictions, Row};
use super::reliability::{Reliability, reliability};

/// Version of the JSON this code writes and reads.
///
/// Version 2 has `fairness`; a report of version 1 is read without.
const REPORT_VERSION: u32 = 2;

/// What was evaluated, in words for the head of a report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The model's name, such as `undersong-8`.
    pub model: String,
    /// The recipe it was trained with.
    pub recipe: String,
    /// The seed it was trained with.
    pub seed: u64,
    /// Which split, in words: `paper` (random, speakers shared), `speakers, fold 0` (unseen speakers).
    pub split: String,
    /// What was measured, in words: `test part`, `all clips of the given folders`.
    pub measured_on: String,
}

/// Figures of a part of the clips.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The part, as printed: `CREMA-D`, `female`, `CREMA-D, female`.
    pub name: String,
    /// Its figures.
    pub metrics: Metrics,
    /// Expected calibration error, calibrated.
    pub ece: f64,
    /// Negative log-likelihood in nats, calibrated.
    pub nll: f64,
}

/// Every figure of one evaluation. Its JSON is this structure: the field names are the keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Version of this structure.
    pub version: u32,
    /// What was evaluated.
    pub about: About,
    /// The model's emotions, in the order of its outputs.
    pub labels: Vec<String>,
    /// Clips not evaluated, because the model does not have their emotion.
    pub left_out: Vec<LeftOut>,
    /// All clips together.
    pub overall: Metrics,
    /// Every corpus by itself.
    pub by_corpus: Vec<Group>,
    /// Women and men.
    pub by_sex: Vec<Group>,
    /// Women and men of every corpus.
    pub by_corpus_and_sex: Vec<Group>,
    /// For whom it is worse: every corpus by sex, age band, race and ethnicity, as far as it states them.
    #[serde(default)]
    pub fairness: Vec<FairnessPart>,
    /// Temperature and threshold the model was measured with.
    pub calibration: Calibration,
    /// Confidence against accuracy of the bare network, temperature 1.
    pub before_calibration: Reliability,
    /// Confidence against accuracy at the calibrated temperature.
    pub after_calibration: Reliability,
    /// Share of clips whose confidence lies below the threshold.
    pub unsure_share: f64,
    /// Share of the other clips named right; `None` if there are none.
    pub answered_accuracy: Option<f64>,
    /// What answering only the most confident clips would give.
    pub risk_coverage: RiskCoverage,
    /// How training went, where it is known.
    pub history: Option<History>,
}

impl Report {
    /// Measures predictions with a model's calibration.
    ///
    /// # Errors
    /// Those of [`Predictions::check`]; a temperature that is not above 0.
    pub fn new(
        about: About,
        predictions: &Predictions,
        calibration: Calibration,
        history: Option<History>,
    ) -> Result<Self, EvaluateError> {
        predictions.check()?;
        let temperature = f64::from(calibration.temperature);
        check_temperature(temperature)?;
        let bare: Vec<&Row> = predictions.rows.iter().collect();
        // Where the calibration depends on a window's voice and that is known: as the model says it. No answer changes by it.
        let levelled: Vec<Row> = bare.iter().map(|row| row.levelled(&calibration)).collect();
        let rows: Vec<&Row> = levelled.iter().collect();
        let groups =
            |name: fn(&Row) -> String| group(&predictions.labels, &rows, name, temperature);
        let answered: Vec<&&Row> = rows
            .iter()
            .filter(|row| row.confidence(temperature) >= f64::from(calibration.unsure_below))
            .collect();
        let right = answered.iter().filter(|row| row.is_right()).count();
        Ok(Self {
            version: REPORT_VERSION,
            about,
            labels: predictions.labels.clone(),
            left_out: predictions.left_out.clone(),
            overall: Metrics::of(&predictions.labels, &rows),
            by_corpus: groups(|row| row.corpus.clone()),
            by_sex: groups(|row| sex(row).to_owned()),
            by_corpus_and_sex: groups(|row| format!("{}, {}", row.corpus, sex(row))),
            fairness: fairness(predictions.labels.len(), &rows),
            before_calibration: reliability(&bare, 1.0),
            after_calibration: reliability(&rows, temperature),
            unsure_share: 1.0 - answered.len() as f64 / rows.len() as f64,
            answered_accuracy: (!answered.is_empty()).then(|| right as f64 / answered.len() as f64),
            risk_coverage: risk_coverage(&rows, temperature)?,
            calibration,
            history,
        })
    }

    /// The headline figures as a model file carries them: one entry for both corpora together if there is more than one, and one
    /// for each.
    pub fn quality(&self) -> Vec<Quality> {
        let entry = |corpus: &str, metrics: &Metrics, ece: f64| Quality {
            split: self.about.split.clone(),
            corpus: corpus.to_owned(),
            clips: metrics.clips,
            accuracy: metrics.accuracy,
            uar: metrics.uar,
            macro_f1: metrics.macro_f1,
            ece,
        };
        let all = (self.by_corpus.len() > 1)
            .then(|| entry("both", &self.overall, self.after_calibration.ece));
        all.into_iter()
            .chain(
                self.by_corpus
                    .iter()
                    .map(|group| entry(&group.name, &group.metrics, group.ece)),
            )
            .collect()
    }

    /// Everything, as JSON with the field names as keys; the same report gives the same bytes.
    ///
    /// # Errors
    /// [`EvaluateError::Json`] if a figure cannot be written.
    pub fn to_json(&self) -> Result<String, EvaluateError> {
        serde_json::to_string_pretty(self)
            .map(|json| json + "\n")
            .map_err(|error| EvaluateError::Json(error.to_string()))
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// [`EvaluateError::Json`] says what does not parse, or that the version is another.
    pub fn from_json(json: &str) -> Result<Self, EvaluateError> {
        let wrong = |error: serde_json::Error| EvaluateError::Json(error.to_string());
        let value: serde_json::Value = serde_json::from_str(json).map_err(wrong)?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if (1..=u64::from(REPORT_VERSION)).contains(&version) => {}
            Some(version) => {
                return Err(EvaluateError::Json(format!(
                    "its version is {version}, expected 1 to {REPORT_VERSION}"
                )));
            }
            None => return Err(EvaluateError::Json("it has no \"version\"".to_owned())),
        }
        serde_json::from_value(value).map_err(wrong)
    }

    /// Tables for a terminal.
    pub fn to_text(&self) -> String {
        text::write(self)
    }

    /// One self-contained page: no network, no script, drawn for light and dark.
    pub fn to_html(&self) -> String {
        html::write(self)
    }

    /// The points of the risk–coverage curve that tables show, from all clips down.
    pub(super) fn coverage_points(&self) -> impl Iterator<Item = &RiskCoveragePoint> {
        [100, 90, 80, 70, 60, 50, 40, 30, 20, 10]
            .into_iter()
            .filter_map(|percent: usize| self.risk_coverage.points.get(percent - 1))
    }

    /// How much more often it is right on the most confident 60 % than on all clips, in points: `+12.7`.
    pub(in crate::evaluate) fn gained_at_60(&self) -> String {
        let gained = (self.risk_coverage.accuracy_at_60 - self.overall.accuracy) * 100.0;
        format!("{gained:+.1}").replace('-', "−")
    }

    /// Every group, as tables list them: corpora, sexes, both. Groups that say the same as a row above are left out.
    fn groups(&self) -> Vec<&Group> {
        let several = |groups: &[Group]| groups.len() > 1;
        let mut all = Vec::new();
        all.extend(self.by_corpus.iter().filter(|_| several(&self.by_corpus)));
        all.extend(self.by_sex.iter().filter(|_| several(&self.by_sex)));
        let both = several(&self.by_corpus) && several(&self.by_sex);
        all.extend(self.by_corpus_and_sex.iter().filter(|_| both));
        all
    }

    /// What the whole is called: the only corpus, or all of them.
    fn whole(&self) -> &str {
        match self.by_corpus.as_slice() {
            [only] => &only.name,
            _ => "all clips",
        }
    }

    /// One sentence on what was left out, or nothing.
    pub(super) fn left_out_sentence(&self) -> Option<String> {
        let parts: Vec<String> = self
            .left_out
            .iter()
            .map(|part| {
                format!(
                    "{} of {} ({})",
                    plural(part.clips, "clip"),
                    part.corpus,
                    part.emotion
                )
            })
            .collect();
        (!parts.is_empty()).then(|| {
            format!(
                "Not evaluated, because the model does not have the emotion: {}.",
                parts.join(", ")
            )
        })
    }
}

fn sex(row: &Row) -> &str {
    row.sex.as_deref().unwrap_or("sex not stated")
}

fn group(
    labels: &[String],
    rows: &[&Row],
    name: fn(&Row) -> String,
    temperature: f64,
) -> Vec<Group> {
    let mut parts: Vec<(String, Vec<&Row>)> = Vec::new();
    for &row in rows {
        let name = name(row);
        match parts.iter_mut().find(|(known, _)| *known == name) {
            Some((_, part)) => part.push(row),
            None => parts.push((name, vec![row])),
        }
    }
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    parts
        .into_iter()
        .map(|(name, part)| {
            let reliability = reliability(&part, temperature);
            Group {
                name,
                metrics: Metrics::of(labels, &part),
                ece: reliability.ece,
                nll: reliability.nll,
            }
        })
        .collect()
}
