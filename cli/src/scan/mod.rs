//! `undersong scan`: takes in; a table, a timeline and reports out.

mod delivered;
pub(crate) mod find;
mod order;
pub(crate) mod progress;
mod reports;
mod strip;
mod table;

pub(crate) use delivered::write_faults;
pub(crate) use reports::{EMBED_MAX_BYTES, Place, place};
pub(crate) use table::{bar, common_folder, leading, length, percent, signed};

use std::path::PathBuf;

use undersong_core::explain::{ExplainError, ExplainSettings, Explainer, REPORT_PAIRS, Which};
use undersong_core::scan::{Progress, Scanner};
use undersong_core::timeline::{Scan, TakeExplanation};

use crate::analysis;
use crate::library::{Settings, scan_remembered};
use crate::terminal::{Look, complain, print};
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
    /// Remember takes in this file, made by `undersong library` or by this: those that it knows aren't computed again, and the answer is the same
    #[arg(long, value_name = "FILE", help_heading = "Analysis")]
    library: Option<PathBuf>,
    /// No progress bar, no table; what fails is still named
    #[arg(long, short, help_heading = "Table")]
    quiet: bool,

    #[command(flatten)]
    reports: reports::Args,

    #[command(flatten)]
    delivery: analysis::Delivery,

    #[command(flatten)]
    analysis: analysis::Args,
}

/// What became of explaining a take.
type Explained = Result<TakeExplanation, ExplainError>;

const EXAMPLES: &str = "\
Examples:
  undersong scan take.wav
  undersong scan takes/ --html report.html --csv windows.csv
  undersong scan takes/ more/*.flac --sort valence --reverse
  undersong scan takes/ --html report.html --explain  what moved each score, too
  undersong scan take.wav --labels take.txt          then in Audacity: File > Import > Labels
  undersong scan takes/ --markers regions/           then in REAPER: Region/Marker Manager > Import
  undersong scan takes/ --quiet --json - | jq '.takes[] | [.path, .summary.emotion]'

A `?` after an emotion: the model is unsure. Where there is no voice there is no emotion.";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let scanner = args.analysis.open(Some(&args.delivery))?;
    let found = find::find(&args.paths);
    if found.takes.is_empty() {
        for failure in &found.failed {
            complain(&failure.error);
        }
        return Err(Trouble::Misused("nothing to scan".to_owned()));
    }
    let reports = args.reports.plan(&found.takes, args.library.as_deref())?;

    let (mut scan, complaints) = listen(args, &scanner, &found.takes)?;
    scan.failed.extend(found.failed);
    if let Some(key) = args.sort {
        order::sort(&mut scan.takes, key, args.reverse);
    }
    let explained = if args.reports.explain {
        explain(&scanner, &scan, args.quiet)?
    } else {
        Vec::new()
    };
    for complaint in &complaints {
        complain(complaint);
    }
    let outcome = conclude(&scan, &explained, &reports, args.quiet)?;
    Ok(if complaints.is_empty() {
        outcome
    } else {
        Outcome::Incomplete
    })
}

/// The takes' scores, computed or remembered, and what couldn't be remembered.
fn listen(
    args: &Args,
    scanner: &Scanner,
    takes: &[PathBuf],
) -> Result<(Scan, Vec<String>), Trouble> {
    let Some(place) = &args.library else {
        let progress = progress::Bar::start(takes, args.quiet);
        let scan = scanner.scan(takes, &|event| progress.update(event));
        progress.finish();
        return Ok((scan.map_err(Trouble::failed)?, Vec::new()));
    };
    let hearing = args.analysis.hearing();
    let priors = hearing.priors(scanner.model())?;
    let settings = Settings::of(scanner.model(), hearing.hop()?, priors.as_ref());
    let target = args.delivery.target()?;
    let delivery = args.delivery.wanted().then_some(target);
    let progress = progress::Bar::of_takes(takes.len(), args.quiet);
    let remembered = scan_remembered(
        place,
        scanner,
        &settings,
        delivery,
        args.analysis.jobs(),
        takes,
        &|event| progress.update(event),
    );
    progress.finish();
    let remembered = remembered?;
    Ok((remembered.scan, remembered.complaints))
}

/// Explains every take for the report; one that cannot be is named and has none.
fn explain(scanner: &Scanner, scan: &Scan, quiet: bool) -> Result<Vec<Explained>, Trouble> {
    let settings = ExplainSettings {
        pairs: REPORT_PAIRS,
        ..ExplainSettings::default()
    };
    let mut explainer = Explainer::new(scanner, settings).map_err(Trouble::failed)?;
    let progress = progress::Bar::explain(&scan.takes, quiet);
    let mut explained = Vec::with_capacity(scan.takes.len());
    for take in &scan.takes {
        let explanation = explainer.take(take, Which::All, None);
        progress.update(Progress::Advanced {
            seconds: take.seconds,
        });
        progress.update(Progress::Done {
            path: &take.path,
            failed: explanation.is_err(),
        });
        explained.push(explanation);
    }
    progress.finish();
    Ok(explained)
}

/// Reports first, so that a reader who closes standard output early still gets them; then the table; then what failed.
fn conclude(
    scan: &Scan,
    explained: &[Explained],
    reports: &reports::Reports,
    quiet: bool,
) -> Result<Outcome, Trouble> {
    let explanations: Vec<_> = explained
        .iter()
        .map(|explained| explained.as_ref().ok().cloned())
        .collect();
    let mut unwritten = reports.write_files(scan, &explanations);
    let unexplained = explained.iter().filter_map(|it| it.as_ref().err());
    unwritten.extend(
        unexplained
            .map(|error| format!("{error} (it stands in the report without an explanation)")),
    );
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
                delivered::write_facts(take, out)?;
            }
            delivered::write_flags(scan, out)
        })
    };
    Outcome::told(&scan.failed, &unwritten, printed)
}
