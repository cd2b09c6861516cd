//! What cargo knows and makes: the workspace, the plugin's library, the crates in it.

use crate::BundlerError;
use crate::layout::BUILT_LIBRARY;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The plugin's package.
const PACKAGE: &str = "undersong-plugin";

/// What `cargo metadata` says, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    pub(crate) workspace_root: PathBuf,
    pub(crate) target_directory: PathBuf,
    packages: Vec<Package>,
    resolve: Resolve,
}

/// A crate.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    pub(crate) manifest_path: PathBuf,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn run(command: &mut Command) -> Result<Vec<u8>, BundlerError> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| {
            BundlerError::Cargo(format!(
                "it cannot be started ({error}); is Rust installed?"
            ))
        })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(BundlerError::Cargo(format!(
            "it failed ({})",
            output.status
        )))
    }
}

impl Workspace {
    /// The workspace that the current folder is in.
    pub(crate) fn find() -> Result<Self, BundlerError> {
        let platform = rustc_host()?;
        let said = run(cargo().args([
            "metadata",
            "--format-version=1",
            "--filter-platform",
            &platform,
        ]))?;
        let workspace: Self = serde_json::from_slice(&said).map_err(|error| {
            BundlerError::Cargo(format!("its metadata is not understood: {error}"))
        })?;
        if workspace
            .packages
            .iter()
            .all(|package| package.name != PACKAGE)
        {
            return Err(BundlerError::wrong(
                &workspace.workspace_root,
                format!("this workspace has no package {PACKAGE}; run this inside of Undersong's"),
            ));
        }
        Ok(workspace)
    }

    /// The plugin's version.
    pub(crate) fn version(&self) -> &str {
        let plugin = self.packages.iter().find(|package| package.name == PACKAGE);
        plugin.map_or("", |plugin| &plugin.version)
    }

    /// Builds the plugin and says where its library is.
    pub(crate) fn build(&self) -> Result<PathBuf, BundlerError> {
        let said = run(cargo().current_dir(&self.workspace_root).args([
            "build",
            "--release",
            "--locked",
            "--lib",
            "--package",
            PACKAGE,
            "--message-format=json-render-diagnostics",
        ]))?;
        String::from_utf8_lossy(&said)
            .lines()
            .filter_map(|line| serde_json::from_str::<Message>(line).ok())
            .flat_map(|message| message.filenames)
            .rfind(|file| file.file_name().is_some_and(|name| name == BUILT_LIBRARY))
            .ok_or_else(|| BundlerError::Cargo(format!("it has built no {BUILT_LIBRARY}")))
    }

    /// Crates of others that are compiled into the plugin, by name and version.
    pub(crate) fn third_parties(&self) -> Vec<&Package> {
        let by_id: BTreeMap<_, _> = self.packages.iter().map(|p| (p.id.as_str(), p)).collect();
        let nodes: BTreeMap<_, _> = self
            .resolve
            .nodes
            .iter()
            .map(|n| (n.id.as_str(), n))
            .collect();
        let plugin = self.packages.iter().find(|package| package.name == PACKAGE);
        let mut waiting: Vec<&str> = plugin
            .map(|plugin| plugin.id.as_str())
            .into_iter()
            .collect();
        let mut seen = BTreeSet::new();
        while let Some(id) = waiting.pop() {
            if !seen.insert(id) {
                continue;
            }
            let depends = nodes.get(id).map_or(&[][..], |node| &node.deps);
            let compiled_in = |dependency: &&Dependency| {
                dependency.dep_kinds.iter().any(|kind| kind.kind.is_none())
            };
            waiting.extend(depends.iter().filter(compiled_in).map(|d| d.pkg.as_str()));
        }
        let mut found: Vec<_> = seen
            .into_iter()
            .filter_map(|id| by_id.get(id).copied())
            .filter(|package| package.source.is_some())
            .collect();
        found.sort_by_key(|package| (&package.name, &package.version));
        found
    }
}

/// The system that this machine's Rust builds for.
fn rustc_host() -> Result<String, BundlerError> {
    let said =
        run(Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())).arg("-vV"))?;
    String::from_utf8_lossy(&said)
        .lines()
        .find_map(|line| line.strip_prefix("host: ").map(str::to_owned))
        .ok_or_else(|| BundlerError::Cargo("rustc does not name its host".to_owned()))
}

impl Package {
    /// The licence texts that lie in the crate.
    pub(crate) fn licence_files(&self) -> Vec<PathBuf> {
        let folder = self.manifest_path.parent().unwrap_or(Path::new(""));
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .to_uppercase();
                let starts = [
                    "LICENSE",
                    "LICENCE",
                    "COPYING",
                    "NOTICE",
                    "COPYRIGHT",
                    "UNLICENSE",
                ];
                path.is_file() && starts.iter().any(|start| name.starts_with(start))
            })
            .collect();
        files.sort();
        files
    }
}
