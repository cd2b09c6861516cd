//! Everything that can be set, a page a subject.

mod about;
mod listen;
mod midi;
mod model;
mod send;

use super::style::{self, GROUND};
use super::{Action, Tab, View, Window};
use egui::{Button, Frame, Margin, Rect, ScrollArea, Ui, UiBuilder, vec2};

/// What is being typed, until it is taken over.
#[derive(Debug, Default)]
pub(super) struct Typed {
    /// The model file, while its field is edited.
    model_file: Option<String>,
    /// The speaker's profile, while its field is edited.
    profile_file: Option<String>,
    /// The machine that OSC goes to, while its field is edited.
    osc_host: Option<String>,
}

const TABS: [(Tab, &str); 5] = [
    (Tab::Listen, "Listen"),
    (Tab::Midi, "MIDI"),
    (Tab::Send, "Send"),
    (Tab::Model, "Model"),
    (Tab::About, "About"),
];

/// The page that is open, under the names of all.
pub(super) fn show(
    window: &mut Window,
    ui: &mut Ui,
    rect: Rect,
    view: &View,
    actions: &mut Vec<Action>,
) {
    style::card(ui.painter(), rect);
    let inner = rect.shrink2(vec2(12.0, 8.0));
    ui.scope_builder(UiBuilder::new().max_rect(inner), |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 3.0;
            for (tab, name) in TABS {
                let button = Button::selectable(window.open == Some(tab), name);
                if ui.add(button).clicked() {
                    window.open = Some(tab);
                }
            }
        });
        ui.add_space(2.0);
        let tab = window.open.unwrap_or_default();
        ScrollArea::vertical()
            .id_salt(tab as u8)
            .auto_shrink(false)
            .show(ui, |ui| {
                // Room for the scroll bar and for focus rings.
                Frame::NONE
                    .inner_margin(Margin {
                        left: 3,
                        right: 12,
                        top: 2,
                        bottom: 6,
                    })
                    .show(ui, |ui| {
                        ui.set_width(ui.available_width().min(520.0));
                        match tab {
                            Tab::Listen => listen::show(ui, view, actions),
                            Tab::Midi => midi::show(ui, view, actions),
                            Tab::Send => send::show(ui, view, &mut window.typed.osc_host, actions),
                            Tab::Model => {
                                model::show(ui, view, &mut window.typed, actions);
                            }
                            Tab::About => about::show(ui, view, actions),
                        }
                    });
            });
    });
}

/// A field to type into. What was typed is given back once the user presses Enter or leaves the field.
fn field(
    ui: &mut Ui,
    typed: &mut Option<String>,
    current: &str,
    name: &str,
    hint: &'static str,
    width: f32,
) -> Option<String> {
    let mut text = typed.take().unwrap_or_else(|| current.to_owned());
    let response = ui
        .add(
            egui::TextEdit::singleline(&mut text)
                .desired_width(width)
                .hint_text(hint)
                .background_color(GROUND),
        )
        .accessible_name(name);
    if response.lost_focus() {
        let text = text.trim();
        return (text != current).then(|| text.to_owned());
    }
    if response.has_focus() {
        *typed = Some(text);
    }
    None
}
