//! The database's shape, and how an older one becomes a newer one.
//!
//! Each version is a step of SQL on top of the one before. All steps that a file lacks run in one transaction: after a crash or on a full
//! disk the file is what it was.

use rusqlite::{Connection, TransactionBehavior};

use super::error::{LibraryError, Result};

/// The steps; the number of them is the version that this program writes.
const STEPS: [&str; 3] = [
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
];

/// Version of the schema that this program writes and the newest that it reads.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// What stands in the file's header to tell it from other programs' databases: "Unds".
const APPLICATION_ID: i64 = 0x556E_6473;

/// What a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing is in it yet.
    Empty,
    /// A library of this version.
    Library(i64),
    /// Something else's.
    Foreign,
}

/// What this database is.
pub(super) fn shape(connection: &Connection) -> rusqlite::Result<Shape> {
    let number = |name: &str| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
    };
    let (application_id, version) = (number("application_id")?, number("user_version")?);
    if application_id == APPLICATION_ID {
        return Ok(Shape::Library(version));
    }
    let objects: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application_id == 0 && version == 0 && objects == 0 {
        return Ok(Shape::Empty);
    }
    Ok(Shape::Foreign)
}

/// Brings a database to this program's version; whoever opens it at the same time waits.
pub(super) fn bring_up_to_date(
    connection: &mut Connection,
    named: &dyn Fn(rusqlite::Error) -> LibraryError,
) -> Result<()> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(named)?;
    // Asked again, now that nobody else writes: another process may have done it meanwhile.
    let version = match shape(&transaction).map_err(named)? {
        Shape::Library(version) => version,
        Shape::Empty => 0,
        // Somebody else's since it was opened: told of by who opens it next.
        Shape::Foreign => return Ok(()),
    };
    if version >= VERSION {
        return Ok(());
    }
    let missing = STEPS.iter().skip(usize::try_from(version).unwrap_or(0));
    for step in missing {
        transaction.execute_batch(step).map_err(named)?;
    }
    transaction
        .execute_batch(&format!(
            "PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION};"
        ))
        .map_err(named)?;
    transaction.commit().map_err(named)
}
