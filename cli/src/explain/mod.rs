//! `undersong explain`: one take in; what moved its scores, and how its voice is used, out.

mod text;

use std::path::PathBuf;

use undersong_core::explain::{self, DEFAULT_PAIRS, ExplainSettings, Explainer, Which};
use undersong_core::scan::Scanner;
use undersong_core::timeline::html::{self, HtmlOptions};
use undersong_core::timeline::{Scan, TakeExplanation, Timeline, explained};

use crate::analysis;
use crate::interrupt::write_undisturbed;
use crate::terminal::{Look, complain, print, shown};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The sound file
    #[arg(value_name = "TAKE")]
    path: PathBuf,

    /// Explain the window that stands for this time [default: the take's most confident window]
    #[arg(
        long,
        value_name = "SECONDS",
        conflicts_with = "window",
        allow_hyphen_values = true,
        help_heading = "What"
    )]
    at: Option<f64>,
    /// Explain this window, counted from 1
    #[arg(long, value_name = "N", help_heading = "What")]
    window: Option<usize>,
    /// Explain the score of this emotion [default: the window's leading one]
    #[arg(long, value_name = "NAME", help_heading = "What")]
    emotion: Option<String>,
    /// Pairs of orders in which patches are tried: four times as many halve the error and take four times as long
    #[arg(long, value_name = "N", default_value_t = DEFAULT_PAIRS as u16, value_parser = clap::value_parser!(u16).range(1..=1000), help_heading = "What")]
    pairs: u16,

    /// Everything, for other programs; `-` is standard output, which then carries nothing else
    #[arg(long, value_name = "FILE|-", help_heading = "Reports")]
    json: Option<PathBuf>,
    /// A page to open in a browser: the take's report, with windows explained all along it
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    html: Option<PathBuf>,

    #[command(flatten)]
    analysis: analysis::Args,
}

const EXAMPLES: &str = "\
Examples:
  undersong explain take.wav                     the most confident window, and the words for the whole take
  undersong explain take.wav --at 4.2            the window that stands for second 4.2
  undersong explain take.wav --emotion sad       what speaks for sad, and what against it
  undersong explain take.wav --html why.html     a page to point at
  undersong explain take.wav --json - | jq '.explanations[0].regions'

A window of ten patches in time and five in frequency takes 2 + 98 runs of the network for each pair of orders: 2,354 as it is.";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    check_places(args)?;
    let scanner = args.analysis.open(None)?;
    let scan = scanner
        .scan(std::slice::from_ref(&args.path), &|_| {})
        .map_err(Trouble::failed)?;
    if let Some(failure) = scan.failed.first() {
        return Err(Trouble::Failed(failure.error.clone()));
    }
    let Some(take) = scan.takes.first() else {
        return Err(Trouble::Misused("nothing to explain".to_owned()));
    };
    let emotion = emotion(args, take)?;
    let which = match (args.at, args.window) {
        (Some(seconds), _) => Which::At(seconds),
        (None, Some(0)) => {
            return Err(Trouble::Misused(
                "--window 0: windows are counted from 1".to_owned(),
            ));
        }
        (None, Some(number)) => Which::Window(number - 1),
        (None, None) => Which::Strongest,
    };
    let settings = ExplainSettings {
        pairs: args.pairs.into(),
        ..ExplainSettings::default()
    };
    let mut explainer = Explainer::new(&scanner, settings).map_err(Trouble::failed)?;
    let explanation = explainer
        .take(take, which, emotion)
        .map_err(|error| match error {
            explain::ExplainError::Window { .. }
            | explain::ExplainError::Time { .. }
            | explain::ExplainError::Silent { .. } => Trouble::misused(error),
            other => Trouble::failed(other),
        })?;
    conclude(args, &scanner, &scan, take, &explanation, emotion)
}

fn emotion(args: &Args, take: &Timeline) -> Result<Option<usize>, Trouble> {
    let Some(name) = &args.emotion else {
        return Ok(None);
    };
    match take.emotions.meant_by(name) {
        Some(index) => Ok(Some(index)),
        None => Err(Trouble::Misused(format!(
            "--emotion {name}: this model has no such emotion; it has {}",
            take.emotions.names().collect::<Vec<_>>().join(", ")
        ))),
    }
}

/// Refuses what would replace the take itself.
fn check_places(args: &Args) -> Result<(), Trouble> {
    let sound = args.path.canonicalize().ok();
    for (option, path) in [("--json", &args.json), ("--html", &args.html)] {
        if let Some(path) = path
            && let Ok(place) = path.canonicalize()
            && Some(&place) == sound.as_ref()
        {
            return Err(Trouble::Misused(format!(
                "{option} {}: this is the take, which the report would replace; choose another name",
                shown(path)
            )));
        }
    }
    if args
        .html
        .as_deref()
        .is_some_and(|path| path.as_os_str() == "-")
    {
        return Err(Trouble::Misused(
            "--html -: a page goes to a file; give its name".to_owned(),
        ));
    }
    Ok(())
}

/// Files first, then the text; what could not be written is named.
fn conclude(
    args: &Args,
    scanner: &Scanner,
    scan: &Scan,
    take: &Timeline,
    explanation: &TakeExplanation,
    emotion: Option<usize>,
) -> Result<Outcome, Trouble> {
    let mut outcome = Outcome::Complete;
    let mut written = |result: Result<(), String>| {
        if let Err(error) = result {
            complain(&error);
            outcome = Outcome::Incomplete;
        }
    };
    if let Some(path) = &args.html {
        written(write_page(path, scanner, scan, take, explanation, emotion));
    }
    let to_stdout = match &args.json {
        Some(path) if path.as_os_str() == "-" => true,
        Some(path) => {
            let result =
                write_undisturbed(path, |out| explained::write(scan, take, explanation, out));
            written(result.map_err(|error| error.to_string()));
            false
        }
        None => false,
    };
    let printed = print(|out| {
        if to_stdout {
            explained::write(scan, take, explanation, out)
        } else {
            text::write(take, explanation, Look::of_stdout(), out)
        }
    });
    match printed {
        Ok(()) | Err(Trouble::Closed) => Ok(outcome),
        Err(trouble) => Err(trouble),
    }
}

/// The report of the take, with windows explained all along it, and the one asked for as it was explained.
fn write_page(
    path: &std::path::Path,
    scanner: &Scanner,
    scan: &Scan,
    take: &Timeline,
    asked: &TakeExplanation,
    emotion: Option<usize>,
) -> Result<(), String> {
    let settings = ExplainSettings {
        pairs: explain::REPORT_PAIRS,
        ..ExplainSettings::default()
    };
    let mut explanation = Explainer::new(scanner, settings)
        .and_then(|mut explainer| explainer.take(take, Which::All, emotion))
        .map_err(|error| error.to_string())?;
    for own in &asked.explanations {
        explanation.put(own.clone());
    }
    let options = HtmlOptions {
        folder: Some(crate::places::folder_of(path).to_path_buf()),
        embed_audio_max_bytes: 0,
    };
    write_undisturbed(path, |out| {
        html::write_explained(scan, &[Some(explanation)], &options, out)
    })
    .map_err(|error| error.to_string())
}
