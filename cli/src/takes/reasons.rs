//! Why a take is the closest, the safest or the most different one, and how any take differs from the others of its line: in plain words, with the numbers.

use undersong_core::delivery::{Delivery, Pieces};
use undersong_core::model::EmotionSet;
use undersong_core::timeline::Timeline;

use super::compare::{Measured, arousal, delivery, mean};
use super::roles::{Candidate, Holders, Role, holders};
use super::wanted::{Wanted, place};

/// Takes that are named in a list of ties; more are counted.
const MOST_NAMES: usize = 3;
/// Measures of delivery that are told of a take.
const MOST_WORDS: usize = 3;
/// From this difference on, valence or arousal gets a word: a tenth of the axis.
const AFFECT_WORD: f64 = 0.2;

/// A line's takes, compared.
pub(crate) struct Compared<'a> {
    emotions: &'a EmotionSet,
    wanted: Option<&'a Wanted>,
    takes: &'a [&'a Timeline],
    labels: &'a [&'a str],
    candidates: &'a [Candidate],
    holders: [(Role, Option<Holders>); 3],
    pieces: Pieces,
}

impl<'a> Compared<'a> {
    /// All slices are of the line's takes, in one order.
    pub(crate) fn new(
        emotions: &'a EmotionSet,
        wanted: Option<&'a Wanted>,
        takes: &'a [&'a Timeline],
        labels: &'a [&'a str],
        candidates: &'a [Candidate],
    ) -> Self {
        let deliveries: Vec<Delivery> = takes
            .iter()
            .map(|take| delivery(take).copied().unwrap_or_default())
            .collect();
        Self {
            emotions,
            wanted,
            takes,
            labels,
            candidates,
            holders: Role::ALL.map(|role| (role, holders(role, candidates))),
            pieces: Pieces::new(&deliveries),
        }
    }

    /// What a take is.
    pub(crate) fn roles(&self, take: usize) -> Vec<Role> {
        self.held_by(take).map(|(role, _)| role).collect()
    }

    /// What a take shares with others.
    pub(crate) fn shared(&self, take: usize) -> Vec<Role> {
        let shared = self
            .held_by(take)
            .filter(|(_, holders)| holders.takes.len() > 1);
        shared.map(|(role, _)| role).collect()
    }

    /// Why it is what it is; of a take that is nothing in particular, how it differs.
    pub(crate) fn reason(&self, take: usize) -> String {
        let Some(numbers) = self.numbers(take) else {
            return "there is no voice in it, so there is nothing to compare".to_owned();
        };
        let sentences: Vec<String> = self
            .held_by(take)
            .map(|(role, holders)| match role {
                Role::Closest => self.closest(take, holders),
                Role::Safest => self.safest(take, holders),
                Role::MostDifferent => self.most_different(take, holders),
            })
            .collect();
        if !sentences.is_empty() {
            return sentences.join("; ");
        }
        let mut parts = vec![self.heard(take)];
        if numbers.closeness.is_some() {
            parts.extend(
                self.rank(take, Role::Closest)
                    .map(|rank| format!("{rank} closest of {}", self.voiced())),
            );
        }
        let words = self.delivery_words(take);
        if !words.is_empty() {
            parts.push(format!("{} than the others", words.join(", ")));
        }
        parts.join(", ")
    }

    /// What is to be said of the line.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.takes.is_empty() {
            notes.push("there is no take of it".to_owned());
            return notes;
        }
        if self.voiced() == 0 {
            notes.push("there is no voice in any of its takes".to_owned());
            return notes;
        }
        if let Some(wanted) = self.wanted {
            let fits = |take| {
                self.leading(take)
                    .is_some_and(|leading| wanted.emotion == leading)
            };
            if !(0..self.takes.len()).any(fits) {
                notes.push(format!(
                    "no take sounds {} more than anything else",
                    self.name(wanted.emotion)
                ));
            }
            if wanted.intensity.is_some() && self.voiced() < 2 {
                notes.push("of one take alone the intensity cannot be told".to_owned());
            }
        }
        if self.holder(Role::Safest).is_none() {
            notes.push("every take has a fault in its sound, so none is the safest".to_owned());
        }
        if self.voiced() > 2 && self.holder(Role::MostDifferent).is_none() {
            notes.push(
                "its takes are about equally far from each other, so none is the most different"
                    .to_owned(),
            );
        }
        notes
    }

    fn closest(&self, take: usize, holders: &Holders) -> String {
        let of = |it: usize| self.numbers(it).and_then(|it| it.closeness);
        let mut text = self.led(Role::Closest, take, holders, &of);
        text += &match (holders.next.and_then(of).zip(of(take)), holders.next) {
            _ if holders.of == 1 => ", the only take with voice".to_owned(),
            (Some((other, own)), Some(next)) if holders.takes.len() == 1 => format!(
                ", {} above {}, the next (a tie is within {})",
                points(own.value - other.value),
                self.label(next),
                points(own.tie_within(other))
            ),
            _ => String::new(),
        };
        if let Some(leading) = self.leading(take)
            && self.wanted.is_some_and(|wanted| wanted.emotion != leading)
        {
            text += &format!(
                ", but it sounds more like {} ({})",
                self.name(leading),
                percent(self.score(take, leading))
            );
        }
        text
    }

    fn safest(&self, take: usize, holders: &Holders) -> String {
        let of = |it: usize| self.numbers(it).map(|it| it.safety);
        let mut text = self.led(Role::Safest, take, holders, &of);
        if let Some(rank) = self.rank(take, Role::Closest).filter(|_| self.voiced() > 1) {
            text += &format!(", {rank} closest of {}", self.voiced());
        }
        if let Some(reading) = self
            .takes
            .get(take)
            .and_then(|take| take.summary.reading.as_ref())
        {
            let sure = if reading.unsure {
                "though the model is unsure"
            } else {
                "the model is sure"
            };
            text += &format!(", {sure} ({})", percent(reading.confidence.into()));
        }
        text += ", no fault in its sound";
        if let (Some(difference), Some(rank)) = (
            self.numbers(take).and_then(|it| it.difference),
            self.rank_from_middle(take),
        ) {
            text += &format!(
                ", {rank} to what the others do ({} apart)",
                hundredths(difference.value)
            );
        }
        text
    }

    fn most_different(&self, take: usize, holders: &Holders) -> String {
        let of = |it: usize| self.numbers(it).and_then(|it| it.difference);
        let own = of(take);
        let mut text = match holders.takes.len() {
            1 => "most different: ".to_owned(),
            _ => format!(
                "tied for most different with {}: ",
                self.others(take, holders)
            ),
        };
        text += &self.what_differs(take).join(", ");
        if let Some(own) = own {
            text += &format!("; {} from the others on average", hundredths(own.value));
            if let Some((next, other)) = holders.next.and_then(|next| Some((next, of(next)?))) {
                text += &format!(
                    ", {} for {}, the next (a tie is within {})",
                    hundredths(other.value),
                    self.label(next),
                    hundredths(own.tie_within(other))
                );
            }
        }
        text
    }

    /// The beginning of a sentence: the role, with whom it is shared, and what is heard.
    fn led(
        &self,
        role: Role,
        take: usize,
        holders: &Holders,
        of: &dyn Fn(usize) -> Option<Measured>,
    ) -> String {
        if holders.takes.len() == 1 {
            return format!("{}: {}", role.name(), self.heard(take));
        }
        let values: Vec<f64> = holders
            .takes
            .iter()
            .filter_map(|it| Some(of(*it)?.value))
            .collect();
        let spread = values.iter().copied().fold(f64::MIN, f64::max)
            - values.iter().copied().fold(f64::MAX, f64::min);
        let best = holders.takes.first().and_then(|it| of(*it));
        let last = holders.takes.last().and_then(|it| of(*it));
        let within = best
            .zip(last)
            .map_or(0.0, |(best, last)| best.tie_within(last));
        format!(
            "tied for {} with {} ({} apart, a tie is within {}): {}",
            role.name(),
            self.others(take, holders),
            points(spread),
            points(within),
            self.heard(take)
        )
    }

    /// The score of what was wanted, and where an intensity was, its place among the takes; or the score of what leads.
    fn heard(&self, take: usize) -> String {
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
                "{heard} and {} of the way from the calmest to the most excited take where {} was wanted, together {}",
                percent(place),
                percent(intensity),
                percent(closeness.value)
            ),
            _ => heard,
        }
    }

    /// Where a take departs from the others' mean: the score that does most, valence and arousal, and its delivery.
    fn what_differs(&self, take: usize) -> Vec<String> {
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
                "{} {} where the others have {}",
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
        parts
    }

    /// Where the delivery departs from the line's other takes, strongest first, such as `quieter (−4.1 dB)`.
    fn delivery_words(&self, take: usize) -> Vec<String> {
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

    fn held_by(&self, take: usize) -> impl Iterator<Item = (Role, &Holders)> {
        let held = self
            .holders
            .iter()
            .filter_map(|(role, holders)| Some((*role, holders.as_ref()?)));
        held.filter(move |(_, holders)| holders.takes.contains(&take))
    }

    fn holder(&self, wanted: Role) -> Option<&Holders> {
        let found = self.holders.iter().find(|(role, _)| *role == wanted);
        found.and_then(|(_, holders)| holders.as_ref())
    }

    /// `second` for the second closest; nothing for the first, whose sentence says more.
    fn rank(&self, take: usize, role: Role) -> Option<String> {
        if role != Role::Closest {
            return None;
        }
        let own = self.numbers(take)?.closeness?.value;
        let better = (0..self.takes.len())
            .filter_map(|it| self.numbers(it)?.closeness)
            .filter(|it| it.value > own);
        Some(ordinal(better.count()))
    }

    /// `nearest`, `second nearest`: by the mean distance to the other takes.
    fn rank_from_middle(&self, take: usize) -> Option<String> {
        let own = self.numbers(take)?.difference?.value;
        let nearer = (0..self.takes.len())
            .filter_map(|it| self.numbers(it)?.difference)
            .filter(|it| it.value < own);
        Some(match nearer.count() {
            0 => "nearest".to_owned(),
            count => format!("{} nearest", ordinal(count)),
        })
    }

    fn voiced(&self) -> usize {
        self.candidates
            .iter()
            .filter(|it| it.numbers.is_some())
            .count()
    }

    fn numbers(&self, take: usize) -> Option<super::compare::Numbers> {
        self.candidates.get(take)?.numbers
    }

    fn leading(&self, take: usize) -> Option<usize> {
        self.takes
            .get(take)?
            .summary
            .reading
            .as_ref()?
            .scores
            .leading()
    }

    fn score(&self, take: usize, emotion: usize) -> f64 {
        let reading = self
            .takes
            .get(take)
            .and_then(|take| take.summary.reading.as_ref());
        let score = reading.and_then(|reading| reading.scores.0.get(emotion));
        score.map_or(0.0, |&score| f64::from(score))
    }

    fn name(&self, emotion: usize) -> &str {
        self.emotions
            .get(emotion)
            .map_or("?", |it| it.name.as_str())
    }

    fn label(&self, take: usize) -> &str {
        self.labels.get(take).copied().unwrap_or("?")
    }

    fn others(&self, take: usize, holders: &Holders) -> String {
        let others: Vec<&str> = holders
            .takes
            .iter()
            .filter(|&&it| it != take)
            .map(|&it| self.label(it))
            .collect();
        let (named, rest) = others.split_at(others.len().min(MOST_NAMES));
        match (named, rest.len()) {
            ([first @ .., last], 0) if !first.is_empty() => {
                format!("{} and {last}", first.join(", "))
            }
            (named, 0) => named.concat(),
            (named, more) => format!("{} and {more} more", named.join(", ")),
        }
    }
}

fn ordinal(before: usize) -> String {
    const WORDS: [&str; 5] = ["", "second", "third", "fourth", "fifth"];
    match (before, WORDS.get(before)) {
        (0, _) => "the".to_owned(),
        (_, Some(word)) => (*word).to_owned(),
        (_, None) => {
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

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// A difference of two shares.
fn points(difference: f64) -> String {
    match format!("{:.0}", 100.0 * difference).as_str() {
        "1" => "1 point".to_owned(),
        number => format!("{number} points"),
    }
}

fn hundredths(value: f64) -> String {
    format!("{value:.2}")
}

fn signed(value: f64) -> String {
    let sign = if value < 0.0 { '−' } else { '+' };
    format!("{sign}{:.2}", value.abs())
}
