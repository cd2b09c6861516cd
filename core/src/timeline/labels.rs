//! Audacity label track: one file per take, opened there with File › Import › Labels.

use std::io::{self, Write};

use super::exports::Cue;
use super::{Timeline, spans};

/// Ending of a label file's name; see [`file_names`](super::file_names).
pub const ENDING: &str = "labels.txt";

/// Writes the spans of a take as an Audacity label track: `start<TAB>end<TAB>emotion`, one a line, in seconds with six decimals.
///
/// A span that is unsure has a question mark, as in `sad?`. Where there is no voice there is no label.
///
/// # Errors
/// Those of `out`.
pub fn write(take: &Timeline, mut out: impl Write) -> io::Result<()> {
    for span in spans(take) {
        writeln!(
            out,
            "{:.6}\t{:.6}\t{}",
            span.start_seconds,
            span.end_seconds,
            span.text(take)
        )?;
    }
    out.flush()
}

/// Writes cues as an Audacity label track, in their order; they may overlap.
///
/// # Errors
/// Those of `out`.
pub fn write_cues(cues: &[Cue], mut out: impl Write) -> io::Result<()> {
    for cue in cues {
        let (start, end) = (cue.start_seconds, cue.end_seconds);
        writeln!(out, "{start:.6}\t{end:.6}\t{}", cue.line())?;
    }
    out.flush()
}
