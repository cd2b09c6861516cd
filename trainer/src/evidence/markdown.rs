//! The page as Markdown.

use super::document::{Block, Document, Table};

pub(super) fn write(document: &Document) -> String {
    let mut text = format!("# {}\n\n{}\n", document.title, document.lead);
    let contents: Vec<String> = document
        .sections
        .iter()
        .map(|section| format!("- [{}](#{})", section.title, anchor(&section.title)))
        .collect();
    text.push_str(&format!("\n{}\n", contents.join("\n")));
    for section in &document.sections {
        text.push_str(&format!("\n## {}\n", section.title));
        blocks(&section.blocks, &mut text);
    }
    text
}

/// The anchor that a heading gets on code hosts: lower case, letters, digits and hyphens.
fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            letter if letter.is_alphanumeric() || letter == '-' => Some(letter),
            _ => None,
        })
        .collect()
}

fn blocks(blocks: &[Block], text: &mut String) {
    for block in blocks {
        match block {
            Block::Text(words) => text.push_str(&format!("\n{words}\n")),
            Block::Warning(words) => text.push_str(&format!("\n> {words}\n")),
            Block::Heading(words) => text.push_str(&format!("\n### {words}\n")),
            Block::Tiles(tiles) => {
                text.push('\n');
                for [name, value, note] in tiles {
                    let note = match note.as_str() {
                        "" => String::new(),
                        note => format!(" ({note})"),
                    };
                    text.push_str(&format!("- {name}: **{value}**{note}\n"));
                }
            }
            Block::Table(content) => table(content, text),
            Block::Figure { .. } => {}
            Block::Pair(inner) => self::blocks(inner, text),
            Block::Details { summary, blocks } => {
                // A fold with nothing but drawings would be empty here.
                let mut inner = String::new();
                self::blocks(blocks, &mut inner);
                if !inner.is_empty() {
                    text.push_str(&format!(
                        "\n<details><summary>{summary}</summary>\n{inner}\n</details>\n"
                    ));
                }
            }
            Block::List(points) => {
                text.push('\n');
                for point in points {
                    text.push_str(&format!("- {point}\n"));
                }
            }
        }
    }
}

fn table(table: &Table, text: &mut String) {
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells
            .iter()
            .map(|cell| cell.replace('|', "\\|").replace('\n', " "))
            .collect();
        format!("| {} |\n", cells.join(" | "))
    };
    text.push('\n');
    text.push_str(&line(&table.columns));
    let rules: Vec<&str> = (0..table.columns.len())
        .map(
            |column| match column == 0 || table.words.contains(&column) {
                true => "---",
                false => "--:",
            },
        )
        .collect();
    text.push_str(&format!("|{}|\n", rules.join("|")));
    for row in &table.rows {
        text.push_str(&line(row));
    }
    if !table.note.is_empty() {
        text.push_str(&format!("\n{}\n", table.note));
    }
    if !table.commands.is_empty() {
        text.push_str(&format!(
            "\n<details><summary>Made by</summary>\n\n```sh\n{}\n```\n\n</details>\n",
            table.commands.join("\n")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_cannot_break_its_table_and_an_anchor_fits_its_heading() {
        let mut content = Table::new(["a", "b"]);
        content.row(["x|y", "two\nlines"]);
        let mut text = String::new();
        table(&content, &mut text);
        assert!(text.contains("| x\\|y | two lines |"), "{text}");
        assert_eq!(
            anchor("How right is it on strangers?"),
            "how-right-is-it-on-strangers"
        );
    }
}
