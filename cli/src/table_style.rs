//! What all tables of the program look like.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle, presets};

use crate::terminal::Look;

/// How the program's tables look: a line under the header, nothing else.
pub(crate) fn table_style() -> TableStyle {
    presets::NOTHING.header_separator(LineStyle::none().fill('─'))
}

/// A table without rows, two blanks behind each column, that fits where it must.
pub(crate) fn table(look: Look, header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .force_no_tty()
        .load_style(table_style())
        .set_header(header);
    if look.fit {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(look.columns).unwrap_or(u16::MAX));
    }
    if look.colour {
        table.enforce_styling();
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}
