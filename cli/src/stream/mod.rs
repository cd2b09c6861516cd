//! `undersong stream`: raw sound in, a line of JSON for each event out, while it comes.
//!
//! ```text
//! standard input ─┐ (a thread)                       ┌─ lines on standard output (a thread, behind a bounded backlog)
//!                 ├─▶ Message ─▶ Intake ─▶ events ───┼─ OSC, MIDI
//! microphone ─────┘                                  └─ the meter (a thread)
//! ```
//!
//! The thread that analyses waits for nobody but the sound: whoever reads slowly loses old updates, and is told how many.

#[cfg(feature = "devices")]
mod devices;
#[cfg(not(feature = "devices"))]
#[path = "no_devices.rs"]
mod devices;
mod intake;
mod lines;
mod meter;
mod sound;
mod ways;

use std::io::{self, IsTerminal};
use std::time::Duration;

use undersong_core::audio::RATES_HZ;
use undersong_core::live::Pace;
use undersong_core::stream::{MAX_CHANNELS, SampleFormat, StreamEvent};

use crate::analysis;
use crate::interrupt;
use crate::terminal::{complain, print};
use crate::trouble::{Outcome, Trouble};
use devices::{Microphone, Port};
use intake::Intake;
use lines::Lines;
use meter::Meter;
use sound::{Message, Stop};
use ways::Ways;

/// How often a microphone is looked after.
const MICROPHONE_PAUSE: Duration = Duration::from_millis(5);

/// Arguments of `undersong stream`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Samples per second, 8000 to 384000 [default: 16000, or as a WAV header says]
    #[arg(
        long,
        value_name = "HZ",
        help_heading = "Sound",
        allow_negative_numbers = true
    )]
    rate: Option<String>,
    /// Channels, interleaved, 1 to 8; their mean is listened to [default: 1, or as a WAV header says]
    #[arg(
        long,
        value_name = "N",
        help_heading = "Sound",
        allow_negative_numbers = true
    )]
    channels: Option<String>,
    /// What a sample is: s16le, u8, s24le, s32le, f32le, f64le, mulaw or alaw [default: s16le, or as a WAV header says]
    #[arg(long, value_name = "FORMAT", help_heading = "Sound")]
    format: Option<String>,
    /// Listen to a microphone instead of standard input; `default` is the system's
    #[arg(long, value_name = "NAME", conflicts_with_all = ["rate", "channels", "format"], help_heading = "Sound")]
    device: Option<String>,
    /// List microphones and MIDI ports, and do nothing else
    #[arg(long, help_heading = "Sound")]
    list_devices: bool,

    /// Have the analysis wait for whoever reads standard output, so that no update is left out; always so where standard input is a file
    #[arg(long, help_heading = "Output")]
    wait: bool,
    /// Show a meter in the terminal; the lines are then written only if standard output leads elsewhere
    #[arg(long, help_heading = "Output")]
    tui: bool,
    /// Send Open Sound Control there as well; a port alone is one of this machine
    #[arg(long, value_name = "HOST:PORT", help_heading = "Output")]
    osc: Option<String>,
    /// What is sent there: a bundle of /undersong/… messages, or the one message that Wekinator takes
    #[arg(long, value_enum, default_value_t = ways::Form::Undersong, requires = "osc", help_heading = "Output")]
    osc_form: ways::Form,
    /// Send MIDI controllers to this port as well, as the plugin does
    #[arg(long, value_name = "PORT", help_heading = "Output")]
    midi: Option<String>,
    /// MIDI channel
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16), requires = "midi", help_heading = "Output")]
    midi_channel: u8,

    #[command(flatten)]
    analysis: analysis::Live,
}

const EXAMPLES: &str = "\
Examples:
  ffmpeg -i call.mp3 -f s16le -ar 16000 -ac 1 - | undersong stream
  arecord -f S16_LE -r 16000 | undersong stream
  ffmpeg -re -i call.mp3 -f s16le -ar 16000 -ac 1 - | undersong stream --tui
  undersong stream --format f32le --rate 48000 --channels 2 < sound.raw | jq -c 'select(.type == \"emotion.final\") | [.audio_end_ms, .label]'
  arecord -f S16_LE -r 16000 | undersong stream --osc 127.0.0.1:9000 > events.jsonl
  arecord -f S16_LE -r 16000 | undersong stream --osc 6448 --osc-form wekinator

A line of JSON for each event: speech.start, emotion.update (every hop), emotion.final (when somebody stops speaking), warning. Where there is no voice
there are no scores. The sound may begin with a WAV header, which then says what it is. Ctrl-C ends it in order, a second one at once.

core/schema/stream.schema.json in the source says what each field means.";

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Trouble> {
    if args.list_devices {
        let list = devices::list()?;
        print(|out| out.write_all(list.as_bytes()))?;
        return Ok(Outcome::Complete);
    }
    let given = given(args)?;
    let target = args.osc.as_deref().map(ways::place).transpose()?;
    let meter_on = meter::place(args.tui)?;
    let from_pipe = args.device.is_none();
    if from_pipe && io::stdin().is_terminal() {
        return Err(Trouble::Misused(
            "standard input is the keyboard; pipe sound into it, as in `arecord -f S16_LE -r 16000 | undersong stream`, or name a microphone with --device".to_owned(),
        ));
    }

    let (sender, messages) = sound::channel();
    let stop = Stop::new(sender.clone());
    // What cannot be had is said before the model is loaded.
    let microphone = args
        .device
        .as_deref()
        .map(|name| Microphone::open(name, sender.clone()))
        .transpose()?;
    let port = args
        .midi
        .as_deref()
        .map(|name| Port::open(name, args.midi_channel - 1))
        .transpose()?;
    let osc = target
        .map(|target| ways::Osc::open(&target, args.osc_form))
        .transpose()?;

    let (live, priors) = args.analysis.open()?;
    let model = live.model().clone();
    let given = intake::Given {
        rate_hz: microphone
            .as_ref()
            .map_or(given.rate_hz, |it| Some(it.rate_hz())),
        channels: microphone
            .as_ref()
            .map_or(given.channels, |it| Some(it.channels())),
        priors,
        pace: if from_pipe { Pace::Offline } else { Pace::Live },
        ..given
    };
    let intake = Intake::open(live, given)?;

    if from_pipe {
        sound::read_standard_input(sender)?;
    }
    let wait = args.wait || (from_pipe && sound::standard_input_is_a_file());
    let lines = meter_on
        .leaves_lines()
        .then(|| Lines::start(stop.clone(), wait))
        .transpose()?;
    let meter = meter_on
        .terminal()
        .map(|terminal| Meter::start(terminal, stop.clone(), &model, intake.engine()))
        .transpose()?;
    let on_interrupt = stop.clone();
    interrupt::end_in_order(move || on_interrupt.now());

    let mut stream = Running {
        ways: Ways::new(&model, osc, port),
        intake,
        microphone,
        lines,
        meter,
        events: Vec::new(),
        told: false,
    };
    let outcome = stream.run(&messages, &stop);
    stream.close(outcome)
}

/// What was said of the sound, checked as far as that can be without it.
fn given(args: &Args) -> Result<intake::Given, Trouble> {
    let number = |option: &str, text: &Option<String>, expected: &str| {
        text.as_deref()
            .map(|text| {
                text.parse::<u32>()
                    .map_err(|_| Trouble::Misused(format!("{option} {text}: expected {expected}")))
            })
            .transpose()
    };
    let channels = number("--channels", &args.channels, "a number from 1 to 8")?;
    let smoothing_seconds = args.analysis.smoothing_seconds()?;
    let expected_rate = format!(
        "samples per second from {} to {}",
        RATES_HZ.start(),
        RATES_HZ.end()
    );
    let rate_hz = number("--rate", &args.rate, &expected_rate)?;
    if let Some(rate_hz) = rate_hz.filter(|rate_hz| !RATES_HZ.contains(rate_hz)) {
        return Err(Trouble::Misused(format!(
            "--rate {rate_hz}: expected {expected_rate}"
        )));
    }
    Ok(intake::Given {
        rate_hz,
        channels: channels
            .map(|given| {
                u16::try_from(given)
                    .ok()
                    .filter(|channels| (1..=MAX_CHANNELS).contains(channels))
                    .ok_or_else(|| {
                        Trouble::Misused(format!(
                            "--channels {given}: expected a number from 1 to {MAX_CHANNELS}"
                        ))
                    })
            })
            .transpose()?,
        format: args
            .format
            .as_deref()
            .map(str::parse::<SampleFormat>)
            .transpose()
            .map_err(|error| Trouble::Misused(format!("--format: {error}")))?,
        hop: args.analysis.hop()?,
        smoothing_seconds,
        priors: None,
        pace: Pace::Offline,
    })
}

/// A stream with all that leads into and out of it.
struct Running {
    intake: Intake,
    microphone: Option<Microphone>,
    lines: Option<Lines>,
    meter: Option<Meter>,
    ways: Ways,
    events: Vec<StreamEvent>,
    /// Something that goes wrong again and again was said once.
    told: bool,
}

impl Running {
    /// Until the sound ends, somebody stops it, or it cannot go on.
    fn run(&mut self, messages: &sound::Receiver, stop: &Stop) -> Result<(), Trouble> {
        while !stop.is_asked() {
            let message = match &mut self.microphone {
                None => messages.next(),
                Some(microphone) => {
                    let message = messages.next_within(MICROPHONE_PAUSE);
                    microphone.take(&mut self.intake, &mut self.events)?;
                    message
                }
            };
            let goes_on = match message {
                Message::Sound(bytes) => self.intake.push(&bytes, &mut self.events)?,
                Message::Nothing => true,
                Message::End | Message::Stop => false,
                Message::Failed(reason) => {
                    self.tell()?;
                    return Err(Trouble::Failed(reason));
                }
            };
            self.tell()?;
            if !goes_on {
                break;
            }
        }
        Ok(())
    }

    /// Hands on what happened.
    fn tell(&mut self) -> Result<(), Trouble> {
        let position = self.intake.position();
        self.ways.set_rate(self.intake.rate_hz());
        for event in self.events.drain(..) {
            let sent = self.ways.tell(&event, position);
            if let Some(meter) = &self.meter {
                meter.tell(&event);
            }
            if let Err(error) = sent
                && !std::mem::replace(&mut self.told, true)
            {
                match &self.meter {
                    Some(meter) => meter.warn(error),
                    None => complain(&error),
                }
            }
            if let Some(lines) = &self.lines {
                lines.push(event)?;
            }
        }
        self.ways.advance(position);
        if let Some(meter) = &self.meter {
            let dropped = self.lines.as_ref().map_or(0, Lines::dropped_updates);
            meter.show(self.intake.meters(), self.intake.position_ms(), dropped);
        }
        Ok(())
    }

    /// Ends the sound, tells the rest of it, and lets go of everything in order.
    fn close(mut self, outcome: Result<(), Trouble>) -> Result<Outcome, Trouble> {
        let ended = match &outcome {
            // Who has gone reads no more.
            Err(Trouble::Closed) => Ok(()),
            _ => self
                .intake
                .finish(&mut self.events)
                .and_then(|()| self.tell()),
        };
        self.ways.close(self.intake.position());
        if let Some(meter) = self.meter.take() {
            meter.close();
        }
        let written = self.lines.take().map_or(Ok(()), Lines::close);
        // Why nothing could be written says more than that nothing was read any more.
        written.and(outcome).and(ended)?;
        if self.intake.position() == 0 && self.microphone.is_none() {
            return Err(Trouble::Failed(
                "no sound came on standard input; see what the program before the pipe says"
                    .to_owned(),
            ));
        }
        Ok(Outcome::Complete)
    }
}
