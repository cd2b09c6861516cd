//! Where things lie: in a bundle, in the build folder, and where hosts look for plugins.

use std::path::{Path, PathBuf};

/// The plugin's name, and its bundles'.
pub const NAME: &str = "Undersong";

/// The library as cargo names it.
#[cfg(target_os = "windows")]
pub const BUILT_LIBRARY: &str = "undersong_plugin.dll";
/// The library as cargo names it.
#[cfg(target_os = "macos")]
pub const BUILT_LIBRARY: &str = "libundersong_plugin.dylib";
/// The library as cargo names it.
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
pub const BUILT_LIBRARY: &str = "libundersong_plugin.so";

/// The folder below `Contents` where a VST3 bundle keeps the library for this system.
pub const VST3_FOLDER: &str = if cfg!(target_os = "macos") {
    "MacOS"
} else if cfg!(all(target_os = "windows", target_arch = "aarch64")) {
    "arm64-win"
} else if cfg!(target_os = "windows") {
    "x86_64-win"
} else if cfg!(target_arch = "aarch64") {
    "aarch64-linux"
} else {
    "x86_64-linux"
};

/// This system, for the names of archives.
pub const SYSTEM: &str = if cfg!(target_os = "macos") {
    "macos"
} else {
    VST3_FOLDER
};

/// A library's ending inside of a VST3 bundle, with the dot.
const VST3_ENDING: &str = if cfg!(target_os = "macos") {
    ""
} else if cfg!(target_os = "windows") {
    ".vst3"
} else {
    ".so"
};

/// Whether CLAP plugins are folders here; elsewhere they are a library that is named so.
pub const CLAP_IS_FOLDER: bool = cfg!(target_os = "macos");

/// A VST3 bundle's library for this system, if it is there.
pub fn vst3_library(bundle: &Path) -> Option<PathBuf> {
    let path = vst3_library_place(bundle)?;
    path.is_file().then_some(path)
}

/// Where a VST3 bundle keeps its library for this system.
pub fn vst3_library_place(bundle: &Path) -> Option<PathBuf> {
    let name = bundle.file_stem()?.to_str()?;
    let file = format!("{name}{VST3_ENDING}");
    Some(bundle.join("Contents").join(VST3_FOLDER).join(file))
}

/// Both bundles in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundles {
    /// `Undersong.vst3`, a folder.
    pub vst3: PathBuf,
    /// `Undersong.clap`: a folder on a Mac, else a library.
    pub clap: PathBuf,
    /// What the CLAP plugin needs beside its library: in the bundle on a Mac, else the folder `Undersong` beside it.
    pub clap_resources: PathBuf,
}

impl Bundles {
    /// With VST3 bundles in one folder and CLAP plugins in another.
    pub fn in_folders(vst3: &Path, clap: &Path) -> Self {
        let clap = clap.join(format!("{NAME}.clap"));
        Self {
            vst3: vst3.join(format!("{NAME}.vst3")),
            clap_resources: if CLAP_IS_FOLDER {
                clap.join("Contents/Resources")
            } else {
                clap.with_extension("")
            },
            clap,
        }
    }

    /// Both in one folder.
    pub fn in_folder(folder: &Path) -> Self {
        Self::in_folders(folder, folder)
    }

    /// The VST3 bundle's resources.
    pub fn vst3_resources(&self) -> PathBuf {
        self.vst3.join("Contents/Resources")
    }

    /// The CLAP plugin's library.
    pub fn clap_library(&self) -> PathBuf {
        if CLAP_IS_FOLDER {
            self.clap.join("Contents/MacOS").join(NAME)
        } else {
            self.clap.clone()
        }
    }

    /// Everything that belongs to one format or the other, as it lies beside its kind.
    pub fn roots(&self) -> Vec<&Path> {
        let mut roots = vec![self.vst3.as_path(), self.clap.as_path()];
        if !CLAP_IS_FOLDER {
            roots.push(&self.clap_resources);
        }
        roots
    }
}

/// The folders where hosts look for this user's plugins: VST3's and CLAP's. `None` if the system does not say where the user is at home.
pub fn user_folders() -> Option<(PathBuf, PathBuf)> {
    let home = |variable: &str| {
        let path = PathBuf::from(std::env::var_os(variable)?);
        path.is_absolute().then_some(path)
    };
    if cfg!(target_os = "windows") {
        let common = home("LOCALAPPDATA")?.join("Programs").join("Common");
        Some((common.join("VST3"), common.join("CLAP")))
    } else if cfg!(target_os = "macos") {
        let plugins = home("HOME")?.join("Library/Audio/Plug-Ins");
        Some((plugins.join("VST3"), plugins.join("CLAP")))
    } else {
        let home = home("HOME")?;
        Some((home.join(".vst3"), home.join(".clap")))
    }
}
