//! The page as one self-contained HTML file.

use super::document::{Block, Document, Table};
use crate::evaluate::report::format::escape;
use crate::evaluate::report::html::{HATCH, STYLE};

const MORE_STYLE: &str = include_str!("style.css");

pub(super) fn write(document: &Document) -> String {
    let contents: String = document
        .sections
        .iter()
        .map(|section| {
            format!(
                "<li><a href=\"#{}\">{}</a></li>\n",
                section.id,
                inline(&section.title)
            )
        })
        .collect();
    let sections: String = document
        .sections
        .iter()
        .map(|section| {
            format!(
                "<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n",
                section.id,
                inline(&section.title),
                blocks(&section.blocks)
            )
        })
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}{MORE_STYLE}</style>\n</head>\n\
         <body>\n{HATCH}<main>\n<header>\n<p class=\"kicker\">Undersong</p>\n<h1>{title}</h1>\n<p class=\"lead\">{}</p>\n</header>\n\
         <nav aria-label=\"Contents\"><ol>\n{contents}</ol></nav>\n{sections}</main>\n</body>\n</html>\n",
        inline(&document.lead),
        title = escape(&document.title),
    )
}

fn blocks(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> String {
    match block {
        Block::Text(words) => format!("<p class=\"prose\">{}</p>\n", inline(words)),
        Block::Warning(words) => format!("<p class=\"warn\">{}</p>\n", inline(words)),
        Block::Heading(words) => format!("<h3 class=\"part\">{}</h3>\n", inline(words)),
        Block::Tiles(tiles) => {
            let tiles: String = tiles
                .iter()
                .map(|[name, value, note]| {
                    format!(
                        "<div class=\"tile\"><dt>{}</dt><dd class=\"value\">{}</dd><dd class=\"note\">{}</dd></div>\n",
                        inline(name),
                        inline(value),
                        inline(note)
                    )
                })
                .collect();
            format!("<dl class=\"tiles\">\n{tiles}</dl>\n")
        }
        Block::Table(content) => table(content),
        Block::Figure { svg, caption } => format!(
            "<figure>{svg}<figcaption>{}</figcaption></figure>\n",
            inline(caption)
        ),
        Block::Pair(inner) => {
            let inner: String = inner
                .iter()
                .map(|piece| format!("<div>{}</div>\n", self::block(piece)))
                .collect();
            format!("<div class=\"pair\">\n{inner}</div>\n")
        }
        Block::Details { summary, blocks } => format!(
            "<details><summary>{}</summary>\n{}</details>\n",
            inline(summary),
            self::blocks(blocks)
        ),
        Block::List(points) => {
            let points: String = points
                .iter()
                .map(|point| format!("<li>{}</li>\n", inline(point)))
                .collect();
            format!("<ul class=\"plain\">\n{points}</ul>\n")
        }
    }
}

fn table(table: &Table) -> String {
    let class = |column: usize| match table.words.contains(&column) {
        true => " class=\"words\"",
        false => "",
    };
    let heads: String = table
        .columns
        .iter()
        .enumerate()
        .map(|(column, head)| {
            // Heads break at spaces, not within a name: CREMA-D, SHA-256.
            let head = inline(&head.replace('-', "\u{2011}"));
            format!("<th scope=\"col\"{}>{head}</th>", class(column))
        })
        .collect();
    let rows: String = table
        .rows
        .iter()
        .map(|row| {
            let cells: String = row
                .iter()
                .enumerate()
                .map(|(column, cell)| match column {
                    0 => format!("<th scope=\"row\">{}</th>", inline(cell)),
                    _ => format!("<td{}>{}</td>", class(column), inline(cell)),
                })
                .collect();
            format!("<tr>{cells}</tr>\n")
        })
        .collect();
    let mut text = format!(
        "<div class=\"scroll\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
    );
    if !table.note.is_empty() {
        text.push_str(&format!(
            "<p class=\"muted note-below\">{}</p>\n",
            inline(&table.note)
        ));
    }
    if !table.commands.is_empty() {
        let commands: Vec<String> = table.commands.iter().map(|line| escape(line)).collect();
        text.push_str(&format!(
            "<details class=\"made\"><summary>The command{} that make{} it</summary><pre><code>{}</code></pre></details>\n",
            if commands.len() == 1 { "" } else { "s" },
            if commands.len() == 1 { "s" } else { "" },
            commands.join("\n")
        ));
    }
    text
}

/// Text with `` `code` `` and `**bold**` made HTML; everything else is escaped.
fn inline(text: &str) -> String {
    let mut html = String::new();
    for (place, piece) in text.split('`').enumerate() {
        if place % 2 == 1 {
            html.push_str(&format!("<code>{}</code>", escape(piece)));
            continue;
        }
        for (place, piece) in piece.split("**").enumerate() {
            match place % 2 {
                1 => html.push_str(&format!("<b>{}</b>", escape(piece))),
                _ => html.push_str(&escape(piece)),
            }
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_and_bold_mean_anything() {
        assert_eq!(
            inline("a **b** `<c>` <d>"),
            "a <b>b</b> <code>&lt;c&gt;</code> &lt;d&gt;"
        );
    }
}
