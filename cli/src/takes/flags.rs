//! What is wrong with a take's sound, and what makes it hard to compare with the others of its line.

use std::collections::BTreeMap;

use undersong_core::timeline::Timeline;

/// Something that whoever chooses a take should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flag {
    /// For programs, such as `cut_off`.
    pub(crate) code: &'static str,
    /// For a person, such as `cut off`.
    pub(crate) name: &'static str,
    /// In plain words, with the numbers.
    pub(crate) reason: String,
    /// Whether the take cannot be the safest with it.
    pub(crate) fault: bool,
}

impl Flag {
    /// Name and reason.
    pub(crate) fn words(&self) -> String {
        format!("{}: {}", self.name, self.reason)
    }
}

/// The flags of a line's takes, in their order; `model_rate_hz` is the rate that the model listens at.
pub(crate) fn of_line(takes: &[&Timeline], model_rate_hz: u32) -> Vec<Vec<Flag>> {
    let usual_hz = usual_rate(takes);
    let flags = takes.iter().map(|take| {
        let technical = take.summary.delivery.as_ref().map(|it| it.flags());
        let technical = technical.unwrap_or_default().into_iter().map(|flag| Flag {
            code: flag.kind.id(),
            name: flag.kind.name(),
            reason: flag.reason,
            fault: true,
        });
        technical
            .chain(other_rate(rate(take), usual_hz, model_rate_hz))
            .collect()
    });
    flags.collect()
}

/// A take at another rate than most: it is compared as it is. It is a fault where the rate is too low for what the model listens to in the others.
fn other_rate(rate_hz: Option<u32>, usual_hz: Option<u32>, model_rate_hz: u32) -> Option<Flag> {
    let (rate_hz, usual_hz) = (rate_hz?, usual_hz?);
    let khz = |hz: u32| f64::from(hz) / 1e3;
    (rate_hz != usual_hz).then(|| Flag {
        code: "other_rate",
        name: "other rate",
        reason: format!(
            "recorded at {} kHz, most of the line's takes at {} kHz",
            khz(rate_hz),
            khz(usual_hz)
        ),
        fault: rate_hz < model_rate_hz.min(usual_hz),
    })
}

fn rate(take: &Timeline) -> Option<u32> {
    let delivery = take.summary.delivery.as_ref()?;
    Some(delivery.technical.sample_rate_hz)
}

/// The rate of most takes; of equally many, the highest.
fn usual_rate(takes: &[&Timeline]) -> Option<u32> {
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for rate in takes.iter().filter_map(|take| rate(take)) {
        *counts.entry(rate).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|&(rate, count)| (count, rate));
    most.map(|(rate, _)| rate)
}
