//! What decides the scores, and what computes them: the arguments that `scan`, `explain`, `stream` and `serve` share.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use undersong_core::analyzer::Hop;
use undersong_core::delivery::LoudnessTarget;
use undersong_core::engine::{EngineChoice, EngineOptions, EngineReport};
use undersong_core::live::{LiveModel, MAX_SMOOTHING_SECONDS};
use undersong_core::model::{Model, Priors};
use undersong_core::scan::{ScanOptions, Scanner};

use crate::model;
use crate::terminal::{complain, one_line, remark};
use crate::trouble::Trouble;

/// Arguments of an analysis of takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    hearing: Hearing,
    /// Takes worked on at the same time [default: one per processor]; the output is the same for any number
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), help_heading = "Engine")]
    jobs: Option<u16>,
}

/// Arguments of measuring takes.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Delivery")]
pub(crate) struct Delivery {
    /// How loud the takes are meant to be, in LUFS, such as -23 for broadcast; the distance to it is told
    #[arg(long, value_name = "LUFS", default_value_t = LoudnessTarget::default().lufs().to_string(), allow_hyphen_values = true)]
    loudness_target: String,
    /// Emotion alone: measure no loudness, pitch, pace, pauses and faults
    #[arg(long)]
    no_delivery: bool,
}

/// Arguments of any analysis.
#[derive(Debug, clap::Args)]
pub(crate) struct Hearing {
    /// Model file to use instead of the built-in one
    #[arg(long, value_name = "FILE", help_heading = "Analysis")]
    model: Option<PathBuf>,
    /// Profile of the speaker, made by `undersong calibrate`: scores then tell how a voice differs from its own usual
    #[arg(long, value_name = "FILE", help_heading = "Analysis")]
    profile: Option<PathBuf>,
    /// Distance from one window to the next
    #[arg(long, value_name = "SECONDS", default_value_t = Hop::default().seconds().to_string(), allow_hyphen_values = true, help_heading = "Analysis")]
    hop: String,
    /// How much likelier than in the training each emotion is in your sound, such as happy=2,sad=0.5
    #[arg(long, value_name = "NAME=FACTOR,…", help_heading = "Analysis")]
    priors: Option<String>,

    /// What computes: ONNX Runtime on a GPU or the CPU, or the engine built into this program
    #[arg(long, value_enum, default_value_t = Engine::Auto, help_heading = "Engine")]
    engine: Engine,
    /// Where ONNX Runtime's library lies, if not where it is looked for
    #[arg(long, value_name = "PATH", help_heading = "Engine")]
    runtime: Option<PathBuf>,
    /// Say which engine was chosen, and why not a better one
    #[arg(long, short, help_heading = "Engine")]
    verbose: bool,
}

/// Arguments of an analysis of live sound.
#[derive(Debug, clap::Args)]
pub(crate) struct Live {
    /// Time in which the scores of updates follow a change, 0 to 2; 0 gives each window's own
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "0",
        allow_negative_numbers = true,
        help_heading = "Analysis"
    )]
    smoothing: String,
    #[command(flatten)]
    hearing: Hearing,
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

impl Args {
    /// What decides the scores.
    pub(crate) fn hearing(&self) -> &Hearing {
        &self.hearing
    }

    /// Takes worked on at the same time.
    pub(crate) fn jobs(&self) -> usize {
        self.jobs.map_or(ScanOptions::default().jobs, usize::from)
    }

    /// Opens the model and the engine, and says what is to be said about them. Takes are measured if `delivery` says so.
    pub(crate) fn open(&self, delivery: Option<&Delivery>) -> Result<Scanner, Trouble> {
        let hearing = &self.hearing;
        let hop = hearing.hop()?;
        let model = hearing.open_model()?;
        let options = ScanOptions {
            jobs: self.jobs(),
            hop,
            priors: hearing.priors(&model)?,
            engine: hearing.engine(),
            runtime_path: hearing.runtime(),
            delivery: delivery.is_some_and(Delivery::wanted),
            loudness_target: delivery
                .map(Delivery::target)
                .transpose()?
                .unwrap_or_default(),
        };
        let scanner = Scanner::new(&model, options).map_err(Trouble::misused)?;
        hearing.say(scanner.engine_report());
        Ok(scanner)
    }
}

impl Delivery {
    /// Whether takes are measured.
    pub(crate) fn wanted(&self) -> bool {
        !self.no_delivery
    }

    /// How loud the takes are meant to be.
    pub(crate) fn target(&self) -> Result<LoudnessTarget, Trouble> {
        self.loudness_target
            .parse()
            .map_err(|error| Trouble::Misused(format!("--loudness-target: {error}")))
    }
}

impl Hearing {
    /// Distance from one window to the next.
    pub(crate) fn hop(&self) -> Result<Hop, Trouble> {
        self.hop
            .parse()
            .map_err(|error| Trouble::Misused(format!("--hop: {error}")))
    }

    /// The model asked for, for the speaker who was named.
    pub(crate) fn open_model(&self) -> Result<Model, Trouble> {
        model::open_for(self.model.as_deref(), self.profile.as_deref())
    }

    /// What the user expects, of this model's emotions.
    pub(crate) fn priors(&self, model: &Model) -> Result<Option<Priors>, Trouble> {
        self.priors
            .as_deref()
            .map(|text| Priors::parse(text, model.metadata()))
            .transpose()
            .map_err(|error| Trouble::Misused(format!("--{error}")))
    }

    /// The engine asked for.
    pub(crate) fn engine(&self) -> EngineChoice {
        self.engine.into()
    }

    /// Where ONNX Runtime lies, if the user said so.
    pub(crate) fn runtime(&self) -> Option<PathBuf> {
        self.runtime.clone()
    }

    /// Says which engine was chosen, if it was asked for or is not what was asked for.
    pub(crate) fn say(&self, report: &EngineReport) {
        if let Some(warning) = &report.warning {
            complain(warning);
        }
        if self.verbose {
            for line in report.to_string().lines() {
                remark(&one_line(line));
            }
        }
    }
}

impl Live {
    /// Distance from one window to the next.
    pub(crate) fn hop(&self) -> Result<Hop, Trouble> {
        self.hearing.hop()
    }

    /// Smoothing of updates, in seconds.
    pub(crate) fn smoothing_seconds(&self) -> Result<f64, Trouble> {
        let text = &self.smoothing;
        text.parse::<f64>()
            .ok()
            .filter(|seconds| (0.0..=MAX_SMOOTHING_SECONDS).contains(seconds))
            .ok_or_else(|| {
                Trouble::Misused(format!(
                    "--smoothing {text}: expected seconds from 0 to {MAX_SMOOTHING_SECONDS}"
                ))
            })
    }

    /// The model asked for with an engine for live sound, and what the user expects of its emotions; says what is to be said about them.
    pub(crate) fn open(&self) -> Result<(Arc<LiveModel>, Option<Priors>), Trouble> {
        let hearing = &self.hearing;
        let options = EngineOptions {
            runtime_path: hearing.runtime(),
            ..EngineOptions::default()
        };
        let model = hearing.open_model()?;
        let priors = hearing.priors(&model)?;
        let live = LiveModel::open(&model, hearing.engine(), &options).map_err(Trouble::misused)?;
        hearing.say(live.report());
        Ok((live, priors))
    }
}
