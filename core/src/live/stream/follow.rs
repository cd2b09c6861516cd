//! What the worker follows beside the sound: resets, settings, models and gaps, each at its place.

use std::sync::atomic::Ordering;

use super::{Anchor, Task};
use crate::live::LiveSettings;
use crate::live::note::NoteKind;
use crate::live::shared::{SILENT_DB, Shared};

impl Task {
    /// Leaves out what came before a reset.
    pub(super) fn follow_reset(&mut self, shared: &Shared, unread: &mut usize) {
        let reset_at = shared.reset_at.load(Ordering::Acquire);
        if reset_at <= self.epoch {
            return;
        }
        let old = reset_at.saturating_sub(self.read).min(*unread as u64) as usize;
        self.discard(unread, old);
        if self.read < reset_at {
            return;
        }
        self.epoch = reset_at;
        // Settings hold on; gaps before the reset mean nothing any more.
        self.notes
            .retain(|note| note.at >= reset_at || matches!(note.kind, NoteKind::Settings(_)));
        self.sequence = 0;
        self.due_sample = 0;
        self.told_speaking = false;
        self.untold = None;
        self.smoother.reset();
        self.mean_square = 0.0;
        self.gate.reset();
        shared.speaking.store(false, Ordering::Relaxed);
        shared.level_db.store(SILENT_DB, Ordering::Relaxed);
        shared.board.write(None);
        self.begin(
            Anchor {
                ring: reset_at,
                position: 0,
            },
            shared,
        );
    }

    /// Settings and models from the control's half.
    pub(super) fn follow_control(&mut self, shared: &Shared) {
        if let Some(settings) = shared.new_settings.pop() {
            self.set(settings, shared);
        }
        if let Some(swap) = shared.new_model.pop() {
            let mut next = swap.voice;
            // Priors of the model before may not fit; its own take their place once it takes over.
            let _ = next.set(&self.settings);
            next.reset(self.position(self.read));
            self.next = Some(next);
            if self.read == self.anchor.ring {
                // Nothing was heard that would be lost.
                self.take_over(shared);
            }
        }
    }

    /// Notes whose place has come.
    pub(super) fn follow_notes(&mut self, shared: &Shared) {
        while let Some(note) = self.notes.front().copied()
            && note.at <= self.read
        {
            self.notes.pop_front();
            match note.kind {
                NoteKind::Settings(settings) => self.set(settings, shared),
                NoteKind::Gap { position } => {
                    let anchor = Anchor {
                        ring: note.at,
                        position,
                    };
                    self.interrupt(anchor, shared);
                }
            }
        }
    }

    fn set(&mut self, settings: LiveSettings, shared: &Shared) {
        if self.settings.listening && !settings.listening {
            self.broken = true;
        }
        self.settings = settings;
        let outcome = self.voice.set(&settings);
        if let Some(next) = &mut self.next {
            // Only the model in use has a say about its priors.
            let _ = next.set(&settings);
        }
        self.notice(outcome.err().map(|error| error.to_string()), shared);
        if !settings.listening {
            let position = self.position(self.read);
            self.hush(position, shared);
            shared.level_db.store(SILENT_DB, Ordering::Relaxed);
        }
    }

    /// A new run of sound begins.
    fn begin(&mut self, anchor: Anchor, shared: &Shared) {
        self.anchor = anchor;
        self.broken = false;
        self.take_over(shared);
        self.voice.reset(anchor.position);
    }

    /// A new run of sound begins after a gap.
    pub(super) fn interrupt(&mut self, anchor: Anchor, shared: &Shared) {
        self.hush(anchor.position, shared);
        self.begin(anchor, shared);
    }

    /// Nobody is speaking as far as one can tell.
    fn hush(&mut self, position: u64, shared: &Shared) {
        self.gate.reset();
        self.changed_at = position;
        self.tell_speech(shared);
    }

    /// The waiting model takes over.
    pub(super) fn take_over(&mut self, shared: &Shared) {
        if let Some(next) = self.next.take() {
            self.voice = next;
            self.model_number = self.model_number.wrapping_add(1);
            self.smoother.reset();
            shared.set_model(self.voice.model());
            self.set_delays(shared);
            self.failing = false;
            self.notice = None;
            shared.set_error(None);
            shared.swapping.store(false, Ordering::Relaxed);
        }
    }
}
