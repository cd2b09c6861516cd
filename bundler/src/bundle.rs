//! Laying out the bundles.

use crate::cargo::Workspace;
use crate::hosts::Vst3Module;
use crate::layout::{BUILT_LIBRARY, Bundles, CLAP_IS_FOLDER, NAME, vst3_library_place};
use crate::runtime::Runtime;
use crate::{BundlerError, files, licences, manifest};
use std::path::{Path, PathBuf};

/// How bundles are made.
#[derive(Debug, Clone, Default)]
pub struct BundleOptions {
    /// A library that is built already; else it is built.
    pub library: Option<PathBuf>,
    /// The folder to lay bundles into; else `bundled` in the build folder.
    pub out: Option<PathBuf>,
    /// A wheel or folder with ONNX Runtime to put inside.
    pub onnxruntime: Option<PathBuf>,
}

/// The folder that bundles are laid into unless another is named.
///
/// # Errors
/// If the current folder is not in the workspace.
pub fn default_folder() -> Result<PathBuf, BundlerError> {
    Ok(Workspace::find()?.target_directory.join("bundled"))
}

/// Makes both bundles.
///
/// # Errors
/// If the library cannot be built or is none, or a file cannot be read or written.
pub fn bundle(options: &BundleOptions) -> Result<Bundles, BundlerError> {
    let workspace = Workspace::find()?;
    // Everything that can be wrong is found before anything is removed.
    let runtime = options
        .onnxruntime
        .as_deref()
        .map(Runtime::read)
        .transpose()?;
    let library = match &options.library {
        Some(library) if library.is_file() => library.clone(),
        Some(library) => {
            return Err(BundlerError::wrong(
                library,
                format!(
                    "there is no such library; it is called {BUILT_LIBRARY} where cargo has built it"
                ),
            ));
        }
        None => workspace.build()?,
    };
    let module_info = manifest::module_info(&Vst3Module::open(&library)?);

    let out = match &options.out {
        Some(out) => out.clone(),
        None => workspace.target_directory.join("bundled"),
    };
    let bundles = Bundles::in_folder(&out);
    for root in bundles.roots() {
        refuse_strangers(root)?;
        files::remove(root)?;
    }

    let place = vst3_library_place(&bundles.vst3);
    let place = place.ok_or_else(|| BundlerError::wrong(&bundles.vst3, "it has no name"))?;
    files::copy(&library, &place)?;
    files::copy(&library, &bundles.clap_library())?;
    let text = serde_json::to_string_pretty(&module_info)
        .map_err(|error| BundlerError::wrong(&bundles.vst3, error.to_string()))?;
    files::write(
        &bundles.vst3_resources().join("moduleinfo.json"),
        (text + "\n").as_bytes(),
    )?;
    if cfg!(target_os = "macos") {
        let version = workspace.version();
        mac_files(&bundles.vst3, "org.undersong.vst3", version)?;
        if CLAP_IS_FOLDER {
            mac_files(&bundles.clap, "org.undersong.clap", version)?;
        }
    }
    for resources in [&bundles.vst3_resources(), &bundles.clap_resources] {
        models(
            &workspace.workspace_root.join("models"),
            &resources.join("models"),
        )?;
        licences::write(&workspace, &resources.join("licences"))?;
        if let Some(runtime) = &runtime {
            runtime.write(resources)?;
        }
    }
    Ok(bundles)
}

/// What a Mac asks of a bundle.
fn mac_files(bundle: &Path, identifier: &str, version: &str) -> Result<(), BundlerError> {
    let plist = manifest::info_plist(identifier, version);
    files::write(&bundle.join("Contents/Info.plist"), plist.as_bytes())?;
    files::write(&bundle.join("Contents/PkgInfo"), manifest::PKG_INFO)
}

/// The model files, each with its card.
fn models(from: &Path, to: &Path) -> Result<(), BundlerError> {
    let mut any = false;
    for entry in std::fs::read_dir(from).map_err(BundlerError::file(from))? {
        let path = entry.map_err(BundlerError::file(from))?.path();
        let ending = path.extension().unwrap_or_default();
        if ending == "onnx" || ending == "md" {
            any |= ending == "onnx";
            files::copy(&path, &to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    if any {
        Ok(())
    } else {
        Err(BundlerError::wrong(
            from,
            "there is no model file (*.onnx) in it",
        ))
    }
}

/// What lies in a bundle's place and is none is not ours to remove.
pub(crate) fn refuse_strangers(path: &Path) -> Result<(), BundlerError> {
    if !path.exists() {
        return Ok(());
    }
    let ending = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let ours = match ending.as_str() {
        "vst3" => path.join("Contents").is_dir(),
        "clap" if CLAP_IS_FOLDER => path.join("Contents").is_dir(),
        "clap" => path.is_file(),
        "" => path.join("licences").is_dir(),
        _ => false,
    };
    if ours {
        Ok(())
    } else {
        Err(BundlerError::wrong(
            path,
            format!("something else than {NAME}'s plugin lies there; move it away"),
        ))
    }
}
