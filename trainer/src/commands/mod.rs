//! The commands of `undersong-trainer`: arguments to library calls, results to files and text.

mod collect;
mod compare;
mod conditions;
mod evaluate;
mod evidence;
mod export;
mod progress;
mod subject;
mod train;
mod why;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use undersong_core::timeline::write_file;

use crate::corpus::CorpusKind;
use crate::evaluate::Report;
use crate::workbench::{Sources, SplitChoice, Workbench};

/// Trains, evaluates and exports Undersong's models.
#[derive(Debug, Parser)]
#[command(name = "undersong-trainer", version, about, long_about = None)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a network; goes on where it was stopped if --out holds its checkpoint.
    Train(train::TrainArgs),
    /// Measure a model file on clips, exactly as `undersong scan` answers to them.
    Evaluate(evaluate::EvaluateArgs),
    /// Measure a model as live hears it: short, cut and noisy windows, rooms, telephone, MP3.
    Conditions(conditions::ConditionsArgs),
    /// Measure whether explanations point at what a model's answers hang on.
    Why(why::WhyArgs),
    /// Give a trained network its name, calibration and measured figures: a model file to ship, with its card.
    Export(export::ExportArgs),
    /// Put what finished runs measured into a folder of results, one small file each.
    Collect(collect::CollectArgs),
    /// Train and test the methods that the paper compares, on the same folds, into a folder of results.
    Compare(compare::CompareArgs),
    /// Make the page of evidence from a folder of results; trains nothing.
    Evidence(evidence::EvidenceArgs),
}

/// Where the corpora lie.
#[derive(Debug, Clone, Args)]
pub struct CorpusArgs {
    /// RAVDESS's folder: the one with Actor_01, Actor_02, … in it.
    #[arg(long, value_name = "DIR")]
    ravdess: Option<PathBuf>,
    /// CREMA-D's folder: the one with AudioWAV in it.
    #[arg(long, value_name = "DIR")]
    cremad: Option<PathBuf>,
    /// Where decoded sound is kept between runs.
    #[arg(long, value_name = "DIR", default_value = "runs/cache")]
    cache: PathBuf,
    /// Threads that decode (default: as many as there are cores).
    #[arg(long, value_name = "N", default_value_t = 0)]
    jobs: usize,
}

impl CorpusArgs {
    fn sources(&self) -> Sources {
        Sources {
            ravdess: self.ravdess.clone(),
            cremad: self.cremad.clone(),
            cache: self.cache.clone(),
            jobs: self.jobs,
        }
    }
}

/// How clips are dealt to training, validation and test.
#[derive(Debug, Clone, Args)]
pub struct SplitArgs {
    /// How clips are dealt to training, validation and test (train: speakers if not given; evaluate: all clips if not given).
    #[arg(long, visible_alias = "split", value_enum)]
    protocol: Option<ProtocolKind>,
    /// Table of folds (columns corpus, speaker, fold) for --protocol speakers; without it, five are drawn by the seed.
    #[arg(long, value_name = "FILE")]
    folds: Option<PathBuf>,
    /// The fold that tests, for --protocol speakers.
    #[arg(long, value_name = "N", default_value_t = 0)]
    fold: usize,
    /// The corpus to learn from, for --protocol cross; the other one tests.
    #[arg(long, value_enum)]
    learn_from: Option<LearnFrom>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LearnFrom {
    /// RAVDESS; CREMA-D tests.
    Ravdess,
    /// CREMA-D; RAVDESS tests.
    Cremad,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProtocolKind {
    /// The paper's: 80/10/10 at random, stratified; speakers are shared between the parts.
    Paper,
    /// Folds of actors: nobody is heard in two parts.
    Speakers,
    /// Learn from one corpus, test on the other, on the emotions that both have.
    Cross,
    /// Everything trains, save for a tenth of the actors where the recipe stops early: for a model to ship, after its recipe was measured.
    All,
}

impl SplitArgs {
    /// What was asked for, if anything.
    fn choice(&self) -> Result<Option<SplitChoice>, CommandError> {
        let Some(protocol) = self.protocol else {
            return Ok(None);
        };
        Ok(Some(match protocol {
            ProtocolKind::Paper => SplitChoice::Paper,
            ProtocolKind::Speakers => self.speakers(),
            ProtocolKind::Cross => SplitChoice::Cross {
                learn: match self.learn_from {
                    Some(LearnFrom::Ravdess) => CorpusKind::Ravdess,
                    Some(LearnFrom::Cremad) => CorpusKind::Cremad,
                    None => {
                        return Err("--protocol cross: say which corpus to learn from with --learn-from ravdess or --learn-from cremad".into());
                    }
                },
            },
            ProtocolKind::All => SplitChoice::All,
        }))
    }

    fn speakers(&self) -> SplitChoice {
        SplitChoice::Speakers {
            folds: self.folds.clone(),
            fold: self.fold,
        }
    }
}

/// What a command fails with: a message for a person.
pub type CommandError = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command.
///
/// # Errors
/// Says what was wrong and what to do.
pub fn run(cli: &Cli) -> Result<(), CommandError> {
    match &cli.command {
        Command::Train(args) => train::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Conditions(args) => conditions::run(args),
        Command::Why(args) => why::run(args),
        Command::Export(args) => export::run(args),
        Command::Collect(args) => collect::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Evidence(args) => evidence::run(args),
    }
}

/// Opens the corpora, telling of the decoding.
fn open(
    corpora: &CorpusArgs,
    features: &undersong_core::features::FeatureConfig,
) -> Result<Workbench, CommandError> {
    let bar = indicatif::ProgressBar::new(0).with_style(indicatif::ProgressStyle::with_template(
        "decoding {bar:30} {pos} of {len} clips, {eta} left",
    )?);
    let workbench = Workbench::open(&corpora.sources(), features, &mut |done, of| {
        bar.set_length(of as u64);
        bar.set_position(done as u64);
    })?;
    bar.finish_and_clear();
    Ok(workbench)
}

/// Writes a report as JSON, as a page, or both.
fn write_report(
    report: &Report,
    json: Option<&Path>,
    html: Option<&Path>,
) -> Result<(), CommandError> {
    if let Some(path) = json {
        write(path, report.to_json()?.as_bytes())?;
    }
    if let Some(path) = html {
        write(path, report.to_html().as_bytes())?;
    }
    Ok(())
}

/// Writes a file whole or not at all; the error names it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    Ok(write_file(path, |out| out.write_all(bytes))?)
}

/// As [`write`], and tells a person at the terminal.
#[allow(clippy::print_stderr, reason = "says what was written")]
fn write_and_tell(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    write(path, bytes)?;
    eprintln!("wrote {}", path.display());
    Ok(())
}
