//! Blocks of sound, with changes in and what the plugin sends out.

#![allow(unsafe_code)]

use super::ClapHost;
use crate::hosts::{Change, HostError, Playhead, Sent, What, watch};
use clack_host::events::event_types::{ParamValueEvent, TransportEvent, TransportFlags};
use clack_host::events::io::{InputEvents, OutputEventBuffer, TryPushError};
use clack_host::events::spaces::CoreEventSpace;
use clack_host::events::{EventFlags, EventHeader};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};
use clap_sys::audio_buffer::clap_audio_buffer;
use std::time::{Duration, Instant};

/// Events of one block that are kept; beyond that the list is full, as a host's may be.
const MOST_SENT: usize = 65_536;

/// Takes what the plugin sends. It never grows, so that the audio thread's memory is the plugin's alone.
pub(super) struct Recorder(pub(super) Vec<Sent>);

impl Recorder {
    pub(super) fn new() -> Self {
        Self(Vec::with_capacity(MOST_SENT))
    }
}

impl OutputEventBuffer for Recorder {
    fn try_push(&mut self, event: &UnknownEvent) -> Result<(), TryPushError> {
        if self.0.len() == self.0.capacity() {
            return Err(TryPushError::new());
        }
        self.0.push(Sent {
            at: event.header().time(),
            what: read(event),
        });
        Ok(())
    }
}

fn read(event: &UnknownEvent) -> What {
    // CLAP's greatest number stands for "none"; no parameter has it, and the judge says so.
    let raw = |id: Option<ClapId>| ClapId::optional_to_raw(id);
    match event.as_core_event() {
        Some(CoreEventSpace::ParamGestureBegin(event)) => What::Begin {
            id: raw(event.param_id()),
        },
        Some(CoreEventSpace::ParamGestureEnd(event)) => What::End {
            id: raw(event.param_id()),
        },
        Some(CoreEventSpace::ParamValue(event)) => What::Value {
            id: raw(event.param_id()),
            value: event.value(),
        },
        Some(CoreEventSpace::Midi(event)) => What::Midi {
            bytes: event.data(),
        },
        Some(CoreEventSpace::NoteOn(event)) => note(0x90, event.pckn(), event.velocity()),
        Some(CoreEventSpace::NoteOff(event)) => note(0x80, event.pckn(), event.velocity()),
        _ => What::Other,
    }
}

/// A note as the MIDI message that a host makes of it.
fn note(status: u8, pckn: Pckn, velocity: f64) -> What {
    let (channel, key) = (pckn.raw_channel(), pckn.raw_key());
    match (u8::try_from(channel), u8::try_from(key)) {
        (Ok(channel @ 0..=15), Ok(key @ 0..=127)) if (0.0..=1.0).contains(&velocity) => {
            What::Midi {
                bytes: [status | channel, key, (velocity * 127.0).round() as u8],
            }
        }
        // No MIDI message, and the judge says so.
        _ => What::Midi {
            bytes: [0, u8::MAX, u8::MAX],
        },
    }
}

impl ClapHost {
    /// Plays a block through the plugin and gives back what it sent. The sound that came out is [`output`](Self::output).
    ///
    /// # Errors
    /// If the plugin is not active or refuses the block, or the sound has another shape than was announced.
    pub fn block(
        &mut self,
        input: &[&[f32]],
        changes: &[Change],
        playhead: Option<Playhead>,
    ) -> Result<&[Sent], HostError> {
        self.sound.take(input)?;
        self.changes.clear();
        for change in changes {
            if let Some(id) = ClapId::from_raw(change.id) {
                let event = ParamValueEvent::new(change.at, id, Pckn::match_all(), change.value);
                self.changes.push(&event);
            }
        }
        let transport = playhead.map(|playhead| transport(playhead, self.sample_rate_hz));
        let Some(PluginAudioProcessor::Started(processor)) = &mut self.processor else {
            return Err(HostError::Missing {
                what: "activation: call `activate` first",
            });
        };
        let frames = self.sound.frames as u32;
        let mut inputs: Vec<*mut f32> = pointers(&mut self.sound.input);
        let mut outputs = if self.in_place {
            inputs.clone()
        } else {
            pointers(&mut self.sound.output)
        };
        let buffers = [buffer(&mut inputs)];
        let mut out_buffers = [buffer(&mut outputs)];
        // SAFETY: the pointers are the host's own buffers, which live and are not touched until the call is over, and hold as many samples.
        let audio_in = unsafe { InputAudioBuffers::from_raw_buffers(&buffers, frames) };
        // SAFETY: as above.
        let mut audio_out =
            unsafe { OutputAudioBuffers::from_raw_buffers(&mut out_buffers, frames) };
        self.sent.0.clear();
        let (input_events, mut output_events) = (
            InputEvents::from_buffer(&self.changes),
            OutputEvents::from_buffer(&mut self.sent),
        );
        let (clock, transport) = (self.clock, transport.as_ref());
        let begin = Instant::now();
        let (status, deeds) = watch::during(|| {
            processor.process(
                &audio_in,
                &mut audio_out,
                &input_events,
                &mut output_events,
                Some(clock),
                transport,
            )
        });
        self.last_call = begin.elapsed();
        status.map_err(|_| HostError::Refused { call: "process" })?;
        self.clock += u64::from(frames);
        self.judge.look(frames, &self.sent.0, deeds, self.offline);
        Ok(&self.sent.0)
    }

    /// The sound that came out of the last block.
    pub fn output(&self, channel: usize) -> &[f32] {
        let channels = if self.in_place {
            &self.sound.input
        } else {
            &self.sound.output
        };
        let channel = channels.get(channel).map_or(&[][..], Vec::as_slice);
        channel.get(..self.sound.frames).unwrap_or_default()
    }

    /// How long the plugin took over the last block.
    pub fn last_call(&self) -> Duration {
        self.last_call
    }

    /// Whether the plugin gets one buffer for input and output, from the next block on.
    pub fn set_in_place(&mut self, in_place: bool) {
        self.in_place = in_place;
    }
}

fn pointers(channels: &mut [Vec<f32>]) -> Vec<*mut f32> {
    channels.iter_mut().map(Vec::as_mut_ptr).collect()
}

fn buffer(channels: &mut [*mut f32]) -> clap_audio_buffer {
    clap_audio_buffer {
        data32: channels.as_mut_ptr(),
        data64: std::ptr::null_mut(),
        channel_count: channels.len() as u32,
        latency: 0,
        constant_mask: 0,
    }
}

fn transport(playhead: Playhead, sample_rate_hz: f64) -> TransportEvent {
    let seconds = SecondsTime::from_float(playhead.position as f64 / sample_rate_hz);
    let mut flags = TransportFlags::HAS_SECONDS_TIMELINE;
    flags.set(TransportFlags::IS_PLAYING, playhead.playing);
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags,
        song_pos_beats: BeatTime::from_int(0),
        song_pos_seconds: seconds,
        tempo: 120.0,
        tempo_inc: 0.0,
        loop_start_beats: BeatTime::from_int(0),
        loop_end_beats: BeatTime::from_int(0),
        loop_start_seconds: SecondsTime::from_int(0),
        loop_end_seconds: SecondsTime::from_int(0),
        bar_start: BeatTime::from_int(0),
        bar_number: 0,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    }
}
