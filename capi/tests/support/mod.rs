//! Compilers, programs and a real take, for the tests that build what a user would.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::print_stderr)] // each test file uses its own part

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use undersong_core::audio::Decoder;

/// What a test needs beside Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    C,
    Cpp,
    Valgrind,
    /// A C# compiler and its runtime.
    Mono,
}

/// The command, if it is there.
///
/// # Panics
/// If it is not and `REQUIRE_C` is set.
pub fn tool(tool: Tool) -> Option<String> {
    let (name, variable) = match tool {
        Tool::C => ("gcc", "CC"),
        Tool::Cpp => ("g++", "CXX"),
        Tool::Valgrind => ("valgrind", ""),
        Tool::Mono => ("mcs", ""),
    };
    let name = std::env::var(variable).unwrap_or_else(|_| name.to_owned());
    let there = Command::new(&name)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if there {
        return Some(name);
    }
    assert!(
        std::env::var_os("REQUIRE_C").is_none(),
        "`{name}` is missing; .ci/test installs it"
    );
    eprintln!("skipped: `{name}` is missing; .ci/test installs it");
    None
}

/// The library that was built for this test: `so` or `a`.
pub fn built_library(ending: &str) -> PathBuf {
    let program = std::env::current_exe().unwrap();
    let path = program
        .parent()
        .unwrap()
        .join("libundersong")
        .with_extension(ending);
    assert!(path.is_file(), "{} is missing", path.display());
    path
}

/// A program of this crate, built against the delivered header and library.
pub fn compile(
    compiler: &str,
    source: &Path,
    folder: &Path,
    flags: &[&str],
    statically: bool,
) -> PathBuf {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = folder.join("program");
    let mut command = Command::new(compiler);
    let cpp = source.extension().is_some_and(|ending| ending == "cpp");
    command
        .arg(if cpp { "-std=c++20" } else { "-std=c11" })
        .args([
            "-Wall",
            "-Wextra",
            "-Werror",
            "-pedantic",
            "-O1",
            "-g",
            "-pthread",
        ])
        .args(flags)
        .arg("-I")
        .arg(home.join("include"))
        .arg(home.join(source))
        .arg("-o")
        .arg(&program);
    if statically {
        command.arg(built_library("a")).args(["-ldl", "-lm"]);
    } else {
        let library = built_library("so");
        command.arg(&library).arg("-lm").arg(format!(
            "-Wl,-rpath,{}",
            library.parent().unwrap().display()
        ));
    }
    output(&mut command);
    program
}

/// What a command that ends well prints, and what it says on standard error.
pub fn output(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{printed}\n{errors}",
        output.status
    );
    (printed, errors)
}

/// Sound, mono.
pub struct Take {
    pub samples: Vec<f32>,
    pub rate_hz: u32,
}

impl Take {
    /// Its first seconds.
    pub fn first(mut self, seconds: usize) -> Self {
        self.samples.truncate(seconds * self.rate_hz as usize);
        self
    }

    /// Writes it as floats of this machine.
    pub fn write(&self, path: &Path) {
        let bytes = self.samples.iter().flat_map(|sample| sample.to_ne_bytes());
        std::fs::write(path, bytes.collect::<Vec<_>>()).unwrap();
    }
}

/// The sample take.
pub fn take() -> Take {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    let mut decoder = Decoder::open(&path).unwrap();
    let mut samples = Vec::new();
    while decoder.next_block(&mut samples).unwrap() {}
    Take {
        samples,
        rate_hz: decoder.sample_rate_hz(),
    }
}
