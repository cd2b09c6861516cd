//! Where the plugin's library lies: ONNX Runtime and models may lie beside it.

#![allow(unsafe_code)]

use std::path::{Path, PathBuf};

/// Folders that may hold what comes with the plugin, best first: beside the library, and in the bundle's resources.
pub(super) fn folders() -> Vec<PathBuf> {
    let Some(library) = library() else {
        return Vec::new();
    };
    let Some(beside) = library.parent() else {
        return Vec::new();
    };
    [
        beside.to_owned(),
        beside.join("lib"),
        beside.join("../Resources"),
        beside.join("../Resources/lib"),
        beside.join("Undersong"),
    ]
    .into_iter()
    .filter(|folder| folder.is_dir())
    .collect()
}

/// ONNX Runtime beside the plugin, if there is one and the user has not named another.
pub(super) fn runtime() -> Option<PathBuf> {
    use undersong_core::engine::{RUNTIME_VARIABLE, find_runtime};
    if std::env::var_os(RUNTIME_VARIABLE).is_some_and(|named| !named.is_empty()) {
        return None;
    }
    folders()
        .iter()
        .find_map(|folder| find_runtime(Some(folder)))
}

/// The library that this code is in.
#[cfg(unix)]
fn library() -> Option<PathBuf> {
    use std::ffi::{CStr, OsStr};
    use std::os::unix::ffi::OsStrExt;
    // SAFETY: plain pointers and numbers, for which all zeros are valid; the address is this function's.
    let mut info: libc::Dl_info = unsafe { std::mem::zeroed() };
    let here = library as fn() -> Option<PathBuf>;
    // SAFETY: as above; `dladdr` fills `info` or gives 0.
    if unsafe { libc::dladdr(here as *const libc::c_void, &raw mut info) } == 0
        || info.dli_fname.is_null()
    {
        return None;
    }
    // SAFETY: the loader's own C string, which lives while the library is loaded.
    let name = unsafe { CStr::from_ptr(info.dli_fname) };
    std::path::absolute(Path::new(OsStr::from_bytes(name.to_bytes()))).ok()
}

/// The library that this code is in.
#[cfg(windows)]
fn library() -> Option<PathBuf> {
    use std::ffi::{OsString, c_void};
    use std::os::windows::ffi::OsStringExt;
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, address: *const u16, module: *mut *mut c_void) -> i32;
        fn GetModuleFileNameW(module: *mut c_void, name: *mut u16, size: u32) -> u32;
    }
    /// By an address in it, and without counting up its users.
    const BY_ADDRESS_UNCOUNTED: u32 = 4 | 2;
    let here = library as fn() -> Option<PathBuf>;
    let mut module = std::ptr::null_mut();
    let mut name = vec![0_u16; 32_768];
    // SAFETY: the address is this function's; the buffer is as long as said.
    let length = unsafe {
        if GetModuleHandleExW(BY_ADDRESS_UNCOUNTED, here as *const u16, &raw mut module) == 0 {
            return None;
        }
        GetModuleFileNameW(module, name.as_mut_ptr(), name.len() as u32)
    };
    let name = name
        .get(..length as usize)
        .filter(|name| !name.is_empty())?;
    std::path::absolute(Path::new(&OsString::from_wide(name))).ok()
}
