//! The last half minute as stacked bands, newest on the right.

use super::history::{HISTORY_SECONDS, Heard, Moment};
use super::style::{self, CARD, FAINT, GROUND, LINE, MUTED, SMALL, WARNING, colour, fade};
use super::{State, View};
use egui::{
    Align2, Color32, Mesh, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

/// Distance of the hatching's lines, in points.
const HATCH: f32 = 7.0;

/// The timeline with its heading and its axis.
pub(super) fn show(ui: &mut Ui, rect: Rect, view: &View) {
    style::card(ui.painter(), rect);
    let inner = rect.shrink2(vec2(12.0, 7.0));
    let heading_bottom = inner.top() + 14.0;
    let axis_top = inner.bottom() - 14.0;
    heading(ui.painter(), inner.with_max_y(heading_bottom));
    let plot = Rect::from_x_y_ranges(inner.x_range(), heading_bottom + 4.0..=axis_top - 3.0);
    ui.painter().rect_filled(plot, 3.0, GROUND);
    Bands { view, plot }.paint(&ui.painter().with_clip_rect(plot.intersect(ui.clip_rect())));
    axis(ui.painter(), plot, inner.bottom());
    if !view.history.has_voice() && !matches!(view.state, State::Speaking | State::Silent) {
        style::write(
            ui.painter(),
            plot.center(),
            Align2::CENTER_CENTER,
            "What is heard will scroll by here",
            SMALL,
            FAINT,
            plot.width(),
        );
    }
    let said = describe(view);
    let response = ui.interact(plot, ui.scope_id().with("timeline"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::GraphicsObject, true, &said));
    response.on_hover_text(
        "Each band is an emotion's share, in the colour of its bar. A gap is silence, hatching is unsure; at a dashed line what was heard \
         before was forgotten.",
    );
}

fn describe(view: &View) -> String {
    let oldest = view.history.now_seconds() - HISTORY_SECONDS;
    let (mut all, mut voiced, mut unsure) = (0_u32, 0_u32, 0_u32);
    for moment in view.history.moments() {
        if moment.at_seconds < oldest {
            continue;
        }
        all += 1;
        if let Some(heard) = &moment.heard {
            voiced += 1;
            unsure += u32::from(heard.unsure);
        }
    }
    let share = |part: u32, whole: u32| style::per_cent(part as f32 / whole.max(1) as f32);
    format!(
        "Last 30 seconds: voice in {} of the time, unsure in {} of that",
        share(voiced, all),
        share(unsure, voiced)
    )
}

fn heading(painter: &Painter, rect: Rect) {
    let title = style::write(
        painter,
        rect.left_center(),
        Align2::LEFT_CENTER,
        "Last 30 seconds",
        SMALL,
        MUTED,
        rect.width(),
    );
    let mut right = rect.right();
    for (text, hatched) in [("no voice", false), ("unsure", true)] {
        if right - title.right() < 90.0 {
            return;
        }
        let words = style::write(
            painter,
            pos2(right, rect.center().y),
            Align2::RIGHT_CENTER,
            text,
            SMALL,
            FAINT,
            90.0,
        );
        let swatch =
            Rect::from_center_size(pos2(words.left() - 14.0, rect.center().y), vec2(18.0, 9.0));
        painter.rect_filled(swatch, 1.0, if hatched { LINE } else { GROUND });
        if hatched {
            hatch(painter, swatch, 0.0);
        } else {
            painter.rect_stroke(
                swatch,
                1.0,
                Stroke::new(1.0, LINE),
                egui::StrokeKind::Inside,
            );
        }
        right = swatch.left() - 14.0;
    }
}

fn axis(painter: &Painter, plot: Rect, bottom: f32) {
    painter.hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, LINE));
    let step = if plot.width() > 420.0 { 5 } else { 10 };
    for seconds in (0..=HISTORY_SECONDS as i32).step_by(step) {
        let x = plot.right() - plot.width() * seconds as f32 / HISTORY_SECONDS as f32;
        painter.vline(
            x,
            plot.bottom()..=plot.bottom() + 3.0,
            Stroke::new(1.0, FAINT),
        );
        let (text, anchor) = match seconds {
            0 => ("now".to_owned(), Align2::RIGHT_BOTTOM),
            30 => ("−30 s".to_owned(), Align2::LEFT_BOTTOM),
            _ => (format!("−{seconds}"), Align2::CENTER_BOTTOM),
        };
        style::write(
            painter,
            pos2(x, bottom + 2.0),
            anchor,
            &text,
            SMALL,
            FAINT,
            60.0,
        );
    }
}

struct Bands<'a> {
    view: &'a View,
    plot: Rect,
}

/// What one moment stands for: from where to where, with the scores at both edges.
struct Cell<'a> {
    left: f32,
    right: f32,
    heard: &'a Heard,
    before: Option<&'a Heard>,
    after: Option<&'a Heard>,
}

impl Bands<'_> {
    fn x(&self, seconds: f64) -> f32 {
        let ago = (self.view.history.now_seconds() - seconds) / HISTORY_SECONDS;
        self.plot.right() - self.plot.width() * ago as f32
    }

    fn paint(&self, painter: &Painter) {
        let colours = self
            .view
            .emotions
            .iter()
            .map(|emotion| colour(emotion.colour))
            .collect::<Vec<_>>();
        let dimmed = colours
            .iter()
            .map(|&colour| fade(colour, CARD, 0.5))
            .collect::<Vec<_>>();
        let moments = self.view.history.moments().collect::<Vec<_>>();
        let mut mesh = Mesh::default();
        let mut hatched: Vec<Rect> = Vec::new();
        for (index, moment) in moments.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|index| moments.get(index));
            let Some(cell) = self.cell(before.copied(), moment, moments.get(index + 1).copied())
            else {
                continue;
            };
            let colours = if cell.heard.unsure { &dimmed } else { &colours };
            self.fill(&mut mesh, &cell, colours);
            if cell.heard.unsure {
                match hatched.last_mut() {
                    Some(last) if cell.left - last.right() < 0.5 => last.max.x = cell.right,
                    _ => hatched.push(Rect::from_x_y_ranges(
                        cell.left..=cell.right,
                        self.plot.y_range(),
                    )),
                }
            }
        }
        painter.add(Shape::mesh(mesh));
        // The lines move with the sound.
        let phase = self.x(0.0).rem_euclid(HATCH);
        for rect in hatched {
            hatch(painter, rect, phase);
        }
        for moment in moments.iter().filter(|moment| moment.after_reset) {
            let x = self.x(moment.at_seconds - moment.hop_seconds);
            painter.extend(Shape::dashed_line(
                &[pos2(x, self.plot.top()), pos2(x, self.plot.bottom())],
                Stroke::new(1.0, WARNING),
                3.0,
                3.0,
            ));
        }
    }

    fn cell<'a>(
        &self,
        before: Option<&'a Moment>,
        moment: &'a Moment,
        after: Option<&'a Moment>,
    ) -> Option<Cell<'a>> {
        let heard = moment.heard.as_ref()?;
        let half = moment.hop_seconds / 2.0;
        let follows = |a: &Moment, b: &Moment| {
            !b.after_reset && b.at_seconds - a.at_seconds <= b.hop_seconds * 1.01
        };
        let before = before.filter(|before| follows(before, moment));
        let left = moment.at_seconds - half;
        // The newest one holds until the next comes.
        let right = match after {
            None => self
                .view
                .history
                .now_seconds()
                .min(moment.at_seconds + moment.hop_seconds * 1.5),
            Some(after) if follows(moment, after) => after.at_seconds - after.hop_seconds / 2.0,
            Some(_) => moment.at_seconds + half,
        };
        let after = after.filter(|after| follows(moment, after));
        Some(Cell {
            left: self.x(left),
            right: self.x(right),
            heard,
            before: before.and_then(|before| before.heard.as_ref()),
            after: after.and_then(|after| after.heard.as_ref()),
        })
    }

    /// Two columns of quads: from the left edge to the middle, and from there to the right edge.
    fn fill(&self, mesh: &mut Mesh, cell: &Cell<'_>, colours: &[Color32]) {
        let between = |other: Option<&Heard>, index: usize| {
            let own = cell.heard.scores.get(index).copied().unwrap_or_default();
            let other = other.and_then(|other| other.scores.get(index).copied());
            (own, other.map_or(own, |other| (own + other) / 2.0))
        };
        let middle = (cell.left + cell.right) / 2.0;
        let y = |level: f32| self.plot.bottom() - self.plot.height() * level.clamp(0.0, 1.0);
        let (mut left, mut centre, mut right) = (0.0, 0.0, 0.0);
        for (index, &colour) in colours.iter().enumerate() {
            let (own, at_left) = between(cell.before, index);
            let (_, at_right) = between(cell.after, index);
            quad(
                mesh,
                [
                    pos2(cell.left, y(left)),
                    pos2(cell.left, y(left + at_left)),
                    pos2(middle, y(centre + own)),
                    pos2(middle, y(centre)),
                ],
                colour,
            );
            quad(
                mesh,
                [
                    pos2(middle, y(centre)),
                    pos2(middle, y(centre + own)),
                    pos2(cell.right, y(right + at_right)),
                    pos2(cell.right, y(right)),
                ],
                colour,
            );
            left += at_left;
            centre += own;
            right += at_right;
        }
    }
}

fn quad(mesh: &mut Mesh, corners: [Pos2; 4], colour: Color32) {
    let Ok(first) = u32::try_from(mesh.vertices.len()) else {
        return;
    };
    for corner in corners {
        mesh.colored_vertex(corner, colour);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first, first + 2, first + 3);
}

fn hatch(painter: &Painter, rect: Rect, phase: f32) {
    let visible = rect.intersect(painter.clip_rect());
    if !visible.is_positive() {
        return;
    }
    let painter = painter.with_clip_rect(visible);
    let stroke = Stroke::new(1.6, GROUND.gamma_multiply(0.75));
    let height = rect.height();
    let mut x = visible.left() - height - (visible.left() - height - phase).rem_euclid(HATCH);
    while x < visible.right() {
        painter.line_segment(
            [pos2(x, rect.bottom()), pos2(x + height, rect.top())],
            stroke,
        );
        x += HATCH;
    }
}
