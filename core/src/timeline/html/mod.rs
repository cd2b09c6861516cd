//! The report: one HTML file that holds everything, opens from disk and asks nothing of the network.
//!
//! The table is in the HTML itself, so it can be read, searched and printed without scripts. The curves are drawn by
//! `script/` from data that `data.rs` packs, each when it comes into view, so that 500 takes stay quick. The same scan
//! gives the same bytes: there is no date in it.

pub mod parts;

pub(crate) mod data;
mod delivery;
pub(crate) mod page;
mod sound;
pub(crate) mod text;
mod why;

use std::io::{self, Write};
use std::path::PathBuf;

use super::{Scan, TakeExplanation};

/// How a report finds its sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HtmlOptions {
    /// The folder in which the report will lie. Takes are then referred to by their way from there, so that a folder with report
    /// and takes can be moved as a whole. `None` refers to them by absolute `file://` addresses.
    pub folder: Option<PathBuf>,
    /// Takes whose file is at most this long are put into the report itself, in bytes; 0 embeds none. A report with
    /// embedded sound can be sent on its own.
    pub embed_audio_max_bytes: u64,
}

/// Writes a scan as a self-contained HTML page (UTF-8).
///
/// The sound is referred to or embedded as [`HtmlOptions`] says; embedding reads the takes' files, and one that can't be read
/// is referred to instead. Everything that comes from outside (paths, errors, labels, descriptions) is escaped, and the page's
/// content security policy allows no script but its own and no address but the takes'.
///
/// # Errors
/// Those of `out`, and [`io::ErrorKind::InvalidData`] for a window whose scores don't fit the model's emotions.
pub fn write(scan: &Scan, options: &HtmlOptions, out: impl Write) -> io::Result<()> {
    write_explained(scan, &[], options, out)
}

/// As [`write()`], with what moved the scores: `explanations` are those of the scan's takes, in their order; a take without one shows none.
///
/// # Errors
/// As [`write()`].
pub fn write_explained(
    scan: &Scan,
    explanations: &[Option<TakeExplanation>],
    options: &HtmlOptions,
    mut out: impl Write,
) -> io::Result<()> {
    page::write(scan, explanations, options, &mut out)?;
    out.flush()
}
