//! Work without the interpreter's lock, from which no panic comes back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use pyo3::prelude::*;

use crate::trouble::Trouble;

/// How often long work looks whether Ctrl-C was pressed.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Does `task` while other Python threads run.
pub(crate) fn work<T: Send>(
    py: Python<'_>,
    task: impl FnOnce() -> Result<T, Trouble> + Send,
) -> PyResult<T> {
    py.detach(|| catch_unwind(AssertUnwindSafe(task)))
        .unwrap_or_else(|_| Err(Trouble::internal()))
        .map_err(|trouble| trouble.raise(py))
}

/// The same for work that may take long: on Ctrl-C, `stop` becomes true and Python's exception is raised once `task` has ended.
pub(crate) fn long_work<T: Send>(
    py: Python<'_>,
    stop: &AtomicBool,
    task: impl FnOnce() -> Result<T, Trouble> + Send,
) -> PyResult<T> {
    let mut interrupted = None;
    let outcome = py.detach(|| {
        std::thread::scope(|scope| {
            let (sender, done) = channel::<()>();
            let thread = scope.spawn(move || {
                // Gone when the task has ended, also by a panic.
                let _sender = sender;
                task()
            });
            while done.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                if interrupted.is_none()
                    && let Some(Err(error)) = Python::try_attach(|py| py.check_signals())
                {
                    interrupted = Some(error);
                    stop.store(true, Ordering::Relaxed);
                }
            }
            thread.join()
        })
    });
    if let Some(error) = interrupted {
        return Err(error);
    }
    outcome
        .unwrap_or_else(|_| Err(Trouble::internal()))
        .map_err(|trouble| trouble.raise(py))
}
