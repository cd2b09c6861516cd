//! What the thread that pushes may call: push, position, wait, reset.

use undersong_core::features::{LOUDEST_SAMPLE, copy_clean};
use undersong_core::live::LiveInput;
use undersong_core::scan::MAX_SOUND_CHANNELS;

use super::{Live, enter, enter_named};
use crate::UndersongCode;
use crate::failure::{door, quick_door};
use crate::memory::array;
use crate::types::UndersongLive;

/// Frames of a block with samples that are no sound, taken at once.
const PIECE_FRAMES: usize = 64;

/// Bits of the loudest sample that is sound. Without the sign, louder ones, infinity and NaN have greater bits.
const LOUDEST_BITS: u32 = LOUDEST_SAMPLE.to_bits();

/// Whether all of it is sound. Real-time safe: yes.
fn is_sound(samples: &[f32]) -> bool {
    // All of a piece, and as whole numbers: that is done many at a time.
    let wrong = |sample: &f32| (sample.to_bits() & !(1 << 31)) as i32 > LOUDEST_BITS as i32;
    samples.chunks(1024).all(|piece| {
        piece
            .iter()
            .fold(0_u32, |any, sample| any | u32::from(wrong(sample)))
            == 0
    })
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
    let mut piece = [0.0; PIECE_FRAMES * MAX_SOUND_CHANNELS];
    for block in samples.chunks(PIECE_FRAMES * live.channels) {
        copy_clean(block, &mut piece);
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
    let mut pieces = [[0.0; PIECE_FRAMES]; MAX_SOUND_CHANNELS];
    let mut from = 0;
    while from < frames {
        let count = PIECE_FRAMES.min(frames - from);
        let mut cleaned: [&[f32]; MAX_SOUND_CHANNELS] = [&[]; MAX_SOUND_CHANNELS];
        for ((piece, place), channel) in pieces.iter_mut().zip(&mut cleaned).zip(channels) {
            copy_clean(channel.get(from..from + count).unwrap_or_default(), piece);
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
        let mut planes: [&[f32]; MAX_SOUND_CHANNELS] = [&[]; MAX_SOUND_CHANNELS];
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
