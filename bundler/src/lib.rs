//! Bundles of Undersong's plugin: made, installed, zipped, and checked in small hosts of our own.
//!
//! - [`bundle`](bundle()), [`install`](install()), [`uninstall`], [`zip`](zip()) do what the command's subcommands of the same names do.
//! - [`check`] loads bundles in [`hosts`] and says what a host will see, and what is wrong.
//! - [`layout`] knows where everything lies on each system.

#![deny(unsafe_code)]

mod archive;
mod bundle;
mod cargo;
pub mod check;
mod error;
mod files;
pub mod hosts;
mod install;
pub mod layout;
mod licences;
mod manifest;
mod runtime;

pub use archive::zip;
pub use bundle::{BundleOptions, bundle, default_folder};
pub use error::BundlerError;
pub use install::{Places, install, uninstall};
pub use runtime::RUNTIME_FOLDER;
