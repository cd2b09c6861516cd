//! The bridge, to a real instance: what it asks for arrives in the parameters and at the host, and what is set is shown.

use super::action::{Action, Change, Choice, Dial, Route, Switch};
use super::view::OscTarget;
use super::{Bridge, State, View};
use crate::edits::UserEdit;
use crate::params::{EngineParam, MidiResolution, ModelParam, SilenceParam};
use crate::process::Transport;
use crate::shared::Shared;
use std::sync::Arc;

fn instance() -> (Arc<Shared>, Bridge) {
    let shared = Shared::new();
    let bridge = Bridge::new(Arc::clone(&shared));
    (shared, bridge)
}

fn shown(bridge: &mut Bridge) -> View {
    bridge.refresh(1.5);
    bridge.view().clone()
}

fn told(shared: &Shared) -> Vec<UserEdit> {
    std::iter::from_fn(|| shared.user_edits.next()).collect()
}

#[test]
fn a_new_instance_is_shown_as_it_is() {
    let (_, mut bridge) = instance();
    let view = shown(&mut bridge);
    assert_eq!(view.emotions.len(), 8);
    assert_eq!(view.midi_map.len(), 13);
    assert_eq!(view.settings.priors.len(), 8);
    assert_eq!(view.settings.hop_ms.value, 250.0);
    assert_eq!(
        (view.settings.hop_ms.least, view.settings.hop_ms.most),
        (50.0, 1000.0)
    );
    assert_eq!(view.settings.scale, 1.5);
    assert!(view.settings.listen && !view.settings.write && !view.settings.midi);
    assert_eq!(view.state, State::Idle);
    assert_eq!(view.reading, None);
    assert_eq!(view.problems, []);
    let controllers = view
        .midi_map
        .iter()
        .map(|row| row.controller)
        .collect::<Vec<_>>();
    let usual = [20, 21, 22, 23, 24, 25, 26, 27, 29, 28, 31, 102, 103].map(Some);
    assert_eq!(controllers, usual);
}

#[test]
fn switches_and_choices_arrive_and_are_shown() {
    let (shared, mut bridge) = instance();
    for switch in [
        Switch::Write,
        Switch::Midi,
        Switch::Notes,
        Switch::Osc,
        Switch::Bypass,
    ] {
        bridge.apply(Action::Switch(switch, true));
    }
    bridge.apply(Action::Switch(Switch::Listen, false));
    bridge.apply(Action::Choose(Choice::Silence, 1));
    bridge.apply(Action::Choose(Choice::Bits, 1));
    bridge.apply(Action::Choose(Choice::Model, 1));
    bridge.apply(Action::Choose(Choice::Engine, 3));
    let input = &shared.params.input;
    assert!(input.write.value() && input.midi.on.value() && input.midi.notes.value());
    assert!(input.osc.value() && input.bypass.value() && !input.listening.listen.value());
    assert_eq!(input.listening.silence.value(), SilenceParam::Decay);
    assert_eq!(input.midi.resolution.value(), MidiResolution::Fourteen);
    assert_eq!(input.model.value(), ModelParam::File);
    assert_eq!(input.engine.value(), EngineParam::BuiltIn);
    let view = shown(&mut bridge);
    let settings = &view.settings;
    assert!(settings.write && settings.midi && settings.notes && settings.osc && settings.decays);
    assert!(settings.fourteen_bit && settings.bypass && !settings.listen);
    assert_eq!((settings.model, settings.engine), (1, 3));
    assert_eq!(view.state, State::Bypassed);
    assert_eq!(view.midi_map.first().and_then(|row| row.note), Some(36));
    // Each is a gesture of its own for the host.
    let begun = told(&shared)
        .iter()
        .filter(|edit| matches!(edit, UserEdit::Begin { .. }))
        .count();
    assert_eq!(begun, 10);
}

#[test]
fn a_drag_is_one_gesture_for_the_host() {
    let (shared, mut bridge) = instance();
    bridge.apply(Action::Number(Dial::Smoothing, Change::Begin));
    for value in [0.25, 0.5, 0.75] {
        bridge.apply(Action::Number(Dial::Smoothing, Change::To(value)));
    }
    bridge.apply(Action::Number(Dial::Smoothing, Change::End));
    assert_eq!(shared.params.input.listening.smoothing.value(), 0.75);
    let edits = told(&shared);
    assert!(
        matches!(edits.first(), Some(UserEdit::Begin { .. })),
        "{edits:?}"
    );
    assert!(
        matches!(edits.last(), Some(UserEdit::End { .. })),
        "{edits:?}"
    );
    assert_eq!(edits.len(), 5, "{edits:?}");

    for (dial, value) in [
        (Dial::Hop, 500.0),
        (Dial::Sensitivity, 2.0),
        (Dial::Decay, 3.0),
        (Dial::Prior(7), 0.5),
        (Dial::Channel, 10.0),
        (Dial::FirstController, 102.0),
        (Dial::DeadBand, 0.05),
        (Dial::FirstNote, 60.0),
    ] {
        bridge.apply(Action::Number(dial, Change::Once(value)));
    }
    let settings = shown(&mut bridge).settings;
    let prior = settings
        .priors
        .last()
        .map_or(0.0, |prior| prior.factor.value);
    for (value, expected) in [
        (settings.hop_ms.value, 500.0),
        (settings.sensitivity.value, 2.0),
        (settings.decay_seconds.value, 3.0),
        (prior, 0.5),
        (settings.channel.value, 10.0),
        (settings.first_controller.value, 102.0),
        (settings.dead_band.value, 0.05),
        (settings.first_note.value, 60.0),
    ] {
        assert!((value - expected).abs() < 1e-3, "{value} is not {expected}");
    }
    bridge.apply(Action::Defaults);
    let settings = shown(&mut bridge).settings;
    assert_eq!(settings.hop_ms.value, 250.0);
    assert!((settings.sensitivity.value - 1.0).abs() < 1e-6);
    assert_eq!(settings.channel.value, 10.0, "MIDI is left alone");
}

#[test]
fn the_map_the_model_file_and_the_target_are_kept() {
    let (shared, mut bridge) = instance();
    bridge.apply(Action::Route(2, Route::Controller(85)));
    bridge.apply(Action::Route(3, Route::Off));
    bridge.apply(Action::Route(99, Route::Off));
    bridge.apply(Action::ModelFile("choir.onnx".to_owned()));
    let target = OscTarget {
        host: "10.0.0.7".to_owned(),
        port: 7000,
        wekinator: true,
    };
    bridge.apply(Action::OscTarget(target.clone()));
    let view = shown(&mut bridge);
    let row = |index: usize| {
        view.midi_map
            .get(index)
            .map(|row| (row.controller, row.chosen))
    };
    assert_eq!(row(2), Some((Some(85), true)));
    assert_eq!(row(3), Some((None, false)));
    assert_eq!(view.osc, target);
    assert_eq!(view.model.file, "choir.onnx");
    bridge.apply(Action::RestoreMap);
    let view = shown(&mut bridge);
    assert_eq!(
        view.midi_map.get(2).and_then(|row| row.controller),
        Some(22)
    );
    bridge.apply(Action::Learn(4));
    assert_eq!(shared.take_learning().map(|lane| lane.id()), Some("angry"));
    bridge.apply(Action::Reset);
    assert!(shared.take_reset());
}

#[test]
fn what_is_wrong_is_parted_from_what_to_do() {
    let (shared, mut bridge) = instance();
    assert!(shared.load_state(b"no state").is_err());
    let view = shown(&mut bridge);
    let problem = view.problems.first().expect("it is said");
    assert!(problem.what.starts_with("saved state"), "{problem:?}");
    assert!(!problem.remedy.is_empty());
}

/// An instance that plays and waits for what is heard, at 48 kHz.
fn playing(shared: &Arc<Shared>) {
    shared.room.activate(shared, 48_000.0);
    shared.room.wait();
    let ear = shared.room.activate(shared, 48_000.0);
    assert!(ear.is_some(), "{:?}", shared.troubles());
    shared.processor().activate(48_000.0, ear);
}

#[test]
fn a_jump_of_the_playhead_leaves_a_mark_in_the_timeline_and_playing_on_does_not() {
    let (shared, mut bridge) = instance();
    playing(&shared);
    let quiet = vec![0.0; 4_800];
    let mut play = |from_seconds: f64, blocks: u32| {
        for block in 0..blocks {
            let transport = Transport {
                playing: Some(true),
                position_seconds: Some(from_seconds + f64::from(block) * 0.1),
                offline: true,
            };
            shared
                .processor()
                .block(&shared, &[&quiet], quiet.len(), transport);
            shared.attend();
        }
        let view = shown(&mut bridge);
        let marks = view.history.moments().filter(|moment| moment.after_reset);
        (view.history.moments().count(), marks.count())
    };
    let (moments, marks) = play(0.0, 20);
    assert!(moments >= 7, "{moments}");
    assert_eq!(marks, 0, "the start is no jump");
    let (_, marks) = play(60.0, 20);
    assert_eq!(marks, 1, "the playhead jumped");
    let (more, marks) = play(62.0, 20);
    assert!(more > moments);
    assert_eq!(marks, 1, "it played on");
}

#[test]
fn a_voice_is_seen_as_it_speaks_and_after_it_has_stopped() {
    let (shared, mut bridge) = instance();
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../cli/samples/take.flac");
    let sound =
        undersong_core::audio::load_mono(&file, 48_000, undersong_core::audio::NoiseReduction::Off)
            .expect("the sample decodes");
    playing(&shared);
    let transport = Transport {
        offline: true,
        ..Transport::default()
    };
    let quiet = vec![0.0; 48_000 * 4];
    let mut seen = Vec::new();
    for block in sound.chunks(4_800).chain(quiet.chunks(4_800)) {
        shared
            .processor()
            .block(&shared, &[block], block.len(), transport);
        shared.attend();
        seen.push(shown(&mut bridge));
    }
    let states = seen.iter().map(|view| view.state).collect::<Vec<_>>();
    assert_eq!(states.first(), Some(&State::Waiting));
    assert!(states.contains(&State::Speaking));
    assert_eq!(states.last(), Some(&State::Silent));
    let last = seen.last().expect("something was seen");
    assert_eq!(last.emotions.len(), 8);
    assert!(last.model.name.starts_with("undersong"), "{:?}", last.model);
    assert!(!last.engine.name.is_empty());
    assert!(last.lag_ms.is_some());
    let moments = last.history.moments().collect::<Vec<_>>();
    let voiced = moments
        .iter()
        .filter(|moment| moment.heard.is_some())
        .count();
    assert!(voiced > 30, "{voiced}");
    assert!(moments.last().is_some_and(|moment| moment.heard.is_none()));
    let reading = last.reading.as_ref().expect("scores are held");
    let sum = reading.scores.iter().sum::<f32>();
    assert!((sum - 1.0).abs() < 1e-3, "{sum}");
}
