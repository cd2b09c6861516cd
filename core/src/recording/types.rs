//! What a map of a recording holds.

use std::path::PathBuf;

use crate::timeline::{Reading, Scan, Timeline};

/// A long recording, mapped: who speaks when and feels how, its sections, its highlights, and a summary a minute.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingMap {
    /// What the speakers' timelines come from: the model, the engine, a take per speaker in the speakers' order, and the tracks that failed.
    pub scan: Scan,
    /// Length of the recording: of its longest track, in seconds.
    pub seconds: f64,
    /// Who speaks, in the order of the tracks.
    pub speakers: Vec<Speaker>,
    /// Who speaks when and feels how, by start.
    pub turns: Vec<Turn>,
    /// Parts that feel alike; they tile the recording.
    pub sections: Vec<Section>,
    /// The strongest and the turning moments, by start.
    pub highlights: Vec<Highlight>,
    /// A summary a minute, in time order; the last may be shorter.
    pub minutes: Vec<Minute>,
    /// What is odd about the recording, in sentences for a person.
    pub notes: Vec<String>,
    /// How it was mapped.
    pub settings: MapSettings,
}

/// A speaker: a track or a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Speaker {
    /// Name, as given or made of the file's.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The channel of it, counted from 0; `None` for the mean of all.
    pub channel: Option<usize>,
    /// Length of the track, in seconds.
    pub seconds: f64,
    /// Seconds of voice that are this speaker's.
    pub voiced_seconds: f64,
    /// Seconds of voice that are another speaker's, heard from afar.
    pub bleed_seconds: f64,
}

/// A stretch in which one speaker talks without a longer pause.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Who, by number.
    pub speaker: usize,
    /// Start, in seconds from the start of the recording.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
    /// What it feels like; `None` where no window with enough voice tells.
    pub reading: Option<Reading>,
}

/// A part of the recording that feels alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Start, in seconds.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
    /// Its name in words.
    pub title: String,
    /// The mean over all voice in it.
    pub reading: Option<Reading>,
    /// Seconds of voice per speaker, `[speakers]`.
    pub voiced_seconds: Vec<f64>,
}

/// What makes a highlight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HighlightKind {
    /// A speaker is far from their own mean, and the model is sure.
    Strong,
    /// A speaker changes from one emotion to another, and stays there.
    Turning,
}

impl HighlightKind {
    /// As written to files: `strong` or `turning`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Turning => "turning",
        }
    }
}

/// A moment worth cutting out.
#[derive(Debug, Clone, PartialEq)]
pub struct Highlight {
    /// What makes it one.
    pub kind: HighlightKind,
    /// Who, by number.
    pub speaker: usize,
    /// Start of the moment itself, in seconds.
    pub start_seconds: f64,
    /// Its end, in seconds.
    pub end_seconds: f64,
    /// Where to cut before it: the moment with a margin, in a pause if one is near.
    pub cut_start_seconds: f64,
    /// Where to cut after it.
    pub cut_end_seconds: f64,
    /// Whether both cuts lie where nobody speaks, only the speaker pauses, or at least one in the midst of words.
    pub cut: Cut,
    /// What it feels like: for a turn, after it.
    pub reading: Reading,
    /// For a turn, what it felt like before.
    pub before: Option<Reading>,
    /// How strong: see [`HighlightKind`] and `highlights`.
    pub strength: f64,
    /// The same in words.
    pub text: String,
}

/// What the cuts around a highlight meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cut {
    /// Nobody speaks at either.
    Silence,
    /// The speaker pauses at both, others may speak.
    SpeakerPauses,
    /// No pause was near: at least one cut may meet a word.
    Words,
}

impl Cut {
    /// As written to files: `silence`, `speaker_pauses` or `words`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::SpeakerPauses => "speaker_pauses",
            Self::Words => "words",
        }
    }
}

/// A minute of the recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Minute {
    /// Start, in seconds.
    pub start_seconds: f64,
    /// End, in seconds.
    pub end_seconds: f64,
    /// All voice in it.
    pub all: Voice,
    /// Each speaker's, `[speakers]`.
    pub speakers: Vec<Voice>,
}

/// Voice in a part of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// How much of it, in seconds.
    pub voiced_seconds: f64,
    /// What it feels like; `None` without enough voice.
    pub reading: Option<Reading>,
}

/// How a recording is mapped.
#[derive(Debug, Clone, PartialEq)]
pub struct MapSettings {
    /// No section is shorter, in seconds.
    pub min_section_seconds: f64,
    /// How large a change must be to begin a section: the penalty of a section in units of Schwarz's criterion; see `changes`.
    pub change: f64,
    /// At most so many strong and so many turning moments.
    pub highlights: usize,
    /// What is kept before and after a highlight, in seconds.
    pub margin_seconds: f64,
    /// Another track must be so much louder for a voice to be its bleed, in dB; infinite finds none.
    pub bleed_db: f64,
}

impl Default for MapSettings {
    fn default() -> Self {
        Self {
            min_section_seconds: 60.0,
            change: 0.5,
            highlights: 6,
            margin_seconds: 1.0,
            bleed_db: super::DEFAULT_BLEED_DB,
        }
    }
}

impl RecordingMap {
    /// A speaker's timeline.
    pub fn timeline(&self, speaker: usize) -> Option<&Timeline> {
        self.scan.takes.get(speaker)
    }

    /// A speaker's name; `"?"` for a number that no speaker has.
    pub fn speaker_name(&self, speaker: usize) -> &str {
        self.speakers
            .get(speaker)
            .map_or("?", |speaker| speaker.name.as_str())
    }
}
