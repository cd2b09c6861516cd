//! A block of sound: what goes to the live engine, and what comes back for the host.

mod ear;
mod event;
mod reading;
mod settings;
mod transport;
mod ways;

pub(crate) use ear::{Ear, Facts};
pub use event::{Event, Outgoing};
pub use reading::Reading;
pub(crate) use settings::{listens, live_settings};
pub use transport::Transport;

use crate::shared::Shared;
use transport::Playhead;
use undersong_core::lanes::LaneValues;
use undersong_core::live::{LiveEvent, LiveUpdate, Pace};
use ways::Ways;

/// An instance's audio thread: everything that belongs to it alone.
#[derive(Debug, Default)]
pub struct Processor {
    /// Samples per second; 0 while the plugin is not active.
    rate_hz: f64,
    /// The parameters' version that was read; none makes it read anew.
    version: Option<u32>,
    listens: bool,
    writes: bool,
    ear: Option<Ear>,
    model_number: u32,
    playhead: Playhead,
    ways: Ways,
    readings: u64,
}

impl Processor {
    /// Makes ready for sound at this rate, with a stream if there is one already. Real-time safe: no.
    pub(crate) fn activate(&mut self, rate_hz: f64, ear: Option<Ear>) {
        self.deactivate();
        self.rate_hz = rate_hz;
        self.ways.set_rate(rate_hz);
        self.listen_with(ear);
    }

    /// Lets go of everything. The host has closed what was open. Real-time safe: no.
    pub(crate) fn deactivate(&mut self) {
        self.rate_hz = 0.0;
        self.listen_with(None);
        self.playhead = Playhead::default();
        self.ways.forget();
    }

    /// Forgets the sound heard so far. Real-time safe: yes.
    pub(crate) fn reset(&mut self) {
        if let Some(ear) = &mut self.ear {
            ear.input.reset();
        }
    }

    fn listen_with(&mut self, ear: Option<Ear>) {
        self.ear = ear;
        self.version = None;
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
        if self.rate_hz <= 0.0 {
            return &[];
        }
        self.ways.open(frames);
        if transport.offline {
            shared.room.wait();
        }
        if let Some(ear) = shared.room.next_ear() {
            self.listen_with(Some(ear));
        }
        let jumps = self.playhead.jumps(transport, frames as f64 / self.rate_hz);
        if shared.take_reset() || jumps {
            self.reset();
            self.ways.show(shared, LaneValues::default(), 0);
        }
        self.read(shared);
        if let Some(lane) = shared.take_learning() {
            self.ways.learn(lane);
        }
        // A host that does not say whether it plays is taken to play.
        let writes = self.writes && self.listens && transport.playing != Some(false);
        let lanes = match &self.ear {
            Some(ear) if writes => ear.facts.known_lanes(),
            _ => 0,
        };
        self.ways.write(shared, lanes);
        self.hear(shared, channels, frames, transport.offline);
        self.ways.close(shared, frames)
    }

    /// Reads the parameters, if one was changed.
    fn read(&mut self, shared: &Shared) {
        let version = shared.params.version();
        if self.version == Some(version) {
            return;
        }
        self.version = Some(version);
        let input = &shared.params.input;
        self.listens = listens(input);
        self.writes = input.write.value();
        let mut midi = shared.params.midi_map.settings(&input.midi);
        midi.controllers &= self.listens;
        midi.notes &= self.listens;
        self.ways.set_midi(midi);
        if let Some(ear) = &mut self.ear {
            let settings = live_settings(input, &ear.facts);
            // Every value is in the range of its parameter, which is within the engine's.
            if ear.settings != Some(settings) && ear.input.set_settings(&settings).is_ok() {
                ear.settings = Some(settings);
            }
        }
    }

    /// Sound in, results out.
    fn hear(&mut self, shared: &Shared, channels: &[&[f32]], frames: usize, offline: bool) {
        let Some(ear) = &mut self.ear else {
            return;
        };
        let pace = if offline { Pace::Offline } else { Pace::Live };
        if ear.input.pace() != pace {
            ear.input.set_pace(pace);
        }
        let start = ear.input.position();
        ear.input.push(channels);
        if offline {
            ear.input.wait();
        }
        // What is told stands a fixed time after the sound that it describes, so that blocks do not matter. What comes late stands at once,
        // and later ones as far behind it as they were in the sound.
        let mut late_from = None;
        let mut earliest = 0;
        while let Some((at, event)) = ear.input.poll_due(start + frames as u64) {
            let offset = at
                .checked_sub(start)
                .unwrap_or_else(|| at - *late_from.get_or_insert(at));
            earliest = offset.max(earliest);
            match event {
                LiveEvent::Speech { speaking, .. } => {
                    let heard = self.ways.heard.with_speech(speaking);
                    self.ways.show(shared, heard, earliest);
                }
                LiveEvent::Update(update) => {
                    if update.model_number != self.model_number {
                        self.model_number = update.model_number;
                        if let Some(facts) = shared.room.next_facts() {
                            ear.facts = facts;
                            self.version = None;
                        }
                    }
                    let heard = self.ways.heard.after(&update, &ear.facts.lanes);
                    self.ways.show(shared, heard, earliest);
                    self.readings += 1;
                    let told = Told {
                        update: &update,
                        number: self.readings,
                        start,
                        offset: earliest,
                        rate_hz: self.rate_hz,
                    };
                    told.tell(shared, &self.ways);
                }
            }
        }
    }
}

/// A result on its way to the editor and OSC.
struct Told<'a> {
    update: &'a LiveUpdate,
    number: u64,
    /// Where the block starts, among the samples since the last reset.
    start: u64,
    /// Where in the block it is told.
    offset: u64,
    rate_hz: f64,
}

impl Told<'_> {
    fn tell(&self, shared: &Shared, ways: &Ways) {
        let end = (ways.clock() + self.update.end_sample).saturating_sub(self.start);
        let reading = Reading::of(
            &ways.heard,
            self.update,
            self.number,
            end as f64 / self.rate_hz,
        );
        let late = (self.start + self.offset).saturating_sub(self.update.end_sample);
        shared.tell(reading, (late as f64 / self.rate_hz * 1000.0) as f32);
    }
}
