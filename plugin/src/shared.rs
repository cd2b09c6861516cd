//! What an instance's threads share: the audio thread, the host's main thread, the editor's and the service's.

use crate::edits::{Edits, UserEdits};
use crate::params::{Table, UndersongParams};
use crate::process::Processor;
use crate::state::{self, Unknown};
use std::cell::RefCell;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// One instance of the plugin, seen from any thread.
#[derive(Debug)]
pub struct Shared {
    /// Parameters and saved fields.
    pub params: Arc<UndersongParams>,
    /// The same by the numbers that hosts use.
    pub table: Table,
    /// Values on their way to a VST3 host, which takes them on its main thread.
    pub edits: Edits,
    /// Changes that the user makes in the editor, on their way to the host.
    pub user_edits: UserEdits,
    /// Whether the host renders offline, said outside of a block.
    pub(crate) offline: AtomicBool,
    /// Parts of a loaded state that this version does not know.
    pub(crate) unknown: Mutex<Unknown>,
    processor: Mutex<Processor>,
    main_thread_work: Mutex<Option<Work>>,
}

/// What is to be done on the host's main thread from time to time.
struct Work(Box<dyn Fn() + Send>);

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
    }
}

thread_local! {
    /// The instance that this thread has made last. nice-plug makes the plugin by `Default` and keeps it to itself; this is how the
    /// formats get at what they share with it.
    static NEWEST: RefCell<Option<Arc<Shared>>> = const { RefCell::new(None) };
}

impl Shared {
    /// A new instance.
    pub(crate) fn new() -> Arc<Self> {
        let params = Arc::new(UndersongParams::default());
        let shared = Arc::new(Self {
            edits: Edits::default(),
            user_edits: UserEdits::new(&params),
            table: Table::new(&params),
            params,
            offline: AtomicBool::new(false),
            unknown: Mutex::default(),
            processor: Mutex::default(),
            main_thread_work: Mutex::default(),
        });
        NEWEST.with(|newest| *newest.borrow_mut() = Some(Arc::clone(&shared)));
        shared
    }

    /// What belongs to the plugin that `make` makes on this thread, with what `make` gave.
    pub(crate) fn of<T>(make: impl FnOnce() -> T) -> (T, Option<Arc<Self>>) {
        NEWEST.with(|newest| newest.borrow_mut().take());
        let made = make();
        (made, NEWEST.with(|newest| newest.borrow_mut().take()))
    }

    /// Everything that is saved, or `None` if it cannot be written down. Real-time safe: no.
    pub fn save_state(&self) -> Option<Vec<u8>> {
        let unknown = self.unknown.lock().unwrap_or_else(PoisonError::into_inner);
        state::save(&self.params, &unknown).ok()
    }

    /// Sets everything as saved; `false` if it is no state of this plugin, and then nothing has changed. Real-time safe: no.
    pub fn load_state(&self, bytes: &[u8]) -> bool {
        match state::load(&self.params, bytes) {
            Ok(unknown) => {
                *self.unknown.lock().unwrap_or_else(PoisonError::into_inner) = unknown;
                true
            }
            Err(_) => false,
        }
    }

    /// Sets what is to be done on the host's main thread from time to time.
    pub(crate) fn set_main_thread_work(&self, work: Box<dyn Fn() + Send>) {
        *self
            .main_thread_work
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Work(work));
    }

    /// Does it. On the host's main thread only.
    pub(crate) fn on_main_thread(&self) {
        if let Some(Work(work)) = &*self
            .main_thread_work
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
        {
            work();
        }
    }

    /// The processor, from the host's main thread. Real-time safe: no.
    pub(crate) fn processor(&self) -> MutexGuard<'_, Processor> {
        self.processor
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The processor, from the audio thread. `None` while the host activates or deactivates at the same time, which it must not.
    /// Real-time safe: yes.
    pub(crate) fn try_processor(&self) -> Option<MutexGuard<'_, Processor>> {
        match self.processor.try_lock() {
            Ok(processor) => Some(processor),
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
