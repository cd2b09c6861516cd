//! ONNX Runtime, loaded: once per process, never with a panic.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

use super::search::{Candidate, RUNTIME_VARIABLE, Search, search};

/// What to do when there is none.
const HELP: &str = "install it with `pip install onnxruntime`, or name its shared library or a Python environment with the variable";

/// A loaded ONNX Runtime.
#[derive(Clone)]
pub(super) struct Runtime {
    pub(super) environment: Environment,
    pub(super) library: PathBuf,
    pub(super) version: String,
    /// How it was found, and whether another was asked for.
    pub(super) notes: Vec<String>,
}

/// The library this process has loaded, and what came of it. A second can never be loaded, not even after a failure.
static LOADED: Mutex<Option<(Candidate, Started)>> = Mutex::new(None);

/// A loaded library's environment and version, or why it has none.
type Started = Result<(Environment, String), String>;

/// The ONNX Runtime of this process, loaded on the first call.
///
/// The error says why there is none and what to do; `named` as in [`find_runtime`](super::find_runtime).
pub(super) fn runtime(named: Option<&Path>) -> Result<Runtime, String> {
    let (candidates, named_by_user) = match search(named) {
        Search::Named(candidate) => (vec![candidate?], true),
        Search::Found(candidates) => (candidates, false),
    };
    // Held while loading, so that two threads do not load two libraries.
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut reasons = Vec::new();
    if loaded.is_none() {
        for candidate in &candidates {
            match load(&candidate.library) {
                Ok(outcome) => {
                    *loaded = Some((candidate.clone(), outcome));
                    break;
                }
                Err(reason) => reasons.push(reason),
            }
        }
    }
    let Some((candidate, outcome)) = &*loaded else {
        return Err(if reasons.is_empty() {
            format!("no ONNX Runtime was found; {HELP} {RUNTIME_VARIABLE}")
        } else if named_by_user {
            reasons.join("; ")
        } else {
            format!(
                "no usable ONNX Runtime was found ({}); {HELP} {RUNTIME_VARIABLE}",
                reasons.join("; ")
            )
        });
    };
    let (environment, version) = outcome.clone()?;
    let mut notes = vec![format!(
        "ONNX Runtime {version} from {} ({})",
        candidate.library.display(),
        candidate.found_by
    )];
    let other = candidates
        .first()
        .filter(|asked| named_by_user && asked.library != candidate.library);
    if let Some(other) = other {
        notes.push(format!(
            "{} is not used: this process has loaded another ONNX Runtime already, and can load only one",
            other.library.display()
        ));
    }
    Ok(Runtime {
        environment,
        library: candidate.library.clone(),
        version,
        notes,
    })
}

/// Loads a library. The outer error leaves the process free to try another; after the inner one none can be loaded any more.
fn load(library: &Path) -> Result<Started, String> {
    check_is_library(library)?;
    let builder = ort::init_from(library).map_err(|error| describe(&error, library))?;
    // Telemetry off: what people scan is nobody's business. Failures come back as errors, so the log adds nothing but noise.
    Ok(builder
        .with_name("undersong")
        .with_telemetry(false)
        .build()
        .map(|environment| {
            environment.set_log_level(LogLevel::Fatal);
            (environment, version(library))
        })
        .map_err(|error| format!("{}: {error}", library.display())))
}

/// Refuses what no loader should see: a text file of the right name gets a plain word instead of the loader's.
fn check_is_library(library: &Path) -> Result<(), String> {
    let shown = library.display();
    let mut head = [0u8; 4];
    std::fs::File::open(library)
        .and_then(|mut file| file.read_exact(&mut head))
        .map_err(|error| format!("{shown} cannot be read as a shared library: {error}"))?;
    let known = matches!(
        head,
        // ELF; PE; Mach-O, 64 bit and universal.
        [0x7f, b'E', b'L', b'F']
            | [b'M', b'Z', ..]
            | [0xcf, 0xfa, 0xed, 0xfe]
            | [0xca, 0xfe, 0xba, 0xbe]
    );
    if known {
        Ok(())
    } else {
        Err(format!("{shown} is not a shared library"))
    }
}

fn describe(error: &ort::LoadDynamicError, library: &Path) -> String {
    let shown = library.display();
    match error {
        ort::LoadDynamicError::Dlopen { error, .. } => {
            format!("{shown} cannot be loaded: {error}")
        }
        ort::LoadDynamicError::MissingApi { .. } => {
            format!("{shown} is a shared library, but not ONNX Runtime")
        }
        ort::LoadDynamicError::BadVersion { version_str, .. } => format!(
            "{shown} is ONNX Runtime {version_str}, which is too old; version 1.{} or newer is needed: `pip install --upgrade onnxruntime`",
            ort::MINOR_VERSION
        ),
        other => format!("{shown}: {other}"),
    }
}

/// The library's version: from its file name where that agrees with what the library says, else the first two numbers.
fn version(library: &Path) -> String {
    let Some(minor) = ort::util::probe(library) else {
        return "of unknown version".to_owned();
    };
    let short = format!("1.{minor}");
    std::fs::canonicalize(library)
        .ok()
        .and_then(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .and_then(|name| {
            let start = name.find(&format!("{short}."))?;
            let full = name.get(start..)?.trim_end_matches(".dylib");
            full.chars()
                .all(|c| c.is_ascii_digit() || c == '.')
                .then(|| full.to_owned())
        })
        .unwrap_or(short)
}
