//! The engine on ONNX Runtime: sessions on the CPU or an NVIDIA GPU.

use ort::session::Session;
use ort::session::builder::SessionBuilder;
use ort::value::TensorRef;

use super::batches::Batches;
use super::placement::Placement;
use super::runtime::Runtime;
use super::{EngineError, EngineKind, InferenceEngine, cuda};
use crate::model::Model;

/// Where a session runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    Cpu,
    Cuda,
}

/// One session.
pub(super) struct OrtEngine {
    session: Session,
    batches: Batches,
    shape: [usize; 2],
    classes: usize,
    description: String,
    device: Device,
    padded: Vec<f32>,
}

impl OrtEngine {
    /// Makes a session and runs its smallest batch once. The error is the reason alone, for a report.
    pub(super) fn new(
        runtime: &Runtime,
        model: &Model,
        device: Device,
        threads: usize,
        batches: Batches,
    ) -> Result<Self, String> {
        let session = builder(runtime, device, threads)?
            .commit_from_memory(model.bytes())
            .map_err(|error| refusal(device, &error.to_string()))?;
        let mut engine = Self::around(session, runtime, model, device, batches);
        engine.run_silence()?;
        Ok(engine)
    }

    /// Makes a session on the GPU, and sees that a run of it happens there.
    ///
    /// The session that is watched is not the one that is kept: profiling slows each run.
    pub(super) fn seen_on_gpu(
        runtime: &Runtime,
        model: &Model,
        threads: usize,
        batches: Batches,
    ) -> Result<Self, String> {
        cuda::prepare(runtime)?;
        let placement = Self::placement(runtime, model, Device::Cuda, batches.clone())?;
        placement.on_gpu()?;
        Self::new(runtime, model, Device::Cuda, threads, batches)
    }

    /// Where the operations of one run happen.
    pub(super) fn placement(
        runtime: &Runtime,
        model: &Model,
        device: Device,
        batches: Batches,
    ) -> Result<Placement, String> {
        let folder = tempfile::tempdir()
            .map_err(|error| format!("no temporary folder for a profile: {error}"))?;
        let session = builder(runtime, device, 1)?
            .with_profiling(folder.path().join("profile"))
            .map_err(|error| error.to_string())?
            .commit_from_memory(model.bytes())
            .map_err(|error| refusal(device, &error.to_string()))?;
        let mut engine = Self::around(session, runtime, model, device, batches);
        engine.run_silence()?;
        let profile = engine
            .session
            .end_profiling()
            .map_err(|error| error.to_string())?;
        std::fs::read_to_string(&profile)
            .ok()
            .and_then(|profile| Placement::read(&profile))
            .ok_or_else(|| "ONNX Runtime's profile of a run cannot be read".to_owned())
    }

    fn around(
        session: Session,
        runtime: &Runtime,
        model: &Model,
        device: Device,
        batches: Batches,
    ) -> Self {
        let device_name = match device {
            Device::Cpu => "CPU",
            Device::Cuda => "CUDA",
        };
        Self {
            session,
            batches,
            shape: [model.frames(), model.coefficients()],
            classes: model.emotions().len(),
            description: format!("ONNX Runtime {}, {device_name}", runtime.version),
            device,
            padded: Vec::new(),
        }
    }

    fn run_silence(&mut self) -> Result<(), String> {
        let size = self.batches.smallest();
        let silence = vec![0.0; size * self.batches.window_len()];
        self.run(&silence, size, &mut Vec::new())
            .map_err(|error| match error {
                EngineError::Run { reason, .. } => refusal(self.device, &reason),
                other => other.to_string(),
            })
    }
}

fn refusal(device: Device, error: &str) -> String {
    match device {
        Device::Cpu => error.to_owned(),
        Device::Cuda => cuda::explain(error),
    }
}

fn builder(runtime: &Runtime, device: Device, threads: usize) -> Result<SessionBuilder, String> {
    let text = |error: ort::Error<SessionBuilder>| error.to_string();
    let builder = Session::builder(&runtime.environment)
        .map_err(|error| error.to_string())?
        .with_intra_threads(threads.max(1))
        .map_err(text)?
        .with_inter_threads(1)
        .map_err(text)?
        // Threads that wait must sleep: they share the machine with a host's audio threads.
        .with_intra_op_spinning(false)
        .map_err(text)?
        .with_deterministic_compute(true)
        .map_err(text)?
        .with_log_level(ort::logging::LogLevel::Fatal)
        .map_err(text)?;
    match device {
        Device::Cpu => Ok(builder),
        Device::Cuda => cuda::with_cuda(builder),
    }
}

impl InferenceEngine for OrtEngine {
    fn run(
        &mut self,
        input: &[f32],
        batch: usize,
        logits: &mut Vec<f32>,
    ) -> Result<(), EngineError> {
        let Self {
            session,
            batches,
            shape,
            classes,
            description,
            padded,
            ..
        } = self;
        batches.run(input, batch, logits, padded, |windows, size, logits| {
            run_batch(session, *shape, *classes, windows, size, logits).map_err(|reason| {
                EngineError::Run {
                    engine: description.clone(),
                    reason,
                }
            })
        })
    }

    fn description(&self) -> &str {
        &self.description
    }

    fn kind(&self) -> EngineKind {
        match self.device {
            Device::Cpu => EngineKind::Cpu,
            Device::Cuda => EngineKind::Cuda,
        }
    }
}

fn run_batch(
    session: &mut Session,
    [frames, coefficients]: [usize; 2],
    classes: usize,
    windows: &[f32],
    size: usize,
    logits: &mut Vec<f32>,
) -> Result<(), String> {
    let input = TensorRef::from_array_view(([size, 1, frames, coefficients], windows))
        .map_err(|error| error.to_string())?;
    let outputs = session
        .run(ort::inputs![input])
        .map_err(|error| error.to_string())?;
    let (shape, values) = outputs
        .values()
        .next()
        .ok_or("no output")?
        .try_extract_tensor::<f32>()
        .map(|(shape, values)| (shape.to_vec(), values.to_vec()))
        .map_err(|error| error.to_string())?;
    if values.len() != size * classes {
        return Err(format!("it gives {shape:?}; expected [{size}, {classes}]"));
    }
    logits.extend_from_slice(&values);
    Ok(())
}
