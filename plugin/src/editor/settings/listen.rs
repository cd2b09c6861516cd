//! How it listens.

use crate::editor::action::{Action, Choice, Dial, Switch};
use crate::editor::controls::{Shown, choice, dial, heading, note, switch};
use crate::editor::view::View;
use egui::{CollapsingHeader, Ui};

pub(super) fn show(ui: &mut Ui, view: &View, actions: &mut Vec<Action>) {
    let settings = &view.settings;
    switch(
        ui,
        actions,
        (
            "Listen",
            "Off: nothing is analysed, and what comes is forgotten.",
        ),
        Switch::Listen,
        settings.listen,
    );
    switch(
        ui,
        actions,
        (
            "Bypass",
            "On: nothing listens and nothing is sent. The sound is the same either way.",
        ),
        Switch::Bypass,
        settings.bypass,
    );
    dial(
        ui,
        actions,
        (
            "Hop",
            "How often there are new scores. Shorter follows faster and costs more.",
        ),
        Dial::Hop,
        settings.hop_ms,
        Shown::new(" ms", 0),
    );
    dial(
        ui,
        actions,
        (
            "Smoothing",
            "Time over which scores are smoothed. 0 gives each window's own.",
        ),
        Dial::Smoothing,
        settings.smoothing_seconds,
        Shown::new(" s", 2),
    );
    dial(
        ui,
        actions,
        (
            "Sensitivity",
            "How decidedly scores differ. 1 is calibrated; above, small differences grow, and the confidence no longer says how often an \
             answer is right.",
        ),
        Dial::Sensitivity,
        settings.sensitivity,
        Shown {
            logarithmic: true,
            ..Shown::new(" ×", 2)
        },
    );
    choice(
        ui,
        actions,
        (
            "In silence",
            "What scores do while nobody speaks: silence has no emotion.",
        ),
        Choice::Silence,
        &["Hold", "Decay"],
        usize::from(settings.decays),
    );
    ui.add_enabled_ui(settings.decays, |ui| {
        dial(
            ui,
            actions,
            ("Decay", "Time in which scores fall to about a third."),
            Dial::Decay,
            settings.decay_seconds,
            Shown {
                logarithmic: true,
                ..Shown::new(" s", 2)
            },
        );
    });
    CollapsingHeader::new("Priors")
        .default_open(true)
        .show_unindented(ui, |ui| {
            note(
                ui,
                "How likely you take each emotion to be, as a factor on what the model learned. 0 rules it out.",
            );
            for prior in &settings.priors {
                dial(
                    ui,
                    actions,
                    (&prior.name, "1 leaves it as learned. A double click goes back there."),
                    Dial::Prior(prior.lane),
                    prior.factor,
                    Shown::new(" ×", 2),
                );
            }
        });
    heading(ui, "Start over");
    ui.horizontal_wrapped(|ui| {
        if ui
            .button("Reset what was heard")
            .on_hover_text("Forgets the sound heard so far, as at a jump of the transport.")
            .clicked()
        {
            actions.push(Action::Reset);
        }
        if ui
            .button("Defaults")
            .on_hover_text("Hop, smoothing, sensitivity, silence and priors as they were at first.")
            .clicked()
        {
            actions.push(Action::Defaults);
        }
    });
}
