//! The editor's controls, found as a user, or a screen reader, finds them: each gives the action that it promises.

mod editor_support;

use editor_support::{Scene, Shown, click, open, view, window};
use egui::accesskit::{Role, Toggled};
use egui::{Key, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use undersong_plugin::editor::{
    Action, Change, Choice, Dial, LEAST_SIZE, OscTarget, Route, Switch, Tab,
};

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
