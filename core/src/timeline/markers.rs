//! REAPER regions: one CSV file per take, opened there in View › Region/Marker Manager › Options › Import regions/markers.
//!
//! REAPER reads the times in the unit of the project's ruler. They are seconds here, so choose View › Time unit for ruler ›
//! *Seconds* before the import. Times count from the start of the take: put the take at 0, or move the regions with it.

use std::io::{self, Write};

use super::exports::Cue;
use super::{Timeline, colours, spans};

/// Ending of a marker file's name; see [`file_names`](super::file_names).
pub const ENDING: &str = "markers.csv";

/// Writes the spans of a take as REAPER regions: `#,Name,Start,End,Length,Color`, `R1` and on, colours as `RRGGBB`.
///
/// UTF-8 without byte order mark. Times are seconds with three decimals, as REAPER itself writes them.
///
/// # Errors
/// Those of `out`.
pub fn write(take: &Timeline, out: impl Write) -> io::Result<()> {
    let palette = colours::palette(&take.emotions);
    let cues: Vec<Cue> = spans(take)
        .iter()
        .map(|span| Cue {
            start_seconds: span.start_seconds,
            end_seconds: span.end_seconds,
            text: span.text(take),
            speaker: None,
            colour: Some(palette.get(span.emotion).copied().unwrap_or_default()),
        })
        .collect();
    write_cues(&cues, out)
}

/// Writes cues as REAPER regions, as [`write()`] does the spans of a take; they may overlap.
///
/// # Errors
/// Those of `out`.
pub fn write_cues(cues: &[Cue], out: impl Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(["#", "Name", "Start", "End", "Length", "Color"])?;
    for (index, cue) in cues.iter().enumerate() {
        let milliseconds = |seconds: f64| (seconds * 1e3).round();
        let (start, end) = (
            milliseconds(cue.start_seconds),
            milliseconds(cue.end_seconds),
        );
        rows.write_record([
            format!("R{}", index + 1),
            cue.line(),
            format!("{:.3}", start / 1e3),
            format!("{:.3}", end / 1e3),
            format!("{:.3}", (end - start) / 1e3),
            cue.colour.unwrap_or_default().hex(),
        ])?;
    }
    rows.flush()
}
