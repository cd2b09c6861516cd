//! A reading in words.

use crate::model::EmotionSet;
use crate::timeline::Reading;

/// From which magnitude on valence or arousal gets a word, and a stronger one.
const WORD: f32 = 0.12;
const STRONG_WORD: f32 = 0.35;

/// The leading emotion, with a question mark where it is unsure: `happy`, `sad?`; `no voice` without a reading.
pub(super) fn emotion(reading: Option<&Reading>, emotions: &EmotionSet) -> String {
    let Some(reading) = reading else {
        return "no voice".to_owned();
    };
    let name = reading
        .scores
        .leading()
        .and_then(|index| emotions.get(index))
        .map_or("?", |emotion| emotion.name.as_str());
    let mark = if reading.unsure { "?" } else { "" };
    format!("{name}{mark}")
}

/// The leading emotion, and where it lies: `happy, pleasant, rather lively`.
pub(super) fn words(reading: Option<&Reading>, emotions: &EmotionSet) -> String {
    let mut words = vec![emotion(reading, emotions)];
    if let Some(reading) = reading {
        words.extend(word(reading.valence, "unpleasant", "pleasant"));
        // An emotion's own name needs no repeating.
        let calm = words.iter().any(|word| word.starts_with("calm"));
        let arousal = word(reading.arousal, "calm", "lively");
        words.extend(arousal.filter(|_| !(calm && reading.arousal < 0.0)));
    }
    words.join(", ")
}

fn word(value: f32, low: &str, high: &str) -> Option<String> {
    let name = if value < 0.0 { low } else { high };
    match value.abs() {
        magnitude if magnitude >= STRONG_WORD => Some(name.to_owned()),
        magnitude if magnitude >= WORD => Some(format!("rather {name}")),
        _ => None,
    }
}
