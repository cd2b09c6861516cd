//! `undersong takes`: takes in; for each line the closest to what is wanted, the safest and the most different one out, and a page to choose on.

mod compare;
mod csv;
mod cues;
mod flags;
mod group;
mod json;
mod line;
mod natural;
mod pattern;
mod reasons;
mod roles;
mod sheet;
mod table;
mod wanted;
mod words;

use std::io;
use std::path::PathBuf;

use undersong_core::model::EmotionSet;
use undersong_core::timeline::Scan;
use undersong_core::timeline::html::HtmlOptions;

use crate::analysis;
use crate::interrupt::write_undisturbed;
use crate::places::{Places, folder_of};
use crate::scan::{EMBED_MAX_BYTES, find, progress};
use crate::terminal::{Look, complain, print};
use crate::trouble::{Outcome, Trouble};
use cues::Sheet;
use group::By;
use line::Line;
use pattern::Pattern;
use wanted::Wanted;

/// Arguments of `undersong takes`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Sound files, folders (with all below them), or patterns such as 'takes/*.wav'
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// How names are read: {line} and {take}; other fields, such as {character}, tell lines apart, and {_} is anything
    #[arg(long, value_name = "PATTERN", default_value = pattern::DEFAULT, help_heading = "Lines")]
    pattern: String,
    /// What puts takes into lines [default: cues with a cue sheet and no --pattern, else pattern]
    #[arg(long, value_enum, value_name = "BY", help_heading = "Lines")]
    by: Option<By>,
    /// Cue sheet: a CSV file with the columns line, text, wanted emotion, intensity
    #[arg(long, value_name = "FILE", help_heading = "Lines")]
    cues: Option<PathBuf>,
    /// The emotion that is wanted of every line for which no cue sheet says
    #[arg(long, value_name = "EMOTION", help_heading = "Lines")]
    wanted: Option<String>,
    /// How much of it: low, medium, high, or a share such as 0.7
    #[arg(
        long,
        value_name = "HOW MUCH",
        requires = "wanted",
        allow_hyphen_values = true,
        help_heading = "Lines"
    )]
    intensity: Option<String>,

    /// Everything, for other programs; `-` is standard output, which then carries nothing else
    #[arg(long, value_name = "FILE|-", help_heading = "Reports")]
    json: Option<PathBuf>,
    /// A row per take, for spreadsheets
    #[arg(long, value_name = "FILE|-", help_heading = "Reports")]
    csv: Option<PathBuf>,
    /// A contact sheet to open in a browser: takes side by side, to be played, compared and chosen
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    html: Option<PathBuf>,
    /// Put the sound into the contact sheet, so that it can be sent on its own (takes up to 64 MB each)
    #[arg(long, requires = "html", help_heading = "Reports")]
    embed: bool,
    /// No progress bar, no table; what is wrong is still named
    #[arg(long, short, help_heading = "Reports")]
    quiet: bool,

    #[command(flatten)]
    delivery: analysis::Delivery,

    #[command(flatten)]
    analysis: analysis::Args,
}

const EXAMPLES: &str = "\
Examples:
  undersong takes session/                       door_1.wav, door_2.wav … are takes of the line `door`
  undersong takes session/ --pattern '{character}_{line}_t{take}'
  undersong takes session/ --by folder           a folder a line
  undersong takes session/ --cues cues.csv --html sheet.html
  undersong takes door/*.wav --by folder --wanted angry --intensity medium
  undersong takes session/ --cues cues.csv --json - | jq '.lines[].takes[] | select(.roles | index(\"closest\")) | .path'

A cue sheet, as a spreadsheet saves it (commas, semicolons or tabs):
  line,text,wanted emotion,intensity
  door,\"Who left the door open?\",angry,medium
  rain,\"It has stopped raining.\",calm,

docs/takes.md in the source says how closest, safest and most different are computed.";

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Report {
    Json,
    Csv,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let pattern = Pattern::parse(&args.pattern)
        .map_err(|error| Trouble::Misused(format!("--pattern {}: {error}", args.pattern)))?;
    let by = args.by()?;
    let scanner = args.analysis.open(Some(&args.delivery))?;
    let emotions = scanner.model().emotions();
    let everywhere = args.everywhere(emotions)?;
    let mut sheet = args
        .cues
        .as_deref()
        .map(|path| Sheet::read(path, emotions, everywhere.is_some()))
        .transpose()?;

    let found = find::find(&args.paths);
    if found.takes.is_empty() {
        for failure in &found.failed {
            complain(&failure.error);
        }
        return Err(Trouble::Misused("nothing to compare".to_owned()));
    }
    let on_stdout = args.places(&found.takes)?;
    let (groups, misnamed) = group::group(&found.takes, by, &pattern, sheet.as_mut());
    // A field that is called otherwise than meant tells lines apart, silently: every take is then one of its own.
    if by == By::Pattern
        && !pattern.tells_takes()
        && pattern.others().next().is_some()
        && groups.len() > 1
        && groups.iter().all(|group| group.takes.len() == 1)
    {
        complain(&format!(
            "--pattern {}: there is no {{take}} in it, and every take is a line of its own; write {{take}} for the takes, or {{_}} for what does not count",
            args.pattern
        ));
    }
    let paths: Vec<PathBuf> = groups
        .iter()
        .flat_map(|group| &group.takes)
        .map(|take| take.path.clone())
        .collect();

    let bar = progress::Bar::start(&paths, args.quiet);
    let result = scanner.scan(&paths, &|event| bar.update(event));
    bar.finish();
    let mut scan = result.map_err(Trouble::failed)?;
    scan.failed.extend(found.failed);
    scan.failed.extend(misnamed);
    scan.failed
        .extend(sheet.map(|sheet| sheet.failed).unwrap_or_default());
    let lines = line::lines(groups, everywhere.as_ref(), &mut scan);
    conclude(args, on_stdout, &lines, &scan)
}

impl Args {
    fn by(&self) -> Result<By, Trouble> {
        match (self.by, &self.cues) {
            (Some(By::Cues), None) => Err(Trouble::Misused(
                "--by cues: there is no cue sheet; give one with --cues".to_owned(),
            )),
            (Some(by), _) => Ok(by),
            (None, Some(_)) if self.pattern == pattern::DEFAULT => Ok(By::Cues),
            (None, _) => Ok(By::Pattern),
        }
    }

    /// What is wanted of lines of which no cue sheet says.
    fn everywhere(&self, emotions: &EmotionSet) -> Result<Option<Wanted>, Trouble> {
        let intensity = self.intensity.as_deref().map(|text| {
            wanted::intensity(text).ok_or_else(|| {
                Trouble::Misused(format!(
                    "--intensity {text}: expected {}",
                    wanted::INTENSITIES
                ))
            })
        });
        let intensity = intensity.transpose()?;
        let emotion = self.wanted.as_deref().map(|word| {
            emotions.meant_by(word).ok_or_else(|| {
                Trouble::Misused(format!(
                    "--wanted {word}: the model knows no such emotion; it knows {}",
                    emotions.names().collect::<Vec<_>>().join(", ")
                ))
            })
        });
        Ok(emotion
            .transpose()?
            .map(|emotion| Wanted { emotion, intensity }))
    }

    /// Checks where the reports go; the one that goes to standard output, if any.
    fn places(&self, takes: &[PathBuf]) -> Result<Option<Report>, Trouble> {
        let kept: Vec<PathBuf> = takes.iter().chain(&self.cues).cloned().collect();
        let mut places = Places::new(&kept);
        let mut on_stdout = None;
        for (option, report, path) in [
            ("--json", Some(Report::Json), &self.json),
            ("--csv", Some(Report::Csv), &self.csv),
            ("--html", None, &self.html),
        ] {
            match path {
                None => {}
                Some(path) if path.as_os_str() == "-" => {
                    let report = report.ok_or_else(|| {
                        Trouble::Misused(
                            "--html -: a page goes to a file; give its name".to_owned(),
                        )
                    })?;
                    if on_stdout.replace(report).is_some() {
                        return Err(Trouble::Misused(format!(
                            "{option} -: standard output carries one report only; give the other a file name"
                        )));
                    }
                }
                Some(path) => places.claim(option, path)?,
            }
        }
        Ok(on_stdout)
    }
}

/// Files first, so that a reader who closes standard output early still gets them; then the table; then what was wrong.
fn conclude(
    args: &Args,
    on_stdout: Option<Report>,
    lines: &[Line],
    scan: &Scan,
) -> Result<Outcome, Trouble> {
    let mut unwritten = Vec::new();
    let mut write = |path: &Option<PathBuf>,
                     report: &dyn Fn(&mut dyn io::Write) -> io::Result<()>| {
        if let Some(path) = path.as_deref().filter(|path| path.as_os_str() != "-")
            && let Err(error) = write_undisturbed(path, report)
        {
            unwritten.push(error.to_string());
        }
    };
    write(&args.json, &|out| json::write(lines, scan, out));
    write(&args.csv, &|out| csv::write(lines, scan, out));
    let options = HtmlOptions {
        folder: args
            .html
            .as_deref()
            .map(|path| folder_of(path).to_path_buf()),
        embed_audio_max_bytes: if args.embed { EMBED_MAX_BYTES } else { 0 },
    };
    write(&args.html, &|out| sheet::write(lines, scan, &options, out));

    let printed = match on_stdout {
        Some(Report::Json) => print(|out| json::write(lines, scan, out)),
        Some(Report::Csv) => print(|out| csv::write(lines, scan, out)),
        None if args.quiet => Ok(()),
        None => print(|out| table::write(lines, scan, Look::of_stdout(), out)),
    };
    Outcome::told(&scan.failed, &unwritten, printed)
}
