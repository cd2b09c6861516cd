//! What a call does that an audio thread must not: taking memory, giving it back, asking the system.
//!
//! On Linux the program's own `malloc` and its kin, and `syscall`, stand before the C library's, for the program and for every library that it
//! loads; so a plugin is watched as it is delivered. On other systems nothing is seen, and [`is_effective`] says so.

#![allow(unsafe_code)]

use std::fmt;

/// What a call did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deeds {
    /// Times that memory was taken.
    pub allocations: u32,
    /// Times that it was given back.
    pub frees: u32,
    /// System calls, as Rust's locks and thread wake-ups make them.
    pub system_calls: u32,
}

impl Deeds {
    /// Whether there is anything.
    pub fn is_anything(self) -> bool {
        self != Self::default()
    }
}

impl fmt::Display for Deeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} allocations, {} frees, {} system calls",
            self.allocations, self.frees, self.system_calls
        )
    }
}

/// Runs `work` and says what it did on this thread.
pub fn during<T>(work: impl FnOnce() -> T) -> (T, Deeds) {
    seen::begin();
    let result = work();
    (result, seen::end())
}

/// Whether this program sees what libraries do.
pub fn is_effective() -> bool {
    let (_, deeds) = during(|| drop(std::hint::black_box(Box::new(1_u8))));
    deeds.allocations > 0 && deeds.frees > 0 && seen::stands_before_libraries()
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod seen {
    use super::Deeds;

    pub(super) fn begin() {}

    pub(super) fn end() -> Deeds {
        Deeds::default()
    }

    pub(super) fn stands_before_libraries() -> bool {
        false
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod seen {
    use super::Deeds;
    use std::cell::Cell;
    use std::ffi::{c_int, c_long, c_void};
    use std::sync::atomic::{AtomicPtr, Ordering};

    thread_local! {
        // No destructor and nothing to set up: reading it takes no memory itself.
        static SEEN: Cell<Option<Deeds>> = const { Cell::new(None) };
    }

    pub(super) fn begin() {
        SEEN.set(Some(Deeds::default()));
    }

    pub(super) fn end() -> Deeds {
        SEEN.take().unwrap_or_default()
    }

    fn note(add: impl FnOnce(&mut Deeds)) {
        // A thread that ends has no cell any more, and is not watched.
        let _ = SEEN.try_with(|seen| {
            if let Some(mut deeds) = seen.get() {
                add(&mut deeds);
                seen.set(Some(deeds));
            }
        });
    }

    pub(super) fn stands_before_libraries() -> bool {
        let ours: unsafe extern "C" fn(usize) -> *mut c_void = malloc;
        // SAFETY: a C string; the default handle searches the program first, as libraries do.
        let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"malloc".as_ptr()) };
        found == ours as *mut c_void
    }

    // The C library's own, by the names under which it keeps them reachable for this purpose.
    unsafe extern "C" {
        fn __libc_malloc(size: usize) -> *mut c_void;
        fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
        fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
        fn __libc_memalign(alignment: usize, size: usize) -> *mut c_void;
        fn __libc_free(block: *mut c_void);
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
        note(|deeds| deeds.allocations += 1);
        // SAFETY: the same call.
        unsafe { __libc_malloc(size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
        note(|deeds| deeds.allocations += 1);
        // SAFETY: the same call.
        unsafe { __libc_calloc(count, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
        note(|deeds| deeds.allocations += 1);
        // SAFETY: the same call.
        unsafe { __libc_realloc(block, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
        note(|deeds| deeds.allocations += 1);
        // SAFETY: the same meaning.
        unsafe { __libc_memalign(alignment, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
        note(|deeds| deeds.allocations += 1);
        // SAFETY: the same call.
        unsafe { __libc_memalign(alignment, size) }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn posix_memalign(
        place: *mut *mut c_void,
        alignment: usize,
        size: usize,
    ) -> c_int {
        note(|deeds| deeds.allocations += 1);
        if !alignment.is_power_of_two() || !alignment.is_multiple_of(size_of::<*mut c_void>()) {
            return libc::EINVAL;
        }
        // SAFETY: the alignment is one; the caller gives a place for the pointer.
        unsafe {
            let block = __libc_memalign(alignment, size);
            if block.is_null() {
                return libc::ENOMEM;
            }
            place.write(block);
        }
        0
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn free(block: *mut c_void) {
        if !block.is_null() {
            note(|deeds| deeds.frees += 1);
        }
        // SAFETY: the same call.
        unsafe { __libc_free(block) }
    }

    type Syscall = unsafe extern "C" fn(c_long, ...) -> c_long;
    static SYSCALL: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

    /// Every call by number that the system has takes six arguments at most, each in a register of its own; what a caller did not give is
    /// passed on as it lies there.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn syscall(
        number: c_long,
        a: c_long,
        b: c_long,
        c: c_long,
        d: c_long,
        e: c_long,
        f: c_long,
    ) -> c_long {
        note(|deeds| deeds.system_calls += 1);
        let mut real = SYSCALL.load(Ordering::Relaxed);
        if real.is_null() {
            // SAFETY: a C string; the next one after the program's is the C library's.
            real = unsafe { libc::dlsym(libc::RTLD_NEXT, c"syscall".as_ptr()) };
            SYSCALL.store(real, Ordering::Relaxed);
        }
        // SAFETY: the C library has it, and it is of this type.
        unsafe { std::mem::transmute::<*mut c_void, Syscall>(real)(number, a, b, c, d, e, f) }
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn memory_and_wake_ups_are_seen_and_work_goes_on_as_before() {
        assert!(is_effective());
        let (text, deeds) = during(|| format!("{}", std::hint::black_box(5)));
        assert_eq!(text, "5");
        assert!(deeds.allocations >= 1, "{deeds}");
        let (_, deeds) = during(|| std::hint::black_box(2) + 2);
        assert!(!deeds.is_anything(), "{deeds}");
        // A library takes memory too: `strdup` is the C library's.
        let (copy, deeds) = during(|| {
            // SAFETY: a C string.
            unsafe { libc::strdup(c"a".as_ptr()) }
        });
        assert_eq!(deeds.allocations, 1);
        // SAFETY: from `strdup`.
        unsafe { libc::free(copy.cast()) };
        // A thread that is woken is woken by the system.
        let sleeper = std::thread::spawn(std::thread::park);
        std::thread::sleep(std::time::Duration::from_millis(50));
        let (_, deeds) = during(|| sleeper.thread().unpark());
        assert_eq!(deeds.system_calls, 1, "{deeds}");
        sleeper.join().ok();
    }
}
