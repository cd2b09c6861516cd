//! The model's answers beside what listeners heard by voice alone.

use super::super::document::{Block, Table};
use super::super::measured::Measured;
use super::super::words::{count, percent, plural, points, range};
use super::Context;
use crate::evaluate::{Metrics, Row};
use crate::results::votes_of;

/// Against what listeners heard by voice alone.
pub(super) fn blocks(context: &Context<'_>, measured: &Measured<'_>) -> Vec<Block> {
    let labels = measured.series.labels();
    // Answers with the emotion that most listeners chose as their truth; and those where several were chosen equally often.
    let mut heard: Vec<Row> = Vec::new();
    let mut intended: Vec<&Row> = Vec::new();
    let (mut ties, mut among, mut agree) = (0_usize, 0_usize, 0_usize);
    for run in &measured.series.runs {
        for row in &run.test.rows {
            let Some(votes) = run.votes.get(&row.name) else {
                continue;
            };
            match votes_of(labels, votes).as_slice() {
                [] => {}
                [one] => {
                    heard.push(Row {
                        truth: *one,
                        ..row.clone()
                    });
                    intended.push(row);
                    agree += usize::from(*one == row.truth);
                }
                several => {
                    ties += 1;
                    among += usize::from(several.contains(&row.answer()));
                }
            }
        }
    }
    let mut blocks = vec![Block::Heading("Against what people hear".to_owned())];
    if heard.is_empty() {
        blocks.push(Block::Text(
            "Not measured: the results hold no listeners' votes (CREMA-D's `tabulatedVotes.csv`, voice only).".to_owned(),
        ));
        return blocks;
    }
    let rows: Vec<&Row> = heard.iter().collect();
    let against_heard = Metrics::of(labels, &rows);
    let against_intended = Metrics::of(labels, &intended);
    let mut table = Table::new([
        "CREMA-D, clips with one leading vote",
        "answers",
        "accuracy, %",
        "95 % over actors",
        "UAR, %",
    ]);
    let line = |name: &str, metrics: &Metrics| {
        [
            name.to_owned(),
            count(metrics.clips),
            points(metrics.accuracy),
            range(metrics.intervals.map(|all| all.accuracy)),
            points(metrics.uar),
        ]
    };
    table.row(line(
        "the model, against what the actor was asked to play",
        &against_intended,
    ));
    table.row(line(
        "the model, against what most listeners heard",
        &against_heard,
    ));
    table.row([
        "the listeners' leading vote, against what the actor was asked to play".to_owned(),
        count(heard.len()),
        points(agree as f64 / heard.len() as f64),
        String::new(),
        String::new(),
    ]);
    blocks.push(Block::Table(
        table
            .note(format!(
                "Listeners heard the voice without the picture and chose among CREMA-D's six emotions. {} had several leading emotions and {} not in the table; \
                 in {} of these the model's answer was among them. The votes are of one crowd: a leading vote is what most heard, not what is true.",
                plural(ties, "answer"),
                if ties == 1 { "is" } else { "are" },
                percent((ties > 0).then(|| among as f64 / ties as f64)),
            ))
            .made_by(context.made_by(measured)),
    ));
    blocks
}
