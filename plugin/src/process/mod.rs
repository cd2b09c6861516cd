//! A block of sound: what goes to the live engine, and what comes back for the host.

mod ear;
mod event;
mod reading;
mod settings;
mod transport;

pub(crate) use ear::{Ear, Facts};
pub use event::{Event, Outgoing};
pub use reading::Reading;
pub(crate) use settings::{listens, live_settings};
pub use transport::Transport;

use crate::automation::Automation;
use crate::midi::{MidiSettings, Sender};
use crate::params::{LANES, Lane};
use crate::shared::Shared;
use event::Outbox;
use reading::Heard;
use transport::Playhead;
use undersong_core::live::{LiveEvent, LiveSettings, LiveUpdate, Pace};

/// An instance's audio thread: everything that belongs to it alone.
#[derive(Debug, Default)]
pub struct Processor {
    /// Samples per second; 0 while the plugin is not active.
    rate_hz: f64,
    /// Samples since activation.
    clock: u64,
    ear: Option<Ear>,
    model_number: u32,
    settings: Option<LiveSettings>,
    heard: Heard,
    playhead: Playhead,
    automation: Automation,
    midi: Sender,
    outbox: Outbox,
    readings: u64,
}

impl Processor {
    /// Makes ready for sound at this rate, with a stream if there is one already. Real-time safe: no.
    pub(crate) fn activate(&mut self, rate_hz: f64, ear: Option<Ear>) {
        self.deactivate();
        self.rate_hz = rate_hz;
        self.midi.set_rate(rate_hz);
        self.listen_with(ear);
    }

    /// Lets go of everything. The host has closed what was open. Real-time safe: no.
    pub(crate) fn deactivate(&mut self) {
        self.rate_hz = 0.0;
        self.clock = 0;
        self.listen_with(None);
        self.playhead = Playhead::default();
        self.heard = Heard::default();
        self.automation.forget();
        self.midi.forget();
    }

    /// Forgets the sound heard so far. Real-time safe: yes.
    pub(crate) fn reset(&mut self) {
        if let Some(ear) = &mut self.ear {
            ear.input.reset();
        }
    }

    fn listen_with(&mut self, ear: Option<Ear>) {
        self.ear = ear;
        self.settings = None;
        self.model_number = 0;
    }

    /// Listens to a block and says what is to be sent in it, in time order.
    ///
    /// Real-time safe: yes, unless the host renders offline; then it waits for the results.
    pub(crate) fn block(
        &mut self,
        shared: &Shared,
        channels: &[&[f32]],
        frames: usize,
        transport: Transport,
    ) -> &[Event] {
        self.outbox.open(frames);
        if self.rate_hz <= 0.0 {
            return self.outbox.sorted();
        }
        if transport.offline {
            shared.room.wait();
        }
        if let Some(ear) = shared.room.next_ear() {
            self.listen_with(Some(ear));
        }
        let jumps = self.playhead.jumps(transport, frames as f64 / self.rate_hz);
        if shared.take_reset() || jumps {
            self.begin_anew(shared);
        }
        self.open_channels(shared, transport);
        self.hear(shared, channels, frames, transport.offline);
        let (outbox, clock) = (&mut self.outbox, self.clock);
        self.midi
            .advance(clock, clock + frames as u64, &mut |at, message| {
                outbox.put(at - clock, Outgoing::Midi(message));
            });
        self.clock += frames as u64;
        self.outbox.sorted()
    }

    /// The sound that follows has nothing to do with the sound before.
    fn begin_anew(&mut self, shared: &Shared) {
        self.reset();
        self.show(shared, Heard::default(), 0);
    }

    /// What is set for the ways out: automation and MIDI.
    fn open_channels(&mut self, shared: &Shared, transport: Transport) {
        let input = &shared.params.input;
        let listens = listens(input);
        let mut midi = MidiSettings::read(&input.midi, &shared.params.midi_map);
        midi.controllers &= listens;
        midi.notes &= listens;
        let (outbox, clock) = (&mut self.outbox, self.clock);
        self.midi.configure(midi, clock, &mut |at, message| {
            outbox.put(at - clock, Outgoing::Midi(message));
        });
        if let Some(lane) = shared.take_learning() {
            self.midi.learn(lane, clock);
        }
        // A host that does not say whether it plays is taken to play.
        let writes = input.write.value() && listens && transport.playing != Some(false);
        let lanes = match &self.ear {
            Some(ear) if writes => ear.facts.known_lanes(),
            _ => 0,
        };
        self.automation
            .hold(lanes, &self.heard.lanes, &mut |what| outbox.put(0, what));
        shared.set_writing(self.automation.is_open());
    }

    /// Sound in, results out.
    fn hear(&mut self, shared: &Shared, channels: &[&[f32]], frames: usize, offline: bool) {
        let Some(mut ear) = self.ear.take() else {
            return;
        };
        let settings = live_settings(&shared.params.input, &ear.facts);
        if self.settings != Some(settings) && ear.input.set_settings(&settings).is_ok() {
            self.settings = Some(settings);
        }
        let pace = if offline { Pace::Offline } else { Pace::Live };
        if ear.input.pace() != pace {
            ear.input.set_pace(pace);
        }
        let start = ear.input.position();
        ear.input.push(channels);
        ear.input.wait();
        let end = start + frames as u64;
        // What describes sound of this block stands where that sound ends. What comes late stands at once, later ones as far behind as
        // they were in the sound.
        let mut late_from = None;
        let mut earliest = 0;
        while let Some(event) = ear.input.poll() {
            let at = match event {
                LiveEvent::Speech { at_sample, .. } => at_sample,
                LiveEvent::Update(update) => update.end_sample,
            };
            let offset = if at > start {
                at - start - 1
            } else {
                at.saturating_sub(*late_from.get_or_insert(at))
            };
            earliest = offset.max(earliest);
            match event {
                LiveEvent::Speech { speaking, .. } => {
                    let mut heard = self.heard;
                    heard.put(Lane::Speech, if speaking { 1.0 } else { 0.0 });
                    self.show(shared, heard, earliest);
                }
                LiveEvent::Update(update) => {
                    if update.model_number != self.model_number {
                        self.model_number = update.model_number;
                        if let Some(facts) = shared.room.next_facts() {
                            ear.facts = facts;
                            self.settings = None;
                        }
                    }
                    let heard = self.heard.after(&update, &ear.facts);
                    self.show(shared, heard, earliest);
                    self.tell(shared, &update, end);
                }
            }
        }
        self.ear = Some(ear);
    }

    /// Brings parameters, automation and MIDI to what is heard.
    fn show(&mut self, shared: &Shared, heard: Heard, offset: u64) {
        self.heard = heard;
        let (outbox, clock) = (&mut self.outbox, self.clock);
        for (lane, value) in LANES.into_iter().zip(heard.lanes) {
            self.automation.set(lane, value, &mut |what| {
                if let Outgoing::Value(lane, value) = what {
                    shared.table.set(lane.host_id(), value.into());
                }
                outbox.put(offset, what);
            });
            if lane != Lane::Leading {
                self.midi
                    .set_share(lane, value, clock + offset, &mut |at, message| {
                        outbox.put(at - clock, Outgoing::Midi(message));
                    });
            }
        }
        self.midi.set_leading(
            heard.leading,
            heard.lane(Lane::Confidence),
            clock + offset,
            &mut |at, message| outbox.put(at - clock, Outgoing::Midi(message)),
        );
    }

    /// Tells the editor and OSC.
    fn tell(&mut self, shared: &Shared, update: &LiveUpdate, block_end: u64) {
        self.readings += 1;
        let late = block_end.saturating_sub(update.end_sample);
        let at_seconds = self.clock as f64 / self.rate_hz;
        let reading = self.heard.reading(update, self.readings, at_seconds);
        shared.tell(reading, (late as f64 / self.rate_hz * 1000.0) as f32);
    }
}
