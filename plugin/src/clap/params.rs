//! Parameters: nice-plug's list, with what it does not check checked, and changes outside of blocks.

use super::block;
use super::instance::Instance;
use crate::guard::guard;
use clap_sys::events::{clap_input_events, clap_output_events};
use clap_sys::ext::params::{CLAP_PARAM_IS_STEPPED, clap_param_info, clap_plugin_params};
use clap_sys::id::clap_id;
use clap_sys::plugin::clap_plugin;
use std::ffi::c_char;

pub(super) static TABLE: clap_plugin_params = clap_plugin_params {
    count: Some(count),
    get_info: Some(get_info),
    get_value: Some(get_value),
    value_to_text: Some(value_to_text),
    text_to_value: Some(text_to_value),
    flush: Some(flush),
};

/// nice-plug's table.
///
/// # Safety
/// As [`Instance::of`].
unsafe fn inner<'a>(plugin: *const clap_plugin) -> Option<&'a clap_plugin_params> {
    // SAFETY: as the caller says; nice-plug's table lives as long as the instance.
    unsafe { Instance::of(plugin)?.inner_params.as_ref() }
}

unsafe extern "C" fn count(plugin: *const clap_plugin) -> u32 {
    // SAFETY: a host passes what `create_plugin` gave it; the function is nice-plug's.
    guard(0, || unsafe {
        inner(plugin)
            .and_then(|table| table.count)
            .map_or(0, |count| count(plugin))
    })
}

unsafe extern "C" fn get_info(
    plugin: *const clap_plugin,
    index: u32,
    info: *mut clap_param_info,
) -> bool {
    // SAFETY: a host passes what `create_plugin` gave it; the functions are nice-plug's.
    guard(false, || unsafe {
        // nice-plug would panic at an index one past the end.
        if info.is_null() || index >= count(plugin) {
            return false;
        }
        let told = inner(plugin)
            .and_then(|table| table.get_info)
            .is_some_and(|get| get(plugin, index, info));
        // nice-plug counts steps in 32-bit shares of the range: 20.0000006 for 20.
        if told && (*info).flags & CLAP_PARAM_IS_STEPPED != 0 {
            (*info).default_value = (*info).default_value.round();
        }
        told
    })
}

unsafe extern "C" fn get_value(plugin: *const clap_plugin, id: clap_id, value: *mut f64) -> bool {
    // SAFETY: as above.
    guard(false, || unsafe {
        let told = inner(plugin)
            .and_then(|table| table.get_value)
            .is_some_and(|get| get(plugin, id, value));
        // As with defaults: 36.000001 for 36.
        let stepped =
            Instance::of(plugin).is_some_and(|instance| instance.shared.table.is_stepped(id));
        if told && stepped && !value.is_null() {
            *value = (*value).round();
        }
        told
    })
}

unsafe extern "C" fn value_to_text(
    plugin: *const clap_plugin,
    id: clap_id,
    value: f64,
    display: *mut c_char,
    size: u32,
) -> bool {
    // SAFETY: as above.
    guard(false, || unsafe {
        if !value.is_finite() || display.is_null() || size == 0 {
            return false;
        }
        inner(plugin)
            .and_then(|table| table.value_to_text)
            .is_some_and(|show| show(plugin, id, value, display, size))
    })
}

unsafe extern "C" fn text_to_value(
    plugin: *const clap_plugin,
    id: clap_id,
    display: *const c_char,
    value: *mut f64,
) -> bool {
    // SAFETY: as above.
    guard(false, || unsafe {
        if display.is_null() || value.is_null() {
            return false;
        }
        inner(plugin)
            .and_then(|table| table.text_to_value)
            .is_some_and(|read| read(plugin, id, display, value))
    })
}

unsafe extern "C" fn flush(
    plugin: *const clap_plugin,
    input: *const clap_input_events,
    output: *const clap_output_events,
) {
    guard((), || {
        // SAFETY: a host passes what `create_plugin` gave it, and lists that live during the call.
        unsafe {
            if let Some(instance) = Instance::of(plugin) {
                block::take_changes(instance, input.as_ref());
                block::send_user_edits(instance, output.as_ref());
            }
        }
    });
}
