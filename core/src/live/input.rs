//! `LiveInput`: the audio thread's half of a stream.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rtrb::{Consumer, Producer};

use super::event::Stamped;
use super::events::LiveEvents;
use super::note::{Note, NoteKind};
use super::pool::Workers;
use super::shared::Shared;
use super::{LiveError, LiveEvent, LiveSettings, Pace};

/// Sound is downmixed in pieces of this many samples, on the way into the ring.
const PIECE: usize = 128;

/// The audio thread's half of a stream: sound in, events out.
///
/// It may be sent to another thread and dropped on any, the audio thread included: what it holds is freed by a worker.
///
/// Positions count samples pushed since the last [`reset`](Self::reset), lost ones included.
pub struct LiveInput {
    // In this order: the worker frees all that this half shares with it once the rings, which go last, are let go of.
    shared: Arc<Shared>,
    workers: Arc<Workers>,
    pace: Pace,
    /// Samples ever written to the ring.
    written: u64,
    /// What `written` was at the last reset.
    epoch: u64,
    position: u64,
    overflowed: u64,
    /// Sound was left out since the last sample written.
    gap: bool,
    /// Settings that found no room among the notes.
    settings: Option<LiveSettings>,
    audio: Producer<f32>,
    notes: Producer<Note>,
    /// `None` once another thread has them.
    events: Option<Consumer<Stamped>>,
}

impl fmt::Debug for LiveInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveInput")
            .field("sample_rate_hz", &self.shared.sample_rate_hz)
            .field("position", &self.position)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

/// The audio thread's ends of a stream's rings.
pub(super) struct InputEnds {
    pub(super) audio: Producer<f32>,
    pub(super) notes: Producer<Note>,
    pub(super) events: Consumer<Stamped>,
}

impl LiveInput {
    pub(super) fn new(shared: Arc<Shared>, workers: Arc<Workers>, ends: InputEnds) -> Self {
        let InputEnds {
            audio,
            notes,
            events,
        } = ends;
        Self {
            shared,
            workers,
            pace: Pace::Live,
            written: 0,
            epoch: 0,
            position: 0,
            overflowed: 0,
            gap: false,
            settings: None,
            audio,
            notes,
            events: Some(events),
        }
    }

    /// Takes a block, one slice a channel; their mean is listened to. Channels of unequal length count to the shortest.
    ///
    /// Real-time safe: yes, at [`Pace::Live`]; at [`Pace::Offline`] it waits while there is no room.
    pub fn push(&mut self, channels: &[&[f32]]) {
        let Some((&first, others)) = channels.split_first() else {
            return;
        };
        if others.is_empty() {
            self.push_mono(first);
            return;
        }
        let samples = others
            .iter()
            .fold(first.len(), |least, channel| least.min(channel.len()));
        let share = 1.0 / channels.len() as f32;
        self.take(samples, |from, mono| {
            // As a decoder's downmix, to the bit.
            let to = from + mono.len();
            if let Some(channel) = first.get(from..to) {
                mono.copy_from_slice(channel);
            }
            for channel in others {
                let channel = channel.get(from..to).unwrap_or_default();
                for (sum, sample) in mono.iter_mut().zip(channel) {
                    *sum += sample;
                }
            }
            mono.iter_mut().for_each(|sum| *sum *= share);
        });
    }

    /// Takes a block whose samples lie channel by channel within each frame. Without channels, or for an incomplete last frame, nothing
    /// is taken.
    ///
    /// Real-time safe: as [`push`](Self::push).
    pub fn push_interleaved(&mut self, frames: &[f32], channels: usize) {
        if channels <= 1 {
            if channels == 1 {
                self.push_mono(frames);
            }
            return;
        }
        let share = 1.0 / channels as f32;
        self.take(frames.len() / channels, |from, mono| {
            let block = frames.get(from * channels..).unwrap_or_default();
            // The usual case, done many at a time.
            if channels == 2 {
                for (sum, [left, right]) in mono.iter_mut().zip(block.as_chunks::<2>().0) {
                    *sum = (left + right) * share;
                }
                return;
            }
            for (sum, frame) in mono.iter_mut().zip(block.chunks_exact(channels)) {
                *sum = frame.iter().sum::<f32>() * share;
            }
        });
    }

    /// Takes a block of one channel.
    ///
    /// Real-time safe: as [`push`](Self::push).
    pub fn push_mono(&mut self, mono: &[f32]) {
        if self.ready(mono.len()) {
            self.write(mono);
        }
    }

    /// Takes `samples` samples, each piece made by `fill` from its first sample on.
    fn take(&mut self, samples: usize, mut fill: impl FnMut(usize, &mut [f32])) {
        if !self.ready(samples) {
            return;
        }
        let mut piece = [0.0; PIECE];
        let mut from = 0;
        while from < samples {
            let mono = piece
                .get_mut(..PIECE.min(samples - from))
                .unwrap_or_default();
            fill(from, mono);
            from += mono.len();
            self.write(mono);
        }
    }

    /// Hands on waiting settings; false if sound is not listened to, and then its position is counted.
    fn ready(&mut self, samples: usize) -> bool {
        if let Some(settings) = self.settings.take() {
            self.note_settings(settings);
        }
        let listening = self.shared.listening.load(Ordering::Relaxed);
        if !listening {
            self.gap = true;
            self.position += samples as u64;
        }
        listening
    }

    /// Writes samples to the ring; at the live pace, what finds no room is lost.
    fn write(&mut self, mut mono: &[f32]) {
        while !mono.is_empty() {
            if self.gap {
                let note = Note {
                    at: self.written,
                    kind: NoteKind::Gap {
                        position: self.position,
                    },
                };
                // Told only with room for sound after it: a gap is one gap, however many pieces it swallowed.
                if self.audio.is_full() || self.notes.push(note).is_err() {
                    if self.wait_for_room() {
                        continue;
                    }
                    self.lose(mono.len());
                    return;
                }
                self.gap = false;
            }
            let (taken, rest) = self.audio.push_partial_slice(mono);
            self.written += taken.len() as u64;
            self.position += taken.len() as u64;
            mono = rest;
            if !mono.is_empty() && !self.wait_for_room() {
                self.lose(mono.len());
                return;
            }
        }
    }

    fn lose(&mut self, samples: usize) {
        self.gap = true;
        self.position += samples as u64;
        self.overflowed += samples as u64;
        self.shared
            .overflowed
            .store(self.overflowed, Ordering::Relaxed);
    }

    /// At the offline pace, waits until the ring is read; false if there is nothing to wait for.
    fn wait_for_room(&mut self) -> bool {
        self.pace == Pace::Offline && self.wait_for_workers()
    }

    /// Splits off the events, for another thread to poll: a game's, say, while the audio thread pushes. This half then has none. `None` the
    /// second time.
    ///
    /// The stream goes on until both halves are dropped.
    pub fn take_events(&mut self) -> Option<LiveEvents> {
        let events = self.events.take()?;
        Some(LiveEvents::new(Arc::clone(&self.shared), events))
    }

    /// The next event since the last reset, oldest first; none if they were [split off](Self::take_events).
    ///
    /// Real-time safe: yes.
    pub fn poll(&mut self) -> Option<LiveEvent> {
        loop {
            let Stamped { epoch, event, .. } = self.events.as_mut()?.pop().ok()?;
            if epoch == self.epoch {
                return Some(event);
            }
        }
    }

    /// The next event since the last reset that is due before the sample `before`, oldest first, with the sample at which it is due.
    ///
    /// An update is due [`delay_samples`](Self::delay_samples) after its window's end, or with the event before it if that is due later. That is
    /// no sooner than the engine can know it at [`Pace::Offline`], so after [`wait`](Self::wait) an event is told in the block that holds its
    /// sample: where it stands depends on the sound alone, not on how it was cut into blocks. At [`Pace::Live`] it is so, too, unless the
    /// workers take longer; what is late has a sample that has passed.
    ///
    /// Real-time safe: yes.
    pub fn poll_due(&mut self, before: u64) -> Option<(u64, LiveEvent)> {
        loop {
            let &Stamped {
                epoch,
                due_sample,
                event,
            } = self.events.as_mut()?.peek().ok()?;
            let told = epoch == self.epoch;
            if told && due_sample >= before {
                return None;
            }
            self.events.as_mut()?.pop().ok()?;
            if told {
                return Some((due_sample, event));
            }
        }
    }

    /// Samples from a window's end to the sample at which [`poll_due`](Self::poll_due) tells its scores, with the model in use: half the
    /// resampler's filter, what the window's last frame or the voice detector looks ahead, and the 2.5 ms in which sound is taken.
    /// Real-time safe: yes.
    pub fn delay_samples(&self) -> u64 {
        self.shared.delay_samples.load(Ordering::Relaxed)
    }

    /// Forgets all sound and all events at once: the next sample is the first of a new stream, at position 0. Nobody speaks, and there are
    /// no scores, until an event says so. Settings stay.
    ///
    /// Real-time safe: yes.
    pub fn reset(&mut self) {
        self.epoch = self.written;
        self.position = 0;
        self.gap = false;
        self.shared.reset_at.store(self.written, Ordering::Release);
    }

    /// Changes the settings from the next sample on, in order with the sound.
    ///
    /// Whatever half set last, holds. Priors that the model in use does not fit are left out; the [`Meters`](super::Meters) then say so.
    ///
    /// Real-time safe: yes.
    ///
    /// # Errors
    /// If a value is out of range; then nothing changes.
    pub fn set_settings(&mut self, settings: &LiveSettings) -> Result<(), LiveError> {
        settings.check(settings.priors.map_or(0, |priors| priors.as_slice().len()))?;
        self.shared
            .listening
            .store(settings.listening, Ordering::Relaxed);
        self.note_settings(*settings);
        Ok(())
    }

    fn note_settings(&mut self, settings: LiveSettings) {
        let note = Note {
            at: self.written,
            kind: NoteKind::Settings(settings),
        };
        if self.notes.push(note).is_err() {
            // Told with the next block, unless there are newer ones by then.
            self.settings = Some(settings);
        }
    }

    /// Samples pushed since the last reset: the position of the next. Real-time safe: yes.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Samples pushed that the workers have not analysed yet, but for a last piece of less than 2.5 ms: what whoever pushes faster than the
    /// sound lasts looks at, to lose nothing at [`Pace::Live`]. Once there are none, all their events can be polled. Real-time safe: yes.
    pub fn unheard_samples(&self) -> u64 {
        self.written
            .saturating_sub(self.shared.seen.load(Ordering::Acquire))
    }

    /// Samples dropped since the stream was opened, because the workers did not keep up. Real-time safe: yes.
    pub fn dropped_samples(&self) -> u64 {
        self.overflowed + self.shared.skipped.load(Ordering::Relaxed)
    }

    /// Whether this half waits for the workers. Real-time safe: yes.
    pub fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
        self.shared.set_pace(pace);
    }

    /// The pace set last. Real-time safe: yes.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// At [`Pace::Offline`], waits until what was pushed is analysed and its events can be polled, but for a last piece of less than 2.5 ms
    /// that the next block completes. At [`Pace::Live`] it returns at once.
    ///
    /// Poll until there is no event after each wait: of more than 1,024 the newest are lost.
    ///
    /// Real-time safe: no.
    pub fn wait(&mut self) {
        if self.pace == Pace::Offline {
            while self.shared.seen.load(Ordering::Acquire) < self.written && self.wait_for_workers()
            {
            }
        }
    }

    /// Waits until the workers have seen more; false if there are none any more.
    fn wait_for_workers(&self) -> bool {
        let seen = self.shared.seen.load(Ordering::Acquire);
        self.workers.wake();
        self.shared.wait_for_more(seen);
        self.workers.alive()
    }
}
