//! Ctrl-C: ends the program at once, but lets a file that is being written come to its end, so that no part of one stays behind.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use undersong_core::timeline::{WriteError, write_file};

/// Held while a file is written.
static WRITING: Mutex<()> = Mutex::new(());

/// Exit status after Ctrl-C: 128 and the number of the signal, as shells have it.
const INTERRUPTED: i32 = 130;

/// Sets up what Ctrl-C does. Where that is refused, Ctrl-C does what it always does.
pub(crate) fn prepare() {
    let _ = ctrlc::set_handler(|| {
        let _guard = lock();
        std::process::exit(INTERRUPTED);
    });
}

/// [`write_file`], not interrupted. A pipe or a device, which may keep its writer waiting for ever, can be.
pub(crate) fn write_undisturbed(
    path: &Path,
    write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>,
) -> Result<(), WriteError> {
    let _guard = (!path.exists() || path.is_file()).then(lock);
    write_file(path, write)
}

fn lock() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}
