//! What the report shows of a take's delivery: a handful of facts in words, and its flags.

use serde::Serialize;

use crate::delivery::TakeDelivery;

/// A take's delivery, as the script shows it.
#[derive(Serialize)]
pub(super) struct DeliveryData {
    /// A title, the value, and what helps to read it.
    facts: Vec<(&'static str, String, String)>,
    /// What is technically wrong, and why.
    flags: Vec<(&'static str, String)>,
    /// Integrated loudness and its target, in LUFS, for the gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    gauge: Option<(f64, f64)>,
}

impl DeliveryData {
    pub(super) fn pack(it: &TakeDelivery) -> Self {
        let loudness = &it.loudness;
        let tenths = |value: f64| (value * 10.0).round() / 10.0;
        let facts = it.facts().into_iter();
        let flags = it.flags().into_iter();
        Self {
            facts: facts.map(|it| (it.title, it.value, it.note)).collect(),
            flags: flags.map(|it| (it.kind.name(), it.reason)).collect(),
            gauge: loudness
                .integrated_lufs
                .map(|lufs| (tenths(lufs), tenths(loudness.target_lufs))),
        }
    }
}
