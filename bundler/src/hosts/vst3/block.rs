//! Blocks of sound, with changes in and what the plugin sends out.

use super::Vst3Host;
use crate::hosts::{Change, HostError, Playhead, Sent, What, watch};
use std::ptr::null_mut;
use vst3::ComWrapper;
use vst3::Steinberg::Vst::Event_::EventTypes_;
use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;

pub(super) fn bus(channels: &mut [*mut f32]) -> AudioBusBuffers {
    AudioBusBuffers {
        numChannels: channels.len() as int32,
        silenceFlags: 0,
        __field0: AudioBusBuffers__type0 {
            channelBuffers32: channels.as_mut_ptr(),
        },
    }
}

fn raw<C: vst3::Class, I: vst3::Interface>(object: &ComWrapper<C>) -> *mut I {
    object
        .as_com_ref::<I>()
        .map_or(null_mut(), |object| object.as_ptr())
}

impl Vst3Host {
    /// Plays a block through the plugin and gives back what it sent, in time order. The sound that came out is [`output`](Self::output).
    ///
    /// # Errors
    /// If the plugin is not active or refuses the block, or the sound has another shape than was announced.
    pub fn block(
        &mut self,
        input: &[&[f32]],
        changes: &[Change],
        playhead: Option<Playhead>,
    ) -> Result<&[Sent], HostError> {
        if !self.active {
            return Err(HostError::Missing {
                what: "activation: call `activate` first",
            });
        }
        self.sound.take(input)?;
        self.values_in.clear();
        self.values_out.clear();
        self.events_out.clear();
        for change in changes {
            let at = int32::try_from(change.at).unwrap_or(int32::MAX);
            self.values_in.add(change.id, at, change.value);
        }
        let mut inputs: Vec<_> = self.sound.input.iter_mut().map(Vec::as_mut_ptr).collect();
        let mut outputs: Vec<_> = self.sound.output.iter_mut().map(Vec::as_mut_ptr).collect();
        let (mut input_bus, mut output_bus) = (bus(&mut inputs), bus(&mut outputs));
        let mut context = playhead.map(|playhead| self.context(playhead));
        let frames = self.sound.frames;
        let mut data = ProcessData {
            processMode: self.mode,
            symbolicSampleSize: SymbolicSampleSizes_::kSample32 as int32,
            numSamples: frames as int32,
            numInputs: 1,
            numOutputs: 1,
            inputs: &raw mut input_bus,
            outputs: &raw mut output_bus,
            inputParameterChanges: raw(&self.values_in),
            outputParameterChanges: raw(&self.values_out),
            inputEvents: raw(&self.events_in),
            outputEvents: raw(&self.events_out),
            processContext: context
                .as_mut()
                .map_or(null_mut(), |context| &raw mut *context),
        };
        let processor = &self.processor;
        let (result, deeds) = watch::during(|| {
            // SAFETY: everything that the block leads to is the host's own, lives, and is as long as said.
            unsafe { processor.process(&raw mut data) }
        });
        if result != kResultOk {
            return Err(HostError::Refused { call: "process" });
        }
        self.clock += frames as u64;
        self.collect();
        let waits = self.mode != ProcessModes_::kRealtime as int32;
        self.judge.look(frames as u32, &self.sent, deeds, waits);
        Ok(&self.sent)
    }

    /// The sound that came out of the last block.
    pub fn output(&self, channel: usize) -> &[f32] {
        let channel = self
            .sound
            .output
            .get(channel)
            .map_or(&[][..], Vec::as_slice);
        channel.get(..self.sound.frames).unwrap_or_default()
    }

    /// Puts values and events, which come in lists of their own, in one order; each list must have been in order itself.
    fn collect(&mut self) {
        self.sent.clear();
        let (sent, judge) = (&mut self.sent, &mut self.judge);
        let mut add = |last: &mut int32, at: int32, what: What| {
            if at < *last {
                judge.fault(format!(
                    "{what:?} at sample {at} comes after one at {last}: each list must be in time order"
                ));
            }
            *last = at;
            sent.push(Sent {
                // Before the block is as wrong as after it.
                at: u32::try_from(at).unwrap_or(u32::MAX),
                what,
            });
        };
        self.values_out.each(|id, points| {
            let mut last = 0;
            for &(at, value) in points {
                add(&mut last, at, What::Value { id, value });
            }
        });
        let mut last = 0;
        self.events_out
            .each(|event| add(&mut last, event.sampleOffset, read(event)));
        self.sent.sort_by_key(|sent| sent.at);
    }

    fn context(&self, playhead: Playhead) -> ProcessContext {
        // SAFETY: plain numbers, for which all zeros are valid.
        let mut context: ProcessContext = unsafe { std::mem::zeroed() };
        context.state = StatesAndFlags_::kContTimeValid as uint32;
        if playhead.playing {
            context.state |= StatesAndFlags_::kPlaying as uint32;
        }
        context.sampleRate = self.sample_rate_hz;
        context.projectTimeSamples = playhead.position as TSamples;
        context.continousTimeSamples = self.clock as TSamples;
        context
    }
}

/// An event as the MIDI message that a host makes of it.
#[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
fn read(event: &Event) -> What {
    const NONE: [u8; 3] = [0, u8::MAX, u8::MAX];
    let note = |status: u8, channel: int16, key: int16, velocity: f32| match (
        u8::try_from(channel),
        u8::try_from(key),
    ) {
        (Ok(channel @ 0..=15), Ok(key @ 0..=127)) if (0.0..=1.0).contains(&velocity) => {
            [status | channel, key, (velocity * 127.0).round() as u8]
        }
        _ => NONE,
    };
    let kind = u32::from(event.r#type);
    // SAFETY: the type says which arm of the union is set.
    unsafe {
        if kind == EventTypes_::kNoteOnEvent as u32 {
            let on = event.__field0.noteOn;
            let bytes = note(0x90, on.channel, on.pitch, on.velocity);
            What::Midi { bytes }
        } else if kind == EventTypes_::kNoteOffEvent as u32 {
            let off = event.__field0.noteOff;
            let bytes = note(0x80, off.channel, off.pitch, off.velocity);
            What::Midi { bytes }
        } else if kind == EventTypes_::kLegacyMIDICCOutEvent as u32 {
            let cc = event.__field0.midiCCOut;
            let bytes = match cc.channel as u8 {
                channel @ 0..=15 => [0xB0 | channel, cc.controlNumber, cc.value as u8],
                _ => NONE,
            };
            What::Midi { bytes }
        } else {
            What::Other
        }
    }
}
