//! `libundersong`: Undersong for C and C++.
//!
//! The doors are in [`about`], [`model`], [`live`] and [`scan`]; what they say to a C programmer stands in their documentation, of which
//! cbindgen makes `include/undersong.h`. Nothing here knows of signals or models: it translates for `undersong-core`.
//!
//! `unsafe` is in the doors, which take pointers, and in three files below them: [`handle`] (whom a handle belongs to), [`turn`] (one thread
//! at a time) and [`memory`] (structs, arrays and texts of a caller).

mod about;
mod code;
mod failure;
mod handle;
mod live;
mod memory;
mod model;
mod options;
mod scan;
mod sizes;
mod turn;
mod types;

pub use about::*;
pub use code::UndersongCode;
pub use live::*;
pub use model::*;
pub use scan::*;
pub use types::*;
