//! What a host finds in the library: the module's entry and exit, and the factory.

use super::class::UndersongVst3;
use crate::guard::guard;
use crate::plugin::UndersongPlugin;
use nice_plug::wrapper::vst3::PluginInfo;
use std::ffi::c_void;
use std::ptr::null_mut;
use vst3::Steinberg::*;
use vst3::{Class, ComWrapper};

struct Factory {
    info: PluginInfo,
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

/// Writes what `make` makes to `to`, for the one class that there is.
///
/// # Safety
/// `to` is null or may be written to.
unsafe fn fill<T>(index: int32, to: *mut T, make: impl FnOnce() -> T) -> tresult {
    guard(kInternalError, || {
        if index != 0 || to.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: not null, and a host's to write to.
        unsafe { to.write(make()) };
        kResultOk
    })
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: a host gives a place to write to.
        unsafe { fill(0, info, || self.info.create_factory_info()) }
    }

    unsafe fn countClasses(&self) -> int32 {
        1
    }

    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: as above.
        unsafe { fill(index, info, || self.info.create_class_info()) }
    }

    unsafe fn createInstance(
        &self,
        class_id: FIDString,
        interface: FIDString,
        object: *mut *mut c_void,
    ) -> tresult {
        guard(kInternalError, || {
            if class_id.is_null() || interface.is_null() || object.is_null() {
                return kInvalidArgument;
            }
            // SAFETY: a host gives ids of 16 bytes and a place to write to.
            unsafe {
                if *class_id.cast::<[u8; 16]>() != *self.info.cid {
                    return kInvalidArgument;
                }
                let Some(plugin) = UndersongVst3::create() else {
                    return kInternalError;
                };
                let Some(unknown) = ComWrapper::new(plugin).to_com_ptr::<FUnknown>() else {
                    return kInternalError;
                };
                let unknown = unknown.as_ptr();
                ((*(*unknown).vtbl).queryInterface)(unknown, interface.cast(), object)
            }
        })
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: a host gives a place to write to.
        unsafe { fill(index, info, || self.info.create_class_info_2()) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: a host gives a place to write to.
        unsafe { fill(index, info, || self.info.create_class_info_unicode()) }
    }

    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// The VST3 entry point: a new reference to the factory, or null.
#[allow(non_snake_case)] // the name is VST3's
#[unsafe(no_mangle)]
pub extern "system" fn GetPluginFactory() -> *mut c_void {
    guard(null_mut(), || {
        let factory = Factory {
            info: PluginInfo::for_plugin::<UndersongPlugin>(),
        };
        ComWrapper::new(factory)
            .to_com_ptr::<IPluginFactory>()
            .map_or(null_mut(), |factory| factory.into_raw().cast())
    })
}

/// Called by a host after loading the library.
#[allow(non_snake_case)] // the name is VST3's
#[cfg(all(target_family = "unix", not(target_os = "macos")))]
#[unsafe(no_mangle)]
extern "C" fn ModuleEntry(_library: *mut c_void) -> bool {
    true
}

/// Called by a host before unloading the library.
#[allow(non_snake_case)] // the name is VST3's
#[cfg(all(target_family = "unix", not(target_os = "macos")))]
#[unsafe(no_mangle)]
extern "C" fn ModuleExit() -> bool {
    true
}

/// Called by a host after loading the bundle.
#[allow(non_snake_case)] // the name is VST3's
#[cfg(target_os = "macos")]
#[unsafe(no_mangle)]
extern "C" fn bundleEntry(_bundle: *mut c_void) -> bool {
    true
}

/// Called by a host before unloading the bundle.
#[allow(non_snake_case)] // the name is VST3's
#[cfg(target_os = "macos")]
#[unsafe(no_mangle)]
extern "C" fn bundleExit() -> bool {
    true
}

/// Called by a host after loading the library.
#[allow(non_snake_case)] // the name is VST3's
#[cfg(target_os = "windows")]
#[unsafe(no_mangle)]
extern "system" fn InitDll() -> bool {
    true
}

/// Called by a host before unloading the library.
#[allow(non_snake_case)] // the name is VST3's
#[cfg(target_os = "windows")]
#[unsafe(no_mangle)]
extern "system" fn ExitDll() -> bool {
    true
}
