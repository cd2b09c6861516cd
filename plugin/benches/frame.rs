//! How long a frame of the editor takes the processor: laying out what is seen, and cutting it into triangles. What is left is the graphics
//! card's: taking those and painting them.
//!
//! `cargo bench --workspace --bench frame`

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../tests/editor_support/mod.rs"]
mod editor_support;

use editor_support::{Scene, view};
use egui::{Context, Pos2, RawInput, Rect, Vec2, ViewportId, vec2};
use std::hint::black_box;
use std::time::{Duration, Instant};
use undersong_plugin::editor::{self, LEAST_SIZE, MOST_SIZE, Tab, Window};

/// Frames before it is measured: fonts are laid into a texture, and tables get their sizes.
const WARM: usize = 30;

fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let last = sorted.len() - 1;
    sorted[(last as f64 * share).round() as usize].as_secs_f64() * 1000.0
}

fn measure(name: &str, size: Vec2, open: Option<Tab>, frames: usize) {
    let ctx = Context::default();
    editor::install(&ctx);
    ctx.set_pixels_per_point(2.0);
    let mut view = view(Scene::Speaking);
    let mut window = open.map_or_else(Window::default, Window::at);
    let (mut times, mut triangles) = (Vec::new(), 0);
    let from = view.history.now_seconds();
    for frame in 0..WARM + frames {
        let seconds = frame as f64 / 60.0;
        // The timeline scrolls, and the meters move.
        view.history.advance(from + seconds);
        if let Some(reading) = &mut view.reading {
            let count = reading.scores.len();
            reading.scores.rotate_right(frame % count);
        }
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
            time: Some(seconds),
            ..RawInput::default()
        };
        let viewport = input.viewports.entry(ViewportId::ROOT).or_default();
        viewport.native_pixels_per_point = Some(2.0);
        let start = Instant::now();
        let output = ctx.run_ui(input, |ui| {
            black_box(window.show(ui, &view));
        });
        let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
        let time = start.elapsed();
        triangles = shapes
            .iter()
            .map(|shape| match &shape.primitive {
                egui::epaint::Primitive::Mesh(mesh) => mesh.indices.len() / 3,
                egui::epaint::Primitive::Callback(_) => 0,
            })
            .sum();
        if frame >= WARM {
            times.push(time);
        }
    }
    times.sort_unstable();
    println!(
        "{name:<28} median {:.2} ms   99 % {:.2} ms   longest {:.2} ms   {triangles} triangles",
        quantile(&times, 0.5),
        quantile(&times, 0.99),
        quantile(&times, 1.0)
    );
}

fn main() {
    // `cargo test --benches` runs this too: then a few frames are enough.
    let whole = std::env::args().any(|argument| argument == "--bench");
    let frames = if whole { 1_000 } else { 5 };
    println!("a frame at 60 a second has 16.67 ms");
    measure("small", LEAST_SIZE, None, frames);
    measure("as it opens first", vec2(900.0, 600.0), None, frames);
    measure("largest", MOST_SIZE, None, frames);
    measure(
        "largest, MIDI page open",
        MOST_SIZE,
        Some(Tab::Midi),
        frames,
    );
}
