//! `Model`: an opened and checked model file.

use std::fmt;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use prost::Message;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::check::{check_metadata, check_network, describe_inputs};
use super::onnx::{self, Damage, GraphProto, ModelProto};
use super::{EmotionSet, FORMAT_VERSION, METADATA_KEY, ModelError, ModelMetadata};
use crate::features::FeatureConfig;
use crate::profile::{ProfileError, SpeakerProfile};

/// Largest model file that is opened, in bytes: a hundred times the shipped ones, and little enough for any machine's memory.
pub const MAX_MODEL_BYTES: u64 = 512 * 1024 * 1024;

/// An opened model file, checked as a whole: what it says of itself is sane and its network fits.
///
/// Cloning is cheap; clones share the bytes.
#[derive(Clone)]
pub struct Model(Arc<Inner>);

struct Inner {
    name: String,
    id: String,
    bytes: Arc<Vec<u8>>,
    metadata: ModelMetadata,
    /// The speaker that it is calibrated to, and what the profile is called.
    speaker: Option<(SpeakerProfile, String)>,
}

/// A model, as `undersong model --json` and Python tell of it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct ModelDescription<'a> {
    /// Its [`source`](Model::source).
    pub file: &'a str,
    /// Its [`id`](Model::id).
    pub id: &'a str,
    /// Length of the file.
    pub bytes: usize,
    /// What the file says of itself.
    pub metadata: &'a ModelMetadata,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("source", &self.0.name)
            .field("id", &self.0.id)
            .field("bytes", &self.0.bytes.len())
            .finish_non_exhaustive()
    }
}

impl Model {
    /// Opens a model file.
    ///
    /// # Errors
    /// [`ModelError`] says what is wrong with the file and what to do. A file larger than [`MAX_MODEL_BYTES`] is refused unread.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ModelError> {
        let path = path.as_ref();
        let file = path.display().to_string();
        let unreadable = |source: std::io::Error| match source.kind() {
            std::io::ErrorKind::NotFound => ModelError::NotFound { file: file.clone() },
            std::io::ErrorKind::IsADirectory => ModelError::Folder { file: file.clone() },
            _ => ModelError::Unreadable {
                file: file.clone(),
                source,
            },
        };
        let information = std::fs::metadata(path).map_err(unreadable)?;
        if information.is_dir() {
            return Err(ModelError::Folder { file });
        }
        refuse_large(&file, information.len())?;
        let mut bytes = Vec::new();
        // A device or a growing file has no honest length, so reading stops one byte past the limit.
        std::fs::File::open(path)
            .and_then(|file| file.take(MAX_MODEL_BYTES + 1).read_to_end(&mut bytes))
            .map_err(unreadable)?;
        Self::from_bytes(bytes, &file)
    }

    /// Opens a model from the bytes of its file; `name` stands for the file in errors.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(bytes: impl Into<Vec<u8>>, name: &str) -> Result<Self, ModelError> {
        let bytes = bytes.into();
        let file = || name.to_owned();
        if bytes.is_empty() {
            return Err(ModelError::Empty { file: file() });
        }
        refuse_large(name, bytes.len() as u64)?;
        onnx::check(&bytes).map_err(|damage| match damage {
            Damage::CutOff => ModelError::CutOff { file: file() },
            Damage::NotOnnx => ModelError::NotOnnx { file: file() },
        })?;
        let proto = ModelProto::decode(bytes.as_slice())
            .map_err(|_| ModelError::NotOnnx { file: file() })?;
        let graph = proto
            .graph
            .as_ref()
            .filter(|graph| !graph.node.is_empty())
            .ok_or_else(|| ModelError::NotOnnx { file: file() })?;

        let metadata = read_metadata(&proto, graph, name)?;
        check_metadata(&metadata).map_err(|reason| ModelError::Metadata {
            file: file(),
            reason,
        })?;
        check_network(graph, &metadata).map_err(|reason| ModelError::Shape {
            file: file(),
            reason,
        })?;

        let id = Sha256::digest(&bytes)
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self(Arc::new(Inner {
            name: file(),
            id,
            bytes: Arc::new(bytes),
            metadata,
            speaker: None,
        })))
    }

    /// This model, calibrated to a speaker. Whoever uses it (a scan, a live stream, an explanation) hears that speaker so. `name` is what the
    /// profile is called, such as its file.
    ///
    /// If the model knows what ordinary voices get from it ([`Calibration::ordinary`](super::Calibration::ordinary)), its scores are read against
    /// what it answered to this one. Else its [`features`](Self::features) have the profile's mean in place of everybody's.
    ///
    /// The network, its [`id`](Self::id) and its bytes are the same; the bytes' own metadata is as it was.
    ///
    /// # Errors
    /// [`ProfileError::OtherModel`] if the profile was made with another model than this one, which knows ordinary voices. For other models:
    /// [`ProfileError::OtherFeatures`] if it was measured on other features, [`ProfileError::NotStandardised`] if the model does not standardise.
    pub fn for_speaker(&self, profile: &SpeakerProfile, name: &str) -> Result<Self, ProfileError> {
        let mut metadata = self.0.metadata.clone();
        match &metadata.calibration.ordinary {
            Some(ordinary) => {
                let answer = profile
                    .answer_of(self)
                    .ok_or_else(|| ProfileError::OtherModel {
                        model: metadata.name.clone(),
                    })?;
                metadata.calibration.speaker_shift = ordinary.shift(&answer.logits);
            }
            None => metadata.features = profile.apply(&metadata.features)?,
        }
        Ok(Self(Arc::new(Inner {
            name: self.0.name.clone(),
            id: self.0.id.clone(),
            bytes: Arc::clone(&self.0.bytes),
            metadata,
            speaker: Some((profile.clone(), name.to_owned())),
        })))
    }

    /// The speaker that this model is calibrated to, and what the profile is called.
    pub fn speaker(&self) -> Option<(&SpeakerProfile, &str)> {
        self.0
            .speaker
            .as_ref()
            .map(|(profile, name)| (profile, name.as_str()))
    }

    /// First 12 hexadecimal digits of the SHA-256 of the file: the same for the same weights, calibration and labels.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The file it came from, as given on opening.
    pub fn source(&self) -> &str {
        &self.0.name
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// All that is known of it, to be written.
    pub fn description(&self) -> ModelDescription<'_> {
        ModelDescription {
            file: self.source(),
            id: self.id(),
            bytes: self.bytes().len(),
            metadata: self.metadata(),
        }
    }

    /// What the file says of itself.
    pub fn metadata(&self) -> &ModelMetadata {
        &self.0.metadata
    }

    /// The emotions, in the order of the outputs.
    pub fn emotions(&self) -> &EmotionSet {
        &self.0.metadata.emotions
    }

    /// What the network sees.
    pub fn features(&self) -> &FeatureConfig {
        &self.0.metadata.features
    }

    /// Frames of a window: the third size of the network's input.
    pub fn frames(&self) -> usize {
        self.features().frames()
    }

    /// Numbers per frame: the fourth size of the network's input.
    pub fn coefficients(&self) -> usize {
        self.features().coefficients()
    }

    /// Numbers of one window: frames × coefficients.
    pub fn window_len(&self) -> usize {
        self.frames() * self.coefficients()
    }
}

fn refuse_large(file: &str, bytes: u64) -> Result<(), ModelError> {
    if bytes > MAX_MODEL_BYTES {
        return Err(ModelError::TooLarge {
            file: file.to_owned(),
            bytes,
            limit: MAX_MODEL_BYTES,
        });
    }
    Ok(())
}

fn read_metadata(
    proto: &ModelProto,
    graph: &GraphProto,
    name: &str,
) -> Result<ModelMetadata, ModelError> {
    let wrong = |reason: String| ModelError::Metadata {
        file: name.to_owned(),
        reason,
    };
    let Some(entry) = proto
        .metadata_props
        .iter()
        .find(|entry| entry.key == METADATA_KEY)
    else {
        let producer = [proto.producer_name.trim(), proto.producer_version.trim()]
            .join(" ")
            .trim()
            .to_owned();
        return Err(ModelError::OtherNetwork {
            file: name.to_owned(),
            producer: if producer.is_empty() {
                "an unnamed program".to_owned()
            } else {
                producer
            },
            inputs: describe_inputs(graph),
        });
    };
    // The version alone first: a newer description may have fields that this program does not know.
    let value: serde_json::Value = serde_json::from_str(&entry.value)
        .map_err(|error| wrong(format!("it is not JSON ({error})")))?;
    let found = value
        .get("format_version")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| wrong("`format_version` is missing; expected a whole number".to_owned()))?;
    if found > u64::from(FORMAT_VERSION) {
        return Err(ModelError::Newer {
            file: name.to_owned(),
            found,
        });
    }
    if found == 0 {
        return Err(wrong(format!(
            "`format_version` is 0; expected 1 to {FORMAT_VERSION}"
        )));
    }
    serde_json::from_str(&entry.value).map_err(|error| wrong(error.to_string()))
}
