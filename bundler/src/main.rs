//! `undersong-bundler`: bundles Undersong's plugins.

#![allow(clippy::print_stdout, clippy::print_stderr)] // it is a command

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use undersong_bundler::layout::Bundles;
use undersong_bundler::{BundleOptions, BundlerError, Places, check};

/// Lays out, installs, zips and checks Undersong's plugins (VST3 and CLAP).
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the plugin and lay out Undersong.vst3 and Undersong.clap.
    Bundle {
        /// Use this library instead of building one.
        #[arg(long, value_name = "FILE")]
        lib: Option<PathBuf>,
        /// Folder to lay the bundles into [default: target/bundled].
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Put ONNX Runtime inside: a wheel of onnxruntime or onnxruntime-gpu, or a folder with its libraries.
        #[arg(long, value_name = "WHEEL|FOLDER")]
        onnxruntime: Option<PathBuf>,
    },
    /// Copy the bundles into your plugin folders.
    Install {
        #[command(flatten)]
        from: From,
        #[command(flatten)]
        places: PlaceArguments,
    },
    /// Remove them from your plugin folders.
    Uninstall {
        #[command(flatten)]
        places: PlaceArguments,
    },
    /// Load the bundles in small hosts: say what a host will see, and what is wrong.
    Check {
        #[command(flatten)]
        from: From,
        /// Open the editors too, on the X server that DISPLAY names (Linux).
        #[arg(long)]
        editor: bool,
        /// Save pictures of the editors to this folder.
        #[arg(long, value_name = "FOLDER", requires = "editor")]
        pictures: Option<PathBuf>,
    },
    /// Make the archives of a release, with their SHA-256 sums.
    Zip {
        #[command(flatten)]
        from: From,
        /// Folder for the archives [default: that of the bundles].
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct From {
    /// Folder with the bundles [default: target/bundled].
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct PlaceArguments {
    /// Folder of VST3 plugins [default: yours].
    #[arg(long, value_name = "FOLDER")]
    vst3_folder: Option<PathBuf>,
    /// Folder of CLAP plugins [default: yours].
    #[arg(long, value_name = "FOLDER")]
    clap_folder: Option<PathBuf>,
}

impl From {
    fn folder(&self) -> Result<PathBuf, BundlerError> {
        match &self.from {
            Some(folder) => Ok(folder.clone()),
            None => undersong_bundler::default_folder(),
        }
    }
}

impl PlaceArguments {
    fn places(self) -> Places {
        Places {
            vst3_folder: self.vst3_folder,
            clap_folder: self.clap_folder,
        }
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(clean) => exit(clean),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn exit(clean: bool) -> ExitCode {
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Does it; says whether all is well.
fn run(command: Command) -> Result<bool, BundlerError> {
    match command {
        Command::Bundle {
            lib,
            out,
            onnxruntime,
        } => {
            let made = undersong_bundler::bundle(&BundleOptions {
                library: lib,
                out,
                onnxruntime,
            })?;
            for root in made.roots() {
                println!("{}", root.display());
            }
        }
        Command::Install { from, places } => {
            let from = Bundles::in_folder(&from.folder()?);
            for root in undersong_bundler::install(&from, &places.places())?.roots() {
                println!("installed {}", root.display());
            }
        }
        Command::Uninstall { places } => {
            let removed = undersong_bundler::uninstall(&places.places())?;
            for path in &removed {
                println!("removed {}", path.display());
            }
            if removed.is_empty() {
                println!("nothing was installed");
            }
        }
        Command::Check {
            from,
            editor,
            pictures,
        } => {
            let bundles = Bundles::in_folder(&from.folder()?);
            return look(&bundles, editor, pictures.as_deref());
        }
        Command::Zip { from, out } => {
            let folder = from.folder()?;
            let bundles = Bundles::in_folder(&folder);
            let out = out.unwrap_or(folder);
            for path in undersong_bundler::zip(&bundles, env!("CARGO_PKG_VERSION"), &out)? {
                println!("{}", path.display());
            }
        }
    }
    Ok(true)
}

fn look(
    bundles: &Bundles,
    editor: bool,
    pictures: Option<&std::path::Path>,
) -> Result<bool, BundlerError> {
    let clap = check::check_clap(&bundles.clap)?;
    println!("{clap}");
    let vst3 = check::check_vst3(&bundles.vst3)?;
    println!("{vst3}");
    let mut clean = clap.is_clean() && vst3.is_clean();
    if editor {
        clean &= look_at_editors(bundles, pictures)?;
    }
    println!("{}", if clean { "clean" } else { "not clean" });
    #[cfg(target_os = "linux")]
    if editor {
        undersong_bundler::hosts::display::leave(i32::from(!clean));
    }
    Ok(clean)
}

#[cfg(target_os = "linux")]
fn look_at_editors(
    bundles: &Bundles,
    pictures: Option<&std::path::Path>,
) -> Result<bool, BundlerError> {
    let mut clean = true;
    for finding in check::check_editors(&bundles.clap, &bundles.vst3, pictures)? {
        match finding.fault {
            None => println!("  ok    {}", finding.name),
            Some(fault) => {
                clean = false;
                println!("  FAULT {}: {fault}", finding.name);
            }
        }
    }
    Ok(clean)
}

#[cfg(not(target_os = "linux"))]
fn look_at_editors(
    bundles: &Bundles,
    _pictures: Option<&std::path::Path>,
) -> Result<bool, BundlerError> {
    Err(BundlerError::Wrong {
        path: bundles.clap.clone(),
        reason: "editors are checked on Linux only; leave out --editor".to_owned(),
    })
}
