//! Tables for other programs, a piece at a time: columns of one length, and who puts them into CSV or JSON. (`parquet.rs` does into Parquet.)

use std::io::{self, Write};

/// A column of a piece.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Text; `None` where there is none.
    Text(Vec<Option<String>>),
    /// Numbers, never NaN; `None` where there is none.
    Real(Vec<Option<f64>>),
    /// Whole numbers.
    Whole(Vec<i64>),
    /// Yes or no.
    Flag(Vec<bool>),
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) values: Values,
}

/// Puts pieces of one table into a file; every piece has the same columns. A table without rows comes as one piece of none.
pub(super) trait Writer {
    /// The next piece.
    fn piece(&mut self, columns: &[Column]) -> io::Result<()>;
    /// The end.
    fn end(&mut self) -> io::Result<()>;
}

impl Values {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Real(values) => values.len(),
            Self::Whole(values) => values.len(),
            Self::Flag(values) => values.len(),
        }
    }

    /// A value; `Null` where there is none.
    fn json(&self, row: usize) -> serde_json::Value {
        match self {
            Self::Text(values) => values.get(row).cloned().flatten().into(),
            Self::Real(values) => values.get(row).copied().flatten().into(),
            Self::Whole(values) => values.get(row).copied().into(),
            Self::Flag(values) => values.get(row).copied().into(),
        }
    }
}

/// CSV: a header and a row each (RFC 4180).
pub(super) struct CsvWriter<'a> {
    rows: csv::Writer<&'a mut dyn Write>,
    begun: bool,
}

impl<'a> CsvWriter<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            rows: csv::Writer::from_writer(out),
            begun: false,
        }
    }
}

impl Writer for CsvWriter<'_> {
    fn piece(&mut self, columns: &[Column]) -> io::Result<()> {
        if !self.begun {
            self.rows
                .write_record(columns.iter().map(|column| &column.name))?;
            self.begun = true;
        }
        let rows = columns.first().map_or(0, |column| column.values.len());
        for row in 0..rows {
            for column in columns {
                let field = match column.values.json(row) {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => text,
                    other => other.to_string(),
                };
                self.rows.write_field(field)?;
            }
            self.rows.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

/// JSON: a list with an object for each row, a line each.
pub(super) struct JsonWriter<'a> {
    out: &'a mut dyn Write,
    rows: usize,
}

impl<'a> JsonWriter<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, rows: 0 }
    }
}

impl Writer for JsonWriter<'_> {
    fn piece(&mut self, columns: &[Column]) -> io::Result<()> {
        let rows = columns.first().map_or(0, |column| column.values.len());
        for row in 0..rows {
            self.out
                .write_all(if self.rows == 0 { b"[\n" } else { b",\n" })?;
            self.rows += 1;
            self.out.write_all(b"{")?;
            for (index, column) in columns.iter().enumerate() {
                if index > 0 {
                    self.out.write_all(b",")?;
                }
                serde_json::to_writer(&mut *self.out, &column.name)?;
                self.out.write_all(b":")?;
                serde_json::to_writer(&mut *self.out, &column.values.json(row))?;
            }
            self.out.write_all(b"}")?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out
            .write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })
    }
}
