//! `WorkerPool`: a few threads that analyse the sound of all streams.

use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::LiveError;
use super::shared::locked;
use super::stream::{Stream, Turn};

/// How long a worker sleeps that found nothing to do while sound comes in. The audio thread wakes nobody: that would be a system call.
const PAUSE: Duration = Duration::from_millis(1);

/// How long once no sound has come for [`IDLE_AFTER`].
const IDLE_PAUSE: Duration = Duration::from_millis(20);

/// See [`IDLE_PAUSE`].
const IDLE_AFTER: Duration = Duration::from_millis(500);

/// Threads of the shared pool at most.
const SHARED_THREADS: usize = 4;

/// A few threads that analyse the sound of any number of streams; clones are the same pool.
///
/// The threads end with the last clone, which waits for them, so that a plugin's library can then be unloaded: drop every
/// [`LiveInput`](super::LiveInput) before. A pool that goes while one is left ends when that one is dropped.
#[derive(Clone)]
pub struct WorkerPool(Arc<Users>);

impl fmt::Debug for WorkerPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerPool")
            .field("threads", &self.threads())
            .finish_non_exhaustive()
    }
}

/// The pool that [`WorkerPool::shared`] gives.
static SHARED: Mutex<Weak<Users>> = Mutex::new(Weak::new());

impl WorkerPool {
    /// Starts so many threads.
    ///
    /// # Errors
    /// If the system gives none.
    pub fn new(threads: NonZeroUsize) -> Result<Self, LiveError> {
        let workers = Arc::new(Workers::default());
        let users = Users {
            workers: Arc::clone(&workers),
            threads: threads.get(),
            handles: Mutex::new(Vec::new()),
        };
        for number in 0..threads.get() {
            let workers = Arc::clone(&workers);
            workers.alive.fetch_add(1, Ordering::AcqRel);
            let handle = std::thread::Builder::new()
                .name(format!("undersong {number}"))
                .spawn({
                    let workers = Arc::clone(&workers);
                    move || workers.work(number)
                })
                .map_err(|error| {
                    workers.alive.fetch_sub(1, Ordering::AcqRel);
                    LiveError::Threads {
                        reason: error.to_string(),
                    }
                })?;
            locked(&users.handles).push(handle);
        }
        Ok(Self(Arc::new(users)))
    }

    /// The pool of this process: one thread a core, four at most. It lives as long as somebody uses it.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn shared() -> Result<Self, LiveError> {
        let mut shared = locked(&SHARED);
        if let Some(users) = shared.upgrade() {
            return Ok(Self(users));
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = NonZeroUsize::new(cores.min(SHARED_THREADS)).unwrap_or(NonZeroUsize::MIN);
        let pool = Self::new(threads)?;
        *shared = Arc::downgrade(&pool.0);
        Ok(pool)
    }

    /// Its threads.
    pub fn threads(&self) -> usize {
        self.0.threads
    }

    pub(super) fn workers(&self) -> &Arc<Workers> {
        &self.0.workers
    }
}

/// Those who use a pool; the last one ends it.
struct Users {
    workers: Arc<Workers>,
    threads: usize,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

impl Drop for Users {
    fn drop(&mut self) {
        self.workers.ending.store(true, Ordering::Release);
        self.workers.wake();
        // Streams whose audio half lives on keep the threads; waiting for those could last for ever.
        if locked(&self.workers.streams)
            .iter()
            .all(|stream| stream.closed())
        {
            for handle in locked(&self.handles).drain(..) {
                let _ = handle.join();
            }
        }
    }
}

/// What a pool's threads share.
#[derive(Default)]
pub(super) struct Workers {
    streams: Mutex<Vec<Arc<Stream>>>,
    /// Changes with `streams`.
    generation: AtomicUsize,
    ending: AtomicBool,
    alive: AtomicUsize,
    /// Counts calls of `wake`.
    calls: Mutex<u64>,
    called: Condvar,
}

impl Workers {
    /// Has the workers look after a stream, until its audio half is gone.
    pub(super) fn add(&self, stream: Arc<Stream>) {
        locked(&self.streams).push(stream);
        self.generation.fetch_add(1, Ordering::AcqRel);
        self.wake();
    }

    /// Wakes the threads that sleep. Not for the audio thread, unless it waits anyway.
    pub(super) fn wake(&self) {
        let mut calls = locked(&self.calls);
        *calls = calls.wrapping_add(1);
        self.called.notify_all();
    }

    /// Whether there is a thread left.
    pub(super) fn alive(&self) -> bool {
        self.alive.load(Ordering::Acquire) > 0
    }

    /// What a thread does.
    fn work(&self, number: usize) {
        // Nothing in here panics that is not caught before; should it, then those who wait must know.
        let _ = catch_unwind(AssertUnwindSafe(|| self.look_after_streams(number)));
        self.alive.fetch_sub(1, Ordering::AcqRel);
    }

    fn look_after_streams(&self, number: usize) {
        let mut streams: Vec<Arc<Stream>> = Vec::new();
        let mut generation = None;
        let mut last_sound = Instant::now();
        let mut first = number;
        loop {
            let calls = *locked(&self.calls);
            let now = self.generation.load(Ordering::Acquire);
            if generation != Some(now) {
                streams.clone_from(&locked(&self.streams));
                generation = Some(now);
            }
            if streams.is_empty() && self.ending.load(Ordering::Acquire) {
                // Another thread may still hold a stream that this one let go of; it lets go of it before it ends.
                return;
            }
            let (mut worked, mut closed) = (false, false);
            // Each pass, and each thread, begins with another stream, so that none is always last.
            first = first.wrapping_add(1);
            let count = streams.len();
            for turn in 0..count {
                match streams
                    .get(first.wrapping_add(turn) % count)
                    .map(|stream| stream.turn())
                {
                    Some(Turn::Worked) => worked = true,
                    Some(Turn::Closed) => closed = true,
                    _ => {}
                }
            }
            if closed {
                self.let_go();
                continue;
            }
            if worked {
                last_sound = Instant::now();
                continue;
            }
            let pause = if streams.is_empty() {
                None
            } else if last_sound.elapsed() < IDLE_AFTER {
                Some(PAUSE)
            } else {
                Some(IDLE_PAUSE)
            };
            self.sleep(pause, calls);
        }
    }

    /// Lets go of streams whose audio half is gone.
    fn let_go(&self) {
        let mut gone = Vec::new();
        {
            let mut streams = locked(&self.streams);
            let all = std::mem::take(&mut *streams);
            for stream in all {
                if stream.closed() {
                    gone.push(stream);
                } else {
                    streams.push(stream);
                }
            }
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        // The others hold them, too, until they look again.
        self.wake();
        drop(gone);
    }

    /// Sleeps until the time is over or somebody wakes it, unless somebody has since `calls` was read.
    fn sleep(&self, pause: Option<Duration>, calls: u64) {
        let guard = locked(&self.calls);
        if *guard != calls {
            return;
        }
        match pause {
            Some(pause) => drop(
                self.called
                    .wait_timeout(guard, pause)
                    .unwrap_or_else(PoisonError::into_inner),
            ),
            None => drop(
                self.called
                    .wait(guard)
                    .unwrap_or_else(PoisonError::into_inner),
            ),
        }
    }
}
