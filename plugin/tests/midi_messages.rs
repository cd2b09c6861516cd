//! Which controllers the parameters and the user's routes lead to. (What is then sent is `core/tests/midi_messages.rs`'s.)

#![allow(clippy::unwrap_used)]

use undersong_plugin::midi::{MidiMap, MidiSettings, Route};
use undersong_plugin::params::{Lane, MidiOut};

#[test]
fn the_parameters_defaults_are_the_standard_settings_switched_off() {
    let settings = MidiMap::default().settings(&MidiOut::default());
    let standard = MidiSettings {
        controllers: false,
        ..MidiSettings::default()
    };
    assert_eq!(settings, standard);
}

#[test]
fn a_route_of_the_users_own_comes_before_the_standard_one() {
    let map = MidiMap::default();
    map.set_route(Lane::Sad, Route::Controller(7));
    map.set_route(Lane::Calm, Route::Off);
    let settings = map.settings(&MidiOut::default());
    assert_eq!(settings.map[Lane::Sad.index()], Some(7));
    assert_eq!(settings.map[Lane::Calm.index()], None);
    assert_eq!(settings.map[Lane::Happy.index()], Some(22));
    map.restore();
    assert_eq!(map.controller(Lane::Sad, 20), Some(23));
}

#[test]
fn no_route_leads_to_the_channel_mode_messages() {
    let map = MidiMap::default();
    map.set_route(Lane::Happy, Route::Controller(121));
    assert_eq!(map.controller(Lane::Happy, 20), None);
    assert_eq!(map.controller(Lane::Confidence, 115), None);
    assert_eq!(map.controller(Lane::Neutral, 119), Some(119));
}
