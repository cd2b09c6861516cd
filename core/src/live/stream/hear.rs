//! Sound, piece by piece, through the meter and the models to scores.

use std::sync::atomic::Ordering;

use super::{Anchor, Task};
use crate::live::note::NoteKind;
use crate::live::shared::{SILENT_DB, Shared};
use crate::live::voice::Window;
use crate::live::{LiveScores, LiveUpdate};

/// How fast the meter's level follows, in seconds.
const LEVEL_SECONDS: f64 = 0.3;

impl Task {
    /// Analyses the next piece, if it is full; false if not.
    pub(super) fn take_piece(&mut self, unread: &mut usize, shared: &Shared) -> bool {
        self.follow_notes(shared);
        if !self.settings.listening {
            return false;
        }
        if self.broken {
            let anchor = Anchor {
                ring: self.read,
                position: self.position(self.read),
            };
            self.interrupt(anchor, shared);
        }
        // Before a gap a piece may be shorter: there will be no more of it.
        let gap = self
            .notes
            .iter()
            .find(|note| matches!(note.kind, NoteKind::Gap { .. }))
            .map(|note| note.at.saturating_sub(self.read));
        let wanted = gap.map_or(self.piece, |gap| (gap as usize).clamp(1, self.piece));
        if *unread < wanted {
            return false;
        }
        let Ok(chunk) = self.ends.audio.read_chunk(wanted) else {
            return false;
        };
        let (first, second) = chunk.as_slices();
        self.mono.clear();
        self.mono.extend_from_slice(first);
        self.mono.extend_from_slice(second);
        chunk.commit_all();
        self.read += wanted as u64;
        *unread -= wanted;
        #[cfg(test)]
        assert!(
            !shared.break_down.swap(false, Ordering::Relaxed),
            "a worker that panics, as wanted"
        );
        self.measure(shared);
        self.hear(shared);
        true
    }

    /// The meter's level.
    fn measure(&mut self, shared: &Shared) {
        let sum: f64 = self
            .mono
            .iter()
            .filter(|sample| sample.is_finite())
            .map(|&sample| f64::from(sample.clamp(-100.0, 100.0)).powi(2))
            .sum();
        let length = self.mono.len().max(1) as f64;
        let seconds = length / f64::from(shared.sample_rate_hz);
        let share = 1.0 - (-seconds / LEVEL_SECONDS).exp();
        self.mean_square += share * (sum / length - self.mean_square);
        let level_db = 10.0 * self.mean_square.max(1e-12).log10();
        shared
            .level_db
            .store((level_db as f32).max(SILENT_DB), Ordering::Relaxed);
    }

    /// The piece in `mono`, through the models.
    fn hear(&mut self, shared: &Shared) {
        self.steps.clear();
        self.windows.clear();
        if let Err(error) = self
            .voice
            .hear(&self.mono, &mut self.steps, &mut self.windows)
        {
            self.fail(error.to_string(), shared);
            self.broken = true;
        }
        for index in 0..self.steps.len() {
            if let Some(&step) = self.steps.get(index) {
                self.gate.push(step.probability);
                self.changed_at = self.voice.position(step.end_seconds);
                self.tell_speech(shared);
            }
        }
        self.hear_next(shared);
        let mut windows = std::mem::take(&mut self.windows);
        for window in windows.drain(..) {
            self.update(&window, shared);
        }
        self.windows = windows;
    }

    /// The waiting model listens, too, and takes over with its first whole window.
    fn hear_next(&mut self, shared: &Shared) {
        let now = self.position(self.read);
        let Some(next) = &mut self.next else {
            return;
        };
        self.steps.clear();
        let mut windows = Vec::new();
        let heard = next.hear(&self.mono, &mut self.steps, &mut windows);
        windows.retain(|window| window.whole);
        if heard.is_err() {
            next.reset(now);
        } else if !windows.is_empty() {
            self.take_over(shared);
            self.windows = windows;
        }
    }

    /// A window's scores, smoothed and told.
    fn update(&mut self, window: &Window, shared: &Shared) {
        let rate = f64::from(shared.sample_rate_hz);
        let start_sample = self.voice.position(window.start_seconds);
        let end_sample = self.voice.position(window.end_seconds);
        let at_seconds = end_sample as f64 / rate;
        let reading = if window.features.is_empty() {
            None
        } else {
            match self.voice.read(window) {
                Ok(reading) => {
                    self.work_again(shared);
                    Some(reading)
                }
                Err(error) => {
                    // The sound goes on; there are no scores meanwhile.
                    self.fail(error.to_string(), shared);
                    return;
                }
            }
        };
        let mut update = LiveUpdate {
            sequence: self.sequence,
            start_sample,
            end_sample,
            whole: window.whole,
            voiced: reading.is_some(),
            model_number: self.model_number,
            ..LiveUpdate::nothing(self.voice.emotions())
        };
        match &reading {
            Some(reading) => {
                update.raw = LiveScores::new(&reading.scores.0);
                let smoothing = self.settings.smoothing_seconds;
                self.smoother
                    .voiced(at_seconds, &reading.scores.0, smoothing);
            }
            None => self.smoother.silent(at_seconds, self.settings.silence),
        }
        let smooth = self.smoother.scores();
        if !smooth.is_empty() {
            let reading = match reading {
                Some(reading) if self.settings.smoothing_seconds <= 0.0 => reading,
                _ => self.voice.reading_of(smooth),
            };
            update.scores = LiveScores::new(&reading.scores.0);
            update.valence = reading.valence;
            update.arousal = reading.arousal;
            update.confidence = reading.confidence;
            update.unsure = reading.unsure;
            update.leading = update.scores.leading();
        }
        self.sequence += 1;
        let newest = self.position(self.read + self.ends.audio.slots() as u64);
        let behind = newest.saturating_sub(end_sample) as f64 / rate;
        shared
            .lag_ms
            .store((behind * 1000.0) as f32, Ordering::Relaxed);
        shared.board.write(Some(&update));
        if self.untold.replace(update).is_some() {
            shared.missed_events.fetch_add(1, Ordering::Relaxed);
        }
        self.tell_update();
    }
}
