//! `Instance`: the table that a host holds, what nice-plug made, and what we share with it.

use super::{block, gui, params, render, state};
use crate::guard::guard;
use crate::plugin::UndersongPlugin;
use crate::shared::Shared;
use clap_sys::ext::gui::{CLAP_EXT_GUI, clap_plugin_gui};
use clap_sys::ext::params::{CLAP_EXT_PARAMS, clap_host_params, clap_plugin_params};
use clap_sys::ext::render::{CLAP_EXT_RENDER, clap_plugin_render};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state};
use clap_sys::host::clap_host;
use clap_sys::plugin::clap_plugin;
use nice_plug::wrapper::clap::Wrapper;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex};

/// One plugin in a CLAP host. The host holds a pointer to the first field, which is a pointer to the whole.
#[repr(C)]
pub(super) struct Instance {
    table: clap_plugin,
    inner: *const clap_plugin,
    pub(super) host: *const clap_host,
    pub(super) shared: Arc<Shared>,
    pub(super) gui: Mutex<gui::Window>,
    /// nice-plug's own extensions, or null.
    pub(super) inner_params: *const clap_plugin_params,
    pub(super) inner_render: *const clap_plugin_render,
    pub(super) inner_gui: *const clap_plugin_gui,
    /// The host's side of parameters and state, once it may be asked.
    pub(super) told: Arc<HostSide>,
    /// Set between activation and deactivation.
    pub(super) active: AtomicBool,
}

/// A host's side of parameters and state.
#[derive(Debug)]
pub(super) struct HostSide {
    host: *const clap_host,
    params: AtomicPtr<clap_host_params>,
    state: AtomicPtr<clap_host_state>,
}

// SAFETY: the host outlives the plugin, and what is not for the main thread alone may be called from any thread but the audio thread.
unsafe impl Send for HostSide {}
// SAFETY: as above.
unsafe impl Sync for HostSide {}

impl HostSide {
    /// Asks the host for its extensions, which it may be from `init` on. Main thread only.
    fn meet(&self) {
        // SAFETY: the host is valid; an extension lives as long as it.
        unsafe {
            let Some(get) = (*self.host).get_extension else {
                return;
            };
            let extension = |id: &CStr| get(self.host, id.as_ptr()).cast_mut();
            self.params
                .store(extension(CLAP_EXT_PARAMS).cast(), Ordering::Release);
            self.state
                .store(extension(CLAP_EXT_STATE).cast(), Ordering::Release);
        }
    }

    /// Asks the host to fetch parameter changes.
    fn request_flush(&self) {
        let extension = self.params.load(Ordering::Acquire);
        // SAFETY: a host's extension lives as long as the host.
        if let Some(request) = unsafe { extension.as_ref() }.and_then(|table| table.request_flush) {
            // SAFETY: as above; any thread may call it.
            unsafe { request(self.host) }
        }
    }

    /// Asks the host for a call of `on_main_thread`.
    fn request_callback(&self) {
        // SAFETY: the host is valid; any thread may call it.
        unsafe {
            if let Some(request) = (*self.host).request_callback {
                request(self.host);
            }
        }
    }

    /// Tells the host that values have changed. Main thread only.
    pub(super) fn rescan_values(&self) {
        let extension = self.params.load(Ordering::Acquire);
        // SAFETY: a host's extension lives as long as the host.
        if let Some(rescan) = unsafe { extension.as_ref() }.and_then(|table| table.rescan) {
            // SAFETY: as above, on the main thread says the caller.
            unsafe { rescan(self.host, clap_sys::ext::params::CLAP_PARAM_RESCAN_VALUES) }
        }
    }

    /// Tells the host that there is something to save that no parameter says. Main thread only.
    fn mark_dirty(&self) {
        let extension = self.state.load(Ordering::Acquire);
        // SAFETY: a host's extension lives as long as the host.
        if let Some(mark) = unsafe { extension.as_ref() }.and_then(|table| table.mark_dirty) {
            // SAFETY: as above, on the main thread says the caller.
            unsafe { mark(self.host) }
        }
    }
}

impl Instance {
    /// A new plugin for a host; null if it cannot be made.
    ///
    /// # Safety
    /// `host` is valid and outlives the plugin.
    pub(super) unsafe fn create(host: *const clap_host) -> *const clap_plugin {
        // SAFETY: as the caller says.
        let (wrapper, shared) = Shared::of(|| unsafe { Wrapper::<UndersongPlugin>::new(host) });
        let Some(shared) = shared else {
            return null();
        };
        shared.set_takes_automation();
        // The table takes the wrapper over; nice-plug's `destroy` frees it.
        let inner: *const clap_plugin = {
            let wrapper = Arc::into_raw(wrapper);
            // SAFETY: just made from an `Arc` that is not freed before `destroy`.
            unsafe { (*wrapper).clap_plugin.as_ptr() }
        };
        // SAFETY: the table lives in the wrapper; `get_extension` is nice-plug's and may be asked for its own extensions at once.
        unsafe {
            let extension = |id: &CStr| match (*inner).get_extension {
                Some(get) => get(inner, id.as_ptr()),
                None => null(),
            };
            let instance = Self {
                table: clap_plugin {
                    init: Some(init),
                    destroy: Some(destroy),
                    activate: Some(activate),
                    deactivate: Some(deactivate),
                    process: Some(block::process),
                    get_extension: Some(get_extension),
                    on_main_thread: Some(on_main_thread),
                    ..*inner
                },
                inner,
                host,
                shared,
                gui: Mutex::default(),
                inner_params: extension(CLAP_EXT_PARAMS).cast(),
                inner_render: extension(CLAP_EXT_RENDER).cast(),
                inner_gui: extension(CLAP_EXT_GUI).cast(),
                told: Arc::new(HostSide {
                    host,
                    params: AtomicPtr::default(),
                    state: AtomicPtr::default(),
                }),
                active: AtomicBool::new(false),
            };
            &raw const (*Box::into_raw(Box::new(instance))).table
        }
    }

    /// The instance behind a host's pointer.
    ///
    /// # Safety
    /// `plugin` is null, or came from [`create`](Self::create) and was not destroyed; the reference is not kept beyond the call.
    pub(super) unsafe fn of<'a>(plugin: *const clap_plugin) -> Option<&'a Self> {
        // SAFETY: the table is the first field of a `repr(C)` struct.
        unsafe { plugin.cast::<Self>().as_ref() }
    }
}

unsafe extern "C" fn init(plugin: *const clap_plugin) -> bool {
    guard(false, || {
        // SAFETY: a host passes what `create_plugin` gave it.
        let Some(instance) = (unsafe { Instance::of(plugin) }) else {
            return false;
        };
        instance.told.meet();
        let told = Arc::clone(&instance.told);
        let edits = &instance.shared.user_edits;
        edits.set_nudge(Some(Box::new(move || told.request_flush())));
        let told = Arc::clone(&instance.told);
        let shared = &instance.shared;
        shared.set_unsaved_nudge(Some(Box::new(move || told.request_callback())));
        // SAFETY: nice-plug's own, with a table that has its `plugin_data`.
        unsafe { (*instance.inner).init.is_some_and(|init| init(plugin)) }
    })
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    guard((), || {
        if plugin.is_null() {
            return;
        }
        // SAFETY: the host destroys what `create_plugin` gave it, once, and uses it no more.
        let instance = unsafe { Box::from_raw(plugin.cast_mut().cast::<Instance>()) };
        instance.shared.user_edits.set_nudge(None);
        instance.shared.set_unsaved_nudge(None);
        // SAFETY: nice-plug's own; it frees the wrapper that `inner` lies in.
        unsafe {
            if let Some(destroy) = (*instance.inner).destroy {
                destroy(instance.inner);
            }
        }
    });
}

unsafe extern "C" fn on_main_thread(plugin: *const clap_plugin) {
    guard((), || {
        // SAFETY: a host passes what `create_plugin` gave it.
        let Some(instance) = (unsafe { Instance::of(plugin) }) else {
            return;
        };
        // SAFETY: nice-plug's own, with a table that has its `plugin_data`.
        unsafe {
            if let Some(work) = (*instance.inner).on_main_thread {
                work(plugin);
            }
        }
        if instance.shared.take_unsaved() {
            instance.told.mark_dirty();
        }
    });
}

unsafe extern "C" fn activate(
    plugin: *const clap_plugin,
    sample_rate: f64,
    min_frames: u32,
    max_frames: u32,
) -> bool {
    guard(false, || {
        // SAFETY: a host passes what `create_plugin` gave it.
        let Some(instance) = (unsafe { Instance::of(plugin) }) else {
            return false;
        };
        // SAFETY: nice-plug's own, with a table that has its `plugin_data`.
        let active = unsafe {
            (*instance.inner)
                .activate
                .is_some_and(|activate| activate(plugin, sample_rate, min_frames, max_frames))
        };
        instance.active.store(active, Ordering::Release);
        active
    })
}

unsafe extern "C" fn deactivate(plugin: *const clap_plugin) {
    guard((), || {
        // SAFETY: a host passes what `create_plugin` gave it.
        let Some(instance) = (unsafe { Instance::of(plugin) }) else {
            return;
        };
        instance.active.store(false, Ordering::Release);
        // SAFETY: nice-plug's own, with a table that has its `plugin_data`.
        unsafe {
            if let Some(deactivate) = (*instance.inner).deactivate {
                deactivate(plugin);
            }
        }
    });
}

unsafe extern "C" fn get_extension(plugin: *const clap_plugin, id: *const c_char) -> *const c_void {
    guard(null(), || {
        // SAFETY: a host passes what `create_plugin` gave it.
        let Some(instance) = (unsafe { Instance::of(plugin) }) else {
            return null();
        };
        if id.is_null() {
            return null();
        }
        // SAFETY: a host gives a C string.
        let name = unsafe { CStr::from_ptr(id) };
        if name == CLAP_EXT_STATE {
            (&raw const state::TABLE).cast()
        } else if name == CLAP_EXT_PARAMS {
            (&raw const params::TABLE).cast()
        } else if name == CLAP_EXT_RENDER {
            (&raw const render::TABLE).cast()
        } else if name == CLAP_EXT_GUI {
            if instance.inner_gui.is_null() {
                null()
            } else {
                (&raw const gui::TABLE).cast()
            }
        } else {
            // SAFETY: nice-plug's own, with a table that has its `plugin_data`.
            unsafe {
                match (*instance.inner).get_extension {
                    Some(get) => get(plugin, id),
                    None => null(),
                }
            }
        }
    })
}
