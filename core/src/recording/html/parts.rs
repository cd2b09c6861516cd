//! The page's slots.

use std::io::{self, Write};

use super::super::words::emotion;
use super::super::{Cut, RecordingMap, Voice};
use crate::timeline::Reading;
use crate::timeline::colours::{Colour, palette};
use crate::timeline::html::HtmlOptions;
use crate::timeline::html::page;
use crate::timeline::html::text::{Escaped, length, percent, signed};

pub(super) fn title(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{} – undersong", Escaped(&files(map).join(", ")))
}

pub(super) fn total(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    let speakers = page::counted(map.speakers.len(), "speaker");
    let files = files(map).join(", ");
    write!(
        out,
        "{} · {} · {speakers}",
        Escaped(&files),
        length(map.seconds)
    )?;
    let failed = map.scan.failed.len();
    if failed > 0 {
        write!(out, " · <a href=\"#failed\">{failed} failed</a>")?;
    }
    Ok(())
}

/// Names of the files, each once.
fn files(map: &RecordingMap) -> Vec<String> {
    let mut files: Vec<String> = map
        .speakers
        .iter()
        .map(|speaker| page::names(&speaker.path).0)
        .collect();
    files.dedup();
    files
}

pub(super) fn notes(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    if map.notes.is_empty() {
        return Ok(());
    }
    write!(out, "<ul class=\"notes\">")?;
    for note in &map.notes {
        write!(out, "<li>{}</li>", Escaped(note))?;
    }
    writeln!(out, "</ul>")
}

/// The leading emotion's colour.
fn tone(map: &RecordingMap, reading: Option<&Reading>) -> Option<Colour> {
    let leading = reading?.scores.leading()?;
    palette(&map.scan.model.emotions).get(leading).copied()
}

/// `left` and `width` in percent of the recording, and the colour.
fn place(map: &RecordingMap, start: f64, end: f64, reading: Option<&Reading>) -> String {
    let share = |seconds: f64| 100.0 * seconds / map.seconds.max(f64::MIN_POSITIVE);
    let tone = tone(map, reading).map_or_else(
        || "var(--rail)".to_owned(),
        |colour| format!("#{}", colour.hex()),
    );
    format!(
        "left:{:.3}%;width:{:.3}%;--tone:{tone}",
        share(start),
        share(end - start)
    )
}

pub(super) fn section_strip(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    for section in &map.sections {
        let (start, end) = (section.start_seconds, section.end_seconds);
        let title = Escaped(&section.title);
        write!(
            out,
            "<button type=\"button\" data-from=\"{start:.3}\" data-to=\"{end:.3}\" style=\"{}\" title=\"{title}, from {}\">{title}</button>",
            place(map, start, end, section.reading.as_ref()),
            clock(start),
        )?;
    }
    Ok(())
}

pub(super) fn highlight_strip(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    for highlight in &map.highlights {
        let (start, end) = (highlight.cut_start_seconds, highlight.cut_end_seconds);
        let text = format!("{}, at {}", highlight.text, clock(highlight.start_seconds));
        write!(
            out,
            "<button type=\"button\" class=\"{kind}\" data-from=\"{start:.3}\" data-to=\"{end:.3}\" data-stop style=\"{place}\" \
             title=\"{text}\" aria-label=\"{text}\"></button>",
            kind = highlight.kind.name(),
            place = place(map, start, end, Some(&highlight.reading)),
            text = Escaped(&text),
        )?;
    }
    Ok(())
}

/// The lanes' columns: those of a report, which here need no sorting.
pub(super) fn columns(out: &mut dyn Write) -> io::Result<()> {
    for (key, title, hint) in page::COLUMNS {
        let title = if key == "name" { "Speaker" } else { title };
        write!(
            out,
            "<th scope=\"col\" role=\"columnheader\" class=\"{key}\" title=\"{hint}\">{title}</th>"
        )?;
    }
    Ok(())
}

/// A lane per speaker: a take's row of a scan's report, under the speaker's name.
pub(super) fn rows(
    map: &RecordingMap,
    options: &HtmlOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let palette = palette(&map.scan.model.emotions);
    for (take, speaker) in map.scan.takes.iter().zip(&map.speakers) {
        let mut file = page::names(&speaker.path).0;
        if let Some(channel) = speaker.channel {
            file = format!("{file}, channel {}", channel + 1);
        }
        if speaker.bleed_seconds >= 1.0 {
            let bleed = length(speaker.bleed_seconds);
            file = format!("{file}; {bleed} of others’ voices left out");
        }
        page::row(take, (speaker.name.clone(), file), &palette, options, out)?;
    }
    Ok(())
}

pub(super) fn sections(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "<ol>")?;
    for section in &map.sections {
        let (start, end) = (section.start_seconds, section.end_seconds);
        write!(
            out,
            "<li><button type=\"button\" data-from=\"{start:.3}\" data-to=\"{end:.3}\"><time>{}</time><span>{}{}</span><time>{}</time>",
            clock(start),
            tone(map, section.reading.as_ref()).map_or_else(String::new, page::dot),
            Escaped(&section.title),
            length(end - start),
        )?;
        if let Some(reading) = &section.reading {
            write!(
                out,
                "<small>valence {}, arousal {}, confidence {}</small>",
                signed(reading.valence),
                signed(reading.arousal),
                percent(reading.confidence.into()),
            )?;
        }
        write!(out, "</button></li>")?;
    }
    writeln!(out, "</ol>")
}

pub(super) fn highlights(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    if map.highlights.is_empty() {
        return writeln!(out, "<p class=\"note\">No moment stands out.</p>");
    }
    write!(out, "<ol>")?;
    for highlight in &map.highlights {
        let (start, end) = (highlight.cut_start_seconds, highlight.cut_end_seconds);
        let cut = match highlight.cut {
            Cut::Silence => "cut where nobody speaks",
            Cut::SpeakerPauses => "cut where the speaker pauses, others talk on",
            Cut::Words => "no pause near: the cut may meet a word",
        };
        write!(
            out,
            "<li><button type=\"button\" data-from=\"{start:.3}\" data-to=\"{end:.3}\" data-stop><time>{}</time><span>{}{}</span><time>{}</time>\
             <small>{}; {cut}</small></button></li>",
            clock(highlight.start_seconds),
            tone(map, Some(&highlight.reading)).map_or_else(String::new, page::dot),
            Escaped(&highlight.text),
            length(end - start),
            highlight.kind.name(),
        )?;
    }
    writeln!(out, "</ol>")
}

pub(super) fn minutes(map: &RecordingMap, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "<table class=\"plain\"><thead><tr><th scope=\"col\">From</th><th scope=\"col\">All voices</th><th scope=\"col\">Valence</th><th scope=\"col\">Arousal</th>"
    )?;
    for speaker in &map.speakers {
        write!(out, "<th scope=\"col\">{}</th>", Escaped(&speaker.name))?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for minute in &map.minutes {
        write!(
            out,
            "<tr><th scope=\"row\"><button type=\"button\" data-from=\"{:.3}\" data-to=\"{:.3}\">{}</button></th>",
            minute.start_seconds,
            minute.end_seconds,
            clock(minute.start_seconds),
        )?;
        voice(map, &minute.all, None, out)?;
        let affect = |of: fn(&Reading) -> f32| {
            let reading = minute.all.reading.as_ref();
            reading.map_or_else(|| "–".to_owned(), |reading| signed(of(reading)))
        };
        write!(
            out,
            "<td>{}</td><td>{}</td>",
            affect(|it| it.valence),
            affect(|it| it.arousal)
        )?;
        let seconds = minute.end_seconds - minute.start_seconds;
        for each in &minute.speakers {
            voice(map, each, Some(seconds), out)?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table>")
}

/// A cell: the leading emotion, and what share of the minute is this voice.
fn voice(
    map: &RecordingMap,
    voice: &Voice,
    of_seconds: Option<f64>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some(reading) = &voice.reading else {
        return write!(out, "<td class=\"none\">–</td>");
    };
    let class = if reading.unsure {
        " class=\"unsure\""
    } else {
        ""
    };
    write!(
        out,
        "<td{class}>{}{}",
        tone(map, Some(reading)).map_or_else(String::new, page::dot),
        Escaped(&emotion(Some(reading), &map.scan.model.emotions)),
    )?;
    if let Some(seconds) = of_seconds.filter(|&seconds| seconds > 0.0) {
        let share = percent((voice.voiced_seconds / seconds).min(1.0));
        write!(
            out,
            "<small title=\"Share of the minute that is this voice\">speaks {share}</small>"
        )?;
    }
    write!(out, "</td>")
}

/// `0:00`, `1:02:03`: whole seconds.
fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).floor() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}
