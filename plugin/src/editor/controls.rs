//! Rows of the settings: a name, a control, and the actions that it gives.

use super::action::{Action, Change, Choice, Dial, Switch};
use super::style::{self, ACCENT, MUTED, RAISED, SMALL, TEXT};
use super::view::Number;
use egui::{
    Align, Button, Color32, DragValue, Label, Layout, Rect, Response, RichText, Role, Sense,
    Slider, Stroke, Ui, WidgetInfo, lerp, pos2, vec2,
};

/// Width of a row's name.
const NAME: f32 = 92.0;

/// Width of a number.
const VALUE: f32 = 62.0;

/// How a number is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    /// What stands behind it, with a space before it.
    pub(super) unit: &'static str,
    /// Digits after the point.
    pub(super) decimals: usize,
    /// What it is shown as, times itself: 100 for per cent.
    pub(super) factor: f64,
    /// Whether equal ratios are equal ways.
    pub(super) logarithmic: bool,
}

impl Shown {
    pub(super) const fn new(unit: &'static str, decimals: usize) -> Self {
        Self {
            unit,
            decimals,
            factor: 1.0,
            logarithmic: false,
        }
    }
}

/// A heading within a page.
pub(super) fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(6.0);
    ui.label(RichText::new(text).color(TEXT).size(14.0));
}

/// A sentence that explains.
pub(super) fn note(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).color(MUTED).size(SMALL)).wrap());
}

/// A row with a name on its left.
fn row<R>(ui: &mut Ui, name: &str, hover: &str, add: impl FnOnce(&mut Ui, egui::Id) -> R) -> R {
    ui.horizontal(|ui| {
        ui.set_min_height(22.0);
        let label = ui
            .allocate_ui_with_layout(
                vec2(NAME, 20.0),
                Layout::left_to_right(Align::Center),
                |ui| {
                    ui.set_min_width(NAME);
                    ui.add(Label::new(RichText::new(name).color(MUTED)).truncate())
                },
            )
            .inner
            .on_hover_text(hover);
        add(ui, label.id)
    })
    .inner
}

/// A number by slider and by keyboard.
pub(super) fn dial(
    ui: &mut Ui,
    actions: &mut Vec<Action>,
    (name, hover): (&str, &str),
    dial: Dial,
    number: Number,
    shown: Shown,
) {
    row(ui, name, hover, |ui, label| {
        let range = number.least * shown.factor..=number.most * shown.factor;
        let mut value = number.value * shown.factor;
        let width = (ui.available_width() - VALUE - 8.0).max(40.0);
        ui.spacing_mut().slider_width = width;
        let slider = ui
            .add(
                Slider::new(&mut value, range.clone())
                    .show_value(false)
                    .logarithmic(shown.logarithmic)
                    .smart_aim(false),
            )
            .labelled_by(label)
            .on_hover_text(hover);
        // A double click is what plugins have for the default.
        if slider.double_clicked() {
            actions.push(Action::Number(dial, Change::Once(number.default)));
        } else {
            push(actions, dial, &slider, value / shown.factor, number);
        }
        let speed = (number.most - number.least) * shown.factor / 300.0;
        let mut typed = value;
        let field = ui
            .add_sized(
                vec2(VALUE, 20.0),
                DragValue::new(&mut typed)
                    .range(range)
                    .speed(speed)
                    .fixed_decimals(shown.decimals)
                    .suffix(shown.unit)
                    .update_while_editing(false),
            )
            .labelled_by(label)
            .on_hover_text(hover);
        if !slider.changed() {
            push(actions, dial, &field, typed / shown.factor, number);
        }
    });
}

/// What a control of a number has done.
fn push(actions: &mut Vec<Action>, dial: Dial, response: &Response, value: f64, number: Number) {
    let value = value.clamp(number.least, number.most);
    if response.drag_started() {
        actions.push(Action::Number(dial, Change::Begin));
    }
    if response.changed() {
        let change = if response.dragged() || response.drag_stopped() {
            Change::To(value)
        } else {
            Change::Once(value)
        };
        actions.push(Action::Number(dial, change));
    }
    if response.drag_stopped() {
        actions.push(Action::Number(dial, Change::End));
    }
}

/// A switch with its name.
pub(super) fn switch(
    ui: &mut Ui,
    actions: &mut Vec<Action>,
    (name, hover): (&str, &str),
    switch: Switch,
    on: bool,
) {
    row(ui, name, hover, |ui, _| {
        if toggle(ui, name, on).on_hover_text(hover).clicked() {
            actions.push(Action::Switch(switch, !on));
        }
        ui.label(
            RichText::new(if on { "on" } else { "off" })
                .color(MUTED)
                .size(SMALL),
        );
    });
}

/// A switch alone; `name` is for those who do not see it.
pub(super) fn toggle(ui: &mut Ui, name: &str, on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(30.0, 16.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Switch, ui.is_enabled(), on, name));
    paint_toggle(ui, rect, on, response.hovered());
    style::focus_ring(ui, &response, rect.height() / 2.0);
    response
}

/// Draws a switch.
pub(super) fn paint_toggle(ui: &Ui, rect: Rect, on: bool, hovered: bool) {
    let (ground, knob) = if on {
        (ACCENT, Color32::from_rgb(0x10, 0x18, 0x26))
    } else {
        (RAISED, MUTED)
    };
    let painter = ui.painter();
    let radius = rect.height() / 2.0;
    painter.rect_filled(rect, radius, ground);
    if hovered || !on {
        painter.rect_stroke(
            rect,
            radius,
            Stroke::new(1.0, MUTED),
            egui::StrokeKind::Inside,
        );
    }
    let share = if on { 1.0 } else { 0.0 };
    let x = lerp(rect.left() + radius..=rect.right() - radius, share);
    painter.circle_filled(pos2(x, rect.center().y), radius - 3.0, knob);
}

/// One of a few.
pub(super) fn choice(
    ui: &mut Ui,
    actions: &mut Vec<Action>,
    (name, hover): (&str, &str),
    choice: Choice,
    options: &[&str],
    chosen: usize,
) {
    row(ui, name, hover, |ui, _| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (index, option) in options.iter().enumerate() {
            let button = Button::selectable(index == chosen, *option).frame_when_inactive(true);
            let response = ui.add(button).on_hover_text(hover);
            // Two rows may have an option of the same name.
            let said = format!("{name}: {option}");
            response.widget_info(|| {
                WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), index == chosen, &said)
            });
            if response.clicked() && index != chosen {
                actions.push(Action::Choose(choice, index));
            }
        }
    });
}
