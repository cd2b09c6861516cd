//! One clip of a corpus and what is known about it before a sample is decoded.

use std::fmt;
use std::path::PathBuf;

/// Which corpus a clip comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CorpusKind {
    /// The Ryerson Audio-Visual Database of Emotional Speech and Song (Livingstone & Russo 2018), its speech part.
    Ravdess,
    /// The Crowd-sourced Emotional Multimodal Actors Dataset (Cao et al. 2014).
    Cremad,
}

impl CorpusKind {
    /// Every corpus the trainer can read.
    pub const ALL: [Self; 2] = [Self::Ravdess, Self::Cremad];

    /// The short name used in speakers, tables and `folds.csv`: `ravdess` or `cremad`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Ravdess => "ravdess",
            Self::Cremad => "cremad",
        }
    }

    /// The name as its authors write it: `RAVDESS` or `CREMA-D`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Ravdess => "RAVDESS",
            Self::Cremad => "CREMA-D",
        }
    }
}

impl fmt::Display for CorpusKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// The sex of an actor as the corpus states it (RAVDESS by actor number, CREMA-D by its demographics table).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sex {
    /// Stated as female.
    Female,
    /// Stated as male.
    Male,
}

impl fmt::Display for Sex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Female => "female",
            Self::Male => "male",
        })
    }
}

/// How strongly the actor was asked to play the emotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Intensity {
    /// CREMA-D `LO`.
    Low,
    /// CREMA-D `MD`.
    Medium,
    /// CREMA-D `HI`.
    High,
    /// RAVDESS `01`.
    Normal,
    /// RAVDESS `02`.
    Strong,
}

/// How often each of CREMA-D's six emotions was chosen by people who heard the clip without its picture.
///
/// From `tabulatedVotes.csv`: rows whose first column is 1xxxxx are the voice-only task (2xxxxx the face, 3xxxxx
/// both); columns `A D F H N S` are angry, disgust, fearful, happy, neutral, sad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Votes {
    /// Votes in the order of [`Votes::EMOTIONS`].
    pub counts: [u32; 6],
}

impl Votes {
    /// The emotions people could choose from, in the order of the table's columns `A D F H N S`.
    pub const EMOTIONS: [&'static str; 6] =
        ["angry", "disgust", "fearful", "happy", "neutral", "sad"];

    /// All votes of this clip.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// Votes for one emotion; 0 for an emotion that could not be chosen (*calm*, *surprised*).
    #[must_use]
    pub fn count(&self, emotion: &str) -> u32 {
        Self::EMOTIONS
            .iter()
            .zip(self.counts)
            .find(|(name, _)| **name == emotion)
            .map_or(0, |(_, count)| count)
    }

    /// Share of the votes, 0 to 1; 0 where nobody voted.
    #[must_use]
    pub fn share(&self, emotion: &str) -> f32 {
        match self.total() {
            0 => 0.0,
            total => self.count(emotion) as f32 / total as f32,
        }
    }
}

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One clip: where it lies and how it is labelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// The corpus it belongs to.
    pub corpus: CorpusKind,
    /// The sound file.
    pub path: PathBuf,
    /// The file's name without its ending: unique within a [`Corpus`](super::Corpus), whatever the format.
    pub name: String,
    /// The actor, unique across corpora: `ravdess-01`, `cremad-1001`.
    pub speaker: String,
    /// The emotion the actor was asked to play: one of [`EMOTIONS`](super::EMOTIONS).
    pub emotion: String,
    /// The actor's sex; `None` for CREMA-D where the demographics table is absent.
    pub sex: Option<Sex>,
    /// The actor's age (CREMA-D only).
    pub age_years: Option<u32>,
    /// The actor's race as CREMA-D's table states it.
    pub race: Option<String>,
    /// The actor's ethnicity as CREMA-D's table states it.
    pub ethnicity: Option<String>,
    /// How strongly it was to be played; `None` where CREMA-D says `XX`, unspecified.
    pub intensity: Option<Intensity>,
    /// What listeners heard in it (CREMA-D only).
    pub votes: Option<Votes>,
    /// Size of the file.
    pub size_bytes: u64,
    /// SHA-256 of the file.
    pub file_hash: Digest,
}
