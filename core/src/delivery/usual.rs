//! What a voice usually does, and where a stretch departs from it.

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
    pub fn of<'a>(pieces: impl IntoIterator<Item = &'a Delivery> + Clone) -> Self {
        let habit = |measure: Measure| {
            let values: Vec<f64> = pieces
                .clone()
                .into_iter()
                .filter_map(|piece| measure.of(piece))
                .collect();
            let count = values.len() as f64;
            let mean = values.iter().sum::<f64>() / count;
            let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
            (!values.is_empty()).then(|| Habit {
                measure,
                mean,
                deviation: if values.len() > 1 {
                    (squares / (count - 1.0)).sqrt()
                } else {
                    0.0
                },
                pieces: values.len(),
            })
        };
        Self(Measure::ALL.into_iter().filter_map(habit).collect())
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
