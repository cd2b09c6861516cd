//! The licences that a bundle carries.

use crate::BundlerError;
use crate::cargo::Workspace;
use crate::files;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Puts the project's licences and those of everything compiled in into a folder.
pub(crate) fn write(workspace: &Workspace, folder: &Path) -> Result<(), BundlerError> {
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        files::copy(&workspace.workspace_root.join(name), &folder.join(name))?;
    }
    files::write(
        &folder.join("THIRD-PARTY.txt"),
        third_parties(workspace).as_bytes(),
    )
}

/// A list of crates, then every licence text once, with the crates that it came with.
fn third_parties(workspace: &Workspace) -> String {
    let mut list = String::from("Compiled into this plugin, with thanks:\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in workspace.third_parties() {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or("see its text below");
        let _ = writeln!(list, "  {name} ({licence})");
        for file in package.licence_files() {
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            let text = text.replace("\r\n", "\n").trim().to_owned();
            if !text.is_empty() {
                texts.entry(text).or_default().push(name.clone());
            }
        }
    }
    for (text, names) in texts {
        let _ = write!(
            list,
            "\n\n{}\n{}\n\n{text}\n",
            "-".repeat(80),
            names.join(", ")
        );
    }
    list
}
