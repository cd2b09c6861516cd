//! `LiveEvents`: a stream's events, polled by another thread than the one that pushes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rtrb::Consumer;

use super::LiveEvent;
use super::event::Stamped;
use super::shared::Shared;

/// A stream's events, split off its [`LiveInput`](super::LiveInput) by [`take_events`](super::LiveInput::take_events).
///
/// It may be sent to another thread. Drop it anywhere but on the audio thread: it may be the last to hold what the stream shares.
pub struct LiveEvents {
    // In this order: the worker lets go of the stream once the rings are gone.
    shared: Arc<Shared>,
    /// The reset that events were last polled after, and whether somebody spoke at the last of them.
    epoch: u64,
    speaking: bool,
    events: Consumer<Stamped>,
}

impl fmt::Debug for LiveEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveEvents")
            .field("sample_rate_hz", &self.shared.sample_rate_hz)
            .finish_non_exhaustive()
    }
}

impl LiveEvents {
    pub(super) fn new(shared: Arc<Shared>, events: Consumer<Stamped>) -> Self {
        Self {
            shared,
            epoch: 0,
            speaking: false,
            events,
        }
    }

    /// The next event since the last reset, oldest first.
    ///
    /// Real-time safe: yes.
    pub fn poll(&mut self) -> Option<LiveEvent> {
        loop {
            let Stamped { epoch, event, .. } = self.events.pop().ok()?;
            if epoch != self.shared.reset_at.load(Ordering::Acquire) {
                continue;
            }
            if epoch != self.epoch {
                self.epoch = epoch;
                self.speaking = false;
            }
            if let LiveEvent::Speech { speaking, .. } = event {
                self.speaking = speaking;
            }
            return Some(event);
        }
    }

    /// Whether somebody spoke at the last event polled. Real-time safe: yes.
    pub fn speaking(&self) -> bool {
        self.speaking
    }
}
