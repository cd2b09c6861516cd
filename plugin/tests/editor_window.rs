//! The editor by what a user, or a screen reader, finds in it: every value by name, every state, and every page.

mod editor_support;

use editor_support::{Scene, click, emotions_named, view, window};
use egui::accesskit::Role;
use egui::{Vec2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use undersong_plugin::editor::{LEAST_SIZE, Number, State, Tab, View, Window};

const MEDIUM: Vec2 = vec2(900.0, 600.0);

#[test]
fn every_emotion_is_named_with_its_value_and_the_leading_one_says_so() {
    let view = view(Scene::Speaking);
    let (leading, ..) = view.leading().expect("a voice was heard");
    let shown = window(view.clone(), None, MEDIUM, 1.0);
    let reading = view.reading.as_ref().expect("a voice was heard");
    for (index, emotion) in view.emotions.iter().enumerate() {
        let score = reading.scores[index];
        let suffix = if index == leading { ", leading" } else { "" };
        let name = format!("{} {:.0} %{suffix}", emotion.name, f64::from(score) * 100.0);
        let bar = shown.harness.get_by_role_and_label(Role::Meter, &name);
        let value = bar.accesskit_node().numeric_value();
        assert!(
            value.is_some_and(|value| (value - f64::from(score)).abs() < 1e-6),
            "{name}: {value:?}"
        );
    }
    shown.harness.get_by_label("State: Speech");
    shown.harness.get_by_label("Control lag: lag 34 ms");
    shown.harness.get_by_label("Dropped audio: nothing dropped");
    shown.harness.get_by_label("Model: undersong-8");
    shown.harness.get_by_label_contains("Valence ");
    shown.harness.get_by_label(
        "Hears how a voice sounds, not what a person feels. No lie detector, no diagnosis.",
    );
}

#[test]
fn every_state_says_what_it_is() {
    for (scene, state, headline) in [
        (Scene::Speaking, "State: Speech", " sure"),
        (Scene::Unsure, "State: Speech", "unsure."),
        (Scene::Silent, "State: Silence", "the last scores are held"),
        (
            Scene::Waiting,
            "State: Waiting for voice",
            "Waiting for voice.",
        ),
        (Scene::Failed, "State: Cannot listen", "Cannot listen."),
        (Scene::Bypassed, "State: Bypassed", "nothing is sent"),
    ] {
        let shown = window(view(scene), None, LEAST_SIZE, 1.0);
        shown.harness.get_by_label(state);
        shown
            .harness
            .get_all_by_role(Role::Status)
            .find(|node| {
                node.accesskit_node()
                    .label()
                    .is_some_and(|label| label.contains(headline))
            })
            .unwrap_or_else(|| panic!("{scene:?}: nothing says {headline:?}"));
    }
    for (state, said) in [
        (State::Off, "State: Not listening"),
        (State::Idle, "State: No sound"),
        (State::Loading, "State: Loading"),
    ] {
        let mut view = view(Scene::Waiting);
        view.state = state;
        window(view, None, LEAST_SIZE, 1.0)
            .harness
            .get_by_label(said);
    }
}

#[test]
fn what_is_wrong_is_said_with_what_to_do_and_leads_to_the_page_that_helps() {
    let mut shown = window(view(Scene::Missing), None, LEAST_SIZE, 1.0);
    shown.harness.get_by_label(
        "Problem: /srv/models/choir.onnx is missing; the built-in model is used instead Put the file back, or choose another under \
         Settings, Model.",
    );
    shown.harness.get_by_label("Dropped audio: 1.2 s dropped");
    click(&mut shown, Role::Button, "Details");
    assert_eq!(shown.harness.state().window.open, Some(Tab::Model));
}

#[test]
fn pages_open_and_close() {
    let mut shown = window(view(Scene::Speaking), None, LEAST_SIZE, 1.0);
    for (name, tab) in [
        ("MIDI", Tab::Midi),
        ("Send", Tab::Send),
        ("Model", Tab::Model),
        ("About", Tab::About),
        ("Listen", Tab::Listen),
    ] {
        if shown.harness.state().window.open.is_none() {
            click(&mut shown, Role::Button, "Settings");
        }
        assert_eq!(click(&mut shown, Role::Button, name), []);
        assert_eq!(shown.harness.state().window.open, Some(tab));
    }
    click(&mut shown, Role::Button, "Settings");
    assert_eq!(shown.harness.state().window.open, None);
    // The page that was open comes back.
    click(&mut shown, Role::Button, "MIDI is sent");
    click(&mut shown, Role::Button, "Settings");
    click(&mut shown, Role::Button, "Settings");
    assert_eq!(shown.harness.state().window.open, Some(Tab::Midi));
}

#[test]
fn a_model_may_have_any_number_of_emotions() {
    for names in [
        &["bored"][..],
        &["neutral", "happy", "sad", "angry", "fearful", "disgust"],
        &[
            "admiration",
            "amusement",
            "anger",
            "awe",
            "boredom",
            "calm",
            "confusion",
            "contempt",
            "desire",
            "disgust",
            "embarrassment",
            "fear",
            "joy",
            "pride",
            "relief",
            "sadness",
        ],
    ] {
        let view = emotions_named(names);
        for size in [LEAST_SIZE, MEDIUM] {
            let shown = window(view.clone(), None, size, 1.0);
            assert_eq!(
                shown.harness.get_all_by_role(Role::Meter).count(),
                names.len()
            );
            shown
                .picture()
                .save(&format!("emotions-{}-{}", names.len(), size.x));
        }
    }
}

#[test]
fn numbers_that_are_none_and_windows_that_are_tiny_are_drawn_all_the_same() {
    let mut view = view(Scene::Speaking);
    if let Some(reading) = &mut view.reading {
        reading.scores = vec![f32::NAN, f32::INFINITY, -1.0];
        reading.valence = f32::NAN;
        reading.leading = Some(99);
    }
    view.lag_ms = Some(f32::NAN);
    view.level_db = f32::NEG_INFINITY;
    view.dropped_seconds = f64::NAN;
    view.settings.hop_ms = Number::new(f64::NAN, 50.0, 1000.0);
    for tab in [None, Some(Tab::Listen), Some(Tab::Midi)] {
        for size in [
            vec2(1.0, 1.0),
            vec2(200.0, 120.0),
            vec2(560.0, 100.0),
            MEDIUM,
        ] {
            window(view.clone(), tab, size, 1.0);
        }
    }
    window(View::default(), None, LEAST_SIZE, 1.0);
    window(View::default(), Some(Tab::Model), LEAST_SIZE, 1.0);
}

#[test]
fn the_window_is_closed_until_a_page_is_asked_for() {
    assert_eq!(Window::default().open, None);
}
