//! The worker's half of a stream: sound out of the ring, through the model, events in.

mod follow;
mod hear;
mod tell;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, TryLockError};

use rtrb::{Consumer, Producer};

use super::event::Stamped;
use super::note::Note;
use super::shared::{Shared, locked};
use super::smooth::Smoother;
use super::voice::{Voice, Window};
use super::{LiveSettings, LiveUpdate};
use crate::analyzer::SpeechStep;
use crate::voice::{GateSettings, VoiceDetector, VoiceGate};

/// Sound is analysed in pieces of this length, on a grid that starts at a reset or a gap: so what comes out, and in which order,
/// depends on the sound alone. Live sound waits so long at most for its piece to fill.
const PIECE_SECONDS: f64 = 0.0025;

/// Sound taken in one turn at most, so that streams take turns.
const TURN_SECONDS: f64 = 0.1;

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
    /// Samples from a window's end, and from a step's, to where what they tell is due.
    delays: (u64, u64),
    /// Where the last event was due.
    due_sample: u64,
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
        let mut task = Self {
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
            delays: (0, 0),
            due_sample: 0,
            untold: None,
            mean_square: 0.0,
            failing: false,
            notice: None,
            mono: vec![0.0; piece],
            steps: Vec::new(),
            windows: Vec::new(),
        };
        task.set_delays(shared);
        task
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

    /// Position in the stream of a sample of the ring, in the present run.
    fn position(&self, ring: u64) -> u64 {
        self.anchor.position + ring.saturating_sub(self.anchor.ring)
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
}
