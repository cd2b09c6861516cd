//! For whom a model is worse: accuracy, UAR and recall by sex, age band, race and ethnicity as the corpora state them.
//!
//! A group's figures and its distance from everybody else in the corpus come with 95 % intervals over its actors drawn anew. Actors of other
//! groups say nothing of how these would come out, so an interval of few actors is itself unsure: such groups are flagged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bootstrap::{self, Interval};
use super::metrics::Confusion;
use super::predictions::Row;

/// Fewer speakers than this are too few to tell a group from its few members.
pub const FEW_SPEAKERS: usize = 5;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// 95 % interval over speakers; `None` with fewer than two.
    pub interval: Option<Interval>,
}

impl Estimate {
    /// Whether the interval leaves zero out: the difference is more than chance with these speakers.
    pub fn clear(&self) -> bool {
        self.interval
            .is_some_and(|interval| interval.low > 0.0 || interval.high < 0.0)
    }
}

/// How far a group lies above (positive) or below all others of its corpus, in shares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// Of the accuracy.
    pub accuracy: Estimate,
    /// Of the UAR.
    pub uar: Estimate,
}

/// Actors who have something in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FairGroup {
    /// As the corpus states it: `female`, `20–29 years`, `African American`.
    pub name: String,
    /// Clips.
    pub clips: usize,
    /// Actors.
    pub speakers: usize,
    /// Whether these are too few to speak for anybody else.
    pub few_speakers: bool,
    /// Share of clips named right.
    pub accuracy: Estimate,
    /// Unweighted average recall.
    pub uar: Estimate,
    /// Recall of each emotion, in the order of the outputs; `None` without clips.
    pub recall: Vec<Option<Estimate>>,
    /// Against all others of the corpus; `None` if there are none.
    pub gap: Option<Gap>,
}

/// One corpus by one attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FairnessPart {
    /// The corpus.
    pub corpus: String,
    /// `sex`, `age`, `race` or `ethnicity`.
    pub attribute: String,
    /// The groups; actors of whom the corpus does not say are in none.
    pub groups: Vec<FairGroup>,
}

/// How a clip's group is read from it.
type Attribute = (&'static str, fn(&Row) -> Option<String>);

const ATTRIBUTES: [Attribute; 4] = [
    ("sex", |row| row.sex.clone()),
    ("age", |row| row.age_years.map(band)),
    ("race", |row| row.race.clone()),
    ("ethnicity", |row| row.ethnicity.clone()),
];

/// The age band of an actor: decades, with the few from 60 on together.
fn band(age_years: u32) -> String {
    match age_years {
        60.. => "60 years and over".to_owned(),
        _ => {
            let from = age_years / 10 * 10;
            format!("{from}–{} years", from + 9)
        }
    }
}

/// Every corpus by every attribute of which it tells two groups or more.
pub fn fairness(labels: usize, rows: &[&Row]) -> Vec<FairnessPart> {
    let mut corpora: Vec<&str> = rows.iter().map(|row| row.corpus.as_str()).collect();
    corpora.sort_unstable();
    corpora.dedup();
    let mut parts = Vec::new();
    for corpus in corpora {
        for (attribute, read) in ATTRIBUTES {
            let mut groups: BTreeMap<String, BTreeMap<&str, Confusion>> = BTreeMap::new();
            for &row in rows.iter().filter(|row| row.corpus == corpus) {
                if let Some(name) = read(row) {
                    groups
                        .entry(name)
                        .or_default()
                        .entry(&row.speaker)
                        .or_insert_with(|| Confusion::new(labels))
                        .add(&Confusion::of(labels, [row]));
                }
            }
            if groups.len() < 2 {
                continue;
            }
            let groups: Vec<(String, Vec<Confusion>)> = groups
                .into_iter()
                .map(|(name, speakers)| (name, speakers.into_values().collect()))
                .collect();
            parts.push(FairnessPart {
                corpus: corpus.to_owned(),
                attribute: attribute.to_owned(),
                groups: (0..groups.len())
                    .map(|place| group(labels, &groups, place))
                    .collect(),
            });
        }
    }
    parts
}

/// Figures of a sum of confusions: accuracy, UAR, and recall of each emotion.
fn figures(confusion: &Confusion) -> Vec<Option<f64>> {
    let recalls = confusion
        .right()
        .into_iter()
        .zip(confusion.support())
        .map(|(right, clips)| (clips > 0).then(|| right as f64 / clips as f64));
    [Some(confusion.accuracy()), Some(confusion.uar())]
        .into_iter()
        .chain(recalls)
        .collect()
}

fn group(labels: usize, groups: &[(String, Vec<Confusion>)], place: usize) -> FairGroup {
    let empty = (String::new(), Vec::new());
    let (name, own) = groups.get(place).unwrap_or(&empty);
    let others: Vec<&Confusion> = groups
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != place)
        .flat_map(|(_, (_, speakers))| speakers)
        .collect();
    let sum = |speakers: &mut dyn Iterator<Item = &Confusion>| {
        let mut all = Confusion::new(labels);
        for speaker in speakers {
            all.add(speaker);
        }
        all
    };
    let own_sum = sum(&mut own.iter());
    let other_sum = sum(&mut others.iter().copied());
    let (own_figures, other_figures) = (figures(&own_sum), figures(&other_sum));
    // Accuracy, UAR and recalls of the group; then accuracy and UAR above the others.
    let mut draws: Vec<Vec<f64>> = vec![Vec::new(); own_figures.len()];
    let mut gaps: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    if own.len() > 1 {
        bootstrap::draw(&[own.len(), others.len()], |drawn| {
            let [mine, theirs] = drawn else { return };
            let mine = sum(&mut mine.iter().filter_map(|&place| own.get(place)));
            let theirs = sum(&mut theirs
                .iter()
                .filter_map(|&place| others.get(place).copied()));
            let figures_of_mine = figures(&mine);
            for (draws, figure) in draws.iter_mut().zip(&figures_of_mine) {
                draws.extend(*figure);
            }
            gaps[0].push(mine.accuracy() - theirs.accuracy());
            gaps[1].push(mine.uar() - theirs.uar());
        });
    }
    let mut estimates = own_figures.iter().zip(draws).map(|(figure, draws)| {
        figure.map(|value| Estimate {
            value,
            interval: bootstrap::interval(draws),
        })
    });
    let none = Estimate {
        value: 0.0,
        interval: None,
    };
    let accuracy = estimates.next().flatten().unwrap_or(none);
    let uar = estimates.next().flatten().unwrap_or(none);
    let recall = estimates.collect();
    let above = |figure: usize, draws: &[f64]| {
        let of = |figures: &[Option<f64>]| figures.get(figure).copied().flatten().unwrap_or(0.0);
        Estimate {
            value: of(&own_figures) - of(&other_figures),
            // One actor's distance from others is no group's.
            interval: (others.len() > 1)
                .then(|| bootstrap::interval(draws.to_vec()))
                .flatten(),
        }
    };
    let [accuracy_draws, uar_draws] = &gaps;
    FairGroup {
        name: name.clone(),
        clips: own_sum.clips(),
        speakers: own.len(),
        few_speakers: own.len() < FEW_SPEAKERS,
        accuracy,
        uar,
        recall,
        gap: (!others.is_empty()).then(|| Gap {
            accuracy: above(0, accuracy_draws),
            uar: above(1, uar_draws),
        }),
    }
}

/// The gaps in words, one sentence each: between the sexes always, else those whose interval leaves zero out.
pub fn sentences(parts: &[FairnessPart]) -> Vec<String> {
    let mut sentences = Vec::new();
    for part in parts {
        let mut clear = 0;
        let two = part.groups.len() == 2;
        for (place, group) in part.groups.iter().enumerate() {
            let Some(gap) = group.gap else { continue };
            // Of two groups one gap is the other's mirror: the one that is worse off is named.
            let mirrored =
                two && (gap.accuracy.value > 0.0 || (gap.accuracy.value == 0.0 && place > 0));
            if mirrored || !(part.attribute == "sex" || gap.accuracy.clear()) {
                continue;
            }
            clear += 1;
            let against = match part.groups.get(1 - place.min(1)) {
                Some(other) if two => people(&part.attribute, &other.name),
                _ => "all others".to_owned(),
            };
            sentences.push(format!(
                "{}, {}: {}{} lie {} points {} {against} in accuracy{}, {} points {} in UAR{}{}.",
                part.corpus,
                part.attribute,
                people(&part.attribute, &group.name),
                if group.few_speakers {
                    format!(
                        " ({} speakers: too few to speak for others)",
                        group.speakers
                    )
                } else {
                    String::new()
                },
                points(gap.accuracy.value),
                side(gap.accuracy.value),
                range(gap.accuracy.interval),
                points(gap.uar.value),
                side(gap.uar.value),
                range(gap.uar.interval),
                if gap.accuracy.clear() {
                    ""
                } else {
                    "; the interval holds zero, so it may be chance"
                },
            ));
        }
        if clear == 0 {
            let few: usize = part
                .groups
                .iter()
                .filter(|group| group.few_speakers)
                .count();
            sentences.push(format!(
                "{}, {}: no group's distance from the others leaves zero out of its interval{}.",
                part.corpus,
                part.attribute,
                if few > 0 {
                    format!(
                        ", but {few} of {} groups have fewer than {FEW_SPEAKERS} speakers",
                        part.groups.len()
                    )
                } else {
                    String::new()
                },
            ));
        }
    }
    sentences
}

/// A group's name in a sentence.
fn people(attribute: &str, name: &str) -> String {
    match (attribute, name) {
        (_, "female") => "women".to_owned(),
        (_, "male") => "men".to_owned(),
        ("age", years) => format!("actors of {years}"),
        (_, other) => format!("{other} actors"),
    }
}

fn points(share: f64) -> String {
    format!("{:.1}", (share * 100.0).abs())
}

fn side(share: f64) -> &'static str {
    if share < 0.0 { "below" } else { "above" }
}

fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        format!(
            " (95\u{a0}%: {:+.1} to {:+.1})",
            interval.low * 100.0,
            interval.high * 100.0
        )
        .replace('-', "−")
    })
}
