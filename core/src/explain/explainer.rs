//! `Explainer`: asks the network what it would say of a window without some of its patches.

use super::ExplainError;
use super::grid::{Bands, Patches};
use super::shapley;
use crate::engine::InferenceEngine;
use crate::features::{FeatureConfig, WindowCutter};
use crate::model::Scorer;
use crate::scan::Scanner;
use crate::timeline::{Baseline, Explanation};

/// Pairs of orders drawn for a window that a person asks for.
pub const DEFAULT_PAIRS: usize = 24;
/// Pairs of orders drawn for each of the many windows of a report.
pub const REPORT_PAIRS: usize = 6;

/// How a window is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExplainSettings {
    /// Pairs of orders drawn, 1 or more: four times as many halve the standard errors.
    pub pairs: usize,
    /// Seed of the orders.
    pub seed: u64,
}

impl Default for ExplainSettings {
    fn default() -> Self {
        Self {
            pairs: DEFAULT_PAIRS,
            seed: 1,
        }
    }
}

/// Explains windows of takes that a [`Scanner`] scans, with its model, features, priors and engines.
pub struct Explainer<'a> {
    pub(super) scanner: &'a Scanner,
    settings: ExplainSettings,
    pub(super) bands: Bands,
    mean_db: Option<Vec<f32>>,
    workers: Vec<Worker>,
    batch: usize,
}

/// An engine with what it needs to make its input.
struct Worker {
    engine: Box<dyn InferenceEngine>,
    cutter: WindowCutter,
    mixed_db: Vec<f32>,
    features: Vec<f32>,
    logits: Vec<f32>,
}

/// What is asked about one window.
struct Question<'a> {
    patches: &'a Patches,
    bands: &'a Bands,
    baseline_db: &'a [f32],
    scorer: &'a Scorer,
    emotion: usize,
    voiced_seconds: f64,
    batch: usize,
}

/// A window whose levels are known.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// Which of the take's windows, from 0.
    pub(super) window: usize,
    pub(super) start_seconds: f64,
    pub(super) end_seconds: f64,
    /// Voice in it: how sure the model is depends on that.
    pub(super) voiced_seconds: f64,
    pub(super) patches: Patches,
}

impl std::fmt::Debug for Explainer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Explainer")
            .field("settings", &self.settings)
            .field("workers", &self.workers.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Explainer<'a> {
    /// Makes as many engines as the scanner works with.
    ///
    /// # Errors
    /// If an engine or the features cannot be made.
    pub fn new(scanner: &'a Scanner, settings: ExplainSettings) -> Result<Self, ExplainError> {
        let config = scanner.features();
        let cutter = WindowCutter::new(config)?;
        // A speaker's own mean is the measure, also where the model hears that speaker with everybody's.
        let speaker = scanner.model().speaker();
        let mean_db = match speaker.and_then(|(profile, _)| profile.apply(config).ok()) {
            Some(own) => WindowCutter::new(&own)?.mean_levels_db(),
            None => cutter.mean_levels_db(),
        };
        let workers = scanner
            .engines()?
            .into_iter()
            .map(|engine| Worker {
                engine,
                cutter: cutter.clone(),
                mixed_db: Vec::new(),
                features: Vec::new(),
                logits: Vec::new(),
            })
            .collect();
        Ok(Self {
            settings,
            bands: Bands::new(config),
            mean_db,
            workers,
            batch: scanner.batch_windows(),
            scanner,
        })
    }

    pub(super) fn config(&self) -> &'a FeatureConfig {
        self.scanner.features()
    }

    /// What stands for absent patches of a window.
    fn baseline(&self, seen: &Seen) -> (Baseline, Vec<f32>) {
        match &self.mean_db {
            Some(mean) if self.scanner.model().speaker().is_some() => {
                (Baseline::Speaker, mean.clone())
            }
            Some(mean) => (Baseline::MeanVoice, mean.clone()),
            None => (Baseline::WindowMean, seen.patches.mean_db()),
        }
    }

    /// The score of an emotion, by its output, in a window with each of these groups of patches and the baseline in place of the others.
    pub(super) fn scores(
        &mut self,
        seen: &Seen,
        emotion: usize,
        groups: &[Vec<bool>],
    ) -> Result<Vec<f64>, ExplainError> {
        let (_, baseline_db) = self.baseline(seen);
        let question = Question {
            patches: &seen.patches,
            bands: &self.bands,
            baseline_db: &baseline_db,
            scorer: self.scanner.scorer(),
            emotion,
            voiced_seconds: seen.voiced_seconds,
            batch: self.batch,
        };
        ask(&mut self.workers, &question, groups)
    }

    /// Explains the score of an emotion, by its output, in a window.
    pub(super) fn explain(
        &mut self,
        seen: &Seen,
        emotion: usize,
    ) -> Result<Explanation, ExplainError> {
        let (baseline, _) = self.baseline(seen);
        let regions = self.bands.regions.clone();
        let (cells, count) = (seen.patches.cells(), regions.len());
        let players = cells * count;
        let ends = self.scores(seen, emotion, &[vec![false; players], vec![true; players]])?;
        let (empty, full) = (ends[0], ends[1]);
        let pairs = self.settings.pairs.max(1);
        // Each window has orders of its own, so that an unlucky draw does not run through a take.
        let seed = self.settings.seed.wrapping_add(seen.window as u64);
        let samples = shapley::sample(players, pairs, seed, empty, full, |groups| {
            self.scores(seen, emotion, groups)
        })?;
        let effects = |count: usize, of: &dyn Fn(usize) -> Vec<usize>| {
            (0..count)
                .map(|index| samples.effect(of(index).into_iter()))
                .collect()
        };
        Ok(Explanation {
            window: seen.window,
            emotion,
            score: full,
            baseline,
            baseline_score: empty,
            borders_seconds: seen.patches.borders_seconds(
                seen.start_seconds,
                seen.end_seconds,
                self.scanner.features(),
            ),
            patches: effects(players, &|player| vec![player]),
            by_cell: effects(cells, &|cell| (cell * count..(cell + 1) * count).collect()),
            by_region: effects(count, &|region| (region..players).step_by(count).collect()),
            regions,
            runs: 2 + 2 * pairs * players.saturating_sub(1),
        })
    }
}

/// The score of the emotion for each group of patches, in their order; the same to the bit for any number of workers, since batches lie at the same places.
fn ask(
    workers: &mut [Worker],
    question: &Question<'_>,
    groups: &[Vec<bool>],
) -> Result<Vec<f64>, ExplainError> {
    let batches = groups.len().div_ceil(question.batch);
    let share = batches.div_ceil(workers.len().max(1)) * question.batch;
    if workers.len() < 2 || groups.len() <= question.batch {
        return match workers.first_mut() {
            Some(worker) => worker.ask(question, groups),
            None => Ok(Vec::new()),
        };
    }
    let answers = std::thread::scope(|scope| {
        let running: Vec<_> = workers
            .iter_mut()
            .zip(groups.chunks(share))
            .map(|(worker, groups)| scope.spawn(move || worker.ask(question, groups)))
            .collect();
        running
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect::<Result<Vec<_>, _>>()
    })?;
    Ok(answers.concat())
}

impl Worker {
    fn ask(
        &mut self,
        question: &Question<'_>,
        groups: &[Vec<bool>],
    ) -> Result<Vec<f64>, ExplainError> {
        let window = self.cutter.frames() * self.cutter.coefficients();
        let mut scores = Vec::with_capacity(groups.len());
        for batch in groups.chunks(question.batch) {
            self.features.resize(batch.len() * window, 0.0);
            for (group, out) in batch.iter().zip(self.features.chunks_exact_mut(window)) {
                question.patches.mix(
                    group,
                    question.bands,
                    question.baseline_db,
                    &mut self.mixed_db,
                );
                self.cutter.finish(&self.mixed_db, out)?;
            }
            self.engine
                .run(&self.features, batch.len(), &mut self.logits)?;
            let classes = question.scorer.emotions().len();
            for logits in self.logits.chunks(classes) {
                let reading = question
                    .scorer
                    .window_reading(logits, question.voiced_seconds)?;
                scores.push(
                    reading
                        .scores
                        .0
                        .get(question.emotion)
                        .copied()
                        .map_or(0.0, f64::from),
                );
            }
        }
        Ok(scores)
    }
}
