//! One voice, live: create, push, poll, reset, destroy.

mod push;
mod told;

use std::ptr;
use std::sync::Arc;

use undersong_core::live::{
    self, LiveControl, LiveEvents, LiveInput, LiveSettings, Pace, PriorShares, Silence, WorkerPool,
};

pub use push::*;
pub use told::*;

use crate::failure::{Failure, door};
use crate::handle::{Entered, Table};
use crate::memory::{array, handle_place, read};
use crate::model::OpenModel;
use crate::turn::Turn;
use crate::types::{UndersongLive, UndersongLiveConfig, UndersongModel};
use crate::{UndersongCode, options};

static LIVES: Table<Live> = Table::new(2);

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
