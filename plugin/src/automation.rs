//! `Automation`: when the plugin takes hold of its output parameters, writes them, and lets them go. Pure logic: it knows no host.

use crate::params::{LANE_COUNT, LANES, Lane};
use crate::process::Outgoing;

/// What the host was told. It allocates nothing.
#[derive(Debug, Default)]
pub struct Automation {
    /// A bit per lane that is held.
    held: u16,
    /// What each lane was last written as, since it is held.
    written: [Option<f32>; LANE_COUNT],
}

const fn bit(lane: Lane) -> u16 {
    1 << lane.index()
}

impl Automation {
    /// Holds the lanes of `lanes` (a bit each) and no others: what is new begins, at the value that is heard, and what is not among them
    /// ends. A gesture stays open while the host plays, so that it records one stretch, not a thousand.
    pub fn hold(&mut self, lanes: u16, heard: &[f32; LANE_COUNT], out: &mut impl FnMut(Outgoing)) {
        if lanes == self.held {
            return;
        }
        for ((lane, value), written) in LANES.into_iter().zip(heard).zip(&mut self.written) {
            let (was, is) = (self.held & bit(lane) != 0, lanes & bit(lane) != 0);
            if is && !was {
                out(Outgoing::GestureBegin(lane));
                out(Outgoing::Value(lane, *value));
                *written = Some(*value);
            } else if was && !is {
                out(Outgoing::GestureEnd(lane));
                *written = None;
            }
        }
        self.held = lanes;
    }

    /// A lane is at a value, 0 to 1; it is written if it is held and says something new.
    pub fn set(&mut self, lane: Lane, value: f32, out: &mut impl FnMut(Outgoing)) {
        if self.held & bit(lane) == 0 || !value.is_finite() {
            return;
        }
        if let Some(written) = self.written.get_mut(lane.index())
            && *written != Some(value)
        {
            *written = Some(value);
            out(Outgoing::Value(lane, value));
        }
    }

    /// Whether anything is held.
    pub fn is_open(&self) -> bool {
        self.held != 0
    }

    /// As if nothing was held. The host has been deactivated: what was open there is closed, and without this no gesture would begin again.
    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(work: impl FnOnce(&mut dyn FnMut(Outgoing))) -> Vec<Outgoing> {
        let mut all = Vec::new();
        work(&mut |what| all.push(what));
        all
    }

    #[test]
    fn every_value_lies_between_one_begin_and_one_end() {
        let heard = [0.25; LANE_COUNT];
        let lanes = bit(Lane::Happy) | bit(Lane::Valence);
        let mut automation = Automation::default();
        let all = told(|mut out| {
            automation.set(Lane::Happy, 0.1, &mut out);
            automation.hold(lanes, &heard, &mut out);
            automation.hold(lanes, &heard, &mut out);
            automation.set(Lane::Happy, 0.5, &mut out);
            automation.set(Lane::Happy, 0.5, &mut out);
            automation.set(Lane::Sad, 0.9, &mut out);
            automation.hold(0, &heard, &mut out);
            automation.set(Lane::Happy, 0.7, &mut out);
        });
        use Outgoing::{GestureBegin, GestureEnd, Value};
        assert_eq!(
            all,
            [
                GestureBegin(Lane::Happy),
                Value(Lane::Happy, 0.25),
                GestureBegin(Lane::Valence),
                Value(Lane::Valence, 0.25),
                Value(Lane::Happy, 0.5),
                GestureEnd(Lane::Happy),
                GestureEnd(Lane::Valence),
            ]
        );
    }

    #[test]
    fn after_a_deactivation_a_gesture_begins_again() {
        let heard = [0.0; LANE_COUNT];
        let mut automation = Automation::default();
        automation.hold(bit(Lane::Calm), &heard, &mut |_| ());
        automation.forget();
        let all = told(|mut out| automation.hold(bit(Lane::Calm), &heard, &mut out));
        assert_eq!(all.first(), Some(&Outgoing::GestureBegin(Lane::Calm)));
    }
}
