//! The built-in engine: tract, compiled in, one thread.

use std::collections::HashMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use tract_onnx::prelude::*;

use super::batches::Batches;
use super::{EngineError, EngineKind, InferenceEngine};
use crate::model::Model;

const DESCRIPTION: &str = "built in (tract)";

/// A network as tract read it, and its plans by batch size; shared by all engines of one model.
pub(super) struct Plans {
    network: InferenceModel,
    frames: usize,
    coefficients: usize,
    classes: usize,
    plans: Mutex<HashMap<usize, Arc<TypedRunnableModel>>>,
}

impl Plans {
    pub(super) fn read(model: &Model) -> Result<Arc<Self>, String> {
        let network = guarded(|| {
            tract_onnx::onnx()
                // Shapes written down for a batch of any size are worked out again for the size that is run.
                .with_ignore_output_shapes(true)
                .with_ignore_value_info(true)
                .model_for_read(&mut Cursor::new(model.bytes()))
        })?;
        Ok(Arc::new(Self {
            network,
            frames: model.frames(),
            coefficients: model.coefficients(),
            classes: model.emotions().len(),
            plans: Mutex::default(),
        }))
    }

    fn shape(&self, size: usize) -> [usize; 4] {
        [size, 1, self.frames, self.coefficients]
    }

    /// The plan for one batch size, made on first use. The lock is held meanwhile: engines that run in parallel want the same one.
    fn plan(&self, size: usize) -> Result<Arc<TypedRunnableModel>, String> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&size) {
            return Ok(Arc::clone(plan));
        }
        let plan = guarded(|| {
            let plan = self
                .network
                .clone()
                .with_input_fact(0, f32::fact(self.shape(size)).into())?
                .into_optimized()?
                .into_runnable()?;
            let fact = plan.model().output_fact(0)?;
            if fact.datum_type != f32::datum_type()
                || fact.shape.as_concrete() != Some(&[size, self.classes])
            {
                return Err(TractError::msg(format!(
                    "it gives {fact:?}; expected [{size}, {}] of 32-bit floats",
                    self.classes
                )));
            }
            Ok(plan)
        })?;
        plans.insert(size, Arc::clone(&plan));
        Ok(plan)
    }
}

/// tract refuses most networks it cannot run with an error, but some with a panic, which must not end the program.
fn guarded<T>(work: impl FnOnce() -> TractResult<T>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(_) => Err("it uses something that tract does not know".to_owned()),
    }
}

/// One engine on shared plans.
pub(super) struct BuiltinEngine {
    plans: Arc<Plans>,
    batches: Batches,
    /// The plans this engine has used, so that it asks for the shared lock only once per batch size.
    known: HashMap<usize, Arc<TypedRunnableModel>>,
    padded: Vec<f32>,
}

impl BuiltinEngine {
    /// Makes the plan for the smallest batch and runs it once, so that a network that cannot be run is known at once.
    pub(super) fn new(plans: Arc<Plans>, batches: Batches) -> Result<Self, EngineError> {
        let mut engine = Self {
            plans,
            batches,
            known: HashMap::new(),
            padded: Vec::new(),
        };
        let size = engine.batches.smallest();
        let silence = vec![0.0; size * engine.batches.window_len()];
        engine.run(&silence, size, &mut Vec::new())?;
        Ok(engine)
    }
}

impl InferenceEngine for BuiltinEngine {
    fn run(
        &mut self,
        input: &[f32],
        batch: usize,
        logits: &mut Vec<f32>,
    ) -> Result<(), EngineError> {
        let Self {
            plans,
            batches,
            known,
            padded,
        } = self;
        batches.run(
            DESCRIPTION,
            input,
            batch,
            logits,
            padded,
            |windows, size, logits| run_batch(plans, known, windows, size, logits),
        )
    }

    fn description(&self) -> &str {
        DESCRIPTION
    }

    fn kind(&self) -> EngineKind {
        EngineKind::Builtin
    }
}

fn run_batch(
    plans: &Plans,
    known: &mut HashMap<usize, Arc<TypedRunnableModel>>,
    windows: &[f32],
    size: usize,
    logits: &mut Vec<f32>,
) -> Result<(), String> {
    use std::collections::hash_map::Entry;
    let plan = match known.entry(size) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(plans.plan(size)?),
    };
    guarded(|| {
        let input = Tensor::from_shape(&plans.shape(size), windows)?;
        // A plan's kept state would carry the LSTM's memory from one run into the next; a run of its own starts from zero.
        let outputs = plan.run(tvec!(input.into()))?;
        let output = outputs
            .first()
            .ok_or_else(|| TractError::msg("no output"))?;
        logits.extend_from_slice(output.try_as_plain_ram()?.as_slice::<f32>()?);
        Ok(())
    })
}
