//! The window as nice-plug wants it: made anew each time it opens, at the size and scale that were saved.

use super::window::{FIRST_SIZE, LEAST_SIZE, MOST_SIZE, Window};
use super::{Action, Bridge, State, style};
use crate::params::UndersongParams;
use crate::shared::Shared;
use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::editor::{
    Editor, HostMethods, ParentWindowHandle, ResizeHint, SizeConstraints, SpawnedEditor,
};
use nice_plug_egui::resizable_window::ResizableWindow;
use nice_plug_egui::{
    EguiEditorHandle, EguiEditorState, EguiNiceSettings, Frame, KeyCapture, NiceEguiApp,
    RepaintNotifier, baseview, create_egui_editor,
};
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Time from one frame to the next while something moves.
const FRAME: Duration = Duration::from_millis(16);

/// And while nothing does: what the user does is shown at once all the same.
const STILL_FRAME: Duration = Duration::from_millis(100);

/// What the saved scale may be.
const SCALES: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// The editor of an instance.
#[derive(Debug)]
pub struct UndersongEditor {
    shared: Arc<Shared>,
    kept: Arc<Mutex<Kept>>,
}

/// What stays while the window is closed.
#[derive(Debug)]
struct Kept {
    bridge: Bridge,
    window: Window,
}

/// The editor of an instance.
pub fn create(shared: Arc<Shared>) -> Option<UndersongEditor> {
    Some(UndersongEditor {
        kept: Arc::new(Mutex::new(Kept {
            bridge: Bridge::new(Arc::clone(&shared)),
            window: Window::default(),
        })),
        shared,
    })
}

/// The size in points and the scale that were saved, or the first ones.
fn saved(params: &UndersongParams) -> (egui::Vec2, f32) {
    let fields = params.editor.get();
    let number = |name: &str| {
        let value = fields.get(name).and_then(serde_json::Value::as_f64);
        value.filter(|value| value.is_finite())
    };
    let size = match (number("width"), number("height")) {
        (Some(width), Some(height)) => egui::vec2(width as f32, height as f32),
        _ => FIRST_SIZE,
    };
    let scale = number("scale").map_or(1.0, |scale| scale as f32);
    (
        size.clamp(LEAST_SIZE, MOST_SIZE),
        scale.clamp(*SCALES.start(), *SCALES.end()),
    )
}

fn save(params: &UndersongParams, values: &[(&str, f32)]) {
    let mut fields = params.editor.get();
    for &(name, value) in values {
        if value.is_finite() {
            fields.insert(name.to_owned(), f64::from(value).into());
        }
    }
    params.editor.put(fields);
}

impl Editor for UndersongEditor {
    type Handle = EguiEditorHandle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        let (size, scale) = saved(&self.shared.params);
        let app = App {
            shared: Arc::clone(&self.shared),
            kept: Arc::clone(&self.kept),
            scale,
        };
        let editor = create_egui_editor(
            EguiEditorState::from_size(LogicalSize::new(size.x, size.y), scale),
            RepaintNotifier::default(),
            EguiNiceSettings::new()
                .with_tile("Undersong")
                .with_resize_hint(self.resize_hint()),
            app,
        )
        .ok_or("the window could not be made")?;
        editor.spawn(
            parent,
            wait_for_parent,
            fallback_scale_factor,
            gui_context,
            host,
        )
    }

    fn size(&self) -> NativeSize<u32> {
        let (size, scale) = saved(&self.shared.params);
        let size = size * scale;
        NativeSize::from_size(LogicalSize::new(size.x, size.y).into(), 1.0)
    }

    fn resize_hint(&self) -> ResizeHint {
        let (_, scale) = saved(&self.shared.params);
        let (least, most) = (LEAST_SIZE * scale, MOST_SIZE * scale);
        ResizeHint {
            can_resize: true,
            can_resize_horizontally: true,
            can_resize_vertically: true,
            size_constraints: SizeConstraints::Logical {
                min_size: Some(LogicalSize::new(least.x, least.y)),
                max_size: Some(LogicalSize::new(most.x, most.y)),
            },
            ..ResizeHint::NON_RESIZABLE
        }
    }

    unsafe fn assume_standalone_in_process(&self) {
        // SAFETY: who calls this promises what baseview wants: that no other program shares the process.
        unsafe { baseview::assume_standalone_in_process() }
    }
}

/// What is in the window.
#[derive(Debug)]
pub struct App {
    shared: Arc<Shared>,
    kept: Arc<Mutex<Kept>>,
    scale: f32,
}

impl App {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NiceEguiApp for App {
    fn build(
        &mut self,
        egui_ctx: egui::Context,
        _context: GuiContext,
        _frame: &mut Frame,
    ) -> Result<(), baseview::HandlerError> {
        style::install(&egui_ctx);
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut Frame) {
        let mut kept = self.kept();
        let Kept { bridge, window } = &mut *kept;
        bridge.refresh(self.scale);
        let actions = ResizableWindow::new("window")
            .min_size(LEAST_SIZE)
            .max_size(MOST_SIZE)
            .show(ui, |ui| window.show(ui, bridge.view()))
            .inner;
        for action in actions {
            match action {
                Action::Scale(scale) => {
                    ui.set_zoom_factor(scale.clamp(*SCALES.start(), *SCALES.end()));
                }
                action => bridge.apply(action),
            }
        }
        // The space bar is the host's, unless a control of ours has the keyboard.
        frame.set_key_capture(if ui.memory(|memory| memory.focused().is_some()) {
            KeyCapture::CaptureAll
        } else {
            KeyCapture::IgnoreAll
        });
        let view = bridge.view();
        let moves = match view.state {
            State::Speaking => true,
            State::Silent | State::Waiting => view.history.has_voice(),
            _ => false,
        };
        ui.request_repaint_after(if moves { FRAME } else { STILL_FRAME });
    }

    fn resized(&mut self, new_size: baseview::WindowSize) {
        let (width, height) = (
            new_size.logical.width as f32,
            new_size.logical.height as f32,
        );
        if width >= 1.0 && height >= 1.0 {
            save(
                &self.shared.params,
                &[
                    ("width", width / self.scale),
                    ("height", height / self.scale),
                ],
            );
        }
    }

    fn zoom_factor_changed(&mut self, zoom_factor: f32) {
        self.scale = zoom_factor;
        save(&self.shared.params, &[("scale", zoom_factor)]);
    }
}
