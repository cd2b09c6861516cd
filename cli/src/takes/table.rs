//! The table: a block a line, a row a take, and below it who is what and why.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint, Table, Width};
use undersong_core::timeline::Scan;
use undersong_core::timeline::colours::{Colour, palette};

use super::line::{Line, Take};
use super::roles::Role;
use crate::scan::{bar, common_folder, leading, length, percent, signed};
use crate::table_style;
use crate::terminal::{Look, nearest_of_256, one_line, shown};

/// Longest text of a line that is shown, in characters.
const MOST_TEXT: usize = 60;
/// Columns of the bar that shows the leading score.
const BAR_COLUMNS: usize = 6;

/// Writes the lines.
pub(crate) fn write(
    lines: &[Line],
    scan: &Scan,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    if let Some(folder) = common_folder(&scan.takes) {
        writeln!(out, "{}:\n", shown(&folder))?;
    }
    let labels = lines
        .iter()
        .flat_map(|line| &line.takes)
        .map(|take| one_line(&take.label).chars().count());
    let widest = labels.max().unwrap_or(0).clamp(4, 40);
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        block(line, scan, widest, look, out)?;
    }
    let unsure = |take: &Take| {
        let reading = take
            .timeline(scan)
            .and_then(|take| take.summary.reading.as_ref());
        reading.is_some_and(|reading| reading.unsure)
    };
    if lines.iter().flat_map(|line| &line.takes).any(unsure) {
        writeln!(
            out,
            "\n? unsure: the model's confidence is below {}",
            percent(scan.model.calibration.unsure_below.into())
        )?;
    }
    Ok(())
}

fn block(
    line: &Line,
    scan: &Scan,
    widest: usize,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut title = one_line(&line.name);
    if let Some(wanted) = line.wanted_text(scan) {
        let colours = palette(&scan.model.emotions);
        let colour = line
            .wanted
            .as_ref()
            .and_then(|it| colours.get(it.emotion))
            .copied()
            .unwrap_or_default();
        title += &format!("  wanted: {}", look.paint(&wanted, colour));
    }
    if let Some(text) = &line.text {
        let text = one_line(text);
        let short: String = text.chars().take(MOST_TEXT).collect();
        let more = if short.len() < text.len() { "…" } else { "" };
        title += &format!("  “{short}{more}”");
    }
    writeln!(out, "{title}")?;
    if !line.takes.is_empty() {
        writeln!(out, "{}", table(line, scan, widest, look).trim_fmt())?;
    }
    for role in Role::ALL {
        for take in line.takes.iter() {
            let place = take.roles.iter().position(|it| *it == role);
            if let Some(said) = place.and_then(|place| take.said.get(place)) {
                writeln!(
                    out,
                    "  {}, {}",
                    one_line(&take.label),
                    one_line(&said.line())
                )?;
            }
        }
    }
    for note in &line.notes {
        writeln!(out, "  {note}")?;
    }
    Ok(())
}

fn table(line: &Line, scan: &Scan, widest: usize, look: Look) -> Table {
    let mut table = table_style::table(
        look,
        &[
            "take",
            "length",
            "emotion",
            "closeness",
            "valence",
            "arousal",
            "apart",
            "role",
            "flags",
        ],
    );
    let last = table.column_count().saturating_sub(1);
    for (index, column) in table.column_iter_mut().enumerate() {
        if index == 0 {
            // The same for every line, so that their columns stand below each other.
            let width = u16::try_from(widest + 2).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        } else if index < last {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if matches!(index, 1 | 3..=6) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let colours = palette(&scan.model.emotions);
    let names = scan.model.emotions.names().map(str::len).max().unwrap_or(0);
    for take in &line.takes {
        table.add_row(row(take, scan, &colours, names + 1));
    }
    table
}

fn row(take: &Take, scan: &Scan, colours: &[Colour], name_columns: usize) -> Vec<Cell> {
    let timeline = take.timeline(scan);
    let mut cells = vec![
        Cell::new(one_line(&take.label)),
        Cell::new(length(timeline.map_or(0.0, |take| take.seconds))),
    ];
    let number = |value: Option<String>| Cell::new(value.unwrap_or_else(|| "–".to_owned()));
    let reading = timeline.and_then(|take| take.summary.reading.as_ref());
    match (timeline, reading) {
        (Some(timeline), Some(reading)) => {
            let (name, colour) = leading(timeline, reading, colours);
            let text = format!(
                "{name:<name_columns$} {:<BAR_COLUMNS$} {:>5}",
                bar(reading, BAR_COLUMNS),
                percent(reading.confidence.into())
            );
            cells.push(Cell::new(text).fg(Color::AnsiValue(nearest_of_256(colour))));
        }
        _ => cells.push(Cell::new("no voice")),
    }
    let numbers = take.numbers;
    cells.push(number(
        numbers
            .and_then(|it| it.closeness)
            .map(|it| percent(it.value)),
    ));
    cells.push(number(reading.map(|it| signed(it.valence))));
    cells.push(number(reading.map(|it| signed(it.arousal))));
    cells.push(number(
        numbers
            .and_then(|it| it.difference)
            .map(|it| format!("{:.2}", it.value)),
    ));
    cells.push(Cell::new(take.roles_text().join(", ")));
    let flags: Vec<&str> = take.flags.iter().map(|flag| flag.name).collect();
    cells.push(Cell::new(flags.join(", ")));
    cells
}
