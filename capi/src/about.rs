//! What the library says of itself and of the last error.

use std::ffi::{CStr, c_char};

use crate::UndersongCode;
use crate::failure::last_message;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(version) => version,
        Err(_) => c"",
    };

/// Version of the library, such as "0.1.0". The text is the library's and stands for ever.
///
/// Thread: any. Real-time safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_version() -> *const c_char {
    VERSION.as_ptr()
}

/// A sentence for a code, also for one that is none. The text is the library's and stands for ever.
///
/// Thread: any. Real-time safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_code_message(code: i32) -> *const c_char {
    UndersongCode::ALL
        .into_iter()
        .find(|known| *known as i32 == code)
        .map_or(c"no code of this version", UndersongCode::message)
        .as_ptr()
}

/// What was wrong with the last call of this thread that failed, naming the value, what was expected and what to do; "" if none has.
///
/// Functions that are real-time safe leave no message here: ask `undersong_code_message` for their codes. The text is the library's and stands until the next failed
/// call of the same thread.
///
/// Thread: any; each has its own. Real-time safe: no, since a thread's first call may allocate.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_last_error() -> *const c_char {
    last_message()
}
