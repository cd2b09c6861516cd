//! A caller's memory: structs that say their size, arrays, texts.

use std::ffi::{CStr, c_char};
use std::mem::MaybeUninit;
use std::{ptr, slice};

use crate::UndersongCode;
use crate::failure::{Failure, put_text};
use crate::sizes::{Sized32, fits};

/// A struct of any version; what it lacks is zero.
///
/// # Safety
/// `pointer` is NULL or points to as many readable bytes as the `u32` at its start says, or says a size that no version has.
pub(crate) unsafe fn read<T: Sized32>(pointer: *const T) -> Result<T, Failure> {
    // SAFETY: passed on.
    let size = unsafe { size_of_struct(pointer) }?;
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `size` bytes can be read, and as many as `T` has can be written; a stack's value does not overlap the caller's.
    unsafe {
        ptr::copy_nonoverlapping(
            pointer.cast::<u8>(),
            value.as_mut_ptr().cast::<u8>(),
            size.min(size_of::<T>()),
        );
    }
    if size > size_of::<T>() {
        // SAFETY: these bytes are within the caller's struct.
        let rest = unsafe {
            slice::from_raw_parts(
                pointer.cast::<u8>().add(size_of::<T>()),
                size - size_of::<T>(),
            )
        };
        if rest.iter().any(|&byte| byte != 0) {
            return Err(Failure::new(
                UndersongCode::StructSize,
                format!(
                    "{} has {size} bytes, {} in this library, and the rest is not zero: it asks for something that this version does not have; use a newer library, or set what is new to 0",
                    T::NAME,
                    size_of::<T>()
                ),
            ));
        }
    }
    // SAFETY: `Sized32` is sound for any bits, and all are set.
    Ok(unsafe { value.assume_init() })
}

/// Writes a struct of any version: what it lacks is left out, what this library does not know is zero, its size stays.
///
/// # Safety
/// As [`read`]'s, and the bytes can be written.
pub(crate) unsafe fn write<T: Sized32>(pointer: *mut T, value: &T) -> Result<(), Failure> {
    // SAFETY: passed on.
    let size = unsafe { size_of_struct(pointer) }?;
    // SAFETY: passed on, with the size that was found right.
    unsafe { write_sized(pointer, size, value) };
    Ok(())
}

/// As [`write`], for the audio thread: without a message. Real-time safe: yes.
///
/// # Safety
/// As [`write`]'s.
pub(crate) unsafe fn write_quickly<T: Sized32>(
    pointer: *mut T,
    value: &T,
) -> Result<(), UndersongCode> {
    // SAFETY: passed on.
    let size = unsafe { checked_size(pointer.cast_const()) }?;
    // SAFETY: passed on, with the size that was found right.
    unsafe { write_sized(pointer, size, value) };
    Ok(())
}

/// Whether a struct could be written. Real-time safe: yes.
///
/// # Safety
/// As [`read`]'s.
pub(crate) unsafe fn checked_size<T: Sized32>(pointer: *const T) -> Result<usize, UndersongCode> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(UndersongCode::Pointer);
    }
    // SAFETY: not null, aligned, and the caller says that its first four bytes can be read.
    let size = unsafe { pointer.cast::<u32>().read() } as usize;
    fits::<T>(size)
        .then_some(size)
        .ok_or(UndersongCode::StructSize)
}

/// # Safety
/// As [`read`]'s.
unsafe fn size_of_struct<T: Sized32>(pointer: *const T) -> Result<usize, Failure> {
    // SAFETY: passed on.
    unsafe { checked_size(pointer) }.map_err(|code| match code {
        UndersongCode::StructSize => {
            // SAFETY: it was read before.
            let size = unsafe { pointer.cast::<u32>().read() };
            Failure::new(
                code,
                format!(
                    "{}.struct_size is {size}; expected {}, sizeof({0}), or that of an older version",
                    T::NAME,
                    size_of::<T>()
                ),
            )
        }
        _ => Failure::new(code, format!("the {} is NULL or not aligned", T::NAME)),
    })
}

/// # Safety
/// `size` bytes can be written there, and it is a size of `T`.
unsafe fn write_sized<T: Sized32>(pointer: *mut T, size: usize, value: &T) {
    let place = pointer.cast::<u8>();
    let known = size.min(size_of::<T>());
    let head = size_of::<u32>();
    // SAFETY: both hold `known` bytes, after the size that stays as the caller set it; what follows is within the caller's struct.
    unsafe {
        ptr::copy_nonoverlapping(
            ptr::from_ref(value).cast::<u8>().add(head),
            place.add(head),
            known - head,
        );
        ptr::write_bytes(place.add(known), 0, size - known);
    }
}

/// Where a new handle is to go; it is set to NULL first, so that a failed call leaves none.
///
/// # Safety
/// `pointer` is NULL or can be written.
pub(crate) unsafe fn handle_place<'a, T>(
    pointer: *mut *mut T,
    name: &str,
) -> Result<&'a mut *mut T, Failure> {
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(Failure::new(
            UndersongCode::Pointer,
            format!("{name}, where the handle is to go, is NULL or not aligned"),
        ));
    }
    // SAFETY: not null, aligned, and the caller says that it can be written; nobody else has it during the call.
    unsafe {
        pointer.write(ptr::null_mut());
        Ok(&mut *pointer)
    }
}

/// An array. Real-time safe: yes.
///
/// # Errors
/// [`UndersongCode::Pointer`] if it is NULL with a length, or not aligned; [`UndersongCode::Value`] if it is longer than memory.
///
/// # Safety
/// `pointer` is NULL or points to `len` readable values that nobody changes during the call.
pub(crate) unsafe fn array<'a, T: Copy>(
    pointer: *const T,
    len: usize,
) -> Result<&'a [T], UndersongCode> {
    if len == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() || !pointer.is_aligned() {
        return Err(UndersongCode::Pointer);
    }
    if len > isize::MAX as usize / size_of::<T>().max(1) {
        return Err(UndersongCode::Value);
    }
    // SAFETY: not null, aligned, no longer than an object may be, and readable, as the caller says.
    Ok(unsafe { slice::from_raw_parts(pointer, len) })
}

/// A text; `None` for NULL.
///
/// # Safety
/// `pointer` is NULL or points to a text with a zero at its end.
pub(crate) unsafe fn text<'a>(
    pointer: *const c_char,
    name: &str,
) -> Result<Option<&'a str>, Failure> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, and it ends, as the caller says.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().map(Some).map_err(|_| {
        Failure::new(
            UndersongCode::Text,
            format!("{name} is not UTF-8: {}", text.to_string_lossy()),
        )
    })
}

/// A text as a struct holds it; what does not fit is cut.
pub(crate) fn chars<const N: usize>(text: &str) -> [c_char; N] {
    let mut bytes = [0_u8; N];
    put_text(&mut bytes, text);
    bytes.map(|byte| byte as c_char)
}
