//! `undersong map`: a long recording in, a track or channel a speaker; who speaks when and feels how out.

mod outputs;
mod text;
mod tracks;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use clap::ValueEnum;
use undersong_core::recording::{DEFAULT_BLEED_DB, MapError, MapSettings, map};

use crate::analysis;
use crate::scan::progress::Bar;
use crate::terminal::{Look, complain, print};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong map`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The recording: one file, or several whose sound starts together, each a speaker's track
    #[arg(required = true, value_name = "RECORDING")]
    paths: Vec<PathBuf>,
    /// Whether a file is one speaker, or each of its channels is one
    #[arg(long, value_enum, default_value_t = Channels::Mix, help_heading = "Speakers")]
    channels: Channels,
    /// The speakers' names, in the order of the tracks [default: the files' names]
    #[arg(
        long,
        value_name = "NAME,…",
        value_delimiter = ',',
        help_heading = "Speakers"
    )]
    names: Vec<String>,
    /// A voice is another track's, heard from afar, where that track is so much louder; `off` counts every voice [default: 9.5]
    #[arg(
        long,
        value_name = "DB|off",
        allow_hyphen_values = true,
        help_heading = "Speakers"
    )]
    bleed: Option<String>,

    /// No section is shorter
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds_from::<2>, allow_hyphen_values = true, help_heading = "Map")]
    min_section: f64,
    /// How large a change begins a section: 0.2 finds small ones, 2 large ones only
    #[arg(long, value_name = "FACTOR", default_value = "0.5", value_parser = factor, allow_hyphen_values = true, help_heading = "Map")]
    change: f64,
    /// At most so many strong and so many turning moments
    #[arg(long, value_name = "N", default_value_t = 6, help_heading = "Map")]
    highlights: u16,
    /// What is kept before and after a highlight; a cut moves to a pause if one is near
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = seconds_from::<0>, allow_hyphen_values = true, help_heading = "Map")]
    margin: f64,
    /// No progress bar, no tables; what fails is still named
    #[arg(long, short, help_heading = "Map")]
    quiet: bool,

    #[command(flatten)]
    outputs: outputs::Args,

    #[command(flatten)]
    delivery: analysis::Delivery,

    #[command(flatten)]
    analysis: analysis::Args,
}

/// What a file's channels are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Channels {
    /// Together one speaker
    Mix,
    /// A speaker each
    Split,
}

const EXAMPLES: &str = "\
Examples:
  undersong map interview.wav --channels split --names \"Ann,Ben\"
  undersong map ann.wav ben.wav host.wav --html map.html
  undersong map interview.wav --channels split --reaper interview.rpp   open it in REAPER: tracks and regions
  undersong map interview.wav --cues marked.wav --chapters chapters.json --vtt interview.vtt
  undersong map interview.wav --labels labels/                         then in Audacity: File > Import > Labels

Tracks start together. A shorter one is silent after its end. A `?` after an emotion: the model is unsure.";

/// Seconds, at least `LEAST`.
fn seconds_from<const LEAST: u32>(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|seconds| (f64::from(LEAST)..=86_400.0).contains(seconds))
        .ok_or_else(|| format!("expected seconds from {LEAST} to 86400"))
}

fn factor(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|factor| (0.05..=100.0).contains(factor))
        .ok_or_else(|| "expected a number from 0.05 to 100".to_owned())
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let settings = MapSettings {
        min_section_seconds: args.min_section,
        change: args.change,
        highlights: args.highlights.into(),
        margin_seconds: args.margin,
        bleed_db: bleed_db(args.bleed.as_deref())?,
    };
    let split = args.channels == Channels::Split;
    let (tracks, failed) = tracks::tracks(&args.paths, split, &args.names)?;
    if tracks.is_empty() {
        for failure in &failed {
            complain(&failure.error);
        }
        return Err(Trouble::Failed("nothing to map".to_owned()));
    }
    let scanner = args.analysis.open(Some(&args.delivery))?;
    let outputs = args.outputs.plan(&args.paths, &tracks)?;

    let paths: Vec<PathBuf> = tracks.iter().map(|track| track.path.clone()).collect();
    let progress = Bar::map(&paths, args.quiet);
    let result = map(
        &scanner,
        &tracks,
        &settings,
        &AtomicBool::new(false),
        &|event| {
            progress.update(event);
        },
    );
    progress.finish();
    let mut map = match result {
        Ok(map) => map,
        Err(MapError::NoTrack { failed: all }) => {
            for failure in failed.iter().chain(&all) {
                complain(&failure.error);
            }
            return Err(Trouble::Failed("nothing to map".to_owned()));
        }
        Err(error) => return Err(Trouble::failed(error)),
    };
    map.scan.failed.splice(..0, failed);

    let unwritten = outputs.write_files(&map);
    let printed = if outputs.use_stdout() {
        print(|out| outputs.write_stdout(&map, out))
    } else if args.quiet {
        Ok(())
    } else {
        let look = Look::of_stdout();
        print(|out| text::write(&map, look, out))
    };
    for note in &map.notes {
        complain(note);
    }
    Outcome::told(&map.scan.failed, &unwritten, printed)
}

fn bleed_db(text: Option<&str>) -> Result<f64, Trouble> {
    match text {
        None => Ok(DEFAULT_BLEED_DB),
        Some("off") => Ok(f64::INFINITY),
        Some(text) => text
            .parse::<f64>()
            .ok()
            .filter(|db| (1.0..=60.0).contains(db))
            .ok_or_else(|| {
                Trouble::Misused(format!(
                    "--bleed {text}: expected decibels from 1 to 60, such as 9.5, or off"
                ))
            }),
    }
}
