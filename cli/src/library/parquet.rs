//! Parquet, for pandas, DuckDB, Spark and the like: flat columns, Snappy, a row group for each piece.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::pieces::{Column, Values, Writer};

/// Puts pieces into a Parquet file.
pub(super) struct ParquetWriter<'a> {
    out: &'a mut dyn Write,
    /// What the library has written and `out` hasn't got yet.
    written: Shared,
    file: Option<SerializedFileWriter<Shared>>,
}

/// Bytes that the Parquet library writes, which wants a writer that may go to another thread.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> ParquetWriter<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            written: Shared::default(),
            file: None,
        }
    }

    /// Hands on what was written.
    fn drain(&mut self) -> io::Result<()> {
        let mut bytes = self.written.bytes();
        self.out.write_all(&bytes)?;
        bytes.clear();
        Ok(())
    }
}

impl Writer for ParquetWriter<'_> {
    fn piece(&mut self, columns: &[Column]) -> io::Result<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => begin(columns, self.written.clone()).map_err(told)?,
        };
        if columns
            .first()
            .is_some_and(|column| column.values.len() > 0)
        {
            write_group(&mut file, columns).map_err(told)?;
        }
        self.file = Some(file);
        self.drain()
    }

    fn end(&mut self) -> io::Result<()> {
        if let Some(file) = self.file.take() {
            file.close().map_err(told)?;
        }
        self.drain()
    }
}

fn begin(columns: &[Column], out: Shared) -> Result<SerializedFileWriter<Shared>, ParquetError> {
    let fields = columns
        .iter()
        .map(|column| {
            let (physical, logical, repetition) = match column.values {
                Values::Text(_) => (
                    Physical::BYTE_ARRAY,
                    Some(LogicalType::String),
                    Repetition::OPTIONAL,
                ),
                Values::Real(_) => (Physical::DOUBLE, None, Repetition::OPTIONAL),
                Values::Whole(_) => (Physical::INT64, None, Repetition::REQUIRED),
                Values::Flag(_) => (Physical::BOOLEAN, None, Repetition::REQUIRED),
            };
            Type::primitive_type_builder(&column.name, physical)
                .with_logical_type(logical)
                .with_repetition(repetition)
                .build()
                .map(Arc::new)
        })
        .collect::<Result<Vec<_>, _>>()?;
    let schema = Type::group_type_builder("undersong")
        .with_fields(fields)
        .build()?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("undersong ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))
}

fn write_group(
    file: &mut SerializedFileWriter<Shared>,
    columns: &[Column],
) -> Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    let mut columns = columns.iter();
    while let Some(mut writer) = group.next_column()? {
        if let Some(column) = columns.next() {
            write_column(&mut writer, &column.values)?;
        }
        writer.close()?;
    }
    group.close()?;
    Ok(())
}

fn write_column(
    writer: &mut SerializedColumnWriter<'_>,
    values: &Values,
) -> Result<(), ParquetError> {
    match values {
        Values::Text(values) => {
            let there: Vec<ByteArray> = values
                .iter()
                .flatten()
                .map(|text| ByteArray::from(text.as_str()))
                .collect();
            writer
                .typed::<ByteArrayType>()
                .write_batch(&there, Some(&levels(values)), None)?;
        }
        Values::Real(values) => {
            let there: Vec<f64> = values.iter().flatten().copied().collect();
            writer
                .typed::<DoubleType>()
                .write_batch(&there, Some(&levels(values)), None)?;
        }
        Values::Whole(values) => {
            writer
                .typed::<Int64Type>()
                .write_batch(values, None, None)?;
        }
        Values::Flag(values) => {
            writer.typed::<BoolType>().write_batch(values, None, None)?;
        }
    }
    Ok(())
}

/// 1 where there is a value, 0 where there is none.
fn levels<T>(values: &[Option<T>]) -> Vec<i16> {
    values
        .iter()
        .map(|value| i16::from(value.is_some()))
        .collect()
}

fn told(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
