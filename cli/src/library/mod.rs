//! `undersong library`: a file that remembers what was heard in which take, for questions about thousands of them.
//!
//! [`store`] opens the file, [`schema`] is its shape; [`bring`] reads what is new; [`query`], [`records`] and [`moments`] answer questions; the
//! rest are the commands.

mod bring;
mod cache;
mod commands;
mod error;
mod export;
mod files;
mod find;
mod forget;
mod found;
mod hashing;
mod keep;
mod look;
mod marks;
mod moments;
mod packed;
mod parquet;
mod place;
mod playlist;
mod query;
mod records;
mod schema;
mod settings;
mod stats;
mod store;
mod table;
mod update;

pub(crate) use cache::scan_remembered;
pub(crate) use commands::{Args, run};
pub(crate) use settings::Settings;
