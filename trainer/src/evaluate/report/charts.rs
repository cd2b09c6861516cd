//! The drawings of a report: confusion matrix, learning curves, reliability, accuracy against coverage.

use super::format::{count, decimals, escape, percent, plural};
use super::svg::{Plot, document};
use crate::evaluate::{Confusion, History, Reliability, RiskCoverage};

/// The confusion matrix as a heat map: shade and number are the share of the true emotion's clips, the small number the clips.
pub(crate) fn confusion(labels: &[String], confusion: &Confusion) -> String {
    const CELL: (f64, f64) = (74.0, 46.0);
    let longest = labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0);
    let left = 28.0 + 8.0 * longest as f64;
    let top = 50.0;
    let size = labels.len() as f64;
    let (width, height) = (left + size * CELL.0 + 64.0, top + size * CELL.1 + 6.0);
    let mut body = format!(
        "<text class=\"axis-name\" x=\"{:.1}\" y=\"16\" text-anchor=\"middle\">answer</text>\n\
         <text class=\"axis-name\" transform=\"translate(13 {:.1}) rotate(-90)\" text-anchor=\"middle\">true emotion</text>\n\
         <text class=\"tick\" x=\"{:.1}\" y=\"40\" text-anchor=\"end\">clips</text>\n",
        left + size * CELL.0 / 2.0,
        top + size * CELL.1 / 2.0,
        width - 8.0,
    );
    for (column, label) in labels.iter().enumerate() {
        body.push_str(&format!(
            "<text class=\"label\" x=\"{:.1}\" y=\"40\" text-anchor=\"middle\">{}</text>\n",
            left + (column as f64 + 0.5) * CELL.0,
            escape(label),
        ));
    }
    for (row, (truth, line)) in labels.iter().zip(confusion.lines()).enumerate() {
        let clips: usize = line.iter().sum();
        let y = top + row as f64 * CELL.1;
        body.push_str(&format!(
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            left - 9.0,
            y + 28.0,
            escape(truth),
            width - 8.0,
            y + 28.0,
            count(clips),
        ));
        for (column, (answer, &cell)) in labels.iter().zip(line).enumerate() {
            let x = left + column as f64 * CELL.0;
            let share = (clips > 0).then(|| cell as f64 / clips as f64);
            body.push_str(&confusion_cell(
                (x, y),
                CELL,
                cell,
                share,
                row == column,
                (truth, answer),
            ));
        }
    }
    let right: usize = confusion.right().iter().sum();
    let description = format!(
        "Confusion matrix of {} emotions: {} of {} named right. The table below holds its numbers.",
        labels.len(),
        count(right),
        plural(confusion.clips(), "clip"),
    );
    document(width, height, &description, &body)
}

fn confusion_cell(
    (x, y): (f64, f64),
    (width, height): (f64, f64),
    clips: usize,
    share: Option<f64>,
    right: bool,
    (truth, answer): (&str, &str),
) -> String {
    let shade = share.unwrap_or(0.0);
    // The ink on a cell changes with its shade, so that the number stays readable in light and dark.
    let ink = match shade {
        shade if shade < 0.45 => "on-pale",
        shade if shade < 0.75 => "on-middle",
        _ => "on-strong",
    };
    let mut cell = format!(
        "<g><title>{}</title><rect class=\"cell{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\"/>\
         <rect class=\"heat\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"3\" fill-opacity=\"{shade:.3}\"/>",
        escape(&format!(
            "{truth}, answered {answer}: {} ({})",
            plural(clips, "clip"),
            percent(share)
        )),
        if right { " right" } else { "" },
        x + 1.5,
        y + 1.5,
        width - 3.0,
        height - 3.0,
        x + 1.5,
        y + 1.5,
        width - 3.0,
        height - 3.0,
    );
    let middle = x + width / 2.0;
    match (share, clips) {
        (None, _) => cell.push_str(&format!("<text class=\"small on-pale\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">–</text>", y + 28.0)),
        (Some(_), 0) => cell.push_str(&format!("<text class=\"small on-pale faint\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">0</text>", y + 28.0)),
        (Some(share), _) => cell.push_str(&format!(
            "<text class=\"number {ink}\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0}&#160;%</text>\
             <text class=\"small {ink}\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            y + 22.0, share * 100.0, y + 36.0, count(clips),
        )),
    }
    cell.push_str("</g>\n");
    cell
}

/// Loss per epoch, in training and validation.
pub(super) fn losses(history: &History) -> String {
    let train: Vec<(f64, f64)> = history
        .epochs
        .iter()
        .map(|record| (f64::from(record.epoch), record.train_loss))
        .collect();
    let validation = series(history, |record| record.validation_loss);
    let highest = train
        .iter()
        .chain(&validation)
        .map(|point| point.1)
        .filter(|loss| loss.is_finite())
        .fold(0.0, f64::max);
    let mut plot = Plot::new(520.0, 300.0, epochs(history), (0.0, highest * 1.05));
    plot.axes(("epoch", whole), ("loss (nats)", rounded));
    plot.line("first", &train);
    if !validation.is_empty() {
        plot.line("second", &validation);
    }
    let last = |points: &[(f64, f64)]| {
        points
            .last()
            .map_or_else(|| "not measured".to_owned(), |point| decimals(point.1))
    };
    plot.finish(&format!(
        "Loss over {}: training ends at {}, validation at {}.",
        plural(history.epochs.len(), "epoch"),
        last(&train),
        last(&validation),
    ))
}

/// Accuracy and UAR on the validation part per epoch, or nothing if none was measured.
pub(super) fn validation(history: &History) -> Option<String> {
    let accuracy = series(history, |record| record.validation_accuracy);
    let uar = series(history, |record| record.validation_uar);
    if accuracy.is_empty() && uar.is_empty() {
        return None;
    }
    let mut plot = Plot::new(520.0, 300.0, epochs(history), (0.0, 1.0));
    plot.axes(("epoch", whole), ("validation part", per_cent));
    if !accuracy.is_empty() {
        plot.line("first", &accuracy);
    }
    if !uar.is_empty() {
        plot.line("second", &uar);
    }
    let mut description =
        "Accuracy and unweighted average recall on the validation part per epoch".to_owned();
    if let Some((epoch, best)) = history
        .best_epoch()
        .and_then(|record| Some((record.epoch, record.validation_accuracy?)))
    {
        let note = format!("highest accuracy: {} in epoch {epoch}", percent(best));
        plot.dot("first", (f64::from(epoch), best), &note);
        let late = f64::from(epoch) > (epochs(history).0 + epochs(history).1) / 2.0;
        let (shift, anchor) = if late {
            ((4.0, -9.0), "end")
        } else {
            ((-4.0, -9.0), "start")
        };
        plot.text(
            "note",
            (f64::from(epoch), best),
            shift,
            anchor,
            &format!("{} in epoch {epoch}", percent(best)),
        );
        description.push_str(&format!("; {note}"));
    }
    Some(plot.finish(&(description + ".")))
}

fn series(
    history: &History,
    value: fn(&crate::evaluate::EpochRecord) -> Option<f64>,
) -> Vec<(f64, f64)> {
    history
        .epochs
        .iter()
        .filter_map(|record| Some((f64::from(record.epoch), value(record)?)))
        .collect()
}

fn epochs(history: &History) -> (f64, f64) {
    let numbers = || history.epochs.iter().map(|record| f64::from(record.epoch));
    (
        numbers().fold(f64::INFINITY, f64::min),
        numbers().fold(f64::NEG_INFINITY, f64::max),
    )
}

/// Accuracy per bin of confidence, with how far it lies from the diagonal.
pub(crate) fn reliability_bars(reliability: &Reliability) -> String {
    let mut plot = Plot::new(520.0, 320.0, (0.0, 1.0), (0.0, 1.0));
    plot.axes(("confidence", per_cent), ("named right", per_cent));
    for bin in &reliability.bins {
        let (Some(confidence), Some(accuracy)) = (bin.confidence, bin.accuracy) else {
            continue;
        };
        let note = format!(
            "confidence {}–{}: {}, mean confidence {}, {} right",
            percent(bin.lower),
            percent(bin.upper),
            plural(bin.clips, "clip"),
            percent(confidence),
            percent(accuracy),
        );
        plot.bar("bar", (bin.lower, 0.0), (bin.upper, accuracy), &note);
        plot.bar("gap", (bin.lower, accuracy), (bin.upper, confidence), &note);
    }
    plot.line("ideal", &[(0.0, 0.0), (1.0, 1.0)]);
    plot.finish(&format!(
        "Reliability at temperature {:.3}: expected calibration error {:.3}. Bars are the share named right per bin of confidence, hatched the gap to the bin's mean confidence.",
        reliability.temperature, reliability.ece,
    ))
}

/// How many clips lie in each bin of confidence.
pub(crate) fn reliability_counts(reliability: &Reliability) -> String {
    let most = reliability
        .bins
        .iter()
        .map(|bin| bin.clips)
        .max()
        .unwrap_or(0);
    let mut plot = Plot::new(520.0, 150.0, (0.0, 1.0), (0.0, most as f64 * 1.2));
    plot.axes(("confidence", per_cent), ("clips", |_| String::new()));
    for bin in reliability.bins.iter().filter(|bin| bin.clips > 0) {
        plot.bar(
            "count",
            (bin.lower, 0.0),
            (bin.upper, bin.clips as f64),
            &plural(bin.clips, "clip"),
        );
        plot.text(
            "small",
            ((bin.lower + bin.upper) / 2.0, bin.clips as f64),
            (0.0, -3.0),
            "middle",
            &count(bin.clips),
        );
    }
    plot.finish("Clips per bin of confidence.")
}

/// Accuracy of the answered clips against the share answered, with the threshold's place marked.
pub(crate) fn coverage(risk: &RiskCoverage, answered: Option<(f64, f64)>) -> String {
    let points: Vec<(f64, f64)> = risk
        .points
        .iter()
        .map(|point| (point.coverage, point.accuracy))
        .collect();
    let lowest = points.iter().map(|point| point.1).fold(1.0, f64::min);
    let mut plot = Plot::new(
        520.0,
        300.0,
        (0.0, 1.0),
        ((lowest * 10.0 - 0.5).floor().max(0.0) / 10.0, 1.0),
    );
    plot.axes(
        ("clips answered, most confident first", per_cent),
        ("named right", per_cent),
    );
    plot.line("first", &points);
    plot.dot("first", (0.6, risk.accuracy_at_60), "");
    plot.text(
        "note",
        (0.6, risk.accuracy_at_60),
        (6.0, -8.0),
        "start",
        &format!("60 % answered: {}", percent(risk.accuracy_at_60)),
    );
    if let Some((coverage, accuracy)) = answered {
        plot.dot("second", (coverage, accuracy), "the model's threshold");
        plot.text(
            "note",
            (coverage, accuracy),
            (-6.0, 18.0),
            "end",
            &format!("above the threshold: {}", percent(accuracy)),
        );
    }
    plot.finish(&format!(
        "Accuracy against coverage: {} right with all clips answered, {} with the most confident 60 %.",
        percent(points.last().map(|point| point.1)), percent(risk.accuracy_at_60),
    ))
}

fn per_cent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Epochs are whole: between them an axis has nothing to say.
fn whole(number: f64) -> String {
    if (number - number.round()).abs() < 1e-6 {
        format!("{number:.0}")
    } else {
        String::new()
    }
}

/// A tick without the rounding that multiplying its step left behind: 0.3, not 0.30000000000000004.
fn rounded(number: f64) -> String {
    ((number * 1e6).round() / 1e6).to_string()
}
