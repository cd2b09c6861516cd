//! Automation and OSC.

use super::field;
use crate::editor::action::{Action, Switch};
use crate::editor::bars::ABOUT_WRITING;
use crate::editor::controls::{heading, note, switch};
use crate::editor::style::{MUTED, WARNING};
use crate::editor::view::{OscTarget, View};
use egui::{Button, DragValue, Label, RichText, Ui, vec2};

pub(super) fn show(
    ui: &mut Ui,
    view: &View,
    typed_host: &mut Option<String>,
    actions: &mut Vec<Action>,
) {
    let settings = &view.settings;
    heading(ui, "Automation");
    switch(
        ui,
        actions,
        ("Write", ABOUT_WRITING),
        Switch::Write,
        settings.write,
    );
    note(ui, ABOUT_WRITING);
    if settings.write && !view.host_takes_automation {
        ui.add(
            Label::new(
                RichText::new(
                    "This host has not fetched any values yet. If it stays so while it plays, close and open this window once.",
                )
                .color(WARNING)
                .size(11.0),
            )
            .wrap(),
        );
    }
    heading(ui, "OSC");
    switch(
        ui,
        actions,
        ("Send OSC", "One UDP bundle for each update."),
        Switch::Osc,
        settings.osc,
    );
    ui.horizontal(|ui| {
        ui.label(RichText::new("To").color(MUTED));
        if let Some(host) = field(
            ui,
            typed_host,
            &view.osc.host,
            "OSC host",
            "127.0.0.1",
            150.0,
        ) {
            actions.push(Action::OscTarget(OscTarget {
                host,
                ..view.osc.clone()
            }));
        }
        ui.label(RichText::new("port").color(MUTED));
        let mut port = view.osc.port;
        let response = ui
            .add_sized(
                vec2(62.0, 20.0),
                DragValue::new(&mut port)
                    .range(1..=u16::MAX)
                    .update_while_editing(false),
            )
            .accessible_name("OSC port");
        if response.changed() {
            actions.push(Action::OscTarget(OscTarget {
                port,
                ..view.osc.clone()
            }));
        }
    });
    ui.horizontal(|ui| {
        ui.label(RichText::new("As").color(MUTED));
        for (name, wekinator, port, hover) in [
            (
                "Undersong",
                false,
                9000,
                "/undersong/scores, /undersong/label, /undersong/affect and /undersong/speech",
            ),
            (
                "Wekinator",
                true,
                6448,
                "One message /wek/inputs with all numbers, to port 6448",
            ),
        ] {
            let button =
                Button::selectable(view.osc.wekinator == wekinator, name).frame_when_inactive(true);
            if ui.add(button).on_hover_text(hover).clicked() && view.osc.wekinator != wekinator {
                actions.push(Action::OscTarget(OscTarget {
                    port,
                    wekinator,
                    ..view.osc.clone()
                }));
            }
        }
    });
    note(
        ui,
        if view.osc.wekinator {
            "/wek/inputs: the scores, then valence, arousal, confidence, speech."
        } else {
            "/undersong/scores with a number for each emotion, /undersong/label with name and score, /undersong/affect with valence, arousal \
             and confidence, /undersong/speech with 0 or 1."
        },
    );
}
