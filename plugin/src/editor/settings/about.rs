//! What this is and what it is not.

use super::model::model_facts;
use crate::editor::action::Action;
use crate::editor::bars::WHAT_IT_IS_NOT;
use crate::editor::controls::{heading, note};
use crate::editor::view::View;
use egui::{Button, Label, Ui};

/// Sizes of everything in the window.
const SCALES: [f32; 6] = [0.75, 1.0, 1.25, 1.5, 1.75, 2.0];

pub(super) fn show(ui: &mut Ui, view: &View, actions: &mut Vec<Action>) {
    heading(ui, concat!("Undersong ", env!("CARGO_PKG_VERSION")));
    ui.add(Label::new(WHAT_IT_IS_NOT).wrap());
    note(
        ui,
        "The model learned from actors, and acted speech is not felt emotion. Scores say which acted emotion the sound is most like. People \
         who heard the same recordings named what the actors meant two times in five (CREMA-D, from the voice alone).",
    );
    note(
        ui,
        "For finding one's way through takes, marking where a performance changes, and driving sound, light or a character from a voice. No \
         decision about a person may rest on it.",
    );
    heading(ui, "Law");
    note(
        ui,
        "In the EU, inferring emotions of people at work or in schools is prohibited, save for medical and safety reasons (AI Act, Regulation \
         (EU) 2024/1689, Art. 5(1)(f)). Elsewhere under that law, people exposed to emotion recognition must be told (Art. 50(3)).",
    );
    heading(ui, "Privacy");
    note(
        ui,
        "Everything is computed on this machine. No sound leaves it; scores leave it only by OSC, where you send them.",
    );
    if !view.model.name.is_empty() {
        heading(ui, &view.model.name);
        model_facts(ui, view);
    }
    heading(ui, "Size of this window's contents");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for scale in SCALES {
            let chosen = (view.settings.scale - scale).abs() < 0.01;
            let button = Button::selectable(chosen, format!("{:.0} %", scale * 100.0))
                .frame_when_inactive(true);
            if ui.add(button).clicked() && !chosen {
                actions.push(Action::Scale(scale));
            }
        }
    });
}
