//! What Steinberg's validator asks of a VST3 plugin that a host which only plays does not see.

use super::Vst3Host;
use super::block::bus;
use crate::hosts::PluginHost;
use std::ptr::null_mut;
use vst3::ComPtr;
use vst3::Steinberg::Vst::ParameterInfo_::ParameterFlags_;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;

/// A counted object that may go to another thread.
struct Across<T: vst3::Interface>(ComPtr<T>);

// SAFETY: its calls are those that the format allows on the audio thread.
unsafe impl<T: vst3::Interface> Send for Across<T> {}

impl Vst3Host {
    /// What is wrong with buses, if anything: places that there are not must be refused, and arrangements have as many channels as said.
    #[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
    pub fn bus_fault(&mut self) -> Option<String> {
        let audio = MediaTypes_::kAudio as MediaType;
        for kind in [audio, MediaTypes_::kEvent as MediaType] {
            for direction in [
                BusDirections_::kInput as BusDirection,
                BusDirections_::kOutput as BusDirection,
            ] {
                // SAFETY: places to write to, of plain numbers; wrong indices are what is tried.
                unsafe {
                    let count = self.component.getBusCount(kind, direction);
                    let mut info: BusInfo = std::mem::zeroed();
                    for index in [-1, count, i32::MAX] {
                        if self
                            .component
                            .getBusInfo(kind, direction, index, &raw mut info)
                            == kResultOk
                        {
                            return Some(format!("there is no bus {index}, and it is described"));
                        }
                    }
                    for index in 0..count {
                        if self
                            .component
                            .getBusInfo(kind, direction, index, &raw mut info)
                            != kResultOk
                        {
                            return Some(format!("bus {index} is not described"));
                        }
                        let mut arrangement = 0;
                        if kind == audio
                            && (self.processor.getBusArrangement(
                                direction,
                                index,
                                &raw mut arrangement,
                            ) != kResultOk
                                || arrangement.count_ones() as i32 != info.channelCount)
                        {
                            return Some(format!(
                                "bus {index} has {} channels, and its arrangement {}",
                                info.channelCount,
                                arrangement.count_ones()
                            ));
                        }
                        for state in [1, 0, 1] {
                            if self.component.activateBus(kind, direction, index, state)
                                != kResultOk
                            {
                                return Some(format!("bus {index} is not switched"));
                            }
                        }
                    }
                }
            }
        }
        None
    }

    /// What is wrong with the flags, steps or units of parameters, if anything.
    pub fn parameter_fault(&mut self) -> Option<String> {
        let units = self.units();
        let mut bypasses = 0;
        // SAFETY: places to write to, of plain numbers; the count is the controller's.
        unsafe {
            for index in 0..self.controller.getParameterCount() {
                let mut info: ParameterInfo = std::mem::zeroed();
                if self.controller.getParameterInfo(index, &raw mut info) != kResultOk {
                    return Some(format!("parameter {index} is not described"));
                }
                let is = |flag: u32| info.flags as u32 & flag != 0;
                let automatable = is(ParameterFlags_::kCanAutomate as u32);
                if automatable && is(ParameterFlags_::kIsReadOnly as u32) {
                    return Some(format!("{}: automated and read-only", info.id));
                }
                if is(ParameterFlags_::kIsBypass as u32) {
                    bypasses += 1;
                    if !automatable || info.stepCount != 1 {
                        return Some(format!("{}: a bypass is an automated switch", info.id));
                    }
                }
                if info.id > i32::MAX as u32 || info.stepCount < 0 {
                    return Some(format!(
                        "{}: id or steps are below 0 as VST3 reads them",
                        info.id
                    ));
                }
                if info.unitId != 0 && !units.contains(&info.unitId) {
                    return Some(format!("{}: there is no unit {}", info.id, info.unitId));
                }
                // From 0 to 1 and back, as a host that shows plain values does.
                for value in [0.0, 0.25, 0.5, 1.0] {
                    let plain = self.controller.normalizedParamToPlain(info.id, value);
                    let back = self.controller.plainParamToNormalized(info.id, plain);
                    let steps = f64::from(info.stepCount.max(1));
                    let near = if info.stepCount > 0 {
                        0.5 / steps + 1e-6
                    } else {
                        // Some are shown in steps, a millisecond or a hundredth.
                        2e-3
                    };
                    if !(0.0..=1.0).contains(&back) || (back - value).abs() > near {
                        return Some(format!("{}: {value} becomes {plain} and {back}", info.id));
                    }
                }
            }
        }
        (bypasses != 1).then(|| format!("{bypasses} parameters are the bypass"))
    }

    /// The units' ids.
    fn units(&self) -> Vec<UnitID> {
        let Some(units) = self.controller.cast::<IUnitInfo>() else {
            return Vec::new();
        };
        // SAFETY: a place to write to, of plain numbers; the count is the controller's.
        unsafe {
            (0..units.getUnitCount())
                .filter_map(|index| {
                    let mut info: UnitInfo = std::mem::zeroed();
                    (units.getUnitInfo(index, &raw mut info) == kResultOk).then_some(info.id)
                })
                .collect()
        }
    }

    /// Ends the plugin, begins it anew, and begins it once more, which must be refused. `false` if it does otherwise.
    pub fn ends_and_begins_again(&mut self) -> bool {
        self.deactivate();
        let host = self._host.as_ptr();
        // SAFETY: calls of a live object, which is not active; the host outlives it.
        unsafe {
            let ended = self.component.terminate() == kResultOk;
            let begun = self.component.initialize(host) == kResultOk;
            let again = self.component.initialize(host) == kResultOk;
            if let Some(own) = self.handler.to_com_ptr::<IComponentHandler>() {
                self.controller.setComponentHandler(own.as_ptr());
            }
            ended && begun && !again
        }
    }

    /// Plays two channels with each combination of silence said. `false` if a block is refused, or a channel is said to be silent that is not.
    #[allow(clippy::unnecessary_cast)] // the constant's type differs between systems
    pub fn silence_flags_hold(&mut self) -> bool {
        const FRAMES: usize = 64;
        (0..4_u64).all(|flags| {
            let mut input = [[0.0_f32; FRAMES]; 2];
            for (index, channel) in input.iter_mut().enumerate() {
                if flags & 1 << index == 0 {
                    channel.fill(0.25);
                }
            }
            let mut output = [[0.5_f32; FRAMES]; 2];
            let mut from = input.each_mut().map(|channel| channel.as_mut_ptr());
            let mut to = output.each_mut().map(|channel| channel.as_mut_ptr());
            let (mut given, mut taken) = (bus(&mut from), bus(&mut to));
            given.silenceFlags = flags;
            // SAFETY: everything that the block leads to lives during the call.
            let played = unsafe { play(&self.processor, FRAMES, &raw mut given, &raw mut taken) };
            played
                && output.iter().enumerate().all(|(index, channel)| {
                    taken.silenceFlags & 1 << index == 0 || channel.iter().all(|s| *s == 0.0)
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
        let processor = Across(self.processor.clone());
        std::thread::scope(|scope| {
            let audio = scope.spawn(move || {
                let processor = processor;
                let mut input = [block.to_vec(), block.to_vec()];
                let mut output = input.clone();
                let right = (0..times).all(|_| {
                    output.iter_mut().for_each(|channel| channel.fill(0.5));
                    let mut from = input.each_mut().map(|channel| channel.as_mut_ptr());
                    let mut to = output.each_mut().map(|channel| channel.as_mut_ptr());
                    let (mut given, mut taken) = (bus(&mut from), bus(&mut to));
                    // SAFETY: everything that the block leads to lives during the call; no other thread plays meanwhile.
                    let played =
                        unsafe { play(&processor.0, block.len(), &raw mut given, &raw mut taken) };
                    played && output == input
                });
                // Let go of where it was counted up: the last reference is the host's.
                (right, processor)
            });
            while !audio.is_finished() {
                main(self);
            }
            audio.join().is_ok_and(|(right, _)| right)
        })
    }
}

/// A block without lists and context.
///
/// # Safety
/// The buses live, and have as many samples as said.
#[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
unsafe fn play(
    processor: &ComPtr<IAudioProcessor>,
    frames: usize,
    inputs: *mut AudioBusBuffers,
    outputs: *mut AudioBusBuffers,
) -> bool {
    let mut data = ProcessData {
        processMode: ProcessModes_::kRealtime as int32,
        symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
        numSamples: frames as int32,
        numInputs: 1,
        numOutputs: 1,
        inputs,
        outputs,
        inputParameterChanges: null_mut(),
        outputParameterChanges: null_mut(),
        inputEvents: null_mut(),
        outputEvents: null_mut(),
        processContext: null_mut(),
    };
    // SAFETY: as the caller says.
    unsafe { processor.process(&raw mut data) == kResultOk }
}
