//! A block in a CLAP host: sound through, changes in, events out.

use super::instance::Instance;
use crate::audio::Port;
use crate::edits::UserEdit;
use crate::guard::guard;
use crate::midi::MidiMessage;
use crate::params::{Lane, lane_host_id};
use crate::process::{Event, Outgoing, Transport};
use clap_sys::audio_buffer::clap_audio_buffer;
use clap_sys::events::*;
use clap_sys::fixedpoint::CLAP_SECTIME_FACTOR;
use clap_sys::plugin::clap_plugin;
use clap_sys::process::{
    CLAP_PROCESS_CONTINUE, CLAP_PROCESS_ERROR, clap_process, clap_process_status,
};
use std::ptr::null_mut;
use std::sync::atomic::Ordering;

pub(super) unsafe extern "C" fn process(
    plugin: *const clap_plugin,
    process: *const clap_process,
) -> clap_process_status {
    // SAFETY: a host gives a block that lives during the call, or null.
    let Some(process) = (unsafe { process.as_ref() }) else {
        return CLAP_PROCESS_ERROR;
    };
    // SAFETY: as above.
    unsafe { pass(process) };
    guard((), || {
        // SAFETY: a host passes what `create_plugin` gave it, and a block that lives during the call.
        unsafe {
            if let Some(instance) = Instance::of(plugin) {
                listen(instance, process);
            }
        }
    });
    // What is heard goes on after the sound has ended, so the host is not to put us to sleep.
    CLAP_PROCESS_CONTINUE
}

/// The sound, port for port.
///
/// # Safety
/// The block is a host's, and lives.
unsafe fn pass(process: &clap_process) {
    let frames = process.frames_count as usize;
    for index in 0..process.audio_outputs_count as usize {
        if process.audio_outputs.is_null() || frames == 0 {
            return;
        }
        // SAFETY: there are as many buffers as said; each is a host's.
        unsafe {
            let output = &mut *process.audio_outputs.add(index);
            let input = input(process, index);
            Port::new(output.data32.cast_const(), output.channel_count as usize).receive(
                &input.map_or(Port::none(), |input| {
                    Port::new(input.data32.cast_const(), input.channel_count as usize)
                }),
                frames,
            );
            Port::new(output.data64.cast_const(), output.channel_count as usize).receive(
                &input.map_or(Port::none(), |input| {
                    Port::new(input.data64.cast_const(), input.channel_count as usize)
                }),
                frames,
            );
            output.constant_mask = match input {
                Some(input) if input.channel_count >= output.channel_count => input.constant_mask,
                _ => 0,
            };
        }
    }
}

/// The host's input buffers at this port.
///
/// # Safety
/// As [`pass`].
unsafe fn input(process: &clap_process, index: usize) -> Option<&clap_audio_buffer> {
    if process.audio_inputs.is_null() || index >= process.audio_inputs_count as usize {
        return None;
    }
    // SAFETY: there are as many buffers as said.
    unsafe { process.audio_inputs.add(index).as_ref() }
}

/// Takes what the host says, listens, and sends what is due.
///
/// # Safety
/// As [`pass`].
unsafe fn listen(instance: &Instance, process: &clap_process) {
    // SAFETY: a host's lists live during the call.
    let (input_events, output_events) =
        unsafe { (process.in_events.as_ref(), process.out_events.as_ref()) };
    // SAFETY: as above.
    unsafe {
        take_changes(instance, input_events);
        send_user_edits(instance, output_events);
    }
    let frames = process.frames_count as usize;
    if frames == 0 || !instance.active.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: the input's buffers are a host's; it was passed on already, and nothing writes to it now.
    let (channels, transport) = unsafe {
        (
            input(process, 0).map_or(Port::none(), |input| {
                Port::new(input.data32.cast_const(), input.channel_count as usize)
            }),
            process.transport.as_ref(),
        )
    };
    let transport = Transport {
        offline: instance.shared.offline.load(Ordering::Acquire),
        ..read_transport(transport)
    };
    let Some(mut processor) = instance.shared.try_processor() else {
        return;
    };
    // SAFETY: as above.
    let events = unsafe {
        channels.with_channels(frames, |channels| {
            processor.block(&instance.shared, channels, frames, transport)
        })
    };
    if let Some(list) = output_events {
        for event in events {
            send(list, event);
        }
    }
}

/// Where and whether the host plays.
fn read_transport(transport: Option<&clap_event_transport>) -> Transport {
    let Some(transport) = transport else {
        return Transport::default();
    };
    let seconds = (transport.flags & CLAP_TRANSPORT_HAS_SECONDS_TIMELINE != 0)
        .then(|| transport.song_pos_seconds as f64 / CLAP_SECTIME_FACTOR as f64);
    Transport {
        playing: Some(transport.flags & CLAP_TRANSPORT_IS_PLAYING != 0),
        position_seconds: seconds,
        offline: false,
    }
}

/// Sets parameters as the host says. They hold for the whole block: nothing that is set changes the sound.
///
/// Real-time safe: yes.
///
/// # Safety
/// The list is a host's, and lives.
pub(super) unsafe fn take_changes(instance: &Instance, list: Option<&clap_input_events>) {
    let Some(list) = list else {
        return;
    };
    let (Some(size), Some(get)) = (list.size, list.get) else {
        return;
    };
    let table = &instance.shared.table;
    // SAFETY: the functions are the host's; an event is as long as its type and size say.
    unsafe {
        for index in 0..size(list) {
            let event = get(list, index);
            let Some(header) = event.as_ref() else {
                continue;
            };
            if header.space_id != CLAP_CORE_EVENT_SPACE_ID {
                continue;
            }
            match header.type_ {
                CLAP_EVENT_PARAM_VALUE if fits::<clap_event_param_value>(header) => {
                    let event = &*event.cast::<clap_event_param_value>();
                    table.set_clap(event.param_id, event.value);
                }
                CLAP_EVENT_PARAM_MOD if fits::<clap_event_param_mod>(header) => {
                    let event = &*event.cast::<clap_event_param_mod>();
                    table.modulate_clap(event.param_id, event.amount);
                }
                _ => {}
            }
        }
    }
}

/// Tells the host what the user has changed in the editor. Real-time safe: yes.
///
/// # Safety
/// The list is a host's, and lives.
pub(super) unsafe fn send_user_edits(instance: &Instance, list: Option<&clap_output_events>) {
    let Some(list) = list else {
        return;
    };
    let edits = &instance.shared.user_edits;
    while let Some(edit) = edits.next() {
        match edit {
            UserEdit::Begin { host_id } => push(
                list,
                &gesture(
                    CLAP_EVENT_PARAM_GESTURE_BEGIN,
                    host_id,
                    0,
                    CLAP_EVENT_IS_LIVE,
                ),
            ),
            UserEdit::Set {
                host_id,
                clap_value,
                ..
            } => push(list, &value(host_id, clap_value, 0, CLAP_EVENT_IS_LIVE)),
            UserEdit::End { host_id } => push(
                list,
                &gesture(CLAP_EVENT_PARAM_GESTURE_END, host_id, 0, CLAP_EVENT_IS_LIVE),
            ),
        }
    }
}

/// Hands an event to the host.
fn send(list: &clap_output_events, event: &Event) {
    let at = event.offset_samples;
    match event.what {
        Outgoing::GestureBegin(lane) => push(
            list,
            &gesture(CLAP_EVENT_PARAM_GESTURE_BEGIN, lane_host_id(lane), at, 0),
        ),
        Outgoing::Value(lane, normalised) => {
            push(
                list,
                &value(lane_host_id(lane), clap_value(lane, normalised), at, 0),
            );
        }
        Outgoing::GestureEnd(lane) => push(
            list,
            &gesture(CLAP_EVENT_PARAM_GESTURE_END, lane_host_id(lane), at, 0),
        ),
        Outgoing::Midi(message) => match message {
            MidiMessage::Controller { .. } => push(
                list,
                &clap_event_midi {
                    header: header::<clap_event_midi>(CLAP_EVENT_MIDI, at, 0),
                    port_index: 0,
                    data: message.bytes(),
                },
            ),
            MidiMessage::NoteOn {
                channel,
                key,
                velocity,
            } => push(
                list,
                &note(
                    CLAP_EVENT_NOTE_ON,
                    channel,
                    key,
                    f64::from(velocity) / 127.0,
                    at,
                ),
            ),
            MidiMessage::NoteOff { channel, key } => {
                push(list, &note(CLAP_EVENT_NOTE_OFF, channel, key, 0.0, at));
            }
        },
    }
}

fn clap_value(lane: Lane, normalised: f32) -> f64 {
    let value = f64::from(normalised) * f64::from(lane.steps());
    // Lanes of more than one step, and speech, are counted in whole steps.
    if matches!(lane, Lane::Speech | Lane::Leading) {
        value.round()
    } else {
        value
    }
}

fn fits<T>(header: &clap_event_header) -> bool {
    header.size as usize >= size_of::<T>()
}

fn header<T>(type_: clap_event_type, time: u32, flags: clap_event_flags) -> clap_event_header {
    clap_event_header {
        size: size_of::<T>() as u32,
        time,
        space_id: CLAP_CORE_EVENT_SPACE_ID,
        type_,
        flags,
    }
}

fn gesture(
    type_: clap_event_type,
    param_id: u32,
    time: u32,
    flags: clap_event_flags,
) -> clap_event_param_gesture {
    clap_event_param_gesture {
        header: header::<clap_event_param_gesture>(type_, time, flags),
        param_id,
    }
}

fn value(param_id: u32, value: f64, time: u32, flags: clap_event_flags) -> clap_event_param_value {
    clap_event_param_value {
        header: header::<clap_event_param_value>(CLAP_EVENT_PARAM_VALUE, time, flags),
        param_id,
        cookie: null_mut(),
        note_id: -1,
        port_index: -1,
        channel: -1,
        key: -1,
        value,
    }
}

fn note(type_: clap_event_type, channel: u8, key: u8, velocity: f64, time: u32) -> clap_event_note {
    clap_event_note {
        header: header::<clap_event_note>(type_, time, 0),
        note_id: -1,
        port_index: 0,
        channel: channel.into(),
        key: key.into(),
        velocity,
    }
}

/// Events of CLAP that begin with a header. Only these may be pushed.
trait ClapEvent {}
impl ClapEvent for clap_event_param_gesture {}
impl ClapEvent for clap_event_param_value {}
impl ClapEvent for clap_event_midi {}
impl ClapEvent for clap_event_note {}

fn push<E: ClapEvent>(list: &clap_output_events, event: &E) {
    if let Some(try_push) = list.try_push {
        // SAFETY: the list is a host's and lives; every `ClapEvent` begins with a header that has its size. A full list drops the
        // event; a later one says the same or newer.
        unsafe {
            try_push(list, std::ptr::from_ref(event).cast());
        }
    }
}
