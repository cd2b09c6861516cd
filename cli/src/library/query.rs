//! What can be asked of a library.

use super::marks::Mark;

/// A comparison with a number, such as `>0.5`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Comparison {
    /// How.
    pub(crate) is: Is,
    /// With what.
    pub(crate) value: f64,
}

/// How a number compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Is {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether `number` is so.
    pub(super) fn holds(self, number: f64) -> bool {
        match self.is {
            Is::Below => number < self.value,
            Is::AtMost => number <= self.value,
            Is::Above => number > self.value,
            Is::AtLeast => number >= self.value,
        }
    }

    pub(super) fn operator(self) -> &'static str {
        match self.is {
            Is::Below => "<",
            Is::AtMost => "<=",
            Is::Above => ">",
            Is::AtLeast => ">=",
        }
    }

    /// Whether larger numbers are asked for.
    pub(super) fn upwards(self) -> bool {
        matches!(self.is, Is::Above | Is::AtLeast)
    }
}

/// A number that takes and their windows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    /// −1 unpleasant … 1 pleasant.
    Valence,
    /// −1 calm … 1 excited.
    Arousal,
    /// Score of the leading emotion, 0 … 1.
    Confidence,
    /// LUFS: of a take integrated, of a window its own.
    Loudness,
    /// Median, in Hz.
    Pitch,
    /// Syllables per second.
    Rate,
}

impl Measure {
    /// The take's own.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Valence => "a.valence",
            Self::Arousal => "a.arousal",
            Self::Confidence => "a.confidence",
            Self::Loudness => "a.loudness",
            Self::Pitch => "a.pitch",
            Self::Rate => "a.rate",
        }
    }

    /// Least and most over the take's windows.
    pub(super) fn extremes(self) -> (&'static str, &'static str) {
        match self {
            Self::Valence => ("a.valence_least", "a.valence_most"),
            Self::Arousal => ("a.arousal_least", "a.arousal_most"),
            Self::Confidence => ("a.confidence_least", "a.confidence_most"),
            Self::Loudness => ("a.loudness_least", "a.loudness_most"),
            Self::Pitch => ("a.pitch_least", "a.pitch_most"),
            Self::Rate => ("a.rate_least", "a.rate_most"),
        }
    }
}

/// Which takes by whether their file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Presence {
    /// Those whose file is there.
    #[default]
    There,
    /// Those whose file is gone.
    Missing,
    /// All.
    Either,
}

/// Which takes by what is thought of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marked {
    /// Marked, starred or noted in some way.
    Somehow,
    /// Marked so.
    As(Mark),
    /// Not rejected.
    NotRejected,
}

/// What found takes are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Sort {
    /// How sure the model is of the leading emotion, surest first
    #[default]
    Confidence,
    /// Score of the emotion asked for, highest first; without one, as confidence
    Score,
    /// Most pleasant first
    Valence,
    /// Most excited first
    Arousal,
    /// Loudest first
    Loudness,
    /// Highest voice first
    Pitch,
    /// Fastest first
    Rate,
    /// Longest first
    Length,
    /// Most stars first
    Stars,
    /// By name, A to Z
    Path,
}

/// What is asked. The default asks for every take that is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Query {
    /// Name of an emotion: without `min` takes that it leads, with it those in which it scores so much, leading or not.
    pub(crate) emotion: Option<String>,
    /// Least score of the emotion; without one, of the leading emotion.
    pub(crate) min: Option<f64>,
    /// Numbers that must hold.
    pub(crate) measures: Vec<(Measure, Comparison)>,
    /// Longer than so many seconds: a take, or for moments the moment.
    pub(crate) longer_seconds: Option<f64>,
    /// Shorter than so many seconds.
    pub(crate) shorter_seconds: Option<f64>,
    /// A pattern for the whole path, in which `*` and `?` stand also for the border of folders; without either, a part of the path.
    pub(crate) path: Option<String>,
    /// Text in the path or the note, in small or capital letters.
    pub(crate) text: Option<String>,
    /// By marks.
    pub(crate) marked: Option<Marked>,
    /// At least so many stars.
    pub(crate) stars: Option<u8>,
    /// By whether the file is there.
    pub(crate) presence: Presence,
    /// Order.
    pub(crate) sort: Sort,
    /// The other way round.
    pub(crate) reverse: bool,
    /// At most so many.
    pub(crate) limit: Option<usize>,
}
