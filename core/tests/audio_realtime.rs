//! The promise to the audio thread: once warm, conditioning and voice detection allocate nothing.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use undersong_core::audio::{Conditioner, NoiseReduction};
use undersong_core::voice::VoiceDetector;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes on to the system's allocator unchanged; counting touches only a thread-local cell.
unsafe impl GlobalAlloc for Counting {
    // SAFETY: as `System`'s: the layout goes on as it came.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    // SAFETY: as `System`'s: pointer and layout go on as they came.
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`; all memory is from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }

    // SAFETY: as `System`'s: pointer, layout and size go on as they came.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract of `realloc`; all memory is from `System`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn conditioning_allocates_nothing_once_warm() {
    for from in [16_000, 44_100, 48_000, 192_000, 44_056] {
        for reduction in [NoiseReduction::Off, NoiseReduction::Rnnoise] {
            let mut conditioner = Conditioner::new(from, 22_050, reduction).unwrap();
            let mut out = Vec::with_capacity(200_000);
            let block: Vec<f32> = (0..1_000).map(|n| (n as f32 * 0.05).sin()).collect();
            for _ in 0..20 {
                conditioner.push(&block, &mut out);
            }
            let count = allocations(|| {
                for _ in 0..50 {
                    conditioner.push(&block, &mut out);
                }
            });
            assert_eq!(count, 0, "{from} Hz, {reduction:?}");
        }
    }
}

#[test]
fn voice_detection_allocates_nothing_once_warm() {
    for rate in [16_000, 44_100, 48_000] {
        let mut detector = VoiceDetector::new(rate).unwrap();
        let mut out = Vec::with_capacity(10_000);
        let block: Vec<f32> = (0..1_000).map(|n| (n as f32 * 0.05).sin()).collect();
        for _ in 0..20 {
            detector.push(&block, &mut out);
        }
        let count = allocations(|| {
            for _ in 0..50 {
                detector.push(&block, &mut out);
            }
        });
        assert_eq!(count, 0, "{rate} Hz");
    }
}
