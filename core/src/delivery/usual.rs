//! What a voice usually does, and where a stretch departs from it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::measures::{Delivery, Measure};

/// Stretches from which a scatter can be told.
const PIECES_FOR_SCATTER: usize = 4;

/// How many times the scatter a difference must be to get a word.
const SCATTERS: f64 = 1.5;

/// How many times what gets a word a difference must be to be called "much".
const MUCH: f64 = 2.0;

/// One measure of a voice over several stretches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Habit {
    /// Which measure.
    pub measure: Measure,
    /// Mean over the stretches, on the scale of [`Measure::of`].
    pub mean: f64,
    /// Standard deviation over the stretches; 0 for one stretch.
    pub deviation: f64,
    /// Stretches.
    pub pieces: usize,
}

/// What a voice usually does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usual(Vec<Habit>);

/// Where a stretch stands against what is usual, in one measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Which measure.
    pub measure: Measure,
    /// The stretch minus the usual, in [`Measure::unit`].
    pub by: f64,
    /// From this difference on there is a word for it.
    pub threshold: f64,
}

impl Usual {
    /// What is usual over these stretches of one voice, each about as long as those that will be compared with it and none inside another.
    pub fn of(pieces: &[Delivery]) -> Self {
        Pieces::new(pieces).usual_without(0..0)
    }

    /// Its measures.
    pub fn habits(&self) -> &[Habit] {
        &self.0
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a stretch departs from what is usual: a difference for each measure that both have.
    ///
    /// A difference gets a word only where it is at least [`Measure::noticeable`] and one and a half times the measure's own scatter over the voice's
    /// stretches. Where there are fewer than four of those, the scatter is that of an ordinary voice.
    pub fn compare(&self, stretch: &Delivery) -> Vec<Difference> {
        self.0
            .iter()
            .filter_map(|habit| {
                let by = habit.measure.of(stretch)? - habit.mean;
                Some(Difference {
                    measure: habit.measure,
                    by,
                    threshold: habit.threshold(),
                })
            })
            .collect()
    }
}

/// Stretches of one voice in time order: what is usual without a few of them is known at once, however many there are.
#[derive(Debug, Clone)]
pub struct Pieces {
    /// Values are counted from here, so that sums of squares stay small, `[measures]`.
    origin: [f64; Measure::ALL.len()],
    /// Sums over the pieces before each, `[pieces + 1][measures]`.
    before: Vec<[Sums; Measure::ALL.len()]>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    count: usize,
    sum: f64,
    squares: f64,
}

impl Pieces {
    /// Takes the stretches in.
    pub fn new(pieces: &[Delivery]) -> Self {
        let origin = Measure::ALL.map(|measure| {
            let first = pieces.iter().find_map(|piece| measure.of(piece));
            first.unwrap_or_default()
        });
        let mut sums = [Sums::default(); Measure::ALL.len()];
        let mut before = Vec::with_capacity(pieces.len() + 1);
        before.push(sums);
        for piece in pieces {
            for ((sums, measure), origin) in sums.iter_mut().zip(Measure::ALL).zip(origin) {
                if let Some(value) = measure.of(piece) {
                    let away = value - origin;
                    sums.count += 1;
                    sums.sum += away;
                    sums.squares += away * away;
                }
            }
            before.push(sums);
        }
        Self { origin, before }
    }

    /// What is usual over all stretches but those of `range`.
    pub fn usual_without(&self, range: Range<usize>) -> Usual {
        let last = self.before.len() - 1;
        let (from, to) = (
            range.start.min(last),
            range.end.clamp(range.start.min(last), last),
        );
        let habit = |(index, measure): (usize, Measure)| {
            let rest = |of: fn(&Sums) -> f64| {
                of(&self.before[last][index]) - of(&self.before[to][index])
                    + of(&self.before[from][index])
            };
            let count = rest(|sums| sums.count as f64);
            let away = rest(|sums| sums.sum) / count;
            let squares = (rest(|sums| sums.squares) - count * away * away).max(0.0);
            (count > 0.0).then(|| Habit {
                measure,
                mean: self.origin[index] + away,
                deviation: if count > 1.0 {
                    (squares / (count - 1.0)).sqrt()
                } else {
                    0.0
                },
                pieces: count as usize,
            })
        };
        let measures = Measure::ALL.into_iter().enumerate();
        Usual(measures.filter_map(habit).collect())
    }
}

impl Habit {
    /// In words, such as `pitch 118 Hz, scatter 1.2 semitones`.
    pub fn describe(&self) -> String {
        let mean = match self.measure {
            Measure::Pitch => format!("{:.0} Hz", 2f64.powf(self.mean / 12.0)),
            other => format!("{:.1} {}", self.mean, other.unit()),
        };
        format!(
            "{} {mean}, scatter {:.1} {}",
            self.measure.name(),
            self.deviation,
            self.measure.unit()
        )
    }

    fn threshold(&self) -> f64 {
        let scatter = if self.pieces >= PIECES_FOR_SCATTER {
            self.deviation
        } else {
            ordinary_scatter(self.measure)
        };
        // The mean of a few stretches is uncertain, too.
        let uncertain = (1.0 + 1.0 / self.pieces.max(1) as f64).sqrt();
        (SCATTERS * scatter * uncertain).max(self.measure.noticeable())
    }
}

impl Difference {
    /// Whether it is more than the scatter.
    pub fn stands_out(&self) -> bool {
        self.by.abs() >= self.threshold
    }

    /// In a word: `louder`, `much lower`; `None` where it is as usual.
    pub fn word(&self) -> Option<String> {
        let word = if self.by > 0.0 {
            self.measure.more()
        } else {
            self.measure.less()
        };
        let much = if self.by.abs() >= MUCH * self.threshold {
            "much "
        } else {
            ""
        };
        self.stands_out().then(|| format!("{much}{word}"))
    }

    /// The difference as a number with its sign and unit, such as `+3.1 dB`.
    pub fn amount(&self) -> String {
        let sign = if self.by < 0.0 { '−' } else { '+' };
        format!("{sign}{:.1} {}", self.by.abs(), self.measure.unit())
    }
}

/// Standard deviation of a measure over the neutral clips of one speaker (12 of some 2.5 s): median over CREMA-D's 76 speakers that learning uses here,
/// measured with `undersong calibrate`.
fn ordinary_scatter(measure: Measure) -> f64 {
    match measure {
        Measure::Level => 1.8,
        Measure::Pitch => 1.3,
        Measure::Melody => 4.2,
        Measure::Rate => 0.9,
        Measure::Brightness => 2.6,
    }
}
