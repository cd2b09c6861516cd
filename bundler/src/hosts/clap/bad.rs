//! Calls that no host should make, and some do.

#![allow(unsafe_code)]

use super::ClapHost;
use crate::hosts::sound::careless_pointers;
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::plugin::clap_plugin;
use clap_sys::process::clap_process;
use std::ptr::{null, null_mut};

/// A block as a careless host may give it: no event lists, no transport, any channel missing.
#[derive(Debug)]
pub struct Raw<'a> {
    /// Samples that the host says there are; no more than each channel has.
    pub frames: u32,
    /// Input channels; `None` is a null pointer.
    pub input: &'a mut [Option<&'a mut [f32]>],
    /// Output channels; `None` is a null pointer.
    pub output: &'a mut [Option<&'a mut [f32]>],
}

impl ClapHost {
    fn table(&self) -> *const clap_plugin {
        self.instance.raw_instance()
    }

    /// Gives the plugin a block past every check of this host, whether it is active or not. `false` if the block is shorter than said,
    /// and then nothing was done.
    pub fn raw_block(&mut self, block: Raw<'_>) -> bool {
        let frames = block.frames as usize;
        let (Some(mut inputs), Some(mut outputs)) = (
            careless_pointers(block.input, frames),
            careless_pointers(block.output, frames),
        ) else {
            return false;
        };
        let buffer = |channels: &mut Vec<*mut f32>| clap_audio_buffer {
            data32: channels.as_mut_ptr(),
            data64: null_mut(),
            channel_count: channels.len() as u32,
            latency: 0,
            constant_mask: 0,
        };
        let (audio_inputs, mut audio_outputs) = (buffer(&mut inputs), buffer(&mut outputs));
        let process = clap_process {
            steady_time: -1,
            frames_count: block.frames,
            transport: null(),
            audio_inputs: &raw const audio_inputs,
            audio_outputs: &raw mut audio_outputs,
            audio_inputs_count: 1,
            audio_outputs_count: 1,
            in_events: null(),
            out_events: null(),
        };
        let table = self.table();
        // SAFETY: the table is a live instance's. What is given is less than the format asks for, which is the point; every pointer that
        // is not null leads to as many samples as said.
        unsafe {
            if let Some(call) = (*table).process {
                call(table, &raw const process);
            }
        }
        true
    }

    /// Calls `process` with no block at all.
    pub fn null_block(&mut self) {
        let table = self.table();
        // SAFETY: as above; null is what is tried.
        unsafe {
            if let Some(call) = (*table).process {
                call(table, null());
            }
        }
    }

    /// Activates as a host must not: at any rate, with any number of samples.
    pub fn raw_activate(&mut self, sample_rate_hz: f64, min_frames: u32, max_frames: u32) -> bool {
        let table = self.table();
        // SAFETY: the table is a live instance's, and inactive.
        let active = unsafe {
            (*table)
                .activate
                .is_some_and(|call| call(table, sample_rate_hz, min_frames, max_frames))
        };
        if active {
            // SAFETY: as above, and it is active.
            unsafe {
                if let Some(call) = (*table).deactivate {
                    call(table);
                }
            }
        }
        active
    }
}
