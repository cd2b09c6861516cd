//! The report as one self-contained page.

use super::Report;
use super::charts;
use super::format::{count, decimals, duration, escape, interval, percent, plural};
use super::rows::{self, Row};
use crate::evaluate::Reliability;

pub(crate) const STYLE: &str = include_str!("style.css");

pub(super) fn write(report: &Report) -> String {
    let title = format!("{}: evaluation, {}", report.about.model, report.about.split);
    let sections = [
        head(report),
        headline(report),
        groups(report),
        confusion(report),
        classes(report),
        calibration(report),
        coverage(report),
        fairness(report),
        history(report),
        reading(report),
    ];
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n{HATCH}<main>\n{}</main>\n</body>\n</html>\n",
        escape(&title),
        sections.concat(),
    )
}

/// The pattern by which a gap is told from a bar without colour.
pub(crate) const HATCH: &str = "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs>\
    <pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
    <line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs></svg>\n";

fn head(report: &Report) -> String {
    let about = &report.about;
    let left_out = report
        .left_out_sentence()
        .map(|sentence| format!("<p class=\"warn\">{}</p>\n", escape(&sentence)))
        .unwrap_or_default();
    format!(
        "<header>\n<p class=\"kicker\">Model evaluation</p>\n<h1>{}</h1>\n\
         <p class=\"lead\">Recipe <b>{}</b>, seed {}, split <b>{}</b>. Measured on {}: {} of {}.</p>\n{left_out}</header>\n",
        escape(&about.model),
        escape(&about.recipe),
        about.seed,
        escape(&about.split),
        escape(&about.measured_on),
        plural(report.overall.clips, "clip"),
        plural(report.overall.speakers, "speaker"),
    )
}

fn headline(report: &Report) -> String {
    let all = &report.overall;
    let range = |which: fn(&crate::evaluate::Intervals) -> crate::evaluate::Interval| match &all
        .intervals
    {
        Some(intervals) => format!(
            "95&#160;% of resampled speakers: {}",
            interval(Some(which(intervals)))
        ),
        None => "one speaker: no interval".to_owned(),
    };
    let tiles = [
        ("Accuracy", percent(all.accuracy), range(|all| all.accuracy)),
        ("UAR", percent(all.uar), range(|all| all.uar)),
        ("Macro F1", percent(all.macro_f1), range(|all| all.macro_f1)),
        (
            "Calibration error",
            decimals(report.after_calibration.ece),
            format!(
                "{} before calibration",
                decimals(report.before_calibration.ece)
            ),
        ),
        (
            "Right when sure",
            percent(report.answered_accuracy),
            format!("{} of the clips are unsure", percent(report.unsure_share)),
        ),
    ];
    let tiles: String = tiles
        .iter()
        .map(|(name, value, note)| {
            format!("<div class=\"tile\"><dt>{name}</dt><dd class=\"value\">{value}</dd><dd class=\"note\">{note}</dd></div>\n")
        })
        .collect();
    let chance = 1.0 / report.labels.len().max(1) as f64;
    format!(
        "<dl class=\"tiles\">\n{tiles}</dl>\n<p class=\"muted\">Guessing among {} emotions is right {} of the time.</p>\n",
        report.labels.len(),
        percent(chance),
    )
}

/// A table's row; the columns of `ranges` hold intervals.
fn table_row(row: &Row, ranges: &[usize]) -> String {
    let class = if row.total { " class=\"total\"" } else { "" };
    let cells: String = row
        .cells
        .iter()
        .enumerate()
        .map(|(column, cell)| match ranges.contains(&column) {
            true => format!("<td class=\"range\">{cell}</td>"),
            false => format!("<td>{cell}</td>"),
        })
        .collect();
    format!(
        "<tr{class}><th scope=\"row\">{}</th>{cells}</tr>\n",
        escape(&row.name)
    )
}

fn groups(report: &Report) -> String {
    let lines: String = rows::groups(report)
        .iter()
        .map(|row| table_row(row, &[3, 5]))
        .collect();
    section(
        "By corpus and by sex",
        &format!(
            "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">part</th><th scope=\"col\">clips</th><th scope=\"col\">speakers</th>\
             <th scope=\"col\">accuracy</th><th scope=\"col\">95&#160;%</th><th scope=\"col\">UAR</th><th scope=\"col\">95&#160;%</th>\
             <th scope=\"col\">macro F1</th><th scope=\"col\">weighted F1</th><th scope=\"col\">ECE</th><th scope=\"col\">NLL</th></tr></thead>\n\
             <tbody>\n{lines}</tbody></table></div>\n"
        ),
    )
}

fn confusion(report: &Report) -> String {
    let drawing = charts::confusion(&report.labels, &report.overall.confusion);
    let heads: String = report
        .labels
        .iter()
        .map(|label| format!("<th scope=\"col\">{}</th>", escape(label)))
        .collect();
    let lines: String = report
        .labels
        .iter()
        .zip(report.overall.confusion.lines())
        .map(|(label, line)| {
            let cells: String = line
                .iter()
                .map(|&cell| format!("<td>{}</td>", count(cell)))
                .collect();
            format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escape(label))
        })
        .collect();
    section(
        "Who was taken for whom",
        &format!(
            "<figure class=\"wide\">{drawing}<figcaption>Share of each true emotion’s clips, with the clips below it; the outlined diagonal is right.</figcaption></figure>\n{}",
            details(
                "The counts as a table",
                &format!(
                    "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">true \\ answer</th>{heads}</tr></thead>\n<tbody>\n{lines}</tbody></table></div>\n"
                ),
            ),
        ),
    )
}

fn classes(report: &Report) -> String {
    let lines: String = rows::classes(report)
        .iter()
        .map(|row| table_row(row, &[]))
        .collect();
    section(
        "By emotion",
        &format!(
            "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">emotion</th><th scope=\"col\">clips</th><th scope=\"col\">answered</th>\
             <th scope=\"col\">precision</th><th scope=\"col\">recall</th><th scope=\"col\">F1</th></tr></thead>\n<tbody>\n{lines}</tbody></table></div>\n"
        ),
    )
}

fn calibration(report: &Report) -> String {
    let one = |title: &str, reliability: &Reliability| {
        format!(
            "<figure><h3>{title}</h3>{}{}<figcaption>Temperature {}, ECE {}, NLL {}, mean confidence {}.</figcaption></figure>\n",
            charts::reliability_bars(reliability),
            charts::reliability_counts(reliability),
            decimals(reliability.temperature),
            decimals(reliability.ece),
            decimals(reliability.nll),
            percent(reliability.mean_confidence),
        )
    };
    let bins: String = report
        .before_calibration
        .bins
        .iter()
        .zip(&report.after_calibration.bins)
        .map(|(before, after)| {
            format!(
                "<tr><th scope=\"row\">{:.1}–{:.1}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                before.lower * 100.0,
                before.upper * 100.0,
                count(before.clips),
                percent(before.confidence),
                percent(before.accuracy),
                count(after.clips),
                percent(after.confidence),
                percent(after.accuracy),
            )
        })
        .collect();
    section(
        "Is it right as often as it says?",
        &format!(
            "<p>Calibration was measured on {}. It changes no answer, only how sure the model says it is.</p>\n\
             <ul class=\"legend\"><li><i class=\"key bar\"></i>named right</li><li><i class=\"key gap\"></i>gap to the stated confidence</li><li><i class=\"key ideal\"></i>perfect calibration</li></ul>\n\
             <div class=\"pair\">\n{}{}</div>\n{}",
            escape(&report.calibration.measured_on),
            one("Before calibration", &report.before_calibration),
            one("After calibration", &report.after_calibration),
            details(
                "The bins as a table",
                &format!(
                    "<div class=\"scroll\"><table><thead><tr><th rowspan=\"2\" scope=\"col\">confidence, %</th><th colspan=\"3\" scope=\"colgroup\">before</th><th colspan=\"3\" scope=\"colgroup\">after</th></tr>\
                     <tr><th scope=\"col\">clips</th><th scope=\"col\">confidence</th><th scope=\"col\">right</th><th scope=\"col\">clips</th><th scope=\"col\">confidence</th><th scope=\"col\">right</th></tr></thead>\n\
                     <tbody>\n{bins}</tbody></table></div>\n"
                ),
            ),
        ),
    )
}

fn coverage(report: &Report) -> String {
    let answered = report
        .answered_accuracy
        .map(|accuracy| (1.0 - report.unsure_share, accuracy));
    section(
        "What “unsure” buys",
        &format!(
            "<div class=\"pair\">\n<figure>{}</figure>\n<div>\n<p>Answering only where the model is most confident makes it right more often. The model file says <b>unsure</b> below a confidence of {}: \
             {} of these clips. Of the others {} are named right, of the most confident 60&#160;% {} ({} points above all), of all {}.</p>\n\
             <p class=\"muted\">Area under the risk–coverage curve: {}.</p>\n</div>\n</div>\n{}",
            charts::coverage(&report.risk_coverage, answered),
            decimals(f64::from(report.calibration.unsure_below)),
            percent(report.unsure_share),
            percent(report.answered_accuracy),
            percent(report.risk_coverage.accuracy_at_60),
            report.gained_at_60(),
            percent(report.overall.accuracy),
            decimals(report.risk_coverage.area),
            details(
                "The curve as a table",
                &format!(
                    "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">clips answered</th><th scope=\"col\">confidence from</th><th scope=\"col\">right</th><th scope=\"col\">risk</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n",
                    rows::coverage(report)
                        .iter()
                        .map(|row| table_row(row, &[]))
                        .collect::<String>(),
                ),
            ),
        ),
    )
}

fn fairness(report: &Report) -> String {
    let tables = super::fair::html(report);
    if tables.is_empty() {
        return tables;
    }
    section("For whom it is worse", &tables)
}

fn history(report: &Report) -> String {
    let Some(history) = report
        .history
        .as_ref()
        .filter(|history| !history.epochs.is_empty())
    else {
        return String::new();
    };
    let has_validation_loss = history
        .epochs
        .iter()
        .any(|record| record.validation_loss.is_some());
    let validation = match charts::validation(history) {
        Some(drawing) => format!(
            "<figure><ul class=\"legend\"><li><i class=\"key first\"></i>accuracy</li><li><i class=\"key second\"></i>UAR</li></ul>{drawing}</figure>\n"
        ),
        None => "<p class=\"muted\">No validation part was held back: everything was learned from.</p>\n".to_owned(),
    };
    let second = if has_validation_loss {
        "<li><i class=\"key second\"></i>validation</li>"
    } else {
        ""
    };
    let optional = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), decimals);
    let lines: String = history
        .epochs
        .iter()
        .map(|record| {
            format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.2e}</td><td>{}</td></tr>\n",
                record.epoch,
                decimals(record.train_loss),
                optional(record.validation_loss),
                percent(record.validation_accuracy),
                percent(record.validation_uar),
                record.learning_rate,
                duration(record.seconds),
            )
        })
        .collect();
    section(
        "How it learned",
        &format!(
            "<p>{} in {}.</p>\n<div class=\"pair\">\n<figure><ul class=\"legend\"><li><i class=\"key first\"></i>training</li>{second}</ul>{}</figure>\n{validation}</div>\n{}",
            plural(history.epochs.len(), "epoch"),
            duration(history.seconds()),
            charts::losses(history),
            details(
                "Every epoch as a table",
                &format!(
                    "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">epoch</th><th scope=\"col\">training loss</th><th scope=\"col\">validation loss</th>\
                     <th scope=\"col\">validation accuracy</th><th scope=\"col\">validation UAR</th><th scope=\"col\">learning rate</th><th scope=\"col\">time</th></tr></thead>\n\
                     <tbody>\n{lines}</tbody></table></div>\n"
                ),
            ),
        ),
    )
}

fn reading(report: &Report) -> String {
    section(
        "How to read this",
        &format!(
            "<ul class=\"plain\">\n\
             <li><b>Acted speech is not felt emotion.</b> The labels are what actors were asked to play; people hear the intended emotion of CREMA-D from the voice alone 40.9&#160;% of the time.</li>\n\
             <li><b>Split {}.</b> Where speakers are shared between training and test, the figures say how well known voices are read, and are too high for a stranger’s voice.</li>\n\
             <li><b>UAR</b> (unweighted average recall) is the mean recall over the emotions that have clips; macro precision and F1 run over the same emotions. Every output counts as an answer, also one a corpus has no clips of.</li>\n\
             <li><b>95&#160;%</b>: the range in which the figure falls when speakers are drawn anew with replacement within each corpus, {} times. Another training seed is not in it.</li>\n\
             <li><b>ECE</b> is the expected calibration error over {} bins of equal width (Guo et al. 2017); <b>NLL</b> the mean negative log-likelihood in nats, {} for guessing.</li>\n</ul>\n",
            escape(&report.about.split),
            count(crate::evaluate::RESAMPLES),
            crate::evaluate::RELIABILITY_BINS,
            decimals((report.labels.len().max(1) as f64).ln()),
        ),
    )
}

fn section(title: &str, body: &str) -> String {
    format!("<section>\n<h2>{title}</h2>\n{body}</section>\n")
}

fn details(summary: &str, body: &str) -> String {
    format!("<details><summary>{summary}</summary>\n{body}</details>\n")
}
