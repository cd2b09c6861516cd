//! A block in a VST3 host: sound through, changes in, events out.

use super::class::{UndersongVst3, forward};
use crate::audio::Port;
use crate::guard::guard;
use crate::midi::MidiMessage;
use crate::params::lane_host_id;
use crate::process::{Event as OurEvent, Outgoing, Transport};
use std::sync::atomic::Ordering;
use vst3::ComRef;
use vst3::Steinberg::Vst::Event_::EventTypes_;
use vst3::Steinberg::Vst::ProcessContext_::StatesAndFlags_;
use vst3::Steinberg::Vst::*;
use vst3::Steinberg::*;

impl IAudioProcessorTrait for UndersongVst3 {
    forward! {
        IAudioProcessorTrait::getBusArrangement(direction: BusDirection, index: int32,
            arrangement: *mut SpeakerArrangement) -> tresult, else kInternalError;
        IAudioProcessorTrait::canProcessSampleSize(size: int32) -> tresult, else kInternalError;
    }

    unsafe fn setBusArrangements(
        &self,
        inputs: *mut SpeakerArrangement,
        input_count: int32,
        outputs: *mut SpeakerArrangement,
        output_count: int32,
    ) -> tresult {
        guard(kInternalError, || {
            // nice-plug reads the first arrangement also where there is none.
            if input_count != 1 || output_count != 1 {
                return kResultFalse;
            }
            // SAFETY: the same call with the same arguments.
            unsafe {
                self.inner
                    .setBusArrangements(inputs, input_count, outputs, output_count)
            }
        })
    }

    unsafe fn getLatencySamples(&self) -> uint32 {
        0
    }

    unsafe fn getTailSamples(&self) -> uint32 {
        0
    }

    unsafe fn setupProcessing(&self, setup: *mut ProcessSetup) -> tresult {
        guard(kInternalError, || {
            // SAFETY: a host's, or null.
            let Some(given) = (unsafe { setup.as_ref() }) else {
                return kInvalidArgument;
            };
            if !(given.sampleRate.is_finite() && given.sampleRate > 0.0) {
                return kInvalidArgument;
            }
            self.shared
                .offline
                .store(waits(given.processMode), Ordering::Release);
            // SAFETY: the same call with the same arguments.
            unsafe { self.inner.setupProcessing(setup) }
        })
    }

    unsafe fn setProcessing(&self, state: TBool) -> tresult {
        guard(kInternalError, || {
            // nice-plug is not told: it would take it that values from its editor come back by way of its own blocks.
            if state != 0
                && let Some(mut processor) = self.shared.try_processor()
            {
                processor.reset();
            }
            kResultOk
        })
    }

    unsafe fn process(&self, data: *mut ProcessData) -> tresult {
        // SAFETY: a host gives a block that lives during the call, or null.
        let Some(data) = (unsafe { data.as_ref() }) else {
            return kInvalidArgument;
        };
        // SAFETY: as above.
        guard((), || unsafe {
            pass(data);
        });
        // SAFETY: as above.
        guard((), || unsafe { self.listen(data) });
        kResultOk
    }
}

/// Whether a block in this mode waits for what is heard in it.
#[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
fn waits(mode: int32) -> bool {
    mode == ProcessModes_::kOffline as int32 || mode == ProcessModes_::kPrefetch as int32
}

fn count(number: int32) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// The sound, bus for bus.
///
/// # Safety
/// The block is a host's, and lives.
unsafe fn pass(data: &ProcessData) {
    let frames = count(data.numSamples);
    if data.outputs.is_null() || frames == 0 {
        return;
    }
    for index in 0..count(data.numOutputs) {
        // SAFETY: there are as many buses as said; each is a host's.
        unsafe {
            let output = &mut *data.outputs.add(index);
            let input = input(data, index);
            let channels = count(output.numChannels);
            #[allow(clippy::unnecessary_cast)] // the constant's type differs between systems
            if data.symbolicSampleSize == SymbolicSampleSizes_::kSample64 as int32 {
                Port::new(output.__field0.channelBuffers64.cast_const(), channels).receive(
                    &input.map_or(Port::none(), |input| {
                        let buffers = input.__field0.channelBuffers64;
                        Port::new(buffers.cast_const(), count(input.numChannels))
                    }),
                    frames,
                );
            } else {
                Port::new(output.__field0.channelBuffers32.cast_const(), channels)
                    .receive(&input.map_or(Port::none(), |input| port(input)), frames);
            }
            output.silenceFlags = match input {
                Some(input) if input.numChannels >= output.numChannels => input.silenceFlags,
                _ => 0,
            };
        }
    }
}

/// The host's input buffers of this bus.
///
/// # Safety
/// As [`pass`].
unsafe fn input(data: &ProcessData, index: usize) -> Option<&AudioBusBuffers> {
    if data.inputs.is_null() || index >= count(data.numInputs) {
        return None;
    }
    // SAFETY: there are as many buses as said.
    unsafe { data.inputs.add(index).as_ref() }
}

/// Its channels of 32-bit samples.
///
/// # Safety
/// As [`pass`].
unsafe fn port(bus: &AudioBusBuffers) -> Port<f32> {
    // SAFETY: both arms of the union are pointers; there are as many channels as said.
    unsafe {
        Port::new(
            bus.__field0.channelBuffers32.cast_const(),
            count(bus.numChannels),
        )
    }
}

impl UndersongVst3 {
    /// Takes what the host says, listens, and sends what is due.
    ///
    /// # Safety
    /// As [`pass`].
    unsafe fn listen(&self, data: &ProcessData) {
        // SAFETY: a host's lists live during the call.
        unsafe {
            if let Some(changes) = ComRef::from_raw(data.inputParameterChanges) {
                self.take_changes(changes);
            }
        }
        let frames = count(data.numSamples);
        #[allow(clippy::unnecessary_cast)] // the constant's type differs between systems
        let can_hear = data.symbolicSampleSize == SymbolicSampleSizes_::kSample32 as int32;
        if frames == 0 || !can_hear || !self.active.load(Ordering::Acquire) {
            return;
        }
        let Some(mut processor) = self.shared.try_processor() else {
            return;
        };
        // SAFETY: the block is a host's; the input was passed on already, and nothing writes to it now.
        unsafe {
            let transport = Transport {
                offline: waits(data.processMode),
                ..read_transport(data.processContext.as_ref())
            };
            let channels = input(data, 0).map_or(Port::none(), |input| port(input));
            let events = channels.with_channels(frames, |channels| {
                processor.block(&self.shared, channels, frames, transport)
            });
            let changes = ComRef::from_raw(data.outputParameterChanges);
            let list = ComRef::from_raw(data.outputEvents);
            for event in events {
                self.send(event, changes, list);
            }
        }
    }

    /// Sets parameters as the host says, to the last value in the block: nothing that is set changes the sound.
    ///
    /// # Safety
    /// The list is a host's, and lives.
    unsafe fn take_changes(&self, changes: ComRef<'_, IParameterChanges>) {
        // SAFETY: as the caller says.
        unsafe {
            for index in 0..changes.getParameterCount() {
                let Some(queue) = ComRef::from_raw(changes.getParameterData(index)) else {
                    continue;
                };
                let (mut offset, mut value) = (0, 0.0);
                let last = queue.getPointCount() - 1;
                if last >= 0 && queue.getPoint(last, &raw mut offset, &raw mut value) == kResultOk {
                    self.shared.table.set(queue.getParameterId(), value);
                }
            }
        }
    }

    /// Hands an event to the host. What it does not take (no list, full list) is dropped; a later one says the same or newer.
    ///
    /// # Safety
    /// The lists are a host's, and live.
    unsafe fn send(
        &self,
        event: &OurEvent,
        changes: Option<ComRef<'_, IParameterChanges>>,
        list: Option<ComRef<'_, IEventList>>,
    ) {
        let offset = int32::try_from(event.offset_samples).unwrap_or(0);
        let edits = &self.shared.edits;
        match event.what {
            Outgoing::GestureBegin(lane) => edits.begin(lane),
            Outgoing::GestureEnd(lane) => edits.end(lane),
            Outgoing::Value(lane, value) => {
                edits.value(lane, value);
                let id = lane_host_id(lane);
                let mut index = 0;
                // SAFETY: as the caller says.
                unsafe {
                    let queue = changes.map_or(std::ptr::null_mut(), |changes| {
                        changes.addParameterData(&raw const id, &raw mut index)
                    });
                    if let Some(queue) = ComRef::from_raw(queue) {
                        queue.addPoint(offset, value.into(), &raw mut index);
                    }
                }
            }
            Outgoing::Midi(message) => {
                if let Some(list) = list {
                    let mut event = midi(message, offset);
                    // SAFETY: as the caller says.
                    unsafe {
                        list.addEvent(&raw mut event);
                    }
                }
            }
        }
    }
}

/// Where and whether the host plays.
#[allow(clippy::unnecessary_cast)] // the constants' type differs between systems
fn read_transport(context: Option<&ProcessContext>) -> Transport {
    let Some(context) = context else {
        return Transport::default();
    };
    Transport {
        playing: Some(context.state & StatesAndFlags_::kPlaying as u32 != 0),
        position_seconds: (context.sampleRate > 0.0)
            .then(|| context.projectTimeSamples as f64 / context.sampleRate),
        offline: false,
    }
}

fn midi(message: MidiMessage, offset: int32) -> Event {
    // SAFETY: an event is plain numbers and pointers, for which all zeros are valid.
    let mut event: Event = unsafe { std::mem::zeroed() };
    event.sampleOffset = offset;
    match message {
        MidiMessage::Controller {
            channel,
            controller,
            value,
        } => {
            event.r#type = EventTypes_::kLegacyMIDICCOutEvent as u16;
            event.__field0.midiCCOut = LegacyMIDICCOutEvent {
                controlNumber: controller,
                channel: channel as _,
                value: value as _,
                value2: 0,
            };
        }
        MidiMessage::NoteOn {
            channel,
            key,
            velocity,
        } => {
            event.r#type = EventTypes_::kNoteOnEvent as u16;
            event.__field0.noteOn = NoteOnEvent {
                channel: channel.into(),
                pitch: key.into(),
                tuning: 0.0,
                velocity: f32::from(velocity) / 127.0,
                length: 0,
                noteId: -1,
            };
        }
        MidiMessage::NoteOff { channel, key } => {
            event.r#type = EventTypes_::kNoteOffEvent as u16;
            event.__field0.noteOff = NoteOffEvent {
                channel: channel.into(),
                pitch: key.into(),
                velocity: 0.0,
                noteId: -1,
                tuning: 0.0,
            };
        }
    }
    event
}
