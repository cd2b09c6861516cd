//! `undersong calibrate`: recordings of one speaker's ordinary voice in, a profile out.

use std::path::PathBuf;

use undersong_core::engine::{self, EngineChoice, EngineOptions};
use undersong_core::profile::{GOOD_VOICE_SECONDS, ProfileError, measure_voice};

use crate::interrupt::write_undisturbed;
use crate::model;
use crate::terminal::{print, remark, shown};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong calibrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Recordings of one speaker's ordinary voice: at least 10 s of voice together, better a minute
    #[arg(required = true, value_name = "VOICE")]
    paths: Vec<PathBuf>,
    /// Where to write the profile
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Model file that the profile is for, instead of the built-in one
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  undersong calibrate anna-interview.wav --out anna.json
  undersong scan anna/ --profile anna.json
  undersong explain anna/take-3.wav --profile anna.json

A profile is small and holds no sound: what the model answers to the voice, its mean spectrum, and how loud, high, lively, fast and bright it usually is.
Record it as the takes are recorded: the same room and microphone.";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    if let Ok(out) = args.out.canonicalize()
        && args
            .paths
            .iter()
            .any(|path| path.canonicalize().is_ok_and(|path| path == out))
    {
        return Err(Trouble::Misused(format!(
            "--out {}: this is one of the recordings, which the profile would replace; choose another name",
            shown(&args.out)
        )));
    }
    let model = model::open(args.model.as_deref())?;
    let opened = engine::open(&model, EngineChoice::Auto, &EngineOptions::default());
    let mut engine = opened.map_err(Trouble::failed)?.engine;
    let (profile, voiced_seconds) =
        measure_voice(&args.paths, &model, engine.as_mut()).map_err(|error| match error {
            ProfileError::NotStandardised => Trouble::misused(error),
            other => Trouble::failed(other),
        })?;
    write_undisturbed(&args.out, |out| profile.write_to(out)).map_err(Trouble::failed)?;
    if voiced_seconds < GOOD_VOICE_SECONDS {
        remark(&format!(
            "{voiced_seconds:.0} s of voice: enough, but a minute or more makes a steadier profile"
        ));
    }
    print(|out| {
        let name = &model.metadata().name;
        let serves = match &model.metadata().calibration.ordinary {
            Some(_) => name.clone(),
            None => format!("models with the features of {name}"),
        };
        writeln!(
            out,
            "{}: the usual voice over {voiced_seconds:.0} s, for {serves}",
            shown(&args.out),
        )?;
        for habit in profile.delivery.habits() {
            writeln!(out, "  {}", habit.describe())?;
        }
        Ok(())
    })?;
    Ok(Outcome::Complete)
}
