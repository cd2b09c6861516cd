//! What a host finds in the library: the entry and the factory.

use super::instance::Instance;
use crate::guard::guard;
use crate::plugin::UndersongPlugin;
use clap_sys::entry::clap_plugin_entry;
use clap_sys::factory::plugin_factory::{CLAP_PLUGIN_FACTORY_ID, clap_plugin_factory};
use clap_sys::host::clap_host;
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use clap_sys::version::{CLAP_VERSION, clap_version_is_compatible};
use nice_plug::wrapper::clap::PluginDescriptor;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;
use std::sync::LazyLock;

/// The CLAP entry point.
#[allow(non_upper_case_globals)] // the name is CLAP's
#[unsafe(no_mangle)]
#[used]
pub static clap_entry: clap_plugin_entry = clap_plugin_entry {
    clap_version: CLAP_VERSION,
    init: Some(init),
    deinit: Some(deinit),
    get_factory: Some(get_factory),
};

static FACTORY: clap_plugin_factory = clap_plugin_factory {
    get_plugin_count: Some(get_plugin_count),
    get_plugin_descriptor: Some(get_plugin_descriptor),
    create_plugin: Some(create_plugin),
};

static DESCRIPTOR: LazyLock<PluginDescriptor> =
    LazyLock::new(PluginDescriptor::for_plugin::<UndersongPlugin>);

unsafe extern "C" fn init(_plugin_path: *const c_char) -> bool {
    true
}

unsafe extern "C" fn deinit() {}

unsafe extern "C" fn get_factory(id: *const c_char) -> *const c_void {
    // SAFETY: a host gives a C string, or null.
    if !id.is_null() && unsafe { CStr::from_ptr(id) } == CLAP_PLUGIN_FACTORY_ID {
        (&raw const FACTORY).cast()
    } else {
        null()
    }
}

unsafe extern "C" fn get_plugin_count(_factory: *const clap_plugin_factory) -> u32 {
    1
}

unsafe extern "C" fn get_plugin_descriptor(
    _factory: *const clap_plugin_factory,
    index: u32,
) -> *const clap_plugin_descriptor {
    guard(null(), || match index {
        0 => DESCRIPTOR.clap_plugin_descriptor(),
        _ => null(),
    })
}

unsafe extern "C" fn create_plugin(
    _factory: *const clap_plugin_factory,
    host: *const clap_host,
    id: *const c_char,
) -> *const clap_plugin {
    guard(null(), || {
        if host.is_null() || id.is_null() {
            return null();
        }
        // SAFETY: neither is null, and a host gives a valid host and a C string.
        unsafe {
            if !clap_version_is_compatible((*host).clap_version)
                || CStr::from_ptr(id) != DESCRIPTOR.clap_id()
            {
                return null();
            }
            Instance::create(host)
        }
    })
}
