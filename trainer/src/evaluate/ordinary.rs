//! Speaker calibration by what a network answers to somebody's ordinary voice: fitted on people it had not heard, measured on others.

use std::collections::BTreeMap;

use undersong_core::model::OrdinaryVoice;

use super::correction::{self, Example};
use super::predictions::{Predictions, Row};
use super::{EvaluateError, fit_temperature, valley};

/// The emotion that an ordinary voice has.
const ORDINARY: &str = "neutral";

/// What unseen speakers' neutral clips got, and the correction of a speaker's difference from it that makes the truth most likely; `None` where fewer
/// than two speakers have two neutral clips.
///
/// Each clip is read with the mean of its speaker's *other* neutral clips, as a profile knows nothing of the take that is read. First the one share of
/// the difference is found that suits all emotions best, then, held to it by a prior, what each emotion's difference takes off each emotion.
///
/// # Errors
/// Those of [`Predictions::check`].
pub fn fit_ordinary(predictions: &Predictions) -> Result<Option<OrdinaryVoice>, EvaluateError> {
    let temperature = fit_temperature(predictions)?.temperature;
    let Some(voices) = Voices::of(predictions) else {
        return Ok(None);
    };
    let logits = voices.everybody();
    let nll = |share: f64| {
        let even = OrdinaryVoice::even(logits.clone(), share as f32);
        let rows = predictions.rows.iter();
        rows.map(|row| voices.read(row, &even).nll(temperature))
            .sum::<f64>()
    };
    let share = valley::lowest((0.0, 1.0), 1e-3, nll);
    let even = OrdinaryVoice::even(logits, share as f32);
    let examples: Vec<Example> = predictions
        .rows
        .iter()
        .filter_map(|row| {
            let over = |logits: &[f32]| -> Vec<f64> {
                let logits = logits.iter();
                logits
                    .map(|&logit| f64::from(logit) / temperature)
                    .collect()
            };
            Some(Example {
                difference: over(&even.difference(&voices.others(row)?)),
                logits: over(&row.logits),
                truth: row.truth,
            })
        })
        .collect();
    let matrix = correction::fit(&examples, even.logits.len(), share);
    Ok(Some(OrdinaryVoice {
        correction: matrix
            .into_iter()
            .map(|row| row.into_iter().map(|number| number as f32).collect())
            .collect(),
        ..even
    }))
}

/// The answers as a model with `ordinary` gives them once it has a profile of each speaker, made of their other neutral clips; a speaker without any
/// is answered as before.
pub fn with_profiles(predictions: &Predictions, ordinary: &OrdinaryVoice) -> Predictions {
    let Some(voices) = Voices::of(predictions) else {
        return predictions.clone();
    };
    Predictions {
        rows: predictions
            .rows
            .iter()
            .map(|row| voices.read(row, ordinary))
            .collect(),
        ..predictions.clone()
    }
}

/// The neutral clips of each speaker.
struct Voices<'a> {
    ordinary: usize,
    /// Sum of the logits, and how many clips.
    speakers: BTreeMap<&'a str, (Vec<f64>, usize)>,
}

impl<'a> Voices<'a> {
    /// `None` where fewer than two speakers have two.
    fn of(predictions: &'a Predictions) -> Option<Self> {
        let ordinary = predictions.index_of(ORDINARY)?;
        let classes = predictions.labels.len();
        let mut speakers: BTreeMap<&str, (Vec<f64>, usize)> = BTreeMap::new();
        for row in predictions.rows.iter().filter(|row| row.truth == ordinary) {
            let (sum, count) = speakers
                .entry(&row.speaker)
                .or_insert_with(|| (vec![0.0; classes], 0));
            for (sum, &logit) in sum.iter_mut().zip(&row.logits) {
                *sum += f64::from(logit);
            }
            *count += 1;
        }
        speakers.retain(|_, (_, count)| *count >= 2);
        (speakers.len() >= 2).then_some(Self { ordinary, speakers })
    }

    /// Mean over the speakers of their means.
    fn everybody(&self) -> Vec<f32> {
        let classes = self
            .speakers
            .values()
            .next()
            .map_or(0, |(sum, _)| sum.len());
        (0..classes)
            .map(|class| {
                let means = self.speakers.values();
                let sum: f64 = means.map(|(sum, count)| sum[class] / *count as f64).sum();
                (sum / self.speakers.len() as f64) as f32
            })
            .collect()
    }

    /// Mean logits of the neutral clips of a row's speaker, without its own.
    fn others(&self, row: &Row) -> Option<Vec<f32>> {
        let (sum, count) = self.speakers.get(row.speaker.as_str())?;
        let own = row.truth == self.ordinary;
        let count = (count - usize::from(own)) as f64;
        let without = |(sum, &logit): (&f64, &f32)| {
            let own = if own { f64::from(logit) } else { 0.0 };
            ((sum - own) / count) as f32
        };
        Some(sum.iter().zip(&row.logits).map(without).collect())
    }

    /// The row, read against its speaker's other neutral clips.
    fn read(&self, row: &Row, ordinary: &OrdinaryVoice) -> Row {
        let mut read = row.clone();
        if let Some(others) = self.others(row) {
            let shift = ordinary.shift(&others);
            for (logit, shift) in read.logits.iter_mut().zip(shift) {
                *logit -= shift;
            }
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Speakers whose logits lean one way; the truth's is 2 above the others besides.
    fn leaning(leanings: &[[f32; 3]]) -> Predictions {
        let mut predictions = Predictions::new(["neutral", "sad", "angry"]);
        for (speaker, leaning) in leanings.iter().enumerate() {
            for clip in 0..12 {
                let truth = clip % 3;
                let mut logits = leaning.to_vec();
                logits[truth] += 2.0;
                // Not every clip is alike.
                logits[(truth + 1) % 3] += 0.3 * (clip / 3) as f32;
                predictions.rows.push(Row {
                    name: format!("{speaker}-{clip}"),
                    corpus: "CREMA-D".to_owned(),
                    speaker: format!("s{speaker}"),
                    sex: None,
                    age_years: None,
                    race: None,
                    ethnicity: None,
                    voiced_seconds: None,
                    truth,
                    logits,
                });
            }
        }
        predictions
    }

    fn right(predictions: &Predictions) -> usize {
        predictions.rows.iter().filter(|row| row.is_right()).count()
    }

    #[test]
    fn leanings_of_voices_are_found_and_taken_off_other_peoples() {
        let known = leaning(&[[0.0, 2.5, 0.0], [0.0, 0.0, 2.5], [2.5, 0.0, 0.0]]);
        let ordinary = fit_ordinary(&known).unwrap().unwrap();
        for (emotion, row) in ordinary.correction.iter().enumerate() {
            assert!(row[emotion] > 0.6, "{:?}", ordinary.correction);
        }
        let strangers = leaning(&[[3.0, 0.0, 0.0], [0.0, 0.0, 3.0]]);
        let read = with_profiles(&strangers, &ordinary);
        assert_eq!(right(&read), strangers.rows.len());
        assert!(right(&strangers) < strangers.rows.len());
    }

    #[test]
    fn what_one_emotions_difference_does_to_another_is_found() {
        // Voices that sound sad by nature sound half as angry as they are; nobody differs otherwise.
        let known: Vec<[f32; 3]> = (0..40)
            .map(|at| at as f32 / 10.0 - 2.0)
            .map(|sad| [0.0, sad, -sad / 2.0])
            .collect();
        let mut known = leaning(&known);
        for row in &mut known.rows {
            // In neutral clips they do not sound less angry: only the matrix can know.
            if row.truth == 0 {
                row.logits[2] = 0.0;
            }
        }
        let ordinary = fit_ordinary(&known).unwrap().unwrap();
        let even = OrdinaryVoice::even(ordinary.logits.clone(), ordinary.correction[1][1]);
        let nll = |ordinary| -> f64 {
            let read = with_profiles(&known, ordinary);
            read.rows.iter().map(|row| row.nll(1.0)).sum()
        };
        assert!(nll(&ordinary) < nll(&even), "{ordinary:?}");
        assert!(ordinary.correction[2][1] < ordinary.correction[0][1] - 0.1);
    }

    #[test]
    fn voices_that_do_not_lean_need_no_correction_and_few_clips_give_none() {
        let ordinary = fit_ordinary(&leaning(&[[0.0; 3]; 4])).unwrap().unwrap();
        let read = with_profiles(&leaning(&[[0.0; 3]; 2]), &ordinary);
        assert_eq!(right(&read), read.rows.len());
        assert!(fit_ordinary(&leaning(&[[0.0; 3]])).unwrap().is_none());
    }

    #[test]
    fn a_clip_is_never_read_against_itself() {
        let mut predictions = leaning(&[[0.0; 3], [0.0; 3]]);
        let ordinary = OrdinaryVoice::even(vec![0.0; 3], 1.0);
        let before = with_profiles(&predictions, &ordinary);
        // Clip 0 is neutral: changing it moves what its speaker's other clips are read against, and its own by just the change.
        predictions.rows[0].logits[1] += 1.0;
        let after = with_profiles(&predictions, &ordinary);
        // Against another emotion, as logits count but for a constant.
        let moved = |clip: usize| {
            let sad = |answers: &Predictions| {
                let logits = &answers.rows[clip].logits;
                logits[1] - logits[0]
            };
            sad(&after) - sad(&before)
        };
        assert!((moved(0) - 1.0).abs() < 1e-5);
        assert!((moved(1) + 0.25).abs() < 1e-5);
        assert_eq!(moved(12), 0.0);
    }
}
