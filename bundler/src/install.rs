//! Into the folders where hosts look, and out of them.

use crate::bundle::refuse_strangers;
use crate::layout::{Bundles, user_folders};
use crate::{BundlerError, files};
use std::path::PathBuf;

/// Where plugins are installed.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The folder of VST3 bundles; else the user's.
    pub vst3_folder: Option<PathBuf>,
    /// The folder of CLAP plugins; else the user's.
    pub clap_folder: Option<PathBuf>,
}

impl Places {
    fn bundles(&self) -> Result<Bundles, BundlerError> {
        let (vst3, clap) = match (&self.vst3_folder, &self.clap_folder) {
            (Some(vst3), Some(clap)) => (vst3.clone(), clap.clone()),
            (vst3, clap) => {
                let (user_vst3, user_clap) = user_folders().ok_or(BundlerError::NoHome)?;
                (
                    vst3.clone().unwrap_or(user_vst3),
                    clap.clone().unwrap_or(user_clap),
                )
            }
        };
        Ok(Bundles::in_folders(&vst3, &clap))
    }
}

/// Installs bundles, in place of an older version if there is one. Returns where they lie now.
///
/// # Errors
/// If there are no bundles, or a file cannot be written.
pub fn install(from: &Bundles, places: &Places) -> Result<Bundles, BundlerError> {
    for root in from.roots() {
        if !root.exists() {
            return Err(BundlerError::wrong(
                root,
                "there is no such bundle; make it with `undersong-bundler bundle`",
            ));
        }
    }
    let to = places.bundles()?;
    for place in to.roots() {
        refuse_strangers(place)?;
    }
    for (from, to) in from.roots().into_iter().zip(to.roots()) {
        files::remove(to)?;
        files::copy_all(from, to)?;
    }
    Ok(to)
}

/// Removes what was installed; returns what was there.
///
/// # Errors
/// If something else lies in a bundle's place, or a file cannot be removed.
pub fn uninstall(places: &Places) -> Result<Vec<PathBuf>, BundlerError> {
    let bundles = places.bundles()?;
    let mut removed = Vec::new();
    for root in bundles.roots() {
        refuse_strangers(root)?;
        if files::remove(root)? {
            removed.push(root.to_owned());
        }
    }
    Ok(removed)
}
