//! How far two groups of speakers lie apart, and whether that may be chance.

use std::collections::BTreeMap;

use crate::evaluate::{Interval, Row, bootstrap};

/// What one speaker's clips came to.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    right: usize,
    clips: usize,
}

/// How much more often the clips of `a` are named right than those of `b`, with its interval over speakers drawn anew within each group
/// and corpus; `None` if a group is empty. The interval is `None` where a group has one speaker only.
pub(super) fn accuracy_difference(a: &[&Row], b: &[&Row]) -> Option<(f64, Option<Interval>)> {
    let mut groups: BTreeMap<(bool, &str), BTreeMap<&str, Tally>> = BTreeMap::new();
    for (first, rows) in [(true, a), (false, b)] {
        for row in rows {
            let tally = groups
                .entry((first, &row.corpus))
                .or_default()
                .entry(&row.speaker)
                .or_default();
            tally.clips += 1;
            tally.right += usize::from(row.is_right());
        }
    }
    let strata: Vec<(bool, Vec<Tally>)> = groups
        .into_iter()
        .map(|((first, _), speakers)| (first, speakers.into_values().collect()))
        .collect();
    let sizes: Vec<usize> = strata.iter().map(|(_, speakers)| speakers.len()).collect();
    let difference = |drawn: &[Vec<usize>]| {
        let accuracy = |wanted: bool| {
            let mut sum = Tally::default();
            for ((first, speakers), places) in strata.iter().zip(drawn) {
                for tally in places.iter().filter_map(|&place| speakers.get(place)) {
                    if *first == wanted {
                        sum.right += tally.right;
                        sum.clips += tally.clips;
                    }
                }
            }
            (sum.clips > 0).then(|| sum.right as f64 / sum.clips as f64)
        };
        Some(accuracy(true)? - accuracy(false)?)
    };
    let everybody: Vec<Vec<usize>> = sizes.iter().map(|&size| (0..size).collect()).collect();
    let found = difference(&everybody)?;
    let alone = [true, false].iter().any(|wanted| {
        let speakers = strata.iter().filter(|(first, _)| first == wanted);
        speakers.map(|(_, speakers)| speakers.len()).sum::<usize>() < 2
    });
    if alone {
        return Some((found, None));
    }
    let mut draws = Vec::new();
    bootstrap::draw(&sizes, |drawn| draws.extend(difference(drawn)));
    Some((found, bootstrap::interval(draws)))
}
