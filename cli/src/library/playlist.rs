//! M3U: what was found, for a player. UTF-8 with `#EXTINF`; a moment carries its start and end for VLC, and other players play its take whole.

use std::io::{self, Write};
use std::path::Path;

use super::found::{Entry, Found};
use super::moments::emotion_name;
use crate::scan::length;
use crate::terminal::{one_line, shown};

/// Writes a playlist. A path that has a line break in it, which M3U can't hold, is left out with a comment.
pub(crate) fn write(found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "#EXTM3U")?;
    for entry in &found.entries {
        let record = entry.record();
        let bytes = record.path.as_os_str().as_encoded_bytes();
        if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            writeln!(
                out,
                "# left out, since a playlist can't hold its name: {}",
                shown(&record.path)
            )?;
            continue;
        }
        let name = shown(Path::new(record.path.file_name().unwrap_or_default()));
        match entry {
            Entry::Take(record) => {
                let feeling = record.emotion.as_deref().map_or_else(
                    || "no voice".to_owned(),
                    |emotion| format!("{emotion} {:.2}", record.confidence.unwrap_or(0.0)),
                );
                writeln!(
                    out,
                    "#EXTINF:{:.0},{name}: {}",
                    record.seconds,
                    one_line(&feeling)
                )?;
            }
            Entry::Moment(moment) => {
                let emotion = emotion_name(&found.settings.emotions, moment.emotion);
                writeln!(
                    out,
                    "#EXTINF:{:.0},{name} at {}: {} {:.2}",
                    moment.seconds(),
                    length(moment.start_seconds),
                    one_line(emotion),
                    moment.score
                )?;
                writeln!(out, "#EXTVLCOPT:start-time={:.3}", moment.start_seconds)?;
                writeln!(out, "#EXTVLCOPT:stop-time={:.3}", moment.end_seconds)?;
            }
        }
        out.write_all(bytes)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
