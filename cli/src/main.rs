//! The `undersong` command: arguments become calls of `undersong_core`, results become text.

mod analysis;
mod calibrate;
mod desk;
mod explain;
mod features;
mod interrupt;
mod library;
mod map;
mod model;
mod places;
mod scan;
mod serve;
mod stream;
mod table_style;
mod takes;
mod terminal;
mod trouble;
mod web;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use trouble::{Outcome, Trouble};

#[derive(Parser)]
#[command(
    name = "undersong",
    version,
    about = "Hear how takes of a voice feel: emotion scores over time, computed on this machine",
    after_help = EXAMPLES,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Scan takes: a table of how each one feels, and reports to keep
    Scan(scan::Args),
    /// Compare the takes of each line: the closest to what is wanted, the safest, the most different, and a contact sheet to choose on
    Takes(takes::Args),
    /// Map a long recording: who speaks when and feels how, sections by change, highlights to cut out, for other programs
    Map(map::Args),
    /// Show why a window got its score: what moved it in time and frequency, and how the sound differs from this voice's usual
    Explain(explain::Args),
    /// Measure a speaker's ordinary voice, so that scores tell how it differs from its own usual
    Calibrate(calibrate::Args),
    /// Remember takes in a file, and find them again by how they feel
    Library(library::Args),
    /// Listen to a stream: sound in, a line of JSON for each event out
    Stream(stream::Args),
    /// Serve streams over WebSockets to any number of clients, with a live meter for the browser
    Serve(serve::Args),
    /// Listen to takes, compare, mark and export them on a page in your browser; a recorder's folder is watched
    Desk(desk::Args),
    /// Write the numbers that a model sees of a sound, as NumPy or CSV
    Features(features::Args),
    /// Show what a model file says of itself: labels, data, licence, measured quality
    Model(model::Args),
}

const EXAMPLES: &str = "\
Examples:
  undersong scan take.wav                        one take, with its timeline
  undersong scan takes/ --html report.html       a folder, and a report to open in a browser
  undersong scan takes/ --sort arousal --reverse the most excited takes first
  undersong scan takes/ --json - | jq .takes     for other programs
  undersong takes session/ --cues cues.csv --html sheet.html
                                                 each line's takes against what is wanted, and a page to choose on
  undersong map talk.wav --channels split --reaper talk.rpp
  undersong explain take.wav --at 4.2            why that moment got its score
  undersong calibrate anna.wav --out anna.json   Anna's usual voice, for scan --profile anna.json
  undersong library add takes/                   remember them, for undersong library find --emotion angry
  ffmpeg -i call.mp3 -f s16le -ar 16000 -ac 1 - | undersong stream
  undersong serve                                the same for other programs, and a meter at http://127.0.0.1:7077/
  undersong desk takes/                          takes to hear, compare and mark, at http://127.0.0.1:7078/
  undersong model                                what the built-in model is and how good it is

`undersong scan --help` tells all of a command's options. Nothing leaves this machine.

Exit status: 0 all done; 1 some takes could not be scanned, or a file could not be written; 2 wrong use, or nothing to do.";

fn main() -> ExitCode {
    let cli = Cli::parse();
    interrupt::prepare();
    let done = match cli.command {
        Command::Scan(args) => scan::run(&args),
        Command::Takes(args) => takes::run(&args),
        Command::Map(args) => map::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Library(args) => library::run(&args),
        Command::Stream(args) => stream::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Desk(args) => desk::run(&args),
        Command::Features(args) => features::run(&args),
        Command::Model(args) => model::run(&args),
    };
    match done {
        Ok(Outcome::Complete) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(1),
        // The reader of the output had enough: nothing is wrong.
        Err(Trouble::Closed) => ExitCode::SUCCESS,
        Err(Trouble::Failed(message)) => {
            terminal::complain(&message);
            ExitCode::from(1)
        }
        Err(Trouble::Misused(message)) => {
            terminal::complain(&message);
            ExitCode::from(2)
        }
    }
}
