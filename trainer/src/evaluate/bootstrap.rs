//! How far a figure could have come out otherwise with other speakers: 95 % intervals by resampling speakers.
//!
//! Clips of one speaker resemble each other, so resampling clips would promise far too much. Speakers are drawn with replacement,
//! within each corpus (so that the shares of the corpora stay), and the figure is taken anew; the interval runs from the 2.5th to
//! the 97.5th percentile of [`RESAMPLES`] draws (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13). It says
//! nothing of what another training seed would give.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::metrics::Confusion;
use super::predictions::Row;

/// How often speakers are drawn anew.
pub const RESAMPLES: usize = 1000;

/// Fixed, so that the same predictions give the same report.
const SEED: u64 = 0x756e_6465_7273_6f6e;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// 2.5th percentile.
    pub low: f64,
    /// 97.5th percentile.
    pub high: f64,
}

/// 95 % intervals of the headline figures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intervals {
    /// Of the accuracy.
    pub accuracy: Interval,
    /// Of the unweighted average recall.
    pub uar: Interval,
    /// Of the macro F1.
    pub macro_f1: Interval,
}

/// Intervals over the speakers of these rows; `None` with fewer than two speakers in every corpus.
pub(super) fn intervals(labels: usize, rows: &[&Row]) -> Option<Intervals> {
    let mut corpora: BTreeMap<&str, BTreeMap<&str, Confusion>> = BTreeMap::new();
    for row in rows {
        corpora
            .entry(&row.corpus)
            .or_default()
            .entry(&row.speaker)
            .or_insert_with(|| Confusion::new(labels))
            .add(&Confusion::of(labels, [*row]));
    }
    let strata: Vec<Vec<Confusion>> = corpora
        .into_values()
        .map(|speakers| speakers.into_values().collect())
        .collect();
    if strata.iter().all(|speakers| speakers.len() < 2) {
        return None;
    }
    let (mut accuracy, mut uar, mut macro_f1) = (Vec::new(), Vec::new(), Vec::new());
    let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
    draw(&sizes, |drawn| {
        let mut sum = Confusion::new(labels);
        for (speakers, places) in strata.iter().zip(drawn) {
            for speaker in places.iter().filter_map(|&place| speakers.get(place)) {
                sum.add(speaker);
            }
        }
        accuracy.push(sum.accuracy());
        uar.push(sum.uar());
        macro_f1.push(sum.macro_f1());
    });
    Some(Intervals {
        accuracy: interval(accuracy)?,
        uar: interval(uar)?,
        macro_f1: interval(macro_f1)?,
    })
}

/// Draws the speakers of each stratum anew with replacement, as many as it has, [`RESAMPLES`] times: `take` gets the numbers of those drawn,
/// `[stratum][draw]`. Any figure can be taken of them: a difference between groups, what a condition costs.
pub(crate) fn draw(strata: &[usize], mut take: impl FnMut(&[Vec<usize>])) {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut drawn: Vec<Vec<usize>> = strata.iter().map(|&count| vec![0; count]).collect();
    for _ in 0..RESAMPLES {
        for (places, &speakers) in drawn.iter_mut().zip(strata) {
            for place in places {
                *place = random.random_range(0..speakers);
            }
        }
        take(&drawn);
    }
}

/// The 95 % interval of a figure's draws; none without draws.
pub(crate) fn interval(mut draws: Vec<f64>) -> Option<Interval> {
    draws.sort_by(f64::total_cmp);
    (!draws.is_empty()).then(|| Interval {
        low: percentile(&draws, 0.025),
        high: percentile(&draws, 0.975),
    })
}

/// Percentile of sorted values, linear between neighbours (NumPy's default).
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let below = place.floor();
    let at = |index: f64| sorted.get(index as usize).copied().unwrap_or(0.0);
    at(below) + (place - below) * (at(place.ceil()) - at(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_lies_between_its_neighbours() {
        let sorted = [0.0, 1.0, 2.0, 3.0, 4.0];
        assert_eq!(percentile(&sorted, 0.5), 2.0);
        assert_eq!(percentile(&sorted, 0.875), 3.5);
        assert_eq!(percentile(&sorted, 1.0), 4.0);
    }
}
