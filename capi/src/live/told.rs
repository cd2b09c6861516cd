//! What a voice tells: events, the last update, how it goes.

use undersong_core::live::{LiveEvent, LiveUpdate};

use super::{enter, enter_named};
use crate::UndersongCode;
use crate::failure::{door, quick_door};
use crate::memory::{chars, checked_size, write, write_quickly};
use crate::types::{
    UNDERSONG_MAX_EMOTIONS, UndersongEvent, UndersongEventKind, UndersongLive, UndersongStatus,
    number, sixteen,
};

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
        scores: sixteen(update.scores.iter().copied()),
        raw: sixteen(update.raw.iter().copied()),
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
