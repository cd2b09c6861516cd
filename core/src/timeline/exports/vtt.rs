//! WebVTT captions (W3C, <https://www.w3.org/TR/webvtt1/>): who speaks stands in a voice tag.

use std::io::{self, Write};

use super::{Cue, clock, one_line};

/// Writes cues as WebVTT, `<v Ann>happy`; they may overlap.
///
/// # Errors
/// Those of `out`.
pub fn write(cues: &[Cue], mut out: impl Write) -> io::Result<()> {
    writeln!(out, "WEBVTT")?;
    for (index, cue) in cues.iter().enumerate() {
        let (start, end) = cue.milliseconds();
        write!(
            out,
            "\n{}\n{} --> {}\n",
            index + 1,
            clock(start, '.'),
            clock(end, '.')
        )?;
        if let Some(speaker) = &cue.speaker {
            write!(out, "<v {}>", escaped(speaker))?;
        }
        writeln!(out, "{}", escaped(&cue.text))?;
    }
    out.flush()
}

/// Cue text: the characters that would be tags or references are references.
fn escaped(text: &str) -> String {
    one_line(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
