//! Which model an instance wants, and the models that this process has open.

use super::{lock, place};
use crate::params::{EngineParam, ModelParam, UndersongParams};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
use std::time::SystemTime;
use undersong_core::engine::{EngineChoice, EngineOptions};
use undersong_core::live::LiveModel;
use undersong_core::model::Model;
use undersong_core::profile::SpeakerProfile;

/// When a file was written and how long it is; `None` where there is none.
type Stamp = Option<(SystemTime, u64)>;

/// A model that was opened, and why it is not calibrated to the speaker that was asked for.
pub(super) type Opened = (Arc<LiveModel>, Option<String>);

/// A model and an engine, as the parameters say.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// A file, or the built-in model.
    file: Option<PathBuf>,
    /// When it was written and how long it is: another file of the same name is another model.
    stamp: Stamp,
    /// A speaker's profile, and the same of it.
    profile: Option<(PathBuf, Stamp)>,
    engine: EngineChoice,
}

impl Wanted {
    pub(super) fn of(params: &UndersongParams) -> Self {
        let file = match params.input.model.value() {
            ModelParam::BuiltIn => None,
            ModelParam::File => Some(resolve(&params.model_file.get())),
        };
        Self {
            stamp: file.as_deref().and_then(stamp),
            file,
            profile: Some(params.profile_file.get())
                .filter(|profile| !profile.is_empty())
                .map(|profile| {
                    let path = resolve(&profile);
                    let stamp = stamp(&path);
                    (path, stamp)
                }),
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

    /// Opens the model; takes long. A profile that cannot be used leaves it as it is.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn open(&self) -> Result<Opened, String> {
        if let Some(model) = self.is_open() {
            return Ok((model, None));
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
        let model = model.map_err(|error| error.to_string())?;
        let (model, complaint) = match self.profile.as_ref().map(|(path, _)| path) {
            None => (model, None),
            Some(path) => match calibrated(&model, path) {
                Ok(model) => (model, None),
                Err(error) => (model, Some(error)),
            },
        };
        let live =
            LiveModel::open(&model, self.engine, &options).map_err(|error| error.to_string())?;
        // One that lacks its profile is not what was wanted: the next instance tries again, and says so too.
        if complaint.is_none() {
            let mut open = lock(&OPEN);
            open.retain(|(_, model)| model.strong_count() > 0);
            open.push((self.clone(), Arc::downgrade(&live)));
        }
        Ok((live, complaint))
    }
}

/// The model, calibrated to the speaker of a profile.
fn calibrated(model: &Model, path: &Path) -> Result<Model, String> {
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    SpeakerProfile::open(path)
        .map_err(|error| error.to_string())
        .and_then(|profile| {
            model
                .for_speaker(&profile, &name)
                .map_err(|error| format!("{}: {error}", path.display()))
        })
}

fn stamp(file: &Path) -> Stamp {
    let information = std::fs::metadata(file).ok()?;
    Some((information.modified().ok()?, information.len()))
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

#[cfg(test)]
mod tests {
    use super::*;
    use undersong_core::profile::{ModelAnswer, SpeakerMeter};

    fn wanted(profile: &Path) -> Wanted {
        let params = UndersongParams::default();
        params
            .profile_file
            .put(profile.to_string_lossy().into_owned());
        Wanted {
            engine: EngineChoice::Builtin,
            ..Wanted::of(&params)
        }
    }

    /// A profile of a hum, made with the built-in model.
    fn profile(path: &Path) {
        let model = Model::builtin().unwrap();
        let mut meter = SpeakerMeter::new(model.features()).unwrap();
        let hum: Vec<f32> = (0..80_000).map(|n| 0.2 * (n as f32 * 0.07).sin()).collect();
        meter.add(&hum).unwrap();
        let answer = ModelAnswer {
            model: model.id().to_owned(),
            logits: vec![1.0; model.emotions().len()],
            windows: 1,
        };
        let profile = SpeakerProfile {
            answers: vec![answer],
            ..meter.profile().unwrap()
        };
        profile.write(path).unwrap();
    }

    #[test]
    fn a_speakers_profile_calibrates_the_model_and_is_shared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anna.json");
        profile(&path);
        let (model, complaint) = wanted(&path).open().unwrap();
        assert_eq!(complaint, None);
        assert_eq!(
            model.model().speaker().map(|(_, name)| name),
            Some("anna.json")
        );
        let plain = Model::builtin().unwrap();
        assert_eq!(model.model().id(), plain.id());
        let shift = |model: &Model| model.metadata().calibration.speaker_shift.clone();
        assert_eq!(shift(model.model()).len(), plain.emotions().len());
        assert!(shift(&plain).is_empty());
        assert!(Arc::ptr_eq(&wanted(&path).open().unwrap().0, &model));
    }

    #[test]
    fn a_profile_that_cannot_be_used_is_named_and_the_model_goes_on_without() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.json");
        for text in [None, Some("{}"), Some("RIFF")] {
            if let Some(text) = text {
                std::fs::write(&path, text).unwrap();
            }
            let (model, complaint) = wanted(&path).open().unwrap();
            assert!(model.model().speaker().is_none());
            let complaint = complaint.unwrap();
            assert!(
                complaint.contains("broken.json") && complaint.contains("undersong calibrate"),
                "{complaint}"
            );
            assert!(wanted(&path).is_open().is_none());
        }
    }
}
