//! The report as tables for a terminal.

use super::Report;
use super::format::{decimals, duration, percent, plural};
use super::rows::{self, Row};

/// Lines whose first column is set to the left and whose others to the right.
pub(super) struct Table(pub(super) Vec<Vec<String>>);

impl Table {
    pub(super) fn new<const N: usize>(head: [&str; N]) -> Self {
        Self(vec![head.map(str::to_owned).to_vec()])
    }

    pub(super) fn line(&mut self, cells: Vec<String>) {
        self.0.push(cells);
    }

    pub(super) fn row(&mut self, row: Row) {
        self.line(std::iter::once(row.name).chain(row.cells).collect());
    }

    pub(super) fn write(&self) -> String {
        let lines: Vec<&[String]> = self.0.iter().map(Vec::as_slice).collect();
        aligned(&lines, |_| true)
    }
}

/// Lines with columns as wide as the widest cell that `counts`, the first set to the left and the others to the right.
pub(crate) fn aligned(lines: &[&[String]], counts: impl Fn(&str) -> bool) -> String {
    let columns = lines.iter().map(|line| line.len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells
                .filter(|cell| counts(cell))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for line in lines {
        let cells: Vec<String> = line
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

pub(super) fn write(report: &Report) -> String {
    let parts = [
        head(report),
        groups(report),
        classes(report),
        confusion(report),
        calibration(report),
        coverage(report),
        super::fair::text(report),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let mut text = parts.join("\n");
    if let Some(history) = history(report) {
        text.push('\n');
        text.push_str(&history);
    }
    text
}

fn head(report: &Report) -> String {
    let about = &report.about;
    let mut text = format!(
        "{} · recipe {} · seed {} · split {} · {}\n{} of {}\n",
        about.model,
        about.recipe,
        about.seed,
        about.split,
        about.measured_on,
        plural(report.overall.clips, "clip"),
        plural(report.overall.speakers, "speaker"),
    );
    if let Some(sentence) = report.left_out_sentence() {
        text.push_str(&sentence);
        text.push('\n');
    }
    text
}

fn groups(report: &Report) -> String {
    let mut table = Table::new([
        "",
        "clips",
        "speakers",
        "accuracy",
        "95 %",
        "UAR",
        "95 %",
        "macro F1",
        "weighted F1",
        "ECE",
        "NLL",
    ]);
    rows::groups(report)
        .into_iter()
        .for_each(|row| table.row(row));
    table.write()
        + "UAR: mean recall over the emotions that have clips. 95 %: bootstrap over speakers; other seeds are not in it.\n"
}

fn classes(report: &Report) -> String {
    let mut table = Table::new(["emotion", "clips", "answered", "precision", "recall", "F1"]);
    rows::classes(report)
        .into_iter()
        .for_each(|row| table.row(row));
    table.write()
}

fn confusion(report: &Report) -> String {
    let mut table = Table(vec![
        std::iter::once("true \\ answer".to_owned())
            .chain(report.labels.iter().cloned())
            .collect(),
    ]);
    let lines = report.overall.confusion.lines();
    for (label, line) in report.labels.iter().zip(lines) {
        let clips: usize = line.iter().sum();
        let cells = line.iter().map(|&cell| match clips {
            0 => percent(None),
            _ => format!("{:.0}", cell as f64 / clips as f64 * 100.0),
        });
        table.line(std::iter::once(label.clone()).chain(cells).collect());
    }
    format!(
        "Who was taken for whom, in % of the true emotion's clips:\n{}",
        table.write()
    )
}

fn calibration(report: &Report) -> String {
    let calibration = &report.calibration;
    let (before, after) = (&report.before_calibration, &report.after_calibration);
    format!(
        "Calibration (measured on {}): temperature {}\n\
         ECE {} before, {} after; NLL {} before, {} after; mean confidence {} before, {} after; accuracy {}\n\
         Unsure below {}: {} of the clips; of the others {} are right\n\
         Of the most confident 60 %, {} are right, {} points above all\n",
        calibration.measured_on,
        decimals(f64::from(calibration.temperature)),
        decimals(before.ece),
        decimals(after.ece),
        decimals(before.nll),
        decimals(after.nll),
        percent(before.mean_confidence),
        percent(after.mean_confidence),
        percent(report.overall.accuracy),
        decimals(f64::from(calibration.unsure_below)),
        percent(report.unsure_share),
        percent(report.answered_accuracy),
        percent(report.risk_coverage.accuracy_at_60),
        report.gained_at_60(),
    )
}

fn coverage(report: &Report) -> String {
    let mut table = Table::new(["answered", "confidence from", "right", "risk"]);
    rows::coverage(report)
        .into_iter()
        .for_each(|row| table.row(row));
    format!(
        "Answering the most confident clips only:\n{}",
        table.write()
    )
}

fn history(report: &Report) -> Option<String> {
    let history = report.history.as_ref()?;
    let last = history.epochs.last()?;
    let mut text = format!(
        "Training: {} in {}, last training loss {}",
        plural(history.epochs.len(), "epoch"),
        duration(history.seconds()),
        decimals(last.train_loss),
    );
    if let Some(best) = history.best_epoch() {
        text.push_str(&format!(
            "; validation accuracy highest in epoch {}: {}",
            best.epoch,
            percent(best.validation_accuracy)
        ));
    }
    Some(text + "\n")
}
