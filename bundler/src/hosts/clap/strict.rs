//! What clap-validator asks of a CLAP plugin that a host which only plays does not see.

#![allow(unsafe_code)]

use super::{ClapHost, ClapLibrary};
use crate::hosts::PluginHost;
use clack_host::prelude::*;
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::events::{
    CLAP_EVENT_PARAM_MOD, CLAP_EVENT_PARAM_VALUE, CLAP_EVENT_TRANSPORT, clap_event_header,
    clap_event_param_mod, clap_event_param_value, clap_event_transport, clap_input_events,
    clap_output_events,
};
use clap_sys::plugin::{clap_plugin, clap_plugin_descriptor};
use clap_sys::process::clap_process;
use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};

/// CLAP's main categories: a plugin has at least one of them.
pub const CATEGORIES: [&str; 5] = [
    "instrument",
    "audio-effect",
    "note-effect",
    "note-detector",
    "analyzer",
];

/// An event as a host may give it that is neither [`Change`](crate::hosts::Change) nor playhead.
#[derive(Debug, Clone, Copy)]
pub enum LooseEvent {
    /// A value, in a name space: CLAP's own is 0.
    Value {
        /// The name space.
        space: u16,
        /// The parameter.
        id: u32,
        /// Its value.
        value: f64,
    },
    /// A modulation, on top of the value.
    Modulation {
        /// The parameter.
        id: u32,
        /// How much.
        amount: f64,
    },
}

/// A place in memory that may go to another thread.
struct Across<T>(*mut T);

// SAFETY: what it leads to is used by one thread at a time, or by calls that the format allows side by side.
unsafe impl<T> Send for Across<T> {}

impl ClapLibrary {
    /// Whether the factory makes a plugin of this id.
    pub fn makes(&self, id: &str) -> bool {
        let Ok(id) = CString::new(id) else {
            return false;
        };
        let Ok(info) = HostInfo::new("Undersong test host", "Undersong", "", "1") else {
            return false;
        };
        PluginInstance::<super::Handlers>::new(
            |()| super::Shared(std::sync::Arc::default()),
            |shared: &super::Shared| super::handlers::Main(std::sync::Arc::clone(&shared.0)),
            &self.entry,
            &id,
            &info,
        )
        .is_ok()
    }
}

/// Texts of a descriptor, in CLAP's order.
///
/// # Safety
/// The descriptor is a plugin's, and lives.
unsafe fn texts(descriptor: &clap_plugin_descriptor) -> Vec<String> {
    let text = |at: *const c_char| {
        if at.is_null() {
            return String::new();
        }
        // SAFETY: a plugin's C string.
        let text = unsafe { CStr::from_ptr(at) };
        text.to_string_lossy().into_owned()
    };
    let mut all = vec![
        text(descriptor.id),
        text(descriptor.name),
        text(descriptor.vendor),
        text(descriptor.version),
    ];
    let mut feature = descriptor.features;
    // SAFETY: a list of C strings that ends with null.
    unsafe {
        while !feature.is_null() && !(*feature).is_null() {
            all.push(text(*feature));
            feature = feature.add(1);
        }
    }
    all
}

impl ClapHost {
    fn raw(&self) -> *const clap_plugin {
        self.instance.raw_instance()
    }

    /// Texts of the descriptor that the instance itself has: id, name, vendor, version, and the features.
    pub fn own_descriptor(&self) -> Vec<String> {
        // SAFETY: a live instance; its descriptor lives as long.
        unsafe { (*self.raw()).desc.as_ref().map(|found| texts(found)) }.unwrap_or_default()
    }

    /// Gives a block of silence with an event that sets or modulates a parameter, without a cookie, and a transport event in the middle.
    /// `false` if the plugin refuses the block.
    pub fn block_with_event(&mut self, event: LooseEvent) -> bool {
        const FRAMES: usize = 64;
        let header = |size: usize, space_id, type_| clap_event_header {
            size: size as u32,
            time: 0,
            space_id,
            type_,
            flags: 0,
        };
        let set = |space, id, value| clap_event_param_value {
            header: header(
                size_of::<clap_event_param_value>(),
                space,
                CLAP_EVENT_PARAM_VALUE,
            ),
            param_id: id,
            cookie: null_mut(),
            note_id: -1,
            port_index: -1,
            channel: -1,
            key: -1,
            value,
        };
        let modulate = |id, amount| clap_event_param_mod {
            header: header(size_of::<clap_event_param_mod>(), 0, CLAP_EVENT_PARAM_MOD),
            param_id: id,
            cookie: null_mut(),
            note_id: -1,
            port_index: -1,
            channel: -1,
            key: -1,
            amount,
        };
        let (value, modulation);
        let first: *const clap_event_header = match event {
            LooseEvent::Value {
                space,
                id,
                value: to,
            } => {
                value = set(space, id, to);
                (&raw const value).cast()
            }
            LooseEvent::Modulation { id, amount } => {
                modulation = modulate(id, amount);
                (&raw const modulation).cast()
            }
        };
        // SAFETY: plain numbers, for which all zeros are valid.
        let mut transport: clap_event_transport = unsafe { std::mem::zeroed() };
        transport.header = clap_event_header {
            size: size_of::<clap_event_transport>() as u32,
            time: 32,
            space_id: 0,
            type_: CLAP_EVENT_TRANSPORT,
            flags: 0,
        };
        let list: [*const clap_event_header; 2] = [first, (&raw const transport).cast()];
        let events = clap_input_events {
            ctx: (&raw const list).cast_mut().cast(),
            size: Some(size),
            get: Some(get),
        };
        let mut channels = [[0.0_f32; FRAMES]; 2];
        let mut pointers = channels.each_mut().map(|channel| channel.as_mut_ptr());
        let mut buffer = silent_buffer(&mut pointers, 0);
        let input = silent_buffer(&mut pointers, 0);
        // SAFETY: everything that the block leads to lives during the call.
        unsafe {
            call(
                self.raw(),
                FRAMES as u32,
                &raw const input,
                &raw mut buffer,
                &raw const events,
            )
        }
    }

    /// Plays silence that is said to be silent, or another constant, in each combination of two channels. `false` if the plugin then says of a
    /// channel that it is constant, and it is not.
    pub fn constant_masks_hold(&mut self) -> bool {
        const FRAMES: usize = 64;
        (0..4_u64).all(|mask| {
            let mut input = [[0.0_f32; FRAMES]; 2];
            for (index, channel) in input.iter_mut().enumerate() {
                if mask & 1 << index == 0 {
                    for (at, sample) in channel.iter_mut().enumerate() {
                        *sample = at as f32 / 64.0;
                    }
                }
            }
            let mut output = [[0.5_f32; FRAMES]; 2];
            let mut from = input.each_mut().map(|channel| channel.as_mut_ptr());
            let mut to = output.each_mut().map(|channel| channel.as_mut_ptr());
            let given = silent_buffer(&mut from, mask);
            let mut taken = silent_buffer(&mut to, 0);
            // SAFETY: everything that the block leads to lives during the call.
            let called = unsafe {
                call(
                    self.raw(),
                    FRAMES as u32,
                    &raw const given,
                    &raw mut taken,
                    null(),
                )
            };
            let constant = |channel: &[f32; FRAMES]| channel.iter().all(|s| *s == channel[0]);
            called
                && output.iter().enumerate().all(|(index, channel)| {
                    taken.constant_mask & 1 << index == 0 || constant(channel)
                })
        })
    }

    /// Plays this block so many times on a thread of its own, while `main` is called over and over on this one. `false` if the sound that
    /// came out was another.
    pub fn beside(
        &mut self,
        block: &[f32],
        times: usize,
        main: &mut dyn FnMut(&mut dyn PluginHost),
    ) -> bool {
        let plugin = Across(self.raw().cast_mut());
        std::thread::scope(|scope| {
            let audio = scope.spawn(move || {
                let plugin = plugin;
                let plugin = plugin.0.cast_const();
                let mut input = [block.to_vec(), block.to_vec()];
                let mut output = input.clone();
                (0..times).all(|_| {
                    output.iter_mut().for_each(|channel| channel.fill(0.5));
                    let mut from = input.each_mut().map(|channel| channel.as_mut_ptr());
                    let mut to = output.each_mut().map(|channel| channel.as_mut_ptr());
                    let given = silent_buffer(&mut from, 0);
                    let mut taken = silent_buffer(&mut to, 0);
                    // SAFETY: everything that the block leads to lives during the call; no other thread plays meanwhile.
                    let called = unsafe {
                        call(
                            plugin,
                            block.len() as u32,
                            &raw const given,
                            &raw mut taken,
                            null(),
                        )
                    };
                    called && output == input
                })
            });
            while !audio.is_finished() {
                main(self);
            }
            audio.join().unwrap_or(false)
        })
    }
}

fn silent_buffer(channels: &mut [*mut f32; 2], constant_mask: u64) -> clap_audio_buffer {
    clap_audio_buffer {
        data32: channels.as_mut_ptr(),
        data64: null_mut(),
        channel_count: 2,
        latency: 0,
        constant_mask,
    }
}

/// A block, without a transport, whose events out go nowhere.
///
/// # Safety
/// The plugin is a live instance's table, active and processing; the buffers have as many samples as said.
unsafe fn call(
    plugin: *const clap_plugin,
    frames: u32,
    input: *const clap_audio_buffer,
    output: *mut clap_audio_buffer,
    events: *const clap_input_events,
) -> bool {
    let empty = clap_input_events {
        ctx: null_mut(),
        size: Some(no_size),
        get: Some(get),
    };
    let out = clap_output_events {
        ctx: null_mut(),
        try_push: Some(take_nothing),
    };
    let process = clap_process {
        steady_time: -1,
        frames_count: frames,
        transport: null(),
        audio_inputs: input,
        audio_outputs: output,
        audio_inputs_count: 1,
        audio_outputs_count: 1,
        in_events: if events.is_null() {
            &raw const empty
        } else {
            events
        },
        out_events: &raw const out,
    };
    // SAFETY: as the caller says.
    unsafe {
        (*plugin)
            .process
            .is_some_and(|call| call(plugin, &raw const process) > 0)
    }
}

unsafe extern "C" fn size(_list: *const clap_input_events) -> u32 {
    2
}

unsafe extern "C" fn no_size(_list: *const clap_input_events) -> u32 {
    0
}

unsafe extern "C" fn get(list: *const clap_input_events, index: u32) -> *const clap_event_header {
    if index > 1 {
        return null();
    }
    // SAFETY: the list of `block_with_event`, which has two.
    unsafe {
        let events = (*list).ctx.cast::<*const clap_event_header>();
        if events.is_null() {
            null()
        } else {
            *events.add(index as usize)
        }
    }
}

unsafe extern "C" fn take_nothing(
    _list: *const clap_output_events,
    _event: *const clap_event_header,
) -> bool {
    false
}
