//! What the three halves of a stream share: plain atomics, and two locks that the audio thread never touches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use atomic_float::AtomicF32;
use crossbeam_queue::ArrayQueue;

use super::voice::Swap;
use super::{LiveModel, LiveScores, LiveSettings, LiveUpdate, MAX_EMOTIONS, Pace};

/// Level of digital silence on the meters, in dB.
pub(super) const SILENT_DB: f32 = -120.0;

pub(super) struct Shared {
    pub(super) sample_rate_hz: u32,
    // Written by the audio thread.
    /// Index, among all samples ever written to the ring, of the first after the last reset.
    pub(super) reset_at: AtomicU64,
    /// Samples that found no room in the ring.
    pub(super) overflowed: AtomicU64,
    pub(super) offline: AtomicBool,
    // Written by whoever sets.
    pub(super) listening: AtomicBool,
    // Written by the worker.
    /// Samples of the ring that are analysed, but for a last piece that is not full.
    pub(super) seen: AtomicU64,
    /// Samples that were too old when their turn came.
    pub(super) skipped: AtomicU64,
    /// From a window's end to where its update is due.
    pub(super) delay_samples: AtomicU64,
    /// Events that found no room.
    pub(super) missed_events: AtomicU64,
    pub(super) board: Board,
    pub(super) level_db: AtomicF32,
    pub(super) lag_ms: AtomicF32,
    pub(super) speaking: AtomicBool,
    pub(super) swapping: AtomicBool,
    // Between the control's half and the worker; the audio thread never touches these.
    pub(super) new_settings: ArrayQueue<LiveSettings>,
    pub(super) new_model: ArrayQueue<Box<Swap>>,
    model: Mutex<Arc<LiveModel>>,
    error: Mutex<Option<String>>,
    #[cfg(test)]
    pub(super) break_down: AtomicBool,
    // For a bounce only.
    done: Mutex<()>,
    seen_more: Condvar,
}

impl Shared {
    pub(super) fn new(sample_rate_hz: u32, model: Arc<LiveModel>, settings: &LiveSettings) -> Self {
        Self {
            sample_rate_hz,
            reset_at: AtomicU64::new(0),
            overflowed: AtomicU64::new(0),
            offline: AtomicBool::new(false),
            listening: AtomicBool::new(settings.listening),
            seen: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            delay_samples: AtomicU64::new(0),
            missed_events: AtomicU64::new(0),
            board: Board::default(),
            level_db: AtomicF32::new(SILENT_DB),
            lag_ms: AtomicF32::new(0.0),
            speaking: AtomicBool::new(false),
            swapping: AtomicBool::new(false),
            new_settings: ArrayQueue::new(1),
            new_model: ArrayQueue::new(1),
            model: Mutex::new(model),
            error: Mutex::new(None),
            #[cfg(test)]
            break_down: AtomicBool::new(false),
            done: Mutex::new(()),
            seen_more: Condvar::new(),
        }
    }

    pub(super) fn set_pace(&self, pace: Pace) {
        self.offline.store(pace == Pace::Offline, Ordering::Release);
    }

    pub(super) fn model(&self) -> Arc<LiveModel> {
        Arc::clone(&locked(&self.model))
    }

    pub(super) fn set_model(&self, model: &Arc<LiveModel>) {
        let before = std::mem::replace(&mut *locked(&self.model), Arc::clone(model));
        // The last one may take a while to go: not under the lock.
        drop(before);
    }

    pub(super) fn error(&self) -> Option<String> {
        locked(&self.error).clone()
    }

    pub(super) fn set_error(&self, error: Option<String>) {
        *locked(&self.error) = error;
    }

    /// Tells how far the worker is, and whoever waits for it.
    pub(super) fn set_seen(&self, seen: u64) {
        if self.seen.swap(seen, Ordering::AcqRel) != seen && self.offline.load(Ordering::Acquire) {
            let _done = locked(&self.done);
            self.seen_more.notify_all();
        }
    }

    /// Waits a while for the worker to see more than `seen`.
    pub(super) fn wait_for_more(&self, seen: u64) {
        let done = locked(&self.done);
        if self.seen.load(Ordering::Acquire) <= seen {
            // Not for ever: a wake-up that got lost costs this much.
            let waited = self
                .seen_more
                .wait_timeout(done, Duration::from_millis(5))
                .unwrap_or_else(PoisonError::into_inner);
            drop(waited);
        }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last update, for meters: written by one worker at a time, read by anyone, no one waits for another.
///
/// A sequence lock on atomics: the version is odd while the worker writes, and a reader that saw it change reads again.
#[derive(Default)]
pub(super) struct Board {
    version: AtomicU64,
    sequence: AtomicU64,
    start_sample: AtomicU64,
    end_sample: AtomicU64,
    flags: AtomicU64,
    scores: [AtomicF32; MAX_EMOTIONS],
    raw: [AtomicF32; MAX_EMOTIONS],
    valence: AtomicF32,
    arousal: AtomicF32,
    confidence: AtomicF32,
}

impl Board {
    /// Writes the last update; `None` after a reset. By one thread at a time.
    pub(super) fn write(&self, update: Option<&LiveUpdate>) {
        let version = self.version.load(Ordering::Relaxed);
        self.version
            .store(version.wrapping_add(1), Ordering::Relaxed);
        fence(Ordering::Release);
        match update {
            Some(update) => self.put(update),
            None => self.flags.store(0, Ordering::Relaxed),
        }
        self.version
            .store(version.wrapping_add(2), Ordering::Release);
    }

    fn put(&self, update: &LiveUpdate) {
        let relaxed = Ordering::Relaxed;
        self.sequence.store(update.sequence, relaxed);
        self.start_sample.store(update.start_sample, relaxed);
        self.end_sample.store(update.end_sample, relaxed);
        for (board, scores) in [(&self.scores, &update.scores), (&self.raw, &update.raw)] {
            for (place, &score) in board.iter().zip(scores.as_slice()) {
                place.store(score, relaxed);
            }
        }
        self.valence.store(update.valence, relaxed);
        self.arousal.store(update.arousal, relaxed);
        self.confidence.store(update.confidence, relaxed);
        let flags = 1
            | u64::from(update.whole) << 1
            | u64::from(update.voiced) << 2
            | u64::from(update.unsure) << 3
            | (update.scores.len() as u64) << 8
            | u64::from(update.model_number) << 32;
        self.flags.store(flags, relaxed);
    }

    /// The last update since the last reset.
    pub(super) fn read(&self) -> Option<LiveUpdate> {
        loop {
            let version = self.version.load(Ordering::Acquire);
            let update = self.get();
            fence(Ordering::Acquire);
            if version.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == version {
                return update;
            }
            std::hint::spin_loop();
        }
    }

    fn get(&self) -> Option<LiveUpdate> {
        let relaxed = Ordering::Relaxed;
        let flags = self.flags.load(relaxed);
        if flags & 1 == 0 {
            return None;
        }
        let len = (flags >> 8 & 0xff) as usize;
        let scores = |board: &[AtomicF32; MAX_EMOTIONS]| {
            let mut values = [0.0; MAX_EMOTIONS];
            for (value, place) in values.iter_mut().zip(board) {
                *value = place.load(relaxed);
            }
            LiveScores::new(values.get(..len).unwrap_or(&values))
        };
        let smooth = scores(&self.scores);
        Some(LiveUpdate {
            sequence: self.sequence.load(relaxed),
            start_sample: self.start_sample.load(relaxed),
            end_sample: self.end_sample.load(relaxed),
            whole: flags & 2 != 0,
            voiced: flags & 4 != 0,
            leading: smooth.leading(),
            scores: smooth,
            raw: scores(&self.raw),
            valence: self.valence.load(relaxed),
            arousal: self.arousal.load(relaxed),
            confidence: self.confidence.load(relaxed),
            unsure: flags & 8 != 0,
            model_number: (flags >> 32) as u32,
        })
    }
}
