//! What goes out as MIDI: which controller, how fine, how often.

#![allow(clippy::unwrap_used)]

use undersong_core::lanes::Lane;
use undersong_core::midi::{MidiMessage, MidiSettings, Sender, standard_controller};

const RATE: f64 = 48_000.0;
const INTERVAL: u64 = 960;

fn settings() -> MidiSettings {
    MidiSettings {
        dead_band: 0.0,
        ..MidiSettings::default()
    }
}

/// A sender with these settings, and what it has sent.
fn sender(settings: MidiSettings) -> Sender {
    let mut sender = Sender::default();
    sender.set_rate(RATE);
    sender.configure(settings, 0, &mut |_, message| panic!("{message:?}"));
    sender
}

fn sent(work: impl FnOnce(&mut dyn FnMut(u64, MidiMessage))) -> Vec<(u64, [u8; 3])> {
    let mut all = Vec::new();
    work(&mut |at, message: MidiMessage| all.push((at, message.bytes())));
    all
}

#[test]
fn lanes_lie_on_the_controllers_that_the_conventions_give_them() {
    let wanted = [
        (Lane::Neutral, 20),
        (Lane::Calm, 21),
        (Lane::Happy, 22),
        (Lane::Sad, 23),
        (Lane::Angry, 24),
        (Lane::Fearful, 25),
        (Lane::Disgust, 26),
        (Lane::Surprised, 27),
        (Lane::Arousal, 28),
        (Lane::Valence, 29),
        (Lane::Confidence, 31),
        (Lane::Speech, 102),
        (Lane::Leading, 103),
    ];
    for (lane, controller) in wanted {
        assert_eq!(settings().map[lane.index()], Some(controller), "{lane:?}");
    }
}

#[test]
fn seven_bits_go_from_0_to_127_on_the_channel_asked_for() {
    let mut sender = sender(MidiSettings {
        channel: 9,
        ..settings()
    });
    for (time, share, value) in [(0, 0.0, 0), (1, 0.5, 64), (2, 1.0, 127)] {
        let at = time * INTERVAL;
        assert_eq!(
            sent(|mut out| sender.set_share(Lane::Happy, share, at, &mut out)),
            [(at, [0xB9, 22, value])]
        );
    }
}

#[test]
fn fourteen_bits_are_pairs_with_the_coarse_message_first() {
    let mut sender = sender(MidiSettings {
        fourteen_bit: true,
        ..settings()
    });
    let value = (0.3_f32 * 16_383.0).round() as u16;
    assert_eq!(
        sent(|mut out| sender.set_share(Lane::Sad, 0.3, 7, &mut out)),
        [
            (7, [0xB0, 23, (value >> 7) as u8]),
            (7, [0xB0, 55, (value & 127) as u8])
        ]
    );
    // Above 31 there is no pair.
    assert_eq!(
        sent(|mut out| sender.set_share(Lane::Speech, 1.0, 7, &mut out)),
        [(7, [0xB0, 102, 127])]
    );
}

#[test]
fn a_controller_gets_50_messages_a_second_at_most_and_ends_at_the_last_value() {
    let mut sender = sender(settings());
    let mut all = Vec::new();
    // A change every sample, for two seconds, in blocks of 64.
    for block in 0..1_500_u64 {
        let from = block * 64;
        for at in from..from + 64 {
            let share = (at % 4_800) as f32 / 4_800.0;
            sender.set_share(Lane::Angry, share, at, &mut |at, m| all.push((at, m)));
        }
        sender.advance(from, from + 64, &mut |at, m| all.push((at, m)));
    }
    assert!(all.len() > 90, "{}", all.len());
    for pair in all.windows(2) {
        assert!(pair[1].0 - pair[0].0 >= INTERVAL, "{pair:?}");
    }
    let end = 1_500 * 64;
    sender.set_share(Lane::Angry, 0.25, end, &mut |at, m| all.push((at, m)));
    sender.advance(end, end + 2 * INTERVAL, &mut |at, m| all.push((at, m)));
    assert_eq!(all.last().unwrap().1.bytes(), [0xB0, 24, 32]);
}

#[test]
fn a_small_change_is_not_sent_unless_it_reaches_an_end() {
    let mut sender = sender(MidiSettings {
        dead_band: 0.05,
        ..settings()
    });
    let mut step = 0;
    let mut send = |share| {
        step += 1;
        let at = step * INTERVAL;
        sent(|mut out| sender.set_share(Lane::Calm, share, at, &mut out)).len()
    };
    assert_eq!(send(0.5), 1);
    assert_eq!(send(0.53), 0);
    assert_eq!(send(0.56), 1);
    assert_eq!(send(0.98), 1);
    assert_eq!(send(1.0), 1);
}

#[test]
fn what_is_off_is_not_sent_and_what_changes_is_sent_anew() {
    let mut off = settings();
    off.controllers = false;
    let mut sender = sender(off);
    assert!(sent(|mut out| sender.set_share(Lane::Happy, 0.5, 0, &mut out)).is_empty());
    let all = sent(|mut out| {
        sender.configure(settings(), 10, &mut out);
        sender.advance(10, 20, &mut out);
    });
    assert_eq!(all, [(10, [0xB0, 22, 64])]);
}

#[test]
fn a_note_is_held_while_an_emotion_leads() {
    let mut sender = sender(MidiSettings {
        controllers: false,
        notes: true,
        ..settings()
    });
    let all = sent(|mut out| {
        sender.set_leading(Some(Lane::Happy), 1.0, 5, &mut out);
        sender.set_leading(Some(Lane::Happy), 0.4, 6, &mut out);
        sender.set_leading(Some(Lane::Sad), 0.0, 7, &mut out);
        sender.silence(8, &mut out);
    });
    assert_eq!(
        all,
        [
            (5, [0x90, 38, 127]),
            (7, [0x80, 38, 0]),
            (7, [0x90, 39, 1]),
            (8, [0x80, 39, 0])
        ]
    );
}

#[test]
fn a_note_ends_on_the_channel_on_which_it_began() {
    let notes = MidiSettings {
        notes: true,
        controllers: false,
        ..settings()
    };
    let mut sender = sender(notes);
    let elsewhere = MidiSettings {
        channel: 3,
        ..notes
    };
    let all = sent(|mut out| {
        sender.set_leading(Some(Lane::Neutral), 0.5, 1, &mut out);
        sender.configure(elsewhere, 2, &mut out);
    });
    assert_eq!(
        all,
        [(1, [0x90, 36, 64]), (2, [0x80, 36, 0]), (2, [0x93, 36, 64])]
    );
}

#[test]
fn learning_moves_one_controller_alone_and_then_shows_what_is_heard() {
    let mut sender = sender(settings());
    sender.set_share(Lane::Happy, 0.5, 0, &mut |_, _| ());
    sender.learn(Lane::Happy, 0);
    let mut all = Vec::new();
    for block in 0..800_u64 {
        let from = block * 64;
        sender.set_share(Lane::Sad, block as f32 / 800.0, from, &mut |at, m| {
            all.push((at, m.bytes()));
        });
        sender.advance(from, from + 64, &mut |at, m| all.push((at, m.bytes())));
    }
    let sweep = all
        .iter()
        .take_while(|(_, bytes)| bytes[1] == 22)
        .collect::<Vec<_>>();
    assert!(sweep.len() > 40, "{}", sweep.len());
    assert!(sweep.iter().any(|(_, bytes)| bytes[2] == 127));
    assert!(
        all.iter()
            .skip(sweep.len())
            .any(|(_, bytes)| *bytes == [0xB0, 22, 64])
    );
}

#[test]
fn no_lane_lies_on_the_channel_mode_messages() {
    assert_eq!(standard_controller(Lane::Confidence, 115), None);
    assert_eq!(standard_controller(Lane::Neutral, 119), Some(119));
    assert_eq!(standard_controller(Lane::Neutral, 120), None);
    assert_eq!(standard_controller(Lane::Surprised, 255), None);
}
