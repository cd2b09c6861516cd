//! Models: opening, asking, letting go; what the other doors share of them.

use std::path::PathBuf;
use std::ptr;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use undersong_core::engine::{EngineChoice, EngineOptions};
use undersong_core::live::LiveModel;
use undersong_core::model::Model;
use undersong_core::profile::SpeakerProfile;
use undersong_core::scan::{ScanOptions, Scanner};

use crate::failure::{Failure, door};
use crate::handle::Table;
use crate::memory::{array, chars, handle_place, read, text, write};
use crate::types::{
    UNDERSONG_MAX_EMOTIONS, UndersongEmotion, UndersongModel, UndersongModelConfig,
    UndersongModelInfo,
};
use crate::{UndersongCode, options};

static MODELS: Table<Arc<OpenModel>> = Table::new(1);

/// The built-in model for those who name none, as long as somebody uses it.
static BUILTIN: Mutex<Weak<OpenModel>> = Mutex::new(Weak::new());

/// A model with its engines, which are opened when they are first needed.
pub(crate) struct OpenModel {
    pub(crate) model: Model,
    choice: EngineChoice,
    runtime_path: Option<PathBuf>,
    live: Mutex<Option<Arc<LiveModel>>>,
    /// The last scanner, and what it was opened for.
    scanner: Mutex<Option<(ScanKey, Arc<Scanner>)>>,
}

/// What makes another scanner necessary: hop and priors as bits, and jobs.
pub(crate) type ScanKey = (u64, Vec<u32>, usize);

impl OpenModel {
    fn new(
        model: Model,
        choice: EngineChoice,
        runtime_path: Option<PathBuf>,
    ) -> Result<Arc<Self>, Failure> {
        let emotions = model.emotions().len();
        if emotions > UNDERSONG_MAX_EMOTIONS {
            return Err(Failure::new(
                UndersongCode::Model,
                format!(
                    "{}: {emotions} emotions; this library tells of at most {UNDERSONG_MAX_EMOTIONS}: choose a model with fewer",
                    model.source()
                ),
            ));
        }
        Ok(Arc::new(Self {
            model,
            choice,
            runtime_path,
            live: Mutex::new(None),
            scanner: Mutex::new(None),
        }))
    }

    fn builtin() -> Result<Arc<Self>, Failure> {
        let mut shared = BUILTIN.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = shared.upgrade() {
            return Ok(model);
        }
        let model = Model::builtin().map_err(|error| Failure::new(UndersongCode::Model, error))?;
        let model = Self::new(model, EngineChoice::Auto, None)?;
        *shared = Arc::downgrade(&model);
        Ok(model)
    }

    /// The model of a handle; the built-in one for NULL.
    pub(crate) fn of(handle: *const UndersongModel) -> Result<Arc<Self>, Failure> {
        if handle.is_null() {
            return Self::builtin();
        }
        let entered = MODELS.enter(handle.addr()).map_err(named)?;
        Ok(Arc::clone(&entered))
    }

    /// Its engine for live sound.
    pub(crate) fn live(&self) -> Result<Arc<LiveModel>, Failure> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(live) = &*live {
            return Ok(Arc::clone(live));
        }
        let options = EngineOptions {
            runtime_path: self.runtime_path.clone(),
            ..EngineOptions::default()
        };
        let opened = LiveModel::open(&self.model, self.choice, &options)
            .map_err(|error| Failure::new(UndersongCode::Engine, error))?;
        *live = Some(Arc::clone(&opened));
        Ok(opened)
    }

    /// A scanner with these options, but for the engine, which is the model's.
    pub(crate) fn scanner(
        &self,
        key: ScanKey,
        options: ScanOptions,
    ) -> Result<Arc<Scanner>, Failure> {
        let mut last = self.scanner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, scanner)) = &*last
            && *known == key
        {
            return Ok(Arc::clone(scanner));
        }
        let options = ScanOptions {
            engine: self.choice,
            runtime_path: self.runtime_path.clone(),
            ..options
        };
        let scanner = Arc::new(Scanner::new(&self.model, options)?);
        *last = Some((key, Arc::clone(&scanner)));
        Ok(scanner)
    }

    /// A new handle for it.
    pub(crate) fn handle(self: Arc<Self>) -> Result<*mut UndersongModel, Failure> {
        Ok(ptr::without_provenance_mut(MODELS.add(self)?))
    }
}

fn named(code: UndersongCode) -> Failure {
    Failure::new(
        code,
        "this is no model: it was destroyed, or never made; use what undersong_model_open gave",
    )
}

fn open(config: &UndersongModelConfig) -> Result<Arc<OpenModel>, Failure> {
    let both = |what: &str| {
        Failure::new(
            UndersongCode::Value,
            format!("both {what}_path and {what}_bytes are set; expected one of the two"),
        )
    };
    // SAFETY: the caller of a door keeps its contract: texts end, arrays have their length.
    let (path, bytes, runtime_path, profile_path, profile_bytes) = unsafe {
        (
            text(config.path, "path")?,
            array(config.bytes.cast::<u8>(), config.bytes_size)?,
            text(config.runtime_path, "runtime_path")?,
            text(config.profile_path, "profile_path")?,
            array(config.profile_bytes.cast::<u8>(), config.profile_bytes_size)?,
        )
    };
    let choice = options::engine(config.engine)?;
    let model = match (path, config.bytes.is_null()) {
        (Some(_), false) => {
            return Err(Failure::new(
                UndersongCode::Value,
                "both path and bytes are set; expected one of the two",
            ));
        }
        (Some(path), true) => Model::open(path),
        (None, false) => Model::from_bytes(bytes, "the model in memory"),
        (None, true) => Model::builtin(),
    }
    .map_err(|error| Failure::new(UndersongCode::Model, error))?;
    let profile = match (profile_path, config.profile_bytes.is_null()) {
        (Some(_), false) => return Err(both("profile")),
        (Some(path), true) => Some((SpeakerProfile::open(path.as_ref()), path)),
        (None, false) => {
            let name = "the profile in memory";
            Some((SpeakerProfile::from_json(profile_bytes, name), name))
        }
        (None, true) => None,
    };
    let model = match profile {
        Some((profile, name)) => profile
            .and_then(|profile| model.for_speaker(&profile, name))
            .map_err(|error| Failure::new(UndersongCode::Profile, error))?,
        None => model,
    };
    OpenModel::new(model, choice, runtime_path.map(PathBuf::from))
}

/// Opens a model: the built-in one, a file, or a file in memory; for a speaker, if a profile is given. The engine that runs it is opened with its
/// first voice or scan.
///
/// `config` may be NULL: the built-in model and any engine. `*model` becomes a handle that any number of voices and scans may use at once, and NULL
/// after an error; `undersong_model_destroy` gives it back. What `config` points to is needed during the call only.
///
/// Errors: POINTER, STRUCT_SIZE, VALUE, TEXT, MODEL, PROFILE, TOO_MANY.
/// Thread: any. Real-time safe: no.
///
/// # Safety
/// `config` is NULL or a struct as its `struct_size` says, `model` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_model_open(
    config: *const UndersongModelConfig,
    model: *mut *mut UndersongModel,
) -> UndersongCode {
    door(|| {
        // SAFETY: as the caller says.
        let place = unsafe { handle_place(model, "model") }?;
        let opened = if config.is_null() {
            OpenModel::builtin()?
        } else {
            // SAFETY: as the caller says.
            open(&unsafe { read(config) }?)?
        };
        *place = opened.handle()?;
        Ok(UndersongCode::Ok)
    })
}

/// What a model says of itself. `model` may be NULL: the built-in one.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE.
/// Thread: any. Real-time safe: no.
///
/// # Safety
/// `info` is NULL or a struct as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_model_info(
    model: *const UndersongModel,
    info: *mut UndersongModelInfo,
) -> UndersongCode {
    door(|| {
        let model = &OpenModel::of(model)?.model;
        let metadata = model.metadata();
        let value = UndersongModelInfo {
            struct_size: 0,
            emotions: model.emotions().len() as u32,
            window_seconds: model.features().span_seconds(),
            sample_rate_hz: model.features().sample_rate_hz,
            unsure_below: metadata.calibration.unsure_below,
            id: chars(model.id()),
            name: chars(&metadata.name),
        };
        // SAFETY: as the caller says.
        unsafe { write(info, &value) }?;
        Ok(UndersongCode::Ok)
    })
}

/// The emotion at an index of scores. `model` may be NULL: the built-in one.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE, INDEX.
/// Thread: any. Real-time safe: no.
///
/// # Safety
/// `emotion` is NULL or a struct as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_model_emotion(
    model: *const UndersongModel,
    index: u32,
    emotion: *mut UndersongEmotion,
) -> UndersongCode {
    door(|| {
        let model = &OpenModel::of(model)?.model;
        let found = model.emotions().get(index as usize).ok_or_else(|| {
            Failure::new(
                UndersongCode::Index,
                format!(
                    "emotion {index}; the model has {}, from 0 on",
                    model.emotions().len()
                ),
            )
        })?;
        let priors = &model.metadata().calibration.priors;
        let value = UndersongEmotion {
            struct_size: 0,
            valence: found.valence,
            arousal: found.arousal,
            prior: priors.get(index as usize).copied().unwrap_or_default(),
            name: chars(&found.name),
        };
        // SAFETY: as the caller says.
        unsafe { write(emotion, &value) }?;
        Ok(UndersongCode::Ok)
    })
}

/// Gives a model's handle back. Voices and scans that use the model go on. NULL does nothing.
///
/// Errors: HANDLE, also if it was destroyed before.
/// Thread: any. Real-time safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_model_destroy(model: *mut UndersongModel) -> UndersongCode {
    door(|| {
        if !model.is_null() {
            drop(MODELS.remove(model.addr()).map_err(named)?);
        }
        Ok(UndersongCode::Ok)
    })
}
