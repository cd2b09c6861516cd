//! Saving and loading state.

use super::instance::Instance;
use crate::guard::guard;
use crate::state::MAX_BYTES;
use clap_sys::ext::state::clap_plugin_state;
use clap_sys::plugin::clap_plugin;
use clap_sys::stream::{clap_istream, clap_ostream};

pub(super) static TABLE: clap_plugin_state = clap_plugin_state {
    save: Some(save),
    load: Some(load),
};

unsafe extern "C" fn save(plugin: *const clap_plugin, stream: *const clap_ostream) -> bool {
    guard(false, || {
        // SAFETY: a host passes what `create_plugin` gave it, and a stream.
        let (Some(instance), Some(stream)) = (unsafe { (Instance::of(plugin), stream.as_ref()) })
        else {
            return false;
        };
        let (Some(write), Some(bytes)) = (stream.write, instance.shared.save_state()) else {
            return false;
        };
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            // SAFETY: `rest` has as many bytes as said.
            let written = unsafe { write(stream, rest.as_ptr().cast(), rest.len() as u64) };
            match usize::try_from(written)
                .ok()
                .filter(|&written| written > 0)
                .and_then(|written| rest.get(written..))
            {
                Some(left) => rest = left,
                None => return false,
            }
        }
        true
    })
}

unsafe extern "C" fn load(plugin: *const clap_plugin, stream: *const clap_istream) -> bool {
    guard(false, || {
        // SAFETY: a host passes what `create_plugin` gave it, and a stream.
        let (Some(instance), Some(stream)) = (unsafe { (Instance::of(plugin), stream.as_ref()) })
        else {
            return false;
        };
        let Some(read) = stream.read else {
            return false;
        };
        let mut bytes = Vec::new();
        let mut piece = [0_u8; 4096];
        loop {
            // SAFETY: `piece` has as many bytes as said.
            let got = unsafe { read(stream, piece.as_mut_ptr().cast(), piece.len() as u64) };
            match usize::try_from(got).ok().and_then(|got| piece.get(..got)) {
                Some([]) => break,
                Some(read) => bytes.extend_from_slice(read),
                None => return false,
            }
            if bytes.len() > MAX_BYTES {
                break;
            }
        }
        let loaded = instance.shared.load_state(&bytes).is_ok();
        if loaded {
            instance.told.rescan_values();
        }
        loaded
    })
}
