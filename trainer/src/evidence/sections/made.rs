//! How the figures came about, what they rest on, and which files were left out.

use super::super::document::{Block, Section, Table};
use super::super::words::{count, duration, plural};
use super::Context;
use crate::evaluate::RESAMPLES;

pub(super) fn section(context: &Context<'_>) -> Section {
    let mut blocks = vec![Block::List(vec![
        "**Unseen speakers**: five folds of actors, balanced by sex; each actor is tested once, by a network that learned from the other four folds. Augmentation \
         happens after the split, on training clips only, and files with identical sound are never on both sides."
            .to_owned(),
        "**Decisions**: recipes train for a fixed number of epochs and look at no held-out clip; a recipe that stops early validates on a tenth of the training \
         actors. SVM and KNN choose their settings on one fold of training actors. Temperature and threshold for a fold come from the other folds' predictions. \
         What this leaves: recipes were compared with each other on these same folds by people, so the figures of the chosen recipe are a little too good; and the \
         networks whose predictions calibrate a fold have learned from that fold's clips, which reaches it through two numbers only."
            .to_owned(),
        "**UAR** (unweighted average recall) is the mean recall over the emotions that have clips; every output counts as an answer, also one that a corpus has no \
         clips of."
            .to_owned(),
        format!(
            "**95 %** intervals: actors are drawn anew with replacement within each corpus, {} times, and the figure is taken each time over all clips together; \
             the interval runs from the 2.5th to the 97.5th percentile. Another training seed is not in it; the deviation over runs shows that.",
            count(RESAMPLES)
        ),
        "**Acted speech is not felt emotion.** The labels are what actors were asked to play, in two North American corpora of English."
            .to_owned(),
    ])];
    if !context.folder.problems.is_empty() {
        let mut table = Table::new(["file", "why it was left out"]).words(&[1]);
        for problem in &context.folder.problems {
            table.row([format!("`{}`", problem.file), problem.problem.clone()]);
        }
        blocks.push(Block::Warning(format!(
            "{} left out of every figure.",
            match context.folder.problems.len() {
                1 => "One file was".to_owned(),
                number => format!("{number} files were"),
            }
        )));
        blocks.push(Block::Table(table));
    }
    let mut files = Table::new([
        "file",
        "recipe",
        "protocol",
        "seed",
        "epochs",
        "time",
        "answers",
        "trainer",
        "model, SHA-256",
    ])
    .words(&[1, 2, 8]);
    for (name, run) in &context.folder.runs {
        files.row([
            format!("`{name}`"),
            run.recipe.clone(),
            run.protocol.describe(),
            run.seed.to_string(),
            match run.epochs {
                0 => "–".to_owned(),
                epochs => epochs.to_string(),
            },
            match run.seconds > 0.0 {
                true => duration(run.seconds),
                false => "–".to_owned(),
            },
            count(run.test.rows.len()),
            run.trainer.clone(),
            match run.model_sha256.get(..16) {
                Some(start) => format!("`{start}…`"),
                None => "–".to_owned(),
            },
        ]);
    }
    let summary = format!(
        "What the figures rest on: {}",
        plural(context.folder.runs.len(), "run")
    );
    blocks.push(Block::Details {
        summary,
        blocks: vec![Block::Table(files)],
    });
    Section {
        id: "made",
        title: "How these figures were made".to_owned(),
        blocks,
    }
}
