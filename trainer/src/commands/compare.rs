//! `undersong-trainer compare`: the paper's comparisons on the same folds.
//!
//! Classic methods run here; each network's training is a `train` in a process of its own, so that one that fails stops nothing and a run
//! that was broken off goes on where it was.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "progress and lists are for a person at the terminal"
)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use clap::{Args, ValueEnum};
use undersong_core::features::FeatureConfig;

use super::collect::put;
use super::{CommandError, CorpusArgs, open};
use crate::compare::{ClassicRun, Entry, FrameFeatures, Summariser, What, plan, run_classic};
use crate::corpus::parallel;
use crate::evaluate::Predictions;
use crate::results::{Protocol, RunResult, file_name, read};
use crate::split::{SpeakerFolds, Split};
use crate::workbench::{SplitChoice, Workbench};

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// List the methods, with about how long each takes, and what the folder of results has of them.
    #[arg(long)]
    list: bool,
    /// Only these methods, separated by commas; without it, all of them.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
    /// How clips are dealt.
    #[arg(long, value_enum, default_value = "speakers")]
    protocol: CompareProtocol,
    /// Table of folds (columns corpus, speaker, fold); without it, five are drawn by the seed.
    #[arg(long, value_name = "FILE")]
    folds: Option<PathBuf>,
    /// Only these folds, separated by commas; without it, all of them.
    #[arg(long = "fold", value_name = "N", value_delimiter = ',')]
    only_folds: Vec<usize>,
    /// Train networks for this many epochs instead of their recipes'.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Seed of every random choice.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder of results; what is there already is not made again.
    #[arg(long, value_name = "DIR", default_value = "trainer/results")]
    results: PathBuf,
    /// Folder for the networks' checkpoints.
    #[arg(long, value_name = "DIR", default_value = "runs/compare")]
    out: PathBuf,
    #[command(flatten)]
    corpora: CorpusArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CompareProtocol {
    /// 80/10/10 at random; speakers are shared between the parts.
    Paper,
    /// Folds of actors: nobody is heard in two parts.
    Speakers,
}

/// Runs what is missing of what was asked for; one that fails does not stop the others.
pub(super) fn run(args: &CompareArgs) -> Result<(), CommandError> {
    let entries = chosen(&args.only)?;
    let choices = choices(args)?;
    if args.list {
        return list(args, &entries, &choices);
    }
    std::fs::create_dir_all(&args.results)
        .map_err(|error| format!("--results {}: {error}", args.results.display()))?;
    let mut failed: Vec<String> = Vec::new();
    let mut bench = None;
    for entry in &entries {
        for choice in &choices {
            let place = args.results.join(name_of(entry, choice, args.seed));
            if place.is_file() && read(&place).is_ok_and(|result| is_same(&result, entry, args)) {
                eprintln!("{} is there already", place.display());
                continue;
            }
            let made = match entry.what {
                What::Network => network(args, entry, choice),
                What::Classic(..) => classic(args, entry, choice, &mut bench),
            };
            if let Err(error) = made.and_then(|result| put(&result, &args.results)) {
                eprintln!("{}, {}: {error}", entry.name, choice.describe());
                failed.push(format!("{}, {}", entry.name, choice.describe()));
            }
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "not made: {}; the same command tries these again and keeps the others",
            failed.join("; ")
        )
        .into()),
    }
}

/// The methods of these names; all if none is named.
fn chosen(names: &[String]) -> Result<Vec<Entry>, CommandError> {
    let plan = plan();
    if names.is_empty() {
        return Ok(plan);
    }
    names
        .iter()
        .map(|name| {
            plan.iter()
                .find(|entry| entry.name == name)
                .copied()
                .ok_or_else(|| {
                    let known: Vec<&str> = plan.iter().map(|entry| entry.name).collect();
                    format!(
                        "--only {name}: there is no such method; expected some of {}{}",
                        known.join(", "),
                        crate::nearest::hint(name, known.iter().copied())
                    )
                    .into()
                })
        })
        .collect()
}

/// The splits that were asked for.
fn choices(args: &CompareArgs) -> Result<Vec<SplitChoice>, CommandError> {
    if args.protocol == CompareProtocol::Paper {
        return Ok(vec![SplitChoice::Paper]);
    }
    let count = match &args.folds {
        Some(path) => SpeakerFolds::from_csv(path)?.count(),
        None => 5,
    };
    let folds: Vec<usize> = match args.only_folds.is_empty() {
        true => (0..count).collect(),
        false => args.only_folds.clone(),
    };
    if let Some(fold) = folds.iter().find(|fold| **fold >= count) {
        return Err(format!("--fold {fold}: the folds are 0 to {}", count - 1).into());
    }
    Ok(folds
        .into_iter()
        .map(|fold| SplitChoice::Speakers {
            folds: args.folds.clone(),
            fold,
        })
        .collect())
}

/// Whether a result is what this command would make: another number of epochs is another run.
fn is_same(result: &RunResult, entry: &Entry, args: &CompareArgs) -> bool {
    let epochs = |text: &str| {
        text.parse::<toml::Table>()
            .ok()
            .and_then(|table| table.get("training")?.get("epochs")?.as_integer())
    };
    match (entry.what, args.epochs) {
        (What::Network, Some(wanted)) => epochs(&result.settings) == Some(i64::from(wanted)),
        _ => true,
    }
}

/// The name of a result's file, before there is one.
fn name_of(entry: &Entry, choice: &SplitChoice, seed: u64) -> String {
    file_name(&blank(entry, choice, seed))
}

fn blank(entry: &Entry, choice: &SplitChoice, seed: u64) -> RunResult {
    RunResult {
        recipe: entry.name.to_owned(),
        method: entry.method.to_owned(),
        features: entry.features.to_owned(),
        settings: String::new(),
        protocol: choice.protocol(),
        seed,
        epochs: 0,
        seconds: 0.0,
        trainer: env!("CARGO_PKG_VERSION").to_owned(),
        model_sha256: String::new(),
        measured_on: "whole clips, one summary each".to_owned(),
        command: String::new(),
        test: Predictions::new(Vec::<String>::new()),
        validation: Predictions::new(Vec::<String>::new()),
        people: Default::default(),
        votes: HashMap::new(),
    }
}

fn list(
    args: &CompareArgs,
    entries: &[Entry],
    choices: &[SplitChoice],
) -> Result<(), CommandError> {
    println!(
        "{:<15} {:<27} {:<27} {:<10} time of one fold",
        "name", "method", "features", "done"
    );
    for entry in entries {
        let done = choices
            .iter()
            .filter(|choice| {
                args.results
                    .join(name_of(entry, choice, args.seed))
                    .is_file()
            })
            .count();
        println!(
            "{:<15} {:<27} {:<27} {:<10} {}",
            entry.name,
            entry.method,
            entry.features,
            format!("{done} of {}", choices.len()),
            entry.time
        );
    }
    Ok(())
}

/// Trains a network in a process of its own.
fn network(
    args: &CompareArgs,
    entry: &Entry,
    choice: &SplitChoice,
) -> Result<RunResult, CommandError> {
    let out = args
        .out
        .join(name_of(entry, choice, args.seed).trim_end_matches(".json"));
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["train", "--recipe", entry.name]);
    match choice {
        SplitChoice::Speakers { folds, fold } => {
            command.args(["--protocol", "speakers", "--fold", &fold.to_string()]);
            if let Some(folds) = folds {
                command.arg("--folds").arg(folds);
            }
        }
        _ => {
            command.args(["--protocol", "paper"]);
        }
    }
    if let Some(epochs) = args.epochs {
        command.args(["--epochs", &epochs.to_string()]);
    }
    command.args(["--seed", &args.seed.to_string()]);
    command.args(["--jobs", &args.corpora.jobs.to_string()]);
    for (flag, folder) in [
        ("--ravdess", args.corpora.ravdess.as_deref()),
        ("--cremad", args.corpora.cremad.as_deref()),
        ("--cache", Some(args.corpora.cache.as_path())),
        ("--out", Some(out.as_path())),
    ] {
        if let Some(folder) = folder {
            command.arg(flag).arg(folder);
        }
    }
    eprintln!(
        "training {} ({}) in {}",
        entry.name,
        choice.describe(),
        out.display()
    );
    let status = command.status()?;
    if !status.success() {
        return Err(format!("`train` ended with {status}; its own message stands above").into());
    }
    Ok(read(&out.join("result.json"))?)
}

/// Corpora, and the summaries that were made of them so far.
struct Bench {
    workbench: Workbench,
    summaries: HashMap<FrameFeatures, Vec<f32>>,
}

impl Bench {
    fn open(corpora: &CorpusArgs) -> Result<Self, CommandError> {
        let workbench = open(corpora, &FeatureConfig::paper())?;
        eprint!("{}", workbench.corpus.report());
        Ok(Self {
            workbench,
            summaries: HashMap::new(),
        })
    }

    /// The summaries of all clips, `[clips, numbers]`.
    fn summaries(&mut self, features: FrameFeatures, jobs: usize) -> Result<&[f32], CommandError> {
        if !self.summaries.contains_key(&features) {
            let store = &self.workbench.store;
            let summaries = parallel::map(store.len(), jobs, &mut |_, _| {}, |clip| {
                Summariser::with_own(|summariser| {
                    summariser.summary(features, &store.samples(clip))
                })
            });
            let mut all = Vec::new();
            for summary in summaries {
                all.extend(summary?);
            }
            self.summaries.insert(features, all);
        }
        Ok(self.summaries.get(&features).map_or(&[], Vec::as_slice))
    }
}

/// Runs a classic method.
fn classic(
    args: &CompareArgs,
    entry: &Entry,
    choice: &SplitChoice,
    bench: &mut Option<Bench>,
) -> Result<RunResult, CommandError> {
    let What::Classic(classifier, features) = entry.what else {
        return Err(format!("{} is no classic method", entry.name).into());
    };
    let bench = match bench {
        Some(bench) => bench,
        None => bench.insert(Bench::open(&args.corpora)?),
    };
    let started = Instant::now();
    bench.summaries(features, args.corpora.jobs)?;
    let workbench = &bench.workbench;
    let labels = workbench.labels();
    let classes = workbench.classes(&labels);
    let split = workbench.split(choice, false, args.seed)?;
    let choose_on = choose_on(workbench, &split, choice, args.seed)?;
    let done = run_classic(&ClassicRun {
        classifier,
        vectors: bench.summaries.get(&features).map_or(&[], Vec::as_slice),
        classes: &classes,
        labels: &labels,
        train: &split.train,
        choose_on: &choose_on,
        test: &split.test,
        jobs: args.corpora.jobs,
    })?;
    let seconds = started.elapsed().as_secs_f64();
    eprintln!(
        "{}, {}: {} in {seconds:.0} s",
        entry.name,
        choice.describe(),
        done.chosen
    );
    let protocol = choice.protocol();
    let folds = match &protocol {
        Protocol::Speakers { .. } => protocol.arguments(),
        _ => "--protocol paper".to_owned(),
    };
    let corpora: String = [
        ("--ravdess", &args.corpora.ravdess),
        ("--cremad", &args.corpora.cremad),
    ]
    .iter()
    .filter(|(_, folder)| folder.is_some())
    .map(|(flag, _)| format!(" {flag} DIR"))
    .collect();
    let mut result = blank(entry, choice, args.seed);
    result.settings = format!("settings chosen on training actors: {}", features.title());
    result.seconds = seconds;
    result.command = format!(
        "undersong-trainer compare --only {} {folds} --seed {}{corpora}",
        entry.name, args.seed
    );
    result.test = workbench.predictions(&labels, &split.test, &done.scores);
    result.validation = Predictions::new(labels);
    Ok(result.with_clips(workbench.clips()))
}

/// Training clips to choose settings on: those of the next fold of actors, or those that the random split validates on.
fn choose_on(
    workbench: &Workbench,
    split: &Split,
    choice: &SplitChoice,
    seed: u64,
) -> Result<Vec<usize>, CommandError> {
    let SplitChoice::Speakers { folds, fold } = choice else {
        return Ok(split.validation.clone());
    };
    let table = match folds {
        Some(path) => SpeakerFolds::from_csv(path)?,
        None => SpeakerFolds::draw(workbench.clips(), 5, seed)?,
    };
    let next = (fold + 1) % table.count();
    Ok(split
        .train
        .iter()
        .copied()
        .filter(|&clip| table.fold_of(&workbench.clips()[clip].speaker) == Some(next))
        .collect())
}
