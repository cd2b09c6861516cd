//! The render mode: noted at once, so that it holds also in a host that does not activate the plugin again.

use super::instance::Instance;
use crate::guard::guard;
use clap_sys::ext::render::{CLAP_RENDER_OFFLINE, clap_plugin_render, clap_plugin_render_mode};
use clap_sys::plugin::clap_plugin;
use std::sync::atomic::Ordering;

pub(super) static TABLE: clap_plugin_render = clap_plugin_render {
    has_hard_realtime_requirement: Some(has_hard_realtime_requirement),
    set: Some(set),
};

unsafe extern "C" fn has_hard_realtime_requirement(_plugin: *const clap_plugin) -> bool {
    false
}

unsafe extern "C" fn set(plugin: *const clap_plugin, mode: clap_plugin_render_mode) -> bool {
    guard(false, || {
        // SAFETY: a host passes what `create_plugin` gave it.
        let Some(instance) = (unsafe { Instance::of(plugin) }) else {
            return false;
        };
        instance
            .shared
            .offline
            .store(mode == CLAP_RENDER_OFFLINE, Ordering::Release);
        // SAFETY: nice-plug's own table and function.
        unsafe {
            instance
                .inner_render
                .as_ref()
                .and_then(|table| table.set)
                .is_some_and(|set| set(plugin, mode))
        }
    })
}
