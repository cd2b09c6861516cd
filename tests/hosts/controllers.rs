//! The MIDI that the plugin sends, seen from a host: what was asked for, in its place, and no faster than it should.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, HashSet};
use undersong_bundler::hosts::What;
use undersong_tests::{Formats, no_faults, play, take};

#[test]
fn controllers_come_in_their_places_no_faster_than_fifty_a_second() {
    let formats = Formats::open().unwrap();
    let (sound, rate_hz) = take();
    for fourteen_bit in [false, true] {
        for mut host in formats.each().unwrap() {
            host.set_named("MIDI", 1.0).unwrap();
            host.set_named("Notes", 1.0).unwrap();
            host.set_named("MIDI Bits", if fourteen_bit { 1.0 } else { 0.0 })
                .unwrap();
            // The shortest hop, so that there is something to hold back.
            host.set_named("Hop", 0.0).unwrap();
            host.set_offline(true).unwrap();
            host.activate(rate_hz.into(), 1, 512).unwrap();
            let sent = play(&mut *host, &sound, &[512], 0);
            let mut times: BTreeMap<u8, Vec<u64>> = BTreeMap::new();
            let mut notes = HashSet::new();
            let mut last = (0, 0);
            for (at, what) in &sent {
                let What::Midi {
                    bytes: [status, number, value],
                } = *what
                else {
                    panic!("{what:?} was not asked for");
                };
                match status {
                    0xB0 => {
                        times.entry(number).or_default().push(*at);
                        // The lower seven bits follow their upper ones at once.
                        if (32..64).contains(&number) {
                            assert_eq!(last, (*at, number - 32));
                        }
                        last = (*at, number);
                    }
                    0x90 => assert!(value > 0 && notes.insert(number)),
                    0x80 => assert!(notes.remove(&number)),
                    other => panic!("{other:02X}"),
                }
            }
            let high: HashSet<u8> = (20..=29).chain([31, 102, 103]).collect();
            let low: HashSet<u8> = (52..=61).chain([63]).collect();
            for (number, times) in &times {
                assert!(
                    high.contains(number) || fourteen_bit && low.contains(number),
                    "controller {number}"
                );
                // Any second holds at most fifty, and the first of its state.
                let worst = times
                    .iter()
                    .map(|start| {
                        times
                            .iter()
                            .filter(|at| (*start..*start + u64::from(rate_hz)).contains(at))
                            .count()
                    })
                    .max();
                assert!(
                    worst <= Some(51),
                    "controller {number}: {worst:?} in a second"
                );
            }
            assert!(times.len() > 8, "{:?}", times.keys());
            assert!(notes.len() <= 1);
            no_faults(&*host);
        }
    }
}
