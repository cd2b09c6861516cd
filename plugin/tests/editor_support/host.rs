//! A window without a host: the real painting, driven by a test.

use super::picture::{Picture, Textures};
use egui::accesskit::Role;
use egui::epaint::{ClippedShape, Shape, TextShape};
use egui::{Rect, UiBuilder, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::sync::{Arc, Mutex};
use undersong_plugin::editor::{self, Action, View, Window};

/// What a test holds: the window, what it shows, and what it has asked for.
pub(crate) struct Host {
    pub(crate) window: Window,
    pub(crate) view: View,
    pub(crate) actions: Vec<Action>,
}

pub(crate) struct Shown {
    pub(crate) harness: Harness<'static, Host>,
    textures: Arc<Mutex<Textures>>,
}

/// A window of `size` points, at `scale` pixels a point.
pub(crate) fn window(view: View, open: Option<editor::Tab>, size: Vec2, scale: f32) -> Shown {
    let textures = Arc::new(Mutex::new(Textures::default()));
    let harness = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(scale)
        .with_context_setup(editor::install)
        .renderer(super::picture::Collector(Arc::clone(&textures)))
        .build_ui_state(
            |ui, host: &mut Host| {
                // As in a host: without the harness's margin.
                let whole = ui.ctx().content_rect();
                let mut ui = ui.new_child(UiBuilder::new().max_rect(whole));
                ui.set_clip_rect(whole);
                let actions = host.window.show(&mut ui, &host.view);
                host.actions.extend(actions);
            },
            Host {
                window: open.map_or_else(Window::default, Window::at),
                view,
                actions: Vec::new(),
            },
        );
    let mut shown = Shown { harness, textures };
    shown.harness.run();
    shown
}

/// A window with this page open.
pub(crate) fn open(view: View, tab: editor::Tab) -> Shown {
    // High enough that nothing needs to be scrolled to.
    window(view, Some(tab), vec2(900.0, 900.0), 1.0)
}

/// Clicks what has this role and this name.
pub(crate) fn click(shown: &mut Shown, role: Role, name: &str) -> Vec<Action> {
    shown.harness.get_by_role_and_label(role, name).click();
    shown.asked()
}

/// A line of text as it is painted.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) rect: Rect,
    pub(crate) clip: Rect,
    pub(crate) shortened: bool,
}

impl Shown {
    /// What the window has asked for since the last call.
    pub(crate) fn asked(&mut self) -> Vec<Action> {
        self.harness.run();
        std::mem::take(&mut self.harness.state_mut().actions)
    }

    /// A picture of the window.
    pub(crate) fn picture(&self) -> Picture {
        let textures = self
            .textures
            .lock()
            .expect("no test has panicked while painting");
        Picture::paint(&self.harness.ctx, self.harness.output(), &textures)
    }

    /// Every text that is painted.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for ClippedShape {
            clip_rect, shape, ..
        } in &self.harness.output().shapes
        {
            collect(shape, *clip_rect, &mut lines);
        }
        lines
    }
}

fn collect(shape: &Shape, clip: Rect, lines: &mut Vec<Line>) {
    match shape {
        Shape::Vec(shapes) => {
            for shape in shapes {
                collect(shape, clip, lines);
            }
        }
        Shape::Text(text) => lines.push(line(text, clip)),
        _ => {}
    }
}

fn line(text: &TextShape, clip: Rect) -> Line {
    Line {
        text: text.galley.text().to_owned(),
        rect: text.visual_bounding_rect(),
        clip,
        shortened: text.galley.elided,
    }
}
