//! The numbers by which takes of one line are compared, and how far they can be trusted. `docs/takes.md` has the formulas and what they mean.

use undersong_core::delivery::{Delivery, Measure};
use undersong_core::timeline::{Reading, Timeline, stretches};

use super::wanted::Wanted;

/// How far a take's score wanders, as a standard deviation, when nothing changes that makes another take: where the file begins and ends, a little noise.
/// Measured; see `docs/takes.md`.
pub(crate) const WANDER: f64 = 0.05;

/// Differences within so many standard errors are ties: chance alone exceeds it once in twenty times.
const ERRORS: f64 = 1.96;

/// A measure of delivery counts as wholly different at so many just noticeable differences.
const WHOLLY: f64 = 4.0;

/// A number with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    /// The number.
    pub(crate) value: f64,
    /// Its standard error.
    pub(crate) error: f64,
}

impl Measured {
    /// Within what difference of the other two such numbers are a tie.
    pub(crate) fn tie_within(self, other: Self) -> f64 {
        ERRORS * self.error.hypot(other.error)
    }

    /// Whether the two are too near to be told apart.
    pub(crate) fn ties(self, other: Self) -> bool {
        (self.value - other.value).abs() < self.tie_within(other)
    }
}

/// The numbers of a take among those of its line; `None` for a take without voice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numbers {
    /// How close it comes to what is wanted, 0 … 1; `None` where nothing is wanted.
    pub(crate) closeness: Option<Measured>,
    /// How safe it is, 0 … 1.
    pub(crate) safety: Measured,
    /// How far it lies from the line's other takes on average, 0 … 1; `None` if there is no other.
    pub(crate) difference: Option<Measured>,
}

/// The numbers of a line's takes, in their order.
pub(crate) fn compare(
    takes: &[&Timeline],
    wanted: Option<&Wanted>,
    span_seconds: f64,
) -> Vec<Option<Numbers>> {
    let numbers = takes.iter().enumerate().map(|(index, take)| {
        let reading = take.summary.reading.as_ref()?;
        let voice = Voice::of(take, span_seconds);
        let others = || {
            takes
                .iter()
                .enumerate()
                .filter(move |(other, _)| *other != index)
                .map(|(_, other)| *other)
        };
        let arousals: Vec<f32> = others().filter_map(arousal).collect();
        let closeness = wanted.map(|wanted| Measured {
            value: wanted.closeness(reading, &arousals),
            error: voice.error(|reading| wanted.closeness(reading, &arousals)),
        });
        let apart: Vec<f64> = others().filter_map(|other| apart(take, other)).collect();
        let difference = (!apart.is_empty()).then(|| Measured {
            value: mean(&apart),
            error: voice.scatter(|window| readings_apart(reading, window))
                * share_of_readings(take),
        });
        Some(Numbers {
            closeness,
            safety: safety(reading, wanted, &voice, closeness, difference),
            difference,
        })
    });
    numbers.collect()
}

/// Arousal of a take as a whole.
pub(crate) fn arousal(take: &Timeline) -> Option<f32> {
    Some(take.summary.reading.as_ref()?.arousal)
}

/// Close, sure, and near to what the other takes do: the mean of those that there are. Sure of something that was not wanted is not sure.
fn safety(
    reading: &Reading,
    wanted: Option<&Wanted>,
    voice: &Voice<'_>,
    closeness: Option<Measured>,
    difference: Option<Measured>,
) -> Measured {
    let leading = reading.scores.leading();
    let sure_of_it = |wanted: &Wanted| leading == Some(wanted.emotion);
    let sure = Measured {
        value: if wanted.is_none_or(sure_of_it) {
            f64::from(reading.confidence)
        } else {
            0.0
        },
        error: voice.error(|window| {
            let score = leading.and_then(|leading| window.scores.0.get(leading));
            f64::from(score.copied().unwrap_or(0.0))
        }),
    };
    let near = difference.map(|it| Measured {
        value: 1.0 - it.value,
        ..it
    });
    let parts: Vec<Measured> = [closeness, Some(sure), near]
        .into_iter()
        .flatten()
        .collect();
    // The parts rise and fall together, so that their errors add up.
    Measured {
        value: parts.iter().map(|it| it.value).sum::<f64>() / parts.len() as f64,
        error: parts.iter().map(|it| it.error).sum::<f64>() / parts.len() as f64,
    }
}

/// The voiced windows of a take, and how much of it each stands for.
struct Voice<'a> {
    windows: Vec<(f64, &'a Reading)>,
    total_seconds: f64,
    /// How many windows' worth of voice there is: overlapping windows tell little new.
    worth: f64,
}

impl<'a> Voice<'a> {
    fn of(take: &'a Timeline, span_seconds: f64) -> Self {
        let weighed = take
            .windows
            .iter()
            .zip(stretches(&take.windows, take.seconds));
        let windows: Vec<(f64, &Reading)> = weighed
            .filter_map(|(window, stretch)| {
                let weight = window.voiced_share() * stretch.seconds();
                (weight > 0.0).then_some((weight, window.reading.as_ref()?))
            })
            .collect();
        let total_seconds: f64 = windows.iter().map(|(weight, _)| weight).sum();
        Self {
            windows,
            total_seconds,
            worth: (total_seconds / span_seconds).max(1.0),
        }
    }

    fn mean(&self, of: impl Fn(&Reading) -> f64) -> f64 {
        let sum: f64 = self
            .windows
            .iter()
            .map(|(weight, reading)| weight * of(reading))
            .sum();
        if self.total_seconds > 0.0 {
            sum / self.total_seconds
        } else {
            0.0
        }
    }

    /// Standard error of a number's mean over the take: its spread over the windows, over the root of how many they are worth, and what it wanders by anyhow.
    fn error(&self, of: impl Fn(&Reading) -> f64) -> f64 {
        let middle = self.mean(&of);
        self.scatter(|reading| of(reading) - middle)
    }

    /// The same of a number whose middle is 0.
    fn scatter(&self, of: impl Fn(&Reading) -> f64) -> f64 {
        let variance = self.mean(|reading| of(reading).powi(2));
        (variance / self.worth).sqrt().hypot(WANDER)
    }
}

/// How far two takes lie apart, 0 … 1: the mean of how far their scores, their valence and arousal, and their deliveries do. `None` if one has no voice.
pub(crate) fn apart(a: &Timeline, b: &Timeline) -> Option<f64> {
    let (one, other) = (a.summary.reading.as_ref()?, b.summary.reading.as_ref()?);
    let parts = [
        Some(scores_apart(one, other)),
        Some(affect_apart(one, other)),
        delivery(a)
            .zip(delivery(b))
            .and_then(|(a, b)| delivery_apart(a, b)),
    ];
    Some(mean(&parts.into_iter().flatten().collect::<Vec<_>>()))
}

/// Two readings alone: what a window can differ by from its take.
fn readings_apart(a: &Reading, b: &Reading) -> f64 {
    mean(&[scores_apart(a, b), affect_apart(a, b)])
}

/// How much of a take's distance to others its reading decides.
fn share_of_readings(take: &Timeline) -> f64 {
    if delivery(take).is_some() {
        2.0 / 3.0
    } else {
        1.0
    }
}

/// Total variation distance, 0 … 1: the score that would have to move.
fn scores_apart(a: &Reading, b: &Reading) -> f64 {
    let pairs = a.scores.0.iter().zip(&b.scores.0);
    pairs.map(|(&a, &b)| f64::from((a - b).abs())).sum::<f64>() / 2.0
}

/// Distance between valence and arousal, as a share of an axis' length of 2.
fn affect_apart(a: &Reading, b: &Reading) -> f64 {
    let distance = f64::from(a.valence - b.valence).hypot(f64::from(a.arousal - b.arousal));
    (distance / 2.0).min(1.0)
}

/// Mean over the measures that both have: differences in steps that are just noticed, [`WHOLLY`] of which count 1.
fn delivery_apart(a: &Delivery, b: &Delivery) -> Option<f64> {
    let measures = Measure::ALL.into_iter().filter_map(|measure| {
        let by = (measure.of(a)? - measure.of(b)?).abs();
        Some((by / (WHOLLY * measure.noticeable())).min(1.0))
    });
    let measures: Vec<f64> = measures.collect();
    (!measures.is_empty()).then(|| mean(&measures))
}

/// How a take is delivered as a whole.
pub(crate) fn delivery(take: &Timeline) -> Option<&Delivery> {
    let delivery = take.summary.delivery.as_ref()?;
    Some(&delivery.voice)
}

/// Mean of at least one number.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
