//! `undersong features`: the numbers that a model sees of a sound, for researchers and for parity checks.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::ValueEnum;
use undersong_core::audio::load_mono;
use undersong_core::features::{
    ClipFeatures, FeatureConfig, FeatureError, FeatureMatrix, features_of,
};

use crate::interrupt::write_undisturbed;
use crate::model;
use crate::terminal::{print, shown};
use crate::trouble::{Outcome, Trouble};

/// Arguments of `undersong features`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The sound file
    path: PathBuf,
    /// Where to write: FILE.npy (NumPy, float32, [frames, coefficients]) or FILE.csv
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Whose settings: the paper's (40 MFCC, librosa's defaults at 22,050 Hz) or the model's [default: paper, or model with --model]
    #[arg(long, value_enum)]
    config: Option<Config>,
    /// Take the settings of this model file instead of the built-in model's
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Standardise as the model does with this speaker's profile: the whole sound as one window, level set, the speaker's mean taken off
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Config {
    /// 40 MFCC, librosa's defaults at 22,050 Hz
    Paper,
    /// What the model file asks for
    Model,
}

const EXAMPLES: &str = "\
The features are those of the whole sound before it is cut into windows and normalised (with --profile: normalised as one window, at most ten
minutes long); the sound is held in memory (5 MB a minute).

Examples:
  undersong features take.wav --out take.npy
  undersong features take.wav --config model --out take.csv
  python -c 'import numpy; print(numpy.load(\"take.npy\").shape)'";

enum Format {
    Npy,
    Csv,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    let ending = args.out.extension().map(OsStr::to_ascii_lowercase);
    let format = match ending.as_deref().and_then(OsStr::to_str) {
        Some("npy") => Format::Npy,
        Some("csv") => Format::Csv,
        _ => {
            return Err(Trouble::Misused(format!(
                "--out {}: the ending says the format; expected a name ending in .npy or .csv",
                shown(&args.out)
            )));
        }
    };
    if let (Ok(sound), Ok(out)) = (args.path.canonicalize(), args.out.canonicalize())
        && sound == out
    {
        return Err(Trouble::Misused(format!(
            "--out {}: this is the sound itself, which the features would replace; choose another name",
            shown(&args.out)
        )));
    }
    let config = match (args.config, &args.model) {
        (Some(Config::Paper), None) if args.profile.is_some() => {
            return Err(Trouble::Misused(
                "--config paper has no mean that a profile could replace; leave out --profile or choose --config model".to_owned(),
            ));
        }
        (Some(Config::Paper), Some(_)) => {
            return Err(Trouble::Misused(
                "--config paper takes no settings from a model; leave out --model or choose --config model".to_owned(),
            ));
        }
        (Some(Config::Paper) | None, None) if args.profile.is_none() => FeatureConfig::paper(),
        _ => model::open_for(args.model.as_deref(), args.profile.as_deref())?
            .features()
            .clone(),
    };
    let sound = load_mono(&args.path, config.sample_rate_hz, config.noise_reduction)
        .map_err(Trouble::failed)?;
    let features = match args.profile {
        None => features_of(&sound, &config),
        Some(_) => standardised(&sound, &config),
    }
    .map_err(|error| Trouble::Failed(format!("{}: {error}", shown(&args.path))))?;
    write_undisturbed(&args.out, |mut out| match format {
        Format::Npy => features.write_npy(&mut out),
        Format::Csv => features.write_csv(&config.coefficient_names(), &mut out),
    })
    .map_err(Trouble::failed)?;
    print(|out| {
        writeln!(
            out,
            "{}: {} frames × {} coefficients, a frame every {:.2} ms at {} Hz",
            shown(&args.out),
            features.frames,
            features.coefficients,
            config.hop_samples as f64 * 1e3 / f64::from(config.sample_rate_hz),
            config.sample_rate_hz,
        )
    })?;
    Ok(Outcome::Complete)
}

/// The whole sound as one window, with all that a model's window gets.
fn standardised(sound: &[f32], config: &FeatureConfig) -> Result<FeatureMatrix, FeatureError> {
    if sound.is_empty() {
        return Err(FeatureError::EmptySound);
    }
    let whole = FeatureConfig {
        span_samples: sound.len().max(config.hop_samples),
        ..config.clone()
    };
    let mut features = ClipFeatures::new(&whole)?;
    let (frames, coefficients) = (features.frames(), features.coefficients());
    let mut data = vec![0.0; frames * coefficients];
    features.window(sound, 0, &mut data)?;
    Ok(FeatureMatrix {
        frames,
        coefficients,
        data,
    })
}
