//! What was tried: every recipe in the folder that neither ships nor is compared, beside the one that ships on the same runs.

use super::super::document::{Block, Section, Table};
use super::super::measured::{Measured, Part};
use super::super::series::{Family, How, Series};
use super::super::words::{list, signed, spread};
use super::Context;
use crate::compare::plan;
use crate::corpus::CorpusKind;
use crate::recipe::Recipe;
use crate::results::{Protocol, RunResult};

pub(super) fn section(context: &Context<'_>) -> Section {
    let mut table = Table::new([
        "recipe",
        "what it is",
        "epochs",
        "tested on",
        "RAVDESS UAR, %",
        "against, points",
        "CREMA-D UAR, %",
        "against, points",
    ])
    .words(&[1, 3]);
    let mut commands = Vec::new();
    for tried in context.all.iter().filter(|one| is_tried(context, one)) {
        let base = base(context, &tried.series);
        let mut row = vec![
            shown(&tried.series.name),
            description(&tried.series),
            tried.series.epochs().to_string(),
            tested(&tried.series),
        ];
        for kind in CorpusKind::ALL {
            let part = tried.corpus(kind);
            let against = base.as_ref().and_then(|base| base.corpus(kind));
            row.push(part.map_or_else(|| "–".to_owned(), |part| spread(part.uar)));
            row.push(difference(part, against));
        }
        table.row(row);
        commands.extend(tried.series.commands());
    }
    let blocks = if commands.is_empty() {
        vec![Block::Text(
            "No results of other recipes are in the folder of results.".to_owned(),
        )]
    } else {
        commands.dedup();
        commands.push(context.options.command.clone());
        vec![
            Block::Text(format!(
                "Other recipes, and earlier ones of the same name, on the same folds and seeds as `{}` as it ships; \"against\" is the difference to it there. Seeds of one recipe \
                 on one fold scatter by about 2 points on RAVDESS and 0.5 on CREMA-D, so one fold ranks ideas and proves none.",
                context.options.recipe
            )),
            Block::Table(
                table
                    .note(
                        "A dash: that corpus was not tested, or the recipe that ships was not measured on the same runs. Recipes that do not come with the trainer are in \
                         `trainer/recipes/tried`.",
                    )
                    .made_by(commands),
            ),
        ]
    };
    Section {
        id: "tried",
        title: "What was tried?".to_owned(),
        blocks,
    }
}

/// Neither what ships nor one of the comparison's methods; as they would be made now.
fn is_tried(context: &Context<'_>, one: &Measured<'_>) -> bool {
    let ships = ships(context, &one.series.family).is_some_and(|ships| std::ptr::eq(ships, one));
    let compared = plan()
        .iter()
        .any(|entry| entry.name == one.series.recipe() && entry.name != context.options.recipe);
    one.series.how() == How::Plain && !ships && !compared
}

/// What the page shows of the recipe that ships, under a protocol.
fn ships<'c, 'a>(context: &'c Context<'a>, family: &Family) -> Option<&'c Measured<'a>> {
    let recipe = &context.options.recipe;
    match family {
        Family::Speakers(_) => context.speakers(recipe),
        Family::Paper => context.paper(recipe),
        Family::Cross => context.cross(recipe),
    }
}

/// The recipe that ships, on the runs that this one has.
fn base<'a>(context: &Context<'a>, tried: &Series<'_>) -> Option<Measured<'a>> {
    let ships = &ships(context, &tried.family)?.series;
    let same = |run: &&RunResult| {
        tried
            .runs
            .iter()
            .any(|other| other.protocol == run.protocol && other.seed == run.seed)
    };
    let runs: Vec<&RunResult> = ships.runs.iter().copied().filter(same).collect();
    (runs.len() == tried.runs.len()).then(|| {
        Measured::of(Series {
            runs,
            ..ships.clone()
        })
    })
}

fn difference(part: Option<&Part>, against: Option<&Part>) -> String {
    match (part, against) {
        (Some(part), Some(against)) => signed(part.uar.mean - against.uar.mean),
        _ => "–".to_owned(),
    }
}

/// The recipe's own sentence on itself.
fn description(series: &Series<'_>) -> String {
    series
        .first()
        .and_then(|run| Recipe::parse(&run.settings, &run.recipe).ok())
        .map_or_else(|| "–".to_owned(), |recipe| recipe.description)
}

/// `folds 0 and 1`, `CREMA-D, learned from RAVDESS`.
fn tested(series: &Series<'_>) -> String {
    match &series.family {
        Family::Paper => "the paper's random tenth".to_owned(),
        Family::Speakers(_) => {
            let folds: Vec<String> = series.folds().iter().map(ToString::to_string).collect();
            let word = if folds.len() == 1 { "fold" } else { "folds" };
            format!("{word} {}", list(&folds))
        }
        Family::Cross => {
            let ways: Vec<String> = series
                .runs
                .iter()
                .filter_map(|run| match &run.protocol {
                    Protocol::Cross {
                        learned_from,
                        tested_on,
                    } => Some(format!("{tested_on}, learned from {learned_from}")),
                    _ => None,
                })
                .collect();
            list(&ways)
        }
    }
}

/// A series' name as a table shows it, marked where it is not as it would be made now.
pub(super) fn shown(name: &str) -> String {
    match name.split_once(' ') {
        Some((name, rest)) => format!("`{name}` {rest}"),
        None => format!("`{name}`"),
    }
}
