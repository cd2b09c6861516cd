//! The list of parameters as hosts see it. What stands here is in people's projects: lines may be added, none may change.

#![allow(clippy::unwrap_used, unsafe_code)]

use nice_plug::prelude::ParamPtr;
use std::collections::HashSet;
use std::fmt::Write;
use undersong_plugin::params::{LANES, UndersongParams, host_id, lane_host_id};

/// Id, number, group, name, lowest, default and highest value.
const LIST: &str = "\
bypass 773352680  / Bypass: Off [Off] On
listen 1044975047 Listen / Listen: Off [On] On
hop 103497 Listen / Hop: 50 ms [250 ms] 1000 ms
smooth 1248949678 Listen / Smoothing: 0.00 s [0.00 s] 2.00 s
sens 3526551 Listen / Sensitivity: 0.25 × [1.00 ×] 4.00 ×
silence 2092627105 Listen / In Silence: Hold [Hold] Decay
decay 95459258 Listen / Decay: 0.10 s [1.00 s] 10.00 s
prior_neutral 1158352210 Priors / P Neutral: 0.00 × [1.00 ×] 4.00 ×
prior_calm 968601268 Priors / P Calm: 0.00 × [1.00 ×] 4.00 ×
prior_happy 2113973547 Priors / P Happy: 0.00 × [1.00 ×] 4.00 ×
prior_sad 377628897 Priors / P Sad: 0.00 × [1.00 ×] 4.00 ×
prior_angry 2107887596 Priors / P Angry: 0.00 × [1.00 ×] 4.00 ×
prior_fearful 482232792 Priors / P Fearful: 0.00 × [1.00 ×] 4.00 ×
prior_disgust 985535720 Priors / P Disgust: 0.00 × [1.00 ×] 4.00 ×
prior_surprised 1818472294 Priors / P Surprised: 0.00 × [1.00 ×] 4.00 ×
write 113399775  / Write Auto: Off [Off] On
midi 3351329 MIDI / MIDI: Off [Off] On
channel 738950403 MIDI / MIDI Chan: 1 [1] 16
first_cc 1597595727 MIDI / First CC: 0 [20] 119
bits 3024134 MIDI / MIDI Bits: 7 bit [7 bit] 14 bit
deadband 503328921 MIDI / Dead Band: 0.0 % [1.0 %] 10.0 %
notes 105008833 MIDI / Notes: Off [Off] On
first_note 1986511905 MIDI / First Note: 0 [36] 120
osc 110335  / OSC: Off [Off] On
model 104069929  / Model: Built in [Built in] File
engine 848820802  / Engine: Auto [Auto] Built in
neutral 1844321735 Emotion / Neutral: 0.0 % [0.0 %] 100.0 %
calm 3045983 Emotion / Calm: 0.0 % [0.0 %] 100.0 %
happy 99047136 Emotion / Happy: 0.0 % [0.0 %] 100.0 %
sad 113622 Emotion / Sad: 0.0 % [0.0 %] 100.0 %
angry 92961185 Emotion / Angry: 0.0 % [0.0 %] 100.0 %
fearful 1168202317 Emotion / Fearful: 0.0 % [0.0 %] 100.0 %
disgust 1671505245 Emotion / Disgust: 0.0 % [0.0 %] 100.0 %
surprised 1757705883 Emotion / Surprised: 0.0 % [0.0 %] 100.0 %
valence 231137644 Emotion / Valence: -1.00 [0.00] 1.00
arousal 1410860711 Emotion / Arousal: -1.00 [0.00] 1.00
confidence 829251210 Emotion / Confidence: 0.0 % [0.0 %] 100.0 %
speech 1251412194 Emotion / Speech: Off [Off] On
leading 50359046 Emotion / Leading: None [None] Surprised
";

fn text(ptr: ParamPtr, normalised: f32) -> String {
    // SAFETY: the parameters live in the caller.
    unsafe { ptr.normalized_value_to_string(normalised, true) }
}

fn list(params: &UndersongParams) -> String {
    let mut list = String::new();
    for entry in params.entries() {
        // SAFETY: `params` lives.
        let (name, default) = unsafe {
            (
                entry.ptr.name().to_owned(),
                entry.ptr.default_normalized_value(),
            )
        };
        writeln!(
            list,
            "{} {} {} / {name}: {} [{}] {}",
            entry.id,
            entry.host_id,
            entry.group,
            text(entry.ptr, 0.0),
            text(entry.ptr, default),
            text(entry.ptr, 1.0)
        )
        .unwrap();
    }
    list
}

#[test]
fn no_id_name_or_range_has_changed() {
    let found = list(&UndersongParams::default());
    assert_eq!(found, LIST, "\n{found}");
}

#[test]
fn ids_are_unique_and_names_fit_a_controllers_display() {
    let params = UndersongParams::default();
    let entries = params.entries();
    let ids = entries.iter().map(|entry| entry.host_id);
    assert_eq!(ids.collect::<HashSet<_>>().len(), entries.len());
    for entry in entries {
        // SAFETY: `params` lives.
        let name = unsafe { entry.ptr.name() };
        assert!(name.len() <= 11, "{name}");
    }
}

#[test]
fn values_are_read_back_as_they_are_written() {
    let params = UndersongParams::default();
    for entry in params.entries() {
        for step in 0..=10 {
            let wanted = text(entry.ptr, step as f32 / 10.0);
            // SAFETY: `params` lives.
            let read = unsafe { entry.ptr.string_to_normalized_value(&wanted) };
            let read = read.unwrap_or_else(|| panic!("{}: {wanted:?}", entry.id));
            assert_eq!(text(entry.ptr, read), wanted, "{}", entry.id);
        }
    }
}

#[test]
fn every_lane_has_its_parameter() {
    let params = UndersongParams::default();
    for lane in LANES {
        let entries = params.entries();
        let entry = entries.iter().find(|entry| entry.id == lane.id()).unwrap();
        assert_eq!(entry.host_id, lane_host_id(lane));
        assert_eq!(entry.ptr, params.output.ptr(lane));
        assert_eq!(entry.host_id, host_id(lane.id()));
        // SAFETY: `params` lives.
        let steps = unsafe { entry.ptr.step_count() }.unwrap_or(1);
        assert_eq!(steps, lane.steps() as usize);
    }
}
