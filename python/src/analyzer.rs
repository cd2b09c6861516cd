//! `Analyzer`: a model and an engine, opened once; scans and streams come from it.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use numpy::PyArray2;
use pyo3::prelude::*;
use undersong_core::analyzer::Hop;
use undersong_core::delivery::LoudnessTarget;
use undersong_core::engine::{EngineOptions, EngineReport};
use undersong_core::features::features_of;
use undersong_core::live::{LiveModel, Pace};
use undersong_core::model::{Model, Priors};
use undersong_core::profile::SpeakerProfile;
use undersong_core::scan::{ScanOptions, Scanner};
use undersong_core::stream::StreamOptions;
use undersong_core::timeline::{Failure, json};

use crate::features;
use crate::sound::{Given, Taken};
use crate::stream::Stream;
use crate::trouble::Trouble;
use crate::work::{long_work, work};

/// A model and an engine.
#[pyclass(frozen, module = "undersong._native")]
pub(crate) struct Analyzer {
    model: Model,
    scanner: Scanner,
    options: ScanOptions,
    /// Opened for the first stream.
    live: Mutex<Option<Arc<LiveModel>>>,
}

/// What the user asked for.
struct Asked {
    model: Option<PathBuf>,
    profile: Option<PathBuf>,
    engine: String,
    runtime: Option<PathBuf>,
    hop_seconds: f64,
    priors: Option<String>,
    jobs: usize,
    loudness_target_lufs: f64,
}

impl Analyzer {
    fn open(asked: Asked) -> Result<Self, Trouble> {
        let hop = Hop::from_seconds(asked.hop_seconds)?;
        let engine = asked.engine.parse()?;
        let mut model = match &asked.model {
            Some(path) => Model::open(path)?,
            None => Model::builtin()?,
        };
        if let Some(path) = &asked.profile {
            let name = path.display().to_string();
            let profile = SpeakerProfile::open(path)?;
            model = model
                .for_speaker(&profile, &name)
                .map_err(|error| Trouble::from(error).of(&name))?;
        }
        let priors = asked.priors.as_deref();
        let options = ScanOptions {
            jobs: NonZeroUsize::new(asked.jobs)
                .map_or_else(|| ScanOptions::default().jobs, NonZeroUsize::get),
            hop,
            priors: priors
                .map(|text| Priors::parse(text, model.metadata()))
                .transpose()?,
            engine,
            runtime_path: asked.runtime,
            loudness_target: LoudnessTarget::from_lufs(asked.loudness_target_lufs)?,
            ..ScanOptions::default()
        };
        Ok(Self {
            scanner: Scanner::new(&model, options.clone())?,
            live: Mutex::new(None),
            model,
            options,
        })
    }

    fn live(&self) -> Result<Arc<LiveModel>, Trouble> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = &*live {
            return Ok(Arc::clone(live));
        }
        let options = EngineOptions {
            runtime_path: self.options.runtime_path.clone(),
            ..EngineOptions::default()
        };
        let opened = LiveModel::open(&self.model, self.options.engine, &options)?;
        Ok(Arc::clone(live.insert(opened)))
    }

    fn report(&self) -> &EngineReport {
        self.scanner.engine_report()
    }
}

#[pymethods]
impl Analyzer {
    /// `jobs` of 0 is one per processor.
    #[new]
    #[allow(clippy::too_many_arguments)] // Python's half names them
    fn new(
        py: Python<'_>,
        model: Option<PathBuf>,
        profile: Option<PathBuf>,
        engine: String,
        runtime: Option<PathBuf>,
        hop_seconds: f64,
        priors: Option<String>,
        jobs: usize,
        loudness_target_lufs: f64,
    ) -> PyResult<Self> {
        let asked = Asked {
            model,
            profile,
            engine,
            runtime,
            hop_seconds,
            priors,
            jobs,
            loudness_target_lufs,
        };
        work(py, move || Self::open(asked))
    }

    /// The JSON of a scan of these sounds, as `undersong scan --json` writes it. What is no sound is raised if `strict`, else it stands in the
    /// scan's `failed`, and the rest is scanned. Without `delivery` that is not measured.
    fn scan(
        &self,
        py: Python<'_>,
        sounds: Vec<Given<'_>>,
        strict: bool,
        delivery: bool,
    ) -> PyResult<String> {
        let taken = sounds.iter().map(Taken::of).collect::<Result<Vec<_>, _>>();
        let taken = taken.map_err(|trouble| trouble.raise(py))?;
        let stop = AtomicBool::new(false);
        long_work(py, &stop, || {
            let (mut sounds, mut refused) = (Vec::with_capacity(taken.len()), Vec::new());
            for taken in taken {
                match taken.sound() {
                    Ok(sound) => sounds.push(sound),
                    Err(trouble) if strict => return Err(trouble),
                    Err(trouble) => refused.push(Failure {
                        path: taken.name().to_owned(),
                        error: trouble.to_string(),
                    }),
                }
            }
            let scan = if delivery {
                self.scanner.scan_sounds(&sounds, &stop, &|_| {})
            } else {
                self.scanner.scan_emotion(&sounds, &stop, &|_| {})
            };
            let mut scan = scan?;
            scan.failed.extend(refused);
            let mut bytes = Vec::new();
            json::write(&scan, &mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        })
    }

    /// The model's features of a sound: `[frames, coefficients]`.
    fn features<'py>(
        &self,
        py: Python<'py>,
        sound: Given<'py>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let taken = Taken::of(&sound).map_err(|trouble| trouble.raise(py))?;
        let config = self.model.features();
        let features = work(py, || {
            features::features_of(taken, config, |samples| Ok(features_of(samples, config)?))
        })?;
        features::array(py, features)
    }

    /// A stream that this model listens to.
    fn stream(
        &self,
        py: Python<'_>,
        rate_hz: u32,
        channels: u16,
        hop_seconds: f64,
        smoothing_seconds: f64,
        live: bool,
    ) -> PyResult<Stream> {
        work(py, || {
            let options = StreamOptions {
                rate_hz,
                channels,
                hop: Hop::from_seconds(hop_seconds)?,
                smoothing_seconds,
                priors: self.options.priors.clone(),
                pace: if live { Pace::Live } else { Pace::Offline },
                ..StreamOptions::default()
            };
            Stream::open(self.live()?, &options)
        })
    }

    /// What the model file says of itself, as `undersong model --json` writes it.
    fn model(&self, py: Python<'_>) -> PyResult<String> {
        work(py, || Ok(serde_json::to_string(&self.model.description())?))
    }

    /// The emotions, in the order of the scores.
    fn labels(&self) -> Vec<String> {
        self.model.emotions().names().map(str::to_owned).collect()
    }

    /// The engine that was chosen.
    fn engine(&self) -> String {
        self.report().description.clone()
    }

    /// Which engine was chosen, why, and why not a better one.
    fn engine_report(&self) -> String {
        self.report().to_string()
    }

    /// What the user should know without asking: something else was chosen than was asked for.
    fn engine_warning(&self) -> Option<String> {
        self.report().warning.clone()
    }
}
