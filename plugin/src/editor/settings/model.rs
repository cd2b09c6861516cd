//! Model and engine.

use super::{Typed, field};
use crate::editor::action::{Action, Choice};
use crate::editor::controls::{choice, heading, note};
use crate::editor::style::{MUTED, WARNING};
use crate::editor::view::{ENGINE_CHOICES, MODEL_CHOICES, View};
use egui::{Button, Label, RichText, Ui};

pub(super) fn show(ui: &mut Ui, view: &View, typed: &mut Typed, actions: &mut Vec<Action>) {
    for problem in &view.problems {
        ui.add(Label::new(RichText::new(&problem.what).color(WARNING)).wrap());
        note(ui, &problem.remedy);
    }
    heading(ui, "Model");
    choice(
        ui,
        actions,
        (
            "Use",
            "The model that is compiled in, or a model file of yours.",
        ),
        Choice::Model,
        &MODEL_CHOICES,
        view.settings.model,
    );
    ui.horizontal(|ui| {
        ui.label(RichText::new("File").color(MUTED));
        let width = ui.available_width() - 8.0;
        if let Some(file) = field(
            ui,
            &mut typed.model_file,
            &view.model.file,
            "Model file",
            "Paste the path of an .onnx file",
            width,
        ) {
            actions.push(Action::ModelFile(pasted_path(&file)));
        }
    });
    if !view.model.beside.is_empty() {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new("Beside it").color(MUTED))
                .on_hover_text("Model files that lie beside the plugin.");
            for name in &view.model.beside {
                let button =
                    Button::selectable(view.model.file == *name, name).frame_when_inactive(true);
                if ui.add(button).clicked() {
                    actions.push(Action::ModelFile(name.clone()));
                }
            }
        });
    }
    if view.model.name.is_empty() {
        note(ui, "No model is loaded.");
    } else {
        let changing = if view.model.changing {
            " (another is about to take over)"
        } else {
            ""
        };
        ui.label(format!("{}{changing}", view.model.name));
        model_facts(ui, view);
    }
    profile(ui, view, &mut typed.profile_file, actions);
    heading(ui, "Engine");
    choice(
        ui,
        actions,
        (
            "Use",
            "Auto takes ONNX Runtime on the CPU if it is found, else the built-in engine. CUDA is used only when asked for.",
        ),
        Choice::Engine,
        &ENGINE_CHOICES,
        view.settings.engine,
    );
    ui.add(
        Label::new(if view.engine.name.is_empty() {
            "No engine runs."
        } else {
            &view.engine.name
        })
        .wrap(),
    );
    if let Some(warning) = &view.engine.warning {
        ui.add(Label::new(RichText::new(warning).color(WARNING)).wrap());
    }
    for line in &view.engine.why {
        note(ui, line);
    }
}

/// The speaker whose usual voice scores are held against.
fn profile(ui: &mut Ui, view: &View, typed: &mut Option<String>, actions: &mut Vec<Action>) {
    heading(ui, "Your own voice");
    ui.horizontal(|ui| {
        ui.label(RichText::new("Profile").color(MUTED));
        let width = ui.available_width() - 8.0;
        if let Some(file) = field(
            ui,
            typed,
            &view.model.profile_file,
            "Speaker's profile",
            "Paste the path of a profile",
            width,
        ) {
            actions.push(Action::ProfileFile(pasted_path(&file)));
        }
    });
    if view.model.profile.is_empty() {
        note(
            ui,
            "Without one, scores are held against everybody's voice. `undersong calibrate` makes one of a minute of speech.",
        );
    } else {
        note(
            ui,
            &format!(
                "Scores are held against the usual voice of {}.",
                view.model.profile
            ),
        );
    }
}

/// What the model's file says of itself: what it is, what it learned from, how well it does, its licence.
pub(super) fn model_facts(ui: &mut Ui, view: &View) {
    let model = &view.model;
    for line in [&model.description, &model.learned_from, &model.quality] {
        if !line.is_empty() {
            note(ui, line);
        }
    }
    note(ui, &format!("Licence of the weights: {}", model.licence));
}

/// A path as file managers and shells give it to be pasted: a line with quotes around it, or an address `file://` with its bytes in per cent.
fn pasted_path(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default().trim();
    let bare = ['"', '\'']
        .into_iter()
        .find_map(|quote| line.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(line);
    let Some(address) = bare.strip_prefix("file://") else {
        return bare.to_owned();
    };
    // `file://localhost/…` is this machine; before a drive's letter there is a stroke of the address's own.
    let path = address.strip_prefix("localhost").unwrap_or(address);
    let path = match path.as_bytes() {
        [b'/', _, b':', ..] => path.get(1..).unwrap_or(path),
        _ => path,
    };
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let coded = after
            .get(..2)
            .filter(|_| byte == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(coded.unwrap_or(byte));
        rest = if coded.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::pasted_path;

    #[test]
    fn a_path_is_taken_as_it_is_pasted() {
        for (pasted, path) in [
            ("choir.onnx", "choir.onnx"),
            ("  /models/my choir.onnx\n", "/models/my choir.onnx"),
            ("\"C:\\models\\choir.onnx\"", "C:\\models\\choir.onnx"),
            ("'/models/choir.onnx'", "/models/choir.onnx"),
            (
                "file:///models/my%20ch%C3%B6r.onnx\r\n",
                "/models/my chör.onnx",
            ),
            ("file://localhost/models/a.onnx", "/models/a.onnx"),
            ("file:///C:/models/a.onnx", "C:/models/a.onnx"),
            ("/models/100%.onnx", "/models/100%.onnx"),
            ("file:///models/100%.onnx", "/models/100%.onnx"),
            ("", ""),
        ] {
            assert_eq!(pasted_path(pasted), path, "{pasted:?}");
        }
    }
}
