//! What a line is to sound like, and how close a take comes to it.

use undersong_core::model::EmotionSet;
use undersong_core::timeline::Reading;

/// How an intensity may be written, for messages.
pub(crate) const INTENSITIES: &str =
    "low, medium or high, a share such as 0.7 or 70 %, or a step such as 3/5";

/// Words for intensities: the middles of the lower, the middle and the upper third.
const WORDS: [(f64, &[&str]); 3] = [
    (
        1.0 / 6.0,
        &[
            "low", "lo", "subtle", "mild", "slight", "soft", "weak", "little",
        ],
    ),
    (
        0.5,
        &["medium", "med", "mid", "md", "moderate", "normal", "middle"],
    ),
    (
        5.0 / 6.0,
        &["high", "hi", "strong", "full", "intense", "very", "extreme"],
    ),
];

/// What is wanted of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// Output of the emotion.
    pub(crate) emotion: usize,
    /// How much of it, from the calmest (0) to the most excited (1) that the line's takes offer; `None` where that was not said.
    pub(crate) intensity: Option<f64>,
}

impl Wanted {
    /// How close a reading comes, 0 … 1: the score of the emotion, and where an intensity is wanted, times how near the reading's place among the
    /// line's other takes is to it. `others` are the arousals of those; without any, there is no place, and the score counts alone.
    pub(crate) fn closeness(&self, reading: &Reading, others: &[f32]) -> f64 {
        let place = place(reading.arousal, others);
        let fit = self
            .intensity
            .zip(place)
            .map_or(1.0, |(wanted, place)| 1.0 - (wanted - place).abs());
        self.score(reading) * fit
    }

    /// The score of the emotion.
    pub(crate) fn score(&self, reading: &Reading) -> f64 {
        reading
            .scores
            .0
            .get(self.emotion)
            .map_or(0.0, |&score| f64::from(score))
    }

    /// In words: `angry`, `angry, intensity 50 %`.
    pub(crate) fn text(&self, emotions: &EmotionSet) -> String {
        let name = emotions
            .get(self.emotion)
            .map_or("?", |it| it.name.as_str());
        match self.intensity {
            Some(intensity) => format!("{name}, intensity {:.0} %", 100.0 * intensity),
            None => name.to_owned(),
        }
    }
}

/// Where an arousal lies among others, from 0 for the calmest to 1 for the most excited: the share of them that lie below, equal ones half.
pub(crate) fn place(arousal: f32, others: &[f32]) -> Option<f64> {
    let below: f64 = others
        .iter()
        .map(|other| match other.total_cmp(&arousal) {
            std::cmp::Ordering::Less => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 0.0,
        })
        .sum();
    (!others.is_empty()).then(|| below / others.len() as f64)
}

/// Reads an intensity, 0 … 1; `None` if it is none.
pub(crate) fn intensity(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    if let Some(&(share, _)) = WORDS
        .iter()
        .find(|(_, words)| words.contains(&text.as_str()))
    {
        return Some(share);
    }
    // Spreadsheets of many languages write 0,7.
    let number = |text: &str| text.trim().replace(',', ".").parse::<f64>().ok();
    let share = if let Some(percent) = text.strip_suffix('%') {
        number(percent)? / 100.0
    } else if let Some((step, steps)) = text.split_once('/') {
        number(step)? / number(steps)?
    } else {
        number(&text)?
    };
    (0.0..=1.0).contains(&share).then_some(share)
}

#[cfg(test)]
mod tests {
    use undersong_core::timeline::Scores;

    use super::*;

    #[test]
    fn intensities_are_read_as_people_write_them() {
        for (text, share) in [
            ("70 %", 0.7),
            ("0,7", 0.7),
            (".25", 0.25),
            ("3/5", 0.6),
            ("High", 5.0 / 6.0),
            ("1", 1.0),
            ("low", 1.0 / 6.0),
        ] {
            assert!((intensity(text).unwrap() - share).abs() < 1e-12, "{text}");
        }
        for text in ["7", "-0.1", "120 %", "loud", "3/0", "NaN", ""] {
            assert_eq!(intensity(text), None, "{text}");
        }
    }

    #[test]
    fn closeness_is_the_score_times_how_near_the_intensity_is() {
        let emotions = EmotionSet::from_names(&["neutral", "angry", "sad"]).unwrap();
        let reading = Reading::from_scores(Scores(vec![0.2, 0.7, 0.1]), &emotions, 0.5);
        let wanted = |intensity| Wanted {
            emotion: 1,
            intensity,
        };
        let close = |intensity, others: &[f32]| wanted(intensity).closeness(&reading, others);
        let (calmer, more) = (reading.arousal - 0.1, reading.arousal + 0.1);
        assert!((close(None, &[calmer, more]) - 0.7).abs() < 1e-6);
        assert!(
            (close(Some(0.5), &[calmer, more]) - 0.7).abs() < 1e-6,
            "in the middle, as was wanted"
        );
        assert!((close(Some(0.0), &[calmer, more]) - 0.35).abs() < 1e-6);
        assert!((close(Some(1.0), &[calmer, calmer]) - 0.7).abs() < 1e-6);
        assert!(
            (close(Some(1.0), &[reading.arousal]) - 0.35).abs() < 1e-6,
            "equals lie in the middle"
        );
        assert!(
            (close(Some(1.0), &[]) - 0.7).abs() < 1e-6,
            "alone, it has no place"
        );
    }
}
