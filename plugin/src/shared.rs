//! What an instance's threads share: the audio thread, the host's main thread, the editor's and the service's.

use crate::edits::{Edits, UserEdits};
use crate::params::{LANES, Lane, Table, UndersongParams};
use crate::process::{Processor, Reading};
use crate::service::{History, OscSender, Room, RoomReport};
use crate::state::{self, StateError, Unknown};
use crossbeam_queue::ArrayQueue;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// No lane is being learned.
const NO_LANE: u8 = u8::MAX;

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
    /// What was heard, for the editor.
    pub history: History,
    /// Whether the host renders offline, said outside of a block.
    pub(crate) offline: AtomicBool,
    pub(crate) room: Room,
    osc: OscSender,
    readings: ArrayQueue<Reading>,
    lag_ms_bits: AtomicU32,
    /// Samples since activation; 0 while the plugin is not active.
    clock: AtomicU64,
    /// Whether the host takes automation as soon as it is written.
    takes_automation: AtomicBool,
    writing: AtomicBool,
    reset: AtomicBool,
    learning: AtomicU8,
    /// Looks that the service has taken.
    looks: AtomicU32,
    unknown: Mutex<Unknown>,
    state_error: Mutex<Option<String>>,
    processor: Mutex<Processor>,
    main_thread_work: Mutex<Option<Work>>,
    main_thread_caller: Mutex<Option<Caller>>,
    /// Something that is saved and is no parameter was changed, and the host does not know.
    unsaved: AtomicBool,
    unsaved_nudge: Mutex<Option<Caller>>,
}

/// What has the host's main thread do it.
struct Caller(Box<dyn Fn() + Send>);

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Caller")
    }
}

/// What is to be done on the host's main thread from time to time.
struct Work(Arc<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Work")
    }
}

thread_local! {
    /// The instance that this thread is making, for whoever waits for it in [`Shared::of`]. nice-plug makes the plugin by `Default` and
    /// keeps it to itself; this is how the formats get at what they share with it.
    static AWAITED: RefCell<Option<Option<Arc<Shared>>>> = const { RefCell::new(None) };
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// A new instance.
    pub(crate) fn new() -> Arc<Self> {
        let params = Arc::new(UndersongParams::default());
        let shared = Arc::new(Self {
            table: Table::new(&params),
            edits: Edits::default(),
            user_edits: UserEdits::new(&params),
            params,
            history: History::default(),
            offline: AtomicBool::new(false),
            room: Room::default(),
            osc: OscSender::default(),
            readings: ArrayQueue::new(256),
            lag_ms_bits: AtomicU32::new(0),
            clock: AtomicU64::new(0),
            takes_automation: AtomicBool::new(false),
            writing: AtomicBool::new(false),
            reset: AtomicBool::new(false),
            learning: AtomicU8::new(NO_LANE),
            looks: AtomicU32::new(0),
            unknown: Mutex::default(),
            state_error: Mutex::default(),
            processor: Mutex::default(),
            main_thread_work: Mutex::default(),
            main_thread_caller: Mutex::default(),
            unsaved: AtomicBool::new(false),
            unsaved_nudge: Mutex::default(),
        });
        AWAITED.with_borrow_mut(|awaited| {
            if let Some(awaited) = awaited {
                *awaited = Some(Arc::clone(&shared));
            }
        });
        shared
    }

    /// What belongs to the plugin that `make` makes on this thread, with what `make` gave.
    pub(crate) fn of<T>(make: impl FnOnce() -> T) -> (T, Option<Arc<Self>>) {
        AWAITED.set(Some(None));
        let made = make();
        (made, AWAITED.take().flatten())
    }

    /// Everything that is saved, or `None` if it cannot be written down. Real-time safe: no.
    pub fn save_state(&self) -> Option<Vec<u8>> {
        state::save(&self.params, &lock(&self.unknown)).ok()
    }

    /// Sets everything as saved; on an error nothing has changed, and the editor says why. Real-time safe: no.
    ///
    /// # Errors
    /// [`StateError`] if it is no state of this plugin.
    pub fn load_state(&self, bytes: &[u8]) -> Result<(), StateError> {
        let loaded = state::load(&self.params, bytes);
        *lock(&self.state_error) = loaded.as_ref().err().map(ToString::to_string);
        *lock(&self.unknown) = loaded?;
        Ok(())
    }

    /// Forgets the sound heard so far, and begins anew. Real-time safe: yes.
    pub fn ask_reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }

    /// Moves the lane's controller for a second, alone, so that another program learns it. Real-time safe: yes.
    pub fn ask_learning(&self, lane: Lane) {
        let index = u8::try_from(lane.index()).unwrap_or(NO_LANE);
        self.learning.store(index, Ordering::Relaxed);
    }

    /// Loads the model again, after the user has put its file in place. Real-time safe: no.
    pub fn ask_reload(&self) {
        self.room.reload();
    }

    /// How it stands with the model, the engine and the stream. Real-time safe: no.
    pub fn room(&self) -> RoomReport {
        self.room.report()
    }

    /// How far the last result lay behind the sound when it was sent, in ms, beyond the model's own window. Real-time safe: yes.
    pub fn lag_ms(&self) -> f32 {
        f32::from_bits(self.lag_ms_bits.load(Ordering::Relaxed))
    }

    /// Whether automation is being written at the moment. Real-time safe: yes.
    pub fn is_writing(&self) -> bool {
        self.writing.load(Ordering::Relaxed)
    }

    /// Samples of sound that have come since the plugin was activated; 0 while it is not active. If it stands still, the host sends none.
    /// Real-time safe: yes.
    pub fn clock_samples(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }

    /// Whether automation that is written reaches the host. A VST3 host on Linux takes it once the editor was opened. Real-time safe: yes.
    pub fn automation_reaches_host(&self) -> bool {
        self.takes_automation.load(Ordering::Relaxed) || self.edits.is_fetched()
    }

    /// What is wrong, for the user: a sentence each. Real-time safe: no.
    pub fn troubles(&self) -> Vec<String> {
        let room = self.room.report();
        let stream = room.meters.as_ref().and_then(|meters| meters.error.clone());
        let engine = room.engine.and_then(|engine| engine.warning);
        [
            room.error,
            room.profile_error,
            stream,
            engine,
            self.osc.error(),
            lock(&self.state_error).clone(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// From the audio thread: what was heard, and how late. Real-time safe: yes.
    pub(crate) fn tell(&self, reading: Reading, lag_ms: f32) {
        self.readings.force_push(reading);
        self.lag_ms_bits.store(lag_ms.to_bits(), Ordering::Relaxed);
    }

    /// The host takes automation as soon as it is written.
    pub(crate) fn set_takes_automation(&self) {
        self.takes_automation.store(true, Ordering::Relaxed);
    }

    /// Real-time safe: yes.
    pub(crate) fn set_clock(&self, samples: u64) {
        self.clock.store(samples, Ordering::Relaxed);
    }

    /// Real-time safe: yes.
    pub(crate) fn set_writing(&self, writing: bool) {
        self.writing.store(writing, Ordering::Relaxed);
    }

    /// Whether a reset was asked for since the last call. Real-time safe: yes.
    pub(crate) fn take_reset(&self) -> bool {
        self.reset.load(Ordering::Relaxed) && self.reset.swap(false, Ordering::Relaxed)
    }

    /// The lane that is to be learned since the last call. Real-time safe: yes.
    pub(crate) fn take_learning(&self) -> Option<Lane> {
        if self.learning.load(Ordering::Relaxed) == NO_LANE {
            return None;
        }
        let index = self.learning.swap(NO_LANE, Ordering::Relaxed);
        LANES.get(usize::from(index)).copied()
    }

    /// The service's look, on its thread.
    pub(crate) fn attend(self: &Arc<Self>) {
        // The file system is asked five times a second, not fifty.
        if self
            .looks
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(10)
        {
            self.room.attend(self);
        }
        let sends = self.params.input.osc.value() && crate::process::listens(&self.params.input);
        let target = sends.then(|| self.params.osc_target.get());
        if target.is_none() {
            self.osc.close();
        }
        while let Some(reading) = self.readings.pop() {
            self.history.add(reading);
            if let Some(target) = &target {
                self.osc.send(target, &reading);
            }
        }
        if let Some(Caller(call)) = &*lock(&self.main_thread_caller)
            && lock(&self.main_thread_work).is_some()
        {
            call();
        }
    }

    /// Sets what is to be done on the host's main thread from time to time.
    pub(crate) fn set_main_thread_work(&self, work: Arc<dyn Fn() + Send + Sync>) {
        *lock(&self.main_thread_work) = Some(Work(work));
    }

    /// Sets what has the host's main thread do it, where the system offers a way.
    pub(crate) fn set_main_thread_caller(&self, caller: Box<dyn Fn() + Send>) {
        *lock(&self.main_thread_caller) = Some(Caller(caller));
    }

    /// Does it. On the host's main thread only.
    pub(crate) fn on_main_thread(&self) {
        let work = lock(&self.main_thread_work)
            .as_ref()
            .map(|Work(work)| Arc::clone(work));
        if let Some(work) = work {
            work();
        }
    }

    /// Something that is saved and is no parameter was changed: the MIDI map, the model file, OSC's target. The host is told on its main
    /// thread, so that it asks before it throws the project away. Real-time safe: no.
    pub fn mark_unsaved(&self) {
        self.unsaved.store(true, Ordering::Release);
        if let Some(Caller(call)) = &*lock(&self.unsaved_nudge) {
            call();
        }
    }

    /// Whether there is such a change since the last call.
    pub(crate) fn take_unsaved(&self) -> bool {
        self.unsaved.swap(false, Ordering::AcqRel)
    }

    /// What has the host's main thread ask for [`take_unsaved`](Self::take_unsaved), in a host that has to be asked to.
    pub(crate) fn set_unsaved_nudge(&self, nudge: Option<Box<dyn Fn() + Send>>) {
        *lock(&self.unsaved_nudge) = nudge.map(Caller);
    }

    /// The processor, from the host's main thread. Real-time safe: no.
    pub(crate) fn processor(&self) -> MutexGuard<'_, Processor> {
        lock(&self.processor)
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
