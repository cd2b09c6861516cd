//! `RunResult`: one run's answers and what they may be grouped by, as a file that is small and can be read line by line.
//!
//! A head of named fields, then one line a clip: `["1001_DFA_ANG_XX",0,4,[1203,-310,…],[6,1,0,0,3,0]]` is the clip's name, its speaker's
//! place in `speakers`, its emotion's place in `labels`, the logits in units of `unit`, and how often listeners chose each of CREMA-D's
//! six emotions ([`Votes::EMOTIONS`]) by voice alone; the last is absent where nobody was asked.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::error::ResultsError;
use super::protocol::Protocol;
use crate::corpus::{Clip, Votes};
use crate::evaluate::{LeftOut, Predictions, Row};

/// Version of the files this code writes and reads.
pub const RESULT_VERSION: u32 = 1;

/// Logits are kept to the hundred-thousandth: near ties keep their winner.
const UNIT: f64 = 0.000_01;

/// Who speaks, as the corpus states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Unique across corpora: `cremad-1001`.
    pub speaker: String,
    /// The corpus, as printed.
    pub corpus: String,
    /// `female` or `male`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<String>,
    /// Age in years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_years: Option<u32>,
    /// Race, in the corpus's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub race: Option<String>,
    /// Ethnicity, in the corpus's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<String>,
}

/// One run: what it is, and what its model answered to clips that it did not learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResult {
    /// Name of the recipe or of the classic method.
    pub recipe: String,
    /// What learns, for a table: `CNN + BiLSTM`, `SVM`.
    pub method: String,
    /// What it sees, for a table: `MFCC`, `log-mel`.
    pub features: String,
    /// Everything that decides what the run makes, but for data and seed: the recipe as TOML, with the epochs that were asked for.
    pub settings: String,
    /// How the clips were dealt.
    pub protocol: Protocol,
    /// Seed of every random choice.
    pub seed: u64,
    /// Epochs that were run; 0 for what has none.
    pub epochs: u32,
    /// How long learning took, in seconds.
    pub seconds: f64,
    /// The trainer's version.
    pub trainer: String,
    /// SHA-256 of the model file; empty where there is none.
    pub model_sha256: String,
    /// What a clip's answer is made of: `one window a clip`, `whole clips, as undersong scan answers`.
    pub measured_on: String,
    /// The command that makes it again.
    pub command: String,
    /// The test clips.
    pub test: Predictions,
    /// Clips that took part in no gradient and no test: what calibration may be fitted on. Empty where other folds serve.
    pub validation: Predictions,
    /// Who speaks in them.
    pub people: BTreeMap<String, Person>,
    /// What listeners heard by voice alone, by the clip's name, in the order of [`Votes::EMOTIONS`].
    pub votes: HashMap<String, [u32; 6]>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    kind: String,
    version: u32,
    recipe: String,
    method: String,
    features: String,
    settings: String,
    protocol: Protocol,
    seed: u64,
    epochs: u32,
    seconds: f64,
    trainer: String,
    model_sha256: String,
    measured_on: String,
    command: String,
    labels: Vec<String>,
    unit: f64,
    speakers: Vec<Person>,
    #[serde(default)]
    left_out: Vec<LeftOut>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    validation: Vec<StoredClip>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    test: Vec<StoredClip>,
}

/// Name, speaker, truth, logits, votes.
#[derive(Debug, Serialize, Deserialize)]
struct StoredClip(
    String,
    usize,
    usize,
    Vec<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")] Vec<u32>,
);

impl RunResult {
    /// Takes over who speaks and what listeners heard from the corpus's clips, for the clips that were predicted.
    pub fn with_clips(mut self, clips: &[Clip]) -> Self {
        let by_name: HashMap<&str, &Clip> = clips
            .iter()
            .map(|clip| (clip.name.as_str(), clip))
            .collect();
        for row in self.test.rows.iter().chain(&self.validation.rows) {
            let clip = by_name.get(row.name.as_str());
            self.people
                .entry(row.speaker.clone())
                .or_insert_with(|| Person {
                    speaker: row.speaker.clone(),
                    corpus: row.corpus.clone(),
                    sex: row.sex.clone(),
                    age_years: row.age_years.or(clip.and_then(|clip| clip.age_years)),
                    race: row
                        .race
                        .clone()
                        .or_else(|| clip.and_then(|clip| clip.race.clone())),
                    ethnicity: row
                        .ethnicity
                        .clone()
                        .or_else(|| clip.and_then(|clip| clip.ethnicity.clone())),
                });
            if let Some(votes) = clip.and_then(|clip| clip.votes) {
                self.votes.insert(row.name.clone(), votes.counts);
            }
        }
        self
    }

    /// The file's text: the head, then one line a clip. The same result gives the same bytes.
    ///
    /// # Errors
    /// [`ResultsError::Predictions`] for predictions that could not be read back; a value that JSON cannot hold.
    pub fn to_json(&self) -> Result<String, ResultsError> {
        self.test.check()?;
        let speakers: Vec<Person> = self.people.values().cloned().collect();
        let place: HashMap<&str, usize> = speakers
            .iter()
            .enumerate()
            .map(|(place, person)| (person.speaker.as_str(), place))
            .collect();
        let head = Stored {
            kind: "run".to_owned(),
            version: RESULT_VERSION,
            recipe: self.recipe.clone(),
            method: self.method.clone(),
            features: self.features.clone(),
            settings: self.settings.clone(),
            protocol: self.protocol.clone(),
            seed: self.seed,
            epochs: self.epochs,
            seconds: (self.seconds * 10.0).round() / 10.0,
            trainer: self.trainer.clone(),
            model_sha256: self.model_sha256.clone(),
            measured_on: self.measured_on.clone(),
            command: self.command.clone(),
            labels: self.test.labels.clone(),
            unit: UNIT,
            left_out: self.test.left_out.clone(),
            validation: Vec::new(),
            test: Vec::new(),
            speakers: speakers.clone(),
        };
        let json = |error: serde_json::Error| ResultsError::Malformed(error.to_string());
        let mut text = serde_json::to_string_pretty(&head).map_err(json)?;
        text.truncate(text.trim_end_matches(['\n', '}']).len());
        for (name, predictions) in [("validation", &self.validation), ("test", &self.test)] {
            if predictions.rows.is_empty() {
                continue;
            }
            let lines = predictions
                .rows
                .iter()
                .map(|row| {
                    let clip = StoredClip(
                        row.name.clone(),
                        place.get(row.speaker.as_str()).copied().ok_or_else(|| {
                            ResultsError::Malformed(format!(
                                "clip {}: nothing is known of its speaker {}",
                                row.name, row.speaker
                            ))
                        })?,
                        row.truth,
                        row.logits
                            .iter()
                            .map(|&logit| (f64::from(logit) / UNIT).round() as i64)
                            .collect(),
                        self.votes
                            .get(&row.name)
                            .map(|votes| votes.to_vec())
                            .unwrap_or_default(),
                    );
                    serde_json::to_string(&clip).map_err(json)
                })
                .collect::<Result<Vec<_>, _>>()?;
            text.push_str(&format!(",\n  \"{name}\": [\n{}\n  ]", lines.join(",\n")));
        }
        text.push_str("\n}\n");
        Ok(text)
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// Says which field or clip is wrong, or that the version is another.
    pub fn from_value(value: serde_json::Value) -> Result<Self, ResultsError> {
        version(&value, u64::from(RESULT_VERSION))?;
        let stored: Stored = serde_json::from_value(value)
            .map_err(|error| ResultsError::Malformed(error.to_string()))?;
        if !(stored.unit.is_finite() && stored.unit > 0.0) {
            return Err(ResultsError::Malformed(format!(
                "unit is {}, expected a number above 0",
                stored.unit
            )));
        }
        let mut votes = HashMap::new();
        let mut read = |clips: Vec<StoredClip>| -> Result<Predictions, ResultsError> {
            let mut predictions = Predictions::new(stored.labels.iter().cloned());
            for StoredClip(name, speaker, truth, logits, counts) in clips {
                let person = stored.speakers.get(speaker).ok_or_else(|| {
                    ResultsError::Malformed(format!(
                        "clip {name}: speaker number {speaker}, expected one below {}",
                        stored.speakers.len()
                    ))
                })?;
                if !counts.is_empty() {
                    let counts = <[u32; 6]>::try_from(counts).map_err(|counts| {
                        ResultsError::Malformed(format!(
                            "clip {name}: {} counts of votes, expected 6 ({})",
                            counts.len(),
                            Votes::EMOTIONS.join(", ")
                        ))
                    })?;
                    votes.insert(name.clone(), counts);
                }
                predictions.rows.push(Row {
                    name,
                    corpus: person.corpus.clone(),
                    speaker: person.speaker.clone(),
                    sex: person.sex.clone(),
                    age_years: person.age_years,
                    race: person.race.clone(),
                    ethnicity: person.ethnicity.clone(),
                    voiced_seconds: None,
                    truth,
                    logits: logits
                        .iter()
                        .map(|&logit| (logit as f64 * stored.unit) as f32)
                        .collect(),
                });
            }
            Ok(predictions)
        };
        let mut test = read(stored.test)?;
        let validation = read(stored.validation)?;
        test.left_out = stored.left_out;
        test.check()?;
        if !validation.rows.is_empty() {
            validation.check()?;
        }
        Ok(Self {
            recipe: stored.recipe,
            method: stored.method,
            features: stored.features,
            settings: stored.settings,
            protocol: stored.protocol,
            seed: stored.seed,
            epochs: stored.epochs,
            seconds: stored.seconds,
            trainer: stored.trainer,
            model_sha256: stored.model_sha256,
            measured_on: stored.measured_on,
            command: stored.command,
            test,
            validation,
            people: stored
                .speakers
                .into_iter()
                .map(|person| (person.speaker.clone(), person))
                .collect(),
            votes,
        })
    }
}

/// The emotions that most listeners chose, as places in `labels`: several on a tie, none where nobody voted or the model does not have
/// what they chose.
pub fn votes_of(labels: &[String], votes: &[u32; 6]) -> Vec<usize> {
    let most = votes.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return Vec::new();
    }
    Votes::EMOTIONS
        .iter()
        .zip(votes)
        .filter(|(_, count)| **count == most)
        .filter_map(|(emotion, _)| labels.iter().position(|label| label == emotion))
        .collect()
}

/// Whether the file's version is the one expected.
pub(super) fn version(value: &serde_json::Value, expected: u64) -> Result<(), ResultsError> {
    match value.get("version").map(serde_json::Value::as_u64) {
        Some(Some(found)) if found == expected => Ok(()),
        Some(Some(found)) => Err(ResultsError::Version { found, expected }),
        Some(None) => Err(ResultsError::Malformed(
            "its \"version\" is not a whole number".to_owned(),
        )),
        None => Err(ResultsError::Malformed("it has no \"version\"".to_owned())),
    }
}
