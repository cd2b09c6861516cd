//! Praat TextGrid, the long text form: <https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html>.

use std::io::{self, Write};

use super::{Cue, one_line};

/// A tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// Intervals, or points at the cues' middles.
    pub kind: TierKind,
    /// What stands in it, by start.
    pub cues: Vec<Cue>,
}

/// What a tier holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierKind {
    /// Intervals. What lies between cues is an interval without text; where two overlap, the later one begins where the earlier ends.
    Intervals,
    /// Points.
    Points,
}

/// Writes a TextGrid from 0 to `seconds` (UTF-8).
///
/// # Errors
/// Those of `out`.
pub fn write(tiers: &[Tier], seconds: f64, mut out: impl Write) -> io::Result<()> {
    let end = microseconds(seconds).max(1);
    writeln!(
        out,
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n"
    )?;
    writeln!(out, "xmin = 0\nxmax = {}", time(end))?;
    writeln!(out, "tiers? <exists>\nsize = {}\nitem []:", tiers.len())?;
    for (index, tier) in tiers.iter().enumerate() {
        writeln!(out, "    item [{}]:", index + 1)?;
        let class = match tier.kind {
            TierKind::Intervals => "IntervalTier",
            TierKind::Points => "TextTier",
        };
        writeln!(out, "        class = \"{class}\"")?;
        writeln!(out, "        name = {}", quoted(&tier.name))?;
        writeln!(out, "        xmin = 0\n        xmax = {}", time(end))?;
        match tier.kind {
            TierKind::Intervals => intervals(&tier.cues, end, &mut out)?,
            TierKind::Points => points(&tier.cues, end, &mut out)?,
        }
    }
    out.flush()
}

fn intervals(cues: &[Cue], end: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut parts: Vec<(u64, u64, String)> = Vec::new();
    let mut at = 0;
    for cue in cues {
        let from = microseconds(cue.start_seconds).max(at);
        let to = microseconds(cue.end_seconds).min(end);
        if to <= from {
            continue;
        }
        if from > at {
            parts.push((at, from, String::new()));
        }
        parts.push((from, to, cue.line()));
        at = to;
    }
    if at < end {
        parts.push((at, end, String::new()));
    }
    writeln!(out, "        intervals: size = {}", parts.len())?;
    for (index, (from, to, text)) in parts.iter().enumerate() {
        writeln!(out, "        intervals [{}]:", index + 1)?;
        writeln!(out, "            xmin = {}", time(*from))?;
        writeln!(out, "            xmax = {}", time(*to))?;
        writeln!(out, "            text = {}", quoted(text))?;
    }
    Ok(())
}

fn points(cues: &[Cue], end: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut points: Vec<(u64, String)> = cues
        .iter()
        .map(|cue| {
            let middle = f64::midpoint(cue.start_seconds, cue.end_seconds);
            (microseconds(middle).min(end), cue.line())
        })
        .collect();
    points.sort_by_key(|point| point.0);
    // Praat takes one point at a time.
    points.dedup_by(|later, earlier| {
        let same = later.0 == earlier.0;
        if same {
            earlier.1 = format!("{}; {}", earlier.1, later.1);
        }
        same
    });
    writeln!(out, "        points: size = {}", points.len())?;
    for (index, (at, text)) in points.iter().enumerate() {
        writeln!(out, "        points [{}]:", index + 1)?;
        writeln!(out, "            number = {}", time(*at))?;
        writeln!(out, "            mark = {}", quoted(text))?;
    }
    Ok(())
}

/// Whole microseconds, so that an interval ends at the same number at which the next begins.
fn microseconds(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1e6).round() as u64
}

fn time(microseconds: u64) -> String {
    format!(
        "{}.{:06}",
        microseconds / 1_000_000,
        microseconds % 1_000_000
    )
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('"', "\"\""))
}
