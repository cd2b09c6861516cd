//! Which sizes a caller's structs may have: of this version, and of those before and after.
//!
//! A struct only ever grows at its end. A shorter one is an older header's: what it lacks has its default, or is not written. A longer one is a
//! newer header's, and fine as long as what this library does not know is all zero. Any other size is a mistake.

use std::mem::offset_of;

use crate::types::{
    UndersongEmotion, UndersongEvent, UndersongLiveConfig, UndersongModelConfig,
    UndersongModelInfo, UndersongScanConfig, UndersongStatus, UndersongSummary, UndersongWindow,
};

/// Longest struct that is taken for a newer version, in bytes.
pub(crate) const LONGEST: usize = 16 * 1024;

/// A struct of the header.
///
/// # Safety
/// It is `repr(C)`, begins with `struct_size: u32`, and is sound for any bits, all zero included.
pub(crate) unsafe trait Sized32: Copy {
    /// Its name in the header.
    const NAME: &'static str;

    /// The sizes that it may have ended at, shortest first; none within a field. Its size now is one more.
    const SHORTER: &'static [usize];
}

/// `struct: fields that an older version may have ended before`.
macro_rules! sizes {
    ($($name:ident: $($field:ident),+;)*) => {
        $(
            // SAFETY: `repr(C)`, of numbers, arrays of numbers and pointers alone, the first a `u32`.
            unsafe impl Sized32 for $name {
                const NAME: &'static str = stringify!($name);
                const SHORTER: &'static [usize] = &[$(offset_of!($name, $field)),+];
            }
        )*
    };
}

sizes! {
    UndersongModelConfig: path, runtime_path, profile_path;
    UndersongModelInfo: sample_rate_hz, id, name;
    UndersongEmotion: name;
    UndersongLiveConfig: model, hop_seconds, smoothing_seconds, decay_seconds, sensitivity;
    UndersongEvent: raw;
    UndersongStatus: dropped_frames, threads, engine, trouble;
    UndersongScanConfig: model, hop_seconds, priors;
    UndersongSummary: scores, shares, engine;
    UndersongWindow: leading, scores;
}

/// Whether a struct of this size may be one of `T`; a longer one may, if the rest is zero.
pub(crate) fn fits<T: Sized32>(size: usize) -> bool {
    let now = size_of::<T>();
    T::SHORTER.contains(&size)
        || size == now
        || now < size && size <= LONGEST && size.is_multiple_of(4)
}
