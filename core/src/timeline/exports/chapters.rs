//! Podcasting 2.0 chapters, version 1.2 (<https://github.com/Podcastindex-org/podcast-namespace>, `chapters/jsonChapters.md`).

use std::io::{self, Write};

use serde::Serialize;

use super::{Cue, one_line};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Chapters<'a> {
    version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<&'a str>,
    chapters: Vec<Chapter>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Chapter {
    start_time: f64,
    end_time: f64,
    title: String,
}

/// Writes cues as chapters, in the order of their starts; `file_name` is the sound file that they are for.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a time that isn't a number.
pub fn write(cues: &[Cue], file_name: Option<&str>, mut out: impl Write) -> io::Result<()> {
    let time = |seconds: f64| crate::timeline::json::seconds((seconds * 1e3).round() / 1e3);
    let chapters = cues.iter().map(|cue| {
        Ok(Chapter {
            start_time: time(cue.start_seconds)?,
            end_time: time(cue.end_seconds)?,
            title: one_line(&cue.text),
        })
    });
    let chapters = Chapters {
        version: "1.2.0",
        file_name,
        chapters: chapters.collect::<io::Result<_>>()?,
    };
    serde_json::to_writer_pretty(&mut out, &chapters)?;
    writeln!(out)?;
    out.flush()
}
