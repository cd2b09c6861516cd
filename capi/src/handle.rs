//! Handles: numbers that look like pointers and are never followed, so that a destroyed one is known.
//!
//! A handle holds a place in a table and that place's generation, which changes when its object is destroyed. So a call on a handle that was
//! destroyed, was never made or is of another kind finds no object and does nothing, where following a pointer would read freed memory. A magic
//! number in the object would have to be read there, too. An object goes once no call is in it: destroying waits for those.

use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::UndersongCode;

/// Places of a table: handles of a kind at most.
const PLACES: usize = 1024;

/// From low to high, a handle's bits are its kind, its place, its generation.
const KIND_BITS: u32 = 2;
const PLACE_BITS: u32 = 10;
const GENERATION_SHIFT: u32 = KIND_BITS + PLACE_BITS;
const LAST_GENERATION: usize = usize::MAX >> GENERATION_SHIFT;

/// All objects of a kind.
pub(crate) struct Table<T> {
    kind: usize,
    places: [Place<T>; PLACES],
    /// Places that are free, and how many were ever used.
    free: Mutex<(Vec<usize>, usize)>,
}

struct Place<T> {
    /// Odd while there is an object.
    generation: AtomicUsize,
    /// Calls that are in the object, or find out just now that they may not be.
    users: AtomicUsize,
    object: AtomicPtr<T>,
}

impl<T> Place<T> {
    const fn new() -> Self {
        Self {
            generation: AtomicUsize::new(0),
            users: AtomicUsize::new(0),
            object: AtomicPtr::new(ptr::null_mut()),
        }
    }
}

impl<T: Send + Sync> Table<T> {
    /// Of a kind from 1 to 3.
    pub(crate) const fn new(kind: usize) -> Self {
        Self {
            kind,
            places: [const { Place::new() }; PLACES],
            free: Mutex::new((Vec::new(), 0)),
        }
    }

    /// A handle for an object.
    ///
    /// # Errors
    /// [`UndersongCode::TooMany`] if all places are taken.
    pub(crate) fn add(&self, object: T) -> Result<usize, UndersongCode> {
        let index = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            match free.0.pop() {
                Some(index) => index,
                None if free.1 < PLACES => {
                    free.1 += 1;
                    free.1 - 1
                }
                None => return Err(UndersongCode::TooMany),
            }
        };
        let place = self.places.get(index).ok_or(UndersongCode::Internal)?;
        place
            .object
            .store(Box::into_raw(Box::new(object)), Ordering::SeqCst);
        let before = place.generation.load(Ordering::SeqCst);
        // From the last generation on to 1: a handle so old that it would pass for another is half a million objects older on 32 bits.
        let generation = (before + 1) & LAST_GENERATION;
        place.generation.store(generation, Ordering::SeqCst);
        Ok(generation << GENERATION_SHIFT | index << KIND_BITS | self.kind)
    }

    /// The object of a handle, kept for as long as the guard lives. Real-time safe: yes.
    ///
    /// # Errors
    /// [`UndersongCode::Handle`] if there is none.
    pub(crate) fn enter(&self, handle: usize) -> Result<Entered<'_, T>, UndersongCode> {
        let (place, generation) = self.place(handle)?;
        // First counted, then looked, against `remove`, which first forbids and then counts: in the one order of these four, either this call
        // sees that it may not, or that one sees it.
        place.users.fetch_add(1, Ordering::SeqCst);
        let entered = Entered {
            place,
            object: PhantomData,
        };
        if place.generation.load(Ordering::SeqCst) == generation {
            Ok(entered)
        } else {
            Err(UndersongCode::Handle)
        }
    }

    /// Takes an object out of the table, once no call is in it; from now on its handle is none.
    ///
    /// Real-time safe: no. It waits.
    ///
    /// # Errors
    /// [`UndersongCode::Handle`] if there is none, or another thread takes it out.
    pub(crate) fn remove(&self, handle: usize) -> Result<Box<T>, UndersongCode> {
        let (place, generation) = self.place(handle)?;
        place
            .generation
            .compare_exchange(
                generation,
                (generation + 1) & LAST_GENERATION,
                Ordering::SeqCst,
                Ordering::SeqCst,
            )
            .map_err(|_| UndersongCode::Handle)?;
        while place.users.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_micros(50));
        }
        let object = place.object.swap(ptr::null_mut(), Ordering::SeqCst);
        // SAFETY: it came from `Box::into_raw` in `add`. Whoever changed the generation above is alone here, and no call is in it: the ones
        // counted are gone, and those that come see another generation.
        let object = unsafe { Box::from_raw(object) };
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.0.push((handle >> KIND_BITS) % PLACES);
        Ok(object)
    }

    fn place(&self, handle: usize) -> Result<(&Place<T>, usize), UndersongCode> {
        let generation = handle >> GENERATION_SHIFT;
        if handle & ((1 << KIND_BITS) - 1) != self.kind || generation.is_multiple_of(2) {
            return Err(UndersongCode::Handle);
        }
        self.places
            .get((handle >> KIND_BITS) % PLACES)
            .map(|place| (place, generation))
            .ok_or(UndersongCode::Handle)
    }
}

/// A call that is in an object, or was counted and may not be.
pub(crate) struct Entered<'a, T> {
    place: &'a Place<T>,
    object: PhantomData<&'a T>,
}

impl<T> Deref for Entered<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `enter` gave this guard only if the generation was the handle's after it was counted; then the object is there, and `remove`
        // waits until the count falls. It is shared by threads as `T: Sync` allows.
        unsafe { &*self.place.object.load(Ordering::SeqCst) }
    }
}

impl<T> Drop for Entered<'_, T> {
    fn drop(&mut self) {
        self.place.users.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::*;

    #[test]
    fn a_handle_that_was_destroyed_is_none_for_ever_though_its_place_is_used_again() {
        static TABLE: Table<u32> = Table::new(1);
        let mut old = Vec::new();
        for number in 0..3 * PLACES as u32 {
            let handle = TABLE.add(number).unwrap();
            assert_eq!(*TABLE.enter(handle).unwrap(), number);
            assert_eq!(*TABLE.remove(handle).unwrap(), number);
            assert!(TABLE.remove(handle).is_err());
            old.push(handle);
        }
        let handle = TABLE.add(7).unwrap();
        assert!(!old.contains(&handle));
        assert!(old.iter().all(|&old| TABLE.enter(old).is_err()));
        assert_eq!(*TABLE.enter(handle).unwrap(), 7);
    }

    #[test]
    fn what_was_never_a_handle_is_none() {
        static TABLE: Table<u32> = Table::new(1);
        static OTHER: Table<u32> = Table::new(2);
        let handle = TABLE.add(7).unwrap();
        let odd = [0, 1, 2, 3, usize::MAX, handle + 1, handle + 4, handle << 1];
        for wrong in odd {
            assert_eq!(TABLE.enter(wrong).err(), Some(UndersongCode::Handle));
            assert_eq!(TABLE.remove(wrong).err(), Some(UndersongCode::Handle));
        }
        assert!(OTHER.enter(handle).is_err());
    }

    #[test]
    fn a_full_table_says_so_and_takes_more_once_there_is_room() {
        static TABLE: Table<u32> = Table::new(3);
        let handles = (0..PLACES)
            .map(|_| TABLE.add(0).unwrap())
            .collect::<Vec<_>>();
        assert_eq!(TABLE.add(0).err(), Some(UndersongCode::TooMany));
        TABLE.remove(handles[500]).unwrap();
        TABLE.add(0).unwrap();
    }

    #[test]
    fn an_object_goes_when_no_call_is_in_it() {
        static TABLE: Table<Arc<AtomicBool>> = Table::new(1);
        for _ in 0..200 {
            let alive = Arc::new(AtomicBool::new(true));
            let handle = TABLE.add(Arc::clone(&alive)).unwrap();
            std::thread::scope(|scope| {
                for _ in 0..2 {
                    scope.spawn(move || {
                        while let Ok(object) = TABLE.enter(handle) {
                            // Were it gone, this would be freed memory.
                            assert!(object.load(Ordering::SeqCst));
                        }
                    });
                }
                std::thread::sleep(Duration::from_micros(20));
                let object = TABLE.remove(handle).unwrap();
                object.store(false, Ordering::SeqCst);
                assert_eq!(Arc::strong_count(&alive), 2);
            });
        }
    }
}
