//! Microphones and MIDI ports: what the system has of them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{ErrorKind, FromSample, Sample as _, SampleFormat, SizedSample};
use midir::{MidiOutput, MidiOutputConnection};
use undersong_core::lanes::LaneValues;
use undersong_core::midi::{MidiMessage, MidiSettings, Sender as Messages};
use undersong_core::stream::StreamEvent;

use super::intake::Intake;
use super::sound::{Message, Sender};
use crate::terminal::complain;
use crate::trouble::Trouble;

/// Sound that a microphone's thread can be ahead, in seconds.
const AHEAD_SECONDS: usize = 2;

/// What other programs know this one as.
const CLIENT: &str = "Undersong";

/// The name that stands for the system's own choice of a microphone.
const DEFAULT: &str = "default";

/// ALSA's library writes of every device that is not there on standard error; what matters comes as an error as well.
fn quieten() {
    #[cfg(target_os = "linux")]
    let _ = alsa::Output::local_error_handler();
}

/// A device's name, as it is listed.
fn name(device: &cpal::Device) -> String {
    device
        .description()
        .map_or_else(|_| device.to_string(), |it| it.name().to_owned())
}

/// The list of microphones and MIDI ports.
pub(super) fn list() -> Result<String, Trouble> {
    quieten();
    let host = cpal::default_host();
    let default = host.default_input_device().map(|device| name(&device));
    let microphones = names_of_microphones(&host);
    let mut list = "microphones, for --device:\n".to_owned();
    lines(&mut list, &microphones, default.as_deref());
    list += "MIDI ports, for --midi:\n";
    let ports = MidiOutput::new(CLIENT).map(|midi| names_of_ports(&midi));
    lines(&mut list, &ports.unwrap_or_default(), None);
    Ok(list)
}

fn lines(list: &mut String, names: &[String], default: Option<&str>) {
    if names.is_empty() {
        *list += "  none\n";
    }
    for name in names {
        let mark = if default == Some(name) {
            "  (default)"
        } else {
            ""
        };
        // Writing into a text cannot fail.
        let _ = writeln!(list, "  {name}{mark}");
    }
}

fn names_of_microphones(host: &cpal::Host) -> Vec<String> {
    host.input_devices()
        .map(|devices| devices.map(|device| name(&device)).collect())
        .unwrap_or_default()
}

fn names_of_ports(midi: &MidiOutput) -> Vec<String> {
    let ports = midi.ports();
    let names = ports.iter().filter_map(|port| midi.port_name(port).ok());
    names.collect()
}

/// The place of the one that is named: by its whole name, or by a part that no other has, whatever the case of the letters.
fn find(option: &str, wanted: &str, names: &[String]) -> Result<usize, Trouble> {
    if let Some(place) = names.iter().position(|name| name == wanted) {
        return Ok(place);
    }
    let part = wanted.to_lowercase();
    let fits = |name: &String| name.to_lowercase().contains(&part);
    let mut places = (0..names.len()).filter(|&place| names.get(place).is_some_and(fits));
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        (first, _) => {
            let problem = if first.is_some() {
                "several fit"
            } else {
                "there is none of this name"
            };
            let known = if names.is_empty() {
                "none at all".to_owned()
            } else {
                names.join("; ")
            };
            Err(Trouble::Misused(format!(
                "{option} {wanted}: {problem}; this machine has {known}"
            )))
        }
    }
}

/// A microphone that is running.
pub(super) struct Microphone {
    /// Runs as long as it is held.
    _stream: cpal::Stream,
    ring: rtrb::Consumer<f32>,
    rate_hz: u32,
    lost: Arc<AtomicU64>,
    told_lost: bool,
    samples: Vec<f32>,
}

impl Microphone {
    /// Starts the one of this name.
    pub(super) fn open(wanted: &str, sender: Sender) -> Result<Self, Trouble> {
        quieten();
        let host = cpal::default_host();
        let failed = |error: cpal::Error| {
            Trouble::Failed(format!(
                "--device {wanted}: {error}; see --list-devices, and whether another program uses it"
            ))
        };
        let device = if wanted == DEFAULT {
            host.default_input_device().ok_or_else(|| {
                Trouble::Failed("--device default: this machine has no microphone; plug one in, or pipe sound in".to_owned())
            })?
        } else {
            let mut devices = host.input_devices().map_err(failed)?.collect::<Vec<_>>();
            let names = devices.iter().map(name).collect::<Vec<_>>();
            let place = find("--device", wanted, &names)?;
            devices.swap_remove(place)
        };
        let config = device.default_input_config().map_err(failed)?;
        let rate_hz = config.sample_rate();
        let (ring, read) = rtrb::RingBuffer::new(AHEAD_SECONDS * rate_hz as usize);
        let lost = Arc::new(AtomicU64::new(0));
        let ear = Ear {
            ring,
            channels: usize::from(config.channels()).max(1),
            lost: Arc::clone(&lost),
            sender,
        };
        let stream = match config.sample_format() {
            SampleFormat::I8 => ear.listen::<i8>(&device, &config),
            SampleFormat::I16 => ear.listen::<i16>(&device, &config),
            SampleFormat::I24 => ear.listen::<cpal::I24>(&device, &config),
            SampleFormat::I32 => ear.listen::<i32>(&device, &config),
            SampleFormat::U8 => ear.listen::<u8>(&device, &config),
            SampleFormat::U16 => ear.listen::<u16>(&device, &config),
            SampleFormat::U32 => ear.listen::<u32>(&device, &config),
            SampleFormat::F32 => ear.listen::<f32>(&device, &config),
            SampleFormat::F64 => ear.listen::<f64>(&device, &config),
            format => {
                return Err(Trouble::Failed(format!(
                    "--device {wanted}: it gives samples as {format}, which is not understood; pipe its sound in, as with arecord"
                )));
            }
        }
        .map_err(failed)?;
        stream.play().map_err(failed)?;
        Ok(Self {
            _stream: stream,
            ring: read,
            rate_hz,
            lost,
            told_lost: false,
            samples: Vec::new(),
        })
    }

    /// Samples per second.
    pub(super) fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Channels of what is taken: their mean.
    pub(super) fn channels(&self) -> u16 {
        1
    }

    /// Hands on what has come since the last call.
    pub(super) fn take(
        &mut self,
        intake: &mut Intake,
        events: &mut Vec<StreamEvent>,
    ) -> Result<(), Trouble> {
        self.samples.clear();
        if let Ok(chunk) = self.ring.read_chunk(self.ring.slots()) {
            let (first, second) = chunk.as_slices();
            self.samples.extend_from_slice(first);
            self.samples.extend_from_slice(second);
            chunk.commit_all();
        }
        let lost = self.lost.load(Ordering::Relaxed);
        if lost > 0 && !std::mem::replace(&mut self.told_lost, true) {
            complain(
                "this machine is too busy: some of the microphone's sound was lost, and times are early by as much",
            );
        }
        intake.push_frames(&self.samples, events)
    }
}

/// The microphone's thread: it neither waits nor allocates.
struct Ear {
    ring: rtrb::Producer<f32>,
    channels: usize,
    lost: Arc<AtomicU64>,
    sender: Sender,
}

impl Ear {
    fn listen<T>(
        self,
        device: &cpal::Device,
        config: &cpal::SupportedStreamConfig,
    ) -> Result<cpal::Stream, cpal::Error>
    where
        T: SizedSample,
        f32: FromSample<T>,
    {
        let Self {
            mut ring,
            channels,
            lost,
            sender,
        } = self;
        let share = 1.0 / channels as f32;
        let hear = move |samples: &[T], _: &cpal::InputCallbackInfo| {
            for frame in samples.chunks_exact(channels) {
                let sum: f32 = frame.iter().map(|&sample| f32::from_sample(sample)).sum();
                if ring.push(sum * share).is_err() {
                    lost.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        let fail = move |error: cpal::Error| match error.kind() {
            // The sound goes on.
            ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
            _ => {
                let reason = format!("the microphone gives no more sound: {error}");
                let _ = sender.try_send(Message::Failed(reason));
            }
        };
        device.build_input_stream(config.config(), hear, fail, None)
    }
}

/// A MIDI port that is open.
pub(super) struct Port {
    connection: MidiOutputConnection,
    messages: Messages,
    /// How far what had to wait is sent, in samples.
    sent_until: u64,
    /// Why a message was not taken, until it is told.
    error: Option<String>,
}

impl Port {
    /// Opens the one of this name; `channel` from 0.
    pub(super) fn open(wanted: &str, channel: u8) -> Result<Self, Trouble> {
        quieten();
        let failed = |reason: String| Trouble::Failed(format!("--midi {wanted}: {reason}"));
        let midi = MidiOutput::new(CLIENT)
            .map_err(|error| failed(format!("{error}; does this machine have MIDI?")))?;
        let ports = midi.ports();
        let names = names_of_ports(&midi);
        let place = find("--midi", wanted, &names)?;
        let port = ports
            .get(place)
            .ok_or_else(|| failed("it has gone".to_owned()))?;
        let connection = midi
            .connect(port, CLIENT)
            .map_err(|error| failed(format!("it cannot be opened ({error})")))?;
        let mut messages = Messages::default();
        let settings = MidiSettings {
            channel,
            ..MidiSettings::default()
        };
        messages.configure(settings, 0, &mut |_, _| {});
        Ok(Self {
            connection,
            messages,
            sent_until: 0,
            error: None,
        })
    }

    /// For sound at this rate.
    pub(super) fn set_rate(&mut self, rate_hz: u32) {
        self.messages.set_rate(f64::from(rate_hz));
    }

    /// Brings every controller to what is heard, at this sample.
    pub(super) fn show(&mut self, heard: &LaneValues, position: u64) -> Result<(), String> {
        self.advance(position);
        {
            let mut send = sending(&mut self.connection, &mut self.error);
            self.messages.show(heard, position, &mut send);
        }
        match self.error.take() {
            Some(error) => Err(format!("MIDI: {error}")),
            None => Ok(()),
        }
    }

    /// Sends what had to wait and may go before this sample.
    pub(super) fn advance(&mut self, position: u64) {
        let mut send = sending(&mut self.connection, &mut self.error);
        self.messages.advance(self.sent_until, position, &mut send);
        self.sent_until = position;
    }

    /// Sends the last values, however short ago the ones before.
    pub(super) fn close(&mut self, position: u64) {
        self.advance(position.saturating_add(u64::from(u32::MAX)));
    }
}

/// Sends messages at once; the sound has its times, and a port has none.
fn sending<'a>(
    connection: &'a mut MidiOutputConnection,
    error: &'a mut Option<String>,
) -> impl FnMut(u64, MidiMessage) + 'a {
    move |_, message| {
        if let Err(reason) = connection.send(&message.bytes()) {
            *error = Some(reason.to_string());
        }
    }
}
