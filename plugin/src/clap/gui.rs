//! The window, made when it is shown.
//!
//! On X11 a window that is made more than some 30 ms before it is shown never paints: the toolkit waits for an event that it asked
//! for too early. So nice-plug's window is made in `show`, and what a host says before is kept until then.

use super::instance::Instance;
use crate::guard::guard;
use clap_sys::ext::gui::{
    CLAP_EXT_GUI, CLAP_WINDOW_API_COCOA, CLAP_WINDOW_API_WIN32, CLAP_WINDOW_API_X11,
    clap_gui_resize_hints, clap_plugin_gui, clap_window, clap_window_handle,
};
use clap_sys::plugin::clap_plugin;
use std::ffi::{CStr, c_char};
use std::sync::PoisonError;

pub(super) static TABLE: clap_plugin_gui = clap_plugin_gui {
    is_api_supported: Some(is_api_supported),
    get_preferred_api: Some(get_preferred_api),
    create: Some(create),
    destroy: Some(destroy),
    set_scale: Some(set_scale),
    get_size: Some(get_size),
    can_resize: Some(can_resize),
    get_resize_hints: Some(get_resize_hints),
    adjust_size: Some(adjust_size),
    set_size: Some(set_size),
    set_parent: Some(set_parent),
    set_transient: Some(set_transient),
    suggest_title: Some(suggest_title),
    show: Some(show),
    hide: Some(hide),
};

/// What a host has said of the window.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Window {
    /// The name of the windowing interface, set from `create` to `destroy`.
    api: Option<&'static CStr>,
    scale: Option<f64>,
    parent: Option<clap_window_handle>,
    size: Option<(u32, u32)>,
    /// Whether nice-plug's window exists.
    made: bool,
}

/// The names are CLAP's own, which live for ever.
fn known_api(api: *const c_char) -> Option<&'static CStr> {
    if api.is_null() {
        return None;
    }
    // SAFETY: a host gives a C string.
    let api = unsafe { CStr::from_ptr(api) };
    [
        CLAP_WINDOW_API_X11,
        CLAP_WINDOW_API_WIN32,
        CLAP_WINDOW_API_COCOA,
    ]
    .into_iter()
    .find(|known| *known == api)
}

/// Calls `work` with the instance and nice-plug's table. Nothing is locked meanwhile: a host may answer a call with another.
fn with<T: Copy>(
    plugin: *const clap_plugin,
    fallback: T,
    work: impl FnOnce(&Instance, &clap_plugin_gui) -> Option<T>,
) -> T {
    guard(fallback, || {
        // SAFETY: a host passes what `create_plugin` gave it.
        let Some(instance) = (unsafe { Instance::of(plugin) }) else {
            return fallback;
        };
        // SAFETY: nice-plug's table lives as long as the instance.
        let Some(inner) = (unsafe { instance.inner_gui.as_ref() }) else {
            return fallback;
        };
        work(instance, inner).unwrap_or(fallback)
    })
}

/// What is known of the window; `change` may change it.
fn window(instance: &Instance, change: impl FnOnce(&mut Window)) -> Window {
    let mut window = instance.gui.lock().unwrap_or_else(PoisonError::into_inner);
    change(&mut window);
    *window
}

fn known(instance: &Instance) -> Window {
    window(instance, |_| ())
}

unsafe extern "C" fn is_api_supported(
    plugin: *const clap_plugin,
    api: *const c_char,
    is_floating: bool,
) -> bool {
    with(plugin, false, |_, inner| {
        known_api(api)?;
        // SAFETY: nice-plug's own, with a C string.
        Some(unsafe { inner.is_api_supported?(plugin, api, is_floating) })
    })
}

unsafe extern "C" fn get_preferred_api(
    plugin: *const clap_plugin,
    api: *mut *const c_char,
    is_floating: *mut bool,
) -> bool {
    with(plugin, false, |_, inner| {
        // SAFETY: nice-plug's own; it checks for null.
        Some(unsafe { inner.get_preferred_api?(plugin, api, is_floating) })
    })
}

unsafe extern "C" fn create(
    plugin: *const clap_plugin,
    api: *const c_char,
    is_floating: bool,
) -> bool {
    with(plugin, false, |instance, inner| {
        let name = known_api(api)?;
        // SAFETY: nice-plug's own; the host is valid. nice-plug takes for granted that the host has its side of the window.
        let possible = unsafe {
            inner.is_api_supported?(plugin, api, is_floating)
                && !(*instance.host).get_extension?(instance.host, CLAP_EXT_GUI.as_ptr()).is_null()
        };
        if !possible || known(instance).api.is_some() {
            return None;
        }
        window(instance, |window| window.api = Some(name));
        Some(true)
    })
}

unsafe extern "C" fn destroy(plugin: *const clap_plugin) {
    with(plugin, (), |instance, inner| {
        let made = known(instance).made;
        window(instance, |window| *window = Window::default());
        if made {
            // SAFETY: nice-plug's own, and its window exists.
            unsafe { inner.destroy?(plugin) }
        }
        Some(())
    });
}

unsafe extern "C" fn set_scale(plugin: *const clap_plugin, scale: f64) -> bool {
    with(plugin, false, |instance, inner| {
        if !(scale.is_finite() && scale > 0.0) {
            return None;
        }
        if window(instance, |window| window.scale = Some(scale)).made {
            // SAFETY: nice-plug's own, and its window exists.
            return Some(unsafe { inner.set_scale?(plugin, scale) });
        }
        Some(true)
    })
}

unsafe extern "C" fn get_size(
    plugin: *const clap_plugin,
    width: *mut u32,
    height: *mut u32,
) -> bool {
    with(plugin, false, |instance, inner| {
        let window = known(instance);
        if let (false, Some(size)) = (window.made, window.size) {
            if width.is_null() || height.is_null() {
                return None;
            }
            // SAFETY: neither is null.
            unsafe {
                *width = size.0;
                *height = size.1;
            }
            return Some(true);
        }
        // SAFETY: nice-plug's own; it checks for null.
        Some(unsafe { inner.get_size?(plugin, width, height) })
    })
}

unsafe extern "C" fn can_resize(plugin: *const clap_plugin) -> bool {
    with(plugin, false, |_, inner| {
        // SAFETY: nice-plug's own.
        Some(unsafe { inner.can_resize?(plugin) })
    })
}

unsafe extern "C" fn get_resize_hints(
    plugin: *const clap_plugin,
    hints: *mut clap_gui_resize_hints,
) -> bool {
    with(plugin, false, |_, inner| {
        // SAFETY: nice-plug's own; it checks for null.
        Some(unsafe { inner.get_resize_hints?(plugin, hints) })
    })
}

unsafe extern "C" fn adjust_size(
    plugin: *const clap_plugin,
    width: *mut u32,
    height: *mut u32,
) -> bool {
    with(plugin, false, |instance, inner| {
        if width.is_null() || height.is_null() {
            return None;
        }
        if known(instance).made {
            // SAFETY: nice-plug's own, and its window exists.
            return Some(unsafe { inner.adjust_size?(plugin, width, height) });
        }
        // SAFETY: nice-plug's own.
        Some(unsafe { inner.can_resize?(plugin) })
    })
}

unsafe extern "C" fn set_size(plugin: *const clap_plugin, width: u32, height: u32) -> bool {
    with(plugin, false, |instance, inner| {
        if width == 0 || height == 0 {
            return None;
        }
        if known(instance).made {
            // SAFETY: nice-plug's own, and its window exists.
            return Some(unsafe { inner.set_size?(plugin, width, height) });
        }
        let window = window(instance, |window| window.size = Some((width, height)));
        Some(window.api.is_some())
    })
}

unsafe extern "C" fn set_parent(plugin: *const clap_plugin, parent: *const clap_window) -> bool {
    with(plugin, false, |instance, inner| {
        // SAFETY: a host gives a window, or null.
        let given = unsafe { parent.as_ref() }?;
        let api = known(instance).api;
        if known_api(given.api) != api || api.is_none() {
            return None;
        }
        if window(instance, |window| window.parent = Some(given.specific)).made {
            // SAFETY: nice-plug's own, and its window exists.
            return Some(unsafe { inner.set_parent?(plugin, parent) });
        }
        Some(true)
    })
}

unsafe extern "C" fn set_transient(
    _plugin: *const clap_plugin,
    _window: *const clap_window,
) -> bool {
    // For floating windows, which there are none of.
    false
}

unsafe extern "C" fn suggest_title(_plugin: *const clap_plugin, _title: *const c_char) {}

unsafe extern "C" fn show(plugin: *const clap_plugin) -> bool {
    with(plugin, false, |instance, inner| {
        let before = known(instance);
        let api = before.api?;
        // SAFETY: nice-plug's own functions, in the order in which a host would call them.
        unsafe {
            if !before.made {
                if !inner.create?(plugin, api.as_ptr(), false) {
                    return None;
                }
                window(instance, |window| window.made = true);
                if let Some(scale) = before.scale {
                    inner.set_scale?(plugin, scale);
                }
                if let Some(specific) = before.parent {
                    let parent = clap_window {
                        api: api.as_ptr(),
                        specific,
                    };
                    if !inner.set_parent?(plugin, &raw const parent) {
                        return None;
                    }
                }
                if let Some((width, height)) = before.size {
                    inner.set_size?(plugin, width, height);
                }
            }
            Some(inner.show?(plugin))
        }
    })
}

unsafe extern "C" fn hide(plugin: *const clap_plugin) -> bool {
    with(plugin, false, |instance, inner| {
        let window = known(instance);
        if !window.made {
            return Some(window.api.is_some());
        }
        // SAFETY: nice-plug's own, and its window exists.
        Some(unsafe { inner.hide?(plugin) })
    })
}
