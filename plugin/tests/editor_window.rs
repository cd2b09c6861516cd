//! The editor by what a user, or a screen reader, finds in it: every value by name, and every control giving the action that it promises.

mod editor_support;

use editor_support::{Scene, Shown, emotions_named, view, window};
use egui::accesskit::{Role, Toggled};
use egui::{Key, Vec2, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use undersong_plugin::editor::{
    Action, Change, Choice, Dial, LEAST_SIZE, Number, OscTarget, Route, State, Switch, Tab, View,
    Window,
};

const MEDIUM: Vec2 = vec2(900.0, 600.0);

fn open(view: View, tab: Tab) -> Shown {
    // High enough that nothing needs to be scrolled to.
    window(view, Some(tab), vec2(900.0, 900.0), 1.0)
}

/// Clicks what has this role and this name.
fn click(shown: &mut Shown, role: Role, name: &str) -> Vec<Action> {
    shown.harness.get_by_role_and_label(role, name).click();
    shown.asked()
}

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
fn the_switch_that_arms_automation_is_in_sight_and_off_at_first() {
    let mut shown = window(view(Scene::Speaking), None, LEAST_SIZE, 1.0);
    let switch = shown
        .harness
        .get_by_role_and_label(Role::Switch, "Write automation");
    assert_eq!(switch.accesskit_node().toggled(), Some(Toggled::False));
    assert_eq!(
        click(&mut shown, Role::Switch, "Write automation"),
        [Action::Switch(Switch::Write, true)]
    );
    let mut shown = open(view(Scene::Speaking), Tab::Send);
    shown
        .harness
        .get_by_label_contains("marks the project as changed");
    assert_eq!(
        click(&mut shown, Role::Switch, "Write"),
        [Action::Switch(Switch::Write, true)]
    );
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
fn switches_choices_and_buttons_ask_for_what_they_say() {
    let cases: [(Tab, Role, &str, Action); 14] = [
        (
            Tab::Listen,
            Role::Switch,
            "Listen",
            Action::Switch(Switch::Listen, false),
        ),
        (
            Tab::Listen,
            Role::Switch,
            "Bypass",
            Action::Switch(Switch::Bypass, true),
        ),
        (
            Tab::Listen,
            Role::RadioButton,
            "In silence: Decay",
            Action::Choose(Choice::Silence, 1),
        ),
        (
            Tab::Listen,
            Role::Button,
            "Reset what was heard",
            Action::Reset,
        ),
        (Tab::Listen, Role::Button, "Defaults", Action::Defaults),
        (
            Tab::Midi,
            Role::Switch,
            "Controllers",
            Action::Switch(Switch::Midi, false),
        ),
        (
            Tab::Midi,
            Role::Switch,
            "Notes",
            Action::Switch(Switch::Notes, true),
        ),
        (
            Tab::Midi,
            Role::RadioButton,
            "Resolution: 14 bit",
            Action::Choose(Choice::Bits, 1),
        ),
        (
            Tab::Midi,
            Role::Switch,
            "Send happy",
            Action::Route(2, Route::Off),
        ),
        (Tab::Midi, Role::Button, "Learn angry", Action::Learn(4)),
        (
            Tab::Send,
            Role::Switch,
            "Send OSC",
            Action::Switch(Switch::Osc, true),
        ),
        (
            Tab::Model,
            Role::RadioButton,
            "Use: File",
            Action::Choose(Choice::Model, 1),
        ),
        (
            Tab::Model,
            Role::RadioButton,
            "Use: CUDA",
            Action::Choose(Choice::Engine, 1),
        ),
        (Tab::About, Role::Button, "125 %", Action::Scale(1.25)),
    ];
    for (tab, role, name, action) in cases {
        let mut shown = open(view(Scene::Speaking), tab);
        assert_eq!(click(&mut shown, role, name), [action], "{tab:?}: {name}");
    }
}

#[test]
fn the_midi_map_shows_every_controller_and_takes_another() {
    let mut view = view(Scene::Speaking);
    view.settings.fourteen_bit = true;
    view.midi_map[1].controller = None;
    view.midi_map[3].controller = Some(20);
    view.midi_map[3].chosen = true;
    let mut shown = open(view, Tab::Midi);
    let controller = |shown: &Shown, name: &str| {
        let name = format!("Controller of {name}");
        let node = shown
            .harness
            .query_by_role_and_label(Role::SpinButton, &name)?;
        node.accesskit_node().numeric_value()
    };
    assert_eq!(controller(&shown, "neutral"), Some(20.0));
    assert_eq!(controller(&shown, "calm"), None);
    assert_eq!(controller(&shown, "arousal"), Some(28.0));
    assert_eq!(controller(&shown, "leading"), Some(103.0));
    assert_eq!(
        click(&mut shown, Role::Switch, "Send calm"),
        [Action::Route(1, Route::Follow)]
    );
    shown
        .harness
        .get_by_role_and_label(Role::SpinButton, "Controller of surprised")
        .set_value_accesskit(85.0);
    assert_eq!(shown.asked(), [Action::Route(7, Route::Controller(85))]);
    assert_eq!(
        click(&mut shown, Role::Button, "Back to the standard map"),
        [Action::RestoreMap]
    );
}

#[test]
fn a_dragged_number_is_one_gesture_and_a_typed_one_is_set_at_once() {
    let mut shown = open(view(Scene::Speaking), Tab::Listen);
    let rect = shown
        .harness
        .get_by_role_and_label(Role::Slider, "Hop")
        .rect();
    shown.harness.drag_at(rect.left_center() + vec2(20.0, 0.0));
    shown.harness.run();
    shown.harness.hover_at(rect.center());
    shown.harness.run();
    shown.harness.drop_at(rect.center());
    let asked = shown.asked();
    let first = asked.first();
    assert_eq!(
        first,
        Some(&Action::Number(Dial::Hop, Change::Begin)),
        "{asked:?}"
    );
    assert_eq!(
        asked.last(),
        Some(&Action::Number(Dial::Hop, Change::End)),
        "{asked:?}"
    );
    let values = asked
        .iter()
        .filter_map(|action| match action {
            Action::Number(Dial::Hop, Change::To(value)) => Some(*value),
            _ => None,
        })
        .collect::<Vec<_>>();
    assert_eq!(values.len() + 2, asked.len(), "{asked:?}");
    assert!(!values.is_empty() && values.iter().all(|value| (50.0..=1000.0).contains(value)));

    shown
        .harness
        .get_by_role_and_label(Role::SpinButton, "Smoothing")
        .set_value_accesskit(0.5);
    assert_eq!(
        shown.asked(),
        [Action::Number(Dial::Smoothing, Change::Once(0.5))]
    );
}

#[test]
fn what_is_typed_is_taken_over_when_the_field_is_left() {
    let mut shown = open(view(Scene::Speaking), Tab::Model);
    shown
        .harness
        .get_by_role_and_label(Role::TextInput, "Model file")
        .focus();
    shown.harness.run();
    shown
        .harness
        .get_by_role_and_label(Role::TextInput, "Model file")
        .type_text("/models/choir.onnx");
    assert_eq!(shown.asked(), [], "nothing is loaded while it is typed");
    shown.harness.key_press(Key::Enter);
    assert_eq!(
        shown.asked(),
        [Action::ModelFile("/models/choir.onnx".to_owned())]
    );

    let mut shown = open(view(Scene::Speaking), Tab::Send);
    shown
        .harness
        .get_by_role_and_label(Role::SpinButton, "OSC port")
        .set_value_accesskit(7000.0);
    let target = OscTarget {
        host: "127.0.0.1".to_owned(),
        port: 7000,
        wekinator: false,
    };
    assert_eq!(shown.asked(), [Action::OscTarget(target.clone())]);
    assert_eq!(
        click(&mut shown, Role::Button, "Wekinator"),
        [Action::OscTarget(OscTarget {
            port: 6448,
            wekinator: true,
            ..target
        })]
    );
}

#[test]
fn the_keyboard_reaches_every_control_of_the_bar() {
    let mut shown = window(view(Scene::Speaking), None, LEAST_SIZE, 1.0);
    let mut reached = Vec::new();
    for _ in 0..12 {
        shown.harness.key_press(Key::Tab);
        shown.harness.run();
        let focused = shown
            .harness
            .root()
            .children_recursive()
            .find(|node| node.accesskit_node().is_focused())
            .and_then(|node| node.accesskit_node().label());
        if focused.as_deref() == Some("Write automation") {
            shown.harness.key_press(Key::Space);
            assert_eq!(shown.asked(), [Action::Switch(Switch::Write, true)]);
        }
        reached.extend(focused);
    }
    for name in [
        "Settings",
        "Write automation",
        "Model: undersong-8",
        "OSC is not sent",
    ] {
        assert!(
            reached.iter().any(|reached| reached == name),
            "{name}: {reached:?}"
        );
    }
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
