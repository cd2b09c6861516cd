//! An allocator that counts, for tests of what the audio thread may call: each thread counts for itself.
#![allow(unreachable_pub, reason = "shared by several test files")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static FREES: Cell<usize> = const { Cell::new(0) };
}

/// Allocations of this thread so far.
#[allow(dead_code, reason = "not every test minds allocations alone")]
pub fn allocations() -> usize {
    ALLOCATIONS.get()
}

/// Allocations and frees of this thread so far.
#[allow(dead_code, reason = "not every test minds frees")]
pub fn allocations_and_frees() -> usize {
    ALLOCATIONS.get() + FREES.get()
}

struct Counting;

fn count(counter: &'static std::thread::LocalKey<Cell<usize>>) {
    let _ = counter.try_with(|count| count.set(count.get() + 1));
}

// SAFETY: every call goes on to the system's allocator unchanged; counting touches only a thread-local cell.
unsafe impl GlobalAlloc for Counting {
    // SAFETY: as `System`'s: the layout goes on as it came.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(&ALLOCATIONS);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    // SAFETY: as `System`'s: pointer and layout go on as they came.
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(&FREES);
        // SAFETY: the caller keeps the contract of `dealloc`; all memory is from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }

    // SAFETY: as `System`'s: pointer, layout and size go on as they came.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(&ALLOCATIONS);
        // SAFETY: the caller keeps the contract of `realloc`; all memory is from `System`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;
