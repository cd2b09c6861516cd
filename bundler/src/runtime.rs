//! ONNX Runtime for a bundle, out of a Python wheel or a folder.

use crate::{BundlerError, files};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The folder below a bundle's resources where the plugin looks for ONNX Runtime.
pub const RUNTIME_FOLDER: &str = "lib";

/// The shared libraries of a runtime, and its licences.
#[derive(Debug)]
pub(crate) struct Runtime(Vec<(String, Vec<u8>)>);

/// Whether a file is one of the runtime's libraries: itself, and what lets it use a GPU.
fn is_library(name: &str) -> bool {
    let plain = if cfg!(target_os = "windows") {
        name == "onnxruntime.dll"
            || name.starts_with("onnxruntime_providers_") && name.ends_with(".dll")
    } else if cfg!(target_os = "macos") {
        name.starts_with("libonnxruntime") && name.ends_with(".dylib")
    } else {
        name == "libonnxruntime.so"
            || name.starts_with("libonnxruntime.so.")
            || name.starts_with("libonnxruntime_providers_") && name.ends_with(".so")
    };
    // TensorRT is a download of its own, and the plugin does not use it.
    plain && !name.contains("tensorrt")
}

fn is_main(name: &str) -> bool {
    is_library(name) && !name.contains("_providers_")
}

fn is_licence(name: &str) -> bool {
    matches!(name, "LICENSE" | "ThirdPartyNotices.txt")
}

impl Runtime {
    /// Reads it from a wheel of `onnxruntime` or `onnxruntime-gpu`, or a folder that has its libraries somewhere below.
    pub(crate) fn read(path: &Path) -> Result<Self, BundlerError> {
        let files = if path.is_dir() {
            from_folder(path)?
        } else if path.is_file() {
            from_wheel(path)?
        } else {
            return Err(BundlerError::wrong(
                path,
                "there is no such wheel or folder; get a wheel with `pip download --no-deps onnxruntime`",
            ));
        };
        if files.iter().filter(|(name, _)| is_main(name)).count() != 1 {
            return Err(BundlerError::wrong(
                path,
                "it does not hold exactly one ONNX Runtime for this system; give a wheel of `onnxruntime` or `onnxruntime-gpu` for this \
                 system, or a folder with its libraries",
            ));
        }
        Ok(Self(files))
    }

    /// Lays it into a bundle's resources.
    pub(crate) fn write(&self, resources: &Path) -> Result<(), BundlerError> {
        for (name, bytes) in &self.0 {
            files::write(&resources.join(RUNTIME_FOLDER).join(name), bytes)?;
        }
        Ok(())
    }
}

fn from_folder(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, BundlerError> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            is_library(&name)
        })
        .collect();
    // Licences beside the libraries or one above, as wheels and archives have them; not those of other packages in the folder.
    let beside: Vec<_> = found
        .iter()
        .filter_map(|path| path.parent().map(Path::to_owned))
        .collect();
    for place in beside.iter().flat_map(|folder| folder.ancestors().take(2)) {
        for name in ["LICENSE", "ThirdPartyNotices.txt"] {
            let path = place.join(name);
            if path.is_file() && !found.contains(&path) {
                found.push(path);
            }
        }
    }
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for path in found {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if files.iter().all(|(known, _)| *known != name) {
            files.push((
                name,
                std::fs::read(&path).map_err(BundlerError::file(&path))?,
            ));
        }
    }
    Ok(files)
}

fn from_wheel(wheel: &Path) -> Result<Vec<(String, Vec<u8>)>, BundlerError> {
    let broken = |error: &dyn std::fmt::Display| {
        BundlerError::wrong(
            wheel,
            format!("it cannot be read as a wheel, which is a zip archive: {error}"),
        )
    };
    let file = File::open(wheel).map_err(BundlerError::file(wheel))?;
    let mut archive = zip::ZipArchive::new(file).map_err(|error| broken(&error))?;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| broken(&error))?;
        // Only the last part of the name is used, so nothing can be written elsewhere.
        let name = entry
            .name()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        if (is_library(&name) || is_licence(&name)) && files.iter().all(|(known, _)| *known != name)
        {
            let mut bytes = Vec::new();
            entry
                .read_to_end(&mut bytes)
                .map_err(|error| broken(&error))?;
            files.push((name, bytes));
        }
    }
    Ok(files)
}
