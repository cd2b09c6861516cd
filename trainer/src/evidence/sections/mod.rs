//! The page's sections, one file a question.

mod compared;
mod crowd;
mod made;
mod reach;
mod strangers;
mod sure;
mod tried;
mod whom;

use super::Options;
use super::document::{Block, Document, Section, Table};
use super::measured::Measured;
use super::series::{Family, How, series};
use super::words::{NOT_MEASURED, points};
use crate::results::{Cell, Folder, TableFile};

/// What every section may look at.
pub(super) struct Context<'a> {
    pub(super) folder: &'a Folder,
    pub(super) options: &'a Options,
    /// Every series, measured.
    pub(super) all: Vec<Measured<'a>>,
}

pub(super) fn all(folder: &Folder, options: &Options) -> Document {
    let context = Context {
        folder,
        options,
        all: series(folder).into_iter().map(Measured::of).collect(),
    };
    let sections = vec![
        strangers::section(&context),
        reach::section(&context),
        compared::section(&context),
        tried::section(&context),
        sure::section(&context),
        tables_only(
            &context,
            "robust",
            "How does it stand up to noise, rooms, level and short windows?",
        ),
        whom::section(&context),
        tables_only(&context, "why", "Why this answer?"),
        made::section(&context),
    ];
    Document {
        title: "Evidence".to_owned(),
        lead: format!(
            "How well Undersong's models hear emotion in voices, measured on acted speech (RAVDESS, CREMA-D). Every figure is computed from the \
             files of results in the repository by `{}`; nothing is entered by hand. What was not measured says so.",
            options.command
        ),
        sections,
    }
}

impl<'a> Context<'a> {
    /// The series of a recipe under a kind of protocol: as the recipe stands now before older versions, more runs before fewer.
    fn find(&self, recipe: &str, family: fn(&Family) -> bool, how: How) -> Option<&Measured<'a>> {
        self.all
            .iter()
            .filter(|one| {
                one.series.recipe() == recipe
                    && family(&one.series.family)
                    && one.series.how() == how
            })
            .max_by_key(|one| {
                (
                    one.series.current,
                    one.series.labels().len(),
                    one.series.runs.len(),
                )
            })
    }

    /// The shipped recipe on unseen speakers: what most of the page is about.
    fn strangers(&self) -> Option<&Measured<'a>> {
        self.speakers(&self.options.recipe)
    }

    fn speakers(&self, recipe: &str) -> Option<&Measured<'a>> {
        self.find(
            recipe,
            |family| matches!(family, Family::Speakers(_)),
            How::Plain,
        )
    }

    /// The shipped recipe's networks with their features shifted to each speaker; only where the same folds were measured without.
    fn shifted(&self) -> Option<&Measured<'a>> {
        let recipe = &self.options.recipe;
        let shifted = self.find(
            recipe,
            |family| matches!(family, Family::Speakers(_)),
            How::Shifted,
        )?;
        let plain = self.strangers()?;
        let same = shifted.series.family == plain.series.family
            && shifted.series.folds() == plain.series.folds()
            && shifted.series.current == plain.series.current
            && shifted.series.runs.len() == plain.series.runs.len();
        same.then_some(shifted)
    }

    fn paper(&self, recipe: &str) -> Option<&Measured<'a>> {
        self.find(recipe, |family| *family == Family::Paper, How::Plain)
    }

    fn cross(&self, recipe: &str) -> Option<&Measured<'a>> {
        self.find(recipe, |family| *family == Family::Cross, How::Plain)
    }

    /// A series' commands, and the one that makes the page.
    fn made_by(&self, measured: &Measured<'_>) -> Vec<String> {
        let mut commands = measured.series.commands();
        commands.push(self.options.command.clone());
        commands
    }

    /// The tables that something else measured for a section, as blocks.
    fn tables(&self, section: &str) -> Vec<Block> {
        let mut tables: Vec<&(String, TableFile)> = self
            .folder
            .tables
            .iter()
            .filter(|(_, table)| table.section == section)
            .collect();
        tables.sort_by_key(|(file, table)| (table.order, file.clone()));
        tables
            .into_iter()
            .flat_map(|(_, table)| {
                [
                    Block::Heading(table.title.clone()),
                    Block::Table(given(table)),
                ]
            })
            .collect()
    }
}

/// A table file as a table of the page.
fn given(table: &TableFile) -> Table {
    let mut shown = Table::new(table.columns.clone())
        .note(table.note.clone())
        .made_by(vec![table.command.clone()]);
    for row in &table.rows {
        shown.row(row.iter().map(|cell| match cell {
            Cell::Text(text) => text.clone(),
            Cell::Number(number) if number.fract() == 0.0 => format!("{number:.0}"),
            Cell::Number(number) => format!("{number:.1}"),
            Cell::Nothing => NOT_MEASURED.to_owned(),
        }));
    }
    // A figure with its interval, `2.9 (2.1 to 3.7)`, is a figure.
    let words: Vec<usize> = (1..table.columns.len())
        .filter(|&column| {
            table.rows.iter().any(|row| {
                matches!(row.get(column), Some(Cell::Text(text)) if text.starts_with(char::is_alphabetic) && text.len() > 12)
            })
        })
        .collect();
    shown.words(&words)
}

/// A section that holds nothing but tables from files.
fn tables_only(context: &Context<'_>, key: &'static str, title: &str) -> Section {
    let mut blocks = context.tables(key);
    if blocks.is_empty() {
        blocks.push(Block::Text(format!(
            "Not measured: no table for this section (`\"section\": \"{key}\"`) is in the folder of results."
        )));
    }
    Section {
        id: key,
        title: title.to_owned(),
        blocks,
    }
}

/// What a section says where the runs it needs are missing.
fn missing(context: &Context<'_>) -> Block {
    Block::Warning(format!(
        "Not measured: no run of recipe `{}` on unseen speakers is in the folder of results. `undersong-trainer train --recipe {} --protocol speakers \
         --folds folds.csv --fold 0 --ravdess DIR --cremad DIR --out runs/x`, then `undersong-trainer collect --run runs/x`.",
        context.options.recipe, context.options.recipe
    ))
}

/// A share, or that it was not measured.
fn or_not(value: Option<f64>) -> String {
    value.map_or_else(|| NOT_MEASURED.to_owned(), points)
}
