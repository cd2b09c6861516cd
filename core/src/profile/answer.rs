//! `ModelAnswer`: what a model answers to a speaker's ordinary voice.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::ProfileError;
use crate::analyzer::{AnalyzerError, Heard, Hop, Listener};
use crate::audio::Decoder;
use crate::engine::InferenceEngine;
use crate::model::Model;

/// The mean logits that one model gave to a speaker's ordinary voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelAnswer {
    /// The model's [`id`](Model::id).
    pub model: String,
    /// Mean logits, in the order of the model's outputs, `[classes]`.
    pub logits: Vec<f32>,
    /// Windows that went into it.
    pub windows: u32,
}

/// Asks a model of recordings of a speaker's ordinary voice: the logits of each window that a scan would read in them count as much as it holds
/// voice.
///
/// `None` if there is no window with voice. `engine` must run `model`, uncalibrated.
///
/// # Errors
/// [`ProfileError::Sound`] names a recording that cannot be read; [`ProfileError::Model`] if the engine fails.
pub fn measure_answer(
    recordings: &[PathBuf],
    model: &Model,
    engine: &mut dyn InferenceEngine,
) -> Result<Option<ModelAnswer>, ProfileError> {
    let mut sum = vec![0.0; model.emotions().len()];
    let (mut weight, mut windows) = (0.0, 0_u32);
    let (mut block, mut logits) = (Vec::new(), Vec::new());
    for path in recordings {
        let mut decoder = Decoder::open(path)?;
        let rate_hz = decoder.sample_rate_hz();
        let mut listener = Listener::new(model.features(), rate_hz, Hop::default())?;
        let mut failed: Option<AnalyzerError> = None;
        let mut ask = |heard: Heard<'_>| {
            let Some(window) = heard.features else {
                return;
            };
            if failed.is_some() {
                return;
            }
            if let Err(error) = engine.run(window, 1, &mut logits) {
                failed = Some(error.into());
                return;
            }
            for (sum, &logit) in sum.iter_mut().zip(&logits) {
                *sum += heard.voiced_seconds * f64::from(logit);
            }
            weight += heard.voiced_seconds;
            windows += 1;
        };
        loop {
            block.clear();
            if !decoder.next_block(&mut block)? {
                break;
            }
            listener.push(&block, &mut ask)?;
        }
        listener.finish(&mut ask)?;
        if let Some(error) = failed {
            return Err(error.into());
        }
    }
    if weight <= 0.0 {
        return Ok(None);
    }
    Ok(Some(ModelAnswer {
        model: model.id().to_owned(),
        logits: sum.iter().map(|sum| (sum / weight) as f32).collect(),
        windows,
    }))
}
