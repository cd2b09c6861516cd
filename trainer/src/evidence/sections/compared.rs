//! Compared to what: the paper's tables, remade on the same folds.

use super::super::document::{Block, Section, Table};
use super::super::forest::{Line, forest};
use super::super::measured::Measured;
use super::super::words::{NOT_MEASURED, spread};
use super::tried::shown;
use super::{Context, or_not};
use crate::compare::{Entry, plan};
use crate::corpus::CorpusKind;

/// What the paper says of its own network and of others, on its random tenth: accuracy, precision, recall, F1.
const CLAIMS: [(&str, [&str; 4]); 4] = [
    (
        "the paper's claim: CNN + LSTM",
        ["82.4", "81.3", "80.7", "80.9"],
    ),
    (
        "the paper's claim: CNN or LSTM alone",
        ["74–78", "–", "–", "–"],
    ),
    ("the paper's claim: SVM, KNN", ["65–72", "–", "–", "–"]),
    (
        "people, CREMA-D by voice alone (Cao et al. 2014)",
        ["40.9", "–", "–", "–"],
    ),
];

pub(super) fn section(context: &Context<'_>) -> Section {
    let lines = lines(context);
    let mut blocks = vec![
        Block::Text(
            "The paper compares networks and features on a random tenth of all clips, whose speakers they know. Here the same methods are measured on that split \
             and on folds of actors whom they never heard. SVM and KNN see summaries of a clip's frames (mean, deviation, 10th and 90th percentile, deviation of \
             the change from frame to frame); their settings are chosen on training actors."
                .to_owned(),
        ),
        Block::Heading("Unseen speakers".to_owned()),
    ];
    blocks.extend(drawings(&lines));
    blocks.push(Block::Table(unseen(context, &lines)));
    blocks.push(Block::Heading(
        "The paper's own protocol: a random tenth".to_owned(),
    ));
    blocks.push(Block::Table(random(context, &lines)));
    blocks.extend(context.tables("compared"));
    Section {
        id: "compared",
        title: "Compared to what?".to_owned(),
        blocks,
    }
}

/// A method with what was measured of it.
struct Compared<'c, 'a> {
    name: String,
    method: String,
    features: String,
    speakers: Option<&'c Measured<'a>>,
    paper: Option<&'c Measured<'a>>,
    command: String,
}

/// What is planned, in its order.
fn lines<'c, 'a>(context: &'c Context<'a>) -> Vec<Compared<'c, 'a>> {
    plan()
        .iter()
        .map(|entry: &Entry| Compared {
            name: entry.name.to_owned(),
            method: entry.method.to_owned(),
            features: entry.features.to_owned(),
            speakers: context.speakers(entry.name),
            paper: context.paper(entry.name),
            command: entry.command(),
        })
        .collect()
}

fn drawings(lines: &[Compared<'_, '_>]) -> Vec<Block> {
    let mut figures = Vec::new();
    for kind in CorpusKind::ALL {
        let mut drawn: Vec<Line> = lines
            .iter()
            .filter_map(|line| {
                let part = line.speakers?.corpus(kind)?;
                Some(Line {
                    name: format!("{}, {}", line.method, line.features),
                    value: part.uar.mean,
                    interval: part.pooled.intervals.map(|all| all.uar),
                    second: line.method == "SVM" || line.method == "KNN",
                })
            })
            .collect();
        drawn.sort_by(|a, b| b.value.total_cmp(&a.value));
        if !drawn.is_empty() {
            figures.push(Block::Figure {
                svg: forest(&format!("UAR, {}, unseen speakers", kind.title()), &drawn),
                caption: format!(
                    "{}: mean over folds, with the 95 % interval over actors.",
                    kind.title()
                ),
            });
        }
    }
    figures
}

fn unseen(context: &Context<'_>, lines: &[Compared<'_, '_>]) -> Table {
    let mut table = Table::new([
        "recipe",
        "method",
        "features",
        "folds × seeds",
        "epochs",
        "RAVDESS UAR, %",
        "CREMA-D UAR, %",
        "accuracy, %",
        "macro F1, %",
    ])
    .words(&[1, 2]);
    let mut commands = Vec::new();
    for line in lines {
        let Some(measured) = line.speakers else {
            table.row([
                format!("`{}`", line.name),
                line.method.clone(),
                line.features.clone(),
                "0".to_owned(),
                String::new(),
                NOT_MEASURED.to_owned(),
                "–".to_owned(),
                "–".to_owned(),
                "–".to_owned(),
            ]);
            commands.push(line.command.clone());
            continue;
        };
        let corpus = |kind| {
            measured
                .corpus(kind)
                .map_or_else(|| "–".to_owned(), |part| spread(part.uar))
        };
        table.row([
            shown(&measured.series.name),
            line.method.clone(),
            line.features.clone(),
            format!(
                "{} × {}",
                measured.series.folds().len(),
                measured.series.seeds()
            ),
            epochs(measured),
            corpus(CorpusKind::Ravdess),
            corpus(CorpusKind::Cremad),
            measured
                .all()
                .map_or_else(|| "–".to_owned(), |part| spread(part.accuracy)),
            or_not(measured.all().map(|part| part.pooled.macro_f1)),
        ]);
        commands.extend(measured.series.commands());
    }
    commands.dedup();
    commands.push(context.options.command.clone());
    table
        .note("Mean ± standard deviation over folds and seeds; macro F1 over all clips together.")
        .made_by(commands)
}

fn random(context: &Context<'_>, lines: &[Compared<'_, '_>]) -> Table {
    let mut table = Table::new([
        "",
        "method",
        "features",
        "seeds",
        "accuracy, %",
        "precision, %",
        "recall, %",
        "F1, %",
    ])
    .words(&[1, 2]);
    for (name, [accuracy, precision, recall, f1]) in CLAIMS {
        table.row([name, "", "", "", accuracy, precision, recall, f1]);
    }
    let mut commands = Vec::new();
    for line in lines {
        let Some(measured) = line.paper else {
            table.row([
                format!("`{}`", line.name),
                line.method.clone(),
                line.features.clone(),
                "0".to_owned(),
                NOT_MEASURED.to_owned(),
                "–".to_owned(),
                "–".to_owned(),
                "–".to_owned(),
            ]);
            continue;
        };
        let all = measured.all();
        let pooled = all.map(|part| &part.pooled);
        table.row([
            shown(&measured.series.name),
            line.method.clone(),
            line.features.clone(),
            measured.series.seeds().to_string(),
            all.map_or_else(|| NOT_MEASURED.to_owned(), |part| spread(part.accuracy)),
            or_not(pooled.map(|all| all.macro_precision)),
            or_not(pooled.map(|all| all.uar)),
            or_not(pooled.map(|all| all.macro_f1)),
        ]);
        commands.extend(measured.series.commands());
    }
    commands.dedup();
    commands.push(context.options.command.clone());
    table
        .note(
            "Both corpora together; precision, recall and F1 are means over the eight emotions. The speakers of the tested tenth are known from training, so these \
             figures say little about strangers.",
        )
        .made_by(commands)
}

fn epochs(measured: &Measured<'_>) -> String {
    match measured.series.epochs() {
        0 => "–".to_owned(),
        most => {
            let least = measured.series.runs.iter().map(|run| run.epochs).min();
            match least {
                Some(least) if least < most => format!("{least}–{most}"),
                _ => most.to_string(),
            }
        }
    }
}
