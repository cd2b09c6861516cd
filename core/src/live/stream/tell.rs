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

    fn tell(&mut self, event: LiveEvent) -> bool {
        let epoch = self.epoch;
        self.ends.events.push(Stamped { epoch, event }).is_ok()
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
