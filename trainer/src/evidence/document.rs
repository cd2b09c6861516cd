//! What the page consists of, before it is Markdown or HTML.
//!
//! Texts may hold `` `code` `` and `**bold**`; everything else in them stands as it is.

/// The page.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// Heading.
    pub title: String,
    /// What it is, in a few sentences.
    pub lead: String,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// A part that answers one question.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Anchor in the page.
    pub id: &'static str,
    /// The question.
    pub title: String,
    /// The answer.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A remark that must not be overlooked.
    Warning(String),
    /// A heading within the section.
    Heading(String),
    /// Figures to be seen first: name, value, note.
    Tiles(Vec<[String; 3]>),
    /// A table.
    Table(Table),
    /// A drawing with its caption; its numbers stand in a table too, so Markdown leaves it out.
    Figure {
        /// The drawing, as an SVG element.
        svg: String,
        /// What it shows.
        caption: String,
    },
    /// Pieces beside each other where there is room.
    Pair(Vec<Block>),
    /// What few want to see: folded away in HTML.
    Details {
        /// What is in it.
        summary: String,
        /// The pieces.
        blocks: Vec<Block>,
    },
    /// Points.
    List(Vec<String>),
}

/// A table whose first column names its rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// What a reader needs to know; may be empty.
    pub note: String,
    /// The commands that make it again; may be empty.
    pub commands: Vec<String>,
    /// Columns beside the first that hold words, not numbers.
    pub words: Vec<usize>,
}

impl Table {
    /// An empty table with these heads.
    pub fn new<S: Into<String>>(columns: impl IntoIterator<Item = S>) -> Self {
        Self {
            columns: columns.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// With a note.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// With the commands that make it again.
    pub fn made_by(mut self, commands: Vec<String>) -> Self {
        self.commands = commands;
        self
    }

    /// With columns of words.
    pub fn words(mut self, columns: &[usize]) -> Self {
        self.words = columns.to_vec();
        self
    }
}

impl Document {
    /// As Markdown. The same results give the same bytes.
    pub fn to_markdown(&self) -> String {
        super::markdown::write(self)
    }

    /// As one self-contained page: no network, no script, drawn for light and dark.
    pub fn to_html(&self) -> String {
        super::html::write(self)
    }
}
