//! The table: a take a line.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use comfy_table::{Cell, CellAlignment, Color, ColumnConstraint};
use undersong_core::timeline::colours::{Colour, palette};
use undersong_core::timeline::{Reading, Scan, Timeline};

use crate::table_style::table;
use crate::terminal::{Look, nearest_of_256, shown};

/// Columns with numbers, to the right.
const NUMBERS: [usize; 5] = [1, 3, 4, 5, 6];

/// Writes the table of a scan, and below it what a `?` means where one stands in it.
pub(crate) fn write(scan: &Scan, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if scan.takes.is_empty() {
        return Ok(());
    }
    let folder = common_folder(&scan.takes);
    if let Some(folder) = &folder {
        writeln!(out, "{}:\n", shown(folder))?;
    }
    let (confidence, bar_columns) = if is_narrow(look) {
        ("conf.", 4)
    } else {
        ("confidence", 10)
    };
    let mut table = table(
        look,
        &[
            "take", "length", "emotion", "valence", "arousal", confidence, "voiced",
        ],
    );
    for (index, column) in table.column_iter_mut().enumerate() {
        if is_narrow(look) && index > 1 {
            column.set_padding((0, 1));
        }
        // Where room is short, long names are broken, and nothing else.
        if index > 0 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for index in NUMBERS {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let colours = palette(&scan.model.emotions);
    let names = scan.model.emotions.names().map(str::len).max().unwrap_or(0);
    for take in &scan.takes {
        table.add_row(row(
            take,
            folder.as_deref(),
            &colours,
            names + 1,
            bar_columns,
        ));
    }
    writeln!(out, "{}", table.trim_fmt())?;
    let unsure = |take: &Timeline| {
        take.summary
            .reading
            .as_ref()
            .is_some_and(|reading| reading.unsure)
    };
    if scan.takes.iter().any(unsure) {
        writeln!(
            out,
            "\n? unsure: the model's confidence is below {:.0} %",
            scan.model.calibration.unsure_below * 100.0
        )?;
    }
    Ok(())
}

/// Whether the table does without what takes room but tells nothing new.
fn is_narrow(look: Look) -> bool {
    look.columns < 96
}

/// The name of a reading's leading emotion, with a `?` where the model is unsure, and its colour.
pub(crate) fn leading(take: &Timeline, reading: &Reading, colours: &[Colour]) -> (String, Colour) {
    let leading = reading.scores.leading();
    let mut name = leading
        .map_or("?", |index| take.emotion_name(index))
        .to_owned();
    if reading.unsure {
        name.push('?');
    }
    let colour = leading
        .and_then(|index| colours.get(index))
        .copied()
        .unwrap_or_default();
    (name, colour)
}

fn row(
    take: &Timeline,
    folder: Option<&Path>,
    colours: &[Colour],
    name_columns: usize,
    bar_columns: usize,
) -> Vec<Cell> {
    let path = folder
        .and_then(|folder| take.path.strip_prefix(folder).ok())
        .unwrap_or(&take.path);
    let mut cells = vec![Cell::new(shown(path)), Cell::new(length(take.seconds))];
    match &take.summary.reading {
        Some(reading) => {
            let (name, colour) = leading(take, reading, colours);
            cells.push(
                Cell::new(format!(
                    "{name:<name_columns$} {}",
                    bar(reading, bar_columns)
                ))
                .fg(Color::AnsiValue(nearest_of_256(colour))),
            );
            cells.push(Cell::new(signed(reading.valence)));
            cells.push(Cell::new(signed(reading.arousal)));
            cells.push(Cell::new(percent(f64::from(reading.confidence))));
        }
        None => {
            cells.push(Cell::new("no voice"));
            cells.extend((0..3).map(|_| Cell::new("–")));
        }
    }
    let voiced = if take.seconds > 0.0 {
        take.summary.voiced_seconds / take.seconds
    } else {
        0.0
    };
    cells.push(Cell::new(percent(voiced)));
    cells
}

/// The leading score as a bar, `columns` wide at 1.
pub(crate) fn bar(reading: &Reading, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths =
        (f64::from(reading.confidence.clamp(0.0, 1.0)) * 8.0 * columns as f64).round() as usize;
    let rest = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{rest}", "█".repeat(eighths / 8))
}

/// With its sign; what rounds to zero has none.
pub(crate) fn signed(value: f32) -> String {
    let hundredths = (value * 100.0).round();
    if hundredths == 0.0 {
        "0.00".to_owned()
    } else {
        format!("{:+.2}", hundredths / 100.0)
    }
}

pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// `0:04.2`, `1:02:03.4`.
pub(crate) fn length(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    let (hours, minutes) = (tenths / 36_000, tenths / 600 % 60);
    let seconds = format!("{:02}.{}", tenths / 10 % 60, tenths % 10);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds}")
    } else {
        format!("{minutes}:{seconds}")
    }
}

/// The folder that all of several takes lie in.
pub(crate) fn common_folder(takes: &[Timeline]) -> Option<PathBuf> {
    let (first, others) = takes.split_first()?;
    if others.is_empty() {
        return None;
    }
    first
        .path
        .ancestors()
        .skip(1)
        .find(|folder| others.iter().all(|take| take.path.starts_with(folder)))
        .filter(|folder| !folder.as_os_str().is_empty())
        .map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use undersong_core::model::Model;
    use undersong_core::timeline::{Scores, Window};

    use super::*;

    /// A take per emotion, each sure of it, with names as long as RAVDESS's.
    fn scan() -> Scan {
        let model = Model::builtin().unwrap();
        let emotions = model.emotions();
        let takes = (0..emotions.len()).map(|leading| {
            let mut scores = vec![0.0; emotions.len()];
            scores[leading] = 1.0;
            let window = Window {
                start_seconds: 0.0,
                end_seconds: 3.0,
                voiced_seconds: 3.0,
                reading: Some(Reading::from_scores(Scores(scores), emotions, 0.5)),
                delivery: None,
            };
            let path = format!("takes/03-01-08-02-01-01-{leading:02}.flac");
            Timeline::new(path.into(), 3.0, emotions.clone(), vec![window], 0.5)
        });
        Scan {
            takes: takes.collect(),
            failed: Vec::new(),
            model: model.metadata().clone(),
            model_id: model.id().to_owned(),
            engine: "none".to_owned(),
            profile: None,
            hop_seconds: 0.25,
        }
    }

    fn lines(columns: usize) -> Vec<String> {
        let look = Look {
            columns,
            fit: true,
            colour: false,
        };
        let mut out = Vec::new();
        write(&scan(), look, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_terminal_of_80_columns_shows_a_take_on_a_line() {
        let lines = lines(80);
        assert!(lines.iter().all(|line| line.chars().count() <= 80));
        let rows = lines.iter().filter(|line| line.contains(".flac"));
        assert!(rows.clone().all(|line| line.contains("100 %")));
        assert_eq!(rows.count(), 8);
    }

    #[test]
    fn a_narrower_terminal_breaks_long_names_and_nothing_else() {
        let lines = lines(70);
        assert!(lines.iter().all(|line| line.chars().count() <= 70));
        let rows = lines.iter().filter(|line| line.contains("████"));
        assert_eq!(rows.filter(|line| line.contains("100 %")).count(), 8);
    }

    #[test]
    fn lengths_read_as_clocks_show_them() {
        assert_eq!(length(0.0), "0:00.0");
        assert_eq!(length(59.96), "1:00.0");
        assert_eq!(length(3_723.44), "1:02:03.4");
    }
}
