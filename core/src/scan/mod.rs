//! Many takes in, their timelines out: decoding beside inference, batches across takes, the same answer for any number of jobs.
//!
//! Three kinds of threads, joined by bounded channels so that memory does not grow with a take's length or the number of takes:
//! *listeners* decode takes and cut windows, a *sequencer* lays the windows of all takes into batches in the takes' order, and
//! *engines* run the batches. What stands in a batch depends on the takes alone, never on which thread was faster, so the result
//! is the same to the bit for any number of jobs.

mod listen;
mod measure;
mod pipeline;
mod sound;

pub use sound::{MAX_SOUND_CHANNELS, Samples, SamplesError, Sound, Track};

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::analyzer::{AnalyzerError, Hop};
use crate::delivery::LoudnessTarget;
use crate::engine::{
    self, EngineChoice, EngineError, EngineFactory, EngineKind, EngineOptions, EngineReport,
    InferenceEngine,
};
use crate::features::FeatureConfig;
use crate::model::{Model, Priors, ScoreError, Scorer};
use crate::timeline::{Scan, Timeline, Window};

/// Windows run at once on a CPU: more gain nothing there (`benches/engines.rs`), and at 16 the built-in engine takes a third longer, as a
/// layer's numbers outgrow the cache.
const BATCH_ON_CPU: usize = 4;

/// Windows run at once on a GPU, where a batch of so many costs little more than one window.
const BATCH_ON_GPU: usize = 64;

/// How a scan is done.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// Takes listened to, and batches run, at the same time; 1 or more.
    pub jobs: usize,
    /// Distance from one window to the next.
    pub hop: Hop,
    /// Priors set by the user.
    pub priors: Option<Priors>,
    /// Which engine.
    pub engine: EngineChoice,
    /// Where ONNX Runtime lies, if not where it is looked for.
    pub runtime_path: Option<PathBuf>,
    /// Whether delivery is measured, too: loudness, pitch, rate, pauses, and what is technically wrong.
    pub delivery: bool,
    /// How loud the takes are meant to be.
    pub loudness_target: LoudnessTarget,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self {
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            hop: Hop::default(),
            priors: None,
            engine: EngineChoice::Auto,
            runtime_path: None,
            delivery: true,
            loudness_target: LoudnessTarget::default(),
        }
    }
}

/// What a scan tells while it runs; from several threads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Progress<'a> {
    /// So much more sound was heard.
    Advanced {
        /// Seconds of sound.
        seconds: f64,
    },
    /// A take is done.
    Done {
        /// The take.
        path: &'a Path,
        /// Whether it could not be scanned.
        failed: bool,
    },
}

/// Why a scan could not be done at all; what is wrong with a single take stands in [`Scan::failed`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// No engine could be opened, or it failed at work.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The model's features cannot be computed.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// Priors that do not fit the model.
    #[error(transparent)]
    Score(#[from] ScoreError),
    /// Whoever asked for the scan does not want it any more.
    #[error("the scan was stopped")]
    Stopped,
}

/// Scans takes with one model; engines are opened once and kept.
pub struct Scanner {
    model: Model,
    options: ScanOptions,
    scorer: Scorer,
    engines: EngineFactory,
    /// Engines that wait for the next scan.
    idle: Mutex<Vec<Box<dyn InferenceEngine>>>,
    report: EngineReport,
}

impl std::fmt::Debug for Scanner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner")
            .field("model", &self.model)
            .field("options", &self.options)
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl Scanner {
    /// Opens the engine.
    ///
    /// # Errors
    /// If no engine can run the model, or the priors name emotions that the model does not have.
    pub fn new(model: &Model, options: ScanOptions) -> Result<Self, ScanError> {
        let scorer = Scorer::new(model, options.priors.as_ref())?;
        let opened = engine::open(
            model,
            options.engine,
            &EngineOptions {
                // Only the one that the engine's kind asks for is ever planned and run.
                batch_sizes: vec![BATCH_ON_CPU, BATCH_ON_GPU],
                runtime_path: options.runtime_path.clone(),
                ..EngineOptions::default()
            },
        )?;
        Ok(Self {
            model: model.clone(),
            options,
            scorer,
            engines: opened.factory(),
            idle: Mutex::new(vec![opened.engine]),
            report: opened.report,
        })
    }

    /// Which engine was chosen, and why not a better one.
    pub fn engine_report(&self) -> &EngineReport {
        &self.report
    }

    /// Scans takes; the result has them in the order of `paths`.
    ///
    /// `progress` is called from several threads.
    ///
    /// # Errors
    /// If an engine fails. A take that cannot be scanned, or that the network gives no numbers for, stands in [`Scan::failed`], and the rest is scanned.
    pub fn scan(
        &self,
        paths: &[PathBuf],
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Scan, ScanError> {
        let sounds: Vec<_> = paths.iter().map(|path| Sound::File(path)).collect();
        self.scan_sounds(&sounds, &AtomicBool::new(false), progress)
    }

    /// Scans files and sounds in memory, as [`scan`](Self::scan) does files; the result has them in the order of `sounds`. It may be called by
    /// several threads at once.
    ///
    /// Once `stop` is true, what is not done is given up.
    ///
    /// # Errors
    /// As [`scan`](Self::scan), and [`ScanError::Stopped`].
    pub fn scan_sounds(
        &self,
        sounds: &[Sound<'_>],
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Scan, ScanError> {
        self.run(sounds, self.options.delivery, stop, progress)
    }

    /// As [`scan_sounds`](Self::scan_sounds), for whoever has no use for delivery: it is not measured, whatever the options say.
    ///
    /// # Errors
    /// Those of [`scan_sounds`](Self::scan_sounds).
    pub fn scan_emotion(
        &self,
        sounds: &[Sound<'_>],
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Scan, ScanError> {
        self.run(sounds, false, stop, progress)
    }

    fn run(
        &self,
        sounds: &[Sound<'_>],
        delivery: bool,
        stop: &AtomicBool,
        progress: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Scan, ScanError> {
        let mut engines = self.take_engines()?;
        let outcome = pipeline::run(self, sounds, delivery, &mut engines, stop, progress);
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .append(&mut engines);
        let outcome = outcome?;
        if stop.load(Ordering::Relaxed) {
            return Err(ScanError::Stopped);
        }
        Ok(Scan {
            model: self.model.metadata().clone(),
            model_id: self.model.id().to_owned(),
            engine: self.report.description.clone(),
            profile: self.model.speaker().map(|(profile, name)| {
                format!("{name} ({:.0} s of voice)", profile.sounding_seconds)
            }),
            hop_seconds: self.options.hop.seconds(),
            takes: outcome.takes,
            failed: outcome.failed,
        })
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Takes worked on at the same time.
    pub(crate) fn jobs(&self) -> usize {
        self.options.jobs.max(1)
    }

    /// What the model sees.
    pub(crate) fn features(&self) -> &FeatureConfig {
        &self.model.metadata().features
    }

    /// What the network's numbers mean.
    pub(crate) fn scorer(&self) -> &Scorer {
        &self.scorer
    }

    /// Distance from one window to the next.
    pub(crate) fn hop(&self) -> Hop {
        self.options.hop
    }

    /// Engines, one for each thread that is to run them: those that wait, and new ones.
    fn take_engines(&self) -> Result<Vec<Box<dyn InferenceEngine>>, EngineError> {
        let count = self.engine_count();
        let mut engines = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            let kept = idle.len().saturating_sub(count);
            idle.split_off(kept)
        };
        while engines.len() < count {
            engines.push(self.engines.make()?);
        }
        Ok(engines)
    }

    /// New engines, one for each thread that is to run them.
    pub(crate) fn engines(&self) -> Result<Vec<Box<dyn InferenceEngine>>, EngineError> {
        (0..self.engine_count())
            .map(|_| self.engines.make())
            .collect()
    }

    fn engine_count(&self) -> usize {
        match self.report.kind {
            // A GPU is kept busy by one engine, and each one more would take 0.6 GB of its memory.
            EngineKind::Cuda => 1,
            _ => self.options.jobs.max(1),
        }
    }

    /// Windows run at once.
    pub(crate) fn batch_windows(&self) -> usize {
        match self.report.kind {
            EngineKind::Cuda => BATCH_ON_GPU,
            _ => BATCH_ON_CPU,
        }
    }

    fn timeline(
        &self,
        path: PathBuf,
        listened: listen::Listened,
        mut windows: Vec<Window>,
    ) -> Timeline {
        if let Some(measured) = &listened.delivery {
            for (window, delivery) in windows.iter_mut().zip(&measured.1) {
                window.delivery = Some(*delivery);
            }
        }
        let metadata = self.model.metadata();
        let mut timeline = Timeline::new(
            path,
            listened.seconds,
            metadata.emotions.clone(),
            windows,
            metadata.calibration.unsure_below,
        );
        // Counted over the take's own steps, not estimated from overlapping windows.
        timeline.summary.voiced_seconds = listened.voiced_seconds;
        timeline.summary.delivery = listened.delivery.map(|measured| measured.0);
        timeline
    }
}
