//! What the worker tells: events to the audio thread's half, and what is wrong to the control's.

use std::sync::atomic::Ordering;

use super::Task;
use crate::live::LiveEvent;
use crate::live::event::Stamped;
use crate::live::shared::Shared;

impl Task {
    /// Something failed: there are no scores until it works again.
    pub(super) fn fail(&mut self, error: String, shared: &Shared) {
        self.failing = true;
        shared.set_error(Some(error));
    }

    pub(super) fn work_again(&mut self, shared: &Shared) {
        if std::mem::take(&mut self.failing) {
            shared.set_error(self.notice.clone());
        }
    }

    /// Something is not as asked for, but there are scores.
    pub(super) fn notice(&mut self, notice: Option<String>, shared: &Shared) {
        if notice != self.notice {
            self.notice = notice;
            if !self.failing {
                shared.set_error(self.notice.clone());
            }
        }
    }

    /// How long after what it describes an event is due: as long as it can take to be known, whatever the blocks.
    pub(super) fn set_delays(&mut self, shared: &Shared) {
        let rate = f64::from(shared.sample_rate_hz);
        // The piece in which it comes to be known is read to its end; one sample more for the rounding of times.
        let samples = |seconds: f64| (seconds * rate).ceil() as u64 + self.piece as u64 + 1;
        let (window, step) = self.voice.delays_seconds();
        self.delays = (samples(window), samples(step));
        shared.delay_samples.store(self.delays.0, Ordering::Relaxed);
    }

    fn tell(&mut self, event: LiveEvent) -> bool {
        let due_sample = match &event {
            LiveEvent::Update(update) => update.end_sample + self.delays.0,
            LiveEvent::Speech { at_sample, .. } => at_sample + self.delays.1,
        };
        let stamped = Stamped {
            epoch: self.epoch,
            due_sample: due_sample.max(self.due_sample),
            event,
        };
        let told = self.ends.events.push(stamped).is_ok();
        if told {
            self.due_sample = stamped.due_sample;
        }
        told
    }

    pub(super) fn tell_update(&mut self) {
        if let Some(update) = self.untold
            && self.tell(LiveEvent::Update(update))
        {
            self.untold = None;
        }
    }

    /// Tells whether somebody speaks, if that is news.
    pub(super) fn tell_speech(&mut self, shared: &Shared) {
        let speaking = self.gate.is_open();
        shared.speaking.store(speaking, Ordering::Relaxed);
        let event = LiveEvent::Speech {
            at_sample: self.changed_at,
            speaking,
        };
        if speaking != self.told_speaking && self.tell(event) {
            self.told_speaking = speaking;
        }
    }

    /// What found no room before: of each kind the newest.
    pub(super) fn tell_the_rest(&mut self, shared: &Shared) {
        self.tell_speech(shared);
        self.tell_update();
    }
}
