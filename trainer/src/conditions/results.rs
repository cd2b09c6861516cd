//! `Conditions`: what a model loses under each condition, as JSON and as tables.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use undersong_core::model::{Calibration, VoiceTemperature};

use super::mend::{self, VoiceTemperatures, at_temperature};
use super::{Answer, Answers, Condition, Kind};
use crate::evaluate::{Confusion, EvaluateError, Interval, Row, bootstrap, reliability};

/// Version of the JSON this code writes and reads.
const CONDITIONS_VERSION: u32 = 1;

/// What was measured, in words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionsAbout {
    /// The model's name.
    pub model: String,
    /// The recipe it was trained with.
    pub recipe: String,
    /// The first 12 hexadecimal digits of each model file's SHA-256.
    pub models: Vec<String>,
    /// Whose clips, in words: `test parts of …`.
    pub measured_on: String,
    /// Whether the model had heard these speakers in training: then the figures say how it reads known voices.
    pub heard_in_training: bool,
    /// Seed of all draws.
    pub seed: u64,
    /// What ran the model.
    pub engine: String,
    /// What made the MP3s; `None` if there was no encoder.
    pub encoder: Option<String>,
    /// The command, as given.
    pub command: String,
}

/// Figures of a set of windows. Shares are 0–1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// Clips, one window each.
    pub clips: usize,
    /// Different speakers among them.
    pub speakers: usize,
    /// Share of clips named right.
    pub accuracy: f64,
    /// Unweighted average recall.
    pub uar: f64,
    /// Expected calibration error at the model's own temperature.
    pub ece: f64,
    /// Negative log-likelihood in nats at the model's own temperature.
    pub nll: f64,
    /// Mean confidence; above the accuracy the model is overconfident.
    pub mean_confidence: f64,
    /// Share of clips that the model is unsure of.
    pub unsure: f64,
    /// Share of clips in which the gate finds enough voice to ask the model at all. The other figures are over all clips.
    pub voice_found: f64,
    /// Mean seconds of voice in the window.
    pub voiced_seconds: f64,
}

/// What a condition costs against the clean row, in shares; above 0 it costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loss {
    /// UAR lost.
    pub uar: f64,
    /// Its 95 % interval when speakers are drawn anew, the same for both rows; `None` with fewer than two speakers.
    pub interval: Option<Interval>,
}

/// A part of the clips under one condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measured {
    /// `RAVDESS`, `CREMA-D`; the whole is `all clips`.
    pub part: String,
    /// Its figures.
    pub figures: Figures,
    /// Against the clean row.
    pub lost: Loss,
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConditionRow {
    /// Its name, as for `--only`.
    pub name: String,
    /// Its name in tables.
    pub title: String,
    /// All clips first, then every corpus; none where it was not measured.
    pub parts: Vec<Measured>,
    /// Why it was not measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_measured: Option<String>,
}

/// What a corpus states of an actor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Age.
    pub age_years: Option<u32>,
    /// Race, in the corpus's words.
    pub race: Option<String>,
    /// Ethnicity, in the corpus's words.
    pub ethnicity: Option<String>,
}

/// A model under every condition. Its JSON is this structure: the field names are the keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// Version of this structure.
    pub version: u32,
    /// What was measured.
    pub about: ConditionsAbout,
    /// Temperature and threshold it was measured with.
    pub calibration: Calibration,
    /// One row a condition, the clean one first.
    pub rows: Vec<ConditionRow>,
    /// The temperature by voiced seconds, fitted on the windows that were only cut; `None` with too few of them.
    pub by_voice: Option<VoiceTemperatures>,
    /// Seconds of voice in each clip's clean window, by the clip's name: what `export` needs to measure a calibration by voice.
    pub clean_voice: BTreeMap<String, f64>,
    /// Who speaks, for answers that were written down without it.
    pub people: BTreeMap<String, Person>,
}

impl Conditions {
    /// Figures of the answers under each condition, in the same order; the first is the clean one.
    pub fn new(
        about: ConditionsAbout,
        calibration: &Calibration,
        labels: usize,
        conditions: &[Condition],
        answers: &[Answers],
    ) -> Self {
        let given = |answers: &Answers| match answers {
            Answers::Given(given) => given.clone(),
            Answers::NotMeasured(_) => Vec::new(),
        };
        let clean = conditions
            .iter()
            .zip(answers)
            .find(|(condition, _)| condition.kind == Kind::Clean)
            .map(|(_, answers)| given(answers))
            .unwrap_or_default();
        let rows = conditions
            .iter()
            .zip(answers)
            .map(|(condition, answers)| {
                let (parts, not_measured) = match answers {
                    Answers::NotMeasured(reason) => (Vec::new(), Some(reason.clone())),
                    Answers::Given(given) => (parts(labels, calibration, &clean, given), None),
                };
                ConditionRow {
                    name: condition.name.to_owned(),
                    title: condition.title.to_owned(),
                    parts,
                    not_measured,
                }
            })
            .collect();
        let cut: Vec<(&str, Vec<Answer>)> = conditions
            .iter()
            .zip(answers)
            .filter(|(condition, _)| condition.cuts_only())
            .map(|(condition, answers)| (condition.name, given(answers)))
            .collect();
        // Whole windows alone say nothing of short ones.
        let by_voice = (cut.len() > 1)
            .then(|| {
                let cut: Vec<(&str, &[Answer])> = cut
                    .iter()
                    .map(|(name, answers)| (*name, answers.as_slice()))
                    .collect();
                mend::fit(calibration, &cut)
            })
            .flatten();
        Self {
            version: CONDITIONS_VERSION,
            about,
            calibration: calibration.clone(),
            rows,
            by_voice,
            clean_voice: clean
                .iter()
                .map(|answer| (answer.row.name.clone(), answer.voiced_seconds))
                .collect(),
            people: clean
                .iter()
                .map(|Answer { row, .. }| {
                    let person = Person {
                        age_years: row.age_years,
                        race: row.race.clone(),
                        ethnicity: row.ethnicity.clone(),
                    };
                    (row.speaker.clone(), person)
                })
                .collect(),
        }
    }

    /// The temperatures by seconds of voice for a model file, whole ones in place of factors. None where they were not fitted, or where
    /// they mend too little on speakers whom the fit had not seen ([`VoiceTemperatures::mends`]).
    pub fn temperatures(&self) -> Vec<VoiceTemperature> {
        let fit = self.by_voice.iter().filter(|fit| fit.mends());
        fit.flat_map(|fit| &fit.by_voice)
            .map(|entry| VoiceTemperature {
                times: entry.times * self.calibration.temperature,
                ..*entry
            })
            .collect()
    }

    /// Completes answers by name: the voice in each clip's window, and who speaks where that is missing.
    pub fn complete(&self, rows: &mut [Row]) {
        for row in rows {
            row.voiced_seconds = self.clean_voice.get(&row.name).copied();
            if let Some(person) = self.people.get(&row.speaker) {
                row.age_years = row.age_years.or(person.age_years);
                row.race = row.race.take().or_else(|| person.race.clone());
                row.ethnicity = row.ethnicity.take().or_else(|| person.ethnicity.clone());
            }
        }
    }

    /// A row by its condition's name.
    pub fn row(&self, name: &str) -> Option<&ConditionRow> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// Everything, as JSON with the field names as keys; the same figures give the same bytes.
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
    /// Says what does not parse, or that the version is another.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let value: serde_json::Value =
            serde_json::from_str(json).map_err(|error| error.to_string())?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(CONDITIONS_VERSION) => {}
            version => {
                return Err(format!(
                    "its version is {version:?}, expected {CONDITIONS_VERSION}: the JSON of `undersong-trainer conditions --json`"
                ));
            }
        }
        serde_json::from_value(value).map_err(|error| error.to_string())
    }
}

/// All clips, and every corpus where there are several.
fn parts(
    labels: usize,
    calibration: &Calibration,
    clean: &[Answer],
    given: &[Answer],
) -> Vec<Measured> {
    let corpora: BTreeSet<&str> = given
        .iter()
        .map(|answer| answer.row.corpus.as_str())
        .collect();
    let of = |corpus: Option<&str>| {
        let pick = |answers: &[Answer]| -> Vec<Answer> {
            answers
                .iter()
                .filter(|answer| corpus.is_none_or(|corpus| answer.row.corpus == corpus))
                .cloned()
                .collect()
        };
        let (clean, given) = (pick(clean), pick(given));
        Measured {
            part: corpus.unwrap_or("all clips").to_owned(),
            figures: figures(labels, calibration, &given),
            lost: lost(labels, &clean, &given),
        }
    };
    let mut parts = vec![of(None)];
    if corpora.len() > 1 {
        parts.extend(corpora.iter().map(|corpus| of(Some(corpus))));
    } else if let (Some(only), Some(part)) = (corpora.first(), parts.first_mut()) {
        part.part = (*only).to_owned();
    }
    parts
}

fn figures(labels: usize, calibration: &Calibration, answers: &[Answer]) -> Figures {
    let rows: Vec<Row> = answers
        .iter()
        .map(|answer| at_temperature(answer, calibration))
        .collect();
    let rows: Vec<&Row> = rows.iter().collect();
    let confusion = Confusion::of(labels, rows.iter().copied());
    let reliability = reliability(&rows, 1.0);
    let count = answers.len().max(1) as f64;
    let share = |holds: &dyn Fn(usize) -> bool| {
        (0..answers.len()).filter(|&index| holds(index)).count() as f64 / count
    };
    let unsure_below = f64::from(calibration.unsure_below);
    Figures {
        clips: answers.len(),
        speakers: rows
            .iter()
            .map(|row| row.speaker.as_str())
            .collect::<BTreeSet<_>>()
            .len(),
        accuracy: confusion.accuracy(),
        uar: confusion.uar(),
        ece: reliability.ece,
        nll: reliability.nll,
        mean_confidence: reliability.mean_confidence,
        unsure: share(&|index| {
            rows.get(index)
                .is_some_and(|row| row.confidence(1.0) < unsure_below)
        }),
        voice_found: share(&|index| answers.get(index).is_some_and(|answer| answer.voice_found)),
        voiced_seconds: answers
            .iter()
            .map(|answer| answer.voiced_seconds)
            .sum::<f64>()
            / count,
    }
}

/// UAR of the clean windows less that of the given ones, with an interval over speakers drawn anew within each corpus.
fn lost(labels: usize, clean: &[Answer], given: &[Answer]) -> Loss {
    let mut corpora: BTreeMap<&str, BTreeMap<&str, [Confusion; 2]>> = BTreeMap::new();
    for (which, answers) in [clean, given].into_iter().enumerate() {
        for answer in answers {
            let speaker = corpora
                .entry(&answer.row.corpus)
                .or_default()
                .entry(&answer.row.speaker)
                .or_insert_with(|| [Confusion::new(labels), Confusion::new(labels)]);
            speaker[which].add(&Confusion::of(labels, [&answer.row]));
        }
    }
    let strata: Vec<Vec<[Confusion; 2]>> = corpora
        .into_values()
        .map(|speakers| speakers.into_values().collect())
        .collect();
    let difference = |pick: &mut dyn Iterator<Item = &[Confusion; 2]>| {
        let mut sums = [Confusion::new(labels), Confusion::new(labels)];
        for pair in pick {
            for (sum, confusion) in sums.iter_mut().zip(pair) {
                sum.add(confusion);
            }
        }
        sums[0].uar() - sums[1].uar()
    };
    let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
    let mut draws = Vec::new();
    if sizes.iter().any(|&speakers| speakers > 1) {
        bootstrap::draw(&sizes, |drawn| {
            let mut pick = strata.iter().zip(drawn).flat_map(|(speakers, places)| {
                places.iter().filter_map(|&place| speakers.get(place))
            });
            draws.push(difference(&mut pick));
        });
    }
    Loss {
        uar: difference(&mut strata.iter().flatten()),
        interval: bootstrap::interval(draws),
    }
}
