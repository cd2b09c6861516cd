//! A map's parts as cues, for the writers of `timeline::exports`.

use super::words::emotion;
use super::{Highlight, RecordingMap, Turn};
use crate::timeline::Reading;
use crate::timeline::colours::{Colour, palette};
use crate::timeline::exports::Cue;
use crate::timeline::exports::textgrid::{Tier, TierKind};

impl RecordingMap {
    /// The sections, by number and title.
    pub fn section_cues(&self) -> Vec<Cue> {
        let cue = |section: &super::Section| Cue {
            start_seconds: section.start_seconds,
            end_seconds: section.end_seconds,
            text: section.title.clone(),
            speaker: None,
            colour: self.colour(section.reading.as_ref()),
        };
        self.sections.iter().map(cue).collect()
    }

    /// The highlights, from cut to cut.
    pub fn highlight_cues(&self) -> Vec<Cue> {
        let cue = |highlight: &Highlight| Cue {
            start_seconds: highlight.cut_start_seconds,
            end_seconds: highlight.cut_end_seconds,
            text: format!("{}: {}", highlight.kind.name(), highlight.text),
            speaker: None,
            colour: self.colour(Some(&highlight.reading)),
        };
        self.highlights.iter().map(cue).collect()
    }

    /// The turns, of all speakers or of one: who, and the leading emotion; `–` where no window tells.
    pub fn turn_cues(&self, speaker: Option<usize>) -> Vec<Cue> {
        let cue = |turn: &Turn| Cue {
            start_seconds: turn.start_seconds,
            end_seconds: turn.end_seconds,
            text: match &turn.reading {
                Some(reading) => emotion(Some(reading), &self.scan.model.emotions),
                None => "–".to_owned(),
            },
            speaker: Some(self.speaker_name(turn.speaker).to_owned()),
            colour: self.colour(turn.reading.as_ref()),
        };
        let wanted = |turn: &&Turn| speaker.is_none_or(|speaker| turn.speaker == speaker);
        self.turns.iter().filter(wanted).map(cue).collect()
    }

    /// Sections and highlights, as an editor's regions or markers, by start.
    pub fn region_cues(&self) -> Vec<Cue> {
        let mut cues = self.section_cues();
        cues.extend(self.highlight_cues());
        cues.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds));
        cues
    }

    /// Tiers for Praat: a tier per speaker, the sections, the highlights at their middles.
    pub fn tiers(&self) -> Vec<Tier> {
        let mut tiers: Vec<Tier> = (0..self.speakers.len())
            .map(|speaker| Tier {
                name: self.speaker_name(speaker).to_owned(),
                kind: TierKind::Intervals,
                cues: self
                    .turn_cues(Some(speaker))
                    .into_iter()
                    .map(|cue| Cue {
                        speaker: None,
                        ..cue
                    })
                    .collect(),
            })
            .collect();
        // No two tiers may have one name.
        let free = |name: &str| {
            let taken = self.speakers.iter().any(|speaker| speaker.name == name);
            format!("{name}{}", if taken { " (all)" } else { "" })
        };
        tiers.push(Tier {
            name: free("sections"),
            kind: TierKind::Intervals,
            cues: self.section_cues(),
        });
        tiers.push(Tier {
            name: free("highlights"),
            kind: TierKind::Points,
            cues: self.highlight_cues(),
        });
        tiers
    }

    /// The leading emotion's colour.
    fn colour(&self, reading: Option<&Reading>) -> Option<Colour> {
        let leading = reading?.scores.leading()?;
        palette(&self.scan.model.emotions).get(leading).copied()
    }
}
