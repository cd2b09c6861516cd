//! Ctrl-C: ends the program at once, but lets a file that is being written come to its end, so that no part of one stays behind. A command that
//! can end in order does so at the first one.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use undersong_core::timeline::{WriteError, write_file};

/// Held while a file is written.
static WRITING: Mutex<()> = Mutex::new(());

/// Exit status after Ctrl-C: 128 and the number of the signal, as shells have it.
const INTERRUPTED: i32 = 130;

/// How the command ends in order, if it can.
static END: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);

/// What has to be done before the program ends at once.
static BEFORE_EXIT: OnceLock<fn()> = OnceLock::new();

/// Sets up what Ctrl-C does. Where that is refused, Ctrl-C does what it always does.
pub(crate) fn prepare() {
    let _ = ctrlc::set_handler(|| {
        let end = END.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(end) = end {
            end();
            return;
        }
        let _guard = lock();
        if let Some(before_exit) = BEFORE_EXIT.get() {
            before_exit();
        }
        std::process::exit(INTERRUPTED);
    });
}

/// Has the next Ctrl-C call this instead of ending the program; the one after that ends it.
pub(crate) fn end_in_order(end: impl FnOnce() + Send + 'static) {
    *END.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(end));
}

/// Has this called before Ctrl-C ends the program.
pub(crate) fn before_exit(call: fn()) {
    let _ = BEFORE_EXIT.set(call);
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
