//! Which model an instance wants, and the models that this process has open.

use super::{lock, place};
use crate::params::{EngineParam, ModelParam, UndersongParams};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::SystemTime;
use undersong_core::engine::{EngineChoice, EngineOptions};
use undersong_core::live::LiveModel;
use undersong_core::model::Model;

/// A model and an engine, as the parameters say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// A file, or the built-in model.
    file: Option<PathBuf>,
    /// When it was written and how long it is: another file of the same name is another model.
    stamp: Option<(SystemTime, u64)>,
    engine: EngineChoice,
}

impl Wanted {
    pub(super) fn of(params: &UndersongParams) -> Self {
        let file = match params.input.model.value() {
            ModelParam::BuiltIn => None,
            ModelParam::File => Some(resolve(&params.model_file.get())),
        };
        Self {
            stamp: file.as_deref().and_then(|file| {
                let information = std::fs::metadata(file).ok()?;
                Some((information.modified().ok()?, information.len()))
            }),
            file,
            engine: match params.input.engine.value() {
                EngineParam::Auto => EngineChoice::Auto,
                EngineParam::Cuda => EngineChoice::Cuda,
                EngineParam::Cpu => EngineChoice::Cpu,
                EngineParam::BuiltIn => EngineChoice::Builtin,
            },
        }
    }

    /// The model, if it is open already.
    pub(super) fn is_open(&self) -> Option<Arc<LiveModel>> {
        let open = lock(&OPEN);
        let (_, model) = open.iter().find(|(wanted, _)| wanted == self)?;
        model.upgrade()
    }

    /// Opens the model; takes long.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn open(&self) -> Result<Arc<LiveModel>, String> {
        if let Some(model) = self.is_open() {
            return Ok(model);
        }
        let model = match &self.file {
            None => Model::builtin(),
            Some(file) if file.as_os_str().is_empty() => {
                return Err("no model file is chosen; choose one, or the built-in model".to_owned());
            }
            Some(file) => Model::open(file),
        };
        let options = EngineOptions {
            runtime_path: place::runtime(),
            ..EngineOptions::default()
        };
        let live = model.map_err(|error| error.to_string()).and_then(|model| {
            LiveModel::open(&model, self.engine, &options).map_err(|error| error.to_string())
        })?;
        let mut open = lock(&OPEN);
        open.retain(|(_, model)| model.strong_count() > 0);
        open.push((self.clone(), Arc::downgrade(&live)));
        Ok(live)
    }
}

static OPEN: Mutex<Vec<(Wanted, Weak<LiveModel>)>> = Mutex::new(Vec::new());

/// A model file that came with the plugin or was put beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    /// What is saved with a project: the name alone, so that it is found on another machine.
    pub name: String,
    /// Where it lies here.
    pub path: PathBuf,
}

/// The model files beside the plugin, by name. It looks at the disk.
pub fn available() -> Vec<ModelFile> {
    let mut files = model_folders()
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_name()?.to_str()?.to_owned();
            let is_model = path.extension().is_some_and(|ending| ending == "onnx");
            is_model.then_some(ModelFile { name, path })
        })
        .collect::<Vec<_>>();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files.dedup_by(|a, b| a.name == b.name);
    files
}

fn model_folders() -> Vec<PathBuf> {
    place::folders()
        .into_iter()
        .flat_map(|folder| [folder.join("models"), folder])
        .filter(|folder| folder.is_dir())
        .collect()
}

/// A bare name lies beside the plugin; anything else is a path. A path of another machine is tried by its name.
fn resolve(file: &str) -> PathBuf {
    let path = Path::new(file);
    if path.is_absolute() && path.exists() || file.is_empty() {
        return path.to_owned();
    }
    // Windows' separators too: a project may come from there.
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    model_folders()
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| path.to_owned())
}
