//! Parameter changes on their way to the host: values that the plugin writes (VST3 takes them on its main thread only), and changes
//! that the user makes in the editor, whose window may run on a thread of its own.

use crate::params::{LANE_COUNT, LANES, Lane, UndersongParams, lane_host_id};
use crossbeam_queue::ArrayQueue;
use nice_plug::prelude::{Param, ParamPtr};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Where edits go: a host's beginEdit, performEdit, endEdit.
pub trait EditSink {
    /// The user or the plugin takes hold of a parameter.
    fn begin(&self, host_id: u32);
    /// A value, 0 to 1.
    fn perform(&self, host_id: u32, normalised: f64);
    /// And lets it go.
    fn end(&self, host_id: u32);
}

/// The newest automation value of every lane, waiting for the host's main thread. Values that were not fetched are replaced, not
/// queued: a host that fetches for the first time after an hour gets one value, not an hour of them.
#[derive(Debug)]
pub struct Edits {
    values: [AtomicU32; LANE_COUNT],
    /// A bit per lane with a value that was not fetched.
    fresh: AtomicU32,
    /// A bit per lane that the plugin writes at the moment.
    held: AtomicU32,
    /// A bit per lane for which the host was told so. Main thread only.
    told: AtomicU32,
    /// Whether the host's main thread has ever fetched.
    fetched: AtomicBool,
}

impl Default for Edits {
    fn default() -> Self {
        Self {
            values: std::array::from_fn(|_| AtomicU32::new(0)),
            fresh: AtomicU32::new(0),
            held: AtomicU32::new(0),
            told: AtomicU32::new(0),
            fetched: AtomicBool::new(false),
        }
    }
}

const fn bit(lane: Lane) -> u32 {
    1 << lane.index()
}

impl Edits {
    /// The plugin begins to write the lane. Real-time safe: yes.
    pub fn begin(&self, lane: Lane) {
        self.held.fetch_or(bit(lane), Ordering::AcqRel);
    }

    /// A value, 0 to 1. Real-time safe: yes.
    pub fn value(&self, lane: Lane, normalised: f32) {
        if let Some(slot) = self.values.get(lane.index()) {
            slot.store(normalised.to_bits(), Ordering::Relaxed);
            self.fresh.fetch_or(bit(lane), Ordering::AcqRel);
        }
    }

    /// The plugin ends writing the lane. Real-time safe: yes.
    pub fn end(&self, lane: Lane) {
        self.held.fetch_and(!bit(lane), Ordering::AcqRel);
    }

    /// Nothing is written any more: the plugin was deactivated. Real-time safe: yes.
    pub fn end_all(&self) {
        self.held.store(0, Ordering::Release);
    }

    /// Whether the host's main thread fetches values at all; on Linux it does once the editor was opened.
    pub fn is_fetched(&self) -> bool {
        self.fetched.load(Ordering::Relaxed)
    }

    /// Hands what is new to the host. On the host's main thread only.
    pub fn deliver(&self, sink: &dyn EditSink) {
        self.fetched.store(true, Ordering::Relaxed);
        let fresh = self.fresh.swap(0, Ordering::AcqRel);
        let held = self.held.load(Ordering::Acquire);
        let told = self.told.load(Ordering::Relaxed);
        for (lane, value) in LANES.into_iter().zip(&self.values) {
            let bit = bit(lane);
            let (is_held, is_told, is_fresh) = (held & bit != 0, told & bit != 0, fresh & bit != 0);
            if is_held && !is_told {
                sink.begin(lane_host_id(lane));
            }
            // A value from before this hold and after the last one belongs to nothing.
            if is_fresh && (is_held || is_told) {
                let value = f32::from_bits(value.load(Ordering::Relaxed));
                sink.perform(lane_host_id(lane), f64::from(value));
            }
            if !is_held && is_told {
                sink.end(lane_host_id(lane));
            }
        }
        self.told.store(held, Ordering::Relaxed);
    }

    /// The host can no longer be told: what it was told is closed.
    pub fn close(&self, sink: &dyn EditSink) {
        let told = self.told.swap(0, Ordering::Relaxed);
        for lane in LANES {
            if told & bit(lane) != 0 {
                sink.end(lane_host_id(lane));
            }
        }
    }
}

/// A change that the user makes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum UserEdit {
    /// A drag begins.
    Begin {
        /// The parameter.
        host_id: u32,
    },
    /// A value.
    Set {
        /// The parameter.
        host_id: u32,
        /// 0 to 1.
        normalised: f32,
        /// In the parameter's own steps, as CLAP counts.
        clap_value: f64,
    },
    /// A drag ends.
    End {
        /// The parameter.
        host_id: u32,
    },
}

type Nudge = Box<dyn Fn() + Send>;

/// Changes that the user makes in the editor. The value is set at once; the host is told from the thread that it allows.
pub struct UserEdits {
    params: Arc<UndersongParams>,
    host_ids: HashMap<ParamPtr, u32>,
    queue: ArrayQueue<UserEdit>,
    nudge: Mutex<Option<Nudge>>,
}

impl std::fmt::Debug for UserEdits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserEdits")
            .field("waiting", &self.queue.len())
            .finish_non_exhaustive()
    }
}

impl UserEdits {
    /// Edits of these parameters.
    pub fn new(params: &Arc<UndersongParams>) -> Self {
        Self {
            params: Arc::clone(params),
            host_ids: params
                .entries()
                .into_iter()
                .map(|entry| (entry.ptr, entry.host_id))
                .collect(),
            queue: ArrayQueue::new(1024),
            nudge: Mutex::default(),
        }
    }

    /// A drag begins.
    pub fn begin(&self, param: &impl Param) {
        if let Some(host_id) = self.host_id(param) {
            self.push(UserEdit::Begin { host_id });
        }
    }

    /// Sets a parameter to a value of 0 to 1 over its range.
    #[allow(unsafe_code)]
    pub fn set(&self, param: &impl Param, normalised: f32) {
        if !normalised.is_finite() {
            return;
        }
        // SAFETY: `param` is borrowed, so what `as_ptr` points to lives; the value is an atomic.
        unsafe {
            param.as_ptr()._internal_set_normalized_value(normalised);
        }
        self.params.touch();
        let normalised = param.unmodulated_normalized_value();
        let clap_value = match param.step_count() {
            Some(steps) => (f64::from(normalised) * steps as f64).round(),
            None => f64::from(normalised),
        };
        if let Some(host_id) = self.host_id(param) {
            self.push(UserEdit::Set {
                host_id,
                normalised,
                clap_value,
            });
        }
    }

    /// A drag ends.
    pub fn end(&self, param: &impl Param) {
        if let Some(host_id) = self.host_id(param) {
            self.push(UserEdit::End { host_id });
        }
    }

    /// Begin, set, end.
    pub fn change(&self, param: &impl Param, normalised: f32) {
        self.begin(param);
        self.set(param, normalised);
        self.end(param);
    }

    /// The next one for the host. Real-time safe: yes.
    pub fn next(&self) -> Option<UserEdit> {
        // Asked in every block, and emptiness costs less to see than to meet.
        if self.queue.is_empty() {
            return None;
        }
        self.queue.pop()
    }

    /// What wakes the host when something waits.
    pub(crate) fn set_nudge(&self, nudge: Option<Nudge>) {
        *self.nudge.lock().unwrap_or_else(PoisonError::into_inner) = nudge;
    }

    fn host_id(&self, param: &impl Param) -> Option<u32> {
        self.host_ids.get(&param.as_ptr()).copied()
    }

    fn push(&self, edit: UserEdit) {
        // The host is not fetching: the oldest change is worth least.
        self.queue.force_push(edit);
        if let Some(nudge) = &*self.nudge.lock().unwrap_or_else(PoisonError::into_inner) {
            nudge();
        }
    }

    /// Hands what waits to the host. On the host's main thread only.
    pub fn deliver(&self, sink: &dyn EditSink) {
        // No more than there can be, so that a busy editor cannot hold the host's thread.
        for _ in 0..self.queue.capacity() {
            match self.next() {
                Some(UserEdit::Begin { host_id }) => sink.begin(host_id),
                Some(UserEdit::Set {
                    host_id,
                    normalised,
                    ..
                }) => sink.perform(host_id, f64::from(normalised)),
                Some(UserEdit::End { host_id }) => sink.end(host_id),
                None => break,
            }
        }
    }
}
