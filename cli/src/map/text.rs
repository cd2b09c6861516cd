//! A map on the terminal: speakers, sections, highlights; with few minutes, those too.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, Table};
use undersong_core::recording::{Cut, Minute, RecordingMap, Voice};
use undersong_core::timeline::Reading;
use undersong_core::timeline::colours::{Colour, palette};

use crate::scan::{length, percent, signed, write_faults};
use crate::table_style::table;
use crate::terminal::{Look, nearest_of_256, one_line};

/// More minutes than this are for a file.
const MOST_MINUTES: usize = 15;

/// Writes the map.
pub(super) fn write(map: &RecordingMap, look: Look, out: &mut dyn Write) -> io::Result<()> {
    speakers(map, look, out)?;
    sections(map, look, out)?;
    highlights(map, look, out)?;
    minutes(map, look, out)?;
    if any_unsure(map) {
        writeln!(
            out,
            "\n? unsure: the model's confidence is below {:.0} %",
            map.scan.model.calibration.unsure_below * 100.0
        )?;
    }
    let names = map.speakers.iter().map(|it| one_line(&it.name));
    write_faults(names.zip(&map.scan.takes), out)
}

fn any_unsure(map: &RecordingMap) -> bool {
    let takes = map.scan.takes.iter().map(|it| it.summary.reading.as_ref());
    let sections = map.sections.iter().map(|it| it.reading.as_ref());
    let voices = shown_minutes(map)
        .iter()
        .flat_map(|it| std::iter::once(&it.all).chain(&it.speakers));
    let minutes = voices.map(|it| it.reading.as_ref());
    let highlights = map.highlights.iter();
    let turning = highlights.flat_map(|it| [Some(&it.reading), it.before.as_ref()]);
    let all = takes.chain(sections).chain(minutes).chain(turning);
    all.flatten().any(|it| it.unsure)
}

fn speakers(map: &RecordingMap, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut table = table(
        look,
        &[
            "speaker",
            "voice",
            "turns",
            "emotion",
            "valence",
            "arousal",
            "confidence",
        ],
    );
    for (index, (speaker, take)) in map.speakers.iter().zip(&map.scan.takes).enumerate() {
        let turns = map.turns.iter().filter(|turn| turn.speaker == index);
        let mut cells = vec![
            one_line(&speaker.name),
            length(speaker.voiced_seconds),
            turns.count().to_string(),
        ];
        let reading = take.summary.reading.as_ref();
        cells.extend(feeling(map, reading));
        table.add_row(row(cells, look, colour(map, reading), 3));
    }
    align(&mut table, &[1, 2, 4, 5, 6]);
    writeln!(out, "{}", table.trim_fmt())
}

fn sections(map: &RecordingMap, look: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let mut table = table(
        look,
        &[
            "section",
            "length",
            "what",
            "valence",
            "arousal",
            "confidence",
        ],
    );
    for section in &map.sections {
        let mut cells = vec![
            length(section.start_seconds),
            length(section.end_seconds - section.start_seconds),
            one_line(&section.title),
        ];
        let reading = section.reading.as_ref();
        cells.extend(feeling(map, reading).into_iter().skip(1));
        table.add_row(row(cells, look, colour(map, reading), 2));
    }
    align(&mut table, &[0, 1, 3, 4, 5]);
    writeln!(out, "{}", table.trim_fmt())
}

fn highlights(map: &RecordingMap, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if map.highlights.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let mut table = table(look, &["highlight", "", "what", "cut from", "to", "where"]);
    for highlight in &map.highlights {
        let cells = vec![
            length(highlight.start_seconds),
            highlight.kind.name().to_owned(),
            one_line(&highlight.text),
            length(highlight.cut_start_seconds),
            length(highlight.cut_end_seconds),
            match highlight.cut {
                Cut::Silence => "nobody speaks",
                Cut::SpeakerPauses => "the speaker pauses",
                Cut::Words => "in words",
            }
            .to_owned(),
        ];
        table.add_row(row(cells, look, colour(map, Some(&highlight.reading)), 2));
    }
    align(&mut table, &[0, 3, 4]);
    writeln!(out, "{}", table.trim_fmt())
}

/// The minutes that stand in the table: one alone would repeat what stands above it.
fn shown_minutes(map: &RecordingMap) -> &[Minute] {
    let count = map.minutes.len();
    map.minutes
        .get(..count.min(MOST_MINUTES))
        .filter(|_| count > 1)
        .unwrap_or_default()
}

fn minutes(map: &RecordingMap, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if shown_minutes(map).is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let names: Vec<String> = map.speakers.iter().map(|it| one_line(&it.name)).collect();
    let mut header = vec!["minute", "all", "valence", "arousal"];
    if names.len() > 1 {
        header.extend(names.iter().map(String::as_str));
    }
    let mut table = table(look, &header);
    let name = |voice: &Voice| {
        let reading = voice.reading.as_ref();
        reading.map_or_else(|| "–".to_owned(), |it| emotion(map, it))
    };
    for minute in shown_minutes(map) {
        let mut cells = vec![length(minute.start_seconds), name(&minute.all)];
        let reading = minute.all.reading.as_ref();
        cells.extend(feeling(map, reading).into_iter().skip(1).take(2));
        if names.len() > 1 {
            let seconds = (minute.end_seconds - minute.start_seconds).max(f64::MIN_POSITIVE);
            cells.extend(minute.speakers.iter().map(|voice| match &voice.reading {
                Some(_) => format!(
                    "{}, speaks {}",
                    name(voice),
                    percent((voice.voiced_seconds / seconds).min(1.0))
                ),
                None => "–".to_owned(),
            }));
        }
        table.add_row(row(cells, look, colour(map, reading), 1));
    }
    align(&mut table, &[0, 2, 3]);
    writeln!(out, "{}", table.trim_fmt())?;
    if map.minutes.len() > MOST_MINUTES {
        writeln!(
            out,
            "… and {} more minutes; --csv, --html or --json writes all of them",
            map.minutes.len() - MOST_MINUTES
        )?;
    }
    Ok(())
}

/// Emotion, valence, arousal, confidence.
fn feeling(map: &RecordingMap, reading: Option<&Reading>) -> Vec<String> {
    match reading {
        Some(reading) => vec![
            emotion(map, reading),
            signed(reading.valence),
            signed(reading.arousal),
            percent(reading.confidence.into()),
        ],
        None => ["no voice", "–", "–", "–"].map(str::to_owned).to_vec(),
    }
}

fn emotion(map: &RecordingMap, reading: &Reading) -> String {
    let leading = reading.scores.leading();
    let name = leading.and_then(|index| map.scan.model.emotions.get(index));
    let mark = if reading.unsure { "?" } else { "" };
    format!("{}{mark}", name.map_or("?", |it| it.name.as_str()))
}

/// The leading emotion's colour.
fn colour(map: &RecordingMap, reading: Option<&Reading>) -> Option<Colour> {
    let leading = reading?.scores.leading()?;
    palette(&map.scan.model.emotions).get(leading).copied()
}

/// A row whose cell `at` has a colour, where colours may be used.
fn row(cells: Vec<String>, look: Look, colour: Option<Colour>, at: usize) -> Vec<Cell> {
    let cells = cells.into_iter().map(Cell::new).enumerate();
    cells
        .map(
            |(index, cell)| match colour.filter(|_| look.colour && index == at) {
                Some(colour) => cell.fg(Color::AnsiValue(nearest_of_256(colour))),
                None => cell,
            },
        )
        .collect()
}

/// Columns with numbers, to the right; they are not broken.
fn align(table: &mut Table, numbers: &[usize]) {
    for &index in numbers {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}
