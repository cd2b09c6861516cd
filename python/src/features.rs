//! Features of whole sounds: what `undersong features` writes, as arrays.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use undersong_core::audio::load_mono;
use undersong_core::features::{FeatureConfig, FeatureKind, FeatureMatrix, SoundFeatures};
use undersong_core::scan::{Sound, Track};

use crate::sound::{Given, Taken};
use crate::trouble::Trouble;
use crate::work::work;

/// After a longer sound the plan with its memory is let go; in samples.
const KEPT_SAMPLES: usize = 60 * 22_050;

/// Plans of one configuration that wait for the next call.
struct Plans(Mutex<Vec<SoundFeatures>>);

static MFCC: Plans = Plans(Mutex::new(Vec::new()));
static LOG_MEL: Plans = Plans(Mutex::new(Vec::new()));

impl Plans {
    fn features_of(
        &self,
        samples: &[f32],
        config: &FeatureConfig,
    ) -> Result<FeatureMatrix, Trouble> {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut plan = match waiting {
            Some(plan) => plan,
            None => SoundFeatures::new(config)?,
        };
        let features = plan.of(samples)?;
        if samples.len() <= KEPT_SAMPLES {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(plan);
        }
        Ok(features)
    }
}

/// The sound, mono, at the features' rate, to whoever computes; not copied if it is that already.
pub(crate) fn features_of(
    taken: Taken<'_>,
    config: &FeatureConfig,
    compute: impl FnOnce(&[f32]) -> Result<FeatureMatrix, Trouble>,
) -> Result<FeatureMatrix, Trouble> {
    let named = |trouble: Trouble, name: &Path| trouble.of(&name.to_string_lossy());
    let (rate_hz, reduction) = (config.sample_rate_hz, config.noise_reduction);
    let plain = reduction == undersong_core::audio::NoiseReduction::Off;
    match taken.sound()? {
        // Python makes no tracks; the file is what one would be.
        Sound::File(path) | Sound::Track(Track { path, .. }) => {
            compute(&load_mono(path, rate_hz, reduction)?).map_err(|trouble| named(trouble, path))
        }
        Sound::Samples(samples) => match samples.as_mono(rate_hz).filter(|_| plain) {
            Some(mono) => compute(mono),
            None => compute(&samples.load_mono(rate_hz, reduction)?),
        }
        .map_err(|trouble| named(trouble, samples.name())),
    }
}

/// As an array `[frames, coefficients]`, not copied.
pub(crate) fn array<'py>(
    py: Python<'py>,
    features: FeatureMatrix,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    PyArray1::from_vec(py, features.data).reshape([features.frames, features.coefficients])
}

/// The paper's MFCC of a sound: `[frames, 40]`.
#[pyfunction]
pub(crate) fn mfcc<'py>(py: Python<'py>, sound: Given<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
    paper(py, &sound, &MFCC, &FeatureConfig::paper())
}

/// The log-mel bands under them: `[frames, 128]`.
#[pyfunction]
pub(crate) fn log_mel<'py>(
    py: Python<'py>,
    sound: Given<'py>,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let config = FeatureConfig {
        kind: FeatureKind::LogMel,
        ..FeatureConfig::paper()
    };
    paper(py, &sound, &LOG_MEL, &config)
}

fn paper<'py>(
    py: Python<'py>,
    sound: &Given<'py>,
    plans: &Plans,
    config: &FeatureConfig,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let taken = Taken::of(sound).map_err(|trouble| trouble.raise(py))?;
    let features = work(py, || {
        features_of(taken, config, |samples| plans.features_of(samples, config))
    })?;
    array(py, features)
}
