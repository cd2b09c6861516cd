//! SubRip captions: numbered, times with a comma, UTF-8 without byte order mark.

use std::io::{self, Write};

use super::{Cue, clock};

/// Writes cues as SubRip captions, `Ann: happy`; they may overlap.
///
/// # Errors
/// Those of `out`.
pub fn write(cues: &[Cue], mut out: impl Write) -> io::Result<()> {
    for (index, cue) in cues.iter().enumerate() {
        let (start, end) = cue.milliseconds();
        // An arrow in a text would be read as another caption's times.
        let text = cue.line().replace("-->", "→");
        writeln!(
            out,
            "{}\n{} --> {}\n{text}\n",
            index + 1,
            clock(start, ','),
            clock(end, ',')
        )?;
    }
    out.flush()
}
