//! `undersong library`: a file that remembers what was heard in which take, for questions about thousands of them.
//!
//! [`store`] opens the file, [`schema`] is its shape; [`bring`] reads what is new; [`query`], [`sql`], [`records`] and [`moments`] answer questions; the
//! rest are the commands; [`shelf`] is the desk's way in.

mod amounts;
pub(crate) mod bring;
mod cache;
mod columns;
mod commands;
pub(crate) mod error;
mod export;
mod files;
mod find;
mod forget;
mod found;
mod hashing;
mod keep;
mod look;
pub(crate) mod marks;
pub(crate) mod moments;
mod packed;
mod packed_delivery;
mod parquet;
mod pieces;
pub(crate) mod place;
mod playlist;
pub(crate) mod query;
pub(crate) mod records;
mod schema;
pub(crate) mod settings;
mod shelf;
mod sql;
mod stats;
pub(crate) mod store;
mod table;
mod under;
pub(crate) mod update;

pub(crate) use cache::scan_remembered;
pub(crate) use commands::{Args, run};
pub(crate) use error::LibraryError;
pub(crate) use found::{Entry, Found};
pub(crate) use hashing::{each_block, hash_sound_and};
pub(crate) use marks::{Mark, Opinion};
pub(crate) use place::place;
pub(crate) use playlist::write as write_playlist;
pub(crate) use records::Record;
pub(crate) use settings::Settings;
pub(crate) use shelf::{Met, OnShelf};
pub(crate) use store::{Access, Library};
