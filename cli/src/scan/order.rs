//! In which order takes stand in the table and the reports.

use std::cmp::Ordering;

use clap::ValueEnum;
use undersong_core::timeline::{Reading, Timeline};

/// What takes are sorted by; the smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Key {
    /// By path
    Name,
    /// Shortest first
    Length,
    /// In the order of the model's emotions, the most confident of each first
    Emotion,
    /// Least pleasant first
    Valence,
    /// Calmest first
    Arousal,
    /// Least confident first
    Confidence,
}

/// Sorts takes. Equals stay in their order, and takes without voice stand last, either way round, where voice is what counts.
pub(crate) fn sort(takes: &mut [Timeline], key: Key, reverse: bool) {
    let turned = |ordering: Ordering| {
        if reverse {
            ordering.reverse()
        } else {
            ordering
        }
    };
    takes.sort_by(|a, b| match key {
        Key::Name => turned(a.path.cmp(&b.path)),
        Key::Length => turned(a.seconds.total_cmp(&b.seconds)),
        Key::Emotion => voiced_first(a, b, |a, b| {
            turned(a.scores.leading().cmp(&b.scores.leading()))
                .then(b.confidence.total_cmp(&a.confidence))
        }),
        Key::Valence => voiced_first(a, b, |a, b| turned(a.valence.total_cmp(&b.valence))),
        Key::Arousal => voiced_first(a, b, |a, b| turned(a.arousal.total_cmp(&b.arousal))),
        Key::Confidence => voiced_first(a, b, |a, b| turned(a.confidence.total_cmp(&b.confidence))),
    });
}

fn voiced_first(
    a: &Timeline,
    b: &Timeline,
    compare: impl Fn(&Reading, &Reading) -> Ordering,
) -> Ordering {
    match (&a.summary.reading, &b.summary.reading) {
        (Some(a), Some(b)) => compare(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
