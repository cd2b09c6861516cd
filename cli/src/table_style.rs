//! What all tables of the program look like.

use comfy_table::{LineStyle, TableStyle, presets};

/// How the program's tables look: a line under the header, nothing else.
pub(crate) fn table_style() -> TableStyle {
    presets::NOTHING.header_separator(LineStyle::none().fill('─'))
}
