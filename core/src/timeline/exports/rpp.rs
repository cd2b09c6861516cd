//! A REAPER project: a track per speaker with its file on it, and cues as regions.
//!
//! Only what is not REAPER's default is written; REAPER fills in the rest when it opens the project. The form is that of projects saved by REAPER 6 and 7: a
//! region is two `MARKER` lines with one number, and `CHANMODE` has an item play one channel of its file (3 the left, 4 the right, from there on
//! by number).

use std::io::{self, Write};
use std::path::Path;

use super::{Cue, one_line};
use crate::timeline::colours::Colour;

/// A track of the project: one file, or one channel of it, from the start on.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectTrack {
    /// The track's name.
    pub name: String,
    /// The file, as the project is to find it: absolute, or from the folder that the project lies in.
    pub file: String,
    /// The channel, counted from 0; `None` for the file as it is.
    pub channel: Option<usize>,
    /// Length of the file, in seconds.
    pub seconds: f64,
}

/// Writes a project with tracks, and cues as regions.
///
/// # Errors
/// Those of `out`.
pub fn write(tracks: &[ProjectTrack], regions: &[Cue], mut out: impl Write) -> io::Result<()> {
    writeln!(out, "<REAPER_PROJECT 0.1 \"6.0\" 0")?;
    // Minutes and seconds on the ruler.
    writeln!(out, "  TIMEMODE 0 5 -1 30 0 0 -1")?;
    for (index, region) in regions.iter().enumerate() {
        let number = index + 1;
        let colour = region.colour.map_or(0, reaper_colour);
        let name = quoted(&region.line());
        let (start, end) = (region.start_seconds, region.end_seconds);
        writeln!(out, "  MARKER {number} {start:.6} {name} 1 {colour} 1 R")?;
        writeln!(out, "  MARKER {number} {end:.6} \"\" 1")?;
    }
    for track in tracks {
        writeln!(out, "  <TRACK")?;
        writeln!(out, "    NAME {}", quoted(&track.name))?;
        writeln!(out, "    <ITEM")?;
        writeln!(out, "      POSITION 0")?;
        writeln!(out, "      LENGTH {:.6}", track.seconds)?;
        writeln!(out, "      LOOP 0")?;
        writeln!(out, "      NAME {}", quoted(&track.name))?;
        if let Some(channel) = track.channel {
            writeln!(out, "      CHANMODE {}", channel + 3)?;
        }
        writeln!(out, "      <SOURCE {}", source(&track.file))?;
        writeln!(out, "        FILE {}", quoted(&track.file))?;
        writeln!(out, "      >\n    >\n  >")?;
    }
    writeln!(out, ">")?;
    out.flush()
}

/// REAPER's name for what reads a file, by its ending.
fn source(file: &str) -> &'static str {
    let ending = Path::new(file).extension().and_then(|it| it.to_str());
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "flac" => "FLAC",
        "mp3" => "MP3",
        "ogg" | "oga" => "VORBIS",
        "m4a" | "m4b" | "mp4" | "aac" => "VIDEO",
        _ => "WAVE",
    }
}

/// Red is the lowest byte; the bit above the three says that there is a colour.
fn reaper_colour(colour: Colour) -> u32 {
    0x100_0000 | u32::from(colour.blue) << 16 | u32::from(colour.green) << 8 | u32::from(colour.red)
}

/// In whichever quotation marks the text does not have; where it has all three, REAPER's own way: backticks become apostrophes.
fn quoted(text: &str) -> String {
    let text = one_line(text);
    match ['"', '\'', '`']
        .into_iter()
        .find(|&mark| !text.contains(mark))
    {
        Some(mark) => format!("{mark}{text}{mark}"),
        None => format!("`{}`", text.replace('`', "'")),
    }
}
