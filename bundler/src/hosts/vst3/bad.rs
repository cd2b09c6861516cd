//! Calls that no host should make, and some do.

use super::Vst3Host;
use super::block::bus;
use crate::hosts::sound::careless_pointers;
use std::ptr::null_mut;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;

/// A block as a careless host may give it: no lists, no context, any channel missing.
#[derive(Debug)]
pub struct RawBlock<'a> {
    /// Samples that the host says there are; no more than each channel has.
    pub frames: i32,
    /// Input channels; `None` is a null pointer.
    pub input: &'a mut [Option<&'a mut [f32]>],
    /// Output channels; `None` is a null pointer.
    pub output: &'a mut [Option<&'a mut [f32]>],
}

impl Vst3Host {
    /// Gives the plugin a block past every check of this host, whether it is active or not. `false` if the block is shorter than said,
    /// and then nothing was done.
    pub fn raw_block(&mut self, block: RawBlock<'_>) -> bool {
        let frames = usize::try_from(block.frames).unwrap_or(0);
        let (Some(mut inputs), Some(mut outputs)) = (
            careless_pointers(block.input, frames),
            careless_pointers(block.output, frames),
        ) else {
            return false;
        };
        let (mut input, mut output) = (bus(&mut inputs), bus(&mut outputs));
        let mut data = ProcessData {
            processMode: self.mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            numSamples: block.frames,
            numInputs: 1,
            numOutputs: 1,
            inputs: &raw mut input,
            outputs: &raw mut output,
            inputParameterChanges: null_mut(),
            outputParameterChanges: null_mut(),
            inputEvents: null_mut(),
            outputEvents: null_mut(),
            processContext: null_mut(),
        };
        // SAFETY: what is given is less than the format asks for, which is the point; every pointer that is not null leads to as many
        // samples as said.
        unsafe {
            self.processor.process(&raw mut data);
        }
        true
    }

    /// Null where the format has objects: blocks, streams, places to write to.
    pub fn null_calls(&mut self) {
        // SAFETY: null is what is tried; a plugin that reads from it is wrong.
        unsafe {
            self.processor.process(null_mut());
            self.processor.setupProcessing(null_mut());
            self.component.setState(null_mut());
            self.component.getState(null_mut());
            self.controller.getParameterInfo(-1, null_mut());
            self.controller.getParameterInfo(0, null_mut());
            self.controller.getParamNormalized(0xDEAD_BEEF);
            self.controller.setParamNormalized(0xDEAD_BEEF, 0.5);
        }
    }

    /// Whether the plugin accepts a setup that makes no sense.
    pub fn takes_setup(&mut self, sample_rate_hz: f64, max_frames: i32) -> bool {
        let mut setup = ProcessSetup {
            processMode: self.mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            maxSamplesPerBlock: max_frames,
            sampleRate: sample_rate_hz,
        };
        // SAFETY: a setup that lives during the call.
        unsafe { self.processor.setupProcessing(&raw mut setup) == kResultOk }
    }
}
