//! An explanation as text: the patches as a grid of points, and the words for the whole take.

use std::io::{self, Write};

use undersong_core::timeline::colours::palette;
use undersong_core::timeline::{
    Effect, Explanation, TakeExplanation, Timeline, explained, spans, stretches,
};

use crate::scan::length;
use crate::terminal::{Look, shown};

/// Columns of one cell of the grid.
const CELL: usize = 6;
/// Lines of the overview; a longer list is for the JSON.
const MOST_LINES: usize = 24;

/// Writes the explanations, then what the whole take sounds like.
pub(crate) fn write(
    take: &Timeline,
    it: &TakeExplanation,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    for explanation in &it.explanations {
        write_window(take, it, explanation, look, out)?;
    }
    write_overview(take, it, look, out)?;
    writeln!(
        out,
        "\n{}\n{}",
        explained::ABOUT_EFFECTS,
        explained::ABOUT_WORDS
    )
}

fn write_window(
    take: &Timeline,
    whole: &TakeExplanation,
    it: &Explanation,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let colour = palette(&take.emotions)
        .get(it.emotion)
        .copied()
        .unwrap_or_default();
    let name = take.emotion_name(it.emotion);
    let (start, end) = (it.borders_seconds.first(), it.borders_seconds.last());
    writeln!(
        out,
        "{}, window {} of {}, {} – {}",
        shown(&take.path),
        it.window + 1,
        take.windows.len(),
        length(start.copied().unwrap_or(0.0)),
        length(end.copied().unwrap_or(0.0)),
    )?;
    let baseline = it.baseline.words();
    writeln!(
        out,
        "{}: {:.1} %; {baseline} alone would get {:.1} %\n",
        look.paint(name, colour),
        100.0 * it.score,
        100.0 * it.baseline_score,
    )?;
    writeln!(
        out,
        "What moved it, in points of a hundred (standard errors up to {:.1}; {} runs of the network):\n",
        100.0 * it.largest_error(),
        it.runs
    )?;
    write_grid(it, out)?;
    writeln!(out, "\nMost of all:")?;
    for (cell, region, effect) in it.strongest().into_iter().take(3) {
        let (Some(region), Some(from), Some(to)) = (
            it.regions.get(region),
            it.borders_seconds.get(cell),
            it.borders_seconds.get(cell + 1),
        ) else {
            continue;
        };
        writeln!(
            out,
            "  {:>5}  {} ({}) at {from:.1}–{to:.1} s {} {name}",
            points(effect),
            region.name,
            hertz(region.low_hz, region.high_hz),
            if effect.value < 0.0 {
                "speaks against"
            } else {
                "speaks for"
            },
        )?;
    }
    write_words(whole, it.window, out)
}

/// Regions from high to low, cells from left to right, sums at the edges.
fn write_grid(it: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let name = |index: usize| {
        let region = &it.regions[index];
        format!("{}, {}", region.name, hertz(region.low_hz, region.high_hz))
    };
    let margin = (0..it.regions.len())
        .map(|index| name(index).chars().count())
        .max()
        .unwrap_or(0)
        .max(10)
        + 1;
    write!(out, "{:margin$}", "second")?;
    for border in it.borders_seconds.iter().take(it.cells()) {
        write!(out, "{:>CELL$}", format!("{border:.1}"))?;
    }
    writeln!(out, "{:>CELL$}", "all")?;
    for region in (0..it.regions.len()).rev() {
        write!(out, "{:margin$}", name(region))?;
        for cell in 0..it.cells() {
            let effect = it
                .patches
                .get(cell * it.regions.len() + region)
                .copied()
                .unwrap_or_default();
            write!(out, "{:>CELL$}", points(effect))?;
        }
        writeln!(
            out,
            "{:>CELL$}",
            points(it.by_region.get(region).copied().unwrap_or_default())
        )?;
    }
    write!(out, "{:margin$}", "all")?;
    for &effect in &it.by_cell {
        write!(out, "{:>CELL$}", points(effect))?;
    }
    let sum = Effect {
        value: it.difference(),
        error: 0.0,
    };
    writeln!(out, "{:>CELL$}", points(sum))
}

fn write_words(whole: &TakeExplanation, window: usize, out: &mut dyn Write) -> io::Result<()> {
    let against = whole.against.words();
    let (words, usual) = whole.words(window);
    if words.is_empty() && usual.is_empty() {
        return writeln!(
            out,
            "\nThe take holds no other voice to compare the sound with; a profile would serve (undersong calibrate)."
        );
    }
    let mut parts = words;
    if !usual.is_empty() {
        parts.push(format!("as usual in {}", usual.join(", ")));
    }
    writeln!(out, "\nThe sound, against {against}: {}", parts.join("; "))
}

/// The whole take, a line for each part that one emotion leads: how its strongest window is spoken.
fn write_overview(
    take: &Timeline,
    it: &TakeExplanation,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let spans = spans(take);
    let stretches = stretches(&take.windows, take.seconds);
    let colours = palette(&take.emotions);
    writeln!(out, "\nThe whole take:")?;
    for span in spans.iter().take(MOST_LINES) {
        let within =
            take.windows
                .iter()
                .zip(&stretches)
                .enumerate()
                .filter(|(_, (window, stretch))| {
                    window.leading() == Some(span.emotion)
                        && stretch.start_seconds >= span.start_seconds - 1e-9
                        && stretch.end_seconds <= span.end_seconds + 1e-9
                });
        let confidence = |index: usize| {
            take.windows[index]
                .reading
                .as_ref()
                .map_or(0.0, |reading| reading.confidence)
        };
        let strongest = within
            .map(|(index, _)| index)
            .max_by(|&a, &b| confidence(a).total_cmp(&confidence(b)));
        let words = strongest.map(|index| it.words(index).0).unwrap_or_default();
        let words = if words.is_empty() {
            "as usual".to_owned()
        } else {
            words.join(", ")
        };
        let colour = colours.get(span.emotion).copied().unwrap_or_default();
        let name = span.text(take);
        let pad = " ".repeat(11_usize.saturating_sub(name.chars().count()));
        writeln!(
            out,
            "{:>9} – {:<9} {}{pad} {words}",
            length(span.start_seconds),
            length(span.end_seconds),
            look.paint(&name, colour),
        )?;
    }
    if spans.len() > MOST_LINES {
        writeln!(
            out,
            "          … and {} more; --json writes all windows",
            spans.len() - MOST_LINES
        )?;
    }
    Ok(())
}

/// An effect in whole points, with its sign; what rounds to nothing is a dot. Tenths would be the sampling's, not the sound's.
fn points(effect: Effect) -> String {
    let points = (effect.value * 100.0).round();
    match points {
        0.0 => "·".to_owned(),
        _ if points < 0.0 => format!("−{:.0}", -points),
        _ => format!("+{points:.0}"),
    }
}

/// `50–400 Hz`, `2.4–5 kHz`.
fn hertz(low_hz: f64, high_hz: f64) -> String {
    let kilo = |hz: f64| {
        let text = format!("{:.1}", hz / 1000.0);
        text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
    };
    if high_hz <= 1000.0 {
        format!("{low_hz:.0}–{high_hz:.0} Hz")
    } else {
        format!("{}–{} kHz", kilo(low_hz), kilo(high_hz))
    }
}
