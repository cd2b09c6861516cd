//! Runs a model on a test part under every condition.

use std::cell::RefCell;

use undersong_core::analyzer::AnalyzerError;
use undersong_core::engine::{EngineError, InferenceEngine};
use undersong_core::features::FeatureConfig;

use super::{Condition, Encoder, Hearer, Stage, StageError, Window};
use crate::corpus::parallel;
use crate::evaluate::{EvaluateError, Predictions, Row};
use crate::recipe::Preparation;
use crate::workbench::Workbench;

/// Windows run at once.
const BATCH_WINDOWS: usize = 16;

thread_local! {
    /// What a thread hears with: plans and buffers, made once per condition and thread.
    static HEARER: RefCell<Option<Hearer>> = const { RefCell::new(None) };
}

/// One model's work: its own test part.
#[derive(Debug)]
pub struct Job<'a> {
    /// What the model sees.
    pub features: &'a FeatureConfig,
    /// The emotions, in the order of the outputs.
    pub labels: &'a [String],
    /// How its recipe finds the utterance in a clip.
    pub preparation: Preparation,
    /// Clips of its test part, by their places in the workbench.
    pub part: &'a [usize],
    /// Seed of all draws.
    pub seed: u64,
    /// Threads that make the sound.
    pub threads: usize,
}

/// A model's answer to one clip under one condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Clip, truth and logits.
    pub row: Row,
    /// Seconds of voice that the gate found in the window.
    pub voiced_seconds: f64,
    /// Whether a scan would have asked the model.
    pub voice_found: bool,
}

/// Answers to a test part under one condition, or why there are none.
#[derive(Debug, Clone, PartialEq)]
pub enum Answers {
    /// One a clip.
    Given(Vec<Answer>),
    /// The condition cannot be made here.
    NotMeasured(String),
}

/// Why a model cannot be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// The sound cannot be heard.
    #[error(transparent)]
    Analyzer(#[from] AnalyzerError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The answers are not sane.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

/// Answers of a model under each condition, in their order; `told` is called with each condition's number before it begins.
///
/// Clips whose emotion the model does not have are passed over.
///
/// # Errors
/// If the features cannot be cut or the engine fails. A condition that lacks something is [`Answers::NotMeasured`].
pub fn measure(
    job: &Job<'_>,
    workbench: &Workbench,
    engine: &mut dyn InferenceEngine,
    conditions: &[Condition],
    encoder: Option<&Encoder>,
    told: &mut dyn FnMut(usize),
) -> Result<Vec<Answers>, MeasureError> {
    let stage = Stage::new(
        &workbench.store,
        workbench.clips(),
        job.part,
        job.preparation.clone(),
        job.features,
        job.seed,
        encoder,
    );
    let classes = workbench.classes(job.labels);
    let clips: Vec<usize> = job
        .part
        .iter()
        .copied()
        .filter(|&clip| classes.get(clip).copied().flatten().is_some())
        .collect();
    let mut all = Vec::with_capacity(conditions.len());
    for (number, condition) in conditions.iter().enumerate() {
        told(number);
        let heard = parallel::map(clips.len(), job.threads, &mut |_, _| {}, |index| {
            let clip = clips.get(index).copied().unwrap_or_default();
            hear(&stage, condition, clip, job.features)
        });
        let mut windows = Vec::with_capacity(clips.len());
        let mut lacking = None;
        for window in heard {
            match window? {
                Ok(window) => windows.push(window),
                Err(reason) => {
                    lacking.get_or_insert(reason.to_string());
                }
            }
        }
        all.push(match lacking {
            Some(reason) => Answers::NotMeasured(reason),
            None => Answers::Given(answers(job, workbench, engine, &clips, &windows)?),
        });
    }
    Ok(all)
}

/// A window of a clip under a condition; the inner error is a condition that cannot be had here.
fn hear(
    stage: &Stage<'_>,
    condition: &Condition,
    clip: usize,
    features: &FeatureConfig,
) -> Result<Result<Window, StageError>, AnalyzerError> {
    let sound = match stage.sound(condition, clip) {
        Ok(sound) => sound,
        Err(lacking) => return Ok(Err(lacking)),
    };
    HEARER.with_borrow_mut(|hearer| {
        let hearer = match hearer {
            Some(hearer) => hearer,
            None => hearer.insert(Hearer::new(features)?),
        };
        hearer.hear(&sound).map(Ok)
    })
}

fn answers(
    job: &Job<'_>,
    workbench: &Workbench,
    engine: &mut dyn InferenceEngine,
    clips: &[usize],
    windows: &[Window],
) -> Result<Vec<Answer>, MeasureError> {
    let mut logits = Vec::with_capacity(clips.len() * job.labels.len());
    let (mut input, mut output) = (Vec::new(), Vec::new());
    for batch in windows.chunks(BATCH_WINDOWS) {
        input.clear();
        for window in batch {
            input.extend_from_slice(&window.features);
        }
        engine.run(&input, batch.len(), &mut output)?;
        logits.extend_from_slice(&output);
    }
    let predictions: Predictions = workbench.predictions(job.labels, clips, &logits);
    predictions.check()?;
    Ok(predictions
        .rows
        .into_iter()
        .zip(windows)
        .map(|(row, window)| Answer {
            row,
            voiced_seconds: window.voiced_seconds,
            voice_found: window.voice_found,
        })
        .collect())
}
