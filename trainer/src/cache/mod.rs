//! Decoding and resampling a corpus takes minutes, and every epoch of every run needs the result: it is done
//! once and kept in one file.
//!
//! The file's name is a hash of everything its content depends on (the clips' bytes, rate, noise reduction,
//! this format's version), so a changed setting looks for another file and a stale one is never read. It ends with its
//! own checksum: a damaged or cut-off file is noticed and made again.

mod error;
mod file;
mod store;

pub use error::CacheError;
pub use store::{CacheKey, ClipStore, Origin};
