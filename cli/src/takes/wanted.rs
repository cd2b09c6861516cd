//! What a line is to sound like, and how close a voice comes to it.

use undersong_core::model::EmotionSet;
use undersong_core::timeline::Scores;

/// How an intensity may be written, for messages.
pub(crate) const INTENSITIES: &str =
    "low, medium or high, a share such as 0.7 or 70 %, or a step such as 3/5";

/// Words for intensities. A third, two thirds, all: the three levels of CREMA-D's actors, evenly spread.
const WORDS: [(f64, &[&str]); 3] = [
    (
        1.0 / 3.0,
        &[
            "low", "lo", "subtle", "mild", "slight", "soft", "weak", "little",
        ],
    ),
    (
        2.0 / 3.0,
        &["medium", "med", "mid", "md", "moderate", "normal", "middle"],
    ),
    (
        1.0,
        &["high", "hi", "strong", "full", "intense", "very", "extreme"],
    ),
];

/// What is wanted of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// Output of the emotion.
    pub(crate) emotion: usize,
    /// How much of it, 0 … 1; `None` where that was not said, which counts as all of it.
    pub(crate) intensity: Option<f64>,
    /// Scores of a take that is just this, in the order of the model's outputs; they sum to 1.
    target: Vec<f64>,
}

impl Wanted {
    /// An emotion, and how much of it: the rest is *neutral*. Neutral itself, and a model without it, have no more or less.
    pub(crate) fn new(emotion: usize, intensity: Option<f64>, emotions: &EmotionSet) -> Self {
        let mut target = vec![0.0; emotions.len()];
        let neutral = emotions.meant_by("neutral").filter(|&it| it != emotion);
        let share = intensity.filter(|_| neutral.is_some()).unwrap_or(1.0);
        if let Some(target) = neutral.and_then(|neutral| target.get_mut(neutral)) {
            *target = 1.0 - share;
        }
        if let Some(target) = target.get_mut(emotion) {
            *target = share;
        }
        Self {
            emotion,
            intensity,
            target,
        }
    }

    /// How close scores come, 0 … 1: what they have in common with the wanted ones (1 − their total variation distance). Where an emotion is wanted
    /// in full, that is its score.
    pub(crate) fn closeness(&self, scores: &Scores) -> f64 {
        let pairs = self.target.iter().zip(&scores.0);
        pairs
            .map(|(&wanted, &heard)| wanted.min(f64::from(heard)))
            .sum()
    }

    /// Whether an emotion that leads is one that was wanted.
    pub(crate) fn includes(&self, emotion: usize) -> bool {
        self.target.get(emotion).is_some_and(|&share| share > 0.0)
    }

    /// Whether something of another emotion than the wanted one is in it: less than all was wanted.
    pub(crate) fn is_mixed(&self) -> bool {
        self.target.iter().filter(|&&share| share > 0.0).count() > 1
    }

    /// The outputs that are in it, the wanted emotion first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = usize> {
        let others = (0..self.target.len()).filter(|&it| it != self.emotion && self.includes(it));
        std::iter::once(self.emotion).chain(others)
    }

    /// In words: `angry`, `angry at 67 %`.
    pub(crate) fn text(&self, emotions: &EmotionSet) -> String {
        let name = emotions
            .get(self.emotion)
            .map_or("?", |it| it.name.as_str());
        match self.intensity {
            Some(intensity) => format!("{name} at {:.0} %", 100.0 * intensity),
            None => name.to_owned(),
        }
    }
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
    use super::*;

    fn emotions() -> EmotionSet {
        EmotionSet::from_names(&["neutral", "angry", "sad"]).unwrap()
    }

    #[test]
    fn intensities_are_read_as_people_write_them() {
        for (text, share) in [
            ("70 %", 0.7),
            ("0,7", 0.7),
            (".25", 0.25),
            ("3/5", 0.6),
            ("High", 1.0),
            ("1", 1.0),
            ("low", 1.0 / 3.0),
        ] {
            assert!((intensity(text).unwrap() - share).abs() < 1e-12, "{text}");
        }
        for text in ["7", "-0.1", "120 %", "loud", "3/0", "NaN", ""] {
            assert_eq!(intensity(text), None, "{text}");
        }
    }

    #[test]
    fn all_of_an_emotion_is_as_close_as_its_score_and_a_third_of_it_is_two_thirds_neutral() {
        let scores = |neutral, angry, sad| Scores(vec![neutral, angry, sad]);
        let full = Wanted::new(1, None, &emotions());
        assert!((full.closeness(&scores(0.2, 0.7, 0.1)) - 0.7).abs() < 1e-6);
        let mild = Wanted::new(1, Some(1.0 / 3.0), &emotions());
        let (shout, mutter) = (scores(0.0, 1.0, 0.0), scores(0.6, 0.3, 0.1));
        assert!((mild.closeness(&shout) - 1.0 / 3.0).abs() < 1e-6);
        assert!((mild.closeness(&mutter) - 0.9).abs() < 1e-6);
        assert!(full.closeness(&shout) > full.closeness(&mutter));
        assert!(mild.includes(0) && mild.includes(1) && !mild.includes(2));
        assert_eq!(mild.parts().collect::<Vec<_>>(), [1, 0]);
    }

    #[test]
    fn neutral_has_no_more_or_less() {
        let wanted = Wanted::new(0, Some(0.2), &emotions());
        assert!(!wanted.is_mixed());
        assert!((wanted.closeness(&Scores(vec![0.9, 0.1, 0.0])) - 0.9).abs() < 1e-6);
    }
}
