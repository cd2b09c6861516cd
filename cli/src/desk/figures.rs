//! `Figures`: how a take is delivered, as the page shows it. What a scan measured is passed on; nothing is measured here.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use undersong_core::timeline::Timeline;

use super::shelf::round;

/// What the list shows of a take's delivery; `None` where there is too little voice, or it was not measured. The page gets tenths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Figures {
    /// Integrated loudness, in LUFS.
    #[serde(rename = "loudness", serialize_with = "tenths")]
    pub(super) loudness_lufs: Option<f64>,
    /// Median pitch, in Hz.
    #[serde(rename = "pitch", serialize_with = "tenths")]
    pub(super) pitch_hz: Option<f64>,
    /// Syllables per second.
    #[serde(rename = "rate", serialize_with = "tenths")]
    pub(super) syllables_per_second: Option<f64>,
}

fn tenths<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value.map(|value| round(value, 10.0)).serialize(serializer)
}

impl Figures {
    /// Those of a take.
    pub(super) fn of(take: &Timeline) -> Self {
        let delivery = take.summary.delivery.as_ref();
        delivery.map_or_else(Self::default, |it| Self {
            loudness_lufs: it.loudness.integrated_lufs,
            pitch_hz: it.voice.pitch_hz,
            syllables_per_second: it.voice.syllables_per_second,
        })
    }
}

/// What is wrong with a take, in a word each.
pub(super) fn flags(take: &Timeline) -> Vec<&'static str> {
    let delivery = take.summary.delivery.iter();
    delivery
        .flat_map(|it| it.flags())
        .map(|flag| flag.kind.name())
        .collect()
}

/// All that the desk shows of a take's delivery: facts (a title, the value, what helps to read it), and what is wrong with it and why.
pub(super) fn facts(take: &Timeline) -> Value {
    let Some(delivery) = &take.summary.delivery else {
        return json!({ "facts": [], "flags": [] });
    };
    let facts = delivery
        .facts()
        .into_iter()
        .map(|it| json!([it.title, it.value, it.note]));
    let flags = delivery
        .flags()
        .into_iter()
        .map(|it| json!([it.kind.name(), it.reason]));
    json!({ "facts": facts.collect::<Vec<_>>(), "flags": flags.collect::<Vec<_>>() })
}
