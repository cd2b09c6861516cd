//! The page of evidence: from a folder of results to `docs/evidence.md` and `docs/evidence.html`, without training anything.
//!
//! ```text
//! results::Folder ── series (runs of one recipe and protocol) ── measured (figures, calibration across folds) ── sections ── Document
//!                                                                                  Document ── to_markdown(), to_html()
//! ```
//! Each section answers one question and can stand without the others; what was not measured is shown as such. Tables that something
//! else measured ([`TableFile`](crate::results::TableFile)) go to the section that they name.

mod calibrated;
mod difference;
mod document;
mod forest;
mod html;
mod markdown;
mod measured;
mod sections;
mod series;
mod words;

pub use document::{Block, Document, Section, Table};

use crate::results::Folder;

/// What the page is about.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of the recipe that is shipped.
    pub recipe: String,
    /// Name of the paper's recipe.
    pub paper: String,
    /// The command that made the page.
    pub command: String,
}

/// Writes the page.
pub fn evidence(folder: &Folder, options: &Options) -> Document {
    sections::all(folder, options)
}
