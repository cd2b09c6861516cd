//! CUDA for ONNX Runtime: what must be there before it is tried, and what its errors mean.
//!
//! Found on a real GPU: a missing CUDA library, driver, GPU or provider file is an error that the CPU can still follow, if
//! `error_on_failure` is set; but a `libcudnn.so.9` without its seven part files ends the process. So cuDNN is checked first, file
//! by file. Libraries in Python packages are on no loader path, so they are loaded here by absolute path; this must come after ONNX
//! Runtime itself is loaded, or the `ort` crate panics.

use std::env;
use std::path::{Path, PathBuf};

use ort::ep;
use ort::session::builder::SessionBuilder;

use super::runtime::Runtime;
use super::search::SYSTEM_FOLDERS;

/// What installs everything that is needed.
const INSTALL: &str = "`pip install onnxruntime-gpu nvidia-cublas nvidia-cuda-runtime nvidia-curand nvidia-cudnn-cu13`";

#[cfg(windows)]
const PROVIDERS: [&str; 2] = [
    "onnxruntime_providers_shared.dll",
    "onnxruntime_providers_cuda.dll",
];
#[cfg(not(windows))]
const PROVIDERS: [&str; 2] = [
    "libonnxruntime_providers_shared.so",
    "libonnxruntime_providers_cuda.so",
];

/// CUDA's libraries that the provider links to; a dependent comes after what it depends on.
#[cfg(windows)]
const CUDA: [&str; 4] = [
    "cudart64_13.dll",
    "cublasLt64_13.dll",
    "cublas64_13.dll",
    "curand64_10.dll",
];
#[cfg(not(windows))]
const CUDA: [&str; 4] = [
    "libcudart.so.13",
    "libcublasLt.so.13",
    "libcublas.so.13",
    "libcurand.so.10",
];

/// Loads CUDA's libraries for a session; the error says what is missing and how to get it.
///
/// Afterwards a session may be tried without danger to the process; whether it works only the session shows.
pub(super) fn prepare(runtime: &Runtime) -> Result<(), String> {
    let folder = runtime.library.parent().unwrap_or(Path::new(""));
    for provider in PROVIDERS {
        if !folder.join(provider).is_file() {
            return Err(format!(
                "this ONNX Runtime ({}) is without CUDA: {provider} is not beside it; {INSTALL}",
                runtime.library.display()
            ));
        }
    }
    let folders = library_folders(folder);
    let cudnn = complete_cudnn(&folders)?;
    for name in CUDA {
        // What is in none of these folders is left to the loader, which may know better; the session's error names it if not.
        if let Some(library) = folders.iter().map(|f| f.join(name)).find(|l| l.is_file()) {
            preload(&library)?;
        }
    }
    preload(&cudnn)
}

fn preload(library: &Path) -> Result<(), String> {
    ort::util::preload_dylib(library)
        .map_err(|error| format!("{} cannot be loaded: {error}", library.display()))
}

/// The main library of a cuDNN 9 that has all its parts in one folder.
fn complete_cudnn(folders: &[PathBuf]) -> Result<PathBuf, String> {
    let names = ep::cuda::CUDNN_DYLIBS;
    let main = names.first().copied().unwrap_or_default();
    // The first that the loader could meet counts, not the first that is whole: the other one might be opened after all.
    let Some(folder) = folders.iter().find(|folder| folder.join(main).is_file()) else {
        return Err(format!("cuDNN 9 ({main}) was not found; {INSTALL}"));
    };
    let missing = names
        .iter()
        .filter(|name| !folder.join(name).is_file())
        .copied()
        .collect::<Vec<_>>();
    if missing.is_empty() {
        Ok(folder.join(main))
    } else {
        Err(format!(
            "cuDNN in {} is not whole, {} missing, and would end the program; install it again: {INSTALL}",
            folder.display(),
            missing.join(", ")
        ))
    }
}

/// Folders where CUDA's libraries may be, first those of the Python packages that belong to this ONNX Runtime.
fn library_folders(runtime: &Path) -> Vec<PathBuf> {
    let mut folders = vec![runtime.to_owned()];
    // `site-packages/onnxruntime/capi` → `site-packages/nvidia/<package>/lib`
    if let Some(packages) = runtime.ancestors().nth(2) {
        let mut nvidia = std::fs::read_dir(packages.join("nvidia"))
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .collect::<Vec<_>>();
        nvidia.sort();
        for package in nvidia {
            folders.push(package.join("lib"));
            folders.push(package.join("bin"));
        }
    }
    folders.extend(env::split_paths(
        &env::var_os("LD_LIBRARY_PATH").unwrap_or_default(),
    ));
    for name in ["CUDA_HOME", "CUDA_PATH"] {
        if let Some(root) = env::var_os(name).map(PathBuf::from) {
            folders.extend([root.join("lib64"), root.join("bin")]);
        }
    }
    folders.extend(["/usr/local/cuda/lib64", "/opt/cuda/lib64"].map(PathBuf::from));
    folders.extend(SYSTEM_FOLDERS.iter().map(PathBuf::from));
    folders.retain(|folder| folder.is_absolute());
    folders
}

/// Asks a session to run on the GPU, and to fail if it cannot rather than fall back in silence.
pub(super) fn with_cuda(builder: SessionBuilder) -> Result<SessionBuilder, String> {
    builder
        .with_execution_providers([ep::CUDA::default()
            // TensorFloat-32 is on by default and costs three digits: scores must equal the CPU's.
            .with_tf32(false)
            // Each new batch size is searched for once; this search is the short one and gives equal speed.
            .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
            .build()
            .error_on_failure()])
        .map_err(|error| explain(&error.to_string()))
}

/// What an error of ONNX Runtime's means for a person.
pub(super) fn explain(error: &str) -> String {
    if error.contains("libcuda.so.1") {
        "no NVIDIA driver was found (libcuda.so.1)".to_owned()
    } else if error.contains("no CUDA-capable device") {
        "no NVIDIA GPU was found".to_owned()
    } else if error.contains("cuDNN is unavailable") {
        format!("cuDNN cannot be loaded; {INSTALL}")
    } else if let Some(library) = missing_library(error) {
        format!("the library {library} is missing; {INSTALL}")
    } else {
        format!("ONNX Runtime refused: {}", error.trim())
    }
}

/// `libcublasLt.so.13` of `…providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file`.
fn missing_library(error: &str) -> Option<&str> {
    let before = error.split(": cannot open shared object file").next()?;
    if before.len() == error.len() {
        return None;
    }
    before.rsplit([' ', '/']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_seen_on_a_real_machine_are_put_in_words() {
        for (error, words) in [
            (
                "Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot open shared object file: No such file or directory",
                "the library libcublasLt.so.13 is missing",
            ),
            (
                "Failed to load library /x/libonnxruntime_providers_cuda.so with error: libcuda.so.1: cannot open shared object file: No such file or directory",
                "no NVIDIA driver",
            ),
            (
                "CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ; expr=cudaSetDevice(info_.device_id);",
                "no NVIDIA GPU",
            ),
            (
                "Exception during initialization: 9 : NOT_IMPLEMENTED : cuDNN is unavailable or disabled for CUDA Execution Provider: dlopen failed for libcudnn.so:",
                "cuDNN cannot be loaded",
            ),
            ("something new", "ONNX Runtime refused: something new"),
        ] {
            let explained = explain(error);
            assert!(explained.starts_with(words), "{explained}");
        }
    }

    #[test]
    fn a_cudnn_without_all_its_parts_is_refused_since_it_would_end_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let folders = [folder.path().to_owned()];
        assert!(
            complete_cudnn(&folders)
                .unwrap_err()
                .contains("was not found")
        );
        for name in ep::cuda::CUDNN_DYLIBS {
            if !name.contains("heuristic") {
                std::fs::write(folder.path().join(name), "").unwrap();
            }
        }
        let refused = complete_cudnn(&folders).unwrap_err();
        assert!(
            refused.contains("heuristic") && refused.contains("not whole"),
            "{refused}"
        );
        for name in ep::cuda::CUDNN_DYLIBS {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(
            complete_cudnn(&folders),
            Ok(folder.path().join(ep::cuda::CUDNN_DYLIBS[0]))
        );
    }
}
