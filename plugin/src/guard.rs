//! No panic crosses into a host.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; if it panics, gives `fallback`. Unwinding out of a function that a host called would end the host.
pub(crate) fn guard<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(fallback)
}
