//! The editor's window.

use crate::shared::Shared;
use nice_plug_egui::{
    EguiEditor, EguiEditorState, EguiNiceSettings, Frame, NiceEguiApp, RepaintNotifier,
    create_egui_editor,
};
use std::sync::Arc;

/// The editor as nice-plug knows it.
pub type UndersongEditor = EguiEditor<App>;

/// What is in the window.
#[derive(Debug)]
pub struct App {
    shared: Arc<Shared>,
}

/// The editor of an instance.
pub fn create(shared: Arc<Shared>) -> Option<UndersongEditor> {
    create_egui_editor(
        EguiEditorState::from_size(nice_plug::editor::dpi::LogicalSize::new(900.0, 600.0), 1.0),
        RepaintNotifier::default(),
        EguiNiceSettings::default(),
        App { shared },
    )
}

impl NiceEguiApp for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        ui.heading("Undersong");
        let output = &self.shared.params.output;
        for lane in crate::params::LANES {
            ui.label(format!("{}: {:?}", lane.id(), output.ptr(lane)));
        }
    }
}
