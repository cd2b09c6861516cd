//! How right it is on people it has never heard.

use super::super::document::{Block, Section, Table};
use super::super::measured::{Measured, Part};
use super::super::series::{Family, How};
use super::super::words::{
    NOT_MEASURED, count, list, percent, plural, points, range, signed, spread, trained_for,
};
use super::{Context, crowd, missing};
use crate::corpus::CorpusKind;
use crate::evaluate::report::charts;
use crate::evaluate::{Confusion, Interval};

pub(super) fn section(context: &Context<'_>) -> Section {
    let mut blocks = Vec::new();
    match context.strangers() {
        None => blocks.push(missing(context)),
        Some(measured) => {
            blocks.push(Block::Text(about(measured)));
            blocks.push(Block::Tiles(tiles(measured)));
            blocks.push(Block::Heading("Fold by fold".to_owned()));
            blocks.push(Block::Table(folds(context, measured)));
            if let Some(scanned) = context.find(
                &context.options.recipe,
                |family| matches!(family, Family::Speakers(_)),
                How::Scanned,
            ) {
                blocks.push(Block::Heading(
                    "Whole clips, as `undersong scan` answers".to_owned(),
                ));
                blocks.push(Block::Table(folds(context, scanned)));
            }
            blocks.extend(profiles(context, measured));
            blocks.push(Block::Heading("By emotion".to_owned()));
            blocks.push(Block::Table(emotions(context, measured)));
            blocks.extend(confusions(measured));
            blocks.extend(crowd::blocks(context, measured));
        }
    }
    blocks.push(Block::Heading("Other protocols".to_owned()));
    blocks.push(Block::Table(protocols(context)));
    blocks.extend(context.tables("strangers"));
    Section {
        id: "strangers",
        title: "How right is it on strangers?".to_owned(),
        blocks,
    }
}

fn about(measured: &Measured<'_>) -> String {
    let series = &measured.series;
    let folds: Vec<String> = series.folds().iter().map(usize::to_string).collect();
    let speakers = measured.all().map_or(0, |part| part.pooled.speakers);
    let clips = measured.all().map_or(0, |part| part.pooled.clips);
    let stands = match series.current {
        true => "",
        false => " The recipe has changed since these runs, or other epochs were asked for.",
    };
    format!(
        "Recipe `{}`, {}, fold{} {} of actors, {}: {} of {} whom the network that answers had not heard, {}.{stands} The answer counts as right \
         where it is what the actor was asked to play.",
        series.recipe(),
        trained_for(
            series.first().map_or("", |run| run.settings.as_str()),
            series.epochs() as usize
        ),
        if folds.len() == 1 { "" } else { "s" },
        list(&folds),
        plural(series.seeds(), "seed"),
        plural(clips, "answer"),
        plural(speakers, "speaker"),
        series
            .first()
            .map_or("one window a clip", |run| run.measured_on.as_str()),
    )
}

fn tiles(measured: &Measured<'_>) -> Vec<[String; 3]> {
    let mut tiles = Vec::new();
    for part in &measured.parts {
        if part.name == "both" {
            tiles.push([
                "Accuracy, both".to_owned(),
                percent(part.accuracy.mean),
                interval_note(part.pooled.intervals.map(|all| all.accuracy)),
            ]);
        } else {
            tiles.push([
                format!("UAR, {}", part.name),
                percent(part.uar.mean),
                interval_note(part.pooled.intervals.map(|all| all.uar)),
            ]);
        }
    }
    tiles
}

fn interval_note(interval: Option<Interval>) -> String {
    match interval {
        Some(_) => format!("95\u{a0}% over actors: {}", range(interval)),
        None => String::new(),
    }
}

/// One line a corpus and figure, one column a fold.
fn folds(context: &Context<'_>, measured: &Measured<'_>) -> Table {
    let folds = measured.series.folds();
    let mut heads = vec!["%".to_owned()];
    heads.extend(folds.iter().map(|fold| format!("fold {fold}")));
    heads.extend(["mean ± sd", "all clips together", "95 % over actors"].map(str::to_owned));
    let mut table = Table::new(heads);
    for part in &measured.parts {
        let both = part.name == "both";
        let mut line =
            |name: String, value: fn(&super::super::measured::RunFigures) -> f64, all: &Part| {
                let mut cells = vec![name];
                for &fold in &folds {
                    // Several seeds of one fold stand as their mean.
                    let values: Vec<f64> = part
                        .runs
                        .iter()
                        .filter(|run| run.fold == Some(fold))
                        .map(value)
                        .collect();
                    cells.push(
                        super::super::measured::Spread::of(&values)
                            .map_or_else(|| NOT_MEASURED.to_owned(), |values| points(values.mean)),
                    );
                }
                cells.extend(match both {
                    true => [
                        spread(all.accuracy),
                        points(all.pooled.accuracy),
                        range(all.pooled.intervals.map(|all| all.accuracy)),
                    ],
                    false => [
                        spread(all.uar),
                        points(all.pooled.uar),
                        range(all.pooled.intervals.map(|all| all.uar)),
                    ],
                });
                table.row(cells);
            };
        match both {
            true => line("both, accuracy".to_owned(), |run| run.accuracy, part),
            false => line(format!("{}, UAR", part.name), |run| run.uar, part),
        }
    }
    table
        .note(
            "Mean and standard deviation over runs (folds and seeds); a fold has few actors, so one fold says little. The interval draws actors anew, \
             with replacement, within each corpus.",
        )
        .made_by(context.made_by(measured))
}

fn emotions(context: &Context<'_>, measured: &Measured<'_>) -> Table {
    let corpora: Vec<&Part> = CorpusKind::ALL
        .iter()
        .filter_map(|&kind| measured.corpus(kind))
        .collect();
    let mut heads = vec!["emotion".to_owned()];
    for part in &corpora {
        heads.push(format!("{}: clips", part.name));
        heads.push("recall, %".to_owned());
        heads.push("precision, %".to_owned());
        heads.push("F1, %".to_owned());
    }
    let mut table = Table::new(heads);
    let figure = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), points);
    for (place, label) in measured.series.labels().iter().enumerate() {
        let mut cells = vec![label.clone()];
        for part in &corpora {
            let class = part.pooled.per_class.get(place);
            cells.push(count(class.map_or(0, |class| class.clips)));
            cells.push(figure(class.and_then(|class| class.recall)));
            let precision = class
                .filter(|class| class.clips > 0)
                .and_then(|class| class.precision);
            cells.push(figure(precision));
            cells.push(figure(class.and_then(|class| class.f1)));
        }
        table.row(cells);
    }
    let mut macros = vec!["mean".to_owned()];
    for part in &corpora {
        macros.push(count(part.pooled.clips));
        macros.push(points(part.pooled.uar));
        macros.push(points(part.pooled.macro_precision));
        macros.push(points(part.pooled.macro_f1));
    }
    table.row(macros);
    table
        .note("All test clips together. The mean recall is the UAR; the means run over the emotions that the corpus has.")
        .made_by(context.made_by(measured))
}

fn confusions(measured: &Measured<'_>) -> Vec<Block> {
    let labels = measured.series.labels();
    let mut figures = Vec::new();
    let mut tables = Vec::new();
    for part in measured.parts.iter().filter(|part| part.name != "both") {
        figures.push(Block::Figure {
            svg: charts::confusion(labels, &part.pooled.confusion),
            caption: format!(
                "{}: share of each intended emotion's clips, with the clips below it; the outlined diagonal is right.",
                part.name
            ),
        });
        tables.push(Block::Table(matrix(
            &part.name,
            labels,
            &part.pooled.confusion,
        )));
    }
    let mut blocks = vec![Block::Heading("Who is taken for whom".to_owned())];
    blocks.extend(figures);
    blocks.push(Block::Details {
        summary: "The counts as tables".to_owned(),
        blocks: tables,
    });
    blocks
}

fn matrix(corpus: &str, labels: &[String], confusion: &Confusion) -> Table {
    let mut heads = vec![format!("{corpus}: intended \\ answer")];
    heads.extend(labels.iter().cloned());
    let mut table = Table::new(heads);
    for (label, line) in labels.iter().zip(confusion.lines()) {
        if line.iter().sum::<usize>() > 0 {
            table.row(std::iter::once(label.clone()).chain(line.iter().map(|&cell| count(cell))));
        }
    }
    table
}

/// The same networks, told how the speaker's ordinary voice sounds.
fn profiles(context: &Context<'_>, measured: &Measured<'_>) -> Vec<Block> {
    let shifted = context.shifted();
    if measured.profiled.is_none() && shifted.is_none() {
        return Vec::new();
    }
    let mut table = Table::new([
        "UAR, %",
        "folds",
        "without",
        "with a profile",
        "gain, points",
        "features shifted",
        "gain, points",
    ]);
    for part in measured.parts.iter().filter(|part| part.name != "both") {
        let of = |parts: &[Part]| {
            let with = parts.iter().find(|with| with.name == part.name)?;
            Some([spread(with.uar), signed(with.uar.mean - part.uar.mean)])
        };
        let missing = || [NOT_MEASURED.to_owned(), "–".to_owned()];
        let own = measured.profiled.as_deref().and_then(of);
        let shift = shifted.and_then(|shifted| of(&shifted.parts));
        let mut row = vec![
            part.name.clone(),
            part.runs.len().to_string(),
            spread(part.uar),
        ];
        row.extend(own.unwrap_or_else(missing));
        row.extend(shift.unwrap_or_else(missing));
        table.row(row);
    }
    let mut commands = context.made_by(measured);
    commands.extend(
        shifted
            .into_iter()
            .flat_map(|shifted| context.made_by(shifted)),
    );
    commands.sort_unstable();
    commands.dedup();
    vec![
        Block::Heading("With a profile of the speaker".to_owned()),
        Block::Table(
            table
                .note(
                    "What a minute of somebody's ordinary voice gives (`undersong calibrate`). The profile is made of the speaker's other neutral clips, never of the \
                     clip that is answered. It holds what this model answers to them: the model's scores are read against that, with the correction and everybody's mean \
                     from the other folds. Features shifted: the other way, whose networks have learned to see each coefficient against this voice's mean.",
                )
                .made_by(commands),
        ),
    ]
}

/// Random split and cross-corpus beside the folds of actors.
fn protocols(context: &Context<'_>) -> Table {
    let recipe = &context.options.recipe;
    let mut table = Table::new([
        "protocol",
        "tested on",
        "runs",
        "accuracy, %",
        "UAR, %",
        "95 % of the UAR",
    ])
    .words(&[1]);
    let mut commands = Vec::new();
    for (name, measured, command) in [
        (
            "unseen speakers",
            context.strangers(),
            "--protocol speakers --folds folds.csv --fold 0",
        ),
        (
            "random split (the paper's; speakers shared)",
            context.paper(recipe),
            "--protocol paper",
        ),
        (
            "learned from one corpus, tested on the other",
            context.cross(recipe),
            "--protocol cross --learn-from ravdess",
        ),
    ] {
        let Some(measured) = measured else {
            table.row([name, "", "0", NOT_MEASURED, NOT_MEASURED, ""]);
            commands.push(format!(
                "undersong-trainer train --recipe {recipe} {command} --ravdess DIR --cremad DIR --out runs/x"
            ));
            continue;
        };
        for part in &measured.parts {
            // Each direction of a cross-corpus run tests one corpus; together they are another thing.
            if name.starts_with("learned") && part.name == "both" {
                continue;
            }
            table.row([
                name.to_owned(),
                part.name.clone(),
                part.runs.len().to_string(),
                spread(part.accuracy),
                spread(part.uar),
                range(part.pooled.intervals.map(|all| all.uar)),
            ]);
        }
        commands.extend(measured.series.commands());
    }
    commands.push(context.options.command.clone());
    table
        .note(
            "With a random split a network is tested on voices that it knows; across corpora on other rooms, microphones and directions to the actors, \
             on the emotions that both corpora have.",
        )
        .made_by(commands)
}
