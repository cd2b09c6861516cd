//! One voice, live: create, push, poll, reset, destroy.

use std::ptr;
use std::sync::Arc;

use undersong_core::features::LOUDEST_SAMPLE;
use undersong_core::live::{
    self, LiveControl, LiveEvent, LiveEvents, LiveInput, LiveSettings, LiveUpdate, Pace,
    PriorShares, Silence, WorkerPool,
};

use crate::failure::{Failure, door, quick_door};
use crate::handle::{Entered, Table};
use crate::memory::{array, chars, checked_size, handle_place, read, write, write_quickly};
use crate::model::OpenModel;
use crate::turn::Turn;
use crate::types::{
    UNDERSONG_MAX_EMOTIONS, UndersongEvent, UndersongEventKind, UndersongLive, UndersongLiveConfig,
    UndersongModel, UndersongStatus,
};
use crate::{UndersongCode, options};

static LIVES: Table<Live> = Table::new(2);

/// Channels at most.
const MOST_CHANNELS: usize = undersong_core::stream::MAX_CHANNELS as usize;

/// Frames of a block with samples that are no sound, taken at once.
const PIECE_FRAMES: usize = 64;

struct Live {
    // Input and events go first: the pool, in the control, waits for its workers when it goes last.
    input: Turn<LiveInput>,
    events: Turn<LiveEvents>,
    control: LiveControl,
    pool: WorkerPool,
    model: Arc<OpenModel>,
    channels: usize,
}

/// The object of a handle. Real-time safe: yes.
fn enter<'a>(live: *const UndersongLive) -> Result<Entered<'a, Live>, UndersongCode> {
    LIVES.enter(live.addr())
}

fn enter_named<'a>(live: *const UndersongLive) -> Result<Entered<'a, Live>, Failure> {
    enter(live).map_err(named)
}

fn named(code: UndersongCode) -> Failure {
    Failure::new(
        code,
        "this is no voice: it was destroyed, or never made; use what undersong_live_create gave",
    )
}

fn open(config: &UndersongLiveConfig) -> Result<Live, Failure> {
    let channels = options::channels(config.channels)?;
    let offline = options::offline(config.pace)?;
    // SAFETY: the caller of the door keeps its contract: the array has its length.
    let priors = unsafe { array(config.priors, config.priors_count as usize) }.map_err(|code| {
        Failure::new(code, "priors is NULL or not aligned, with a count above 0")
    })?;
    let settings = LiveSettings {
        hop: options::hop(config.hop_seconds)?,
        smoothing_seconds: config.smoothing_seconds,
        sensitivity: if config.sensitivity == 0.0 {
            LiveSettings::default().sensitivity
        } else {
            config.sensitivity
        },
        priors: if priors.is_empty() {
            None
        } else {
            Some(PriorShares::new(priors)?)
        },
        silence: if config.decay_seconds == 0.0 {
            Silence::Hold
        } else {
            Silence::Decay {
                seconds: config.decay_seconds,
            }
        },
        ..LiveSettings::default()
    };
    let model = OpenModel::of(config.model)?;
    settings.check(model.model.emotions().len())?;
    let pool = WorkerPool::shared()?;
    let (mut input, control) = live::open(&pool, model.live()?, config.sample_rate_hz, settings)?;
    if offline {
        input.set_pace(Pace::Offline);
    }
    let events = input
        .take_events()
        .ok_or_else(|| Failure::from(UndersongCode::Internal))?;
    Ok(Live {
        input: Turn::new(input),
        events: Turn::new(events),
        control,
        pool,
        model,
        channels,
    })
}

/// Begins to listen to one voice: threads, memory and engine are made ready here, so that the first block finds all in place.
///
/// `*live` becomes a handle, and NULL after an error; `undersong_live_destroy` ends it. What `config` points to is needed during the call only.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE (the model's), SAMPLE_RATE, CHANNELS, VALUE, MODEL, ENGINE, THREADS, TOO_MANY.
/// Thread: any. Real-time safe: no.
///
/// # Safety
/// `config` is NULL or a struct as its `struct_size` says, `live` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_create(
    config: *const UndersongLiveConfig,
    live: *mut *mut UndersongLive,
) -> UndersongCode {
    door(|| {
        // SAFETY: as the caller says.
        let place = unsafe { handle_place(live, "live") }?;
        // SAFETY: as the caller says.
        let opened = open(&unsafe { read(config) }?)?;
        *place = ptr::without_provenance_mut(LIVES.add(opened)?);
        Ok(UndersongCode::Ok)
    })
}

/// Whether all of it is sound. Real-time safe: yes.
fn is_sound(samples: &[f32]) -> bool {
    // Counted, not searched: that is done many at a time.
    let wrong = |sample: &f32| u32::from(!(sample.abs() <= LOUDEST_SAMPLE));
    samples
        .chunks(4096)
        .all(|piece| piece.iter().map(wrong).sum::<u32>() == 0)
}

/// A sample, or silence if it is none.
fn clean(sample: f32) -> f32 {
    if sample.abs() <= LOUDEST_SAMPLE {
        sample
    } else {
        0.0
    }
}

/// OK, or DROPPED if sound was lost since `before`.
fn pushed(input: &LiveInput, before: u64) -> UndersongCode {
    if input.dropped_samples() > before {
        UndersongCode::Dropped
    } else {
        UndersongCode::Ok
    }
}

fn push_interleaved(live: &Live, samples: &[f32]) -> Result<UndersongCode, UndersongCode> {
    let mut input = live.input.take().ok_or(UndersongCode::Busy)?;
    let before = input.dropped_samples();
    if is_sound(samples) {
        if live.channels == 1 {
            input.push_mono(samples);
        } else {
            input.push_interleaved(samples, live.channels);
        }
        return Ok(pushed(&input, before));
    }
    let mut piece = [0.0; PIECE_FRAMES * MOST_CHANNELS];
    for block in samples.chunks(PIECE_FRAMES * live.channels) {
        for (to, from) in piece.iter_mut().zip(block) {
            *to = clean(*from);
        }
        let piece = piece.get(..block.len()).unwrap_or_default();
        input.push_interleaved(piece, live.channels);
    }
    Err(UndersongCode::NotFinite)
}

fn push_planar(
    live: &Live,
    channels: &[&[f32]],
    frames: usize,
) -> Result<UndersongCode, UndersongCode> {
    let mut input = live.input.take().ok_or(UndersongCode::Busy)?;
    let before = input.dropped_samples();
    if channels.iter().all(|channel| is_sound(channel)) {
        input.push(channels);
        return Ok(pushed(&input, before));
    }
    let mut pieces = [[0.0; PIECE_FRAMES]; MOST_CHANNELS];
    let mut from = 0;
    while from < frames {
        let count = PIECE_FRAMES.min(frames - from);
        let mut cleaned: [&[f32]; MOST_CHANNELS] = [&[]; MOST_CHANNELS];
        for ((piece, place), channel) in pieces.iter_mut().zip(&mut cleaned).zip(channels) {
            let sound = channel.get(from..from + count).unwrap_or_default();
            for (to, from) in piece.iter_mut().zip(sound) {
                *to = clean(*from);
            }
            *place = piece.get(..count).unwrap_or_default();
        }
        input.push(cleaned.get(..channels.len()).unwrap_or_default());
        from += count;
    }
    Err(UndersongCode::NotFinite)
}

/// Takes a block of sound, full scale being 1, channel by channel within each frame: `frames` times the channels of the config.
///
/// It copies the block into a ring and wakes nobody. Where the analysis does not keep up, what finds no room is dropped and counted, and the code
/// is DROPPED; at the offline pace it waits instead. Samples that are no sound are taken as silence, and the code is NOT_FINITE.
///
/// Errors: POINTER, HANDLE, VALUE (more frames than memory), BUSY (another thread pushes or resets), NOT_FINITE.
/// Thread: one at a time, such as the audio thread; another may poll meanwhile. Real-time safe: yes, at the live pace.
///
/// # Safety
/// `samples` is NULL or points to that many samples.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_push(
    live: *mut UndersongLive,
    samples: *const f32,
    frames: usize,
) -> UndersongCode {
    quick_door(|| {
        let live = enter(live)?;
        let count = frames
            .checked_mul(live.channels)
            .ok_or(UndersongCode::Value)?;
        // SAFETY: as the caller says.
        let samples = unsafe { array(samples, count) }?;
        push_interleaved(&live, samples)
    })
}

/// As `undersong_live_push`, with a pointer to the samples of each channel.
///
/// Errors: as `undersong_live_push`; POINTER also if that of a channel is NULL.
/// Thread: as `undersong_live_push`. Real-time safe: yes, at the live pace.
///
/// # Safety
/// `channels` is NULL or points to a pointer for each channel of the config, each of which is NULL or points to `frames` samples.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_push_planar(
    live: *mut UndersongLive,
    channels: *const *const f32,
    frames: usize,
) -> UndersongCode {
    quick_door(|| {
        let live = enter(live)?;
        // SAFETY: as the caller says.
        let pointers = unsafe { array(channels, live.channels) }?;
        let mut planes: [&[f32]; MOST_CHANNELS] = [&[]; MOST_CHANNELS];
        for (plane, &pointer) in planes.iter_mut().zip(pointers) {
            // SAFETY: as the caller says.
            *plane = unsafe { array(pointer, frames) }?;
        }
        push_planar(
            &live,
            planes.get(..live.channels).unwrap_or_default(),
            frames,
        )
    })
}

fn told_update(update: &LiveUpdate, speaking: bool) -> UndersongEvent {
    UndersongEvent {
        kind: UndersongEventKind::Update as u32,
        at_frame: update.end_sample,
        speaking: speaking.into(),
        emotions: update.scores.len() as u32,
        sequence: update.sequence,
        start_frame: update.start_sample,
        end_frame: update.end_sample,
        leading: update.leading.map_or(-1, i32::from),
        whole: update.whole.into(),
        voiced: update.voiced.into(),
        unsure: update.unsure.into(),
        valence: number(update.valence),
        arousal: number(update.arousal),
        confidence: number(update.confidence),
        scores: sixteen(&update.scores),
        raw: sixteen(&update.raw),
        ..NOTHING
    }
}

const NOTHING: UndersongEvent = UndersongEvent {
    struct_size: 0,
    kind: 0,
    at_frame: 0,
    speaking: 0,
    emotions: 0,
    sequence: 0,
    start_frame: 0,
    end_frame: 0,
    leading: -1,
    whole: 0,
    voiced: 0,
    unsure: 0,
    valence: 0.0,
    arousal: 0.0,
    confidence: 0.0,
    reserved: 0,
    scores: [0.0; UNDERSONG_MAX_EMOTIONS],
    raw: [0.0; UNDERSONG_MAX_EMOTIONS],
};

/// The header promises that nothing is NaN, for which some middleware has no answer.
fn number(value: f32) -> f32 {
    if value.is_finite() { value } else { 0.0 }
}

fn sixteen(scores: &[f32]) -> [f32; UNDERSONG_MAX_EMOTIONS] {
    let mut all = [0.0; UNDERSONG_MAX_EMOTIONS];
    for (to, &from) in all.iter_mut().zip(scores) {
        *to = number(from);
    }
    all
}

/// Takes the next event since the last reset, oldest first; EMPTY if there is none. Call it until EMPTY, as often as the game wants news.
///
/// Events wait in a queue of 1,024; more are lost and counted. `event->struct_size` is to be set before; it stays.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE, BUSY (another thread polls); no event is lost then.
/// Thread: one at a time, which may be another than the one that pushes. Real-time safe: yes.
///
/// # Safety
/// `event` is NULL or a struct as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_poll(
    live: *mut UndersongLive,
    event: *mut UndersongEvent,
) -> UndersongCode {
    quick_door(|| {
        let live = enter(live)?;
        // SAFETY: as the caller says.
        unsafe { checked_size(event.cast_const()) }?;
        let mut events = live.events.take().ok_or(UndersongCode::Busy)?;
        let told = match events.poll() {
            None => return Ok(UndersongCode::Empty),
            Some(LiveEvent::Speech {
                at_sample,
                speaking,
            }) => UndersongEvent {
                kind: UndersongEventKind::Speech as u32,
                at_frame: at_sample,
                speaking: speaking.into(),
                ..NOTHING
            },
            Some(LiveEvent::Update(update)) => told_update(&update, events.speaking()),
        };
        // SAFETY: as the caller says.
        unsafe { write_quickly(event, &told) }?;
        Ok(UndersongCode::Ok)
    })
}

/// The last update since the last reset, for who has no use for each; EMPTY before the first. It takes nothing from the queue.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE.
/// Thread: any number at once, but the audio thread. Real-time safe: no.
///
/// # Safety
/// `event` is NULL or a struct as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_latest(
    live: *const UndersongLive,
    event: *mut UndersongEvent,
) -> UndersongCode {
    door(|| {
        let live = enter_named(live)?;
        // SAFETY: as the caller says.
        unsafe { checked_size(event.cast_const()) }?;
        let meters = live.control.meters();
        let Some(update) = meters.update else {
            return Ok(UndersongCode::Empty);
        };
        // SAFETY: as the caller says.
        unsafe { write(event, &told_update(&update, meters.speaking)) }?;
        Ok(UndersongCode::Ok)
    })
}

/// How the hearing goes: level, lag, what was dropped, which engine, and what is wrong, if anything is.
///
/// Errors: POINTER, STRUCT_SIZE, HANDLE.
/// Thread: any number at once, but the audio thread. Real-time safe: no.
///
/// # Safety
/// `status` is NULL or a struct as its `struct_size` says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_status(
    live: *const UndersongLive,
    status: *mut UndersongStatus,
) -> UndersongCode {
    door(|| {
        let live = enter_named(live)?;
        let meters = live.control.meters();
        let trouble = meters.error.or(meters.engine.warning);
        let value = UndersongStatus {
            struct_size: 0,
            speaking: meters.speaking.into(),
            level_db: number(meters.level_db),
            lag_ms: number(meters.lag_ms),
            dropped_frames: meters.dropped_samples,
            missed_events: meters.missed_events,
            threads: live.pool.threads() as u32,
            reserved: 0,
            engine: chars(&meters.engine.description),
            trouble: chars(&trouble.unwrap_or_default()),
        };
        // SAFETY: as the caller says.
        unsafe { write(status, &value) }?;
        Ok(UndersongCode::Ok)
    })
}

/// Frames pushed since creation or the last reset, dropped ones included: where the next lies.
///
/// Errors: POINTER, HANDLE, BUSY (another thread pushes or resets).
/// Thread: the one that pushes. Real-time safe: yes.
///
/// # Safety
/// `frames` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_position(
    live: *const UndersongLive,
    frames: *mut u64,
) -> UndersongCode {
    quick_door(|| {
        if frames.is_null() || !frames.is_aligned() {
            return Err(UndersongCode::Pointer);
        }
        let live = enter(live)?;
        let position = live.input.take().ok_or(UndersongCode::Busy)?.position();
        // SAFETY: not null, aligned, and the caller says that it can be written.
        unsafe { frames.write(position) };
        Ok(UndersongCode::Ok)
    })
}

/// At the offline pace, waits until what was pushed is analysed and its events can be polled; poll until EMPTY after each wait. At the live pace
/// it returns at once.
///
/// Errors: HANDLE, BUSY (another thread pushes or resets).
/// Thread: the one that pushes. Real-time safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_live_wait(live: *mut UndersongLive) -> UndersongCode {
    door(|| {
        let live = enter_named(live)?;
        live.input.take().ok_or(UndersongCode::Busy)?.wait();
        Ok(UndersongCode::Ok)
    })
}

/// Forgets all sound and all events at once: the next frame is the first of a new voice, at position 0. For a cut, another speaker, a new level.
///
/// Errors: HANDLE, BUSY (another thread pushes or resets).
/// Thread: the one that pushes. Real-time safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_live_reset(live: *mut UndersongLive) -> UndersongCode {
    quick_door(|| {
        let live = enter(live)?;
        live.input.take().ok_or(UndersongCode::Busy)?.reset();
        Ok(UndersongCode::Ok)
    })
}

/// A handle to the model that listens, for its emotions' names; to be destroyed as any other.
///
/// Errors: POINTER, HANDLE, TOO_MANY.
/// Thread: any. Real-time safe: no.
///
/// # Safety
/// `model` is NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn undersong_live_model(
    live: *const UndersongLive,
    model: *mut *mut UndersongModel,
) -> UndersongCode {
    door(|| {
        // SAFETY: as the caller says.
        let place = unsafe { handle_place(model, "model") }?;
        *place = Arc::clone(&enter_named(live)?.model).handle()?;
        Ok(UndersongCode::Ok)
    })
}

/// Ends a voice and frees all that it had. It waits for calls that other threads are in, and for the workers with the process's last voice. From then on the handle is none: a
/// call on it gives HANDLE. NULL does nothing.
///
/// Errors: HANDLE, also if it was destroyed before.
/// Thread: any but the audio thread. Real-time safe: no.
#[unsafe(no_mangle)]
pub extern "C" fn undersong_live_destroy(live: *mut UndersongLive) -> UndersongCode {
    door(|| {
        if !live.is_null() {
            drop(LIVES.remove(live.addr()).map_err(named)?);
        }
        Ok(UndersongCode::Ok)
    })
}
