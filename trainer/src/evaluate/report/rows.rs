//! The rows of a report's tables, figures as printed: the same in text and on the page.

use super::Report;
use super::format::{count, decimals, interval, percent};
use crate::evaluate::Metrics;

/// A row of a table.
pub(super) struct Row {
    /// What it is of.
    pub(super) name: String,
    /// Its figures.
    pub(super) cells: Vec<String>,
    /// Whether it sums up others.
    pub(super) total: bool,
}

/// All clips, then every group: clips, speakers, accuracy and its interval, UAR and its interval, macro F1, weighted F1, ECE, NLL.
pub(super) fn groups(report: &Report) -> Vec<Row> {
    let row = |name: &str, total: bool, metrics: &Metrics, ece: f64, nll: f64| Row {
        name: name.to_owned(),
        cells: vec![
            count(metrics.clips),
            count(metrics.speakers),
            percent(metrics.accuracy),
            interval(metrics.intervals.map(|all| all.accuracy)),
            percent(metrics.uar),
            interval(metrics.intervals.map(|all| all.uar)),
            percent(metrics.macro_f1),
            percent(metrics.weighted_f1),
            decimals(ece),
            decimals(nll),
        ],
        total,
    };
    let after = &report.after_calibration;
    let whole = row(report.whole(), true, &report.overall, after.ece, after.nll);
    let groups = report.groups().into_iter();
    std::iter::once(whole)
        .chain(groups.map(|group| row(&group.name, false, &group.metrics, group.ece, group.nll)))
        .collect()
}

/// Every emotion, then their means: clips, answered, precision, recall, F1.
pub(super) fn classes(report: &Report) -> Vec<Row> {
    let all = &report.overall;
    let row = |name: &str, total: bool, counts: [usize; 2], figures: [Option<f64>; 3]| Row {
        name: name.to_owned(),
        cells: counts
            .map(count)
            .into_iter()
            .chain(figures.map(percent))
            .collect(),
        total,
    };
    let classes = all.per_class.iter().map(|class| {
        let figures = [class.precision, class.recall, class.f1];
        row(
            &class.emotion,
            false,
            [class.clips, class.answered],
            figures.map(Into::into),
        )
    });
    let means = [
        ("macro mean", [all.macro_precision, all.uar, all.macro_f1]),
        (
            "weighted mean",
            [all.weighted_precision, all.accuracy, all.weighted_f1],
        ),
    ];
    let means = means
        .into_iter()
        .map(|(name, figures)| row(name, true, [all.clips; 2], figures.map(Into::into)));
    classes.chain(means).collect()
}

/// Points of the risk–coverage curve, then the model's own threshold: least confidence answered, right, risk.
pub(super) fn coverage(report: &Report) -> Vec<Row> {
    let row = |name: String, total: bool, threshold: f64, accuracy: Option<f64>| Row {
        name,
        cells: vec![
            decimals(threshold),
            percent(accuracy),
            percent(accuracy.map(|accuracy| 1.0 - accuracy)),
        ],
        total,
    };
    let points = report.coverage_points().map(|point| {
        let name = format!("{:.0}\u{a0}%", point.coverage * 100.0);
        row(name, false, point.threshold, Some(point.accuracy))
    });
    let own = row(
        format!("{} (not unsure)", percent(1.0 - report.unsure_share)),
        true,
        report.calibration.unsure_below.into(),
        report.answered_accuracy,
    );
    points.chain(std::iter::once(own)).collect()
}
