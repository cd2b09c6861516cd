//! `Judge`: what a plugin must and must not do, looked at block by block.

use super::watch::Deeds;
use super::{Parameter, Sent, What};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// Faults that are kept; a plugin that has more is no better known by them.
const MOST_FAULTS: usize = 100;

/// Something that a plugin must not do.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// Number of the block, from 0.
    pub block: u64,
    /// What it was.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block {}: {}", self.block, self.what)
    }
}

/// Looks at every block of an instance.
#[derive(Debug, Default)]
pub struct Judge {
    ranges: HashMap<u32, (f64, f64)>,
    held: HashSet<u32>,
    /// Whether values without a gesture around them are a fault; VST3 has its gestures elsewhere.
    wants_gestures: bool,
    block: u64,
    faults: Vec<Fault>,
}

impl Judge {
    /// Of an instance with these parameters.
    pub(super) fn new(parameters: &[Parameter], wants_gestures: bool) -> Self {
        Self {
            ranges: parameters
                .iter()
                .map(|parameter| (parameter.id, (parameter.min, parameter.max)))
                .collect(),
            wants_gestures,
            ..Self::default()
        }
    }

    /// What was wrong so far; at most the first hundred.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Parameters that the plugin holds at the moment.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// A deactivation ends every gesture.
    pub(super) fn deactivated(&mut self) {
        self.held.clear();
    }

    pub(super) fn fault(&mut self, what: String) {
        if self.faults.len() < MOST_FAULTS {
            let block = self.block;
            self.faults.push(Fault { block, what });
        }
    }

    /// Looks at a block of so many samples: what was sent in it, and what the call did. An offline render may wait.
    pub(super) fn look(&mut self, frames: u32, sent: &[Sent], deeds: Deeds, waits: bool) {
        let mut last = 0;
        for event in sent {
            if event.at < last {
                self.fault(format!(
                    "{:?} at sample {} comes after one at {last}: events must be in time order",
                    event.what, event.at
                ));
            }
            last = last.max(event.at);
            if event.at >= frames.max(1) {
                self.fault(format!(
                    "{:?} at sample {} lies outside of the block of {frames}",
                    event.what, event.at
                ));
            }
            self.look_at(event.what);
        }
        if !waits && deeds.is_anything() {
            self.fault(format!("the audio thread's call made {deeds}"));
        }
        self.block += 1;
    }

    fn look_at(&mut self, what: What) {
        match what {
            What::Begin { id } => {
                self.know(id);
                if !self.held.insert(id) {
                    self.fault(format!("gesture of parameter {id} begins twice"));
                }
            }
            What::End { id } => {
                if !self.held.remove(&id) {
                    self.fault(format!("gesture of parameter {id} ends and never began"));
                }
            }
            What::Value { id, value } => {
                self.know(id);
                if let Some(&(min, max)) = self.ranges.get(&id)
                    && !(min..=max).contains(&value)
                {
                    self.fault(format!(
                        "parameter {id} is set to {value}, outside of {min} to {max}"
                    ));
                }
                if self.wants_gestures && !self.held.contains(&id) {
                    self.fault(format!("parameter {id} is set outside of a gesture"));
                }
            }
            What::Midi {
                bytes: [status, data @ ..],
            } => {
                if status < 0x80 || data.iter().any(|&byte| byte > 0x7F) {
                    self.fault(format!("{status:02X} {data:02X?} is no MIDI message"));
                }
                if status & 0xF0 == 0xB0 && data[0] > 119 {
                    self.fault(format!("controller {} is a channel mode", data[0]));
                }
            }
            What::Other => {}
        }
    }

    fn know(&mut self, id: u32) {
        if !self.ranges.contains_key(&id) {
            self.fault(format!("there is no parameter {id}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::Flags;

    fn judged(blocks: &[(u32, &[Sent])]) -> Vec<String> {
        let parameter = Parameter {
            id: 7,
            name: "P".to_owned(),
            group: String::new(),
            min: 0.0,
            max: 1.0,
            default: 0.0,
            flags: Flags::default(),
        };
        let mut judge = Judge::new(&[parameter], true);
        for (frames, sent) in blocks {
            judge.look(*frames, sent, Deeds::default(), false);
        }
        judge.faults().iter().map(ToString::to_string).collect()
    }

    fn at(at: u32, what: What) -> Sent {
        Sent { at, what }
    }

    #[test]
    fn a_proper_gesture_over_two_blocks_has_no_fault() {
        let (begin, end) = (What::Begin { id: 7 }, What::End { id: 7 });
        let value = What::Value { id: 7, value: 1.0 };
        assert!(
            judged(&[
                (8, &[at(0, begin), at(3, value)]),
                (8, &[at(7, value), at(7, end)])
            ])
            .is_empty()
        );
    }

    #[test]
    fn each_fault_is_named() {
        let (begin, end) = (What::Begin { id: 7 }, What::End { id: 7 });
        let value = |value| What::Value { id: 7, value };
        for (sent, part) in [
            (vec![at(5, begin), at(4, value(0.5))], "time order"),
            (
                vec![at(0, begin), at(8, value(0.5))],
                "outside of the block",
            ),
            (vec![at(0, begin), at(1, begin)], "begins twice"),
            (vec![at(0, end)], "never began"),
            (vec![at(0, value(0.5))], "outside of a gesture"),
            (vec![at(0, begin), at(0, value(1.5))], "outside of 0 to 1"),
            (
                vec![at(0, begin), at(0, value(f64::NAN))],
                "outside of 0 to 1",
            ),
            (vec![at(0, What::Begin { id: 8 })], "no parameter 8"),
            (
                vec![at(
                    0,
                    What::Midi {
                        bytes: [0xB0, 120, 0],
                    },
                )],
                "channel mode",
            ),
            (
                vec![at(
                    0,
                    What::Midi {
                        bytes: [0x10, 1, 0],
                    },
                )],
                "no MIDI message",
            ),
        ] {
            let faults = judged(&[(8, &sent)]);
            assert!(
                faults.len() == 1 && faults[0].contains(part),
                "{part}: {faults:?}"
            );
        }
    }

    #[test]
    fn memory_taken_and_system_calls_are_faults_unless_the_host_waits() {
        let deeds = Deeds {
            allocations: 2,
            frees: 0,
            system_calls: 1,
        };
        let mut judge = Judge::new(&[], false);
        judge.look(8, &[], deeds, true);
        assert!(judge.faults().is_empty());
        judge.look(8, &[], deeds, false);
        assert!(
            judge.faults()[0].to_string().contains("2 allocations"),
            "{:?}",
            judge.faults()
        );
    }
}
