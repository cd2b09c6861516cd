//! `undersong scan`: takes in; a table, a timeline and reports out.

mod find;
mod order;
mod progress;
mod reports;
mod strip;
mod table;

use std::path::PathBuf;

use clap::ValueEnum;
use undersong_core::analyzer::Hop;
use undersong_core::engine::EngineChoice;
use undersong_core::model::Priors;
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::timeline::Scan;

use crate::model;
use crate::terminal::{Look, complain, one_line, print, remark};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong scan`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Sound files, folders (with all below them), or patterns such as 'takes/*.wav'
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Order of the takes, in the table and in every report [default: as given, folders by name]
    #[arg(long, value_enum, value_name = "BY", help_heading = "Table")]
    sort: Option<order::Key>,
    /// The other way round
    #[arg(long, requires = "sort", help_heading = "Table")]
    reverse: bool,
    /// No progress bar, no table; what fails is still named
    #[arg(long, short, help_heading = "Table")]
    quiet: bool,

    #[command(flatten)]
    reports: reports::Args,

    /// Model file to use instead of the built-in one
    #[arg(long, value_name = "FILE", help_heading = "Analysis")]
    model: Option<PathBuf>,
    /// Distance from one window to the next
    #[arg(long, value_name = "SECONDS", default_value_t = Hop::default().seconds().to_string(), allow_hyphen_values = true, help_heading = "Analysis")]
    hop: String,
    /// How much likelier than in the training each emotion is in your takes, such as happy=2,sad=0.5
    #[arg(long, value_name = "NAME=FACTOR,…", help_heading = "Analysis")]
    priors: Option<String>,

    /// What computes: ONNX Runtime on a GPU or the CPU, or the engine built into this program
    #[arg(long, value_enum, default_value_t = Engine::Auto, help_heading = "Engine")]
    engine: Engine,
    /// Where ONNX Runtime's library lies, if not where it is looked for
    #[arg(long, value_name = "PATH", help_heading = "Engine")]
    runtime: Option<PathBuf>,
    /// Takes worked on at the same time [default: one per processor]; the output is the same for any number
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Engine")]
    jobs: Option<u16>,
    /// Say which engine was chosen, and why not a better one
    #[arg(long, short, help_heading = "Engine")]
    verbose: bool,
}

/// [`EngineChoice`] as an argument.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Engine {
    /// ONNX Runtime on the CPU if it is found, else the one inside this program
    Auto,
    /// ONNX Runtime on an NVIDIA GPU; where that cannot be used, as auto, and the reason is said
    Cuda,
    /// ONNX Runtime on the CPU, or an error
    Cpu,
    /// The one inside this program; needs nothing
    Builtin,
}

const EXAMPLES: &str = "\
Examples:
  undersong scan take.wav
  undersong scan takes/ --html report.html --csv windows.csv
  undersong scan takes/ more/*.flac --sort valence --reverse
  undersong scan take.wav --labels take.txt          then in Audacity: File > Import > Labels
  undersong scan takes/ --markers regions/           then in REAPER: Region/Marker Manager > Import
  undersong scan takes/ --quiet --json - | jq '.takes[] | [.path, .summary.emotion]'

A `?` after an emotion: the model is unsure. Where there is no voice there is no emotion.";

impl From<Engine> for EngineChoice {
    fn from(engine: Engine) -> Self {
        match engine {
            Engine::Auto => Self::Auto,
            Engine::Cuda => Self::Cuda,
            Engine::Cpu => Self::Cpu,
            Engine::Builtin => Self::Builtin,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let scanner = open_scanner(args)?;
    let engine = scanner.engine_report();
    if let Some(warning) = &engine.warning {
        complain(warning);
    }
    if args.verbose {
        for line in engine.to_string().lines() {
            remark(&one_line(line));
        }
    }

    let found = find::find(&args.paths);
    if found.takes.is_empty() {
        for failure in &found.failed {
            complain(&failure.error);
        }
        return Err(Trouble::Misused("nothing to scan".to_owned()));
    }
    let reports = args.reports.plan(&found.takes)?;

    let progress = progress::Bar::start(&found.takes, args.quiet);
    let result = scanner.scan(&found.takes, &|event| progress.update(event));
    progress.finish();
    let mut scan = result.map_err(Trouble::failed)?;
    scan.failed.extend(found.failed);
    if let Some(key) = args.sort {
        order::sort(&mut scan.takes, key, args.reverse);
    }
    conclude(&scan, &reports, args.quiet)
}

fn open_scanner(args: &Args) -> Result<Scanner, Trouble> {
    let hop: Hop = args
        .hop
        .parse()
        .map_err(|error| Trouble::Misused(format!("--hop: {error}")))?;
    let model = model::open(args.model.as_deref())?;
    let priors = args
        .priors
        .as_deref()
        .map(|text| Priors::parse(text, model.metadata()))
        .transpose()
        .map_err(|error| Trouble::Misused(format!("--{error}")))?;
    let defaults = ScanOptions::default();
    let options = ScanOptions {
        jobs: args.jobs.map_or(defaults.jobs, usize::from),
        hop,
        priors,
        engine: args.engine.into(),
        runtime_path: args.runtime.clone(),
    };
    Scanner::new(&model, options).map_err(Trouble::misused)
}

/// Reports first, so that a reader who closes standard output early still gets them; then the table; then what failed.
fn conclude(scan: &Scan, reports: &reports::Reports, quiet: bool) -> Result<Outcome, Trouble> {
    let unwritten = reports.write_files(scan);
    let printed = if reports.use_stdout() {
        print(|out| reports.write_stdout(scan, out))
    } else if quiet {
        Ok(())
    } else {
        let look = Look::of_stdout();
        print(|out| {
            table::write(scan, look, out)?;
            if let ([take], []) = (scan.takes.as_slice(), scan.failed.as_slice()) {
                strip::write(take, look, out)?;
            }
            Ok(())
        })
    };
    for failure in &scan.failed {
        complain(&failure.error);
    }
    for error in &unwritten {
        complain(error);
    }
    match printed {
        Ok(()) | Err(Trouble::Closed) => {}
        Err(trouble) => return Err(trouble),
    }
    if scan.failed.is_empty() && unwritten.is_empty() {
        Ok(Outcome::Complete)
    } else {
        Ok(Outcome::Incomplete)
    }
}
