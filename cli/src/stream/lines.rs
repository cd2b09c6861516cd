//! `Lines`: events as lines on standard output, written by a thread of its own, so that a slow reader keeps nobody waiting.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use undersong_core::stream::{Backlog, StreamEvent};

use super::sound::Stop;
use crate::trouble::Trouble;

/// Updates that wait for the reader: a minute of them at the usual hop.
const MOST_UPDATES: usize = 256;

/// The way to standard output.
pub(super) struct Lines {
    shared: Arc<Shared>,
    writer: JoinHandle<Result<(), Trouble>>,
    wait: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    backlog: Backlog,
    /// No more events come.
    ended: bool,
    /// The writer has stopped: nothing is read any more.
    closed: bool,
}

impl Lines {
    /// Starts the thread; it asks the stream to stop once nobody reads. With `wait`, events wait for their place instead of costing older ones theirs.
    pub(super) fn start(stop: Stop, wait: bool) -> Result<Self, Trouble> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                backlog: Backlog::new(MOST_UPDATES),
                ended: false,
                closed: false,
            }),
            changed: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        let write = move || {
            let outcome = own.write_all();
            own.state().closed = true;
            own.changed.notify_all();
            if outcome.is_err() {
                stop.now();
            }
            outcome
        };
        let writer = std::thread::Builder::new()
            .name("standard output".to_owned())
            .spawn(write)
            .map_err(Trouble::thread)?;
        Ok(Self {
            shared,
            writer,
            wait,
        })
    }

    /// Takes an event.
    ///
    /// # Errors
    /// [`Trouble::Closed`] once nothing is read any more; what happened, [`close`](Self::close) says.
    pub(super) fn push(&self, event: StreamEvent) -> Result<(), Trouble> {
        let mut state = self.shared.state();
        while self.wait && state.backlog.is_full() && !state.closed {
            state = self.shared.wait(state);
        }
        if state.closed {
            return Err(Trouble::Closed);
        }
        state.backlog.push(event);
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Updates left out so far.
    pub(super) fn dropped_updates(&self) -> u64 {
        self.shared.state().backlog.dropped_updates()
    }

    /// Waits until everything is written.
    ///
    /// # Errors
    /// If it could not be.
    pub(super) fn close(self) -> Result<(), Trouble> {
        self.shared.state().ended = true;
        self.shared.changed.notify_all();
        self.writer
            .join()
            .unwrap_or_else(|_| Err(Trouble::Failed("the lines could not be written".to_owned())))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The next event; `None` once there will be none.
    fn next(&self) -> Option<StreamEvent> {
        let mut state = self.state();
        loop {
            if let Some(event) = state.backlog.pop() {
                self.changed.notify_all();
                return Some(event);
            }
            if state.ended {
                return None;
            }
            state = self.wait(state);
        }
    }

    fn write_all(&self) -> Result<(), Trouble> {
        let mut out = io::stdout().lock();
        while let Some(event) = self.next() {
            let mut line = event.to_json().map_err(Trouble::failed)?;
            line.push('\n');
            // One call for a line, so that whoever reads it has all of it.
            out.write_all(line.as_bytes())
                .and_then(|()| out.flush())
                .map_err(Trouble::stdout)?;
        }
        Ok(())
    }
}
