//! Choosing an engine: the one asked for, else the next that works, with the reason why.

use std::fmt;
use std::sync::Arc;

use super::batches::Batches;
use super::{
    EngineChoice, EngineError, EngineKind, EngineOptions, EngineReport, InferenceEngine, Rejected,
};
use crate::model::Model;

#[cfg(feature = "builtin")]
use super::builtin::{BuiltinEngine, Plans};
#[cfg(feature = "onnxruntime")]
use super::ort_engine::{Device, OrtEngine};
#[cfg(feature = "onnxruntime")]
use super::runtime::{Runtime, runtime};

/// An opened engine and how it was chosen.
pub struct Opened {
    /// The engine.
    pub engine: Box<dyn InferenceEngine>,
    /// What was chosen, and why not a better one.
    pub report: EngineReport,
    factory: EngineFactory,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("report", &self.report)
            .finish_non_exhaustive()
    }
}

impl Opened {
    /// Another engine of the same kind for the same model, to run on another thread. It gives the same logits, to the bit.
    ///
    /// # Errors
    /// [`EngineError::Unusable`] if the engine that worked before does not any more (out of memory, say).
    pub fn fork(&self) -> Result<Box<dyn InferenceEngine>, EngineError> {
        self.factory.make()
    }

    /// What [`fork`](Self::fork) uses; it can be sent to the threads that will run the engines.
    pub fn factory(&self) -> EngineFactory {
        self.factory.clone()
    }
}

/// Makes engines of one kind for one model. Cloning is cheap, and clones share what engines can share: the built-in engine's plans.
#[derive(Clone)]
pub struct EngineFactory(Arc<Setup>);

impl fmt::Debug for EngineFactory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineFactory").finish_non_exhaustive()
    }
}

struct Setup {
    batches: Batches,
    kind: SetupKind,
}

enum SetupKind {
    #[cfg(feature = "builtin")]
    Builtin { plans: Arc<Plans> },
    #[cfg(feature = "onnxruntime")]
    OnnxRuntime {
        runtime: Runtime,
        model: Model,
        device: Device,
        threads: usize,
    },
}

impl EngineFactory {
    /// One more engine.
    ///
    /// # Errors
    /// As [`Opened::fork`].
    pub fn make(&self) -> Result<Box<dyn InferenceEngine>, EngineError> {
        let batches = self.0.batches.clone();
        match &self.0.kind {
            #[cfg(feature = "builtin")]
            SetupKind::Builtin { plans } => {
                Ok(Box::new(BuiltinEngine::new(Arc::clone(plans), batches)?))
            }
            #[cfg(feature = "onnxruntime")]
            SetupKind::OnnxRuntime {
                runtime,
                model,
                device,
                threads,
            } => match OrtEngine::new(runtime, model, *device, *threads, batches) {
                Ok(engine) => Ok(Box::new(engine)),
                Err(reason) => Err(EngineError::Unusable {
                    kind: match device {
                        Device::Cpu => EngineKind::Cpu,
                        Device::Cuda => EngineKind::Cuda,
                    },
                    reason,
                }),
            },
        }
    }
}

/// Opens an engine for `model`, and runs it once, so that what comes back is known to work.
///
/// - [`EngineChoice::Auto`]: ONNX Runtime on the CPU, else the built-in engine.
/// - [`EngineChoice::Cuda`]: ONNX Runtime on the GPU if a run is seen there, else as `Auto` with a warning in the report: a scan
///   that takes longer is better than none.
/// - [`EngineChoice::Cpu`]: ONNX Runtime on the CPU, else an error that says what to do.
/// - [`EngineChoice::Builtin`]: the built-in engine.
///
/// The GPU is never used unasked: it costs 0.6 GB of its memory and most of a second, and pays only for batches.
///
/// # Errors
/// [`EngineError::BatchSizes`] for wrong options; [`EngineError::Unusable`] if the one engine asked for cannot run the model;
/// [`EngineError::None`] if no engine can.
pub fn open(
    model: &Model,
    choice: EngineChoice,
    options: &EngineOptions,
) -> Result<Opened, EngineError> {
    let batches = Batches::new(
        &options.batch_sizes,
        model.window_len(),
        model.emotions().len(),
    )?;
    let order: &[EngineKind] = match choice {
        EngineChoice::Auto => &[EngineKind::Cpu, EngineKind::Builtin],
        EngineChoice::Cuda => &[EngineKind::Cuda, EngineKind::Cpu, EngineKind::Builtin],
        EngineChoice::Cpu => &[EngineKind::Cpu],
        EngineChoice::Builtin => &[EngineKind::Builtin],
    };
    let mut rejected = Vec::new();
    if choice == EngineChoice::Auto {
        rejected.push(Rejected {
            kind: EngineKind::Cuda,
            reason: "the GPU is used only when asked for, with the engine `cuda`".to_owned(),
        });
    }
    for &kind in order {
        match try_engine(kind, model, options, &batches) {
            Ok((engine, factory, notes)) => {
                let warning = warning(choice, options, engine.as_ref(), &rejected);
                let report = EngineReport {
                    asked: choice,
                    kind,
                    description: engine.description().to_owned(),
                    rejected,
                    notes,
                    warning,
                };
                return Ok(Opened {
                    engine,
                    report,
                    factory,
                });
            }
            Err(reason) => rejected.push(Rejected { kind, reason }),
        }
    }
    Err(match rejected.pop() {
        Some(Rejected { kind, reason }) if order.len() == 1 => {
            EngineError::Unusable { kind, reason }
        }
        last => EngineError::None {
            reasons: rejected
                .into_iter()
                .chain(last)
                .map(|rejected| format!("{}: {}", rejected.kind, rejected.reason))
                .collect::<Vec<_>>()
                .join("; "),
        },
    })
}

/// What to tell a user who asked for more than they got.
fn warning(
    choice: EngineChoice,
    options: &EngineOptions,
    engine: &dyn InferenceEngine,
    rejected: &[Rejected],
) -> Option<String> {
    let named_runtime =
        options.runtime_path.is_some() || std::env::var_os(super::RUNTIME_VARIABLE).is_some();
    let better = match choice {
        EngineChoice::Cuda => rejected.first(),
        // A runtime that was named and is not used is a disappointment too; one that merely isn't installed is not.
        EngineChoice::Auto if named_runtime => rejected
            .iter()
            .find(|rejected| rejected.kind == EngineKind::Cpu),
        _ => None,
    }?;
    Some(format!(
        "the engine `{}` cannot be used: {}. Using {} instead",
        better.kind,
        better.reason,
        engine.description()
    ))
}

type Tried = (Box<dyn InferenceEngine>, EngineFactory, Vec<String>);

fn try_engine(
    kind: EngineKind,
    model: &Model,
    options: &EngineOptions,
    batches: &Batches,
) -> Result<Tried, String> {
    match kind {
        #[cfg(feature = "builtin")]
        EngineKind::Builtin => {
            let plans = Plans::read(model)?;
            let engine = BuiltinEngine::new(Arc::clone(&plans), batches.clone()).map_err(
                |error| match error {
                    EngineError::Run { reason, .. } => reason,
                    other => other.to_string(),
                },
            )?;
            let factory = EngineFactory(Arc::new(Setup {
                batches: batches.clone(),
                kind: SetupKind::Builtin { plans },
            }));
            Ok((Box::new(engine), factory, Vec::new()))
        }
        #[cfg(feature = "onnxruntime")]
        EngineKind::Cpu | EngineKind::Cuda => {
            let runtime = runtime(options.runtime_path.as_deref())?;
            let (engine, device) = if kind == EngineKind::Cuda {
                let engine =
                    OrtEngine::seen_on_gpu(&runtime, model, options.threads, batches.clone())?;
                (engine, Device::Cuda)
            } else {
                let engine = OrtEngine::new(
                    &runtime,
                    model,
                    Device::Cpu,
                    options.threads,
                    batches.clone(),
                )?;
                (engine, Device::Cpu)
            };
            let mut notes = runtime.notes.clone();
            if device == Device::Cuda {
                notes.push("a run was seen on the GPU".to_owned());
            }
            let factory = EngineFactory(Arc::new(Setup {
                batches: batches.clone(),
                kind: SetupKind::OnnxRuntime {
                    runtime,
                    model: model.clone(),
                    device,
                    threads: options.threads,
                },
            }));
            Ok((Box::new(engine), factory, notes))
        }
        #[allow(unreachable_patterns)] // reached in builds without one of the two engines
        _ => {
            let _ = (model, options, batches);
            Err("this build of Undersong is without it".to_owned())
        }
    }
}
