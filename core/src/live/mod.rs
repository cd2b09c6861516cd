//! One voice, live: an audio thread pushes sound and polls events, worker threads do the rest.
//!
//! ```text
//! audio thread          worker (a few for all streams)                                  main thread
//! LiveInput ── ring ──▶ Listener ─ engine ─ Scorer ─ smoothing ──▶ meters ────────────▶ LiveControl
//!     ▲                                                 │    ◀──── settings, models ───────┘
//!     └──────────────────── events ─────────────────────┘
//! ```
//!
//! - **Readings are a scan's.** Whole windows lie at the same times and get the same scores, for every way of cutting the sound into blocks:
//!   the same [`Listener`](crate::analyzer::Listener) and [`Scorer`](crate::model::Scorer) make them. Until a whole window has been heard
//!   since the start, a reset or a gap, each hop gives all that was heard so far, as a scan reads a short sound.
//! - **Two paces.** [`Pace::Live`] never waits: what the workers cannot keep up with is dropped, the oldest first, and counted; time
//!   stays right, and the analysis begins anew after the gap. [`Pace::Offline`] drops nothing, and [`LiveInput::wait`] waits for results:
//!   they depend on the sound alone.
//! - **The audio thread** never allocates, locks, calls the system or panics: sound goes through a ring, and a worker looks every millisecond
//!   whether there is some (every 20 ms after half a second without; not at all without streams).
//! - **Many streams share** a [`WorkerPool`] and a [`LiveModel`]; what a further stream costs is its ring, its frames and its resamplers.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use undersong_core::engine::{EngineChoice, EngineOptions};
//! use undersong_core::live::{self, LiveEvent, LiveModel, LiveSettings, WorkerPool};
//! use undersong_core::model::Model;
//!
//! let model = LiveModel::open(&Model::builtin()?, EngineChoice::Auto, &EngineOptions::default())?;
//! let (mut input, control) =
//!     live::open(&WorkerPool::shared()?, model, 48_000, LiveSettings::default())?;
//! // On the audio thread, block by block:
//! input.push(&[&[0.0; 128], &[0.0; 128]]);
//! while let Some(event) = input.poll() {
//!     if let LiveEvent::Update(update) = event {
//!         println!("{:?}", update.scores.as_slice());
//!     }
//! }
//! // Anywhere else:
//! println!("{} dB", control.meters().level_db);
//! # Ok(())
//! # }
//! ```

mod control;
mod error;
mod event;
mod events;
#[cfg(test)]
mod failing;
mod input;
mod model;
mod note;
mod pool;
mod settings;
mod shared;
mod smooth;
mod stream;
mod voice;

use std::sync::Arc;

use rtrb::{Producer, RingBuffer};

pub use control::{LiveControl, Meters};
pub use error::LiveError;
pub use event::{LiveEvent, LiveScores, LiveUpdate};
pub use events::LiveEvents;
pub use input::LiveInput;
pub use model::LiveModel;
pub use pool::WorkerPool;
pub use settings::{
    LiveSettings, MAX_EMOTIONS, MAX_SMOOTHING_SECONDS, Pace, PriorShares, SENSITIVITY, Silence,
};

use input::InputEnds;
use note::{Note, NoteKind};
use shared::Shared;
use stream::{Ends, Stream};
use voice::Voice;

/// Sound that the ring holds at least, in samples: two blocks of the largest size.
const RING_SAMPLES: usize = 2 * 65_536;

/// And in seconds.
const RING_SECONDS: usize = 2;

/// Notes on their way to the worker; there is one for each gap and each change of settings.
const NOTES: usize = 64;

/// Events on their way to the audio thread: more than a full ring of the slowest sound gives at the shortest hop.
const EVENTS: usize = 1024;

/// Opens a stream of sound at `sample_rate_hz` (8–384 kHz), analysed by the threads of `pool`.
///
/// All is made and warmed up here, so that the first block finds it ready.
///
/// # Errors
/// If the rate, the model or a setting is out of range, or an engine cannot be made.
pub fn open(
    pool: &WorkerPool,
    model: Arc<LiveModel>,
    sample_rate_hz: u32,
    settings: LiveSettings,
) -> Result<(LiveInput, LiveControl), LiveError> {
    let emotions = model.model().emotions().len();
    settings.check(emotions)?;
    let voice = Voice::new(Arc::clone(&model), sample_rate_hz, &settings)?;
    model.warm_up(pool.threads())?;
    let samples = RING_SAMPLES.max(RING_SECONDS * sample_rate_hz as usize);
    let (mut audio, mut heard) = RingBuffer::new(samples);
    touch(&mut audio, samples, 0.0);
    discard(&mut heard, samples);
    let (mut notes, mut noted) = RingBuffer::new(NOTES);
    touch(
        &mut notes,
        NOTES,
        Note {
            at: 0,
            kind: NoteKind::Settings(settings),
        },
    );
    discard(&mut noted, NOTES);
    let (told, events) = RingBuffer::new(EVENTS);

    let shared = Arc::new(Shared::new(sample_rate_hz, model, &settings));
    let ends = Ends {
        audio: heard,
        notes: noted,
        events: told,
    };
    let stream = Stream::new(Arc::clone(&shared), ends, voice, settings);
    pool.workers().add(Arc::new(stream));
    let ends = InputEnds {
        audio,
        notes,
        events,
    };
    let input = LiveInput::new(Arc::clone(&shared), Arc::clone(pool.workers()), ends);
    Ok((input, LiveControl::new(shared, pool.clone())))
}

/// Writes to every place of a ring, so that the audio thread is not the first to touch a page of memory.
fn touch<T: Copy>(ring: &mut Producer<T>, places: usize, value: T) {
    for _ in 0..places {
        let _ = ring.push(value);
    }
}

fn discard<T>(ring: &mut rtrb::Consumer<T>, places: usize) {
    if let Ok(chunk) = ring.read_chunk(places) {
        chunk.commit_all();
    }
}
