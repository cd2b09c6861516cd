//! Parts of a recording for other programs: labels, regions, captions, tiers, chapters, markers inside a WAV file.
//!
//! Each writer takes [`Cue`]s, whatever they stand for, and writes one format:
//!
//! | format | for |
//! |---|---|
//! | [`labels::write_cues`](super::labels::write_cues) | Audacity |
//! | [`markers::write_cues`](super::markers::write_cues) | REAPER, regions to import |
//! | [`rpp`] | REAPER, a project |
//! | [`srt`], [`vtt`] | players, editors, transcripts |
//! | [`textgrid`] | Praat, ELAN |
//! | [`chapters`] | podcast players |
//! | [`wav`] | any editor that shows a WAV file's markers |

pub mod chapters;
pub mod rpp;
pub mod srt;
pub mod textgrid;
pub mod vtt;
pub mod wav;

use super::colours::Colour;

/// A part of a recording with a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// Start, in seconds from the start of the recording.
    pub start_seconds: f64,
    /// End, in seconds; not before the start.
    pub end_seconds: f64,
    /// What it says, in one line.
    pub text: String,
    /// Who is heard, where that is not said in the text.
    pub speaker: Option<String>,
    /// Its colour, where a format has one.
    pub colour: Option<Colour>,
}

impl Cue {
    /// The text with who is heard before it, in one line without tabs and control characters.
    pub fn line(&self) -> String {
        match &self.speaker {
            Some(speaker) => one_line(&format!("{speaker}: {}", self.text)),
            None => one_line(&self.text),
        }
    }

    /// Start and end in whole milliseconds, at least one apart: some readers leave out what lasts no time.
    pub(super) fn milliseconds(&self) -> (u64, u64) {
        let start = (self.start_seconds.max(0.0) * 1e3).round() as u64;
        let end = (self.end_seconds.max(0.0) * 1e3).round() as u64;
        (start, end.max(start + 1))
    }
}

/// Text without line breaks, tabs and other control characters, each replaced by a space.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// `00:01:02` and milliseconds after `point`.
fn clock(milliseconds: u64, point: char) -> String {
    let seconds = milliseconds / 1000;
    format!(
        "{:02}:{:02}:{:02}{point}{:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        milliseconds % 1000
    )
}
