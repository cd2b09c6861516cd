//! `undersong-trainer why`: whether explanations point at what the answers hang on.
#![allow(
    clippy::print_stderr,
    reason = "progress is for a person at the terminal"
)]

use std::path::PathBuf;

use clap::Args;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use undersong_core::engine::EngineChoice;
use undersong_core::scan::{ScanOptions, Scanner};

use super::subject::{self, command_line, measured_on, part};
use super::{CommandError, CorpusArgs, open, write};
use crate::why::{Answer, Why, answer};

/// Arguments of `why`.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// Folder of a finished run: its model, on its own test part. May be given more than once (the folds of one recipe).
    #[arg(long = "run", value_name = "DIR", required = true)]
    runs: Vec<PathBuf>,
    #[command(flatten)]
    corpora: CorpusArgs,
    /// Table of folds (columns corpus, speaker, fold) that the runs were dealt by.
    #[arg(long, value_name = "FILE")]
    folds: Option<PathBuf>,
    /// Clips of each run's test part, drawn by the seed.
    #[arg(long, value_name = "N", default_value_t = 100)]
    clips: usize,
    /// Seed of the draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Which engine runs the model: auto, cuda, cpu or builtin.
    #[arg(long, default_value = "auto")]
    engine: EngineChoice,
    /// Where the table goes, as a section of the evidence page.
    #[arg(long, value_name = "FILE")]
    table: PathBuf,
}

/// Explains the strongest window of each clip drawn, and asks the model again without what the explanation names.
pub(super) fn run(args: &WhyArgs) -> Result<(), CommandError> {
    let subjects = subject::of_runs(&args.runs, args.folds.as_deref())?;
    let first = subjects.first().ok_or("no run was given")?;
    let workbench = open(&args.corpora, &first.model.metadata().features)?;
    let mut answers: Vec<Answer> = Vec::new();
    let mut without_voice = 0;
    for subject in &subjects {
        let mut clips = part(&workbench, subject)?;
        let mut random = ChaCha8Rng::seed_from_u64(args.seed);
        clips.shuffle(&mut random);
        clips.truncate(args.clips);
        let options = ScanOptions {
            engine: args.engine,
            delivery: false,
            ..ScanOptions::default()
        };
        let scanner = Scanner::new(&subject.model, options)?;
        let bar = indicatif::ProgressBar::new(clips.len() as u64);
        for clip in clips {
            let clip = &workbench.clips()[clip];
            match answer(&scanner, clip, &mut random)? {
                Some(answer) => answers.push(answer),
                None => without_voice += 1,
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
    }
    let why = Why {
        model: first.model.metadata().name.clone(),
        measured_on: measured_on(&subjects),
        command: command_line(),
        answers,
        without_voice,
    };
    let mut json = serde_json::to_vec_pretty(&why.table())?;
    json.push(b'\n');
    write(&args.table, &json)?;
    eprintln!("{}", why.table().note);
    Ok(())
}
