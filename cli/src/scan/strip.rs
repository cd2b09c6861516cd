//! One take's timeline in the terminal: a line per emotion, whose height is its score over time.

use std::io::{self, Write};

use undersong_core::timeline::colours::palette;
use undersong_core::timeline::{Timeline, spans, stretches};

use super::table::length;
use crate::terminal::Look;

/// Columns between two times on the axis, at least.
const TICK_COLUMNS: f64 = 10.0;
/// Widest timeline: wider, it is no longer seen at once.
const MOST_COLUMNS: usize = 120;
/// Lines below the curves; a longer list is for a label file.
const MOST_LINES: usize = 16;

/// What stands in one column.
#[derive(Debug, Clone)]
struct Slot {
    /// Mean score per emotion over the column's voiced windows; `None` without voice.
    scores: Option<Vec<f32>>,
    leading: Option<usize>,
}

/// Writes the timeline of a take.
pub(crate) fn write(take: &Timeline, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let names = take.emotions.names().map(|name| name.chars().count());
    let margin = names.max().unwrap_or(0).max("no voice".len()) + 2;
    let room = look
        .columns
        .saturating_sub(margin + 1)
        .clamp(8, MOST_COLUMNS);
    // A column is at least a hop: where nothing new is known, nothing new is drawn.
    let columns = take.windows.len().clamp(8, room);
    if take.windows.is_empty() || take.seconds <= 0.0 {
        return Ok(());
    }
    let slots = slots(take, columns);
    let colours = palette(&take.emotions);

    writeln!(out)?;
    for (index, name) in take.emotions.names().enumerate() {
        let line: String = slots.iter().map(|slot| block(slot, index)).collect();
        let colour = colours.get(index).copied().unwrap_or_default();
        let line = look.paint(line.trim_end(), colour);
        writeln!(out, "{}", format!("{name:<margin$}{line}").trim_end())?;
    }
    if slots.iter().any(|slot| slot.scores.is_none()) {
        let mark = |slot: &Slot| if slot.scores.is_none() { '░' } else { ' ' };
        let line: String = slots.iter().map(mark).collect();
        writeln!(out, "{:<margin$}{}", "no voice", line.trim_end())?;
    }
    writeln!(out, "{:<margin$}{}", "", axis(take.seconds, columns))?;
    write_lines(take, look, out)
}

/// The take in `columns` equal parts: each has the mean of the windows that stand for it, weighted by how much of it they are.
fn slots(take: &Timeline, columns: usize) -> Vec<Slot> {
    let stretches = stretches(&take.windows, take.seconds);
    let width = take.seconds / columns as f64;
    (0..columns)
        .map(|column| {
            let (start, end) = (width * column as f64, width * (column + 1) as f64);
            let (mut sums, mut voiced, mut silent) = (vec![0.0_f64; take.emotions.len()], 0.0, 0.0);
            let first = stretches.partition_point(|stretch| stretch.end_seconds <= start);
            for (window, stretch) in take.windows.iter().zip(&stretches).skip(first) {
                if stretch.start_seconds >= end {
                    break;
                }
                let overlap = stretch.end_seconds.min(end) - stretch.start_seconds.max(start);
                let Some(reading) = &window.reading else {
                    silent += overlap;
                    continue;
                };
                voiced += overlap;
                for (sum, &score) in sums.iter_mut().zip(&reading.scores.0) {
                    *sum += overlap * f64::from(score);
                }
            }
            let has_voice = voiced > 0.0 && voiced >= silent;
            let scores = has_voice.then(|| sums.iter().map(|sum| (sum / voiced) as f32).collect());
            let leading = has_voice
                .then(|| {
                    (0..sums.len()).max_by(|&a, &b| sums[a].total_cmp(&sums[b]).then(b.cmp(&a)))
                })
                .flatten();
            Slot { scores, leading }
        })
        .collect()
}

/// One character: the score in eighths; never blank where the emotion leads.
fn block(slot: &Slot, emotion: usize) -> char {
    const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let Some(&score) = slot.scores.as_ref().and_then(|scores| scores.get(emotion)) else {
        return ' ';
    };
    let least = usize::from(slot.leading == Some(emotion));
    let eighths = (score.clamp(0.0, 1.0) * 8.0).round() as usize;
    BLOCKS.get(eighths.max(least)).copied().unwrap_or('█')
}

/// Times under the columns, at round distances.
fn axis(seconds: f64, columns: usize) -> String {
    const STEPS: [u32; 14] = [
        1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200,
    ];
    let per_second = columns as f64 / seconds;
    let step = STEPS
        .iter()
        .copied()
        .find(|&step| f64::from(step) * per_second >= TICK_COLUMNS)
        .unwrap_or(14_400);
    let mut axis = String::new();
    for at in (0_u32..)
        .map(|tick| tick * step)
        .take_while(|&at| f64::from(at) < seconds)
    {
        let column = (f64::from(at) * per_second).round() as usize;
        let label = format!("╵{}:{:02}", at / 60, at % 60);
        axis.extend(std::iter::repeat_n(
            ' ',
            column.saturating_sub(axis.chars().count()),
        ));
        axis.push_str(&label);
    }
    axis
}

/// A line of the list below the curves.
struct Line {
    start_seconds: f64,
    end_seconds: f64,
    text: String,
}

/// The parts that one emotion leads, and those without voice between them.
fn lines(take: &Timeline, look: Look) -> Vec<Line> {
    let colours = palette(&take.emotions);
    let mut lines: Vec<Line> = Vec::new();
    let silence = |start_seconds: f64, end_seconds: f64| {
        (end_seconds > start_seconds).then(|| Line {
            start_seconds,
            end_seconds,
            text: "no voice".to_owned(),
        })
    };
    let mut at = 0.0;
    for span in spans(take) {
        lines.extend(silence(at, span.start_seconds));
        at = span.end_seconds;
        let colour = colours.get(span.emotion).copied().unwrap_or_default();
        lines.push(Line {
            start_seconds: span.start_seconds,
            end_seconds: span.end_seconds,
            text: look.paint(&span.text(take), colour),
        });
    }
    lines.extend(silence(at, take.seconds));
    lines
}

fn write_lines(take: &Timeline, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let lines = lines(take, look);
    writeln!(out)?;
    for line in lines.iter().take(MOST_LINES) {
        writeln!(
            out,
            "{:>9} – {:<9} {}",
            length(line.start_seconds),
            length(line.end_seconds),
            line.text
        )?;
    }
    if lines.len() > MOST_LINES {
        writeln!(
            out,
            "          … and {} more; --labels or --json writes all of them",
            lines.len() - MOST_LINES
        )?;
    }
    Ok(())
}
