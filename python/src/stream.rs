//! `Stream`: samples in, events out while they come. The events are `core::stream`'s, written as it writes them.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use undersong_core::live::{LiveModel, WorkerPool};
use undersong_core::stream::{StreamError, StreamEvent, StreamOptions, StreamSession};

use crate::sound::{channels, interleaved};
use crate::trouble::Trouble;
use crate::work::work;

/// The threads that analyse the streams of a process, and which process that is.
static POOL: Mutex<Option<(u32, WorkerPool)>> = Mutex::new(None);

/// The pool of this process. After `fork` the parent's has no threads here, so that waiting for it would never end.
fn pool() -> Result<WorkerPool, Trouble> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((owner, pool)) = &*pool
        && *owner == process
    {
        return Ok(pool.clone());
    }
    let own = WorkerPool::new(threads())?;
    if let Some(parents) = pool.replace((process, own.clone())) {
        // Its end would wait for threads that are not in this process.
        std::mem::forget(parents);
    }
    Ok(own)
}

/// One a core, four at most.
fn threads() -> std::num::NonZeroUsize {
    let one = std::num::NonZeroUsize::MIN;
    let four = one.saturating_add(3);
    std::thread::available_parallelism()
        .unwrap_or(one)
        .min(four)
}

/// One stream.
#[pyclass(frozen, module = "undersong._native")]
pub(crate) struct Stream {
    session: Mutex<StreamSession>,
    channels: usize,
    /// The process whose threads analyse it.
    process: u32,
}

impl Stream {
    pub(crate) fn open(model: Arc<LiveModel>, options: &StreamOptions) -> Result<Self, Trouble> {
        Ok(Self {
            session: Mutex::new(StreamSession::open(&pool()?, model, options)?),
            channels: options.channels.into(),
            process: std::process::id(),
        })
    }

    /// Has the stream do something, without the interpreter's lock; the events of it as a JSON list, in their order also if several threads call.
    fn tell(
        &self,
        py: Python<'_>,
        task: impl FnOnce(&mut StreamSession, &mut Vec<StreamEvent>) -> Result<(), StreamError> + Send,
    ) -> PyResult<String> {
        work(py, || {
            if self.process != std::process::id() {
                return Err(Trouble::forked());
            }
            let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
            let mut events = Vec::new();
            task(&mut session, &mut events)?;
            Ok(serde_json::to_string(&events)?)
        })
    }
}

#[pymethods]
impl Stream {
    /// Takes samples `[frames]` or `[frames, channels]`.
    fn push(&self, py: Python<'_>, samples: PyReadonlyArrayDyn<'_, f32>) -> PyResult<String> {
        let given = channels(&samples);
        // `[samples]` is interleaved, whatever the channels.
        if samples.ndim() > 1 && given != self.channels {
            let error = StreamError::Frames {
                given,
                channels: self.channels,
            };
            return Err(Trouble::from(error).raise(py));
        }
        let samples = interleaved(&samples).map_err(|trouble| trouble.raise(py))?;
        self.tell(py, |session, events| session.push_frames(samples, events))
    }

    /// What has become known since.
    fn poll(&self, py: Python<'_>) -> PyResult<String> {
        self.tell(py, |session, events| {
            session.poll(events);
            Ok(())
        })
    }

    /// Ends the sound; all that is left to tell.
    fn close(&self, py: Python<'_>) -> PyResult<String> {
        self.tell(py, |session, events| session.finish(events))
    }

    /// Samples of each channel taken so far.
    fn position(&self, py: Python<'_>) -> PyResult<u64> {
        work(py, || {
            let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(session.position())
        })
    }
}
