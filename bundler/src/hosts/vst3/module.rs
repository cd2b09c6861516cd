//! A VST3 bundle: its library and its factory.

use super::Vst3Host;
use crate::hosts::{Descriptor, HostError, text8};
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vst3::Steinberg::*;
use vst3::{ComPtr, Interface};

/// A loaded VST3 bundle.
#[derive(Debug)]
pub struct Vst3Module {
    loaded: Arc<Loaded>,
}

/// What the factory says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactoryInfo {
    /// The maker.
    pub vendor: String,
    /// The maker's page.
    pub url: String,
    /// The maker's address.
    pub email: String,
    /// Unicode, discardable classes and so on, as a number.
    pub flags: i32,
}

/// The library, its factory, and its exit.
pub(super) struct Loaded {
    // First: it is the library's code.
    factory: Option<ComPtr<IPluginFactory>>,
    exit: Option<unsafe extern "system" fn() -> bool>,
    _library: libloading::Library,
}

// SAFETY: a factory may be asked from any thread in turn; the host has one main thread.
unsafe impl Send for Loaded {}
// SAFETY: as above.
unsafe impl Sync for Loaded {}

impl std::fmt::Debug for Loaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loaded").finish_non_exhaustive()
    }
}

impl Loaded {
    pub(super) fn factory(&self) -> &ComPtr<IPluginFactory> {
        // It is taken only when this is dropped.
        match &self.factory {
            Some(factory) => factory,
            None => unreachable!("a loaded module has a factory"),
        }
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        drop(self.factory.take());
        if let Some(exit) = self.exit {
            // SAFETY: the library's own, after its last object has gone.
            unsafe {
                exit();
            }
        }
    }
}

/// A class id as VST3 writes it, in `moduleinfo.json` too: 32 hexadecimal digits. On Windows an id lies in memory as COM's GUIDs do, a number
/// of four bytes and two of two with the least byte first, so that the text is the same on every system.
fn class_text(id: &[u8; 16], com: bool) -> String {
    const COM: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let byte = |index: usize| {
        let index = if com {
            COM.get(index).copied()
        } else {
            Some(index)
        };
        index.and_then(|index| id.get(index)).copied().unwrap_or(0)
    };
    (0..id.len())
        .map(|index| format!("{:02X}", byte(index)))
        .collect()
}

#[cfg(target_os = "windows")]
const ENTRY: (&[u8], &[u8]) = (b"InitDll\0", b"ExitDll\0");
#[cfg(target_os = "macos")]
const ENTRY: (&[u8], &[u8]) = (b"bundleEntry\0", b"bundleExit\0");
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
const ENTRY: (&[u8], &[u8]) = (b"ModuleEntry\0", b"ModuleExit\0");

impl Vst3Module {
    /// Loads a bundle, or a library that would lie in one.
    ///
    /// # Errors
    /// If it cannot be loaded, or is no VST3 module.
    pub fn open(path: &Path) -> Result<Self, HostError> {
        let load = |reason: String| HostError::Load {
            path: path.display().to_string(),
            reason,
        };
        let library = if path.is_dir() {
            crate::layout::vst3_library(path).ok_or_else(|| {
                load(format!(
                    "the bundle has no library for this system (Contents/{})",
                    crate::layout::VST3_FOLDER
                ))
            })?
        } else if path.exists() {
            PathBuf::from(path)
        } else {
            return Err(load("there is no such bundle".to_owned()));
        };
        // SAFETY: whoever names a plugin wants its code to run.
        let library = unsafe { libloading::Library::new(&library) };
        let library = library.map_err(|error| load(format!("it cannot be loaded: {error}")))?;
        // SAFETY: the names and types are VST3's.
        let (factory, exit) = unsafe {
            let entry = library.get::<unsafe extern "system" fn(*mut c_void) -> bool>(ENTRY.0);
            let exit = library.get::<unsafe extern "system" fn() -> bool>(ENTRY.1);
            let (Ok(entry), Ok(exit)) = (entry, exit) else {
                return Err(load("it has no entry and exit of a VST3 module".to_owned()));
            };
            // A plugin that wants the handle of its library asks the system; ours does not.
            if !entry(std::ptr::null_mut()) {
                return Err(load("its entry failed".to_owned()));
            }
            let get =
                library.get::<unsafe extern "system" fn() -> *mut c_void>(b"GetPluginFactory\0");
            let get = get.map_err(|_| load("it has no GetPluginFactory".to_owned()))?;
            let factory = ComPtr::from_raw(get().cast::<IPluginFactory>());
            (
                factory.ok_or_else(|| load("it gives no factory".to_owned()))?,
                *exit,
            )
        };
        Ok(Self {
            loaded: Arc::new(Loaded {
                factory: Some(factory),
                exit: Some(exit),
                _library: library,
            }),
        })
    }

    /// What the factory says of itself.
    pub fn factory_info(&self) -> FactoryInfo {
        // SAFETY: plain numbers, for which all zeros are valid.
        let mut info: PFactoryInfo = unsafe { std::mem::zeroed() };
        // SAFETY: a place to write to.
        unsafe {
            self.loaded.factory().getFactoryInfo(&raw mut info);
        }
        let text = |chars: &[char8]| text8(chars.iter().map(|&byte| byte as u8));
        FactoryInfo {
            vendor: text(&info.vendor),
            url: text(&info.url),
            email: text(&info.email),
            flags: info.flags,
        }
    }

    fn classes(&self) -> Vec<(TUID, String, Descriptor)> {
        let factory = self.loaded.factory();
        let Some(second) = factory.cast::<IPluginFactory2>() else {
            return Vec::new();
        };
        // SAFETY: places to write to; the count is the factory's.
        unsafe {
            (0..factory.countClasses())
                .filter_map(|index| {
                    let mut info: PClassInfo2 = std::mem::zeroed();
                    if second.getClassInfo2(index, &raw mut info) != kResultOk {
                        return None;
                    }
                    let text = |chars: &[char8]| text8(chars.iter().map(|&byte| byte as u8));
                    let descriptor = Descriptor {
                        id: class_text(&info.cid.map(|byte| byte as u8), cfg!(windows)),
                        name: text(&info.name),
                        vendor: text(&info.vendor),
                        version: text(&info.version),
                        features: text(&info.subCategories)
                            .split('|')
                            .filter(|part| !part.is_empty())
                            .map(str::to_owned)
                            .collect(),
                    };
                    Some((info.cid, text(&info.category), descriptor))
                })
                .collect()
        }
    }

    /// The plugins in it.
    pub fn descriptors(&self) -> Vec<Descriptor> {
        let classes = self.classes().into_iter();
        let classes = classes.filter(|(_, category, _)| category == "Audio Module Class");
        classes.map(|(_, _, descriptor)| descriptor).collect()
    }

    /// The version of the interfaces that the first plugin was built for.
    pub fn sdk_version(&self) -> String {
        let factory = self.loaded.factory();
        let Some(second) = factory.cast::<IPluginFactory2>() else {
            return String::new();
        };
        // SAFETY: a place to write to, of plain numbers.
        unsafe {
            let mut info: PClassInfo2 = std::mem::zeroed();
            second.getClassInfo2(0, &raw mut info);
            text8(info.sdkVersion.iter().map(|&byte| byte as u8))
        }
    }

    /// An instance of the first plugin.
    ///
    /// # Errors
    /// If there is none, or it cannot be made.
    pub fn instance(&self) -> Result<Vst3Host, HostError> {
        let class = self.classes().into_iter();
        let class = class.filter(|(_, category, _)| category == "Audio Module Class");
        let (id, ..) = class
            .take(1)
            .next()
            .ok_or(HostError::Missing { what: "plugin" })?;
        Vst3Host::new(Arc::clone(&self.loaded), &id)
    }

    /// Whether the factory refuses ids and places that lead nowhere, as careless hosts give them.
    pub fn refuses_nonsense(&self) -> bool {
        let factory = self.loaded.factory();
        let unknown: TUID = [0x55; 16];
        let mut object = std::ptr::null_mut::<c_void>();
        // SAFETY: plain numbers, for which all zeros are valid.
        let mut info: PClassInfo = unsafe { std::mem::zeroed() };
        // SAFETY: ids of 16 bytes and places to write to; a null place and a wrong index are what is tried.
        unsafe {
            factory.createInstance(
                unknown.as_ptr().cast(),
                FUnknown::IID.as_ptr().cast(),
                &raw mut object,
            ) != kResultOk
                && object.is_null()
                && factory.getClassInfo(-1, &raw mut info) != kResultOk
                && factory.getClassInfo(9999, &raw mut info) != kResultOk
                && factory.getClassInfo(0, std::ptr::null_mut()) != kResultOk
        }
    }
}

#[cfg(test)]
mod tests {
    use super::class_text;

    #[test]
    fn a_class_id_reads_the_same_on_every_system() {
        let elsewhere = *b"UndersongEmotion";
        // As nice-plug lays it out on Windows: three numbers with the least byte first.
        let mut windows = elsewhere;
        windows[..4].reverse();
        windows[4..6].reverse();
        windows[6..8].reverse();
        let text = "556E646572736F6E67456D6F74696F6E";
        assert_eq!(class_text(&elsewhere, false), text);
        assert_eq!(class_text(&windows, true), text);
        // As `FUID::toString` of the SDK writes {6BA7B810-9DAD-11D1-80B4-00C04FD430C8}, in memory as COM has it.
        let guid = [
            0x10, 0xB8, 0xA7, 0x6B, 0xAD, 0x9D, 0xD1, 0x11, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4,
            0x30, 0xC8,
        ];
        assert_eq!(class_text(&guid, true), "6BA7B8109DAD11D180B400C04FD430C8");
    }
}
