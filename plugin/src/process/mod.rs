//! A block of sound: what goes to the live engine, and what comes back for the host.

mod event;
mod transport;

pub use event::{Event, Outgoing};
pub use transport::Transport;

use crate::shared::Shared;

/// Events of one block at most; more are dropped.
const EVENT_CAPACITY: usize = 4096;

/// An instance's audio thread: everything that belongs to it alone.
#[derive(Debug)]
pub struct Processor {
    events: Vec<Event>,
    /// Set between activation and deactivation.
    active: bool,
}

impl Default for Processor {
    fn default() -> Self {
        Self {
            events: Vec::with_capacity(EVENT_CAPACITY),
            active: false,
        }
    }
}

impl Processor {
    /// Makes ready for sound at this rate. Real-time safe: no.
    pub fn activate(&mut self, _sample_rate_hz: f64) {
        self.active = true;
    }

    /// Real-time safe: no.
    pub fn deactivate(&mut self) {
        self.active = false;
    }

    /// Forgets the sound heard so far. Real-time safe: yes.
    pub fn reset(&mut self) {}

    /// Listens to a block and says what is to be sent in it, in time order.
    ///
    /// Real-time safe: yes, unless the host renders offline; then it waits for the results.
    pub fn block(
        &mut self,
        _shared: &Shared,
        _channels: &[&[f32]],
        _frames: usize,
        _transport: Transport,
    ) -> &[Event] {
        self.events.clear();
        &self.events
    }
}
