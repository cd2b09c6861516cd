//! Archives for a release: the same bundles give the same bytes.

use crate::layout::{Bundles, NAME, SYSTEM};
use crate::{BundlerError, files};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Makes an archive for each format, and `SHA256SUMS` beside them; returns all three.
///
/// # Errors
/// If there are no bundles, or a file cannot be read or written.
pub fn zip(bundles: &Bundles, version: &str, out: &Path) -> Result<Vec<PathBuf>, BundlerError> {
    let mut roots = bundles.roots();
    let vst3 = roots.remove(0);
    let mut written = Vec::new();
    let mut sums = String::new();
    for (format, roots) in [("vst3", vec![vst3]), ("clap", roots)] {
        let bytes = archive(&roots)?;
        let name = format!("{}-{version}-{SYSTEM}-{format}.zip", NAME.to_lowercase());
        let path = out.join(&name);
        files::write(&path, &bytes)?;
        let sum: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // As `sha256sum --check` reads it.
        let _ = writeln!(sums, "{sum}  {name}");
        written.push(path);
    }
    let path = out.join("SHA256SUMS");
    files::write(&path, sums.as_bytes())?;
    written.push(path);
    Ok(written)
}

/// All files below the roots, in the order of their names, none with a time or an owner.
fn archive(roots: &[&Path]) -> Result<Vec<u8>, BundlerError> {
    let mut entries = Vec::new();
    for root in roots {
        if !root.exists() {
            return Err(BundlerError::wrong(
                root,
                "there is no such bundle; make it with `undersong-bundler bundle`",
            ));
        }
        let above = root.parent().unwrap_or(Path::new(""));
        for entry in walkdir::WalkDir::new(root) {
            let entry = entry.map_err(|error| BundlerError::wrong(root, error.to_string()))?;
            if entry.file_type().is_file() {
                let name = entry.path().strip_prefix(above).unwrap_or(entry.path());
                let parts: Vec<_> = name
                    .components()
                    .map(|part| part.as_os_str().to_string_lossy())
                    .collect();
                entries.push((parts.join("/"), entry.path().to_owned()));
            }
        }
    }
    entries.sort();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, path) in entries {
        let bytes = std::fs::read(&path).map_err(BundlerError::file(&path))?;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::DEFAULT)
            .large_file(false)
            .unix_permissions(if is_library(&name) { 0o755 } else { 0o644 });
        let failed = |error: &dyn std::fmt::Display| BundlerError::wrong(&path, error.to_string());
        writer
            .start_file(name, options)
            .map_err(|error| failed(&error))?;
        writer.write_all(&bytes).map_err(|error| failed(&error))?;
    }
    let cursor = writer.finish().map_err(|error| {
        BundlerError::wrong(Path::new("archive"), format!("it cannot be ended: {error}"))
    })?;
    Ok(cursor.into_inner())
}

fn is_library(name: &str) -> bool {
    name.ends_with(".clap")
        || name.contains(".so")
        || name.ends_with(".dylib")
        || name.ends_with(".dll")
        || name.contains("/MacOS/")
        || name.contains("-win/")
}
