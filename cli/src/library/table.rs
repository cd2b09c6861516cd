//! What was found, as a table.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint};
use undersong_core::timeline::colours::palette;

use super::found::{Entry, Found};
use super::marks::Mark;
use super::moments::emotion_name;
use super::records::Record;
use crate::scan::length;
use crate::table_style::table;
use crate::terminal::{Look, nearest_of_256, one_line, shown};

/// Characters of a note that a table shows.
const NOTE_COLUMNS: usize = 24;

/// Writes at most `rows` of what was found.
pub(super) fn write(
    found: &Found<'_>,
    rows: usize,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    if found.entries.is_empty() {
        let what = if found.moments { "moment" } else { "take" };
        return writeln!(out, "No {what} is like that.");
    }
    let shown_entries = found.entries.get(..rows).unwrap_or(&found.entries);
    let folder = common_folder(shown_entries);
    if let Some(folder) = &folder {
        writeln!(out, "{}:\n", shown(folder))?;
    }
    let marked = shown_entries.iter().any(|entry| is_marked(entry.record()));
    let mut header = if found.moments {
        vec![
            "take", "from", "to", "emotion", "score", "valence", "arousal",
        ]
    } else {
        vec![
            "take",
            "length",
            "emotion",
            "score",
            "valence",
            "arousal",
            "confidence",
        ]
    };
    if marked {
        header.push("marks");
    }
    let numbers: &[usize] = if found.moments {
        &[1, 2, 4, 5, 6]
    } else {
        &[1, 3, 4, 5, 6]
    };
    let mut table = table(look, &header);
    for (index, column) in table.column_iter_mut().enumerate() {
        if index > 0 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if numbers.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let emotions = &found.settings.emotions;
    let colours = palette(emotions);
    let feeling = |name: &str, unsure: bool| {
        let colour = emotions.index_of(name).and_then(|index| colours.get(index));
        Cell::new(format!(
            "{}{}",
            one_line(name),
            if unsure { "?" } else { "" }
        ))
        .fg(Color::AnsiValue(nearest_of_256(
            colour.copied().unwrap_or_default(),
        )))
    };
    for entry in shown_entries {
        let record = entry.record();
        let path = folder
            .as_deref()
            .and_then(|folder| record.path.strip_prefix(folder).ok())
            .unwrap_or(&record.path);
        let gone = if record.missing_ms.is_some() {
            " (missing)"
        } else {
            ""
        };
        let mut cells = vec![Cell::new(format!("{}{gone}", shown(path)))];
        match entry {
            Entry::Take(record) => {
                cells.push(Cell::new(length(record.seconds)));
                cells.push(match &record.emotion {
                    Some(emotion) => feeling(emotion, record.unsure),
                    None => Cell::new("no voice"),
                });
                cells.push(Cell::new(two(record.score)));
                cells.push(Cell::new(signed(record.valence)));
                cells.push(Cell::new(signed(record.arousal)));
                cells.push(Cell::new(record.confidence.map_or_else(
                    || "–".to_owned(),
                    |confidence| format!("{:.0} %", confidence * 100.0),
                )));
            }
            Entry::Moment(moment) => {
                cells.push(Cell::new(length(moment.start_seconds)));
                cells.push(Cell::new(length(moment.end_seconds)));
                cells.push(feeling(emotion_name(emotions, moment.emotion), false));
                cells.push(Cell::new(two(Some(moment.score))));
                cells.push(Cell::new(signed(Some(moment.valence))));
                cells.push(Cell::new(signed(Some(moment.arousal))));
            }
        }
        if marked {
            cells.push(Cell::new(marks(record)));
        }
        table.add_row(cells);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    if shown_entries.len() < found.entries.len() {
        writeln!(
            out,
            "\nThere are more than these {rows}; ask for less, or for all with --limit 0."
        )?;
    }
    Ok(())
}

fn is_marked(record: &Record) -> bool {
    record.mark.is_some() || record.stars > 0 || !record.note.is_empty()
}

/// Mark, stars and the beginning of the note.
fn marks(record: &Record) -> String {
    let mut words: Vec<String> = record
        .mark
        .map(|mark| Mark::name(mark).to_owned())
        .into_iter()
        .collect();
    if record.stars > 0 {
        words.push("★".repeat(record.stars.into()));
    }
    if !record.note.is_empty() {
        let note = one_line(&record.note);
        let mut start: String = note.chars().take(NOTE_COLUMNS).collect();
        if start.len() < note.len() {
            start.push('…');
        }
        words.push(start);
    }
    words.join(" ")
}

fn two(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.2}"))
}

/// With its sign; what rounds to zero has none.
fn signed(value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    let hundredths = (value * 100.0).round();
    if hundredths == 0.0 {
        "0.00".to_owned()
    } else {
        format!("{:+.2}", hundredths / 100.0)
    }
}

/// The folder that all lie in, if there are several.
fn common_folder(entries: &[Entry]) -> Option<PathBuf> {
    let mut paths = entries.iter().map(|entry| entry.record().path.as_path());
    let mut folder = paths.next()?.parent()?;
    if entries.len() < 2 {
        return None;
    }
    for path in paths {
        while !path.starts_with(folder) {
            folder = folder.parent()?;
        }
    }
    (folder != Path::new("/")).then(|| folder.to_path_buf())
}
