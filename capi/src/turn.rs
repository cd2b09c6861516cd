//! `Turn`: something that one thread at a time may use, and nobody waits for.

use std::cell::UnsafeCell;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

/// Something that one thread at a time may use; who comes second is told so.
///
/// Not a `Mutex`, which on some systems allocates when it is first used.
pub(crate) struct Turn<T> {
    taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: `take` gives the value to one thread at a time, and the flag's orderings make what one did visible to the next; so sharing it asks
// no more of `T` than sending it.
unsafe impl<T: Send> Sync for Turn<T> {}

impl<T> Turn<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// The value, unless another thread has it. Real-time safe: yes.
    pub(crate) fn take(&self) -> Option<Taken<'_, T>> {
        // Not `then_some`: a guard that is made in vain would give back what another has.
        self.taken
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
            .then(|| Taken(self))
    }
}

/// A value in use; given back when dropped, after a panic, too.
pub(crate) struct Taken<'a, T>(&'a Turn<T>);

impl<T> Deref for Taken<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the flag was found unset and set by this guard's maker alone, and stays set until it is dropped.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Taken<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`; and the guard itself is borrowed for as long.
        unsafe { &mut *self.0.value.get() }
    }
}

impl<T> Drop for Taken<'_, T> {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_second_is_told_so_and_nothing_is_lost() {
        let turn = Turn::new(0_u64);
        let (mine, refused) = std::thread::scope(|scope| {
            let count = || {
                let (mut mine, mut refused) = (0_u64, 0_u64);
                for _ in 0..200_000 {
                    match turn.take() {
                        Some(mut value) => {
                            *value += 1;
                            mine += 1;
                        }
                        None => refused += 1,
                    }
                }
                (mine, refused)
            };
            let other = scope.spawn(count);
            let (mine, refused) = count();
            let other = other.join().unwrap();
            (mine + other.0, refused + other.1)
        });
        assert_eq!(mine + refused, 400_000);
        assert_eq!(*turn.take().unwrap(), mine);
    }

    #[test]
    fn a_turn_is_given_back_after_a_panic() {
        let turn = Turn::new(());
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _taken = turn.take();
            panic!("a fault");
        }));
        assert!(outcome.is_err());
        assert!(turn.take().is_some());
    }
}
