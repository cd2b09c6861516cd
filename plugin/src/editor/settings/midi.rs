//! How MIDI is sent, and which controller carries what.

use crate::editor::action::{Action, Choice, Dial, Route, Switch};
use crate::editor::controls::{Shown, choice, dial, heading, note, switch, toggle};
use crate::editor::style::{FAINT, MUTED, SMALL, WARNING, colour};
use crate::editor::view::{MidiRow, View};
use egui::{DragValue, Grid, RichText, Sense, Ui, vec2};

/// Highest controller that may be used; those above are the channel's modes.
const HIGHEST_CONTROLLER: u8 = 119;

pub(super) fn show(ui: &mut Ui, view: &View, actions: &mut Vec<Action>) {
    let settings = &view.settings;
    switch(
        ui,
        actions,
        (
            "Controllers",
            "Sends a controller for everything that is on in the table.",
        ),
        Switch::Midi,
        settings.midi,
    );
    switch(
        ui,
        actions,
        (
            "Notes",
            "Holds a note while an emotion leads, for triggering.",
        ),
        Switch::Notes,
        settings.notes,
    );
    dial(
        ui,
        actions,
        ("Channel", "MIDI channel, 1 to 16."),
        Dial::Channel,
        settings.channel,
        Shown::new("", 0),
    );
    dial(
        ui,
        actions,
        (
            "First CC",
            "Controller of the first emotion; the others follow, unless you choose another in the table.",
        ),
        Dial::FirstController,
        settings.first_controller,
        Shown::new("", 0),
    );
    dial(
        ui,
        actions,
        ("First note", "Key of the first emotion; the others follow."),
        Dial::FirstNote,
        settings.first_note,
        Shown::new("", 0),
    );
    choice(
        ui,
        actions,
        (
            "Resolution",
            "14 bit sends pairs: controllers 0 to 31 with the fine part on 32 to 63. Others stay at 7 bit.",
        ),
        Choice::Bits,
        &["7 bit", "14 bit"],
        usize::from(settings.fourteen_bit),
    );
    dial(
        ui,
        actions,
        ("Dead-band", "Changes smaller than this are not sent."),
        Dial::DeadBand,
        settings.dead_band,
        Shown {
            factor: 100.0,
            ..Shown::new(" %", 1)
        },
    );
    heading(ui, "Map");
    note(
        ui,
        "Learn sweeps one controller alone for a second, so that the host's MIDI learn catches that one.",
    );
    Grid::new("map")
        .num_columns(5)
        .min_row_height(22.0)
        .spacing(vec2(10.0, 3.0))
        .show(ui, |ui| {
            for title in ["Source", "CC", "Note", "On", ""] {
                ui.label(RichText::new(title).color(FAINT).size(SMALL));
            }
            ui.end_row();
            for (index, row) in view.midi_map.iter().enumerate() {
                line(ui, view, index, row, actions);
                ui.end_row();
            }
        });
    ui.add_space(4.0);
    let chosen = view.midi_map.iter().any(|row| row.chosen);
    if ui
        .add_enabled(chosen, egui::Button::new("Back to the standard map"))
        .on_hover_text("Emotions from the first controller on, then arousal, valence and confidence; speech on 102, leading on 103.")
        .clicked()
    {
        actions.push(Action::RestoreMap);
    }
}

fn line(ui: &mut Ui, view: &View, index: usize, row: &MidiRow, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (dot, _) = ui.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
        if let Some(own) = row.colour {
            ui.painter().circle_filled(dot.center(), 4.0, colour(own));
        }
        let ink = if row.controller.is_some() {
            ui.visuals().text_color()
        } else {
            MUTED
        };
        ui.label(RichText::new(&row.name).color(ink));
    });
    match row.controller {
        Some(own) => controller(ui, view, index, row, own, actions),
        None => {
            ui.label(RichText::new("off").color(FAINT));
        }
    }
    ui.label(match row.note {
        Some(note) => RichText::new(note_name(note)).color(MUTED),
        None => RichText::new("–").color(FAINT),
    });
    let on = row.controller.is_some();
    if toggle(ui, &format!("Send {}", row.name), on).clicked() {
        let route = if on { Route::Off } else { Route::Follow };
        actions.push(Action::Route(index, route));
    }
    let learn = ui
        .add_enabled(on && view.settings.midi, egui::Button::new("Learn").small())
        .on_hover_text(format!("Sends only {} for a second.", row.name))
        .on_disabled_hover_text("Switch controllers on first.")
        .accessible_name(format!("Learn {}", row.name));
    if learn.clicked() {
        actions.push(Action::Learn(index));
    }
}

fn controller(
    ui: &mut Ui,
    view: &View,
    index: usize,
    row: &MidiRow,
    own: u8,
    actions: &mut Vec<Action>,
) {
    let mut number = own;
    let paired = view.settings.fourteen_bit && own < 32;
    let suffix = if paired {
        format!(" + {}", own + 32)
    } else {
        String::new()
    };
    let twin = view.shares_controller(index);
    let response = ui
        .scope(|ui| {
            if twin.is_some() {
                ui.visuals_mut().override_text_color = Some(WARNING);
            }
            ui.add_sized(
                vec2(64.0, 20.0),
                DragValue::new(&mut number)
                    .range(0..=HIGHEST_CONTROLLER)
                    .speed(0.2)
                    .suffix(suffix)
                    .update_while_editing(false),
            )
        })
        .inner
        .accessible_name(format!("Controller of {}", row.name));
    if response.changed() {
        actions.push(Action::Route(index, Route::Controller(number)));
    }
    match twin {
        Some(twin) => response.on_hover_text(format!("{} is on this controller too.", twin.name)),
        None => response.on_hover_text(if row.chosen {
            "Chosen here."
        } else {
            "Follows the first controller."
        }),
    };
}

/// A key as musicians call it: 60 is C4.
fn note_name(key: u8) -> String {
    const NAMES: [&str; 12] = [
        "C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B",
    ];
    let name = NAMES.get(usize::from(key % 12)).copied().unwrap_or("C");
    format!("{name}{} ({key})", i32::from(key / 12) - 1)
}
