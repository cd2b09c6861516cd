//! `Window`: what lies where, and which page is open.

use super::settings;
use super::style::{self, GAP};
use super::{Action, View, bars, meters, plane, timeline};
use egui::{Rect, ScrollArea, Ui, Vec2, vec2};

/// The least the window can be and show everything, in points.
pub const LEAST_SIZE: Vec2 = vec2(560.0, 380.0);

/// The most that it grows to, in points.
pub const MOST_SIZE: Vec2 = vec2(1600.0, 1000.0);

/// What it is at first, in points.
pub const FIRST_SIZE: Vec2 = vec2(900.0, 600.0);

const TOP: f32 = 38.0;
const BOTTOM: f32 = 42.0;

/// Width of the settings beside the rest.
const SETTINGS: f32 = 350.0;

/// Height at which the bars of eight emotions stand comfortably.
const BARS: f32 = 260.0;

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// How it listens.
    #[default]
    Listen,
    /// How MIDI is sent.
    Midi,
    /// Automation and OSC.
    Send,
    /// Model and engine.
    Model,
    /// What this is and what it is not.
    About,
}

/// The window's own state: which page is open, and what is being typed.
#[derive(Debug, Default)]
pub struct Window {
    /// The page that is open; `None` shows what is heard alone.
    pub open: Option<Tab>,
    /// The page that was open last.
    last: Tab,
    pub(super) typed: settings::Typed,
}

impl Window {
    /// A window with a page of the settings open.
    pub fn at(page: Tab) -> Self {
        Self {
            open: Some(page),
            ..Self::default()
        }
    }

    /// Paints everything into `ui` and says what the user asks for.
    pub fn show(&mut self, ui: &mut Ui, view: &View) -> Vec<Action> {
        let mut actions = Vec::new();
        ui.painter().rect_filled(ui.max_rect(), 0.0, style::GROUND);
        let size = ui.max_rect().size();
        // A host may make the window smaller than it was told it can be.
        if size.x + 0.5 < LEAST_SIZE.x || size.y + 0.5 < LEAST_SIZE.y {
            ScrollArea::both().show(ui, |ui| {
                let (rect, _) = ui.allocate_exact_size(size.max(LEAST_SIZE), egui::Sense::hover());
                self.lay_out(ui, rect, view, &mut actions);
            });
        } else {
            let rect = ui.max_rect();
            self.lay_out(ui, rect, view, &mut actions);
        }
        actions
    }

    fn lay_out(&mut self, ui: &mut Ui, rect: Rect, view: &View, actions: &mut Vec<Action>) {
        let (top, rest) = rect.split_top_bottom_at_y(rect.top() + TOP);
        let (body, bottom) = rest.split_top_bottom_at_y(rest.bottom() - BOTTOM);
        if bars::top(ui, top, view, self.open.is_some(), actions) {
            self.open = match self.open.take() {
                Some(tab) => {
                    self.last = tab;
                    None
                }
                None => Some(self.last),
            };
        }
        let mut body = body.shrink2(vec2(GAP, 8.0));
        let problems = bars::problems_height(view);
        if problems > 0.0 {
            let (banner, below) = body.split_top_bottom_at_y(body.top() + problems);
            if let Some(tab) = bars::problems(ui, banner, view) {
                self.open = Some(tab);
            }
            body = below.with_min_y(below.top() + 8.0);
        }
        if self.open.is_some() {
            // Beside what is heard where there is room, else in its place.
            if body.width() >= SETTINGS + LEAST_SIZE.x - 40.0 {
                let (left, right) = body.split_left_right_at_x(body.right() - SETTINGS - GAP);
                heard(ui, left, view);
                settings::show(
                    self,
                    ui,
                    right.with_min_x(right.left() + GAP),
                    view,
                    actions,
                );
            } else {
                settings::show(self, ui, body, view, actions);
            }
        } else {
            heard(ui, body, view);
        }
        if let Some(tab) = bars::bottom(ui, bottom, view) {
            self.open = Some(tab);
        }
    }
}

/// What is heard: bars, plane, timeline.
fn heard(ui: &mut Ui, rect: Rect, view: &View) {
    let timeline_height = (rect.height() * 0.27).clamp(84.0, 230.0);
    // The plane is square; the bars get what is left, at least half. Where it is narrow, the timeline gets the height that is over.
    let most_width = rect.width() * 0.46;
    let upper_height = (rect.height() - timeline_height - GAP)
        .min(most_width.max(BARS))
        .max(0.0);
    let (upper, lower) = rect.split_top_bottom_at_y(rect.top() + upper_height);
    let lower = lower.with_min_y(lower.top() + GAP);
    let plane_width = upper.height().min(most_width);
    let (left, right) = upper.split_left_right_at_x(upper.right() - plane_width);
    meters::show(ui, left.with_max_x(left.right() - GAP), view);
    plane::show(ui, right, view);
    timeline::show(ui, lower, view);
}
