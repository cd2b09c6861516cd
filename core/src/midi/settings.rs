//! How MIDI is sent, and which controller carries which lane unless the user chose another.

use crate::lanes::{LANE_COUNT, LANES, Lane};

/// Highest controller that may be used; those above are the channel's modes.
pub const HIGHEST_CONTROLLER: u8 = 119;

/// Controller of the first emotion, unless chosen otherwise.
pub const FIRST_CONTROLLER: u8 = 20;

/// The controller that carries a lane if the emotions' begin at `first`: scores 0 to 7 after it, arousal 8, valence 9, confidence 11. Speech
/// is on 102 and the leading emotion on 103. `None` if that is above [`HIGHEST_CONTROLLER`].
///
/// Real-time safe: yes.
pub fn standard_controller(lane: Lane, first: u8) -> Option<u8> {
    let number = match lane {
        Lane::Speech => 102,
        Lane::Leading => 103,
        Lane::Arousal => first.checked_add(8)?,
        Lane::Valence => first.checked_add(9)?,
        Lane::Confidence => first.checked_add(11)?,
        score => first.checked_add(u8::try_from(score.index()).ok()?)?,
    };
    (number <= HIGHEST_CONTROLLER).then_some(number)
}

/// How MIDI is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MidiSettings {
    /// Whether controllers are sent.
    pub controllers: bool,
    /// Whether a note is held while an emotion leads.
    pub notes: bool,
    /// 0 to 15.
    pub channel: u8,
    /// Controller of each lane.
    pub map: [Option<u8>; LANE_COUNT],
    /// Pairs of messages where there is a pair.
    pub fourteen_bit: bool,
    /// Change below which nothing is sent, as a share of the range.
    pub dead_band: f32,
    /// Key of the first emotion's note.
    pub first_note: u8,
}

impl Default for MidiSettings {
    /// Controllers of 7 bits from [`FIRST_CONTROLLER`] on, on the first channel, a dead band of 1 %, no notes; their first would be key 36.
    fn default() -> Self {
        Self {
            controllers: true,
            notes: false,
            channel: 0,
            map: LANES.map(|lane| standard_controller(lane, FIRST_CONTROLLER)),
            fourteen_bit: false,
            dead_band: 0.01,
            first_note: 36,
        }
    }
}
