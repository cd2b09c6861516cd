//! How sure it is, and whether it is right as often as it says.

use super::super::calibrated::Calibrated;
use super::super::document::{Block, Section, Table};
use super::super::measured::Measured;
use super::super::words::{count, decimals, percent, points, signed};
use super::{Context, missing};
use crate::corpus::CorpusKind;
use crate::evaluate::report::charts;
use crate::evaluate::{RELIABILITY_BINS, Row, reliability};

pub(super) fn section(context: &Context<'_>) -> Section {
    let mut blocks = Vec::new();
    match context.strangers() {
        None => blocks.push(missing(context)),
        Some(measured) => match &measured.calibrated {
            Err(reason) => blocks.push(Block::Warning(format!(
                "Not measured: calibration needs clips that are not tested, and {reason}."
            ))),
            Ok(calibrated) => blocks.extend(shown(context, measured, calibrated)),
        },
    }
    blocks.extend(context.tables("sure"));
    Section {
        id: "sure",
        title: "How sure is it?".to_owned(),
        blocks,
    }
}

fn shown(context: &Context<'_>, measured: &Measured<'_>, calibrated: &Calibrated) -> Vec<Block> {
    let bins = calibrated
        .before
        .bins
        .iter()
        .zip(&calibrated.after.bins)
        .fold(
            Table::new([
                "confidence, %",
                "before: answers",
                "said, %",
                "right, %",
                "after: answers",
                "said, %",
                "right, %",
            ]),
            |mut table, (before, after)| {
                let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), points);
                table.row([
                    format!("{}–{}", points(before.lower), points(before.upper)),
                    count(before.clips),
                    figure(before.confidence),
                    figure(before.accuracy),
                    count(after.clips),
                    figure(after.confidence),
                    figure(after.accuracy),
                ]);
                table
            },
        );
    vec![
        Block::Text(
            "The temperature and the threshold of \"unsure\" for each fold come from the other folds' test clips, each answered by the network that had not \
             heard it; no answer and no label of a fold decides on that fold itself."
                .to_owned(),
        ),
        Block::Table(errors(context, measured, calibrated)),
        Block::Pair(vec![
            Block::Figure {
                svg: charts::reliability_bars(&calibrated.before),
                caption: format!(
                    "Before calibration: ECE {}. Bars: named right; hatched: the gap to what it said.",
                    decimals(calibrated.before.ece)
                ),
            },
            Block::Figure {
                svg: charts::reliability_bars(&calibrated.after),
                caption: format!(
                    "After calibration across folds: ECE {}.",
                    decimals(calibrated.after.ece)
                ),
            },
        ]),
        Block::Details {
            summary: "The bins as a table".to_owned(),
            blocks: vec![Block::Table(bins)],
        },
        Block::Heading("What \"unsure\" buys".to_owned()),
        Block::Pair(vec![
            Block::Figure {
                svg: charts::coverage(
                    &calibrated.risk,
                    calibrated
                        .answered
                        .1
                        .map(|accuracy| (calibrated.answered.0, accuracy)),
                ),
                caption: "Accuracy of the answers that are given, against the share of clips that get one."
                    .to_owned(),
            },
            Block::Table(coverage(context, measured, calibrated)),
        ]),
        Block::Details {
            summary: "Temperature and threshold of each fold".to_owned(),
            blocks: vec![Block::Table(decisions(calibrated))],
        },
    ]
}

fn errors(context: &Context<'_>, measured: &Measured<'_>, calibrated: &Calibrated) -> Table {
    let mut table = Table::new([
        "",
        "answers",
        "accuracy, %",
        "mean confidence, %",
        "ECE before",
        "ECE after",
        "NLL before",
        "NLL after",
    ]);
    let mut line = |name: &str, belongs: &dyn Fn(&Row) -> bool| {
        let bare: Vec<&Row> = measured.rows().filter(|row| belongs(row)).collect();
        let tempered: Vec<&Row> = calibrated.rows.iter().filter(|row| belongs(row)).collect();
        if bare.is_empty() {
            return;
        }
        let (before, after) = (reliability(&bare, 1.0), reliability(&tempered, 1.0));
        let right = bare.iter().filter(|row| row.is_right()).count();
        table.row([
            name.to_owned(),
            count(bare.len()),
            points(right as f64 / bare.len() as f64),
            points(after.mean_confidence),
            decimals(before.ece),
            decimals(after.ece),
            decimals(before.nll),
            decimals(after.nll),
        ]);
    };
    for kind in CorpusKind::ALL {
        line(kind.title(), &|row| row.corpus == kind.title());
    }
    if measured.parts.len() > 1 {
        line("both", &|_| true);
    }
    table
        .note(format!(
            "ECE: expected calibration error over {RELIABILITY_BINS} bins of equal width (Guo et al. 2017). NLL: mean negative log-likelihood of the intended \
             emotion, in nats; {} for guessing.",
            decimals((measured.series.labels().len().max(1) as f64).ln())
        ))
        .made_by(context.made_by(measured))
}

fn coverage(context: &Context<'_>, measured: &Measured<'_>, calibrated: &Calibrated) -> Table {
    let whole = calibrated
        .risk
        .points
        .last()
        .map_or(0.0, |point| point.accuracy);
    let mut table = Table::new([
        "answered",
        "accuracy, %",
        "above all answered",
        "least confidence, %",
    ]);
    for wanted in [100, 90, 80, 70, 60, 50, 40, 30, 20, 10] {
        // The points are at 1 %, 2 % … 100 %.
        if let Some(point) = calibrated.risk.points.get(wanted - 1) {
            table.row([
                format!("{wanted} %"),
                points(point.accuracy),
                signed(point.accuracy - whole),
                points(point.threshold),
            ]);
        }
    }
    let (share, accuracy) = calibrated.answered;
    table.row([
        format!("{} (each fold's threshold)", percent(share)),
        accuracy.map_or_else(|| "–".to_owned(), points),
        accuracy.map_or_else(|| "–".to_owned(), |accuracy| signed(accuracy - whole)),
        "–".to_owned(),
    ]);
    table
        .note(format!(
            "The threshold leaves the least confident fifth of the other folds' clips unanswered. Area under the risk–coverage curve: {}.",
            decimals(calibrated.risk.area)
        ))
        .made_by(context.made_by(measured))
}

fn decisions(calibrated: &Calibrated) -> Table {
    let mut table = Table::new(["fold", "seed", "temperature", "unsure below", "decided on"]);
    for decision in &calibrated.decisions {
        table.row([
            decision
                .fold
                .map_or_else(|| "–".to_owned(), |fold| fold.to_string()),
            decision.seed.to_string(),
            decimals(decision.temperature),
            decimals(decision.unsure_below),
            format!("{} clips", count(decision.clips)),
        ]);
    }
    table
}
