//! What is known of the terminal: its width, whether it shows colours, and how a path is shown on it.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use undersong_core::timeline::colours::Colour;

use crate::trouble::Trouble;

/// Width taken where standard output is no terminal, in columns.
const DEFAULT_COLUMNS: usize = 100;

/// How text may look on standard output.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// Columns.
    pub(crate) columns: usize,
    /// Whether lines must fit into these columns: on a terminal.
    pub(crate) fit: bool,
    /// Whether colours may be used.
    pub(crate) colour: bool,
}

impl Look {
    /// What standard output is now: colours only on a terminal, and not with `NO_COLOR` set (<https://no-color.org>).
    pub(crate) fn of_stdout() -> Self {
        let terminal = io::stdout().is_terminal();
        let columns = comfy_table::Table::new().width().filter(|&width| width > 0);
        Self {
            columns: columns.map_or(DEFAULT_COLUMNS, usize::from),
            fit: terminal,
            colour: terminal && may_colour(),
        }
    }

    /// `text` in a colour, where colours may be used.
    pub(crate) fn paint(self, text: &str, colour: Colour) -> String {
        if self.colour {
            format!("\x1b[38;5;{}m{text}\x1b[0m", nearest_of_256(colour))
        } else {
            text.to_owned()
        }
    }
}

/// Whether a terminal may be given colours: not with `NO_COLOR` set (<https://no-color.org>), and not if it has none.
pub(crate) fn may_colour() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    !refused
}

/// The nearest colour of the 6 × 6 × 6 cube that every colour terminal has.
pub(crate) fn nearest_of_256(colour: Colour) -> u8 {
    // The cube's steps are 0, 95, 135, 175, 215, 255.
    let step = |value: u8| match value {
        0..48 => 0,
        48..115 => 1,
        _ => (value - 35) / 40,
    };
    16 + 36 * step(colour.red) + 6 * step(colour.green) + step(colour.blue)
}

/// A path as text that cannot steer the terminal: what is not UTF-8 or a control character becomes U+FFFD.
pub(crate) fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// Text without control characters, each replaced by U+FFFD.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect()
}

/// Writes to standard output through a buffer.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Trouble> {
    let mut out = BufWriter::new(io::stdout().lock());
    write(&mut out)
        .and_then(|()| out.flush())
        .map_err(Trouble::stdout)
}

/// A line on standard error: what is wrong, after the command's name.
pub(crate) fn complain(message: &str) {
    remark(&format!("undersong: {}", one_line(message)));
}

/// A line on standard error. If even that cannot be written, there is nobody left to tell.
pub(crate) fn remark(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
