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
            description,
            padded,
            ..
        } = self;
        batches.run(
            description,
            input,
            batch,
            logits,
            padded,
            |windows, size, logits| run_batch(session, *shape, windows, size, logits),
        )
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
    windows: &[f32],
    size: usize,
    logits: &mut Vec<f32>,
) -> Result<(), String> {
    let input = TensorRef::from_array_view(([size, 1, frames, coefficients], windows))
        .map_err(|error| error.to_string())?;
    let outputs = session
        .run(ort::inputs![input])
        .map_err(|error| error.to_string())?;
    let output = outputs.values().next().ok_or("no output")?;
    let (_, values) = output
        .try_extract_tensor::<f32>()
        .map_err(|error| error.to_string())?;
    logits.extend_from_slice(values);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::runtime::runtime;
    use crate::features::FeatureConfig;
    use crate::model::onnx::{
        AttributeProto, Dimension, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto,
        TensorProto, ValueInfoProto, set_metadata,
    };
    use crate::model::{Calibration, EmotionSet, FORMAT_VERSION, ModelMetadata, Training};

    /// One matrix over the flattened window.
    fn model() -> Model {
        let features = FeatureConfig::paper();
        let numbers = features.frames() * features.coefficients();
        let sizes = [1, features.frames(), features.coefficients()];
        let mut input = vec![Dimension::named("batch")];
        input.extend(sizes.map(|size| Dimension::fixed(size as i64)));
        let network = ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: 17,
            }],
            graph: Some(GraphProto {
                name: "network".to_owned(),
                node: vec![
                    NodeProto::new(
                        "Flatten",
                        &["features"],
                        &["flat"],
                        vec![AttributeProto::int("axis", 1)],
                    ),
                    NodeProto::new("MatMul", &["flat", "weights"], &["logits"], vec![]),
                ],
                initializer: vec![TensorProto::floats(
                    "weights",
                    &[numbers as i64, 2],
                    &vec![0.01; numbers * 2],
                )],
                input: vec![ValueInfoProto::floats("features", input)],
                output: vec![ValueInfoProto::floats(
                    "logits",
                    vec![Dimension::named("batch"), Dimension::fixed(2)],
                )],
                ..GraphProto::default()
            }),
            ..ModelProto::default()
        }
        .encode_to_vec();
        let metadata = ModelMetadata {
            format_version: FORMAT_VERSION,
            name: "matrix".to_owned(),
            description: String::new(),
            emotions: EmotionSet::from_names(&["happy", "sad"]).unwrap(),
            features,
            calibration: Calibration {
                temperature: 1.0,
                by_voice: Vec::new(),
                unsure_below: 0.5,
                priors: vec![0.5, 0.5],
                ordinary: None,
                speaker_shift: Vec::new(),
                measured_on: String::new(),
            },
            training: Training {
                recipe: String::new(),
                recipe_toml: String::new(),
                seed: 0,
                split: String::new(),
                epochs: 0,
                data: Vec::new(),
                licence: String::new(),
                trainer_version: String::new(),
            },
            quality: Vec::new(),
        };
        Model::from_bytes(set_metadata(&network, &metadata).unwrap(), "matrix.onnx").unwrap()
    }

    #[test]
    fn the_profile_of_a_real_run_on_the_cpu_is_read_and_not_taken_for_the_gpu() {
        let runtime = match runtime(None) {
            Ok(runtime) => runtime,
            Err(reason) => {
                eprintln!("skipped: {reason}");
                return;
            }
        };
        let model = model();
        let batches = Batches::new(&[1], model.window_len(), 2).unwrap();
        let placement = OrtEngine::placement(&runtime, &model, Device::Cpu, batches).unwrap();
        let reason = placement.on_gpu().unwrap_err();
        assert!(
            reason.contains("MatMul on CPUExecutionProvider"),
            "{reason}"
        );
    }
}
