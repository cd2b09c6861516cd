//! `Sender`: which messages go out when, so that nothing is sent twice, too finely or too often.

use super::{MidiMessage, MidiSettings};
use crate::lanes::{LANE_COUNT, LANES, Lane, LaneValues, SCORES};

/// Messages per second on one controller at most.
pub const MOST_PER_SECOND: u32 = 50;

/// Steps of the sweep by which another program learns a controller.
const LEARN_STEPS: u64 = 50;

/// What a controller shows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Amount {
    /// Of the whole range, 0 to 1.
    Share(f32),
    /// The number itself.
    Number(u8),
}

#[derive(Debug, Clone, Copy, Default)]
struct LaneState {
    /// What it should show, once known.
    wanted: Option<Amount>,
    /// What it shows.
    sent: Option<Amount>,
}

/// What is sent and was sent. It allocates nothing.
#[derive(Debug)]
pub struct Sender {
    settings: Option<MidiSettings>,
    lanes: [LaneState; LANE_COUNT],
    /// Whether a lane may have to wait.
    waiting: bool,
    /// When each controller may be sent next, in samples.
    free_at: [u64; 128],
    /// Samples between two messages on a controller.
    interval_samples: u64,
    /// The note that is held: channel and key.
    note: Option<(u8, u8)>,
    leading: Option<Lane>,
    velocity: u8,
    /// The lane that is swept, and since when.
    learning: Option<(Lane, u64)>,
}

impl Default for Sender {
    fn default() -> Self {
        Self {
            settings: None,
            lanes: [LaneState::default(); LANE_COUNT],
            waiting: false,
            free_at: [0; 128],
            interval_samples: 0,
            note: None,
            leading: None,
            velocity: 0,
            learning: None,
        }
    }
}

impl Sender {
    /// For sound at this rate; times are in its samples, and never go back.
    pub fn set_rate(&mut self, sample_rate_hz: f64) {
        self.interval_samples = (sample_rate_hz / f64::from(MOST_PER_SECOND)).ceil() as u64;
        self.free_at.fill(0);
        self.learning = None;
    }

    /// Changes how it is sent; what is shown is then sent anew.
    pub fn configure(
        &mut self,
        settings: MidiSettings,
        at: u64,
        out: &mut impl FnMut(u64, MidiMessage),
    ) {
        if self.settings == Some(settings) {
            return;
        }
        self.release(at, out);
        self.settings = Some(settings);
        for lane in &mut self.lanes {
            lane.sent = None;
        }
        self.waiting = true;
        self.hold(at, out);
    }

    /// Brings every lane to what is heard. Real-time safe: yes, if `out` is.
    pub fn show(&mut self, heard: &LaneValues, at: u64, out: &mut impl FnMut(u64, MidiMessage)) {
        for lane in LANES.into_iter().filter(|&lane| lane != Lane::Leading) {
            self.set_share(lane, heard.lane(lane), at, out);
        }
        self.set_leading(heard.leading(), heard.lane(Lane::Confidence), at, out);
    }

    /// The lane is at `share` of its range, 0 to 1.
    pub fn set_share(
        &mut self,
        lane: Lane,
        share: f32,
        at: u64,
        out: &mut impl FnMut(u64, MidiMessage),
    ) {
        // A controller has no "not a number".
        let share = if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.want(lane, Amount::Share(share), at, out);
    }

    /// The emotion that leads, or none: its place on the controller, and its note.
    pub fn set_leading(
        &mut self,
        leading: Option<Lane>,
        confidence: f32,
        at: u64,
        out: &mut impl FnMut(u64, MidiMessage),
    ) {
        if let Some(number) = leading.and_then(|lane| u8::try_from(lane.index()).ok()) {
            self.want(Lane::Leading, Amount::Number(number), at, out);
        }
        if leading != self.leading {
            self.release(at, out);
            self.leading = leading;
            self.velocity = (confidence.clamp(0.0, 1.0) * 126.0).round() as u8 + 1;
            self.hold(at, out);
        }
    }

    /// Sends what had to wait and may go before `until`, and the sweep for learning.
    pub fn advance(&mut self, from: u64, until: u64, out: &mut impl FnMut(u64, MidiMessage)) {
        if self.learning.is_some() {
            self.sweep(from, until, out);
            return;
        }
        if !self.waiting {
            return;
        }
        self.waiting = false;
        for (lane, state) in LANES.into_iter().zip(self.lanes) {
            if state.wanted == state.sent {
                continue;
            }
            let due = self.controller(lane).map_or(u64::MAX, |controller| {
                self.free_at
                    .get(usize::from(controller))
                    .copied()
                    .unwrap_or(u64::MAX)
            });
            if due < until {
                self.send(lane, due.max(from), out);
            } else {
                self.waiting |= due < u64::MAX;
            }
        }
    }

    /// Sweeps a lane's controller for a second, alone, so that another program learns it.
    pub fn learn(&mut self, lane: Lane, at: u64) {
        self.learning = Some((lane, at));
    }

    /// Ends the note that is held, and forgets which emotion leads.
    pub fn silence(&mut self, at: u64, out: &mut impl FnMut(u64, MidiMessage)) {
        self.release(at, out);
        self.leading = None;
    }

    /// As if nothing had ever been sent or was to be.
    pub fn forget(&mut self) {
        self.lanes = [LaneState::default(); LANE_COUNT];
        self.note = None;
        self.leading = None;
        self.learning = None;
    }

    fn controller(&self, lane: Lane) -> Option<u8> {
        let settings = self.settings?;
        if !settings.controllers {
            return None;
        }
        settings.map.get(lane.index()).copied().flatten()
    }

    fn want(
        &mut self,
        lane: Lane,
        amount: Amount,
        at: u64,
        out: &mut impl FnMut(u64, MidiMessage),
    ) {
        if let Some(state) = self.lanes.get_mut(lane.index()) {
            state.wanted = Some(amount);
        }
        let may = self.learning.is_none()
            && self.controller(lane).is_some_and(|controller| {
                self.free_at
                    .get(usize::from(controller))
                    .is_some_and(|&free| free <= at)
            });
        if may {
            self.send(lane, at, out);
        } else {
            self.waiting = true;
        }
    }

    /// Sends the lane if it shows something else than it should.
    fn send(&mut self, lane: Lane, at: u64, out: &mut impl FnMut(u64, MidiMessage)) {
        let (Some(settings), Some(controller)) = (self.settings, self.controller(lane)) else {
            return;
        };
        let Some(state) = self.lanes.get_mut(lane.index()) else {
            return;
        };
        let Some(wanted) = state.wanted else {
            return;
        };
        let fine = settings.fourteen_bit && controller < 32;
        if let Some(sent) = state.sent
            && !differs(sent, wanted, settings.dead_band, fine)
        {
            return;
        }
        state.sent = Some(wanted);
        put(settings.channel, controller, wanted, fine, at, out);
        if let Some(free) = self.free_at.get_mut(usize::from(controller)) {
            *free = at + self.interval_samples;
        }
    }

    fn sweep(&mut self, from: u64, until: u64, out: &mut impl FnMut(u64, MidiMessage)) {
        let (Some((lane, since)), Some(settings)) = (self.learning, self.settings) else {
            return;
        };
        let controller = settings.map.get(lane.index()).copied().flatten();
        let first = from
            .saturating_sub(since)
            .div_ceil(self.interval_samples.max(1));
        for step in first..=LEARN_STEPS {
            let at = since + step * self.interval_samples.max(1);
            if at >= until {
                return;
            }
            if let Some(controller) = controller {
                // Up and down again.
                let share = 1.0 - (2.0 * step as f32 / LEARN_STEPS as f32 - 1.0).abs();
                let fine = settings.fourteen_bit && controller < 32;
                put(
                    settings.channel,
                    controller,
                    Amount::Share(share),
                    fine,
                    at,
                    out,
                );
            }
        }
        self.learning = None;
        self.waiting = true;
        if let Some(state) = self.lanes.get_mut(lane.index()) {
            state.sent = None;
        }
    }

    fn hold(&mut self, at: u64, out: &mut impl FnMut(u64, MidiMessage)) {
        let (Some(settings), Some(lane)) = (self.settings, self.leading) else {
            return;
        };
        let key = usize::from(settings.first_note) + lane.index();
        if settings.notes
            && lane.index() < SCORES
            && let Some(key) = u8::try_from(key).ok().filter(|&key| key < 128)
        {
            self.note = Some((settings.channel, key));
            out(
                at,
                MidiMessage::NoteOn {
                    channel: settings.channel,
                    key,
                    velocity: self.velocity,
                },
            );
        }
    }

    fn release(&mut self, at: u64, out: &mut impl FnMut(u64, MidiMessage)) {
        if let Some((channel, key)) = self.note.take() {
            out(at, MidiMessage::NoteOff { channel, key });
        }
    }
}

/// Whether `wanted` is worth a message where `sent` is shown.
fn differs(sent: Amount, wanted: Amount, dead_band: f32, fine: bool) -> bool {
    let step = |amount| steps(amount, fine);
    match (sent, wanted) {
        (Amount::Share(sent), Amount::Share(new)) => {
            let at_an_end = new <= 0.0 || new >= 1.0;
            let far = (new - sent).abs() >= dead_band || at_an_end;
            far && step(Amount::Share(sent)) != step(Amount::Share(new))
        }
        (sent, wanted) => sent != wanted,
    }
}

/// The controller's value: up to 127, or 16,383 if `fine`.
fn steps(amount: Amount, fine: bool) -> u16 {
    match amount {
        Amount::Share(share) => {
            let most = if fine { 16_383.0 } else { 127.0 };
            (share * most).round() as u16
        }
        Amount::Number(number) if fine => u16::from(number) << 7,
        Amount::Number(number) => number.into(),
    }
}

/// One message, or the coarse one and then the fine one.
fn put(
    channel: u8,
    controller: u8,
    amount: Amount,
    fine: bool,
    at: u64,
    out: &mut impl FnMut(u64, MidiMessage),
) {
    let value = steps(amount, fine);
    let message = |controller, value: u16| MidiMessage::Controller {
        channel,
        controller,
        value: (value & 0x7F) as u8,
    };
    if fine {
        out(at, message(controller, value >> 7));
        out(at, message(controller + 32, value));
    } else {
        out(at, message(controller, value));
    }
}
