//! The figures that were to be reached, and whether they were: computed, not judged.

use super::super::calibrated::Calibrated;
use super::super::document::{Block, Section, Table};
use super::super::measured::Measured;
use super::super::words::NOT_MEASURED;
use super::{Context, whom};
use crate::corpus::CorpusKind;
use crate::evaluate::Row;

/// A figure to reach, as the project's goals state it.
struct Goal {
    name: &'static str,
    /// What the paper's recipe and the best known gave before, in words.
    paper: &'static str,
    best_known: &'static str,
    reach: f64,
    beyond: f64,
    better: Better,
    decimals: usize,
    /// Whether it rests on the folds of unseen speakers.
    over_folds: bool,
    measure: fn(&Context<'_>) -> Option<f64>,
    /// Whether the paper's recipe can be measured the same way from the same files.
    paper_now: Option<fn(&Context<'_>) -> Option<f64>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Better {
    Higher,
    Lower,
}

const GOALS: [Goal; 13] = [
    Goal {
        name: "unseen speakers, RAVDESS, 8 classes, UAR, %",
        paper: "36.1",
        best_known: "65.1",
        reach: 68.0,
        beyond: 74.0,
        better: Better::Higher,
        decimals: 1,
        over_folds: true,
        measure: |context| uar(context.strangers(), CorpusKind::Ravdess),
        paper_now: Some(|context| {
            uar(
                context.speakers(&context.options.paper),
                CorpusKind::Ravdess,
            )
        }),
    },
    Goal {
        name: "unseen speakers, CREMA-D, 6 classes, UAR, %",
        paper: "53.4",
        best_known: "66.4",
        reach: 68.0,
        beyond: 72.0,
        better: Better::Higher,
        decimals: 1,
        over_folds: true,
        measure: |context| uar(context.strangers(), CorpusKind::Cremad),
        paper_now: Some(|context| {
            uar(context.speakers(&context.options.paper), CorpusKind::Cremad)
        }),
    },
    Goal {
        name: "random split (the paper's), accuracy, both, %",
        paper: "62.0",
        best_known: "72.1",
        reach: 76.0,
        beyond: 82.4,
        better: Better::Higher,
        decimals: 1,
        over_folds: false,
        measure: |context| accuracy(context.paper(&context.options.recipe)),
        paper_now: Some(|context| accuracy(context.paper(&context.options.paper))),
    },
    Goal {
        name: "train on one corpus, test on the other, shared classes, UAR, % (mean of both directions)",
        paper: "–",
        best_known: "–",
        reach: 48.0,
        beyond: 58.0,
        better: Better::Higher,
        decimals: 1,
        over_folds: false,
        measure: |context| both_directions(context.cross(&context.options.recipe)),
        paper_now: Some(|context| both_directions(context.cross(&context.options.paper))),
    },
    Goal {
        name: "ECE after calibration",
        paper: "0.051",
        best_known: "0.049",
        reach: 0.03,
        beyond: 0.02,
        better: Better::Lower,
        decimals: 3,
        over_folds: true,
        measure: |context| Some(calibrated(context.strangers())?.after.ece),
        paper_now: Some(|context| {
            Some(
                calibrated(context.speakers(&context.options.paper))?
                    .after
                    .ece,
            )
        }),
    },
    Goal {
        name: "accuracy at 60\u{a0}% coverage above that at 100\u{a0}%, points",
        paper: "+9.5",
        best_known: "+12.7",
        reach: 13.0,
        beyond: 16.0,
        better: Better::Higher,
        decimals: 1,
        over_folds: true,
        measure: |context| gained_at_60(context.strangers()),
        paper_now: Some(|context| gained_at_60(context.speakers(&context.options.paper))),
    },
    Goal {
        name: "UAR lost at 10 dB SNR noise, RAVDESS, points",
        paper: "–",
        best_known: "3.3",
        reach: 3.0,
        beyond: 1.5,
        better: Better::Lower,
        decimals: 1,
        over_folds: false,
        measure: |context| given(context, "uar_lost_noise_10db_ravdess_points"),
        paper_now: None,
    },
    Goal {
        name: "UAR lost at 10 dB SNR noise, CREMA-D, points",
        paper: "–",
        best_known: "4.8",
        reach: 4.0,
        beyond: 2.0,
        better: Better::Lower,
        decimals: 1,
        over_folds: false,
        measure: |context| given(context, "uar_lost_noise_10db_cremad_points"),
        paper_now: None,
    },
    Goal {
        name: "UAR lost at ± 20 dB level, points",
        paper: "–",
        best_known: "~0",
        reach: 0.5,
        beyond: 0.0,
        better: Better::Lower,
        decimals: 1,
        over_folds: false,
        measure: |context| given(context, "uar_lost_level_20db_points"),
        paper_now: None,
    },
    Goal {
        name: "2 s window anywhere in the clip, UAR lost, points",
        paper: "–",
        best_known: "–",
        reach: 3.0,
        beyond: 1.0,
        better: Better::Lower,
        decimals: 1,
        over_folds: false,
        measure: |context| given(context, "uar_lost_window_2s_points"),
        paper_now: None,
    },
    Goal {
        name: "1 s window anywhere in the clip, UAR lost, points",
        paper: "–",
        best_known: "–",
        reach: 12.0,
        beyond: 7.0,
        better: Better::Lower,
        decimals: 1,
        over_folds: false,
        measure: |context| given(context, "uar_lost_window_1s_points"),
        paper_now: None,
    },
    Goal {
        name: "difference between men and women, accuracy, points",
        paper: "–",
        best_known: "3.6",
        reach: 3.0,
        beyond: 1.5,
        better: Better::Lower,
        decimals: 1,
        over_folds: true,
        measure: |context| Some(whom::women_above_men(context.strangers()?)?.abs() * 100.0),
        paper_now: Some(|context| {
            let paper = context.speakers(&context.options.paper)?;
            Some(whom::women_above_men(paper)?.abs() * 100.0)
        }),
    },
    Goal {
        name: "gain from speaker calibration, CREMA-D UAR, points",
        paper: "–",
        best_known: "4.8 (bound)",
        reach: 3.0,
        beyond: 5.0,
        better: Better::Higher,
        decimals: 1,
        over_folds: true,
        measure: |context| {
            let measured = context.strangers()?;
            let without = uar(Some(measured), CorpusKind::Cremad)?;
            let with = measured.profiled_corpus(CorpusKind::Cremad)?;
            Some(with.uar.mean * 100.0 - without)
        },
        paper_now: None,
    },
];

pub(super) fn section(context: &Context<'_>) -> Section {
    let mut table = Table::new([
        "figure",
        "measured",
        "",
        "to reach",
        "beyond",
        "best known before",
        "paper's recipe, before",
        "paper's recipe, here",
    ])
    .words(&[2]);
    // Fewer than five folds are said so beside each verdict that rests on them.
    let folds = context
        .strangers()
        .map(|measured| measured.series.folds().len())
        .filter(|folds| *folds < 5);
    for goal in &GOALS {
        let measured = (goal.measure)(context).map(|value| round(value, goal.decimals));
        let paper = goal.paper_now.and_then(|measure| measure(context));
        let number = |value: f64| {
            // Nothing is nothing rather than minus nothing.
            let tens = 10_f64.powi(i32::try_from(goal.decimals).unwrap_or(0));
            let rounded = (value * tens).round() / tens + 0.0;
            format!("{rounded:.0$}", goal.decimals).replace('-', "−")
        };
        let shown = measured.map_or_else(|| NOT_MEASURED.to_owned(), number);
        let said = measured.map_or_else(String::new, |value| {
            let few = folds.filter(|_| goal.over_folds);
            match few {
                Some(folds) => format!("{}, {folds} of 5 folds", verdict(goal, value)),
                None => verdict(goal, value).to_owned(),
            }
        });
        table.row([
            goal.name.to_owned(),
            shown,
            said,
            number(goal.reach),
            number(goal.beyond),
            goal.best_known.to_owned(),
            goal.paper.to_owned(),
            paper.map_or_else(|| "–".to_owned(), number),
        ]);
    }
    let mut commands = Vec::new();
    let recipe = &context.options.recipe;
    for measured in [
        context.strangers(),
        context.paper(recipe),
        context.cross(recipe),
    ]
    .into_iter()
    .flatten()
    {
        commands.extend(measured.series.commands());
    }
    for (_, file) in &context.folder.tables {
        if !file.figures.is_empty() && !commands.contains(&file.command) {
            commands.push(file.command.clone());
        }
    }
    commands.push(context.options.command.clone());
    let mut blocks = vec![Block::Text(format!(
        "Recipe `{recipe}`. \"Reached\" compares the figure as it is shown here with the goal."
    ))];
    if let Some(folds) = folds {
        blocks.push(Block::Warning(format!(
            "Only {folds} of five folds of unseen speakers {} measured so far: the figures may still move by several points.",
            if folds == 1 { "is" } else { "are" },
        )));
    }
    blocks.push(Block::Table(
        table
            .note("\"Before\" are the figures that the goals were set against, measured elsewhere; \"here\" is the paper's recipe on this repository's results.")
            .made_by(commands),
    ));
    Section {
        id: "reach",
        title: "Figures to reach".to_owned(),
        blocks,
    }
}

/// The figure as it is shown, so that what a reader compares is what is compared.
fn round(value: f64, decimals: usize) -> f64 {
    let unit = 10.0_f64.powi(decimals as i32);
    (value * unit).round() / unit
}

fn verdict(goal: &Goal, value: f64) -> &'static str {
    let reaches = |target: f64| match goal.better {
        Better::Higher => value >= target,
        Better::Lower => value <= target,
    };
    if reaches(goal.beyond) {
        "**reached, and beyond**"
    } else if reaches(goal.reach) {
        "**reached**"
    } else {
        "not reached"
    }
}

fn uar(measured: Option<&Measured<'_>>, corpus: CorpusKind) -> Option<f64> {
    Some(measured?.corpus(corpus)?.uar.mean * 100.0)
}

fn accuracy(measured: Option<&Measured<'_>>) -> Option<f64> {
    Some(measured?.all()?.accuracy.mean * 100.0)
}

/// Both directions, or nothing: one alone is another figure.
fn both_directions(measured: Option<&Measured<'_>>) -> Option<f64> {
    let measured = measured?;
    let one = measured.corpus(CorpusKind::Ravdess)?.uar.mean;
    let other = measured.corpus(CorpusKind::Cremad)?.uar.mean;
    Some((one + other) / 2.0 * 100.0)
}

fn calibrated<'a>(measured: Option<&'a Measured<'_>>) -> Option<&'a Calibrated> {
    measured?.calibrated.as_ref().ok()
}

fn gained_at_60(measured: Option<&Measured<'_>>) -> Option<f64> {
    let calibrated = calibrated(measured)?;
    let right =
        |rows: &[Row]| rows.iter().filter(|row| row.is_right()).count() as f64 / rows.len() as f64;
    Some((calibrated.risk.accuracy_at_60 - right(&calibrated.rows)) * 100.0)
}

/// A figure that a table file gives.
fn given(context: &Context<'_>, name: &str) -> Option<f64> {
    context
        .folder
        .tables
        .iter()
        .find_map(|(_, table)| table.figures.get(name).copied())
}
