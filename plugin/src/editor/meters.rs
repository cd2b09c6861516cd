//! What is heard now: the leading emotion in words, and a bar for every emotion.

use super::style::{
    self, BODY, CARD, FAINT, MUTED, SMALL, TEXT, TRACK, WARNING, colour, fade, per_cent,
};
use super::{State, View};
use egui::{
    Align2, Color32, Painter, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

/// Bars lower than this stand in two columns.
const LEAST_ROW: f32 = 15.0;

/// The headline and the bars.
pub(super) fn show(ui: &mut Ui, rect: Rect, view: &View) {
    style::card(ui.painter(), rect);
    let inner = rect.shrink2(vec2(12.0, 8.0));
    let headline_height = (inner.height() * 0.17).clamp(34.0, 76.0);
    let (top, bottom) = inner.split_top_bottom_at_y(inner.top() + headline_height);
    headline(ui, top, view);
    bars(ui, bottom.with_min_y(bottom.top() + 4.0), view);
}

/// What the headline says: the words, the line beneath, and whether it is faded.
struct Headline {
    words: String,
    beneath: String,
    unsure: bool,
    faded: bool,
    dot: Option<Color32>,
}

fn headline_of(view: &View) -> Headline {
    let plain = |words: &str, beneath: &str| Headline {
        words: words.to_owned(),
        beneath: beneath.to_owned(),
        unsure: false,
        faded: true,
        dot: None,
    };
    match view.state {
        State::Loading => return plain("Loading the model…", "The sound passes meanwhile."),
        State::Failed => return plain("Cannot listen", "The sound passes untouched."),
        State::Bypassed => return plain("Bypassed", "The sound passes; nothing is sent."),
        State::Off => return plain("Not listening", "Switch Listen on to hear the voice."),
        State::Idle if view.reading.is_none() => {
            return plain("No sound yet", "Start the host, or speak into the input.");
        }
        State::Waiting => return plain("Waiting for voice", "Nobody has spoken yet."),
        State::Idle | State::Silent | State::Speaking => {}
    }
    let Some((reading, (_, emotion, score))) = view.reading.as_ref().zip(view.leading()) else {
        return match view.state {
            State::Speaking => plain("Listening…", "The first scores come in a moment."),
            _ => plain("Silence", "No voice; silence has no emotion."),
        };
    };
    let live = view.is_live();
    let what = if view.settings.decays {
        "falling"
    } else {
        "held"
    };
    Headline {
        words: emotion.name.clone(),
        beneath: match (live, reading.unsure) {
            (true, true) => format!("{}: less than this model needs to be sure", per_cent(score)),
            (true, false) => format!("{} sure", per_cent(score)),
            (false, _) => format!("No voice now; the last scores are {what}"),
        },
        unsure: reading.unsure,
        faded: !live || reading.unsure,
        dot: Some(colour(emotion.colour)),
    }
}

fn headline(ui: &mut Ui, rect: Rect, view: &View) {
    let headline = headline_of(view);
    let painter = ui.painter();
    let size = (rect.height() * 0.55).clamp(18.0, 40.0);
    let ink = if headline.faded { MUTED } else { TEXT };
    let mut left = rect.left();
    let middle = rect.top() + size * 0.5;
    if let Some(dot) = headline.dot {
        let radius = size * 0.26;
        let centre = pos2(left + radius, middle);
        if headline.faded {
            painter.circle_stroke(centre, radius - 1.0, Stroke::new(2.0, dot));
        } else {
            painter.circle_filled(centre, radius, dot);
        }
        left += radius * 2.0 + 8.0;
    }
    let tag = "UNSURE";
    let tag_width = if headline.unsure {
        style::width(painter, tag, SMALL) + 14.0
    } else {
        0.0
    };
    let words = style::write(
        painter,
        pos2(left, middle),
        Align2::LEFT_CENTER,
        &headline.words,
        size,
        ink,
        rect.right() - left - tag_width - 8.0,
    );
    if headline.unsure {
        let tag_rect = Rect::from_min_size(
            pos2(words.right() + 8.0, middle - 8.0),
            vec2(tag_width, 16.0),
        );
        painter.rect_stroke(
            tag_rect,
            3.0,
            Stroke::new(1.0, WARNING),
            egui::StrokeKind::Inside,
        );
        style::write(
            painter,
            tag_rect.center(),
            Align2::CENTER_CENTER,
            tag,
            SMALL,
            WARNING,
            tag_rect.width(),
        );
    }
    style::write(
        painter,
        pos2(rect.left(), rect.top() + size * 1.1 + 1.0),
        Align2::LEFT_TOP,
        &headline.beneath,
        SMALL,
        FAINT,
        rect.width(),
    );
    let said = if headline.unsure {
        format!("{}, unsure. {}", headline.words, headline.beneath)
    } else {
        format!("{}. {}", headline.words, headline.beneath)
    };
    ui.interact(rect, ui.scope_id().with("headline"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Role::Status, true, &said));
}

fn bars(ui: &mut Ui, rect: Rect, view: &View) {
    let count = view.emotions.len();
    if count == 0 {
        return;
    }
    let columns = if rect.height() / count as f32 >= LEAST_ROW {
        1
    } else {
        2
    };
    let rows = count.div_ceil(columns);
    let row_height = (rect.height() / rows as f32).min(64.0);
    let column_width = (rect.width() - 16.0 * (columns - 1) as f32) / columns as f32;
    let size = (row_height * 0.72)
        .min(10.0 + row_height * 0.13)
        .clamp(9.0, 18.0);
    let name_width = view
        .emotions
        .iter()
        .map(|emotion| style::width(ui.painter(), &emotion.name, size))
        .fold(0.0, f32::max)
        .min(column_width * 0.4);
    for (index, emotion) in view.emotions.iter().enumerate() {
        let (column, row) = (index / rows, index % rows);
        let place = Rect::from_min_size(
            pos2(
                rect.left() + column as f32 * (column_width + 16.0),
                rect.top() + row as f32 * row_height,
            ),
            vec2(column_width, row_height),
        );
        let score = view
            .reading
            .as_ref()
            .and_then(|reading| reading.scores.get(index).copied())
            .unwrap_or_default();
        let leads = view.leading().is_some_and(|(leading, ..)| leading == index);
        let bar = Bar {
            name: &emotion.name,
            colour: colour(emotion.colour),
            score,
            leads,
            live: view.is_live() && !view.reading.as_ref().is_some_and(|it| it.unsure && leads),
            heard: view.reading.is_some(),
            name_width,
            size,
        };
        bar.paint(ui.painter(), place);
        let said = format!(
            "{} {}{}",
            emotion.name,
            per_cent(score),
            if leads { ", leading" } else { "" }
        );
        let response = ui.interact(place, ui.scope_id().with(("bar", index)), Sense::hover());
        response.widget_info(|| WidgetInfo {
            value: Some(f64::from(score)),
            ..WidgetInfo::labeled(Role::Meter, true, &said)
        });
        if !emotion.has_lane {
            response.on_hover_text(
                "Shown here only: hosts have no parameter for an emotion that the plugin does not know by name.",
            );
        }
    }
}

struct Bar<'a> {
    name: &'a str,
    colour: Color32,
    score: f32,
    leads: bool,
    live: bool,
    heard: bool,
    name_width: f32,
    size: f32,
}

impl Bar<'_> {
    fn paint(&self, painter: &Painter, rect: Rect) {
        let middle = rect.center().y;
        let ink = if self.leads && self.heard {
            TEXT
        } else {
            MUTED
        };
        // A mark, a brighter name and an outlined, higher bar: the leading one is told by more than its colour.
        if self.leads {
            let x = rect.left();
            painter.add(Shape::convex_polygon(
                vec![
                    pos2(x, middle - 4.0),
                    pos2(x + 6.0, middle),
                    pos2(x, middle + 4.0),
                ],
                TEXT,
                Stroke::NONE,
            ));
        }
        let name_left = rect.left() + 12.0;
        style::write(
            painter,
            pos2(name_left, middle),
            Align2::LEFT_CENTER,
            self.name,
            self.size,
            ink,
            self.name_width + 1.0,
        );
        let number_size = self.size.min(BODY + 2.5);
        let number_width = style::width(painter, "100 %", number_size);
        style::write(
            painter,
            pos2(rect.right(), middle),
            Align2::RIGHT_CENTER,
            &if self.heard {
                per_cent(self.score)
            } else {
                "–".to_owned()
            },
            number_size,
            ink,
            number_width + 2.0,
        );
        let height = if self.leads { 0.62 } else { 0.42 } * rect.height().min(44.0);
        let track = Rect::from_x_y_ranges(
            name_left + self.name_width + 10.0..=rect.right() - number_width - 10.0,
            middle - height / 2.0..=middle + height / 2.0,
        );
        if track.width() < 4.0 {
            return;
        }
        let radius = (height / 2.0).min(4.0);
        painter.rect_filled(track, radius, TRACK);
        let fill = track.with_max_x(track.left() + track.width() * self.score.clamp(0.0, 1.0));
        if fill.width() >= 1.0 {
            let colour = if self.live {
                self.colour
            } else {
                fade(self.colour, CARD, 0.45)
            };
            painter.rect_filled(fill, radius.min(fill.width() / 2.0), colour);
        }
        if self.leads {
            painter.rect_stroke(
                track,
                radius,
                Stroke::new(1.0, if self.live { TEXT } else { FAINT }),
                egui::StrokeKind::Outside,
            );
        }
    }
}
