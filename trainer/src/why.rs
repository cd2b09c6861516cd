//! Whether explanations point at what a model's answers hang on.
//!
//! Of a clip's strongest window the score of the leading emotion is explained ([`Explainer`]). Then the model is asked again with a fifth of the window's
//! patches taken out (the baseline in their place): those that the explanation names first, a fifth at random, those that it names last; and with such a
//! fifth alone. An explanation that names what the answer hangs on takes much of the score away with the first, and little with the last. (Deletion and
//! insertion: Petsiuk, Das & Saenko, "RISE", BMVC 2018; a single step of a fifth in place of the curve.)

use std::collections::BTreeMap;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use undersong_core::explain::{ExplainError, ExplainSettings, Explainer, Which};
use undersong_core::scan::{ScanError, Scanner};
use undersong_core::timeline::Explanation;

use crate::conditions::Table;
use crate::corpus::Clip;
use crate::evaluate::bootstrap::{draw, interval};
use crate::evaluate::percent;

/// The part of the patches that is taken out, or left.
const SHARE: f64 = 0.2;
/// Draws of a fifth at random, of which the mean is taken.
const RANDOM: usize = 10;

/// What the model is given of a window.
pub const GIVEN: [&str; 7] = [
    "the whole window",
    "without the fifth of it that the explanation names first",
    "without a fifth at random",
    "without the fifth that it names last",
    "with the first fifth alone",
    "with a fifth at random alone",
    "nothing of it: the average voice all along",
];

/// What was measured of a clip.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The corpus and the speaker: what intervals draw.
    pub corpus: &'static str,
    /// See [`Answer::corpus`].
    pub speaker: String,
    /// Score of the emotion that leads the window, for each of [`GIVEN`].
    pub scores: [f64; GIVEN.len()],
    /// How far the effects miss the difference that they add up to.
    pub misses: f64,
    /// Correlation (Pearson) of the patches' effects with those of another draw of orders.
    pub agreement: f64,
    /// Part of the effects' sizes that lies in each region of the spectrum, lowest first.
    pub regions: Vec<f64>,
    /// Their borders, in Hz.
    pub regions_hz: Vec<(f64, f64)>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum WhyError {
    /// The clip cannot be scanned.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// Or not be explained.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// It cannot be read.
    #[error("{0}")]
    Clip(String),
}

/// Measures a clip; `None` if no voice is found in it.
///
/// # Errors
/// If the clip cannot be read or the engine fails.
pub fn answer(
    scanner: &Scanner,
    clip: &Clip,
    random: &mut ChaCha8Rng,
) -> Result<Option<Answer>, WhyError> {
    let scan = scanner.scan(std::slice::from_ref(&clip.path), &|_| {})?;
    if let Some(failure) = scan.failed.first() {
        return Err(WhyError::Clip(failure.error.clone()));
    }
    let Some(take) = scan
        .takes
        .first()
        .filter(|take| take.summary.reading.is_some())
    else {
        return Ok(None);
    };
    let explainer = |seed: u64| {
        let settings = ExplainSettings {
            seed,
            ..ExplainSettings::default()
        };
        Explainer::new(scanner, settings)
    };
    let strongest = |explainer: &mut Explainer<'_>| -> Result<Option<Explanation>, WhyError> {
        let explained = explainer.take(take, Which::Strongest, None)?;
        Ok(explained.explanations.into_iter().next())
    };
    let mut first_orders = explainer(1)?;
    let (Some(one), Some(other)) = (
        strongest(&mut first_orders)?,
        strongest(&mut explainer(2)?)?,
    ) else {
        return Ok(None);
    };
    let patches = one.patches.len();
    let fifth = ((patches as f64 * SHARE).round() as usize).clamp(1, patches.max(1));
    let mut order: Vec<usize> = (0..patches).collect();
    let effect = |patch: &usize| one.patches.get(*patch).map_or(0.0, |it| it.value);
    order.sort_by(|a, b| effect(b).total_cmp(&effect(a)));
    let group = |chosen: &[usize], present: bool| {
        let mut group = vec![!present; patches];
        for place in chosen {
            if let Some(it) = group.get_mut(*place) {
                *it = present;
            }
        }
        group
    };
    let (first, last) = (
        order.get(..fifth).unwrap_or_default(),
        order.get(patches - fifth..).unwrap_or_default(),
    );
    let mut groups = vec![group(first, false), group(last, false), group(first, true)];
    let mut shuffled = order.clone();
    for _ in 0..RANDOM {
        shuffled.shuffle(random);
        let drawn = shuffled.get(..fifth).unwrap_or_default();
        groups.extend([group(drawn, false), group(drawn, true)]);
    }
    let scores = first_orders.scores_with(take, one.window, one.emotion, &groups)?;
    let mean = |from: usize| {
        let drawn = scores.iter().skip(from).step_by(2);
        drawn.sum::<f64>() / RANDOM as f64
    };
    let at = |place: usize| scores.get(place).copied().unwrap_or(0.0);
    let sum: f64 = one.patches.iter().map(|it| it.value).sum();
    let sizes: Vec<f64> = (0..one.regions.len())
        .map(|region| {
            let own = one.patches.iter().skip(region).step_by(one.regions.len());
            own.map(|it| it.value.abs()).sum()
        })
        .collect();
    let all: f64 = sizes.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    Ok(Some(Answer {
        corpus: clip.corpus.key(),
        speaker: clip.speaker.clone(),
        scores: [
            one.score,
            at(0),
            mean(3),
            at(1),
            at(2),
            mean(4),
            one.baseline_score,
        ],
        misses: (sum - one.difference()).abs(),
        agreement: correlation(&one, &other),
        regions: sizes.iter().map(|size| size / all).collect(),
        regions_hz: one
            .regions
            .iter()
            .map(|it| (it.low_hz, it.high_hz))
            .collect(),
    }))
}

/// Pearson's correlation of two explanations' effects.
fn correlation(one: &Explanation, other: &Explanation) -> f64 {
    let values = |it: &Explanation| -> Vec<f64> {
        let mean = it.patches.iter().map(|it| it.value).sum::<f64>() / it.patches.len() as f64;
        it.patches.iter().map(|it| it.value - mean).collect()
    };
    let (a, b) = (values(one), values(other));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    product(&a, &b)
        / (product(&a, &a) * product(&b, &b))
            .sqrt()
            .max(f64::MIN_POSITIVE)
}

/// All clips.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// The model's name.
    pub model: String,
    /// Whose clips they are.
    pub measured_on: String,
    /// The command that makes it again.
    pub command: String,
    /// A clip each.
    pub answers: Vec<Answer>,
    /// Clips that were drawn in which no voice is found.
    pub without_voice: usize,
}

impl Why {
    /// The table of the evidence page.
    pub fn table(&self) -> Table {
        let rows = GIVEN
            .iter()
            .enumerate()
            .map(|(index, given)| {
                let of = |answer: &Answer| answer.scores.get(index).copied().unwrap_or(0.0);
                let mean = self.mean(of);
                let range = self.range(of);
                vec![(*given).to_owned(), percent(mean), range]
            })
            .collect();
        Table {
            kind: "table".to_owned(),
            version: 1,
            section: "why".to_owned(),
            order: 10,
            title: "What the answers hang on".to_owned(),
            note: self.note(),
            command: self.command.clone(),
            columns: [
                "what the model is given",
                "mean score of the emotion that leads the window",
                "95 % over actors, %",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows,
            figures: BTreeMap::new(),
        }
    }

    /// What to know before reading it.
    fn note(&self) -> String {
        let misses = self.answers.iter().map(|it| it.misses).fold(0.0, f64::max);
        let first = self.answers.first();
        let regions: Vec<String> = first
            .map(|answer| answer.regions_hz.as_slice())
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(index, (low, high))| {
                let share = self.mean(|it| it.regions.get(index).copied().unwrap_or(0.0));
                format!("{} in {low:.0}–{high:.0} Hz", percent(share))
            })
            .collect();
        format!(
            "{}, {} clips of {} (the strongest window of each; {} more had no voice that the gate finds). `undersong explain` names patches of time and frequency by what they add to the score; effects add up to the score \
             less that of the average voice (the largest miss is {misses:.0e}), and with other orders drawn they correlate at {:.2} in the mean. Were they no better than chance, taking out the first fifth would cost \
             as much as any fifth. Of the effects' sizes lie {}.",
            self.model,
            self.answers.len(),
            self.measured_on,
            self.without_voice,
            self.mean(|it| it.agreement),
            regions.join(", "),
        )
    }

    fn mean(&self, of: impl Fn(&Answer) -> f64) -> f64 {
        self.answers.iter().map(of).sum::<f64>() / self.answers.len().max(1) as f64
    }

    /// The interval of a mean with speakers drawn anew, within each corpus.
    fn range(&self, of: impl Fn(&Answer) -> f64) -> String {
        let mut corpora: BTreeMap<&str, BTreeMap<&str, (f64, f64)>> = BTreeMap::new();
        for answer in &self.answers {
            let speakers = corpora.entry(answer.corpus).or_default();
            let (sum, count) = speakers.entry(&answer.speaker).or_default();
            *sum += of(answer);
            *count += 1.0;
        }
        let strata: Vec<Vec<(f64, f64)>> = corpora
            .into_values()
            .map(|speakers| speakers.into_values().collect())
            .collect();
        let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
        let mut means = Vec::new();
        draw(&sizes, |drawn| {
            let (mut sum, mut count) = (0.0, 0.0);
            for (speakers, places) in strata.iter().zip(drawn) {
                for (own, clips) in places.iter().filter_map(|&place| speakers.get(place)) {
                    sum += own;
                    count += clips;
                }
            }
            means.push(sum / f64::max(count, 1.0));
        });
        interval(means).map_or_else(
            || "–".to_owned(),
            |it| format!("{:.1}–{:.1}", it.low * 100.0, it.high * 100.0),
        )
    }
}
