//! The bar at the top (what the plugin is doing, the switch that arms automation) and the one at the bottom (with what, how late, what
//! was lost), and what is wrong between them.

use super::action::{Action, Switch};
use super::controls;
use super::style::{
    self, ACCENT, BODY, CARD, ERROR, FAINT, GROUND, LINE, MUTED, RAISED, SMALL, TEXT, TITLE,
    WARNING,
};
use super::{State, Tab, View};
use egui::{
    Align, Align2, Button, Color32, Layout, Rect, Response, RichText, Role, Sense, Shape, Stroke,
    Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

/// Said of the switch that arms automation.
pub(super) const ABOUT_WRITING: &str = "Writes the scores into the host's automation while it plays. Arm the lanes in the host too (Touch, Latch or Write). Off by \
     default, because a host marks the project as changed. In a VST3 host, this window must have been opened once.";

/// Said of what this is not, in a line.
pub(super) const WHAT_IT_IS_NOT: &str =
    "Hears how a voice sounds, not what a person feels. No lie detector, no diagnosis.";

/// The bar at the top. Returns whether the settings were asked for or sent away.
pub(super) fn top(
    ui: &mut Ui,
    rect: Rect,
    view: &View,
    settings_open: bool,
    actions: &mut Vec<Action>,
) -> bool {
    let painter = ui.painter();
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, LINE));
    let name = style::write(
        painter,
        pos2(rect.left() + 12.0, rect.center().y),
        Align2::LEFT_CENTER,
        "Undersong",
        TITLE,
        TEXT,
        120.0,
    );
    let pill = state(ui, pos2(name.right() + 12.0, rect.center().y), view);
    let right = rect
        .with_min_x(pill.right() + 8.0)
        .with_max_x(rect.right() - 10.0);
    let mut clicked = false;
    part(ui, right, Layout::right_to_left(Align::Center), |ui| {
        let button = Button::selectable(settings_open, "Settings").frame_when_inactive(true);
        clicked = ui.add(button).clicked();
        let on = view.settings.write;
        let ink = if on { TEXT } else { MUTED };
        let toggle = controls::toggle(ui, "Write automation", on).on_hover_text(ABOUT_WRITING);
        ui.label(RichText::new("Write automation").color(ink).size(SMALL))
            .on_hover_text(ABOUT_WRITING);
        if toggle.clicked() {
            actions.push(Action::Switch(Switch::Write, !on));
        }
    });
    clicked
}

/// A part of the window with a layout of its own.
pub(super) fn part<R>(
    ui: &mut Ui,
    rect: Rect,
    layout: Layout,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    ui.scope_builder(UiBuilder::new().max_rect(rect).layout(layout), add)
        .inner
}

/// The pill that says what the plugin is doing.
fn state(ui: &mut Ui, left_centre: egui::Pos2, view: &View) -> Rect {
    let (words, ink, filled) = match view.state {
        State::Loading => ("Loading", WARNING, false),
        State::Failed => ("Cannot listen", ERROR, false),
        State::Bypassed => ("Bypassed", MUTED, false),
        State::Off => ("Not listening", MUTED, false),
        State::Idle => ("No sound", MUTED, false),
        State::Waiting => ("Waiting for voice", MUTED, false),
        State::Silent => ("Silence", MUTED, false),
        State::Speaking => ("Speech", ACCENT, true),
    };
    let painter = ui.painter();
    let width = style::width(painter, words, BODY);
    let rect = Rect::from_min_size(
        pos2(left_centre.x, left_centre.y - 10.0),
        vec2(width + 32.0, 20.0),
    );
    painter.rect_filled(rect, 10.0, if filled { RAISED } else { CARD });
    painter.rect_stroke(
        rect,
        10.0,
        Stroke::new(1.0, if filled { ink } else { LINE }),
        egui::StrokeKind::Inside,
    );
    let dot = pos2(rect.left() + 12.0, rect.center().y);
    if filled {
        painter.circle_filled(dot, 4.5, ink);
    } else {
        painter.circle_stroke(dot, 4.0, Stroke::new(1.5, ink));
    }
    style::write(
        painter,
        pos2(rect.left() + 22.0, rect.center().y),
        Align2::LEFT_CENTER,
        words,
        BODY,
        if filled { TEXT } else { ink },
        width + 2.0,
    );
    let said = format!("State: {words}");
    let response = ui.interact(rect, ui.scope_id().with("state"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &said));
    response.on_hover_text(format!(
        "Level of what is listened to: {}",
        decibels(view.level_db)
    ));
    rect
}

fn decibels(level_db: f32) -> String {
    if level_db <= -119.0 {
        "digital silence".to_owned()
    } else {
        format!("{level_db:.0} dB").replace('-', "−")
    }
}

/// Height that what is wrong takes, in points.
pub(super) fn problems_height(view: &View) -> f32 {
    match view.problems.len() {
        0 => 0.0,
        _ => 44.0,
    }
}

/// What is wrong, and what to do. Returns the page of the settings that helps, if it was clicked.
pub(super) fn problems(ui: &mut Ui, rect: Rect, view: &View) -> Option<Tab> {
    let problem = view.problems.first()?;
    let painter = ui.painter();
    painter.rect_filled(rect, style::RADIUS, CARD);
    painter.rect_filled(rect.with_max_x(rect.left() + 4.0), 2.0, ERROR);
    let mark = pos2(rect.left() + 22.0, rect.center().y);
    painter.add(Shape::convex_polygon(
        vec![
            mark + vec2(0.0, -9.0),
            mark + vec2(10.0, 8.0),
            mark + vec2(-10.0, 8.0),
        ],
        Color32::TRANSPARENT,
        Stroke::new(1.5, ERROR),
    ));
    style::write(
        painter,
        mark + vec2(0.0, 2.0),
        Align2::CENTER_CENTER,
        "!",
        BODY,
        ERROR,
        10.0,
    );
    let left = mark.x + 20.0;
    let button_width = 62.0;
    let room = rect.right() - left - button_width - 16.0;
    let more = match view.problems.len() {
        0 | 1 => String::new(),
        count => format!("  (1 of {count})"),
    };
    let words = format!("{}{more}", problem.what);
    style::write(
        painter,
        pos2(left, rect.top() + 6.0),
        Align2::LEFT_TOP,
        &words,
        BODY,
        TEXT,
        room,
    );
    style::write(
        painter,
        pos2(left, rect.bottom() - 6.0),
        Align2::LEFT_BOTTOM,
        &problem.remedy,
        SMALL,
        MUTED,
        room,
    );
    let said = format!("Problem: {} {}", problem.what, problem.remedy);
    let response = ui.interact(
        rect.with_max_x(rect.right() - button_width - 12.0),
        ui.scope_id().with("problem"),
        Sense::hover(),
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &said));
    response.on_hover_ui(|ui| {
        for problem in &view.problems {
            ui.label(&problem.what);
            controls::note(ui, &problem.remedy);
        }
    });
    let place = Rect::from_min_size(
        pos2(rect.right() - button_width - 8.0, rect.center().y - 11.0),
        vec2(button_width, 22.0),
    );
    ui.place(place, Button::new("Details"))
        .clicked()
        .then_some(Tab::Model)
}

/// The bar at the bottom. Returns the page of the settings that was asked for.
pub(super) fn bottom(ui: &mut Ui, rect: Rect, view: &View) -> Option<Tab> {
    let painter = ui.painter();
    painter.hline(rect.x_range(), rect.top(), Stroke::new(1.0, LINE));
    let (facts, quiet) = rect.split_top_bottom_at_y(rect.bottom() - 19.0);
    let mut asked = None;
    let facts = facts.shrink2(vec2(12.0, 0.0)).translate(vec2(0.0, 1.0));
    part(ui, facts, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for (name, on, tab) in [
            ("OSC", view.settings.osc, Tab::Send),
            ("Notes", view.settings.notes, Tab::Midi),
            ("MIDI", view.settings.midi, Tab::Midi),
        ] {
            if lamp(ui, name, on).clicked() {
                asked = Some(tab);
            }
        }
        let left = facts.with_max_x(ui.min_rect().left() - 12.0);
        part(ui, left, Layout::left_to_right(Align::Center), |ui| {
            if let Some(tab) = facts_of(ui, view) {
                asked = Some(tab);
            }
        });
    });
    style::write(
        ui.painter(),
        pos2(quiet.left() + 12.0, quiet.center().y - 1.0),
        Align2::LEFT_CENTER,
        WHAT_IT_IS_NOT,
        SMALL,
        FAINT,
        quiet.width() - 24.0,
    );
    let place = quiet.shrink2(vec2(12.0, 1.0));
    let response = ui.interact(place, ui.scope_id().with("quiet"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, WHAT_IT_IS_NOT));
    style::focus_ring(ui, &response, 2.0);
    if response
        .on_hover_text("What this is and what it is not")
        .clicked()
    {
        asked = Some(Tab::About);
    }
    asked
}

/// Model, engine, lag and what was lost.
fn facts_of(ui: &mut Ui, view: &View) -> Option<Tab> {
    let mut asked = None;
    ui.spacing_mut().item_spacing.x = 14.0;
    let dropped = view.dropped_seconds > 0.0;
    let lag = match view.lag_ms {
        Some(lag) => format!("lag {lag:.0} ms"),
        None => "lag –".to_owned(),
    };
    let lost = if dropped {
        format!("{:.1} s dropped", view.dropped_seconds)
    } else {
        "nothing dropped".to_owned()
    };
    let model = if view.model.name.is_empty() {
        "no model"
    } else {
        &view.model.name
    };
    let engine = if view.engine.name.is_empty() {
        "no engine"
    } else {
        &view.engine.name
    };
    // What is measured stays; names give way where it is narrow.
    let fixed = style::width(ui.painter(), &lag, SMALL) + style::width(ui.painter(), &lost, SMALL);
    let room = (ui.available_width() - fixed - 3.0 * 14.0).max(60.0);
    let model_width = style::width(ui.painter(), model, SMALL).min(room * 0.5);
    let engine_ink = if view.engine.warning.is_some() {
        WARNING
    } else {
        MUTED
    };
    let model_response = fact(ui, "Model", model, MUTED, model_width);
    let engine_response = fact(ui, "Engine", engine, engine_ink, room - model_width);
    let lag_response = fact(ui, "Control lag", &lag, MUTED, 100.0);
    let lost_response = fact(
        ui,
        "Dropped audio",
        &lost,
        if dropped { WARNING } else { MUTED },
        110.0,
    );
    for response in [&model_response, &engine_response] {
        if response.clicked() {
            asked = Some(Tab::Model);
        }
    }
    model_response.on_hover_text(if view.model.changing {
        "Another model is listening itself in, to take over."
    } else {
        &view.model.description
    });
    engine_response.on_hover_ui(|ui| {
        if let Some(warning) = &view.engine.warning {
            ui.label(RichText::new(warning).color(WARNING));
        }
        for line in &view.engine.why {
            controls::note(ui, line);
        }
    });
    lag_response.on_hover_text(lag_in_words(view));
    lost_response.on_hover_text(
        "Sound that was not listened to because the computer could not keep up. The sound you hear is never touched.",
    );
    asked
}

/// What the lag is made of.
fn lag_in_words(view: &View) -> String {
    let window = view.model.window_seconds;
    format!(
        "The sound itself is not delayed. Scores describe the last {window:.1} s, so their centre lies {:.1} s back; new ones come every \
         {:.0} ms, and the last were told {} after the sound they end with.",
        window / 2.0,
        view.settings.hop_ms.value,
        view.lag_ms
            .map_or_else(|| "–".to_owned(), |lag| format!("{lag:.0} ms")),
    )
}

fn fact(ui: &mut Ui, name: &str, text: &str, ink: Color32, width: f32) -> Response {
    let own = style::width(ui.painter(), text, SMALL).min(width) + 1.0;
    let (rect, response) = ui.allocate_exact_size(vec2(own, 18.0), Sense::click());
    let ink = if response.hovered() { TEXT } else { ink };
    style::write(
        ui.painter(),
        rect.left_center(),
        Align2::LEFT_CENTER,
        text,
        SMALL,
        ink,
        own,
    );
    let said = format!("{name}: {text}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
    style::focus_ring(ui, &response, 2.0);
    response
}

/// A lamp that says whether something is sent.
fn lamp(ui: &mut Ui, name: &str, on: bool) -> Response {
    let width = style::width(ui.painter(), name, SMALL) + 14.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 17.0), Sense::click());
    let painter = ui.painter();
    if on {
        painter.rect_filled(rect, 4.0, ACCENT);
    } else {
        painter.rect_stroke(rect, 4.0, Stroke::new(1.0, LINE), egui::StrokeKind::Inside);
    }
    let ink = if on { GROUND } else { FAINT };
    style::write(
        painter,
        rect.center(),
        Align2::CENTER_CENTER,
        name,
        SMALL,
        ink,
        width,
    );
    let said = format!("{name} is {}", if on { "sent" } else { "not sent" });
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &said));
    style::focus_ring(ui, &response, 4.0);
    response.on_hover_text(said)
}
