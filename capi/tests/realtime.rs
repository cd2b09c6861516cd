//! What may run on an audio thread allocates and frees nothing, whatever it is given.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../../core/tests/counting/mod.rs"]
mod counting;
mod support;

use std::ptr;

use counting::allocations_and_frees;
use undersong::*;

/// What `call` gives; it must not touch the heap.
fn quietly(call: impl FnOnce() -> UndersongCode) -> UndersongCode {
    let before = allocations_and_frees();
    let code = call();
    assert_eq!(allocations_and_frees(), before, "{code:?}");
    code
}

fn event() -> UndersongEvent {
    // SAFETY: plain numbers, sound for any bits.
    let mut event = unsafe { std::mem::zeroed::<UndersongEvent>() };
    event.struct_size = size_of::<UndersongEvent>() as u32;
    event
}

#[test]
fn pushing_polling_and_resetting_never_touch_the_heap() {
    let take = support::take();
    // SAFETY: plain numbers and pointers, sound for any bits.
    let mut config = unsafe { std::mem::zeroed::<UndersongLiveConfig>() };
    config.struct_size = size_of::<UndersongLiveConfig>() as u32;
    config.sample_rate_hz = take.rate_hz;
    config.channels = 2;
    let mut live = ptr::null_mut();
    // SAFETY: both point to variables of this test.
    let code = unsafe { undersong_live_create(&raw const config, &raw mut live) };
    assert_eq!(code, UndersongCode::Ok);

    let mut told = 0;
    for block in take.samples.chunks_exact(441) {
        let frames = block
            .iter()
            .flat_map(|&sample| [sample, sample])
            .collect::<Vec<_>>();
        let planes = [block.as_ptr(), block.as_ptr()];
        // SAFETY: the arrays hold as many frames as is said.
        let code = quietly(|| unsafe { undersong_live_push(live, frames.as_ptr(), block.len()) });
        assert_eq!(code, UndersongCode::Ok);
        // SAFETY: as above.
        let code =
            quietly(|| unsafe { undersong_live_push_planar(live, planes.as_ptr(), block.len()) });
        assert_eq!(code, UndersongCode::Ok);
        let mut event = event();
        // SAFETY: a struct of this test, with its size set.
        while quietly(|| unsafe { undersong_live_poll(live, &raw mut event) }) == UndersongCode::Ok
        {
            told += 1;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(told > 10, "{told} events");

    let mut spoilt = vec![0.25_f32; 2 * 4_410];
    spoilt[77] = f32::NAN;
    let planes = [spoilt.as_ptr(), spoilt.as_ptr()];
    let mut position = 0;
    let mut small = event();
    small.struct_size = 5;
    // SAFETY: the arrays hold as many frames as is said; the other pointers are NULL, variables of this test, or never followed.
    unsafe {
        let code = quietly(|| undersong_live_push(live, spoilt.as_ptr(), 4_410));
        assert_eq!(code, UndersongCode::NotFinite);
        let code = quietly(|| undersong_live_push_planar(live, planes.as_ptr(), 4_410));
        assert_eq!(code, UndersongCode::NotFinite);
        let code = quietly(|| undersong_live_push(live, ptr::null(), 4_410));
        assert_eq!(code, UndersongCode::Pointer);
        let code = quietly(|| undersong_live_poll(live, &raw mut small));
        assert_eq!(code, UndersongCode::StructSize);
        let code = quietly(|| undersong_live_position(live, &raw mut position));
        assert_eq!(code, UndersongCode::Ok);
        assert_eq!(quietly(|| undersong_live_reset(live)), UndersongCode::Ok);
        // Far too much at once: dropped, counted, told.
        let much = vec![0.1_f32; 2 * 4_000_000];
        let code = quietly(|| undersong_live_push(live, much.as_ptr(), 4_000_000));
        assert_eq!(code, UndersongCode::Dropped);
        assert_eq!(undersong_live_destroy(live), UndersongCode::Ok);
        let code = quietly(|| undersong_live_push(live, spoilt.as_ptr(), 4_410));
        assert_eq!(code, UndersongCode::Handle);
        quietly(|| {
            undersong_version();
            undersong_code_message(-4);
            UndersongCode::Ok
        });
    }
}
