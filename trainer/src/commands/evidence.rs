//! `undersong-trainer evidence`: from a folder of results to the page of evidence.
#![allow(
    clippy::print_stderr,
    reason = "says what was left out, for a person at the terminal"
)]

use std::path::PathBuf;

use clap::Args;

use super::{CommandError, write_and_tell};
use crate::evidence::{Options, evidence};
use crate::results::read_folder;

/// Arguments of `evidence`.
#[derive(Debug, Args)]
pub(super) struct EvidenceArgs {
    /// Folder of results.
    #[arg(long, value_name = "DIR", default_value = "trainer/results")]
    results: PathBuf,
    /// The page to write, without its ending: both PATH.md and PATH.html.
    #[arg(long, value_name = "PATH", default_value = "docs/evidence")]
    out: PathBuf,
    /// The recipe that is shipped: what most of the page is about.
    #[arg(long, value_name = "NAME", default_value = "undersong")]
    recipe: String,
}

/// Writes the page; a file that cannot be used is named, and the page is made of the others.
pub(super) fn run(args: &EvidenceArgs) -> Result<(), CommandError> {
    let folder = read_folder(&args.results)?;
    for problem in &folder.problems {
        eprintln!(
            "left out: {}: {}",
            args.results.join(&problem.file).display(),
            problem.problem
        );
    }
    let recipe = match args.recipe.as_str() {
        "undersong" => String::new(),
        other => format!(" --recipe {other}"),
    };
    let page = evidence(
        &folder,
        &Options {
            recipe: args.recipe.clone(),
            paper: "paper".to_owned(),
            command: format!(
                "undersong-trainer evidence --results {} --out {}{recipe}",
                args.results.display(),
                args.out.display()
            ),
        },
    );
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("--out {}: {error}", args.out.display()))?;
    }
    write_and_tell(
        &args.out.with_added_extension("md"),
        page.to_markdown().as_bytes(),
    )?;
    write_and_tell(
        &args.out.with_added_extension("html"),
        page.to_html().as_bytes(),
    )?;
    match folder.problems.len() {
        0 => Ok(()),
        problems => Err(format!(
            "{problems} of {} files were left out; the page is made of the others",
            problems + folder.runs.len() + folder.tables.len()
        )
        .into()),
    }
}
