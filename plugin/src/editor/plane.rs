//! The plane of valence and arousal: where the voice is, where it came from, where the emotions lie.

use super::style::{self, CARD, FAINT, GROUND, LINE, MUTED, SMALL, TEXT, colour, fade};
use super::{State, View};
use egui::epaint::TextShape;
use egui::{
    Align2, Color32, FontId, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};
use std::f32::consts::FRAC_PI_2;

/// How much of the past the trail shows, in seconds.
const TRAIL_SECONDS: f64 = 6.0;

/// Room for the names of the axes, in points.
const AXIS: f32 = 15.0;

/// The plane with the names of its axes.
pub(super) fn show(ui: &mut Ui, rect: Rect, view: &View) {
    style::card(ui.painter(), rect);
    let inner = rect.shrink(8.0);
    let side = (inner.width() - AXIS).min(inner.height() - AXIS);
    if side < 40.0 {
        return;
    }
    let whole = Rect::from_center_size(inner.center(), vec2(side + AXIS, side + AXIS));
    let plane = Rect::from_min_max(
        pos2(whole.left() + AXIS, whole.top()),
        pos2(whole.right(), whole.bottom() - AXIS),
    );
    let painter = ui.painter();
    painter.rect_filled(plane, 3.0, GROUND);
    let line = Stroke::new(1.0, LINE);
    painter.hline(plane.x_range(), plane.center().y, line);
    painter.vline(plane.center().x, plane.y_range(), line);
    painter.rect_stroke(plane, 3.0, line, egui::StrokeKind::Inside);
    axes(painter, plane);
    let inside = painter.with_clip_rect(plane.intersect(painter.clip_rect()));
    places(&inside, plane, view);
    trail(&inside, plane, view);
    let said = match &view.reading {
        Some(reading) => format!(
            "Valence {}, arousal {}",
            style::signed(reading.valence),
            style::signed(reading.arousal)
        ),
        None => "Valence and arousal: nothing heard yet".to_owned(),
    };
    let hover =
        format!("{said}. Valence: −1 unpleasant to +1 pleasant. Arousal: −1 calm to +1 excited.");
    let response = ui.interact(plane, ui.scope_id().with("plane"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &said));
    response.on_hover_text(hover);
}

fn at(plane: Rect, valence: f32, arousal: f32) -> Pos2 {
    let half = plane.shrink(6.0).size() / 2.0;
    let limit = |value: f32| {
        if value.is_finite() {
            value.clamp(-1.0, 1.0)
        } else {
            0.0
        }
    };
    plane.center() + vec2(limit(valence) * half.x, -limit(arousal) * half.y)
}

fn axes(painter: &Painter, plane: Rect) {
    let y = plane.bottom() + AXIS / 2.0 + 1.0;
    // Where there is no room for the poles, the axis alone is named.
    let poles = plane.width() > 150.0;
    for (x, anchor, text, ink) in [
        (plane.left(), Align2::LEFT_CENTER, "unpleasant", FAINT),
        (
            plane.center().x + 4.0,
            Align2::CENTER_CENTER,
            "valence",
            MUTED,
        ),
        (plane.right(), Align2::RIGHT_CENTER, "pleasant", FAINT),
    ] {
        if poles || text == "valence" {
            style::write(painter, pos2(x, y), anchor, text, SMALL, ink, 90.0);
        }
    }
    let x = plane.left() - AXIS;
    let turned = |text: &str, ink: Color32, share: f32| {
        let galley = painter.layout_no_wrap(text.to_owned(), FontId::proportional(SMALL), ink);
        // Turned left about its first corner, the line runs upwards from there.
        let room = plane.height() - galley.size().x;
        let bottom = plane.bottom() - room * share;
        painter.add(TextShape::new(pos2(x, bottom), galley, ink).with_angle(-FRAC_PI_2));
    };
    turned("arousal", MUTED, 0.5);
    if poles {
        turned("calm", FAINT, 0.0);
        turned("excited", FAINT, 1.0);
    }
}

/// The emotions' places, faint, with a name where one fits.
fn places(painter: &Painter, plane: Rect, view: &View) {
    let points = view
        .emotions
        .iter()
        .map(|emotion| at(plane, emotion.valence, emotion.arousal))
        .collect::<Vec<_>>();
    let radius = if plane.width() > 260.0 { 4.0 } else { 3.0 };
    let mut taken = points
        .iter()
        .map(|&point| Rect::from_center_size(point, vec2(radius, radius) * 2.0))
        .collect::<Vec<_>>();
    // The axes are lines too: a name does not stand on them.
    let centre = plane.center();
    taken.push(Rect::from_center_size(centre, vec2(plane.width(), 2.0)));
    taken.push(Rect::from_center_size(centre, vec2(2.0, plane.height())));
    let size = if plane.width() > 260.0 { SMALL } else { 10.0 };
    for (index, (emotion, &point)) in view.emotions.iter().zip(&points).enumerate() {
        painter.circle_filled(point, radius, fade(colour(emotion.colour), GROUND, 0.35));
        let galley =
            painter.layout_no_wrap(emotion.name.clone(), FontId::proportional(size), FAINT);
        let gap = radius + 3.0;
        let spots = [
            (point + vec2(gap, 0.0), Align2::LEFT_CENTER),
            (point - vec2(gap, 0.0), Align2::RIGHT_CENTER),
            (point + vec2(0.0, gap), Align2::CENTER_TOP),
            (point - vec2(0.0, gap), Align2::CENTER_BOTTOM),
            (point + vec2(gap, -gap), Align2::LEFT_BOTTOM),
            (point + vec2(gap, gap), Align2::LEFT_TOP),
            (point + vec2(-gap, -gap), Align2::RIGHT_BOTTOM),
            (point + vec2(-gap, gap), Align2::RIGHT_TOP),
        ];
        let free = spots
            .into_iter()
            .map(|(spot, anchor)| anchor.anchor_size(spot, galley.size()))
            .find(|place| {
                plane.shrink(2.0).contains_rect(*place)
                    && taken
                        .iter()
                        .enumerate()
                        .all(|(other, taken)| other == index || !taken.intersects(*place))
            });
        // Where there is no room, the dot's colour says it: the bars beside it are its key.
        if let Some(place) = free {
            taken.push(place);
            painter.galley(place.min, galley, FAINT);
        }
    }
}

/// The way here, fading, and where the voice is now.
fn trail(painter: &Painter, plane: Rect, view: &View) {
    let now = view.history.now_seconds();
    let mut before: Option<Pos2> = None;
    for moment in view.history.moments() {
        let age = now - moment.at_seconds;
        let Some(heard) = moment.heard.as_ref().filter(|_| age <= TRAIL_SECONDS) else {
            before = None;
            continue;
        };
        if moment.after_reset {
            before = None;
        }
        let point = at(plane, heard.valence, heard.arousal);
        let ink = fade(TEXT, GROUND, 0.25 + 0.7 * (age / TRAIL_SECONDS) as f32);
        if let Some(before) = before {
            painter.line_segment([before, point], Stroke::new(1.5, ink));
        }
        painter.circle_filled(point, 1.6, ink);
        before = Some(point);
    }
    let Some((reading, (_, emotion, _))) = view.reading.as_ref().zip(view.leading()) else {
        return;
    };
    if matches!(view.state, State::Bypassed | State::Off | State::Failed) {
        return;
    }
    let point = at(plane, reading.valence, reading.arousal);
    let ink = colour(emotion.colour);
    let ring = Stroke::new(2.0, if view.is_live() { TEXT } else { MUTED });
    if view.is_live() && !reading.unsure {
        painter.circle(point, 7.0, ink, ring);
    } else {
        // Hollow: unsure, or of a voice that has stopped.
        painter.circle(point, 7.0, CARD, ring);
        painter.add(Shape::circle_stroke(point, 4.0, Stroke::new(1.5, ink)));
    }
}
