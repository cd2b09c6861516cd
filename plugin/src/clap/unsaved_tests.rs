//! A host hears of what is saved and is no parameter.

use super::instance::Instance;
use crate::editor::Change;
use crate::editor::{Action, Bridge, Dial, OscTarget, Route};
use clap_sys::ext::state::{CLAP_EXT_STATE, clap_host_state};
use clap_sys::host::clap_host;
use clap_sys::version::CLAP_VERSION;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::null;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What the host was asked.
#[derive(Default)]
struct Asked {
    callbacks: AtomicU32,
    dirty: AtomicU32,
}

static STATE: clap_host_state = clap_host_state {
    mark_dirty: Some(mark_dirty),
};

fn asked<'a>(host: *const clap_host) -> &'a Asked {
    // SAFETY: the host of this test, whose data is an `Asked` that outlives it.
    unsafe { &*(*host).host_data.cast::<Asked>() }
}

unsafe extern "C" fn mark_dirty(host: *const clap_host) {
    asked(host).dirty.fetch_add(1, Ordering::Relaxed);
}

unsafe extern "C" fn request_callback(host: *const clap_host) {
    asked(host).callbacks.fetch_add(1, Ordering::Relaxed);
}

unsafe extern "C" fn other_request(_host: *const clap_host) {}

unsafe extern "C" fn get_extension(_host: *const clap_host, id: *const c_char) -> *const c_void {
    // SAFETY: a plugin gives a C string.
    if unsafe { CStr::from_ptr(id) } == CLAP_EXT_STATE {
        (&raw const STATE).cast()
    } else {
        null()
    }
}

#[test]
fn the_map_the_model_file_and_the_target_mark_the_project_changed_once_each_and_nothing_else_does()
{
    let seen = Asked::default();
    let host = clap_host {
        clap_version: CLAP_VERSION,
        host_data: (&raw const seen).cast_mut().cast(),
        name: c"Test".as_ptr(),
        vendor: c"Undersong".as_ptr(),
        url: c"".as_ptr(),
        version: c"1".as_ptr(),
        get_extension: Some(get_extension),
        request_restart: Some(other_request),
        request_process: Some(other_request),
        request_callback: Some(request_callback),
    };
    // SAFETY: the host outlives the plugin, and the calls come in CLAP's order on one thread.
    unsafe {
        let plugin = Instance::create(&raw const host);
        assert!(!plugin.is_null());
        assert!((*plugin).init.is_some_and(|init| init(plugin)));
        let shared = Instance::of(plugin).map(|instance| Arc::clone(&instance.shared));
        let mut bridge = Bridge::new(shared.expect("it was made"));
        let osc = OscTarget {
            host: "10.0.0.7".to_owned(),
            port: 7000,
            wekinator: false,
        };
        for (action, marks) in [
            (Action::Number(Dial::Hop, Change::Once(500.0)), 0),
            (Action::Reset, 0),
            (Action::RestoreMap, 0),
            (Action::Route(2, Route::Controller(85)), 1),
            (Action::Route(2, Route::Controller(85)), 0),
            (Action::RestoreMap, 1),
            (Action::ModelFile("choir.onnx".to_owned()), 1),
            (Action::OscTarget(osc.clone()), 1),
            (Action::OscTarget(osc), 0),
        ] {
            let before = seen.dirty.load(Ordering::Relaxed);
            let callbacks = seen.callbacks.load(Ordering::Relaxed);
            bridge.apply(action.clone());
            assert_eq!(
                seen.dirty.load(Ordering::Relaxed),
                before,
                "the editor's thread may not tell"
            );
            assert_eq!(
                seen.callbacks.load(Ordering::Relaxed) - callbacks,
                marks,
                "{action:?}"
            );
            if let Some(work) = (*plugin).on_main_thread {
                work(plugin);
                work(plugin);
            }
            let told = seen.dirty.load(Ordering::Relaxed) - before;
            assert_eq!(told, marks, "{action:?}");
        }
        drop(bridge);
        if let Some(destroy) = (*plugin).destroy {
            destroy(plugin);
        }
    }
}
