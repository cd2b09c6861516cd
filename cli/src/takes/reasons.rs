//! Why a take is the closest, the safest or the most different one, and how any take differs from the others of its line: in plain words, with the numbers.

use undersong_core::delivery::{Delivery, Pieces};
use undersong_core::model::EmotionSet;
use undersong_core::timeline::Timeline;

use super::compare::{Measured, Numbers, delivery};
use super::roles::{Candidate, Holders, Role, holders};
use super::wanted::Wanted;
use super::words::{hundredths, list, ordinal, percent, points};

/// Takes that are named in a list of ties; more are counted.
const MOST_NAMES: usize = 3;

/// A line's takes, compared. All slices are of the takes, in one order.
pub(crate) struct Compared<'a> {
    pub(super) emotions: &'a EmotionSet,
    pub(super) wanted: Option<&'a Wanted>,
    pub(super) takes: &'a [&'a Timeline],
    labels: &'a [&'a str],
    candidates: &'a [Candidate],
    holders: [(Role, Option<Holders>); 3],
    pub(super) pieces: Pieces,
}

/// Part of a reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The role, and with whom it is shared: `closest`, `tied for closest with take 2`; empty for a take that is nothing in particular.
    pub(crate) lead: String,
    /// Why, or how it differs.
    pub(crate) text: String,
}

impl Said {
    /// Both on one line.
    pub(crate) fn line(&self) -> String {
        if self.lead.is_empty() {
            self.text.clone()
        } else {
            format!("{}: {}", self.lead, self.text)
        }
    }
}

impl<'a> Compared<'a> {
    /// Compares takes.
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
    pub(crate) fn reason(&self, take: usize) -> Vec<Said> {
        let plain = |text: String| {
            vec![Said {
                lead: String::new(),
                text,
            }]
        };
        if self.numbers(take).is_none() {
            return plain("there is no voice in it, so there is nothing to compare".to_owned());
        }
        let held: Vec<Said> = self
            .held_by(take)
            .enumerate()
            .map(|(place, (role, holders))| {
                let text = match role {
                    Role::Closest => self.closest(take, holders),
                    Role::Safest => self.safest(take, place == 0),
                    Role::MostDifferent => self.most_different(take, holders),
                };
                Said {
                    lead: self.lead(role, take, holders),
                    text,
                }
            })
            .collect();
        if !held.is_empty() {
            return held;
        }
        let mut parts = vec![self.heard(take)];
        parts.extend(self.rank(take));
        parts.extend(self.delivery_words(take));
        plain(parts.join(", "))
    }

    /// What is to be said of the line.
    pub(crate) fn notes(&self) -> Vec<String> {
        if self.takes.is_empty() {
            return vec!["there is no take of it".to_owned()];
        }
        if self.voiced() == 0 {
            return vec!["there is no voice in any of its takes".to_owned()];
        }
        let mut notes = Vec::new();
        let name = self.wanted.map_or("", |wanted| self.name(wanted.emotion));
        let fits = self
            .candidates
            .iter()
            .any(|it| it.numbers.is_some() && it.fits);
        if !fits {
            notes.push(format!(
                "no safest: no take sounds {name} more than anything else"
            ));
        } else if self.holder(Role::Safest).is_none() {
            let which = if self.wanted.is_some() {
                format!("every take that sounds {name}")
            } else {
                "every take".to_owned()
            };
            notes.push(format!("no safest: {which} has a fault in its sound"));
        }
        if self.wanted.is_some_and(|it| it.intensity.is_some()) && self.voiced() < 2 {
            notes.push("of one take alone the intensity cannot be told".to_owned());
        }
        if self.voiced() > 2 && self.holder(Role::MostDifferent).is_none() {
            notes.push("no most different: none stands apart from the others".to_owned());
        }
        notes
    }

    fn lead(&self, role: Role, take: usize, holders: &Holders) -> String {
        if holders.takes.len() == 1 {
            return role.name().to_owned();
        }
        let others = holders.takes.iter().filter(|&&it| it != take);
        let others: Vec<&str> = others.map(|&it| self.label(it)).collect();
        format!(
            "tied for {} with {}",
            role.name(),
            list(&others, MOST_NAMES)
        )
    }

    fn closest(&self, take: usize, holders: &Holders) -> String {
        let of = |it: usize| self.numbers(it).and_then(|it| it.closeness);
        let mut text = self.heard(take);
        let apart =
            |a: Measured, b: Measured| (points((a.value - b.value).abs()), points(a.tie_within(b)));
        let best = holders.takes.first().and_then(|it| of(*it));
        let last = holders.takes.last().and_then(|it| of(*it));
        let next = holders.next.and_then(|next| Some((next, of(next)?)));
        if holders.of == 1 {
            text += ", the only take with voice";
        } else if let ([_], Some(best), Some((next, other))) =
            (holders.takes.as_slice(), best, next)
        {
            let (above, tie) = apart(best, other);
            text += &format!(
                ", {above} above {}, the next (a tie is within {tie})",
                self.label(next)
            );
        } else if let (Some(best), Some(last)) = (best, last) {
            let (between, tie) = apart(best, last);
            text += &format!(", {between} apart (a tie is within {tie})");
        }
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

    /// `alone`: nothing else was said of the take yet.
    fn safest(&self, take: usize, alone: bool) -> String {
        let mut parts = Vec::new();
        if alone {
            parts.push(self.heard(take));
            parts.extend(self.rank(take));
        }
        if let Some(reading) = self
            .takes
            .get(take)
            .and_then(|take| take.summary.reading.as_ref())
        {
            let sure = if reading.unsure {
                "the best there is, though the model is unsure"
            } else {
                "the model is sure"
            };
            parts.push(format!("{sure} ({})", percent(reading.confidence.into())));
        }
        parts.push("no fault in its sound".to_owned());
        if let Some(difference) = self.numbers(take).and_then(|it| it.difference) {
            let nearer = (0..self.takes.len()).filter_map(|it| self.numbers(it)?.difference);
            let rank = match nearer.filter(|it| it.value < difference.value).count() {
                0 => "nearest".to_owned(),
                count => format!("{} nearest", ordinal(count)),
            };
            parts.push(format!(
                "{rank} to what the others do ({} apart)",
                hundredths(difference.value)
            ));
        }
        parts.join(", ")
    }

    fn most_different(&self, take: usize, holders: &Holders) -> String {
        let of = |it: usize| self.numbers(it).and_then(|it| it.difference);
        let mut text = self.what_differs(take).join(", ");
        if let Some(own) = of(take) {
            text += &format!("; {} apart", hundredths(own.value));
            // It is the farthest with which others are tied.
            let farthest = holders.takes.first().and_then(|&it| of(it)).unwrap_or(own);
            if let Some((next, other)) = holders.next.and_then(|next| Some((next, of(next)?))) {
                if holders.takes.len() > 1 {
                    text += &format!(", the farthest {}", hundredths(farthest.value));
                }
                text += &format!(
                    ", {} follows with {} (a tie is within {})",
                    self.label(next),
                    hundredths(other.value),
                    hundredths(farthest.tie_within(other))
                );
            }
        }
        text
    }

    /// `second closest of 6`; nothing where nothing is wanted.
    fn rank(&self, take: usize) -> Option<String> {
        let own = self.numbers(take)?.closeness?.value;
        let others = (0..self.takes.len()).filter_map(|it| self.numbers(it)?.closeness);
        let better = others.filter(|it| it.value > own).count();
        let rank = match better {
            0 => "closest".to_owned(),
            better => format!("{} closest", ordinal(better)),
        };
        Some(format!("{rank} of {}", self.voiced()))
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

    fn voiced(&self) -> usize {
        self.candidates
            .iter()
            .filter(|it| it.numbers.is_some())
            .count()
    }

    pub(super) fn numbers(&self, take: usize) -> Option<Numbers> {
        self.candidates.get(take)?.numbers
    }

    pub(super) fn leading(&self, take: usize) -> Option<usize> {
        self.takes
            .get(take)?
            .summary
            .reading
            .as_ref()?
            .scores
            .leading()
    }

    pub(super) fn score(&self, take: usize, emotion: usize) -> f64 {
        let reading = self
            .takes
            .get(take)
            .and_then(|take| take.summary.reading.as_ref());
        let score = reading.and_then(|reading| reading.scores.0.get(emotion));
        score.map_or(0.0, |&score| f64::from(score))
    }

    pub(super) fn name(&self, emotion: usize) -> &str {
        self.emotions
            .get(emotion)
            .map_or("?", |it| it.name.as_str())
    }

    fn label(&self, take: usize) -> &str {
        self.labels.get(take).copied().unwrap_or("?")
    }
}
