//! `LiveModel`: a model with engines that run it, shared by all streams that use it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::engine::{
    self, EngineChoice, EngineError, EngineFactory, EngineKind, EngineOptions, EngineReport,
    InferenceEngine,
};
use crate::model::Model;

/// A model with an engine opened and run once, to be shared by any number of streams.
///
/// Engines cannot be used by two threads at once, so there is one for each worker that runs this model at the same time, not for each
/// stream (on a GPU one for all). If the engine fails at work, a new one is tried, then the next kind of engine:
/// [`report`](Self::report) then tells of that one.
pub struct LiveModel {
    model: Model,
    options: EngineOptions,
    first: Level,
}

/// Engines of one kind, and those to use once they have failed.
struct Level {
    report: EngineReport,
    factory: EngineFactory,
    engines: Mutex<Engines>,
    returned: Condvar,
    /// Set once this level has failed and another works.
    next: OnceLock<Box<Level>>,
    /// Held while the next is opened.
    opening: Mutex<()>,
}

struct Engines {
    idle: Vec<Box<dyn InferenceEngine>>,
    /// Engines idle or at work.
    made: usize,
}

impl fmt::Debug for LiveModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveModel")
            .field("model", &self.model)
            .field("engine", &self.report().description)
            .finish_non_exhaustive()
    }
}

impl LiveModel {
    /// Opens an engine for `model` and runs it once. Of `options`, the batch sizes are not used: live windows come one at a time.
    ///
    /// # Errors
    /// As [`engine::open`].
    pub fn open(
        model: &Model,
        choice: EngineChoice,
        options: &EngineOptions,
    ) -> Result<Arc<Self>, EngineError> {
        let options = EngineOptions {
            batch_sizes: vec![1],
            ..options.clone()
        };
        Ok(Arc::new(Self {
            first: Level::open(model, choice, &options)?,
            model: model.clone(),
            options,
        }))
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Which engine runs it, and why not a better one.
    pub fn report(&self) -> &EngineReport {
        &self.level().report
    }

    /// Has these run before any that work, as engines of that kind.
    #[cfg(test)]
    pub(super) fn break_engines(
        &mut self,
        kind: EngineKind,
        engines: Vec<Box<dyn InferenceEngine>>,
    ) {
        self.first.report.kind = kind;
        if !engines.is_empty() {
            let mut own = self.first.engines();
            own.made = engines.len();
            own.idle = engines;
        }
    }

    /// Makes engines, so that `threads` workers can run at once without making one then.
    pub(super) fn warm_up(&self, threads: usize) -> Result<(), EngineError> {
        self.level().warm_up(threads)
    }

    /// The engines in use: the last that have not failed.
    fn level(&self) -> &Level {
        let mut level = &self.first;
        while let Some(next) = level.next.get() {
            level = next;
        }
        level
    }

    /// Runs one window `[frames, coefficients]`. Waits only where fewer engines may be made than there are workers: on a GPU.
    ///
    /// # Errors
    /// If no engine is left that can.
    pub(super) fn run(&self, features: &[f32], logits: &mut Vec<f32>) -> Result<(), EngineError> {
        let mut level = self.level();
        loop {
            let Err(error) = level.run(features, logits) else {
                return Ok(());
            };
            // Whoever comes first opens the next level; the others wait for it here.
            let opening = level.opening.lock().unwrap_or_else(PoisonError::into_inner);
            if level.next.get().is_none() {
                let next = self.fall_back(level, &error)?;
                let _ = level.next.set(Box::new(next));
            }
            drop(opening);
            match level.next.get() {
                Some(next) => level = next,
                None => return Err(error),
            }
        }
    }

    /// The engines to use instead of those of `failed`.
    fn fall_back(&self, failed: &Level, error: &EngineError) -> Result<Level, EngineError> {
        let choice = match failed.report.kind {
            EngineKind::Cuda => EngineChoice::Auto,
            EngineKind::Cpu => EngineChoice::Builtin,
            EngineKind::Builtin | EngineKind::Training => return Err(error.clone()),
        };
        // What both engines refuse is the model's fault, and the first error says more.
        let mut level =
            Level::open(&self.model, choice, &self.options).map_err(|_| error.clone())?;
        level.report.asked = failed.report.asked;
        level.report.warning = Some(format!("{error}. Using {} now", level.report.description));
        Ok(level)
    }
}

impl Level {
    fn open(
        model: &Model,
        choice: EngineChoice,
        options: &EngineOptions,
    ) -> Result<Self, EngineError> {
        let opened = engine::open(model, choice, options)?;
        Ok(Self {
            factory: opened.factory(),
            report: opened.report,
            engines: Mutex::new(Engines {
                idle: vec![opened.engine],
                made: 1,
            }),
            returned: Condvar::new(),
            next: OnceLock::new(),
            opening: Mutex::new(()),
        })
    }

    /// Engines at most: a GPU is kept busy by one, and each one more would take 0.6 GB of its memory.
    fn most(&self) -> usize {
        match self.report.kind {
            EngineKind::Cuda => 1,
            _ => usize::MAX,
        }
    }

    fn engines(&self) -> MutexGuard<'_, Engines> {
        self.engines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn warm_up(&self, threads: usize) -> Result<(), EngineError> {
        while self.engines().made < threads.min(self.most()) {
            let engine = self.factory.make()?;
            let mut engines = self.engines();
            engines.made += 1;
            engines.idle.push(engine);
        }
        Ok(())
    }

    fn take(&self) -> Result<Box<dyn InferenceEngine>, EngineError> {
        let mut engines = self.engines();
        loop {
            if let Some(engine) = engines.idle.pop() {
                return Ok(engine);
            }
            if engines.made < self.most() {
                engines.made += 1;
                break;
            }
            engines = self
                .returned
                .wait(engines)
                .unwrap_or_else(PoisonError::into_inner);
        }
        drop(engines);
        self.factory.make().inspect_err(|_| self.lost())
    }

    fn give_back(&self, engine: Box<dyn InferenceEngine>) {
        self.engines().idle.push(engine);
        self.returned.notify_one();
    }

    fn lost(&self) {
        self.engines().made -= 1;
        self.returned.notify_one();
    }

    /// Runs a window; an engine that fails is thrown away, and a new one tried once.
    fn run(&self, features: &[f32], logits: &mut Vec<f32>) -> Result<(), EngineError> {
        self.run_once(features, logits)
            .or_else(|_| self.run_once(features, logits))
    }

    fn run_once(&self, features: &[f32], logits: &mut Vec<f32>) -> Result<(), EngineError> {
        let mut engine = self.take()?;
        let outcome = catch_unwind(AssertUnwindSafe(|| engine.run(features, 1, logits)))
            .unwrap_or_else(|_| {
                Err(EngineError::Run {
                    engine: self.report.description.clone(),
                    reason: "it broke down".to_owned(),
                })
            });
        match outcome {
            Ok(()) => self.give_back(engine),
            Err(_) => {
                // Throwing away what is broken may break, too.
                let _ = catch_unwind(AssertUnwindSafe(|| drop(engine)));
                self.lost();
            }
        }
        outcome
    }
}
