//! A take's delivery in words: a handful of facts, each with what helps to read it.

use super::loudness::Loudness;
use super::take::TakeDelivery;

/// Nothing that was recorded is as quiet as this.
const DIGITAL_SILENCE_DB: f64 = -119.0;

/// A fact for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What was measured, such as `Pitch`.
    pub title: &'static str,
    /// The measure with its unit, such as `118 Hz`; `–` where there is none.
    pub value: String,
    /// What belongs to it, such as `moves over 7.2 semitones`; may be empty.
    pub note: String,
}

impl TakeDelivery {
    /// The take's measures in words: loudness, true peak, pitch, pace, pauses, background.
    pub fn facts(&self) -> [Fact; 6] {
        [
            loudness(&self.loudness),
            peak(&self.loudness),
            pitch(self),
            pace(self),
            pauses(self),
            background(self),
        ]
    }
}

/// With a true minus sign, and a space that no line breaks at.
fn number(value: f64, decimals: usize, unit: &str) -> String {
    let text = format!("{value:.decimals$}");
    let zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    let text = if zero {
        text.replace('-', "")
    } else {
        text.replace('-', "−")
    };
    format!("{text}\u{A0}{unit}")
}

fn fact(title: &'static str, value: Option<String>, note: Option<String>) -> Fact {
    Fact {
        title,
        value: value.unwrap_or_else(|| "–".to_owned()),
        note: note.unwrap_or_default(),
    }
}

fn loudness(it: &Loudness) -> Fact {
    let target = number(it.target_lufs, 0, "LUFS");
    let note = it.from_target_lu().map(|away| {
        let side = if away < 0.0 { "below" } else { "above" };
        match away.abs() {
            near if near < 0.05 => format!("on the target of {target}"),
            far => format!("{} {side} the target of {target}", number(far, 1, "LU")),
        }
    });
    let value = it.integrated_lufs.map(|lufs| number(lufs, 1, "LUFS"));
    fact("Loudness", value, note)
}

fn peak(it: &Loudness) -> Fact {
    let value = it.true_peak_dbtp.map(|peak| number(peak, 1, "dBTP"));
    let range = it.range_lu;
    let note = range.map(|range| format!("loudness range {}", number(range, 1, "LU")));
    fact("True peak", value, note)
}

fn pitch(it: &TakeDelivery) -> Fact {
    let value = it.voice.pitch_hz.map(|hz| number(hz, 0, "Hz"));
    let melody = it.voice.melody_semitones;
    let note = melody.map(|melody| format!("moves over {}", number(melody, 1, "semitones")));
    fact("Pitch", value, note)
}

fn pace(it: &TakeDelivery) -> Fact {
    let rate = it.voice.syllables_per_second;
    let value = rate.map(|rate| number(rate, 1, "syllables/s"));
    fact("Pace", value, rate.map(|_| "while speaking".to_owned()))
}

fn pauses(it: &TakeDelivery) -> Fact {
    let (value, note) = match &it.pauses {
        None => (None, None),
        Some(pauses) if pauses.count == 0 => (Some("none".to_owned()), None),
        Some(pauses) => {
            let longest = number(pauses.longest_seconds, 1, "s");
            let share = 100.0 * pauses.share();
            let note = match pauses.count {
                1 => format!("{longest}, {share:.0}\u{A0}% of the time"),
                _ => format!("longest {longest}, together {share:.0}\u{A0}% of the time"),
            };
            (Some(pauses.count.to_string()), Some(note))
        }
    };
    fact("Pauses", value, note)
}

fn background(it: &TakeDelivery) -> Fact {
    let technical = &it.technical;
    let floor = technical.noise_floor_db;
    if floor.is_some_and(|floor| floor <= DIGITAL_SILENCE_DB) {
        return fact("Background", Some("digital silence".to_owned()), None);
    }
    let value = floor.map(|floor| number(floor, 0, "dB"));
    let away = technical.snr_db;
    let note = away.map(|away| format!("{} below the voice", number(away, 0, "dB")));
    fact("Background", value, note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Delivery, Pauses};

    #[test]
    fn facts_read_as_a_producer_writes_them() {
        let take = TakeDelivery {
            voice: Delivery {
                pitch_hz: Some(118.4),
                melody_semitones: Some(7.16),
                ..Delivery::default()
            },
            loudness: Loudness {
                target_lufs: -16.0,
                integrated_lufs: Some(-19.31),
                true_peak_dbtp: Some(-0.04),
                ..Loudness::default()
            },
            pauses: Some(Pauses {
                count: 2,
                longest_seconds: 0.81,
                total_seconds: 1.2,
                span_seconds: 10.0,
            }),
            ..TakeDelivery::default()
        };
        let facts = take
            .facts()
            .map(|it| format!("{}: {} {}", it.title, it.value, it.note));
        let facts = facts.map(|it| it.replace('\u{A0}', " "));
        assert_eq!(
            facts,
            [
                "Loudness: −19.3 LUFS 3.3 LU below the target of −16 LUFS",
                "True peak: 0.0 dBTP ",
                "Pitch: 118 Hz moves over 7.2 semitones",
                "Pace: – ",
                "Pauses: 2 longest 0.8 s, together 12 % of the time",
                "Background: – ",
            ]
        );
    }
}
