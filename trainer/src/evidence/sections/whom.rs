//! For whom it is worse.

use super::super::difference::accuracy_difference;
use super::super::document::{Block, Section, Table};
use super::super::forest::{Line, forest};
use super::super::measured::Measured;
use super::super::words::{count, points, range, signed, signed_range};
use super::{Context, missing};
use crate::corpus::CorpusKind;
use crate::evaluate::{
    Estimate, FEW_SPEAKERS, FairGroup, FairnessPart, Row, fairness, fairness_sentences,
};

pub(super) fn section(context: &Context<'_>) -> Section {
    let mut blocks = Vec::new();
    match context.strangers() {
        None => blocks.push(missing(context)),
        Some(measured) => blocks.extend(shown(context, measured)),
    }
    blocks.extend(context.tables("whom"));
    Section {
        id: "whom",
        title: "For whom is it worse?".to_owned(),
        blocks,
    }
}

fn shown(context: &Context<'_>, measured: &Measured<'_>) -> Vec<Block> {
    let rows: Vec<&Row> = measured.rows().collect();
    let parts = fairness(measured.series.labels().len(), &rows);
    let mut blocks = vec![
        Block::Text(
            "Groups are as the corpora state them: RAVDESS states sex, CREMA-D sex, age, race and ethnicity. Where an interval of a difference holds 0, the \
             difference may be the actors and not the group."
                .to_owned(),
        ),
        Block::List(fairness_sentences(&parts)),
        Block::Heading("Women and men".to_owned()),
        Block::Table(differences(context, measured)),
    ];
    if let Some(recall) = recall_by_sex(context, measured, &parts) {
        blocks.push(Block::Table(recall));
    }
    for part in &parts {
        let corpus_attribute = format!("{}, by {}", part.corpus, part.attribute);
        blocks.push(Block::Heading(corpus_attribute));
        if part.attribute != "sex" {
            blocks.push(drawing(part));
        }
        blocks.push(Block::Table(groups(context, measured, part)));
    }
    for attribute in ["age", "race"] {
        if !parts.iter().any(|part| part.attribute == attribute) {
            blocks.push(Block::Text(format!(
                "By {attribute}: not measured, since the results do not hold it or hold one group only (CREMA-D's `VideoDemographics.csv`)."
            )));
        }
    }
    blocks
}

fn actors(group: &FairGroup) -> String {
    let few = if group.few_speakers { " *" } else { "" };
    format!("{}{few}", group.name)
}

fn drawing(part: &FairnessPart) -> Block {
    let lines: Vec<Line> = part
        .groups
        .iter()
        .map(|group| Line {
            name: format!("{} ({})", group.name, group.speakers),
            value: group.uar.value,
            interval: group.uar.interval,
            second: group.few_speakers,
        })
        .collect();
    Block::Figure {
        svg: forest("UAR (in brackets: actors)", &lines),
        caption: format!(
            "{}, by {}: UAR with its 95 % interval over actors; the other colour marks groups of fewer than {FEW_SPEAKERS} actors.",
            part.corpus, part.attribute
        ),
    }
}

fn groups(context: &Context<'_>, measured: &Measured<'_>, part: &FairnessPart) -> Table {
    let mut table = Table::new([
        part.attribute.as_str(),
        "actors",
        "answers",
        "accuracy, %",
        "95 %",
        "UAR, %",
        "95 %",
        "accuracy against the others, points",
        "95 %",
    ]);
    for group in &part.groups {
        let gap = group.gap.map(|gap| gap.accuracy);
        table.row([
            actors(group),
            count(group.speakers),
            count(group.clips),
            points(group.accuracy.value),
            range(group.accuracy.interval),
            points(group.uar.value),
            range(group.uar.interval),
            gap.map_or_else(|| "–".to_owned(), |gap| signed(gap.value)),
            signed_range(gap.and_then(|gap| gap.interval)),
        ]);
    }
    let note = match part.groups.iter().any(|group| group.few_speakers) {
        true => format!("*: fewer than {FEW_SPEAKERS} actors, too few to speak for anybody else."),
        false => String::new(),
    };
    table.note(note).made_by(context.made_by(measured))
}

fn of_sex<'a>(measured: &Measured<'a>, corpus: Option<CorpusKind>, sex: &str) -> Vec<&'a Row> {
    measured
        .rows()
        .filter(|row| row.sex.as_deref() == Some(sex))
        .filter(|row| corpus.is_none_or(|corpus| row.corpus == corpus.title()))
        .collect()
}

/// How much more often women are named right than men, over all corpora.
pub(super) fn women_above_men(measured: &Measured<'_>) -> Option<f64> {
    accuracy_difference(
        &of_sex(measured, None, "female"),
        &of_sex(measured, None, "male"),
    )
    .map(|(difference, _)| difference)
}

fn differences(context: &Context<'_>, measured: &Measured<'_>) -> Table {
    let mut table = Table::new([
        "accuracy, %",
        "women",
        "men",
        "women above men, points",
        "95 % over actors",
    ]);
    let corpora = CorpusKind::ALL
        .iter()
        .map(|&kind| (kind.title(), Some(kind)))
        .chain([("both", None)]);
    for (name, corpus) in corpora {
        let (women, men) = (
            of_sex(measured, corpus, "female"),
            of_sex(measured, corpus, "male"),
        );
        let Some((difference, interval)) = accuracy_difference(&women, &men) else {
            continue;
        };
        let accuracy = |rows: &[&Row]| {
            points(rows.iter().filter(|row| row.is_right()).count() as f64 / rows.len() as f64)
        };
        table.row([
            name.to_owned(),
            accuracy(&women),
            accuracy(&men),
            signed(difference),
            signed_range(interval),
        ]);
    }
    table.made_by(context.made_by(measured))
}

fn recall_by_sex(
    context: &Context<'_>,
    measured: &Measured<'_>,
    parts: &[FairnessPart],
) -> Option<Table> {
    let groups: Vec<(&FairnessPart, &FairGroup)> = parts
        .iter()
        .filter(|part| part.attribute == "sex")
        .flat_map(|part| part.groups.iter().map(move |group| (part, group)))
        .collect();
    if groups.is_empty() {
        return None;
    }
    let mut heads = vec!["recall, %".to_owned()];
    heads.extend(
        groups
            .iter()
            .map(|(part, group)| format!("{}, {}", part.corpus, group.name)),
    );
    let shown = |recall: Option<Estimate>| {
        recall.map_or_else(
            || "–".to_owned(),
            |recall| match recall.interval {
                Some(_) => format!("{} ({})", points(recall.value), range(recall.interval)),
                None => points(recall.value),
            },
        )
    };
    let mut table = Table::new(heads);
    for (place, label) in measured.series.labels().iter().enumerate() {
        let recalls = groups
            .iter()
            .map(|(_, group)| shown(group.recall.get(place).copied().flatten()));
        table.row(std::iter::once(label.clone()).chain(recalls));
    }
    Some(
        table
            .note("In brackets: 95 % over actors.")
            .made_by(context.made_by(measured)),
    )
}
