//! The worker's half of a stream: sound out of the ring, through the model, events in.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, TryLockError};

use rtrb::{Consumer, Producer};

use super::event::Stamped;
use super::shared::{SILENT_DB, Shared, locked};
use super::smooth::Smoother;
use super::voice::{Voice, Window};
use super::{LiveEvent, LiveScores, LiveSettings, LiveUpdate};
use crate::analyzer::SpeechStep;
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

/// Sound is analysed in pieces of this length, on a grid that starts at a reset or a gap: so what comes out, and in which order,
/// depends on the sound alone. Live sound waits so long at most for its piece to fill.
const PIECE_SECONDS: f64 = 0.0025;

/// Sound taken in one turn at most, so that streams take turns.
const TURN_SECONDS: f64 = 0.1;

/// How fast the meter's level follows, in seconds.
const LEVEL_SECONDS: f64 = 0.3;

/// What is told beside the sound, at its place in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    /// Index, among all samples ever written to the ring, of the first that it holds for.
    pub(super) at: u64,
    pub(super) kind: NoteKind,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum NoteKind {
    /// Sound is missing before this sample, which stands at this position of the stream.
    Gap { position: u64 },
    /// Settings from the audio thread.
    Settings(LiveSettings),
}

/// The worker's ends of a stream's rings.
pub(super) struct Ends {
    pub(super) audio: Consumer<f32>,
    pub(super) notes: Consumer<Note>,
    pub(super) events: Producer<Stamped>,
}

impl Ends {
    /// Whether the audio thread's half is gone. It lets go of these last, so that nothing of it is freed there.
    fn abandoned(&self) -> bool {
        self.audio.is_abandoned() && self.notes.is_abandoned() && self.events.is_abandoned()
    }
}

/// What a turn came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Another worker is at it.
    Busy,
    /// There was nothing to do.
    Idle,
    /// Sound was analysed.
    Worked,
    /// The audio thread's half is gone.
    Closed,
}

pub(super) struct Stream {
    shared: Arc<Shared>,
    task: Mutex<Task>,
}

impl Stream {
    pub(super) fn new(
        shared: Arc<Shared>,
        ends: Ends,
        voice: Voice,
        settings: LiveSettings,
    ) -> Self {
        Self {
            task: Mutex::new(Task::new(ends, voice, settings, &shared)),
            shared,
        }
    }

    /// Whether the audio thread's half is gone.
    pub(super) fn closed(&self) -> bool {
        locked(&self.task).ends.abandoned()
    }

    /// Does what there is to do, for a while, unless another worker does.
    pub(super) fn turn(&self) -> Turn {
        let mut task = match self.task.try_lock() {
            Ok(task) => task,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Turn::Busy,
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| task.turn(&self.shared)));
        outcome.unwrap_or_else(|_| {
            self.shared.set_error(Some(
                "the analysis broke down and was started anew; please report what sound and settings led there".to_owned(),
            ));
            let _ = catch_unwind(AssertUnwindSafe(|| task.recover(&self.shared)));
            Turn::Worked
        })
    }
}

/// Where in the stream the present run of sound began.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    ring: u64,
    position: u64,
}

struct Task {
    ends: Ends,
    /// Notes whose place has not come.
    notes: VecDeque<Note>,
    settings: LiveSettings,
    voice: Voice,
    /// A model that takes over once it has heard a whole window.
    next: Option<Voice>,
    gate: VoiceGate,
    smoother: Smoother,
    piece: usize,
    /// Samples in the ring before the oldest are skipped, and those that are then kept.
    most_unread: usize,
    keep: usize,
    /// Index, among all samples ever written to the ring, of the next to read.
    read: u64,
    epoch: u64,
    anchor: Anchor,
    /// Sound was left out since: the next piece begins a new run.
    broken: bool,
    sequence: u64,
    model_number: u32,
    /// Whether the listener on the audio thread was told that somebody speaks.
    told_speaking: bool,
    /// Where the gate last changed.
    changed_at: u64,
    /// An update that found no room.
    untold: Option<LiveUpdate>,
    mean_square: f64,
    /// The last window could not be read.
    failing: bool,
    /// What is not as asked for.
    notice: Option<String>,
    mono: Vec<f32>,
    steps: Vec<SpeechStep>,
    windows: Vec<Window>,
}

impl Task {
    fn new(ends: Ends, voice: Voice, settings: LiveSettings, shared: &Shared) -> Self {
        let piece = (f64::from(shared.sample_rate_hz) * PIECE_SECONDS).max(1.0) as usize;
        let capacity = ends.audio.buffer().capacity();
        Self {
            ends,
            notes: VecDeque::new(),
            settings,
            voice,
            next: None,
            gate: VoiceGate::new(GateSettings::LIVE, VoiceDetector::STEP_SECONDS),
            smoother: Smoother::default(),
            piece,
            most_unread: capacity / 4 * 3,
            keep: capacity / 4,
            read: 0,
            epoch: 0,
            anchor: Anchor {
                ring: 0,
                position: 0,
            },
            broken: false,
            sequence: 0,
            model_number: 0,
            told_speaking: false,
            changed_at: 0,
            untold: None,
            mean_square: 0.0,
            failing: false,
            notice: None,
            mono: vec![0.0; piece],
            steps: Vec::new(),
            windows: Vec::new(),
        }
    }

    fn turn(&mut self, shared: &Shared) -> Turn {
        if self.ends.abandoned() {
            return Turn::Closed;
        }
        // First the sound, then what goes with it: whatever was told before that sound came is then seen, too.
        let mut unread = self.ends.audio.slots();
        while let Ok(note) = self.ends.notes.pop() {
            self.notes.push_back(note);
        }
        let before = self.read;
        self.follow_reset(shared, &mut unread);
        self.follow_control(shared);
        self.follow_notes(shared);
        if !self.settings.listening {
            self.skip(&mut unread, usize::MAX, shared);
        } else if unread > self.most_unread && !shared.offline.load(Ordering::Acquire) {
            let skipped = unread - self.keep;
            shared.skipped.fetch_add(skipped as u64, Ordering::Relaxed);
            self.skip(&mut unread, skipped, shared);
        }
        let turn = (f64::from(shared.sample_rate_hz) * TURN_SECONDS) as u64;
        let end = self.read + turn.max(self.piece as u64);
        while self.read < end && self.take_piece(&mut unread, shared) {}
        self.tell_the_rest(shared);
        // The start of a piece counts as seen: no one can wait for its rest.
        let seen = if unread < self.piece { unread } else { 0 };
        shared.set_seen(self.read + seen as u64);
        if self.read > before {
            Turn::Worked
        } else {
            Turn::Idle
        }
    }

    /// After a panic: the sound so far is given up.
    fn recover(&mut self, shared: &Shared) {
        self.next = None;
        self.failing = true;
        shared.swapping.store(false, Ordering::Relaxed);
        self.gate.reset();
        self.smoother.reset();
        self.steps.clear();
        self.windows.clear();
        self.broken = true;
    }

    /// Leaves out what came before a reset.
    fn follow_reset(&mut self, shared: &Shared, unread: &mut usize) {
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
    fn follow_control(&mut self, shared: &Shared) {
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
    fn follow_notes(&mut self, shared: &Shared) {
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

    /// Position in the stream of a sample of the ring, in the present run.
    fn position(&self, ring: u64) -> u64 {
        self.anchor.position + ring.saturating_sub(self.anchor.ring)
    }

    /// A new run of sound begins.
    fn begin(&mut self, anchor: Anchor, shared: &Shared) {
        self.anchor = anchor;
        self.broken = false;
        self.take_over(shared);
        self.voice.reset(anchor.position);
    }

    /// A new run of sound begins after a gap.
    fn interrupt(&mut self, anchor: Anchor, shared: &Shared) {
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
    fn take_over(&mut self, shared: &Shared) {
        if let Some(next) = self.next.take() {
            self.voice = next;
            self.model_number = self.model_number.wrapping_add(1);
            self.smoother.reset();
            shared.set_model(self.voice.model());
            self.failing = false;
            self.notice = None;
            shared.set_error(None);
            shared.swapping.store(false, Ordering::Relaxed);
        }
    }

    /// Throws samples away, notes within included.
    fn skip(&mut self, unread: &mut usize, samples: usize, shared: &Shared) {
        if samples.min(*unread) == 0 {
            return;
        }
        self.discard(unread, samples);
        self.broken = true;
        self.follow_notes(shared);
    }

    fn discard(&mut self, unread: &mut usize, samples: usize) {
        let samples = samples.min(*unread);
        if let Ok(chunk) = self.ends.audio.read_chunk(samples) {
            chunk.commit_all();
            self.read += samples as u64;
            *unread -= samples;
        }
    }

    /// Analyses the next piece, if it is full; false if not.
    fn take_piece(&mut self, unread: &mut usize, shared: &Shared) -> bool {
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

    /// Something failed: there are no scores until it works again.
    fn fail(&mut self, error: String, shared: &Shared) {
        self.failing = true;
        shared.set_error(Some(error));
    }

    fn work_again(&mut self, shared: &Shared) {
        if std::mem::take(&mut self.failing) {
            shared.set_error(self.notice.clone());
        }
    }

    /// Something is not as asked for, but there are scores.
    fn notice(&mut self, notice: Option<String>, shared: &Shared) {
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

    fn tell_update(&mut self) {
        if let Some(update) = self.untold
            && self.tell(LiveEvent::Update(update))
        {
            self.untold = None;
        }
    }

    /// Tells whether somebody speaks, if that is news.
    fn tell_speech(&mut self, shared: &Shared) {
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
    fn tell_the_rest(&mut self, shared: &Shared) {
        self.tell_speech(shared);
        self.tell_update();
    }
}
