//! Colours, sizes and the few drawing helpers that every part of the window uses.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, Context, CornerRadius, FontFamily, FontId, Margin, Painter, Pos2, Rect,
    Response, Stroke, TextStyle, Theme, Ui, vec2,
};

pub(super) const GROUND: Color32 = Color32::from_rgb(0x14, 0x17, 0x1C);
pub(super) const CARD: Color32 = Color32::from_rgb(0x1B, 0x1F, 0x26);
pub(super) const RAISED: Color32 = Color32::from_rgb(0x2A, 0x30, 0x3A);
pub(super) const TRACK: Color32 = Color32::from_rgb(0x2C, 0x32, 0x3C);
pub(super) const LINE: Color32 = Color32::from_rgb(0x38, 0x40, 0x4C);
pub(super) const TEXT: Color32 = Color32::from_rgb(0xE9, 0xEC, 0xF1);
pub(super) const MUTED: Color32 = Color32::from_rgb(0xAA, 0xB3, 0xC0);
pub(super) const FAINT: Color32 = Color32::from_rgb(0x86, 0x90, 0x9F);
pub(super) const ACCENT: Color32 = Color32::from_rgb(0x8F, 0xB8, 0xF6);
pub(super) const WARNING: Color32 = Color32::from_rgb(0xF4, 0xBE, 0x5A);
pub(super) const ERROR: Color32 = Color32::from_rgb(0xFF, 0x8A, 0x7A);

pub(super) const SMALL: f32 = 11.0;
pub(super) const BODY: f32 = 12.5;
pub(super) const TITLE: f32 = 16.0;
pub(super) const GAP: f32 = 10.0;
pub(super) const RADIUS: f32 = 6.0;

/// Sets the window's look. Once for each context, before its first frame.
pub fn install(ctx: &Context) {
    ctx.set_theme(Theme::Dark);
    ctx.all_styles_mut(|style| {
        for (name, size) in [
            (TextStyle::Small, SMALL),
            (TextStyle::Body, BODY),
            (TextStyle::Button, BODY),
            (TextStyle::Heading, TITLE),
        ] {
            style.text_styles.insert(name, FontId::proportional(size));
        }
        style
            .text_styles
            .insert(TextStyle::Monospace, FontId::monospace(SMALL));
        let spacing = &mut style.spacing;
        spacing.item_spacing = vec2(8.0, 6.0);
        spacing.button_padding = vec2(8.0, 3.0);
        spacing.interact_size = vec2(28.0, 20.0);
        spacing.tooltip_width = 340.0;
        spacing.window_margin = Margin::same(10);
        spacing.menu_margin = Margin::same(8);
        let visuals = &mut style.visuals;
        visuals.panel_fill = GROUND;
        visuals.window_fill = CARD;
        visuals.window_stroke = Stroke::new(1.0, LINE);
        visuals.extreme_bg_color = GROUND;
        visuals.faint_bg_color = CARD;
        visuals.weak_text_color = Some(MUTED);
        visuals.hyperlink_color = ACCENT;
        visuals.warn_fg_color = WARNING;
        visuals.error_fg_color = ERROR;
        visuals.selection.bg_fill = Color32::from_rgb(0x33, 0x4F, 0x7C);
        visuals.selection.stroke = Stroke::new(1.0, TEXT);
        visuals.slider_trailing_fill = true;
        let corner = CornerRadius::same(5);
        let widgets = &mut visuals.widgets;
        widgets.noninteractive.fg_stroke = Stroke::new(1.0, TEXT);
        widgets.noninteractive.bg_stroke = Stroke::new(1.0, LINE);
        widgets.inactive.bg_fill = TRACK;
        widgets.inactive.weak_bg_fill = RAISED;
        widgets.inactive.fg_stroke = Stroke::new(1.0, TEXT);
        widgets.hovered.bg_fill = LINE;
        widgets.hovered.weak_bg_fill = LINE;
        widgets.hovered.bg_stroke = Stroke::new(1.0, FAINT);
        widgets.hovered.fg_stroke = Stroke::new(1.0, Color32::WHITE);
        // Active is pressed and, for egui, also focused by the keyboard: the ring must be seen.
        widgets.active.bg_fill = LINE;
        widgets.active.weak_bg_fill = LINE;
        widgets.active.bg_stroke = Stroke::new(1.5, ACCENT);
        widgets.active.fg_stroke = Stroke::new(1.0, Color32::WHITE);
        for widget in [
            &mut widgets.noninteractive,
            &mut widgets.inactive,
            &mut widgets.hovered,
            &mut widgets.active,
            &mut widgets.open,
        ] {
            widget.corner_radius = corner;
            widget.expansion = 0.0;
        }
    });
}

/// An emotion's colour.
pub(super) fn colour([red, green, blue]: [u8; 3]) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// `colour` moved towards `ground`; 0 leaves it, 1 is the ground.
pub(super) fn fade(colour: Color32, ground: Color32, share: f32) -> Color32 {
    let mix = |from: u8, to: u8| {
        (f32::from(from) + (f32::from(to) - f32::from(from)) * share.clamp(0.0, 1.0)).round() as u8
    };
    Color32::from_rgb(
        mix(colour.r(), ground.r()),
        mix(colour.g(), ground.g()),
        mix(colour.b(), ground.b()),
    )
}

/// Writes a line at `position`, no wider than `width`; what is too long ends in an ellipsis. Returns where it stands.
pub(super) fn write(
    painter: &Painter,
    position: Pos2,
    anchor: Align2,
    text: &str,
    size: f32,
    colour: Color32,
    width: f32,
) -> Rect {
    let mut job = LayoutJob::single_section(
        text.to_owned(),
        TextFormat::simple(FontId::new(size, FontFamily::Proportional), colour),
    );
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    let galley = painter.layout_job(job);
    let rect = anchor.anchor_size(position, galley.size());
    painter.galley(rect.min, galley, colour);
    rect
}

/// How wide a line is.
pub(super) fn width(painter: &Painter, text: &str, size: f32) -> f32 {
    painter
        .layout_no_wrap(text.to_owned(), FontId::proportional(size), TEXT)
        .size()
        .x
}

/// The ring round a painted control that the keyboard is on.
pub(super) fn focus_ring(ui: &Ui, response: &Response, radius: f32) {
    if response.has_focus() {
        ui.painter().rect_stroke(
            response.rect.expand(2.0),
            radius + 2.0,
            Stroke::new(1.5, ACCENT),
            egui::StrokeKind::Outside,
        );
    }
}

/// A part of the window with a ground of its own.
pub(super) fn card(painter: &Painter, rect: Rect) {
    painter.rect_filled(rect, RADIUS, CARD);
}

/// Per cent, as a person writes it.
pub(super) fn per_cent(share: f32) -> String {
    format!("{:.0} %", f64::from(share.clamp(0.0, 1.0)) * 100.0)
}

/// A number with its sign and a true minus.
pub(super) fn signed(value: f32) -> String {
    let sign = if value < -0.005 { '−' } else { '+' };
    format!("{sign}{:.2}", value.abs())
}
