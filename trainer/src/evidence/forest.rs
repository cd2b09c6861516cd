//! A drawing of figures with their intervals, one line each: what differs and what may be chance is seen at a glance.

use crate::evaluate::Interval;
use crate::evaluate::report::format::{escape, percent};
use crate::evaluate::report::svg::document;

/// One line of the drawing.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// What it is.
    pub(super) name: String,
    /// The figure, a share.
    pub(super) value: f64,
    /// How far it could have come out otherwise.
    pub(super) interval: Option<Interval>,
    /// Drawn in the second colour.
    pub(super) second: bool,
}

const WIDTH: f64 = 760.0;
const STEP: f64 = 26.0;
const TOP: f64 = 10.0;
const RIGHT: f64 = 70.0;

/// Draws the lines over one axis of per cent.
pub(super) fn forest(axis: &str, lines: &[Line]) -> String {
    let longest = lines
        .iter()
        .map(|line| line.name.chars().count())
        .max()
        .unwrap_or(0);
    let left = 20.0 + 7.0 * longest as f64;
    let ends = lines.iter().flat_map(|line| match line.interval {
        Some(interval) => [interval.low, interval.high],
        None => [line.value, line.value],
    });
    let low = ends.clone().fold(1.0, f64::min);
    let high = ends.fold(0.0, f64::max);
    // Whole tens of per cent around everything that is drawn.
    let low = ((low * 10.0 - 0.1).floor() / 10.0).clamp(0.0, 0.9);
    let high = ((high * 10.0 + 0.1).ceil() / 10.0).clamp(low + 0.1, 1.0);
    let at = |share: f64| left + (share - low) / (high - low) * (WIDTH - left - RIGHT);
    let bottom = TOP + STEP * lines.len() as f64;
    let mut body = String::new();
    let tens = ((high - low) * 10.0).round() as usize;
    for ten in 0..=tens {
        let share = low + ten as f64 / 10.0;
        let x = at(share);
        body.push_str(&format!(
            "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{TOP:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>\
             <text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0} %</text>\n",
            bottom + 17.0,
            share * 100.0
        ));
    }
    for (place, line) in lines.iter().enumerate() {
        let y = TOP + STEP * (place as f64 + 0.5);
        let class = if line.second { "second" } else { "first" };
        body.push_str(&format!(
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 12.0,
            y + 4.5,
            escape(&line.name)
        ));
        let mut end = at(line.value);
        if let Some(Interval { low, high }) = line.interval {
            end = end.max(at(high));
            body.push_str(&format!(
                "<line class=\"whisker {class}\" x1=\"{:.1}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/>",
                at(low),
                at(high)
            ));
        }
        body.push_str(&format!(
            "<circle class=\"dot {class}\" cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>\
             <text class=\"small\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            at(line.value),
            end + 9.0,
            y + 4.0,
            percent(line.value)
        ));
    }
    body.push_str(&format!(
        "<text class=\"axis-name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
        (left + WIDTH - RIGHT) / 2.0,
        bottom + 36.0,
        escape(axis)
    ));
    let said: Vec<String> = lines
        .iter()
        .map(|line| format!("{} {}", line.name, percent(line.value)))
        .collect();
    document(
        WIDTH,
        bottom + 44.0,
        &format!("{axis}: {}.", said.join(", ")),
        &body,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_and_extremes_are_drawn_with_finite_numbers() {
        let line = |value, interval| Line {
            name: "<a>".to_owned(),
            value,
            interval,
            second: false,
        };
        let whole = Some(Interval {
            low: 0.0,
            high: 1.0,
        });
        for lines in [vec![], vec![line(1.0, None)], vec![line(0.0, whole)]] {
            let svg = forest("UAR", &lines);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(!svg.contains("<a>"), "{svg}");
        }
    }
}
