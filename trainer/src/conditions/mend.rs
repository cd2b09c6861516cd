//! A confidence that is honest of little voice: how the temperature has to depend on how much of it a window holds.
//!
//! One temperature is fitted on whole utterances; of half a second the network says more than it knows. The temperature is multiplied by
//! straight lines through a few points of voiced seconds, whose heights make the true emotions of windows that were cut in every way (and
//! changed in no other) most likely. Whether that mends anything is measured on speakers that the fit has not seen: fitted on one half of
//! them, measured on the other, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use undersong_core::model::{Calibration, VoiceTemperature};

use super::Answer;
use crate::evaluate::{Row, reliability, valley};

/// Seconds of voice at which the temperature is fitted.
const KNOTS_SECONDS: [f32; 4] = [0.4, 0.8, 1.4, 2.2];
/// Windows around a knot without which it cannot be fitted.
const WINDOWS_AT_LEAST: usize = 50;
/// By how much a fit must lower the calibration error to be worth having.
const WORTH_ECE: f64 = 0.01;
/// Factors searched.
const TIMES: (f64, f64) = (0.25, 8.0);
/// Sweeps over the knots; each knot's own valley is found in each.
const SWEEPS: usize = 6;

/// A fit of the temperature by voiced seconds, and what it does to speakers it was not fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceTemperatures {
    /// The fit on all windows, for a model file.
    pub by_voice: Vec<VoiceTemperature>,
    /// Windows it was fitted on.
    pub windows: usize,
    /// What one temperature and what the fit give on the other half of the speakers, one entry a condition.
    pub mended: Vec<Mended>,
}

impl VoiceTemperatures {
    /// Whether it is worth its numbers in a model file: the calibration error, averaged over the conditions, falls by a hundredth at least.
    pub fn mends(&self) -> bool {
        let count = self.mended.len().max(1) as f64;
        let fall: f64 = self
            .mended
            .iter()
            .map(|mended| mended.ece_one_temperature - mended.ece_by_voice)
            .sum();
        fall / count >= WORTH_ECE
    }
}

/// One condition, on speakers whom the fit has not seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mended {
    /// The condition's name.
    pub name: String,
    /// Calibration error with one temperature for all windows, the best one for these windows by the same halves.
    pub ece_one_temperature: f64,
    /// Calibration error with the temperature by voiced seconds.
    pub ece_by_voice: f64,
    /// Negative log-likelihood with one temperature, in nats.
    pub nll_one_temperature: f64,
    /// The same with the temperature by voiced seconds.
    pub nll_by_voice: f64,
}

/// One half of the speakers' fits: one temperature, and one by voice.
struct Half {
    one: Vec<VoiceTemperature>,
    by_voice: Vec<VoiceTemperature>,
}

/// Fits on the answers to windows that were cut and nothing else, `[condition]` with its name; `None` where there are too few.
pub(super) fn fit(
    calibration: &Calibration,
    cut: &[(&str, &[Answer])],
) -> Option<VoiceTemperatures> {
    let temperature = f64::from(calibration.temperature);
    let all: Vec<&Answer> = cut.iter().flat_map(|(_, answers)| *answers).collect();
    let by_voice = knots(temperature, &all, &KNOTS_SECONDS)?;
    let speakers: BTreeSet<&str> = all
        .iter()
        .map(|answer| answer.row.speaker.as_str())
        .collect();
    // Every second speaker of the sorted list: both halves have every corpus.
    let half: BTreeMap<&str, bool> = speakers
        .into_iter()
        .enumerate()
        .map(|(number, speaker)| (speaker, number % 2 == 0))
        .collect();
    let in_first = |answer: &Answer| half.get(answer.row.speaker.as_str()).copied() == Some(true);
    let halves: Vec<Half> = [true, false]
        .into_iter()
        .map(|first| {
            let part: Vec<&Answer> = all
                .iter()
                .copied()
                .filter(|answer| in_first(answer) == first)
                .collect();
            Some(Half {
                one: knots(temperature, &part, &KNOTS_SECONDS[..1])?,
                by_voice: knots(temperature, &part, &KNOTS_SECONDS)?,
            })
        })
        .collect::<Option<_>>()?;
    let mended = cut
        .iter()
        .map(|(name, answers)| {
            let with = |which: fn(&Half) -> &[VoiceTemperature]| {
                let rows: Vec<Row> = answers
                    .iter()
                    .map(|answer| {
                        // Measured by the half that it is not in.
                        let half = &halves[usize::from(in_first(answer))];
                        at_temperature(answer, &with_knots(calibration, which(half)))
                    })
                    .collect();
                reliability(&rows.iter().collect::<Vec<_>>(), 1.0)
            };
            let (one, by_voice) = (with(|half| &half.one), with(|half| &half.by_voice));
            Mended {
                name: (*name).to_owned(),
                ece_one_temperature: one.ece,
                ece_by_voice: by_voice.ece,
                nll_one_temperature: one.nll,
                nll_by_voice: by_voice.nll,
            }
        })
        .collect();
    Some(VoiceTemperatures {
        by_voice,
        windows: all.len(),
        mended,
    })
}

/// The answer with its logits at the model's temperature for so much voice: at temperature 1 they say what the model says.
pub(super) fn at_temperature(answer: &Answer, calibration: &Calibration) -> Row {
    let temperature = calibration.temperature_at(answer.voiced_seconds) as f32;
    let mut row = answer.row.clone();
    for logit in &mut row.logits {
        *logit /= temperature;
    }
    row
}

fn with_knots(calibration: &Calibration, by_voice: &[VoiceTemperature]) -> Calibration {
    Calibration {
        by_voice: by_voice.to_vec(),
        ..calibration.clone()
    }
}

/// The factors at these seconds that make the answers' true emotions most likely; `None` with too few windows.
///
/// Each factor in turn, by golden section over its logarithm, the others held: the mean negative log-likelihood has one valley in each.
fn knots(temperature: f64, answers: &[&Answer], seconds: &[f32]) -> Option<Vec<VoiceTemperature>> {
    let mut entries: Vec<VoiceTemperature> = seconds
        .iter()
        .map(|&voiced_seconds| VoiceTemperature {
            voiced_seconds,
            times: 1.0,
        })
        .collect();
    if answers.len() < WINDOWS_AT_LEAST * seconds.len() {
        return None;
    }
    let mut calibration = Calibration {
        temperature: temperature as f32,
        by_voice: entries.clone(),
        unsure_below: 0.0,
        priors: Vec::new(),
        ordinary: None,
        speaker_shift: Vec::new(),
        measured_on: String::new(),
    };
    for _ in 0..if seconds.len() > 1 { SWEEPS } else { 1 } {
        for index in 0..entries.len() {
            // Only windows between the neighbouring knots depend on this one.
            let below = index.checked_sub(1).and_then(|at| seconds.get(at));
            let above = seconds.get(index + 1);
            let near: Vec<&Answer> = answers
                .iter()
                .copied()
                .filter(|answer| {
                    below.is_none_or(|&from| answer.voiced_seconds > f64::from(from))
                        && above.is_none_or(|&to| answer.voiced_seconds < f64::from(to))
                })
                .collect();
            if near.len() < WINDOWS_AT_LEAST {
                // Without windows of its own it goes with its neighbour, which is set before.
                if let Some(before) = index.checked_sub(1).and_then(|at| entries.get(at)).copied() {
                    entries[index].times = before.times;
                }
                calibration.by_voice.clone_from(&entries);
                continue;
            }
            let nll = |log_times: f64| {
                calibration.by_voice[index].times = log_times.exp() as f32;
                near.iter()
                    .map(|answer| {
                        answer
                            .row
                            .nll(calibration.temperature_at(answer.voiced_seconds))
                    })
                    .sum::<f64>()
            };
            let log_times = valley::lowest((TIMES.0.ln(), TIMES.1.ln()), 1e-3, nll);
            entries[index].times = log_times.exp() as f32;
            calibration.by_voice.clone_from(&entries);
        }
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of four classes whose logits say so many times too much where little voice is heard.
    fn answers(count: usize, voiced_seconds: f64, too_sure: f32) -> Vec<Answer> {
        (0..count)
            .map(|number| {
                // Right in 2 of 3 cases, which the logits (ln 6 above three others) say truly: 6 / 9.
                let truth = if number % 3 < 2 {
                    0
                } else {
                    1 + number / 3 % 3
                };
                Answer {
                    row: Row {
                        name: format!("{voiced_seconds}-{number}"),
                        corpus: "C".to_owned(),
                        speaker: format!("s{}", number / 3 % 6),
                        sex: None,
                        age_years: None,
                        race: None,
                        ethnicity: None,
                        voiced_seconds: None,
                        truth,
                        logits: vec![6.0_f32.ln() * too_sure, 0.0, 0.0, 0.0],
                    },
                    voiced_seconds,
                    voice_found: true,
                }
            })
            .collect()
    }

    #[test]
    fn a_model_too_sure_of_little_voice_is_mended_and_one_that_is_honest_is_left() {
        let calibration = Calibration {
            temperature: 1.0,
            by_voice: Vec::new(),
            unsure_below: 0.0,
            priors: Vec::new(),
            ordinary: None,
            speaker_shift: Vec::new(),
            measured_on: String::new(),
        };
        let (long, short) = (answers(360, 2.5, 1.0), answers(360, 0.3, 2.5));
        let fit = fit(&calibration, &[("long", &long), ("short", &short)]).unwrap();
        let mended = with_knots(&calibration, &fit.by_voice);
        assert!((mended.temperature_at(2.5) - 1.0).abs() < 0.02, "{fit:?}");
        assert!((mended.temperature_at(0.3) - 2.5).abs() < 0.05, "{fit:?}");
        let [long, short] = fit.mended.as_slice() else {
            panic!("{fit:?}")
        };
        // One temperature for both is wrong for both.
        assert!(
            long.ece_one_temperature > 0.05 && short.ece_one_temperature > 0.05,
            "{fit:?}"
        );
        assert!(
            long.ece_by_voice < 0.02 && short.ece_by_voice < 0.02,
            "{fit:?}"
        );
        assert!(short.nll_by_voice < short.nll_one_temperature);
        assert!(fit.mends());
    }

    #[test]
    fn too_few_windows_are_no_fit() {
        let calibration = Calibration {
            temperature: 1.0,
            by_voice: Vec::new(),
            unsure_below: 0.0,
            priors: Vec::new(),
            ordinary: None,
            speaker_shift: Vec::new(),
            measured_on: String::new(),
        };
        let few = answers(30, 1.0, 1.0);
        assert!(fit(&calibration, &[("clean", &few)]).is_none());
    }
}
