//! What decides the scores, and what computes them: the arguments that `scan` and `explain` share.

use std::path::PathBuf;

use clap::ValueEnum;
use undersong_core::analyzer::Hop;
use undersong_core::engine::EngineChoice;
use undersong_core::model::Priors;
use undersong_core::scan::{ScanOptions, Scanner};

use crate::model;
use crate::terminal::{complain, one_line, remark};
use crate::trouble::Trouble;

/// Arguments of an analysis.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Model file to use instead of the built-in one
    #[arg(long, value_name = "FILE", help_heading = "Analysis")]
    model: Option<PathBuf>,
    /// Profile of the speaker, made by `undersong calibrate`: scores then tell how a voice differs from its own usual
    #[arg(long, value_name = "FILE", help_heading = "Analysis")]
    profile: Option<PathBuf>,
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
    /// Opens the model and the engine, and says what is to be said about them.
    pub(crate) fn open(&self) -> Result<Scanner, Trouble> {
        let hop: Hop = self
            .hop
            .parse()
            .map_err(|error| Trouble::Misused(format!("--hop: {error}")))?;
        let model = model::open_for(self.model.as_deref(), self.profile.as_deref())?;
        let priors = self
            .priors
            .as_deref()
            .map(|text| Priors::parse(text, model.metadata()))
            .transpose()
            .map_err(|error| Trouble::Misused(format!("--{error}")))?;
        let defaults = ScanOptions::default();
        let options = ScanOptions {
            jobs: self.jobs.map_or(defaults.jobs, usize::from),
            hop,
            priors,
            engine: self.engine.into(),
            runtime_path: self.runtime.clone(),
        };
        let scanner = Scanner::new(&model, options).map_err(Trouble::misused)?;
        let engine = scanner.engine_report();
        if let Some(warning) = &engine.warning {
            complain(warning);
        }
        if self.verbose {
            for line in engine.to_string().lines() {
                remark(&one_line(line));
            }
        }
        Ok(scanner)
    }
}
