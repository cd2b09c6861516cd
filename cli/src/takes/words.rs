//! What is heard in a take and how it departs from its line's other takes, in words; and numbers as a person reads them.

use super::compare::{arousal, delivery, mean};
use super::reasons::Compared;
use super::wanted::place;

/// Words for differences that are told of a take.
const MOST_WORDS: usize = 2;
/// From this difference on, valence or arousal gets a word: a tenth of the axis.
const AFFECT_WORD: f64 = 0.2;

impl Compared<'_> {
    /// The score of what was wanted, and where an intensity was, the take's own; or the score of what leads.
    pub(super) fn heard(&self, take: usize) -> String {
        let score = |emotion: usize| {
            format!(
                "{} {}",
                self.name(emotion),
                percent(self.score(take, emotion))
            )
        };
        let Some(wanted) = self.wanted else {
            return self.leading(take).map_or_else(String::new, score);
        };
        let heard = score(wanted.emotion);
        let others = (0..self.takes.len()).filter(|&it| it != take);
        let others: Vec<f32> = others
            .filter_map(|it| arousal(self.takes.get(it)?))
            .collect();
        let own = self.takes.get(take).and_then(|it| arousal(it));
        let place = own.and_then(|own| place(own, &others));
        let closeness = self.numbers(take).and_then(|it| it.closeness);
        match (wanted.intensity, place, closeness) {
            (Some(intensity), Some(place), Some(closeness)) => format!(
                "{heard} at intensity {} (wanted {}), together {}",
                percent(place),
                percent(intensity),
                percent(closeness.value)
            ),
            _ => heard,
        }
    }

    /// Where a take departs from the others' mean: the score that does most, valence and arousal, and its delivery.
    pub(super) fn what_differs(&self, take: usize) -> Vec<String> {
        let others: Vec<usize> = (0..self.takes.len())
            .filter(|&it| it != take && self.numbers(it).is_some())
            .collect();
        let mut parts = Vec::new();
        let usual = |emotion: usize| {
            mean(
                &others
                    .iter()
                    .map(|&it| self.score(it, emotion))
                    .collect::<Vec<_>>(),
            )
        };
        let departs = |emotion: &usize| (self.score(take, *emotion) - usual(*emotion)).abs();
        let most = (0..self.emotions.len()).max_by(|a, b| departs(a).total_cmp(&departs(b)));
        if let Some(emotion) = most {
            parts.push(format!(
                "{} {} (the others {})",
                self.name(emotion),
                percent(self.score(take, emotion)),
                percent(usual(emotion))
            ));
        }
        let affect = |take: usize| {
            let reading = self
                .takes
                .get(take)
                .and_then(|it| it.summary.reading.as_ref());
            reading.map_or((0.0, 0.0), |it| {
                (f64::from(it.valence), f64::from(it.arousal))
            })
        };
        let of_others: Vec<(f64, f64)> = others.iter().map(|&it| affect(it)).collect();
        let valence = affect(take).0 - mean(&of_others.iter().map(|it| it.0).collect::<Vec<_>>());
        let arousal = affect(take).1 - mean(&of_others.iter().map(|it| it.1).collect::<Vec<_>>());
        for (by, more, less) in [
            (arousal, "more excited", "calmer"),
            (valence, "more pleasant", "less pleasant"),
        ] {
            if by.abs() >= AFFECT_WORD {
                parts.push(format!(
                    "{} ({})",
                    if by > 0.0 { more } else { less },
                    signed(by)
                ));
            }
        }
        parts.extend(self.delivery_words(take));
        parts.truncate(1 + MOST_WORDS);
        parts
    }

    /// Where the delivery departs from the line's other takes, strongest first, such as `quieter (−4.1 dB)`.
    pub(super) fn delivery_words(&self, take: usize) -> Vec<String> {
        let Some(own) = self.takes.get(take).and_then(|it| delivery(it)) else {
            return Vec::new();
        };
        let mut differences = self.pieces.usual_without(take..take + 1).compare(own);
        differences.retain(|it| it.stands_out());
        differences.sort_by(|a, b| {
            (b.by / b.threshold)
                .abs()
                .total_cmp(&(a.by / a.threshold).abs())
        });
        let words = differences
            .iter()
            .filter_map(|it| Some(format!("{} ({})", it.word()?, it.amount())));
        words.take(MOST_WORDS).collect()
    }
}

/// `second` after one, `third` after two, `12th` after eleven.
pub(super) fn ordinal(before: usize) -> String {
    const WORDS: [&str; 5] = ["", "second", "third", "fourth", "fifth"];
    match (before, WORDS.get(before)) {
        (1.., Some(word)) => (*word).to_owned(),
        _ => {
            let number = before + 1;
            let ending = match (number % 100, number % 10) {
                (11..=13, _) => "th",
                (_, 1) => "st",
                (_, 2) => "nd",
                (_, 3) => "rd",
                _ => "th",
            };
            format!("{number}{ending}")
        }
    }
}

/// A share.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// A difference of two shares.
pub(super) fn points(difference: f64) -> String {
    match format!("{:.0}", 100.0 * difference).as_str() {
        "1" => "1 point".to_owned(),
        number => format!("{number} points"),
    }
}

/// A distance.
pub(super) fn hundredths(value: f64) -> String {
    format!("{value:.2}")
}

fn signed(value: f64) -> String {
    let sign = if value < 0.0 { '−' } else { '+' };
    format!("{sign}{:.2}", value.abs())
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 2 more`.
pub(super) fn list(names: &[&str], most: usize) -> String {
    let (named, rest) = names.split_at(names.len().min(most));
    match (named, rest.len()) {
        ([first @ .., last], 0) if !first.is_empty() => {
            format!("{} and {last}", first.join(", "))
        }
        (named, 0) => named.concat(),
        (named, more) => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_person_writes_them() {
        assert_eq!(points(0.14), "14 points");
        assert_eq!(points(0.011), "1 point");
        assert_eq!(signed(-0.314), "−0.31");
        let ordinals = [1, 4, 5, 10, 11, 20, 21].map(ordinal);
        assert_eq!(
            ordinals,
            ["second", "fifth", "6th", "11th", "12th", "21st", "22nd"]
        );
    }

    #[test]
    fn long_lists_are_counted() {
        assert_eq!(list(&["a"], 3), "a");
        assert_eq!(list(&["a", "b"], 3), "a and b");
        assert_eq!(list(&["a", "b", "c", "d", "e"], 3), "a, b, c and 2 more");
    }
}
